"""`harvest label`: a human's word is written, takes effect at once, and stays through everything."""

import json
import shutil
import sys
from contextlib import closing

import pytest
from sqlite_utils import Database

from harvester.classify.rules import table
from harvester.classify.said import WITHDRAWN, Word, clash, standing, value_of
from harvester.cli import run
from harvester.stages import classify_event
from harvester.store.connection import sqlite3, write_tx
from harvester.store.events import save_event
from harvester.store.migrations import migrations
from harvester.store.open import open_db
from harvester.store.overrides import About, all_standing, log_of, say, withdraw
from harvester.store.runs import start_run
from harvester.store.version import APPLICATION_ID
from tests.crawling import Site
from tests.servers import as_json, serving
from tests.test_stages import AT, DRAFTS, EVENT, NOW, store

AOI, OTHER, NEWS = "qiita:aoisora", "https://other.example/2018", "https://technews.example/articles/1"


@pytest.fixture(scope="module")
def seeded(tmp_path_factory):
    path = tmp_path_factory.mktemp("seed") / "h.db"
    with closing(open_db(path, "create")) as conn:
        with write_tx(conn):
            save_event(conn, EVENT)
            run_id = start_run(conn, "test", "demo-2", now=AT)
        store(conn, run_id, DRAFTS)
        classify_event(conn, EVENT, now=NOW)
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return path


@pytest.fixture
def harvest(seeded, tmp_path, capsys, monkeypatch):
    """Runs a command on a database of its own; `.out` and `.err` are what it printed."""
    monkeypatch.delenv("HARVEST_WHO", raising=False)
    db = tmp_path / "h.db"
    shutil.copy(seeded, db)

    def call(*words, db=db):
        capsys.readouterr()
        code = run([*map(str, words), "--db", str(db)])
        call.out, call.err = capsys.readouterr()
        return code

    call.db = db
    return call


def rows(db, sql):
    with closing(open_db(db, "ro")) as conn:
        return [tuple(row) for row in conn.execute(sql)]


def label(db, author=AOI):
    sql = f"""SELECT l.kind, l.decided_by FROM labels l JOIN authors a ON a.id = l.author_id
              WHERE a.platform || ':' || a.handle = '{author}'"""
    return rows(db, sql)[0]


def tie(db, key):
    sql = f"""SELECT relevance, counted, incentivised, decided_by
              FROM event_posts ep JOIN posts p ON p.id = ep.post_id WHERE p.key = '{key}'"""
    return rows(db, sql)[0]


def log(db):
    return rows(db, "SELECT field, value, who, why FROM overrides ORDER BY id")


@pytest.mark.parametrize("command", ["label", "review", "merge", "audit"])
def test_whoever_decides_is_named_alike(harvest, capsys, command):
    assert run([command, "--help"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "--who NAME Who says so; kept with each word and answer. [env var: HARVEST_WHO; default: (your login" in told
    assert ("-n, --limit N" in told) == (command in ("review", "merge"))


def test_nobody_named_is_who_is_logged_in(harvest, monkeypatch):
    monkeypatch.setenv("LOGNAME", "aoi")
    harvest("label", "demo-2", AOI, "--kind", "media")
    monkeypatch.setenv("HARVEST_WHO", "midori")
    harvest("label", "demo-2", AOI, "--kind", "vendor")
    assert [who for _, _, who, _ in log(harvest.db)] == ["aoi", "midori"]
    harvest("label", "demo-2", AOI, "--undo")
    harvest("explain", AOI)
    assert "override kind taken back by midori at " in harvest.out


def test_a_word_is_kept_and_takes_effect_at_once(harvest):
    assert label(harvest.db) == ("participant", "rules")
    assert harvest("label", "demo-2", AOI, "--kind", "media", "--who", "me", "--why", "it is a paper") == 0
    assert label(harvest.db) == ("media", "human")
    assert log(harvest.db) == [("kind", "media", "me", "it is a paper")]
    assert "demo-2: qiita:aoisora: kind media" in harvest.out
    assert "participant  → media" in harvest.out
    assert "participant : media  1 : 1 (1.00) → 0 : 2 (0.00)" in harvest.out
    assert f"harvest label demo-2 {AOI} --undo" in harvest.out


def test_a_post_by_its_address_and_what_follows_from_it(harvest):
    assert harvest("label", "demo-2", f"{OTHER}?utm_source=x", "--relevance", "confirmed", "--incentivised", "yes") == 0
    assert tie(harvest.db, OTHER) == ("confirmed", 1, 1, "human")
    assert harvest("label", "demo-2", OTHER, "--counted", "no", "--json") == 0
    told = json.loads(harvest.out)
    assert told["words"] == [{"subject": OTHER, "field": "counted", "value": "no"}]
    assert told["changed"] == [{"subject": OTHER, "field": "counted", "before": 1, "after": 0}]
    assert tie(harvest.db, OTHER) == ("confirmed", 0, 1, "human")


def test_undo_brings_back_what_held_before_and_then_the_rules(harvest):
    before = label(harvest.db)
    for kind in ("media", "sponsor"):
        assert harvest("label", "demo-2", AOI, "--kind", kind) == 0
    assert label(harvest.db) == ("sponsor", "human")
    assert harvest("label", "demo-2", AOI, "--undo", "--why", "a mistake") == 0
    assert label(harvest.db) == ("media", "human")
    assert harvest("label", "demo-2", AOI, "--undo") == 0
    assert label(harvest.db) == before
    assert harvest("label", "demo-2", AOI, "--undo") == 2
    assert "nothing to take back" in harvest.err
    assert [value for _, value, *_ in log(harvest.db)] == ["media", "sponsor", WITHDRAWN, WITHDRAWN]
    assert harvest("classify", "demo-2") == 0
    assert label(harvest.db) == before


def test_undo_takes_back_all_that_was_said_at_once(harvest):
    before = tie(harvest.db, OTHER)
    assert harvest("label", "demo-2", OTHER, "--relevance", "confirmed", "--incentivised", "yes") == 0
    assert harvest("label", "demo-2", OTHER, "--undo") == 0
    assert tie(harvest.db, OTHER) == before
    for _ in range(2):
        assert harvest("classify", "demo-2", "--json") == 0
    assert json.loads(harvest.out)["changed"]["posts"] == 0


def test_the_same_word_again_is_no_news(harvest):
    assert harvest("label", "demo-2", AOI, "--kind", "media") == 0
    assert harvest("label", "demo-2", AOI, "--kind", "media") == 0
    assert "this word stood already" in harvest.out
    assert len(log(harvest.db)) == 1


def test_a_later_word_sets_an_earlier_one_aside_that_contradicts_it(harvest):
    assert harvest("label", "demo-2", AOI, "--kind", "sponsor") == 0
    assert harvest("label", "demo-2", AOI, "--side", "media") == 0
    assert label(harvest.db) == ("media", "human")
    assert harvest("label", "demo-2", AOI, "--undo") == 0
    assert label(harvest.db) == ("sponsor", "human")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nobody", "--kind", "media"], "no post or author 'nobody'"),
        (["https://no.example/1", "--relevance", "rejected"], "no post or author"),
        ([AOI, "--kind", "media", "--side", "owned"], "kind media is on the side media, not owned"),
        ([AOI, "--kind", "media", "--subkind", "speaker"], "subkind speaker is one of participants"),
        ([AOI, "--kind", "participant", "--attendance", "none"], "who was not there is independent"),
        ([AOI, "--relevance", "rejected"], "relevance is said of a post, and qiita:aoisora is an author"),
        ([NEWS, "--kind", "media"], "it is by web:technews.example#田中: name that"),
        ([OTHER, "--relevance", "rejected", "--counted", "yes"], "a post that is rejected is never counted"),
        ([AOI], "say something of it"),
        ([], "name a POST or an AUTHOR"),
        ([AOI, "--undo", "--kind", "media"], "do not go together"),
        ([AOI, "--list"], "leave out 'qiita:aoisora'"),
        ([AOI, "--kind", "journalist"], "'journalist' is not one of"),
    ],
)
def test_what_cannot_be_said_is_told_with_its_repair_and_changes_nothing(harvest, words, told):
    assert harvest("label", "demo-2", *words) == 2
    assert told in harvest.err
    assert log(harvest.db) == []


def test_namesakes_and_strangers_of_the_event(harvest):
    with closing(open_db(harvest.db)) as conn, write_tx(conn):
        conn.execute("UPDATE authors SET name = '同じ 名' WHERE handle IN ('bob', 'carol')")
        conn.execute("INSERT INTO authors (platform, handle) VALUES ('x', 'stranger')")
    assert harvest("label", "demo-2", "同じ 名", "--kind", "media") == 2
    assert "give one of x:bob, x:carol" in harvest.err
    assert harvest("label", "demo-2", "x:stranger", "--kind", "media") == 2
    assert "wrote nothing that was found for demo-2" in harvest.err


SHEETS = {
    "long": f"subject,field,value,why\n{AOI},kind,media,a paper\n{OTHER},relevance,confirmed,\n{OTHER},counted,NO,\n",
    "wide": f"\ufeffsubject,kind,relevance,counted,why\n{AOI},media,,,a paper\n\n{OTHER},,confirmed,0,\n",
    "tabs": f"post\tkind\trelevance\tcounted\twhy\n{AOI}\tmedia\t\t\ta paper\n{OTHER}\t\tconfirmed\tfalse\t\n",
}


@pytest.mark.parametrize("shape", SHEETS)
@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "utf-16"])
def test_a_table_of_words_in_two_shapes(harvest, tmp_path, shape, encoding):
    sheet = tmp_path / "labels.csv"
    text = SHEETS[shape].replace("a paper", "新聞") if encoding != "cp932" else SHEETS[shape].replace("\ufeff", "")
    sheet.write_bytes(text.replace("a paper", "新聞").encode(encoding))
    assert harvest("label", "demo-2", "--from", sheet, "--who", "me") == 0
    assert "3 words about 2 authors and posts" in harvest.out
    assert label(harvest.db) == ("media", "human")
    assert tie(harvest.db, OTHER)[:2] == ("confirmed", 0)
    assert log(harvest.db)[0] == ("kind", "media", "me", "新聞")


def test_a_table_with_bad_lines_says_all_of_them_and_stores_nothing(harvest, tmp_path):
    sheet = tmp_path / "labels.csv"
    lines = ["subject,field,value,why", f"{AOI},kind,media,", f"{AOI},kind,vendor,", "nobody,kind,media,",
             f"{NEWS},kind,media,", f"{OTHER},relevance,perhaps,", f"{OTHER},colour,red,", ",kind,media,",
             f"{OTHER},relevance,rejected,", f"{OTHER},counted,yes,\x1b[2J"]  # fmt: skip
    sheet.write_text("\n".join(lines), encoding="utf-8")
    assert harvest("label", "demo-2", "--from", sheet) == 2
    told = [line.partition("labels.csv: ")[2] for line in harvest.err.splitlines()]
    assert [line.split(":")[0] for line in told if line] == [
        "line 3", "line 4", "line 5", "line 6", "line 7", "line 8", "line 9, line 10",
    ]  # fmt: skip
    assert "kind vendor, but line 2 says media of qiita:aoisora" in harvest.err
    assert "it is one of confirmed, probable, rejected" in harvest.err
    assert "no field 'colour'" in harvest.err
    assert "subject is empty" in harvest.err
    assert "Nothing was stored" in harvest.err
    assert "\x1b" not in harvest.err
    assert log(harvest.db) == []
    assert label(harvest.db) == ("participant", "rules")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a,b\n1,2\n", "no header row that we know"),
        ("subject,kind,colour\nx,media,red\n", "no column 'colour'"),
        ("subject,kind\n", "no row below the header"),
        ("", "empty file"),
        (None, "no such file"),
    ],
)
def test_a_file_that_is_no_such_table(harvest, tmp_path, text, told):
    if text is not None:
        (tmp_path / "labels.csv").write_text(text, encoding="utf-8")
    assert harvest("label", "demo-2", "--from", tmp_path / "labels.csv") == 2
    assert told in harvest.err


def test_the_words_that_stand_are_listed(harvest):
    assert harvest("label", "demo-2", "--list") == 0
    assert "nobody said anything" in harvest.out
    harvest("label", "demo-2", AOI, "--kind", "media", "--who", "me", "--why", "a\x1b[2Jb")
    harvest("label", "demo-2", OTHER, "--relevance", "confirmed")
    harvest("label", "demo-2", OTHER, "--undo")
    before = harvest.db.read_bytes()
    assert harvest("label", "demo-2", "--list", "--json") == 0
    (word,) = json.loads(harvest.out)["words"]
    assert {word[name] for name in ("subject", "of", "field", "value", "who")} == {AOI, "author", "kind", "media", "me"}
    assert harvest("label", "demo-2", "--list") == 0
    assert AOI in harvest.out
    assert "\x1b" not in harvest.out
    assert harvest.db.read_bytes() == before


# What a word must survive, each by the commands a user has.


@pytest.fixture
def said(harvest):
    """Ten words, one of them taken back."""
    for author in ("x:aoi", "x:bob", "x:carol", "x:dave", "qiita:hanako", AOI):
        assert harvest("label", "demo-2", author, "--kind", "sponsor") == 0
    for key in (OTHER, NEWS, "x:1"):
        assert harvest("label", "demo-2", key, "--relevance", "confirmed", "--incentivised", "yes") == 0
    assert harvest("label", "demo-2", "x:5", "--relevance", "rejected") == 0
    assert harvest("label", "demo-2", "x:5", "--undo") == 0
    harvest.expected = holding(harvest.db)
    assert sum(len(words) for words in harvest.expected[0].values()) == 12
    return harvest


def holding(db):
    """(words that stand by subject, what the judgements are)."""
    with closing(open_db(db)) as conn:
        words = {about.key: {name: word.value for name, word in held.items()}
                 for about, held in all_standing(conn, "demo-2")}  # fmt: skip
    labels = {author: label(db, author) for author in words if author.split(":")[1] in ("bob", "dave", "aoisora")}
    return words, labels, {key: tie(db, key) for key in (OTHER, NEWS, "x:1", "x:5")}


def test_words_survive_a_second_crawl_and_new_rules(said, monkeypatch):
    with closing(open_db(said.db)) as conn:
        run_id = conn.execute("SELECT max(id) FROM runs").fetchone()[0]
        store(conn, run_id, DRAFTS)
    assert said("classify", "demo-2") == 0
    assert holding(said.db) == said.expected
    for name, module in list(sys.modules.items()):
        if name.startswith("harvester") and hasattr(module, "RULES_VERSION"):
            monkeypatch.setattr(module, "RULES_VERSION", "9999.9")
    assert label(said.db, "web:democorp.example") == ("vendor", "rules")
    monkeypatch.setitem(table("role").numbers, "threshold", 2.0)  # rules by which nobody is anything
    assert said("classify", "demo-2") == 0
    assert label(said.db, "web:democorp.example") == ("unknown", "rules")
    assert holding(said.db) == said.expected


def test_words_survive_a_second_crawl_by_the_command(tmp_path, capsys):
    page = as_json({"id": 1, "text": "words about the meetup", "links": []})
    with serving({("a.example", "/1"): page}) as server:
        site = Site(tmp_path, server.address)
        site.event(pages=["https://a.example/1"])
        assert site.crawl().code == 0
        ((author,),) = site.rows("SELECT platform || ':' || handle FROM authors")
        words = ("--db", str(site.db), "--why", "a colleague")
        assert run(["label", "meetup", author, "--kind", "vendor", *words]) == 0
        assert run(["label", "meetup", "https://a.example/1", "--relevance", "confirmed", *words]) == 0
        assert site.crawl().code == 0
    assert site.rows("SELECT kind, decided_by FROM labels") == [("vendor", "human")]
    assert site.rows("SELECT relevance, counted, decided_by FROM event_posts") == [("confirmed", 1, "human")]
    assert site.rows("SELECT count(*) FROM runs WHERE command = 'crawl'") == [(2,)]
    capsys.readouterr()


def test_words_survive_backup_and_restore(said):
    assert said("backup") == 0
    assert said("label", "demo-2", AOI, "--kind", "media") == 0
    assert said("restore", "latest", "--yes") == 0
    assert holding(said.db) == said.expected
    assert said("classify", "demo-2") == 0
    assert holding(said.db) == said.expected


def test_words_survive_export_and_import(said, tmp_path):
    file, other = tmp_path / "all.jsonl", tmp_path / "other.db"
    assert said("export", "demo-2") == 0
    file.write_text(said.out, encoding="utf-8")
    for _ in range(2):
        assert said("import", "demo-2", file, db=other) == 0
        assert holding(other) == said.expected
    assert said("classify", "demo-2", db=other) == 0
    assert holding(other)[0] == said.expected[0]
    assert said("export", "demo-2", db=other) == 0
    words = [line for line in file.read_text(encoding="utf-8").splitlines() if '"type":"override"' in line]
    assert [line for line in said.out.splitlines() if '"type":"override"' in line] == words
    assert said("label", "demo-2", AOI, "--undo", db=other) == 0
    assert said("export", "demo-2", db=other) == 0
    file.write_text(said.out, encoding="utf-8")
    assert said("import", "demo-2", file) == 0
    assert said("classify", "demo-2") == 0
    assert label(said.db, AOI) == ("participant", "rules")


def test_words_survive_an_upgrade_from_the_first_schema(said, tmp_path):
    old = tmp_path / "old.db"
    with closing(sqlite3.connect(str(old), isolation_level=None)) as conn:
        conn.execute("PRAGMA journal_mode=WAL")
        migrations.apply(Database(conn, recursive_triggers=False), stop_before="m002_trust")
        conn.execute(f"PRAGMA application_id={APPLICATION_ID}")
        conn.execute("PRAGMA user_version=1")
        conn.execute("ATTACH ? AS new", (str(said.db),))
        for table in ("events", "authors", "posts", "event_posts", "runs", "labels", "overrides"):
            names = ", ".join(row[1] for row in conn.execute(f"PRAGMA main.table_info({table})"))
            conn.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM new.{table}")
    assert said("classify", "demo-2", db=old) == 0
    assert holding(old)[:2] == said.expected[:2]
    assert said("label", "demo-2", AOI, "--undo", db=old) == 0
    assert label(old, AOI)[1] == "rules"


def test_words_go_with_the_person(said):
    total = len(log(said.db))
    assert said("forget", "x:bob", "x:dave", "--yes") == 0
    assert said("forget", NEWS, "--yes") == 0
    assert {"x:bob", "x:dave", NEWS}.isdisjoint(holding_keys(said.db))
    assert AOI in holding_keys(said.db)
    assert 0 < len(log(said.db)) <= total
    assert said("classify", "demo-2") == 0
    assert said("label", "demo-2", "--list") == 0
    assert "bob" not in said.out


def holding_keys(db):
    with closing(open_db(db)) as conn:
        return {about.key for about, _ in all_standing(conn, "demo-2")}


def test_what_an_import_told_holds_again_when_a_word_is_taken_back(harvest):
    with closing(open_db(harvest.db)) as conn, write_tx(conn):
        conn.execute("""UPDATE labels SET kind = 'independent', side = 'community', attendance = 'none',
                     decided_by = 'import', rules_version = NULL""")
        conn.execute("UPDATE event_posts SET relevance = 'confirmed', counted = 0, decided_by = 'import'")
    assert harvest("label", "demo-2", AOI, "--kind", "vendor") == 0
    assert harvest("label", "demo-2", OTHER, "--incentivised", "yes") == 0
    assert tie(harvest.db, OTHER) == ("confirmed", 0, 1, "human")
    for key in (AOI, OTHER):
        assert harvest("label", "demo-2", key, "--undo") == 0
    for _ in range(2):
        assert label(harvest.db)[0] == "independent"
        assert tie(harvest.db, OTHER)[:3] == ("confirmed", 0, 0)
        assert harvest("classify", "demo-2") == 0


def test_words_of_one_second_keep_their_order(harvest):
    about = About(event="demo-2", key=AOI, author_id=1)
    with closing(open_db(harvest.db)) as conn:
        for kind in ("participant", "media", "vendor", "aggregator"):
            with write_tx(conn):
                assert say(conn, about, {"kind": kind}, now=AT) == {"kind": kind}
        with write_tx(conn):
            assert [word.value for word in withdraw(conn, about, now="2000-01-01T00:00:00Z")] == ["aggregator"]
        held = standing(log_of(conn, about))
    assert held["kind"].value == "vendor"


def words(*pairs):
    return [Word(field=field, value=value, at=str(n)) for n, (field, value) in enumerate(pairs)]


def test_a_withdrawal_takes_back_the_latest_word_of_its_field():
    said = words(("kind", "media"), ("attendance", "none"), ("kind", "vendor"), ("kind", WITHDRAWN))
    assert {name: word.value for name, word in standing(said).items()} == {"kind": "media", "attendance": "none"}
    assert standing(words(("kind", WITHDRAWN), ("kind", "media"), ("kind", WITHDRAWN), ("kind", WITHDRAWN))) == {}


def test_values_are_read_however_they_are_written():
    assert [value_of("counted", text) for text in (" YES", "1", "true", "0", "maybe")] == [
        "yes",
        "yes",
        "yes",
        "no",
        "",
    ]
    assert value_of("kind", "Media") == "media"
    assert value_of("colour", "red") == ""
    assert clash({"kind": "vendor", "side": "owned"}) == ""
