"""`harvest compare` through its door: the worked fixture, series of many editions, breaks and states."""

import csv
import io
import json
import re
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from harvester.cli import cli, run
from harvester.cli import compare as command
from harvester.report import compare_charts
from harvester.report.charts import svg
from harvester.report.drawings import Dot
from harvester.report.language import ENGLISH
from harvester.report.layout import width
from harvester.store import items as stored
from harvester.store.connection import write_tx
from harvester.store.items import load_frame, shelf_of
from harvester.store.open import open_db
from tests.markup import tables_of

NOW = datetime(2017, 2, 1, tzinfo=UTC)
FX = Path(__file__).parent / "fixtures" / "interchange" / "fx.jsonl"
ALL = {"type": "event", "event": "every", "name": "Demo Meetup", "series": "demo", "edition": "ALL",
       "starts_at": "2016-01-01T00:00:00Z", "ends_at": "2016-12-31T00:00:00Z", "timezone": "Asia/Tokyo"}  # fmt: skip


def imported(folder, lines, event="E2"):
    source, path = folder / "lines.jsonl", folder / "h.db"
    source.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    result = CliRunner().invoke(cli, ["import", event, str(source), "--db", str(path)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return path


def fixture(*more):
    return [json.loads(line) for line in FX.read_text("utf-8").splitlines()] + list(more)


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    return imported(tmp_path_factory.mktemp("fx"), fixture())


def asked(db, *arguments, command="compare"):
    result = CliRunner().invoke(
        cli, [command, *arguments, "--db", str(db)], catch_exceptions=False, standalone_mode=False
    )
    assert result.return_value in (0, None), result.output
    return result.stdout


def crawled(db, event, *questions):
    """A run of sources on record: (source, query)."""
    with closing(open_db(db)) as conn, write_tx(conn):
        moment = "2017-02-01T00:00:00Z"
        at = conn.execute(
            """INSERT INTO runs (command, event, started_at, ended_at, status, exit_code)
               VALUES ('crawl', ?, ?, ?, 'ok', 0)""",
            (event, moment, moment),
        ).lastrowid
        for source, query in questions:
            conn.execute(
                """INSERT INTO run_sources (run_id, source, query, event, status, started_at)
                   VALUES (?, ?, ?, ?, 'ok', ?)""",
                (at, source, query, event, moment),
            )


def test_seven_articles_after_three(db):
    text = asked(db, "E1", "E2")
    assert "Articles by participants: 7 at E2 after 3 at E1, no clear change." in text
    assert "×2.3 (0.5–10.1)" in text
    assert "3.5 (0.7–18.6)" in text
    assert max(width(line) for line in text.splitlines()) <= 96
    assert not set(asked(db, "E1", "E2", "--plain")) & set("─╎")


def test_each_number_is_that_of_the_editions_own_report(db):
    found = json.loads(asked(db, "E2", "E1", "--json"))
    assert [row["event"] for row in found] == sorted(row["event"] for row in found)
    for event in ("E1", "E2"):
        own = json.loads(asked(db, event, "--json", "--no-snapshot", command="report"))
        rows = [row for row in found if row["event"] == event]
        for row in own + rows:
            del row["as_of"]
        assert len(rows) > 15
        assert [row for row in rows if row not in own] == []


def test_the_change_of_the_fixture(db):
    rows = json.loads(asked(db, "demo", "--json"))
    row = next(r for r in rows if r["metric"] == "M18.change" and r["kind"] == "participant")
    assert (row["event"], row["num"], row["den"], row["status"]) == ("E2", 7, 3, "ok")
    assert row["value"] == pytest.approx(2.33, abs=5e-3)
    assert (row["ci"]["lo"], row["ci"]["hi"]) == (pytest.approx(0.54, abs=5e-3), pytest.approx(10.09, abs=5e-3))
    assert (row["variants"]["change"], row["variants"]["previous_event"]) == ("no_clear_change", "E1")
    assert row["variants"]["per_attendee"]["value"] == pytest.approx(7 / 12 / (3 / 10))
    with closing(open_db(db)) as conn:
        listed = conn.execute(row["query"], {"event": "E2"}).fetchall()
    assert len(listed) == 10


def test_names_of_people_are_in_no_face(db):
    for form in ("terminal", "json", "csv", "html"):
        text = asked(db, "demo", "--format", form)
        assert not [name for name in ("id:a01", "first_followers", "M14") if name in text], form


def test_a_state_has_no_value(db):
    rows = [r for r in json.loads(asked(db, "demo", "--json")) if r["event"] == "E1"]
    states = {r["metric"]: r for r in rows if r["status"] not in ("ok", "truncated")}
    assert {"M06.t50", "M08.new_share", "M12.engaged"} <= set(states)
    assert {row["value"] for row in states.values()} == {None}
    lines = asked(db, "demo").splitlines()
    assert next(line for line in lines if line.startswith("new contributors")).split()[2:5] == ["does", "not", "apply"]
    assert any(line.startswith("E1, does not apply (first event of its series here): new contr") for line in lines)


def test_a_series_is_named_by_itself_or_by_one_of_its_events(db):
    assert asked(db, "demo") == asked(db, "E1") == asked(db, "E2", "E1")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["nobody"], "no event 'nobody'"), (["E1", "E9"], "no event 'E9'"), (["E1", "E1"], "the only edition")],
)
def test_what_cannot_be_compared_is_named(db, capsys, arguments, told):
    assert run(["compare", *arguments, "--db", str(db)]) != 0
    assert told in capsys.readouterr().err


def test_every_face_has_the_same_numbers(db):
    page = asked(db, "demo", "--format", "html")
    tables = tables_of(page)
    cells = {row[0]: row[1:] for row in tables["Every number as in the report of its edition"]}
    few = "only few media stories"
    assert cells["participants : media"] == [f"3.0 (0.3–28.8) · {few}", f"3.5 (0.7–18.6) · {few}"]
    assert cells["new contributors"][0] == "does not apply (first event of its series here)"
    changes = {row[0]: row[1:] for row in tables["From one edition to the next"]}
    assert changes["articles by participants"][:4] == ["E1 → E2", "3", "7", "×2.3 (0.5–10.1)"]
    assert changes["articles by participants"][4].startswith("no clear change")
    assert "<script" not in page
    assert page.count("<svg") >= 2
    lines = list(csv.DictReader(io.StringIO(asked(db, "demo", "--format", "csv"))))
    row = next(r for r in lines if r["metric"] == "M02.ratio" and r["event"] == "E2")
    assert (row["value"], row["ci.hi"][:7]) == ("3.5", "18.5602")
    assert [r["metric"] for r in lines].count("metric") == 0


def test_a_number_is_no_surer_beside_others_than_in_its_own_report(db):
    report, text = asked(db, "E2", "--no-snapshot", command="report"), asked(db, "demo")
    assert "at most 3 of 6 new · at least 3 of 4 of last time's came back" in report
    assert re.search(r"new contributors .* ≤3 of 6 \(", text)
    assert re.search(r"contributors back .* ≥3 of 4 \(", text)
    assert re.search(r"new attendees .* 7 of 12 \(", text), "a list is whole"
    assert "E1, E2, only few media stories: participants : media" in text


def test_more_or_fewer_says_what_unknown_authors_leave_open(tmp_path):
    records = []
    for slug, day, known in (("then", "2016-09-14", 20), ("now", "2016-12-21", 1)):
        records.append({"type": "event", "event": slug, "series": "s", "starts_at": f"{day}T10:00:00Z",
                        "ends_at": f"{day}T12:00:00Z", "media_outlets": 3})  # fmt: skip
        for n in range(20):
            post = {"type": "post", "post": f"{slug}{n}", "url": f"https://q.example/{slug}{n}", "kind": "article",
                    "author": f"{slug}{n}", "published_at": f"{day}T20:00:00Z", "event": slug}  # fmt: skip
            label = {"type": "label", "event": slug, "author": f"{slug}{n}", "kind": "participant"}
            records += [post, *([label] if n < known else [])]
    db = imported(tmp_path, records, event="now")
    aside = "×0.1–1.0 if the unclassified went one way or the other"
    report = asked(db, "now", "--no-snapshot", command="report")
    assert re.search(r"Articles by participants 20 → 1   ×0\.1 \(0\.0–0\.4\)   fewer", report)
    assert aside in " ".join(report.split())
    assert f"after 20, fewer. ({aside})" in asked(db, "now", "--format", "markdown", command="report")
    text = " ".join(asked(db, "then", "now").split())
    assert text.startswith(f"Articles by participants: 1 at now after 20 at then, fewer. ({aside})")
    assert f"now, articles by participants: {aside}" in text
    page = asked(db, "then", "now", "--format", "html")
    cells = {row[0]: row[1:] for row in tables_of(page)["From one edition to the next"]}
    assert cells["articles by participants"][4].startswith(f"fewer · {aside}")


def test_the_japanese_face_has_the_same_numbers(db):
    text = asked(db, "demo", "--lang", "ja")
    assert "明確な差" in text
    assert "×2.3" in text
    assert max(width(line) for line in text.splitlines()) <= 96
    assert '<html lang="ja"' in asked(db, "demo", "--lang", "ja", "--format", "html")


def test_editions_that_were_harvested_otherwise_have_a_break_and_no_ratio(tmp_path):
    db = imported(tmp_path, fixture())
    crawled(db, "E1", ("qiita", '"Demo Meetup #1"'), ("x", "#demo"))
    crawled(db, "E2", ("qiita", '"Demo Meetup #2"'), ("x", "#demo"))
    assert "╎" not in asked(db, "demo")
    crawled(db, "E2", ("note", "#demo"))
    text = asked(db, "demo")
    assert "╎ E2: note is new" in text
    assert "×" not in text
    assert next(line for line in text.splitlines() if line.startswith("participants : media")).count("╎") == 1
    rows = json.loads(asked(db, "demo", "--json"))
    change = [r for r in rows if r["metric"].startswith("M18.") and r["den"]]
    assert {(r["status"], r["value"], r["ci"]) for r in change} == {("not_applicable", None, None)}
    assert all("new_source:note" in r["flags"] for r in change)
    assert "note is new" in asked(db, "demo", "--format", "html")
    assert "|" in asked(db, "demo", "--plain")


def series(count, posts=3):
    """Editions a year apart; in each the same three people write."""
    for n in range(count):
        yield {"type": "event", "event": f"meet-{n}", "name": f"Meet {n}", "series": "meet", "edition": str(n),
               "starts_at": f"{2001 + n}-06-01T10:00:00Z", "ends_at": f"{2001 + n}-06-01T12:00:00Z",
               "timezone": "Asia/Tokyo", "media_outlets": 2}  # fmt: skip
        for i in range(posts):
            where = {"event": f"meet-{n}", "relevance": "confirmed", "counted": 1, "decided_by": "human"}
            yield {"type": "post", "post": f"p{n}-{i}", "kind": "article", "platform": "qiita", "author": f"a{i % 3}",
                   "published_at": f"{2001 + n}-06-02T00:00:00Z", "published_precision": "second",
                   "relation": "original", "story": f"p{n}-{i}", "events": [where]}  # fmt: skip
        for i in range(3):
            yield {"type": "label", "event": f"meet-{n}", "author": f"a{i}", "kind": "participant",
                   "decided_by": "human"}  # fmt: skip


def test_ten_editions_fit_the_terminal_and_each_is_read_once(tmp_path, monkeypatch):
    db = imported(tmp_path, [*series(12), ALL], "meet-0")
    read, loading = [], stored.load_items

    def counting(conn, event):
        read.append(event)
        return loading(conn, event)

    monkeypatch.setattr(stored, "load_items", counting)
    text = asked(db, "meet")
    assert sorted(read) == sorted(f"meet-{n}" for n in range(12))
    assert max(width(line) for line in text.splitlines()) <= 96
    assert "only the newest 10 of 12" in text
    assert "· no clear change" in text
    assert len({row["event"] for row in json.loads(asked(db, "meet", "--json"))}) == 12


def test_a_file_about_all_editions_stands_beside_none_of_them(tmp_path):
    db = imported(tmp_path, fixture(ALL))
    with closing(open_db(db)) as conn:
        seen = {
            event: [
                one.event for one in load_frame(conn, event, as_of=NOW, rules="r", shelf=shelf_of(conn)).world.editions
            ]
            for event in ("E1", "E2", "every")
        }
    assert seen == {"E1": ["E1", "E2"], "E2": ["E1", "E2"], "every": ["every"]}
    assert asked(db, "demo").splitlines()[2].split() == ["E1", "E2"]


def test_drawings_hold_the_same_numbers_and_nothing_where_a_state_is(db):
    found = command._compared(("demo",), db)
    drawn = {section: one[0] for section, one in compare_charts.charts(found, ENGLISH).items()}
    panels = {panel.name: panel for panel in drawn["numbers"].drawing.panels}
    ratios = [(dot.value, round(dot.lo, 2), round(dot.hi, 2)) for dot in panels["participants : media"].dots]
    assert ratios == [(3.0, 0.31, 28.84), (3.5, 0.66, 18.56)]
    assert panels["contributors back"].dots[0] == Dot(value=None, lo=None, hi=None)
    change = next(row for row in drawn["changes"].drawing.rows if row.label == "Articles by participants")
    assert (round(change.lo, 2), round(change.hi, 2)) == (0.54, 10.09)
    words = {name: re.findall(r"<text[^>]*>([^<]+)<", svg(chart)) for name, chart in drawn.items()}
    assert {"E1", "E2", *panels} <= set(words["numbers"])
    assert "Articles by participants" in words["changes"]
