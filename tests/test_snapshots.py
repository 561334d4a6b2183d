"""Frozen reports: printed again to the byte whatever became of the database, compared, and cleaned of who is erased."""

import json
import os
import re
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester import __version__
from harvester.classify import rules
from harvester.cli import _frozen, run
from harvester.cli import report as reporting
from harvester.errors import Damaged, NewerDatabase
from harvester.measure.frame import Frame
from harvester.measure.item import Asked, Item, Typed
from harvester.measure.metric import Bounds, Interval, Metric
from harvester.report import freeze
from harvester.report.build import Report, build
from harvester.report.language import CODES
from harvester.report.layout import width
from harvester.store import snapshots
from harvester.store.connection import write_tx
from harvester.store.items import load_frame, load_items, shelf_of
from harvester.store.open import open_db
from tests.cases.erasing import left, rows, seeded

FX = Path(__file__).parent / "fixtures" / "interchange" / "fx.jsonl"
NOW = datetime(2017, 2, 1, 9, 30, tzinfo=UTC)
FACES = [(form, lang) for form in reporting.FORMATS for lang in (CODES[:1] if form in ("json", "csv") else CODES)]
TIED = {"event": "E2", "relevance": "confirmed", "counted": 1, "decided_by": "human"}
POST = {"type": "post", "published_at": "2016-12-23T01:00:00Z", "published_precision": "second",
        "relation": "original", "events": [TIED]}  # fmt: skip
NEW = (
    POST | {"post": "n1", "kind": "article", "platform": "qiita", "author": "a01", "title": "What I learned there",
            "url": "https://qiita.com/new/items/1", "story": "n1"},
    POST | {"post": "n2", "kind": "news", "platform": "technews", "author": "m01", "title": "A meetup draws a crowd",
            "url": "https://technews.example/2", "story": "n2"},
)  # fmt: skip


@pytest.fixture
def clock(monkeypatch):
    """The moment of the next report, which a test may set."""
    moments = [NOW]
    monkeypatch.setattr(reporting, "now", lambda: moments[-1])
    return moments


@pytest.fixture
def fx(tmp_path, capsys, clock):
    """`harvest` on the worked fixture; keeps what was said."""

    def harvest(*words):
        capsys.readouterr()
        code = run([*map(str, words), "--db", str(harvest.db)])
        harvest.out, harvest.err = capsys.readouterr()
        return code

    def more(*records):
        file = tmp_path / "more.jsonl"
        file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        assert harvest("import", "E2", file) == 0, harvest.err

    harvest.db, harvest.clock, harvest.more = tmp_path / "fx.db", clock, more
    assert harvest("import", "E2", FX) == 0
    return harvest


@pytest.fixture
def folder(tmp_path):
    """Where the data is."""
    made = tmp_path / "data"
    made.mkdir()
    return made


@pytest.fixture
def harvest(folder, capsys, clock):
    """`harvest` on a database of its own."""

    def call(*words):
        capsys.readouterr()
        code = run([*map(str, words), "--db", str(call.db)])
        call.out, call.err = capsys.readouterr()
        return code

    call.db = folder / "h.db"
    return call


def printed(fx, *words):
    assert fx("report", *words) == 0, fx.err
    return fx.out


def report_of(db, event="E2"):
    with closing(open_db(db, "ro")) as conn:
        frame = load_frame(conn, event, as_of=NOW, rules="r1", shelf=shelf_of(conn))
        return build(load_items(conn, event), frame, name="Demo", city="東京")


# What comes back equals what went in.


@pytest.mark.parametrize(("file", "event"), [("fx", "E1"), ("fx", "E2"), ("rich", "foo-2")])
def test_a_report_comes_back_as_it_was(fx, file, event):
    assert fx("import", event, FX.with_name(f"{file}.jsonl")) == 0
    report = report_of(fx.db, event)
    assert len(report.metrics) > 40
    back = freeze.from_json(*freeze.to_json(report, version="1"))
    assert back.report == freeze.bare(report)
    assert repr(back.report) == repr(freeze.bare(report)), "equal values of other types print otherwise"
    assert (back.version, len(back.report.items), back.report.erased) == ("1", len(report.items), 0)


TEXTS = st.text(max_size=12) | st.sampled_from(["$tuple", "\u202e", "\x00", "\u2028", "'", "ẞ", "👩‍👩‍👧", "\\u0041"])
NUMBERS = st.integers() | st.floats(allow_nan=False) | st.booleans() | st.none()
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=9, minutes=30)), ZoneInfo("America/New_York"), None])
TWICE = datetime(2016, 11, 6, 1, 30, tzinfo=ZoneInfo("America/New_York"), fold=1)  # the hour that came twice
MOMENTS = st.datetimes(timezones=ZONES).map(lambda at: at.replace(fold=0)) | st.just(TWICE)
ANYTHING = st.recursive(
    TEXTS | NUMBERS | MOMENTS | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(TEXTS | st.integers(), inner, max_size=3)
    ),
    max_leaves=6,
)
OBJECTS = st.dictionaries(TEXTS, ANYTHING, max_size=3)
METRICS = st.builds(
    Metric, metric=TEXTS, group=TEXTS, value=NUMBERS, num=NUMBERS, by=OBJECTS, variants=OBJECTS,
    ci=st.none() | st.builds(Interval, lo=NUMBERS, hi=NUMBERS),
    bounds=st.none() | st.builds(Bounds, lo=NUMBERS, hi=NUMBERS),
    series=st.lists(st.tuples(TEXTS, st.integers()), max_size=3).map(tuple), flags=st.lists(TEXTS).map(tuple),
)  # fmt: skip
ITEM = Item(post_id=1, key="k", url="", title="", kind="article", group="written", platform="web", relation="original",
            story="k", author_id=None, author="", author_name="", host="", author_kind="unknown", author_subkind="",
            published_at=None, precision="", local_day="", relevance="", counted=False, not_counted_reason="",
            incentivised=False)  # fmt: skip
ITEMS = st.builds(lambda title, at, reasons: replace(ITEM, title=title, published_at=at, reasons=reasons),
                  TEXTS, st.none() | MOMENTS, TEXTS)  # fmt: skip


@given(metrics=st.lists(METRICS, max_size=3), items=st.lists(ITEMS, max_size=3), value=NUMBERS, at=MOMENTS, name=TEXTS)
def test_odd_values_come_back_as_they_were(metrics, items, value, at, name):
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    frame = Frame(event=name, starts=aware, ends=aware, window=(aware, aware), timezone="UTC", venue_timezone="UTC",
                  as_of=aware, rules=name, recipe="", media_outlets=None, typed=(Typed(name=name, value=value),),
                  )  # fmt: skip
    report = Report(name=name, city="", frame=frame, metrics=tuple(metrics), items=tuple(items), vocabulary={name: ""})
    texts = freeze.to_json(report, version="1")
    back = freeze.from_json(*texts).report
    assert back == report
    assert repr(back) == repr(report)
    assert freeze.to_json(back, version="1") == texts


def test_what_is_not_finite_comes_back_and_no_object_slips_in():
    metric = Metric(metric="M", value=float("inf"), num=float("nan"), by={"a": {2: float("-inf")}})
    frame = Frame(event="e", starts=NOW, ends=NOW, window=(NOW, NOW), timezone="UTC", venue_timezone="UTC", as_of=NOW,
                  rules="", recipe="", media_outlets=0)  # fmt: skip
    report = Report(name="", city="", frame=frame, metrics=(metric,), items=())
    numbers, items = freeze.to_json(report, version="1")
    json.loads(numbers, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert repr(freeze.from_json(numbers, items).report) == repr(report)
    with pytest.raises(TypeError, match="object is nothing that a report holds"):
        freeze.to_json(replace(report, metrics=(replace(metric, by={"a": object()}),)), version="1")


def test_long_lists_are_compressed_and_others_are_read_as_they_are(fx):
    report = report_of(fx.db)
    assert json.loads(freeze.to_json(report, version="1")[1])[0]["key"] == report.items[0].key
    many = replace(report, items=tuple(replace(report.items[0], key=f"k{n}", title="題" * 40) for n in range(2000)))
    numbers, items = freeze.to_json(many, version="1")
    assert items.startswith("zlib+base64:")
    assert len(items) < 40_000
    assert freeze.from_json(numbers, items).report == freeze.bare(many)


def test_what_is_newer_or_broken_is_named(fx):
    numbers, items = freeze.to_json(report_of(fx.db), version="9.9")
    later = json.dumps(json.loads(numbers) | {"format": freeze.FORMAT + 1})
    with pytest.raises(NewerDatabase, match=r"snapshot 3: frozen by harvester 9\.9; upgrade this one"):
        freeze.from_json(later, items, "snapshot 3")
    for broken in ("", "[]", "{}", "zlib+base64:AAAA", "zlib+base64:ü", '{"format": 1, "items": 0}'):
        with pytest.raises(Damaged, match="snapshot 3: cannot be read"):
            freeze.from_json(broken, items, "snapshot 3")
    with pytest.raises(Damaged):
        freeze.from_json(numbers, '[{"unheard": 1}]')


# Printed again.


def test_every_face_is_printed_again_to_the_byte_after_everything_changed(fx, monkeypatch):
    first = {face: printed(fx, "E2", "--format", face[0], "--lang", face[1]) for face in FACES}
    metric = printed(fx, "E2", "--metric", "M02")
    with closing(open_db(fx.db)) as conn, write_tx(conn):
        conn.execute("""UPDATE event_posts SET reasons = '[{"rule": "tag", "weight": 9, "snippet": "s"}]'""")
    reasons = printed(fx, "E2", "--format", "markdown")
    assert [one["number"] for one in listed(fx)] == [2, 1]

    fx.clock.append(NOW + timedelta(days=400))
    fx.more(*NEW)
    assert fx("label", "E2", "id:a02", "--kind", "media") == 0
    with closing(open_db(fx.db)) as conn, write_tx(conn):
        conn.execute("UPDATE events SET name = 'Other', report_timezone = 'UTC', config_hash = 'x', media_outlets = 9")
        conn.execute("UPDATE posts SET title = 'other', url = 'https://other.example/'")
        conn.execute("UPDATE authors SET name = 'Other'")
        conn.execute("DELETE FROM attendance")
    monkeypatch.setattr("harvester.classify.RULES_VERSION", "2099.1")
    known = rules.table("relevance")
    renamed = {name: replace(rule, reason=f"other {rule.reason}") for name, rule in known.rules.items()}
    monkeypatch.setattr(rules, "table", lambda _: replace(known, rules=renamed))

    for (form, lang), text in first.items():
        assert printed(fx, "E2", "--no-snapshot", "--format", form, "--lang", lang) != text
        assert printed(fx, "--snapshot", "1", "--format", form, "--lang", lang) == text, (form, lang)
    assert printed(fx, "E2", "--snapshot", "1", "--metric", "M02") == metric
    assert printed(fx, "--snapshot", "2", "--format", "markdown") == reasons
    assert fx.err == ""


def listed(fx, event="E2"):
    return json.loads(printed(fx, event, "--snapshots", "--json"))


def test_a_report_that_says_the_same_is_frozen_once(fx):
    first = printed(fx, "E2")
    fx.clock.append(NOW + timedelta(days=30))
    printed(fx, "E2", "--format", "html")
    printed(fx, "E2", "--json")
    printed(fx, "E1")
    assert [one["number"] for one in listed(fx)] == [1]
    assert printed(fx, "--snapshot", "1") == first
    fx.more(NEW[0])
    printed(fx, "E2")
    told = listed(fx)
    assert [(one["number"], one["items"], one["erased"], one["headline"]["num"]) for one in told] == [
        (3, 30, 0, 8), (1, 29, 0, 7),
    ]  # fmt: skip
    assert [one["taken_at"] for one in told] == ["2017-03-03T09:30:00Z", "2017-02-01T09:30:00Z"]
    assert re.search(
        r"^ +3  2017-03-03T09:30:00Z  \w{6}  \S+ +30  8 : 2$", printed(fx, "E2", "--snapshots"), re.MULTILINE
    )


def test_the_end_of_the_28_days_is_news(fx):
    for days in (27, 27.5, 29, 40):
        fx.clock.append(datetime(2016, 12, 21, 12, 30, tzinfo=UTC) + timedelta(days=days))
        printed(fx, "E2")
    assert ["still counting" in printed(fx, "--snapshot", one["number"]) for one in listed(fx)][-1]
    assert "28 of 28 days" in printed(fx, "--snapshot", listed(fx)[0]["number"])


def test_nothing_is_frozen_where_nobody_wants_it(fx):
    before = fx.db.read_bytes()
    printed(fx, "E2", "--no-snapshot")
    printed(fx, "E2", "--metric", "M02")
    assert fx.db.read_bytes() == before
    assert "no snapshot of E2 yet" in printed(fx, "E2", "--snapshots")
    printed(fx, "E2")
    before = fx.db.read_bytes()
    printed(fx, "--snapshot", "1")
    assert (fx("diff", "1", "1"), fx.db.read_bytes()) == (0, before)
    assert "nothing changed" in fx.out


def test_a_report_never_fails_for_its_snapshot(fx, monkeypatch):
    monkeypatch.setattr(_frozen, "_WAIT_MS", 20)
    with closing(open_db(fx.db)) as conn:
        conn.execute("BEGIN IMMEDIATE")
        assert "7 : 2" in printed(fx, "E2") or "3.5 : 1" in fx.out
        conn.execute("ROLLBACK")
    assert fx.err.startswith("no snapshot was written: ")
    assert "another program keeps it locked" in fx.err
    monkeypatch.setattr("os.access", lambda path, how: how != os.W_OK)
    assert "3.5 : 1" in printed(fx, "E2")
    assert fx.err.count("\n") == 1
    assert "not writable by this user" in fx.err
    assert "--no-snapshot" in fx.err
    assert printed(fx, "E2", "--no-snapshot")
    assert fx.err == ""
    monkeypatch.undo()
    assert rows(fx.db, "SELECT 1 FROM snapshots") == []


def test_who_sits_at_a_terminal_is_told_the_number(fx, monkeypatch):
    monkeypatch.setattr(_frozen, "_at_a_terminal", lambda: True)
    printed(fx, "E2")
    assert fx.err == "snapshot 1\n"
    printed(fx, "E2")
    assert fx.err == "snapshot 1, unchanged since 2017-02-01T09:30:00Z\n"


@pytest.mark.parametrize("form", ["terminal", "json", "csv", "markdown", "html"])
def test_where_nothing_has_changed_the_frozen_report_is_printed_whenever_it_is_asked_for(fx, clock, form):
    printed(fx, "E2")
    first = printed(fx, "--snapshot", "1", "--format", form)
    clock.append(datetime(2017, 3, 5, 12, 0, tzinfo=UTC))
    database = fx.db.read_bytes()
    assert printed(fx, "E2", "--format", form) == first
    assert fx.db.read_bytes() == database
    later = printed(fx, "E2", "--format", form, "--no-snapshot")
    assert later != first
    assert "2017-03-05" in later


def test_what_is_not_there_is_one_line(fx):
    printed(fx, "E2")
    assert fx("report", "--snapshot", "9") == 2
    assert fx.err == "Error: no snapshot 9 in this database (newest: 1)\n"
    assert fx("report", "E1", "--snapshot", "1") == 2
    assert "snapshot 1 is of E2, not of E1" in fx.err
    assert fx("report") == 2
    assert "name an EVENT, or a frozen report with --snapshot N" in fx.err
    assert fx("report", "nope", "--snapshots") == 2
    printed(fx, "E1")
    assert fx("diff", "1", "2") == 2
    assert "snapshot 1 is of E2, snapshot 2 of E1; name two of one event" in fx.err


def test_another_version_says_that_its_sentences_are_its_own(fx):
    text = printed(fx, "E2")
    with closing(open_db(fx.db)) as conn, write_tx(conn):
        conn.execute("UPDATE snapshots SET numbers = json_replace(numbers, '$.version', '0.0.9')")
    assert printed(fx, "--snapshot", "1") == text
    assert "snapshot 1: frozen by harvester 0.0.9; the sentences are those of" in fx.err


# What changed, and why.


def changed(fx, *words):
    assert fx("diff", *words, "--json") == 0, fx.err
    return json.loads(fx.out)


def steps(told):
    return {
        (one["kind"], one["group"]): (
            one["old"],
            one["new"],
            {(step["n"], step["why"]): step["posts"] for step in one["steps"]},
        )
        for one in told["counts"]
    }


def test_a_diff_names_the_posts_that_made_it_and_adds_up(fx):
    printed(fx, "E2")
    fx.more(*NEW)
    assert fx("label", "E2", "id:a02", "--kind", "media") == 0
    assert fx("label", "E2", "i07", "--relevance", "rejected") == 0
    with closing(open_db(fx.db)) as conn, write_tx(conn):
        conn.execute("UPDATE posts SET published_at = '2017-06-01T00:00:00Z' WHERE key = 'i06'")
        conn.execute("UPDATE event_posts SET counted = 0, not_counted_reason = 'cut' WHERE post_id ="
                     " (SELECT id FROM posts WHERE key = 'i17')")  # fmt: skip
        conn.execute("UPDATE posts SET kind = 'slides' WHERE key = 'i04'")
    printed(fx, "E2")
    told = changed(fx, "1", "2")
    assert steps(told)["participant", "written"] == (7, 3, {
        (1, "new"): ["n1"], (-1, "relabelled (now media, a human's word)"): ["i02"],
        (-1, "no longer about the event (rejected, a human's word)"): ["i07"],
        (-1, "dated out of the window"): ["i06"], (-1, "counted no more (cut)"): ["i17"],
        (-1, "another kind of post (now slides)"): ["i04"],
    })  # fmt: skip
    assert steps(told)["media", "written"] == (2, 4, {
        (1, "new"): ["n2"], (1, "relabelled (was participant, a human's word)"): ["i02"],
    })  # fmt: skip
    for count in told["counts"]:
        assert count["new"] - count["old"] == sum(step["n"] for step in count["steps"])
        assert all(abs(step["n"]) == len(step["posts"]) for step in count["steps"])
    movers = [post["key"] for post in told["posts"] if post["headline"]]
    assert movers == ["i02", "i04", "i06", "i07", "i17", "n1", "n2"]
    assert [post["key"] for post in told["posts"]][: len(movers)] == movers
    about = {post["key"]: post for post in told["posts"]}
    assert (about["n1"]["url"], about["n1"]["title"]) == ("https://qiita.com/new/items/1", "What I learned there")
    assert about["n1"]["changes"] == [["post", "", "there"]]
    assert ["author kind", "participant", "media"] in about["i02"]["changes"]
    assert [change[0] for change in about["i06"]["changes"]] == ["date"]
    assert told["breaks"] == []
    ratio = told["numbers"][0]
    assert (ratio["metric"], ratio["old"]["value"], ratio["new"]["value"]) == ("M02.ratio", 3.5, 0.75)
    assert fx("diff", "1", "2") == 0
    assert "participant written 7 → 3: +1 new (“What I learned there”), " in fx.out
    assert "M02.ratio written" in fx.out
    assert "3.5 (7 : 2), 0.7 to 18.6, " in fx.out
    assert "  * What I learned there\n      https://qiita.com/new/items/1\n      came\n" in fx.out
    assert fx.out.index("* A meetup draws") < fx.out.index("    i08")
    back = steps(changed(fx, "2", "1"))["participant", "written"]
    assert back == (3, 7, {
        (-1, "no longer held"): ["n1"], (1, "relabelled (was media, a human's word)"): ["i02"],
        (1, "now about the event (was rejected, a human's word)"): ["i07"], (1, "dated into the window"): ["i06"],
        (1, "counted now (was cut)"): ["i17"], (1, "another kind of post (was slides)"): ["i04"],
    })  # fmt: skip


def test_a_diff_says_whose_word_another_label_is_where_that_is_known(fx):
    author = "(SELECT id FROM authors WHERE handle = 'a02')"
    for kind, who in (("participant", "rules"), ("media", "rules"), ("participant", "import"), ("media", "human")):
        with closing(open_db(fx.db)) as conn, write_tx(conn):
            conn.execute(f"UPDATE labels SET kind = ?, decided_by = ? WHERE author_id = {author}", (kind, who))
        printed(fx, "E2")
    whose = [steps(changed(fx, str(n), str(n + 1)))["media", "written"][2] for n in (1, 2, 3)]
    assert whose == [
        {(1, "relabelled (was participant, by the rules)"): ["i02"]},
        {(-1, "relabelled (now participant, by an import)"): ["i02"]},
        {(1, "relabelled (was participant, a human's word)"): ["i02"]},
    ]
    about = {post["key"]: post["changes"] for post in changed(fx, "2", "3")["posts"]}
    assert about["i02"] == [["author kind", "media", "participant"], ["labelled by", "rules", "import"]]
    with closing(open_db(fx.db)) as conn, write_tx(conn):  # as it was frozen before anybody kept whose word it was
        conn.execute("UPDATE snapshots SET items = replace(items, '\"labelled_by\"', '\"reasons\"') WHERE id IN (1, 2)")
    assert steps(changed(fx, "2", "1"))["media", "written"][2] == {(-1, "relabelled (now participant)"): ["i02"]}


def test_a_diff_on_a_terminal_is_narrow_and_tells_flags_that_are_of_one_side_only(fx):
    sources = [
        {"type": "run", "run": "r1", "event": "E2", "source": f"source_with_a_name_{n}", "query": "q", "found": 1,
         "platforms": ["qiita", "technews", "x"], "status": "partial", "truncated": True} for n in range(7)
    ]  # fmt: skip
    fx.more(*sources)
    printed(fx, "E2")
    fx.more(*NEW)
    printed(fx, "E2")
    assert fx("diff", "1", "2", "--all") == 0
    assert [line for line in fx.out.splitlines() if width(line) > 100] == []
    lines = fx.out.splitlines()
    at = next(n for n, line in enumerate(lines) if "M02.ratio" in line)
    assert lines[at].endswith("3.5 (7 : 2), 0.7 to 18.6, unknowns 2.3–4.0, truncated")
    assert lines[at + 1].strip() == "→ 2.7 (8 : 3), 0.5 to 15.5, unknowns 2.0–3.0, truncated"
    assert "[truncated:" not in fx.out, "what both sides have is no change"
    with closing(open_db(fx.db)) as conn, write_tx(conn):
        conn.execute("DELETE FROM attendance")
    printed(fx, "E2")
    assert fx("diff", "2", "3") == 0
    gone = re.search(r"M10\.contribution_rate any .*?→ (\w+ \[\w+\])\n", fx.out, re.DOTALL)
    assert gone[1] == "not_applicable [no_attendance_list]"


def test_a_diff_says_that_the_days_and_the_harvester_are_others(fx):
    for days in (10, 27, 40):
        fx.clock.append(datetime(2016, 12, 21, 12, 30, tzinfo=UTC) + timedelta(days=days))
        printed(fx, "E2")
    with closing(open_db(fx.db)) as conn, write_tx(conn):
        conn.execute("UPDATE snapshots SET numbers = json_replace(numbers, '$.version', '0.0.9') WHERE id = 1")
    assert changed(fx, "1", "3")["breaks"] == [f"harvester 0.0.9 → {__version__}", "day 10 of 28 → 28"]


def test_a_diff_says_what_makes_two_reports_hard_to_compare(fx, monkeypatch):
    fx.more({"type": "run", "run": "r1", "event": "E2", "source": "qiita", "query": "#e2", "status": "ok", "found": 3})
    printed(fx, "E2")
    with closing(open_db(fx.db)) as conn, write_tx(conn):
        conn.execute("UPDATE run_sources SET status = 'failed', reason = 'HTTP 500'")
        conn.execute("""INSERT INTO run_sources (run_id, source, query, event, status)
            SELECT run_id, 'note', 'q', event, 'ok' FROM run_sources LIMIT 1""")
        conn.execute("UPDATE events SET config_hash = 'x', ends_at = '2016-12-22T12:30:00Z', media_outlets = 5")
    monkeypatch.setattr("harvester.classify.RULES_VERSION", "2099.1")
    printed(fx, "E2")
    told = changed(fx, "1", "2")
    recipes = [re.fullmatch(r"recipe (\w{6}) → (\w{6})", told["breaks"][0])[n] for n in (1, 2)]
    assert recipes == [told["old"]["recipe"], told["new"]["recipe"]]
    assert told["breaks"][1:] == [
        f"rules {told['old']['rules']} → 2099.1", "the event file was changed",
        "window 2016-12-21 00:00 to 2017-01-18 12:30 → 2016-12-21 00:00 to 2017-01-19 12:30",
        "media outlets checked 2 → 5", "asked since: note",
    ]  # fmt: skip
    assert told["sources"] == [{"source": "qiita", "old": "ok", "new": "failed"}]
    assert told["counts"] == []
    assert told["posts"] == []
    fx("diff", "1", "2")
    assert "! may not compare: recipe " in fx.out
    assert re.search(r"qiita +ok +failed", fx.out)


def test_a_story_that_was_told_apart_is_named_and_one_that_only_has_another_head_is_not(fx):
    own = POST | {"kind": "article", "platform": "web", "author": "a01"}
    told_by = {"s1": "s1", "s2": "s1", "s3": "s3"}
    fx.more(*(own | {"post": name, "url": f"https://s.example/{name}", "story": told_by[name]} for name in told_by))
    printed(fx, "E2")
    with closing(open_db(fx.db)) as conn, write_tx(conn):
        s1, s2, s3 = (
            row["id"] for row in conn.execute("SELECT id FROM posts WHERE url LIKE '%s.example%' ORDER BY url")
        )
        story = conn.execute("SELECT story_id FROM posts WHERE id = ?", (s1,)).fetchone()[0]
        conn.execute("UPDATE stories SET post_id = ? WHERE id = ?", (s2, story))
        conn.execute("UPDATE posts SET title = 'other words' WHERE id = ?", (s3,))
    printed(fx, "E2")
    assert changed(fx, "1", "2")["posts"] == []
    with closing(open_db(fx.db)) as conn, write_tx(conn):
        conn.execute("UPDATE posts SET story_id = ? WHERE id = ?", (story, s3))
    printed(fx, "E2")
    (post,) = changed(fx, "2", "3")["posts"]
    assert [change[0] for change in post["changes"]] == ["story"]
    assert post["title"] == "other words"


# Erased people are in no frozen report.


def leader(person, name, *answered):
    """A row of M14 as measured, with the posts somebody answered."""
    by = {"name": name, "tier": "rising", "quadrant": "newcomer", "events": 1, "kinds": ["micro"], "pull": 2, "give": 1,
          "first_followed": 0, "followers": None, "corporate": False, "organisation": ""}  # fmt: skip
    none = {"links": [], "more": 0}
    evidence = {"events": ["meetup"], "wrote": none, "answered_by": none, "answered": none | {"links": list(answered)}}
    return Metric(metric="M14.leader", group="any", kind=person, flags=("internal",), value=3.0, unit="love", by=by,
                  variants={"evidence": evidence})  # fmt: skip


def answer(post, whose):
    return {"who": "Ben", "did": "reply", "whose": whose, "post": post, "url": "", "by": ""}


LEADER = leader("x:mara_q", "Mara Quill")
OTHERS = leader("x:ben", "Ben", answer("x:1111111111", "Mara Quill"), answer("x:9", "Zoe"))
FIRST = Metric(
    metric="M11.first_followers", group="written", flags=("internal",), by={"Mara Quill": 3, "Ben": 1}, value=2
)
ASKED = Asked(source="feeds", query="#meetup", status="ok", reason="", found=1, returned=None, reported_total=None,
              truncated=False, groups=("written",))  # fmt: skip
LISTED = Metric(metric="M99.listed", by={"media": 2, "who": "Zoe"},
                variants={"posts": ["x:1111111111", "x:2222222222"]}, value=2)  # fmt: skip


def frozen(db, *, many=0):
    """A frozen report in which the erased account is in every place that can name somebody; its number."""
    with closing(open_db(db)) as conn, write_tx(conn):
        conn.execute("UPDATE authors SET name = 'Mara Quill' WHERE handle = 'mara_q'")
        conn.execute("UPDATE events SET config_hash = 'x'")
        frame = load_frame(conn, "meetup", as_of=NOW, rules="r1", shelf=shelf_of(conn))
        asked = replace(ASKED, query="https://x.com/mara_q"), ASKED
        report = build(load_items(conn, "meetup"), replace(frame, asked=asked), name="Meetup")
        items = [replace(item, title=f"w_title_{item.author}") for item in report.items]
        items += [replace(items[-1], key=f"k{n}", url="", author="x:ben", title="長" * 40) for n in range(many)]
        rows = (*report.metrics, LEADER, OTHERS, FIRST, LISTED)
        return snapshots.save(conn, replace(report, items=tuple(items), metrics=rows)).number


def test_who_is_erased_is_in_no_frozen_report(folder, harvest, monkeypatch):
    monkeypatch.setattr(freeze, "LONGEST", 10_000)
    seeded(harvest.db)
    assert frozen(harvest.db) == 1
    assert frozen(harvest.db, many=200) == 2
    assert rows(harvest.db, "SELECT numbers LIKE 'zlib%', items LIKE 'zlib%' FROM snapshots") == [(1, 0), (1, 1)]
    before = [held(harvest.db, number) for number in (1, 2)]
    assert all("mara" in text.lower() for text in before)
    assert harvest("backup") == 0
    assert harvest("forget", "x:mara_q", "--yes") == 0
    after = [held(harvest.db, number) for number in (1, 2)]
    assert not any(re.search("mara_q|mara quill|1111111111", text, re.IGNORECASE) for text in after)
    assert left(folder, ["mara_q", "Mara Quill", "w_title_x:mara_q"]) == []
    ratios = [
        next(row for row in json.loads(text)[0]["metrics"] if row["metric"] == "M02.ratio")
        for text in (before[0], after[0])
    ]
    assert ratios[0] == ratios[1], "numbers stay"
    told = {(row["metric"], row.get("kind")): row for row in json.loads(after[0])[0]["metrics"]}
    assert ("M14.leader", "x:mara_q") not in told
    links = told["M14.leader", "x:ben"]["variants"]["evidence"]["answered"]["links"]
    assert links == [answer("x:9", "Zoe")]
    assert told["M11.first_followers", None]["by"] == {"Ben": 1}
    assert told["M99.listed", None]["variants"]["posts"] == ["x:2222222222"]
    assert told["M99.listed", None]["by"] == {"media": 2, "who": "Zoe"}
    assert [line["query"] for line in json.loads(after[0])[0]["frame"]["asked"]] == ["#meetup"]
    for form in reporting.FORMATS:
        assert harvest("report", "--snapshot", "1", "--format", form) == 0
        assert "snapshot 1: 1 post was taken out since; its numbers still count them\n" in harvest.err
        if form in ("terminal", "html", "markdown"):
            text = re.sub("<[^>]*>", "", harvest.out)
            assert "1 post was taken out since (erased, or opted out): the numbers still count it" in text


def ratio_of(text):
    return next(row for row in json.loads(text)[0]["metrics"] if row["metric"] == "M02.ratio")


def held(db, number):
    """Everything a stored snapshot says, unpacked."""
    ((numbers, items),) = rows(db, "SELECT numbers, items FROM snapshots WHERE id = ?", number)
    return f"[{freeze.unpack(numbers)}, {freeze.unpack(items)}]"


def test_who_leaves_one_event_leaves_its_frozen_reports_only(harvest):
    seeded(harvest.db)
    frozen(harvest.db)
    with closing(open_db(harvest.db)) as conn, write_tx(conn):
        conn.execute("""INSERT INTO events (slug, name, starts_at, ends_at, timezone, config_hash)
            SELECT 'other', name, starts_at, ends_at, timezone, 'y' FROM events""")
        conn.execute("INSERT INTO event_posts (event, post_id) SELECT 'other', post_id FROM event_posts")
        conn.execute(
            "INSERT INTO snapshots SELECT 2, 'other', taken_at, recipe, rules_version, numbers, items FROM snapshots"
        )
    before = held(harvest.db, 2)
    assert harvest("forget", "x:mara_q", "--event", "meetup", "--yes") == 0
    assert not re.search("mara_q|mara quill|1111111111", held(harvest.db, 1), re.IGNORECASE)
    assert held(harvest.db, 2) == before


def test_who_opts_out_is_left_out_of_what_is_printed_again(harvest):
    seeded(harvest.db)
    frozen(harvest.db)
    stored = held(harvest.db, 1)
    with closing(open_db(harvest.db)) as conn, write_tx(conn):
        conn.execute("UPDATE authors SET opted_out = 1 WHERE handle = 'mara_q'")
    for form in reporting.FORMATS:
        assert harvest("report", "--snapshot", "1", "--format", form) == 0
        assert not re.search("mara_q|mara quill|1111111111", harvest.out, re.IGNORECASE), form
        assert "1 post was taken out since" in harvest.err
    assert held(harvest.db, 1) == stored, "a wish may be taken back"


def test_a_diff_adds_up_after_an_erasure(harvest):
    seeded(harvest.db)
    with closing(open_db(harvest.db)) as conn, write_tx(conn):
        conn.execute("UPDATE event_posts SET relevance = 'confirmed', counted = 1")
    assert harvest("report", "meetup") == 0
    assert harvest("forget", "x:mara_q", "--yes") == 0
    with closing(open_db(harvest.db)) as conn, write_tx(conn):
        conn.execute("UPDATE event_posts SET counted = 0, not_counted_reason = 'cut' WHERE post_id = 2")
    assert harvest("report", "meetup") == 0
    assert harvest("diff", "1", "2", "--json") == 0
    (count,) = [one for one in json.loads(harvest.out)["counts"] if one["kind"] == "unknown"]
    assert (count["old"], count["new"]) == (3, 1)
    assert [(step["n"], step["why"], step["posts"]) for step in count["steps"]] == [
        (-1, "counted no more (cut)", ["x:2222222222"]), (-1, "taken out since, and not to be named any more", []),
    ]  # fmt: skip
    assert harvest("diff", "1", "2") == 0
    assert "snapshot 1: posts taken out since: 1; its numbers still count them" in harvest.out
