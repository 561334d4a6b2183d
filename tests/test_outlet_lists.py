"""`harvest outlets`: lists of others become a registry of one's own, shown before it is written, and events use it."""

import hashlib
import json
import re

import pytest

from harvester import cli, outlet_lists, outlets
from harvester import event as events
from harvester.classify import role
from harvester.errors import ConfigError, InputError
from harvester.event_file import read_event
from harvester.model import Author, Post

CSV = """媒体名,ドメイン,rss
霞新聞,kasumi.example.co.jp,https://kasumi.example.co.jp/rss
River Post,https://www.river.example/x,
"""
FORMS = {
    "csv": CSV,
    "tsv": CSV.replace(",", "\t"),
    "semicolons": CSV.replace(",", ";"),
    "json": json.dumps([
        {"name": "霞新聞", "domain": "kasumi.example.co.jp", "feed": "https://kasumi.example.co.jp/rss"},
        {"title": "River Post", "url": "https://www.river.example/x"},
    ]),
    "jsonl": '{"name": "霞新聞", "host": "kasumi.example.co.jp", "rss": "https://kasumi.example.co.jp/rss"}\n'
    '{"name": "River Post", "site": "river.example"}\n',
    "json by host": json.dumps({
        "kasumi.example.co.jp": {"name": "霞新聞", "feed": "https://kasumi.example.co.jp/rss"},
        "river.example": {"name": "River Post"},
    }),
    "opml": '<opml version="2.0"><body><outline text="Press">'
    '<outline text="霞新聞" xmlUrl="https://kasumi.example.co.jp/rss"/>'
    '<outline title="River Post" xmlUrl="http://feeds.other.example/r" htmlUrl="https://www.river.example/"/>'
    "</outline></body></opml>",
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_list_in_any_form_gives_the_same_outlets(form):
    rows, left = outlet_lists.read(FORMS[form], "made here")
    assert left == []
    assert [(row.name, row.hosts, row.language, row.feed) for row in rows] == [
        ("霞新聞", ("kasumi.example.co.jp",), "ja", "https://kasumi.example.co.jp/rss"),
        ("River Post", ("river.example",), "en", ""),
    ]
    assert {(row.provenance, row.confidence) for row in rows} == {("made here", "known")}


@pytest.mark.parametrize("text", ["", "just words", "[]", "{broken", "<html></html>", "name,host\nA,not a host\n"])
def test_what_is_no_list_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        outlet_lists.read(text, "p")


def test_rows_that_are_no_outlets_are_left_out_and_named():
    rows, left = outlet_lists.read("name,host\nA,a.example\nM,medium.com\nB,\nC,a.example\na,b.example\n", "p", "de")
    assert [(row.name, row.hosts, row.language) for row in rows] == [("A", ("a.example", "b.example"), "de")]
    assert [line.partition(":")[0] for line in left] == ["M", "B", "C"]


def run(capsys, *arguments):
    code = cli.run(["outlets", *map(str, arguments)])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_a_refresh_shows_then_writes_then_keeps_what_is_not_its_own(tmp_path, capsys):
    registry, source = tmp_path / "my.toml", tmp_path / "list.csv"
    source.write_text(CSV, "utf-8")
    code, out, _ = run(capsys, "refresh", registry, "--from", source)
    assert (code, registry.exists()) == (0, False)
    assert re.findall(r"^(\w+) +(\S+)", out, re.MULTILINE)[:2] == [("added", "霞新聞"), ("added", "River")]
    assert "nothing written; add --write" in out
    run(capsys, "refresh", registry, "--from", source, "--write")
    rows = outlets.read(registry.read_text("utf-8"))
    digest = hashlib.sha256(source.read_bytes()).hexdigest()[:16]
    assert all(row.provenance.startswith(f"list.csv sha256 {digest}, 20") for row in rows)

    said = 'hosts = ["mine.example"], language = "ja", confidence = "known", provenance = "I asked"'
    mine = f'  {{ name = "Mine", {said} }},\n]'
    registry.write_text(registry.read_text("utf-8").rstrip().removesuffix("]") + mine, "utf-8")
    source.write_text("name,host\nRiver Post,river.example river2.example\nOther,mine.example\n", "utf-8")
    code, out, _ = run(capsys, "refresh", registry, "--from", source, "--write", "--json")
    told = json.loads(out)
    assert (code, told["outlets"], told["written"]) == (0, 2, True)
    assert [(change["what"], change["outlet"]["name"], change["fields"]) for change in told["changes"]] == [
        ("changed", "River Post", ["hosts"]),
        ("dropped", "霞新聞", []),
    ]
    assert {row.name for row in outlets.read(registry.read_text("utf-8"))} == {"Mine", "River Post"}
    assert json.loads(run(capsys, "refresh", registry, "--from", source, "--json")[1])["changes"] == []
    assert list(tmp_path.glob(".*")) == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("refresh", "my.toml", "--from", "https://lists.example/a.csv"), "fetches nothing; download the list"),
        (("refresh", "my.toml", "--from", "nowhere.csv"), "cannot be read"),
        (("check", "ftp://a.example"), "is no address"),
        (("list", "no such outlet"), "no outlet has"),
    ],
)
def test_mistakes_are_told_with_their_repair(arguments, told, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _, err = run(capsys, *arguments)
    assert code != 0
    assert told in err


def test_a_registry_that_is_broken_is_named(tmp_path, capsys):
    broken = tmp_path / "my.toml"
    broken.write_text('outlet = [{ name = "A" }]', "utf-8")
    code, _, err = run(capsys, "list", "--registry", broken)
    assert (code, "my.toml: A: no confidence" in err) == (InputError.exit_code, True)


def test_list_and_check_say_who_is_known_and_why(tmp_path, capsys):
    rows = json.loads(run(capsys, "list", "publickey", "--json")[1])
    assert [(row["name"], row["language"]) for row in rows] == [("Publickey", "ja")]
    mine = tmp_path / "my.toml"
    mine.write_text(outlet_lists.render(outlet_lists.read(CSV, "p")[0]), "utf-8")
    assert "kasumi.example.co.jp" in run(capsys, "list", "霞", "--registry", mine)[1]

    def check(address, *options):
        return json.loads(run(capsys, "check", address, "--json", *options)[1])

    assert [e["rule"] for e in check("kasumi.example.co.jp", "--registry", mine)["evidence"]] == ["H1"]
    assert check("https://www.publickey1.jp/blog/1.html")["outlet"] == "Publickey"
    roof = check("https://blogs.itmedia.co.jp/aoi/1")
    assert (roof["side"], bool(roof["guest"])) == ("community", True)
    assert (check("prtimes.jp")["wire"], check("togetter.com/li/1")["side"]) == ("PR TIMES", "aggregator")
    code, out, _ = run(capsys, "check", "acme.io")
    assert (code, "nothing in the address says" in out) == (0, True)


EVENT = 'name = "FooConf 2026"\nslug = "foo"\nstarts = 2026-05-01\ntimezone = "Asia/Tokyo"\n'


def test_an_event_file_uses_a_registry_beside_it_and_remembers_it(tmp_path):
    (tmp_path / "my.toml").write_text(outlet_lists.render(outlet_lists.read(CSV, "p")[0]), "utf-8")
    file = tmp_path / "foo.toml"
    file.write_text(EVENT + 'outlets_file = "my.toml"\n', "utf-8")
    event = read_event(file)
    assert [(row.name, row.hosts) for row in event.outlets] == [
        ("霞新聞", ("kasumi.example.co.jp",)),
        ("River Post", ("river.example",)),
    ]
    assert event.media_outlets == ()  # the report says how many outlets were checked for the event
    again = events.load(event.text, "foo.toml")
    assert (again.outlets, again.config_hash()) == (event.outlets, event.config_hash())
    without = events.load(EVENT, "foo.toml")
    assert without.config_hash() != event.config_hash()
    url = "https://river.example/a"
    author = Author(platform="web", handle="river.example")
    post = Post(key=url, url=url, kind="article", platform="web", host="river.example", author=author)
    assert role.judge(role.AuthorView(author=author), [post], event).kind == "media"
    assert role.judge(role.AuthorView(author=author), [post], without).kind == "unknown"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('outlets_file = "gone.toml"', "'gone.toml' was not found beside the event file"),
        ('outlets_file = "bad.toml"', "bad.toml: A: no confidence"),
        ('outlets = [{ name = "A" }]', "no list of names and hosts"),
        ('outlets = [{ name = "A", hosts = ["https://a.example/x"] }]', "is not a host name"),
        ('outlets = []\noutlets_file = "bad.toml"', "outlets is given too"),
    ],
)
def test_outlets_of_an_event_file_that_are_wrong_are_told(line, told, tmp_path):
    (tmp_path / "bad.toml").write_text('outlet = [{ name = "A" }]', "utf-8")
    file = tmp_path / "foo.toml"
    file.write_text(f"{EVENT}{line}\n", "utf-8")
    with pytest.raises(ConfigError) as refused:
        read_event(file)
    assert told in str(refused.value)
