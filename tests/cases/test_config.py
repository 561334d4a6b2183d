"""C9, C10: the environment cron gives us, and settings that are wrong."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from contextlib import closing

import pytest

from harvester.store.open import open_db
from tests.cases.common import page
from tests.crawling import EVENT, ROOT
from tests.evil import article
from tests.servers import Answer, as_json

# C9: cron's empty environment works

ENVIRONMENTS = {
    "empty": {},
    "ascii": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}
OSAKA = """
name = "大阪ミートアップ"
slug = "osaka"
starts = 2016-12-01
timezone = "Asia/Tokyo"
pages = ["https://a.example/1", "https://healthy.example/1"]
"""


class Cron:
    """A shell with next to no environment, in a folder with an event file of a Japanese name."""

    def __init__(self, made, environment):
        self.made, self.folder = made, made.folder / "集まり"
        self.environment = environment | {"PYTHONPATH": str(ROOT)}
        self.folder.mkdir()
        (self.folder / "大阪.toml").write_text(OSAKA, encoding="utf-8")

    def run(self, *words, **named):
        """`harvest` with these words: exit code, stdout and stderr."""
        command = [sys.executable, "-m", "harvester.cli", *words]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=90,
            check=False, umask=0o022, **named,
        )  # fmt: skip
        return done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")

    def crawl(self):
        options = ("--connect-to", self.made.address, "--spiders", "tests.graph_source", "--db", "集.db")
        return self.run("crawl", "大阪.toml", *options)


@pytest.fixture
def osaka(site):
    """Makes a site whose pages are Japanese."""
    text = "大阪ミートアップに参加しました。とても楽しかったです。"
    routes = {
        ("a.example", "/1"): as_json({
            "id": "日本語", "text": text, "links": [], "mentions": ["https://blog.example/記事"],
        }),
        ("blog.example", "/%E8%A8%98%E4%BA%8B"): article("大阪ミートアップの記録"),
    }  # fmt: skip
    return site(routes)


@pytest.mark.parametrize("environment", ENVIRONMENTS.values(), ids=ENVIRONMENTS)
@pytest.mark.case("C9")
def test_c9_japanese_in_and_out_of_an_empty_environment(osaka, environment):
    cron = Cron(osaka, environment)
    code, out, err = cron.crawl()
    assert code == 0, err
    assert "osaka: ok, 3 new posts" in out
    assert "Traceback" not in err
    for command in (
        ("report", "osaka"),
        ("search", "参加しました"),
        ("export", "osaka"),
        ("export", "osaka", "--format", "csv"),
    ):
        code, out, err = cron.run(*command, "--db", "集.db")
        assert (code, err) == (0, ""), command
        assert "大阪ミートアップ" in out, command
    code, out, err = cron.run("export", "osaka", "--db", "集.db", "-o", "出力.jsonl")
    assert code == 0, err
    assert "Page 日本語" in (cron.folder / "出力.jsonl").read_text(encoding="utf-8")
    assert "大阪ミートアップの記録" in (cron.folder / "出力.jsonl").read_text(encoding="utf-8")
    code, out, err = cron.run("report", "osaka", "--db", "無い.db")
    assert (code, out) == (2, "")
    assert err.startswith("Error: 無い.db: no such database")
    code, out, err = cron.run("crawl", "無い.toml", "--db", "集.db")
    assert code == 2
    assert "無い.toml: no such event file" in err


@pytest.mark.case("C9")
def test_c9_what_is_made_is_its_owners_alone(osaka):
    cron = Cron(osaka, {})
    before = set(cron.folder.rglob("*"))
    assert cron.crawl()[0] == 0
    words = ("--name", "東京ミートアップ", "--slug", "tokyo", "--starts", "2016-12-01", "--timezone", "Asia/Tokyo")
    assert cron.run("init", "東京.toml", *words)[0] == 0
    assert cron.run("export", "osaka", "--db", "集.db", "-o", "出力.jsonl")[0] == 0
    made = set(cron.folder.rglob("*")) - before
    assert {"集.db", "集.db.archive", "集.db.lock", "東京.toml", "出力.jsonl"} <= {path.name for path in made}
    assert {path.name: oct(stat.S_IMODE(path.stat().st_mode) & 0o077) for path in made} == dict.fromkeys(
        (path.name for path in made), "0o0"
    )


@pytest.mark.case("C9")
def test_c9_by_hand_too_what_is_made_is_its_owners_alone(osaka):
    cron = Cron(osaka, dict(os.environ))
    settings = {"HARVEST_DB": "集.db", "CONNECT_TO": osaka.address, "SPIDER_MODULES": "tests.graph_source"}
    command = [sys.executable, "-m", "scrapy", "crawl", "graph", "-a", "event=大阪.toml", "-O", "出力.jsonl"]
    command += [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
    environment = cron.environment | {"SCRAPY_SETTINGS_MODULE": "harvester.settings"}
    before = set(cron.folder.rglob("*"))
    done = subprocess.run(
        command, cwd=cron.folder, env=environment, capture_output=True, timeout=60, check=False, umask=0o022
    )
    assert done.returncode == 0, done.stderr.decode()
    made = set(cron.folder.rglob("*")) - before
    assert {"集.db", "集.db.archive", "集.db.lock", "出力.jsonl"} <= {path.name for path in made}
    assert not [path.name for path in made if stat.S_IMODE(path.stat().st_mode) & 0o077]


@pytest.mark.case("C9")
def test_c9_a_reader_that_goes_away_is_no_error(osaka):
    cron = Cron(osaka, {})
    assert cron.crawl()[0] == 0
    every = (
        ("report", "osaka"), ("report", "osaka", "--json"), ("export", "osaka"), ("status",), ("sources",),
        ("--help",), ("report", "--help"), ("--version",),
    )  # fmt: skip
    for words in every:
        database = ("--db", "集.db") if {"osaka", "status"} & set(words) else ()
        end, writing = os.pipe()
        os.close(end)  # `| head -1` at its fastest
        command = [sys.executable, "-m", "harvester.cli", *words, *database]
        done = subprocess.run(
            command, cwd=cron.folder, env=cron.environment, stdout=writing, stderr=subprocess.PIPE, timeout=60,
            check=False,
        )  # fmt: skip
        os.close(writing)
        assert (done.returncode, done.stderr) == (0, b""), words
    line = f"set -o pipefail; {sys.executable} -m harvester.cli report osaka --db 集.db | head -1"
    done = subprocess.run(["bash", "-c", line], cwd=cron.folder, env=cron.environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode("utf-8").startswith("大阪ミートアップ")


@pytest.mark.case("C9")
def test_c9_a_crawl_whose_log_nobody_reads_goes_on_and_keeps_its_exit_code(osaka):
    cron = Cron(osaka, {})
    osaka.server.routes[("a.example", "/1")] = Answer(b"no json")
    end, writing = os.pipe()
    os.close(end)
    command = [sys.executable, "-m", "harvester.cli", "crawl", "大阪.toml", "--db", "集.db"]
    command += ["--connect-to", osaka.address, "--spiders", "tests.graph_source"]
    done = subprocess.run(
        command, cwd=cron.folder, env=cron.environment, stdout=writing, stderr=writing, timeout=60, check=False
    )
    os.close(writing)
    assert done.returncode == 1
    with closing(open_db(cron.folder / "集.db", "ro")) as conn:
        assert [tuple(row) for row in conn.execute("SELECT status, exit_code FROM runs")] == [("partial", 1)]
        assert [row["title"] for row in conn.execute("SELECT title FROM posts")] == ["Page healthy"]


# C10: a bad configuration is refused before any request, with everything that is wrong with it

WRONG = (
    EVENT
    + """
surprise = 1
feeds = ["https://ok.example/feed", "file:///etc/passwd"]

[[media]]
name = "News"
hosts = ["news.example"]

[[media]]
name = "News"
hosts = ["other.example"]

[crawl]
deadline_minutes = 0

[source.keyed]
enabled = true
path = "/"

[source.fine]
max_pages = -1

[source.fine]
max_pages = 3

[source.finest]
max_pages = 1
"""
)


def line_of(text, which=1):
    """The line of the event file on which a text stands for the nth time."""
    return [number for number, line in enumerate(WRONG.splitlines(), 1) if line.startswith(text)][which - 1]


TOLD = (
    (line_of("surprise"), "[surprise]: unknown key"),
    (line_of("feeds"), "[feeds]: 'file:///etc/passwd'; only http and https addresses are fetched"),
    (line_of("name = ", 3), "[media.name]: 'News' is listed twice"),
    (line_of("deadline_minutes"), "[crawl.deadline_minutes]: 0 is not a whole number from 1 to 10080"),
    (line_of("enabled"), "[source.keyed.enabled]: true, but HARVEST_TEST_KEY is not set; set it in the environment"),
    (line_of("path"), "[source.keyed.path]: no such option; did you mean paths?"),
    (line_of("max_pages"), "[source.fine.max_pages]: -1 is less than 0"),
    (line_of("[source.fine]", 2), "[source.fine]: stands twice; merge the two"),
    (line_of("[source.finest]"), "[source.finest]: no such source; did you mean fine?"),
)


@pytest.fixture
def wrong(site):
    made = site({"/": page(1)}, modules=("tests.broken_sources",))
    made.environment = {"HARVEST_TEST_KEY": ""}
    return made


@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
@pytest.mark.case("C10")
def test_c10_everything_that_is_wrong_is_told_at_once_and_nobody_is_asked(wrong, known):
    if known:  # a database that already holds the event as it was when it was right
        assert wrong.crawl("--source", "fine").code == 0
        wrong.server.forget()
    stored = wrong.rows("SELECT config FROM events") if known else []
    (wrong.folder / "meetup.toml").write_text(WRONG, encoding="utf-8")
    done = wrong.crawl()
    assert done.code == 2, done
    told = done.err.splitlines()
    file = wrong.folder / "meetup.toml"
    missed = [
        (number, text)
        for number, text in TOLD
        if not any(line.startswith(f"Error: {file}: line {number}: {text}") for line in told)
    ]
    assert missed == [], done
    assert len(told) == len(TOLD), done
    assert wrong.server.connections == 0
    assert done.out == ""
    assert (wrong.rows("SELECT config FROM events") if known else wrong.db.exists()) == (stored or False)


@pytest.mark.case("C10")
def test_c10_by_hand_it_is_the_same(wrong):
    (wrong.folder / "meetup.toml").write_text(WRONG, encoding="utf-8")
    settings = {"HARVEST_DB": wrong.db, "CONNECT_TO": wrong.address, "SPIDER_MODULES": "tests.broken_sources"}
    command = [sys.executable, "-m", "scrapy", "crawl", "fine", "-a", f"event={wrong.folder / 'meetup.toml'}"]
    command += [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
    environment = os.environ | wrong.environment
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert done.returncode == 2, done.stderr
    assert sum(f"line {number}: {text}" in done.stderr for number, text in TOLD) == len(TOLD), done.stderr
    assert wrong.server.connections == 0
    assert not wrong.db.exists()


@pytest.mark.case("C10")
def test_c10_a_key_that_is_asked_for_may_be_missing_when_nobody_will_be_asked(wrong):
    wrong.event(**{"source.keyed": {"enabled": True}})
    refused = wrong.crawl()
    assert refused.code == 2, refused
    assert "[source.keyed.enabled]: true, but HARVEST_TEST_KEY is not set" in refused.err
    wrong.event(**{"source.keyed": {"paths": ["/"]}})
    asked = wrong.crawl("--source", "keyed", "--source", "fine")
    assert asked.code == 0, asked
    assert wrong.sources()["keyed"] == ("skipped", "no credentials: set HARVEST_TEST_KEY")
    wrong.event(**{"source.keyed": {"enabled": True}})
    by_slug = wrong.crawl()
    assert by_slug.code == 2, by_slug
    offline = wrong.crawl("--offline", "--source", "keyed", "--source", "fine")
    assert offline.code == 0, offline
    wrong.environment = {"HARVEST_TEST_KEY": "any-key-at-all"}
    good = wrong.crawl("--source", "keyed")
    assert good.code == 0, good
