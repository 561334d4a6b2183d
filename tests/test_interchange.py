"""Interchange: what goes out comes in again as the same lines, and what people write by hand is understood."""

import csv
import io
import json
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvester.cells import inert
from harvester.cli import run
from harvester.importers import Refused, detect
from harvester.importers.interchange import canonical
from harvester.importers.interchange_fields import FIELDS, TYPES
from harvester.importers.load import load_interchange
from harvester.store import exchange
from harvester.store.bulk import drop_indexes
from harvester.store.connection import write_tx
from harvester.store.exchange import places
from harvester.store.open import open_db

FX = Path(__file__).parent / "fixtures" / "interchange" / "fx.jsonl"
ROOT = Path(__file__).parent.parent

RICH = [json.loads(line) for line in (FX.parent / "rich.jsonl").read_text(encoding="utf-8").splitlines()]
QIITA = "qiita:0123456789abcdef0123"


@pytest.fixture
def cli(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HARVEST_DB", str(tmp_path / "h.db"))

    def call(*words, db="h.db"):
        monkeypatch.setenv("HARVEST_DB", str(tmp_path / db))
        code = run([str(word) for word in words])
        out = capsys.readouterr()
        return code, out.out, out.err

    call.folder = tmp_path
    return call


def written(path, records):
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return path


def taken(cli, records, event="foo-2", db="h.db"):
    code, out, err = cli("import", event, written(cli.folder / "in.jsonl", records), "--json", db=db)
    assert code == 0, err
    return json.loads(out)["files"][0]


def lines(cli, *events, db="h.db"):
    code, out, err = cli("export", *events, db=db)
    assert code == 0, err
    return out.splitlines()


def rows(cli, sql, db="h.db"):
    conn = open_db(cli.folder / db, "ro")
    found = [tuple(row) for row in conn.execute(sql)]
    conn.close()
    return found


def test_a_rich_file_comes_out_and_in_again_as_the_same_lines(cli):
    tally = taken(cli, RICH)
    assert (tally["records"], tally["new"], tally["rejected"]) == (len(RICH), len(RICH), {})
    assert set(tally["kinds"]) == set(TYPES.values()) - {"tie", "place"}  # a place is read and never written
    first = lines(cli, "foo-1", "foo-2")
    (cli.folder / "out.jsonl").write_text("\n".join(first), encoding="utf-8")
    code, out, _ = cli("import", "foo-2", cli.folder / "out.jsonl", "--json", db="second.db")
    assert (code, json.loads(out)["files"][0]["rejected"]) == (0, {})
    assert lines(cli, "foo-1", "foo-2", db="second.db") == first
    code, out, _ = cli("import", "foo-2", cli.folder / "out.jsonl", "--json", db="second.db")
    again = json.loads(out)["files"][0]
    assert (again["new"], again["updated"], again["unchanged"]) == (0, 0, len(first))
    assert lines(cli, "foo-1", "foo-2", db="second.db") == first
    assert {json.loads(line)["type"] for line in first} == set(TYPES.values()) - {"tie", "place"}


def test_one_event_of_two_is_complete_in_itself(cli):
    taken(cli, RICH)
    first = lines(cli, "foo-1")
    assert [json.loads(line)["type"] for line in first][:2] == ["event", "author"]
    (cli.folder / "one.jsonl").write_text("\n".join(first), encoding="utf-8")
    cli("import", "foo-1", cli.folder / "one.jsonl", db="second.db")
    assert lines(cli, "foo-1", db="second.db") == first


def test_records_come_in_any_order(cli):
    taken(cli, RICH)
    taken(cli, RICH[::-1], db="second.db")
    straight, reverse = lines(cli, "foo-1", "foo-2"), lines(cli, "foo-1", "foo-2", db="second.db")
    ledger = '{"type":"run"', '{"type":"sighting"'
    assert [x for x in reverse if not x.startswith(ledger)] == [x for x in straight if not x.startswith(ledger)]
    assert len(straight) == len(reverse)


def test_nothing_that_a_measure_needs_is_lost(cli):
    taken(cli, RICH)
    out = [json.loads(line) for line in lines(cli, "foo-1", "foo-2")]
    for record in RICH:
        found = next(o for o in out if o["type"] == record["type"] and _same(o, record))
        for name, value in record.items():
            if name not in ("run", "events", "event", "people", "reason") and value not in (False, ""):
                if (record["type"], name, value) == (
                    "edge",
                    "target",
                    "https://qiita.com/aoi/items/0123456789abcdef0123",
                ):
                    value = QIITA
                assert found.get(name) == (int(value) if value is True else value), (record["type"], name)


def _same(out, record):
    if record["type"] in ("author", "post"):
        return out[record["type"]] == record[record["type"]]
    keys = ("event", "author", "post", "person", "source", "edge_type", "observed_at", "started_at", "query", "field")
    return all(out.get(key) == record.get(key) for key in keys if key in record)


IDS = st.sampled_from(["a01", "x:aoi", "qiita:ken", "web:https://aoi.jp/About"])
KEYS = st.sampled_from(["i1", "x:12", QIITA, "https://aoi.jp/1"])
TIMES = st.sampled_from(["2016-12-21T10:00:00Z", "2016-12-22T19:00:00+09:00", "2016-12-23"])
WORDS = st.sampled_from(["", "葵", "a b", "=1", '"quoted"\n', "🍣"])
SOURCES = st.sampled_from(["qiita", "x"])
RUNS = st.sampled_from(["1", "2"])


def record(type_, optional=(), **required):
    return st.fixed_dictionaries({"type": st.just(type_), **required}, optional=dict(optional))


RECORDS = st.one_of(
    record("author", {"name": WORDS, "followers": st.integers(0, 9), "opted_out": st.booleans()}, author=IDS),
    record(
        "post",
        {
            "author": IDS,
            "title": WORDS,
            "text": WORDS,
            "published_at": TIMES,
            "relation": st.sampled_from(["original", "crosspost", "quote"]),
            "parent": KEYS,
            "story": KEYS,
            "hashtags": st.lists(WORDS, max_size=2),
            "revision": st.integers(1, 3),
            "event": st.sampled_from(["e1", "e2"]),
            "counted": st.sampled_from([0, 1, None]),
            "relevance": st.sampled_from(["confirmed", "rejected", None]),
        },
        post=KEYS,
        kind=st.sampled_from(["article", "news", "micropost", "repost"]),
    ),
    record(
        "edge",
        {"actor": IDS, "source": KEYS, "at": TIMES},
        edge_type=st.sampled_from(["link", "quote"]),
        target=KEYS,
    ),
    record("sighting", {"run": RUNS, "at": TIMES}, post=KEYS, source=SOURCES),
    record("run", {"source": SOURCES, "returned": st.integers(0, 9)}, run=RUNS, started_at=TIMES),
    record("reaction", {"observed_at": TIMES}, post=KEYS, name=st.just("like"), value=st.integers(0, 2**62)),
    record("audience", {"observed_at": TIMES}, author=IDS, followers=st.integers(0, 9)),
    record("attendance", {"status": st.sampled_from(["attended", "staff"])}, person=IDS),
    record(
        "label",
        {"subkind": st.just("speaker"), "decided_by": st.sampled_from(["rules", "human"])},
        author=IDS,
        kind=st.sampled_from(["participant", "media", "vendor", "unknown"]),
    ),
    record(
        "override", {"at": TIMES}, author=IDS, field=st.just("kind"), value=st.sampled_from(["media", "participant"])
    ),
    record("kpi", {"as_of": TIMES}, name=WORDS.filter(bool), value=st.floats(-1e6, 1e6)),
)
EVENTS = [
    {"type": "event", "event": slug, "starts_at": "2016-12-21T10:00:00Z", "timezone": "Asia/Tokyo"}
    for slug in ("e1", "e2")
]


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    """An empty database, as a file to copy: making the schema anew costs more than reading a record."""
    path = tmp_path_factory.mktemp("blank") / "blank.db"
    conn = open_db(path, "create")
    conn.execute("PRAGMA journal_mode=DELETE")
    conn.close()
    return path


def imported(conn, path, *, day):
    now = datetime(2017, 1, day, tzinfo=UTC)
    with write_tx(conn):
        return load_interchange(
            conn, detect.Look(path, "interchange"), event="e1", now=now, zone="", progress=lambda _: None
        )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(records=st.lists(RECORDS, max_size=12))
def test_export_import_export_gives_the_same_lines(blank, records):
    folder = blank.parent
    for name in ("one.db", "two.db"):
        shutil.copy(blank, folder / name)
    source, target = open_db(folder / "one.db"), open_db(folder / "two.db")
    try:
        path = written(folder / "in.jsonl", [*EVENTS, *records])
        tally = imported(source, path, day=1)
        ended = tally.new + tally.updated + tally.unchanged + sum(tally.rejected.values())
        assert tally.records == len(records) + 2 == ended
        first = list(exchange.lines(source, ["e1", "e2"]))
        (folder / "out.jsonl").write_text("\n".join(first), encoding="utf-8")
        assert not imported(target, folder / "out.jsonl", day=2).rejected
        assert list(exchange.lines(target, ["e1", "e2"])) == first
        again = imported(target, folder / "out.jsonl", day=3)
        assert (again.new, again.updated, again.unchanged) == (0, 0, len(first))
        assert list(exchange.lines(target, ["e1", "e2"])) == first
    finally:
        for conn in (source, target):
            conn.close()
        for path in [*folder.glob("one.db*"), *folder.glob("two.db*")]:
            path.unlink()


# What people write by hand, after the tables of other tools

TABLE_NAMES = {
    "event": {"event": "event_id", "series": "series_id", "timezone": "tz"},
    "post": {
        "post": "item_id", "kind": "item_kind", "author": "author_id", "parent": "parent_item_id", "story": "story_id",
    },
    "edge": {"event": "event_id", "actor": "actor_id", "source": "src_item_id", "target": "dst_item_id"},
    "audience": {"author": "author_id"},
    "attendance": {"event": "event_id", "person": "person_id"},
    "label": {"event": "event_id", "author": "author_id"},
}  # fmt: skip
TABLES = {"post": "item", "label": "author_event"}


def by_hand(record):
    """A record of the fixture as somebody would convert it from the tables: flat, their names, defaults left out."""
    kind = record["type"]
    found = {
        TABLE_NAMES[kind].get(name, name): value for name, value in record.items() if name not in ("type", "events")
    }
    if kind == "post":
        tie = record["events"][0]
        found |= {"event_id": tie["event"]} | {k: v for k, v in tie.items() if k in ("counted", "not_counted_reason")}
    found.pop("decided_by", None)
    return {"type": TABLES.get(kind, kind), **found}


def test_the_table_names_of_other_people_give_the_same_numbers(cli):
    records = [json.loads(line) for line in FX.read_text(encoding="utf-8").splitlines()]
    taken(cli, records, event="E2")
    tally = taken(cli, [by_hand(record) for record in records], event="E2", db="second.db")
    assert (tally["new"], tally["rejected"]) == (len(records), {})
    sql = """SELECT event, key, kind, grp, relation, story, author, author_kind, author_subkind, published_at,
        local_day,
        relevance, counted, not_counted_reason FROM event_items ORDER BY event, key"""
    assert rows(cli, sql) == rows(cli, sql, db="second.db")
    for table in ("audience", "attendance", "links", "stories"):
        assert rows(cli, f"SELECT count(*) FROM {table}") == rows(cli, f"SELECT count(*) FROM {table}", db="second.db")


def test_the_fixture_holds_its_tables(cli):
    tally = taken(cli, [json.loads(line) for line in FX.read_text(encoding="utf-8").splitlines()], event="E2")
    assert tally["kinds"] == {"attendance": 22, "audience": 6, "edge": 7, "event": 2, "label": 19, "post": 34}
    sql = """SELECT author_kind, count(*) FROM event_items
        WHERE event = 'E2' AND counted AND grp = 'written' GROUP BY 1 ORDER BY 1"""
    assert rows(cli, sql) == [
        ("independent", 1),
        ("media", 2),
        ("organiser", 1),
        ("participant", 7),
        ("unknown", 1),
        ("vendor", 1),
    ]
    assert rows(cli, "SELECT count(*) FROM event_items WHERE event = 'E2'") == [(29,)]
    # 21 December in UTC, 22 December in Tokyo
    assert rows(cli, "SELECT local_day FROM event_items WHERE key = 'i02'") == [("2016-12-22",)]
    assert rows(
        cli, "SELECT s.copies, p.key FROM stories s JOIN posts p ON p.id = s.post_id WHERE copies > 1 ORDER BY 2"
    ) == [(2, "i02"), (2, "i09"), (3, "t04")]
    assert rows(cli, "SELECT count(*) FROM attendance WHERE author_id IS NOT NULL AND event = 'E2'") == [(6,)]
    assert rows(cli, "SELECT dst FROM links WHERE dst_post_id IS NULL") == []


def test_the_report_on_the_fixture_gives_the_ratio_of_the_specification(cli):
    taken(cli, [json.loads(line) for line in FX.read_text(encoding="utf-8").splitlines()], event="E2")
    _, out, _ = cli("report", "E2", "--json")
    ratio = next(row for row in json.loads(out) if row["metric"] == "M02.ratio")
    assert (ratio["value"], ratio["num"], ratio["den"], ratio["status"]) == (3.5, 7, 2, "ok")
    assert [round(ratio["ci"][end], 4) for end in ("lo", "hi")] == [0.66, 18.5603]


HAND = [
    (
        {"type": "label", "author": "a", "kind": "sponsor"},
        {"side": "owned", "attendance": "none", "decided_by": "human"},
    ),
    (
        {"type": "label", "author_id": "a", "kind": "participant"},
        {"author": "a", "side": "community", "attendance": "listed"},
    ),
    ({"type": "label", "author": "a", "side": "community", "attendance": "claimed"}, {"kind": "participant"}),
    ({"type": "label", "author": "a", "side": "community"}, {"kind": "independent"}),
    (
        {"type": "event", "event_id": "E", "starts": "2016-12-21T19:00:00+09:00", "tz": "Asia/Tokyo"},
        {"event": "E", "starts_at": "2016-12-21T10:00:00Z", "ends_at": "2016-12-21T10:00:00Z", "name": "E"},
    ),
    (
        {
            "type": "sighting",
            "item_id": "i",
            "source_id": "s",
            "run_id": 41,
            "seen_at": "2016-12-22T00:00:00.123+00:00",
        },
        {"post": "i", "source": "s", "run": "41", "at": "2016-12-22T00:00:00Z"},
    ),
    (
        {"type": "source_scope", "source_id": "qiita", "platform": "qiita"},
        {"type": "run", "source": "qiita", "platforms": ["qiita"]},
    ),
    ({"type": "external_kpi", "name": "n", "value": "3"}, {"type": "kpi", "value": 3.0}),
    ({"type": "identity", "author_id": "a01", "platform": "x", "handle": "aoi"}, {"type": "author", "author": "a01"}),
    (
        {"type": "run", "run_id": "1", "n_returned": 3, "n_reported_total": 9, "truncated": "true", "error": "e"},
        {"returned": 3, "reported_total": 9, "truncated": 1, "reason": "e"},
    ),
]


@pytest.mark.parametrize(("value", "expected"), HAND)
def test_other_names_and_forms(value, expected):
    found = canonical(value)
    assert not isinstance(found, Refused), found
    assert {name: found[0].get(name) for name in expected} == expected


@pytest.mark.parametrize(
    ("post", "tie"),
    [
        ({}, {"relevance": "confirmed", "counted": 1, "decided_by": "import"}),
        ({"relation": "quote"}, {"counted": 1}),
        ({"relation": "reply"}, {"counted": 0, "not_counted_reason": "reply"}),
        ({"kind": "event_page"}, {"counted": 0, "not_counted_reason": "event_page"}),
        ({"relation": "crosspost", "counted": 1}, {"counted": 1, "not_counted_reason": None}),
        ({"events": [{"event": "a"}, {"event_id": "b", "relevance": None}]}, {"event": "a", "relevance": "confirmed"}),
        ({"published_at": "2016-12-26"}, {"counted": 1}),
    ],
)
def test_a_post_without_judgement_is_confirmed_and_counted_unless_it_never_is(post, tie):
    found = canonical({"type": "post", "post": "i1", "kind": "article", **post})
    assert not isinstance(found, Refused)
    assert {name: found[0]["events"][0].get(name) for name in tie} == tie
    if "published_at" in post:
        assert (found[0]["published_at"], found[0]["published_precision"]) == ("2016-12-26T00:00:00Z", "day")


def test_an_override_may_be_written_as_the_fields_themselves():
    found = canonical({"type": "class_override", "author_id": "a", "side": "media", "attendance": "none", "who": "me"})
    assert [(r["field"], r["value"], r["who"]) for r in found] == [
        ("side", "media", "me"),
        ("attendance", "none", "me"),
    ]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"type": "nothing"}, "unknown_type"),
        ({"type": "tie", "event": "e"}, "unknown_type"),
        ({"type": ["post"]}, "unknown_type"),
        ([], "unknown_type"),
        ({"type": "post"}, "missing_field"),
        ({"type": "post", "post": "i", "kind": "article", "published_at": "next week"}, "bad_time"),
        ({"type": "post", "post": "i", "kind": "novel"}, "bad_value"),
        ({"type": "post", "post": "i", "events": [{"event": "e", "counted": "maybe"}]}, "bad_value"),
        ({"type": "edge", "edge_type": "hug", "target": "x"}, "bad_value"),
        ({"type": "reaction", "post": "i", "name": "like", "value": 2**63}, "bad_value"),
        ({"type": "reaction", "post": "i", "name": "like", "value": 1.5}, "bad_value"),
        ({"type": "kpi", "name": "n", "value": float("nan")}, "bad_value"),
        ({"type": "author"}, "missing_field"),
        ({"type": "label", "author": "a"}, "missing_field"),
        ({"type": "override", "field": "kind", "value": "x"}, "missing_field"),
        ({"type": "event", "event": "e", "starts_at": "2016-12-21", "timezone": "JST-9"}, "bad_value"),
    ],
)
def test_what_cannot_be_understood_is_refused_by_reason(value, reason):
    found = canonical(value)
    assert isinstance(found, Refused)
    assert found.reason == reason


def test_broken_lines_and_strangers_cost_only_themselves(cli):
    path = cli.folder / "in.jsonl"
    good = {"type": "post", "post": "i1", "kind": "article", "event": "e1"}
    strange = [
        {"type": "rumour"},
        {"type": "sighting", "post": "gone", "source": "x"},
        {**good, "post": "i2", "event": "e9"},
    ]
    text = "\n".join([json.dumps(EVENTS[0]), "{broken", json.dumps(good), "", *map(json.dumps, strange)])
    path.write_text(text, encoding="utf-8")
    code, out, _ = cli("import", "e1", path)
    assert code == 0
    assert "  rejected 4 · bad_json 1 · unknown_event 1 · unknown_post 1 · unknown_type 1" in out.splitlines()
    assert rows(cli, "SELECT key FROM posts") == [("i1",)]


def test_the_event_named_must_exist_or_come_along(cli):
    path = written(cli.folder / "in.jsonl", EVENTS)
    code, out, err = cli("import", "e3", path)
    assert (code, out) == (2, "")
    assert "no event 'e3'" in err
    assert not rows(cli, "SELECT slug FROM events")
    assert cli("import", "e1", path)[0] == 0


def test_records_without_an_event_belong_to_the_one_named(cli):
    taken(cli, [EVENTS[0], {"type": "post", "post": "i1", "kind": "news"}], event="e1")
    assert rows(cli, "SELECT event, relevance, counted, decided_by FROM event_posts") == [
        ("e1", "confirmed", 1, "import")
    ]


def test_one_human_with_two_accounts(cli):
    accounts = [
        {"type": "identity", "author_id": "a01", "platform": p, "handle": h}
        for p, h in (("x", "aoi_x"), ("qiita", "aoi"))
    ]
    post = {"type": "post", "post": "i1", "kind": "article", "author_id": "a01", "event": "e1"}
    for _ in range(2):
        taken(cli, [*EVENTS, post, *accounts], event="e1")
    assert rows(cli, "SELECT platform || ':' || handle FROM authors ORDER BY 1") == [("qiita:aoi",), ("x:aoi_x",)]
    sql = """SELECT p.name, a.platform, pa.status FROM person_authors pa JOIN people p ON p.id = person_id
        JOIN authors a ON a.id = author_id ORDER BY 2"""
    assert rows(cli, sql) == [("a01", "qiita", "confirmed"), ("a01", "x", "confirmed")]
    assert rows(cli, "SELECT a.handle FROM posts p JOIN authors a ON a.id = p.author_id") == [("aoi_x",)]


def test_overrides_take_effect_at_once_and_labels_of_a_file_do_not_undo_them(cli):
    post = {"type": "post", "post": "i1", "kind": "article", "author": "x:aoi", "event": "e1"}
    label = {"type": "label", "event": "e1", "author": "x:aoi", "kind": "media", "decided_by": "rules"}
    word = {"type": "override", "event": "e1", "author": "x:aoi", "field": "kind", "value": "participant", "who": "me"}
    drop = {"type": "override", "event": "e1", "post": "i1", "field": "counted", "value": "0"}
    assert taken(cli, [word, drop, label, post, EVENTS[0]], event="e1")["rejected"] == {}
    assert rows(cli, "SELECT side, kind, decided_by FROM labels") == [("community", "participant", "human")]
    assert rows(cli, "SELECT counted, not_counted_reason, decided_by FROM event_posts") == [
        (0, "a human decided", "human")
    ]
    taken(cli, [label, post], event="e1")
    taken(cli, [word, drop], event="e1")
    assert rows(cli, "SELECT kind FROM labels") == [("participant",)]
    assert rows(cli, "SELECT counted FROM event_posts") == [(0,)]
    assert rows(cli, "SELECT count(*) FROM overrides") == [(2,)]


def test_outlets_are_counted_from_the_labels_when_a_file_does_not_tell(cli):
    label = {"type": "label", "event": "e1", "author": "m1", "kind": "media"}
    taken(cli, [EVENTS[0], label], event="e1")
    assert rows(cli, "SELECT media_outlets FROM events") == [(1,)]
    taken(cli, [{**EVENTS[0], "media_outlets": None}, label], event="e1", db="second.db")
    assert rows(cli, "SELECT media_outlets FROM events", db="second.db") == [(None,)]


def test_big_ids_stay_text_all_the_way(cli):
    number = "1850000000000000001"
    taken(
        cli,
        [EVENTS[0], {"type": "post", "post": f"x:{number}", "native_id": number, "kind": "micropost", "event": "e1"}],
        event="e1",
    )
    assert f'"native_id":"{number}"' in lines(cli, "e1")[-1]
    _, out, _ = cli("export", "e1", "--format", "csv")
    assert next(csv.DictReader(io.StringIO(out)))["native_id"] == number


# CSV


@pytest.mark.case("D7")
@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-2+3", "@x", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠x", " =1", "\u3000=1", "-x"]
)
def test_no_cell_is_a_formula(cell):
    assert inert(cell) == "'" + cell


@pytest.mark.parametrize("cell", [-5, 0.5, None, "-5", "-0.25", "a=1", "参加", "", "x-1"])
def test_numbers_and_plain_words_stay(cell):
    assert inert(cell) == cell


def test_the_csv_hides_those_who_opted_out_with_any_account_of_theirs(cli):
    taken(cli, RICH)
    assert list(csv.DictReader(io.StringIO(cli("export", "foo-2", "--format", "csv")[1]))) == []


def test_the_csv_shows_posts(cli):
    taken(cli, [record for record in RICH if record.get("author") != "x:aoi_x"])
    target = cli.folder / "posts.csv"
    code, out, _ = cli("export", "foo-2", "--format", "csv", "-o", target)
    assert (code, out) == (0, "")
    assert target.read_bytes().startswith(b"\xef\xbb\xbf")
    found = list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8-sig"))))
    assert [row["key"] for row in found] == ["qiita:0123456789abcdef0123"]
    assert (found[0]["author"], found[0]["author_kind"], found[0]["counted"]) == ("qiita:aoi", "participant", "1")


def test_export_writes_whole_files_or_none(cli):
    taken(cli, RICH)
    target = cli.folder / "out.jsonl"
    assert cli("export", "foo-2", "-o", target)[0] == 0
    assert target.read_text(encoding="utf-8").splitlines() == lines(cli, "foo-2")
    code, _, err = cli("export", "foo-2", "-o", cli.folder)
    assert (code, "folder" in err) == (2, True)
    code, _, err = cli("export", "foo-2", "-o", cli.folder / "no" / "such.jsonl")
    assert (code, "cannot be written" in err) == (2, True)
    assert sorted(path.name for path in cli.folder.glob(".out*")) == []
    code, _, err = cli("export", "nobody")
    assert (code, "no event 'nobody'" in err) == (2, True)
    assert cli("export", "foo-2", db="gone.db")[0] == 2


def test_a_table_of_its_own_says_where_posts_belong(cli):
    events = [
        {"type": "event", "event": f"e{n}", "starts_at": f"2017-0{n}-01T10:00:00Z", "tz": "Asia/Tokyo"} for n in (1, 2)
    ]
    posts = [
        {"type": "item", "item_id": "both", "item_kind": "article", "published_at": "2017-01-01T16:00:00Z"},
        {"type": "item", "item_id": "copy", "item_kind": "article", "counted": 0, "not_counted_reason": "copy of both"},
        {"type": "item", "item_id": "nowhere", "item_kind": "article"},
    ]  # fmt: skip
    places = [
        {"type": "item_event", "item_id": "both", "event_id": "e1"},
        {"type": "item_event", "item_id": "both", "event_id": "e2", "relevance": "rejected"},
        {"type": "item_event", "item_id": "copy", "event_id": "e1"},
        {"type": "item_event", "item_id": "unknown", "event_id": "e1"},
    ]
    sql = """SELECT key, event, relevance, counted, local_day FROM event_posts JOIN posts ON posts.id = post_id
             ORDER BY key, event"""
    for order in (events + posts + places, places + posts + events):
        db = f"{order[0]['type']}.db"
        tally = taken(cli, order, event="e2", db=db)
        assert tally["rejected"] == {"unknown_post": 1}
        assert rows(cli, sql, db=db) == [
            ("both", "e1", "confirmed", 1, "2017-01-02"), ("both", "e2", "rejected", 1, "2017-01-02"),
            ("copy", "e1", "confirmed", 0, None), ("nowhere", "e2", "confirmed", 1, None),
        ]  # fmt: skip


def test_a_place_is_looked_up_and_not_searched_for_while_an_empty_database_is_filled(cli):
    """Else each of them would walk all others: 30,000 took 38 s."""
    taken(cli, [{"type": "event", "event": "e1", "starts_at": "2017-01-01T10:00:00Z"}], event="e1")
    with closing(open_db(cli.folder / "h.db", "rw")) as conn:
        places.begin(conn)
        drop_indexes(conn)
        plan = [row["detail"] for row in conn.execute(f"EXPLAIN QUERY PLAN {places._KNOWN}", (1, "e1"))]
    assert any(line.startswith("SEARCH ep USING PRIMARY KEY (event=? AND post_id=?)") for line in plan), plan


def test_a_place_that_says_nothing_leaves_a_human_s_word_and_one_that_says_something_too(cli):
    event = {"type": "event", "event": "e1", "starts_at": "2017-01-01T10:00:00Z"}
    post = {"type": "post", "post": "a", "kind": "article", "counted": 0, "decided_by": "human"}
    taken(cli, [event, post], event="e1")
    for more in ({}, {"counted": 1}):
        taken(cli, [{"type": "place", "post": "a", "event": "e1"} | more], event="e1")
        assert rows(cli, "SELECT counted, decided_by FROM event_posts") == [(0, "human")]


def test_every_record_and_field_is_documented():
    page = (ROOT / "docs" / "interchange.md").read_text(encoding="utf-8")
    sections = {name: text for name, _, text in (part.partition("\n") for part in page.split("\n### "))}
    for kind, fields in FIELDS.items():
        name = "events, inside a post" if kind == "tie" else kind
        assert name in sections, f"docs/interchange.md has no section {name}"
        assert [field for field in fields if f"`{field}`" not in sections[name]] == [], kind


def test_the_specification_s_tables_convert_as_they_stand(cli):
    """The fixture rebuilt as SQL tables and read out again under their own column names."""
    conn = sqlite3.connect(":memory:")
    conn.executescript(
        """CREATE TABLE event(event_id TEXT, series_id TEXT, name TEXT, starts_at TEXT, ends_at TEXT, tz TEXT);
        CREATE TABLE item(item_id TEXT, event_id TEXT, item_kind TEXT, relation TEXT, author_id TEXT, published_at TEXT,
          published_precision TEXT, counted INT, not_counted_reason TEXT);
        CREATE TABLE author_event(author_id TEXT, event_id TEXT, kind TEXT, subkind TEXT);
        INSERT INTO event VALUES ('E1', 'demo', 'Demo', '2016-09-14T10:00:00Z', '2016-09-14T12:30:00Z', 'Asia/Tokyo');
        INSERT INTO item VALUES ('e1', 'E1', 'article', 'original', 'a01', '2016-09-15T01:00:00Z', 'second', 1, NULL),
          ('e5', 'E1', 'news', 'original', 'm01', NULL, 'unknown', 1, NULL);
        INSERT INTO author_event VALUES ('a01', 'E1', 'participant', 'attendee'), ('m01', 'E1', 'media', NULL);"""
    )
    conn.row_factory = sqlite3.Row
    records = [
        {"type": t, **dict(row)}
        for t in ("event", "item", "author_event")
        for row in conn.execute(f"SELECT * FROM {t}")
    ]
    conn.close()
    assert taken(cli, records, event="E1")["rejected"] == {}
    assert rows(cli, "SELECT key, author_kind, counted, relevance FROM event_items ORDER BY 1") == [
        ("e1", "participant", 1, "confirmed"),
        ("e5", "media", 1, "confirmed"),
    ]
    assert exchange.STEPS[0] == {"event", "author", "run"}
