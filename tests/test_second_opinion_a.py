"""M01 to M11 of random worlds, through import and report, against a second reading of their definitions."""

import json
import sqlite3
from collections import Counter
from contextlib import closing

import pytest
from click.testing import CliRunner

from harvester.cli import cli
from tests.second_opinion_a import measured
from tests.second_opinion_a_worlds import World, documented, raw

SEEDS = range(24)
START, END = "2019-03-01T10:00:00Z", "2019-03-01T12:00:00Z"
EVENTS = [{"type": "event", "event_id": f"E{n}", "series_id": "s", "starts_at": START.replace("19", f"1{n}"),
           "ends_at": END.replace("19", f"1{n}"), "tz": "Asia/Tokyo"} for n in (8, 9)]  # fmt: skip


@pytest.fixture
def reported(tmp_path, monkeypatch):
    """Import records into a database of their own, report on an event, give (rows by key, what the import said)."""

    def call(records, event):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        call.db = path.with_suffix(".db")
        monkeypatch.setenv("HARVEST_DB", str(call.db))
        taken = CliRunner().invoke(cli, ["import", event, str(path), "--json"])
        assert taken.exit_code == 0, taken.output
        said = CliRunner().invoke(cli, ["report", event, "--json"])
        assert said.exit_code in (0, 3), said.output
        rows = {(row["metric"], row["group"], row["kind"]): row for row in json.loads(said.stdout)}
        return rows, json.loads(taken.stdout)["files"][0]

    return call


def item(key, who, **changes):
    return {"type": "item", "item_id": key, "event_id": "E9", "platform": "qiita", "item_kind": "article",
            "relation": "original", "story_id": key, "author_id": who, "published_at": "2019-03-02T00:00:00Z",
            "published_precision": "second", "counted": 1} | changes  # fmt: skip


def labelled(who, kind="participant", event="E9"):
    return {"type": "author_event", "author_id": who, "event_id": event, "kind": kind}


# --- the same numbers -------------------------------------------------------------------------------------------------


def near(mine, theirs):
    """Numbers, pairs of numbers, or None on both sides."""
    if isinstance(mine, tuple) and isinstance(theirs, dict):
        return all(map(near, mine, (theirs["lo"], theirs["hi"])))
    return theirs == (None if mine is None else pytest.approx(mine))


def unlike(key, mine, row):
    """What a row says otherwise than the second opinion."""
    if row is None:
        # Re-ignition has a row of participants only where one wrote.
        return [] if key[0] == "M07.reignition" and not mine["value"] else ["no row"]
    if row["status"] in ("unmeasured", "insufficient") and not mine.get("value"):
        return []  # "nobody looked" and "too few" say more than a 0
    if "no_outlet_list" in row["flags"]:
        return [] if row["value"] is None else ["a ratio without outlets"]
    return [name for name in ("status", "value", "num", "den", "ci", "bounds") if name in mine
            and not near(mine[name], row[name])] + list(broken_down(key, mine, row))  # fmt: skip


def broken_down(key, mine, row):
    """The names of breakdowns that differ."""
    by, variants = row["by"], row["variants"]
    days = {day: n for day, n in mine.get("days", {}).items() if variants["first_day"] <= day <= variants["last_day"]}
    if key[0] == "M11.first_followers":
        by = {who.removeprefix("id:").removeprefix("x:nick_"): n for who, n in by.items()}
    checks = {
        "by": lambda told: all((by.get(name) or 0) == n for name, n in told.items()),
        "broad": lambda told: near(told, variants.get("broad")),
        "placements": lambda told: near(told, variants.get("placements")),
        "days": lambda _: days == {one["day"]: one["n"] for one in row["series"]},
        "undated": lambda told: told == by["undated"],
        "n": lambda told: told == by.get("n", told),
        "range": lambda told: near(told[0], told[1]) or near(told, row["bounds"]),
        "unlinked": lambda told: told == variants["unlinked_handles"],
        "unmatched": lambda told: told == by["unmatched_writers"],
        "lit": lambda told: told == [line["day"] for line in variants["days"]],
        "posts": lambda told: told == sorted(line["post"] for line in variants["lines"]),
    }
    return (name for name, same in checks.items() if name in mine and not same(mine[name]))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_report_says_what_a_second_reading_of_the_definitions_says(seed, reported):
    tables = World(seed).tables
    event = tables["event"][-1 if seed % 4 else 0]["event_id"]
    rows, taken = reported((raw if seed % 2 else documented)(tables), event)
    assert not taken["rejected"]
    opinion = measured(tables, event)
    assert opinion
    assert {key: found for key, mine in opinion.items() if (found := unlike(key, mine, rows.get(key)))} == {}
    behind_numbers(rows, reported.db, event)


# --- and the lists behind them ----------------------------------------------------------------------------------------


def parts(row):
    """How many items the list behind a number has to have, by what its rows are counted by."""
    metric, by = row["metric"], row["by"]
    if metric in ("M02.ratio", "M02.share"):
        media = row["den"] if metric == "M02.ratio" else row["den"] - row["num"]
        return {"participant": row["num"], "media": media}
    if metric == "M11.first_followers":
        return by
    if metric.startswith("M06"):
        return row["num"] + row["den"] if metric == "M06.baseline_lift" else by["n"]
    if metric == "M07.reignition":
        return sum(day["stories"] for day in row["variants"]["days"])
    of = {"M03.stories_per_writer": "den", "M04.at_least": "num", "M04.found": "num", "M04.stratum": "num",
          "M08.new_share": "num", "M08.return_rate": "num", "M10.contribution_rate": "num", "M11.answered": "den",
          "M11.median_hours": "num"}  # fmt: skip
    return row[of.get(metric, "value")] or 0


def listed(row, found):
    """The same of what the list has."""
    if row["metric"] in ("M02.ratio", "M02.share"):
        kinds = Counter(line["author_kind"] for line in found)
        return {"participant": kinds["participant"], "media": kinds["media"]}
    if row["metric"] == "M11.first_followers":
        return Counter(line["actor"] for line in found)
    return len({line["story"] for line in found}) if row["metric"].startswith("M04") else len(found)


def behind_numbers(rows, db, event):
    """Each number's list has the number's items."""
    with closing(sqlite3.connect(db)) as conn:
        conn.row_factory = sqlite3.Row
        for key, row in rows.items():
            if not row["query"] or not "M01" <= key[0] < "M12" or row["status"] == "unmeasured":
                continue
            if key[0] == "M04.ratio_if_missed":  # a what-if of M02, whose list it has
                continue
            bound = {"event": event, "kind": row["kind"], "group": row["group"]}
            assert listed(row, conn.execute(row["query"], bound).fetchall()) == parts(row), key


# --- what the worlds brought to light ---------------------------------------------------------------------------------


def test_who_is_on_the_list_by_the_id_that_an_author_record_names_is_that_author(reported):
    room = {"type": "attendance", "event_id": "E9", "person_id": "a1", "status": "attended"}
    named = {"type": "identity", "author_id": "a1", "platform": "x", "handle": "aoki"}
    rows, _ = reported([*EVENTS, room, named, labelled("a1"), item("i1", "a1")], "E9")
    row = rows["M10.contribution_rate", "any", ""]
    assert (row["num"], row["den"], row["by"]["unmatched_writers"]) == (1, 1, 0)


def test_kinds_that_tables_have_under_other_names_are_taken(reported):
    reply = item("i2", "a1", item_kind="reply", parent_item_id="i1", counted=0)
    rows, taken = reported([*EVENTS, labelled("a1"), item("i1", "a1", item_kind="Photo set"), reply], "E9")
    assert not taken["rejected"]
    assert rows["M01.volume", "other", "photos"]["value"] == 1
    assert rows["M01.not_counted", "", ""]["by"] == {"reply": 1}


def test_outlets_that_wrote_about_another_edition_were_checked_for_this_one(reported):
    wrote = [item(f"i{n}", f"a{n}") for n in range(12)]
    people = [labelled(f"a{n}") for n in range(12)]
    row = reported([*EVENTS, *people, labelled("m1", "media", "E8"), *wrote], "E9")[0]["M02.ratio", "written", ""]
    assert (row["status"], row["value"], row["flags"]) == ("ok", None, ["zero_media"])
    assert row["ci"]["lo"] == pytest.approx(2.7786, abs=5e-5)
    row = reported([*EVENTS, *people, *wrote], "E9")[0]["M02.share", "written", ""]
    assert (row["status"], row["value"], row["flags"]) == ("unmeasured", None, ["no_outlet_list"])


def test_less_than_the_service_reports_is_cut_off_unless_the_run_says_otherwise(reported):
    run = {"type": "run", "run_id": 1, "source_id": "q", "started_at": "2019-04-11T00:00:00Z", "status": "ok",
           "n_returned": 8, "n_reported_total": 30, "platform": "qiita"}  # fmt: skip
    world = [*EVENTS, labelled("a1"), item("i1", "a1")]
    assert reported([*world, run], "E9")[0]["M01.volume", "written", "article"]["flags"] == ["truncated:q"]
    rows, _ = reported([*world, run | {"truncated": 0}], "E9")
    assert rows["M01.volume", "written", "article"]["status"] == "ok"
    sent = CliRunner().invoke(cli, ["export", "E9"])
    (line,) = [line for line in map(json.loads, sent.stdout.splitlines()) if line["type"] == "run"]
    assert line["truncated"] == 0


def test_a_month_is_in_the_window_to_its_last_day(reported):
    months = [item(f"i{n}", "a1", published_at=at, published_precision="month")
              for n, at in enumerate(("2019-01-31T15:00:00Z", "2019-02-28T15:00:00Z"))]  # fmt: skip
    rows, _ = reported([*EVENTS, labelled("a1"), *months], "E9")  # February and March of Tokyo; the event is in March
    assert rows["M01.volume", "written", "article"]["value"] == 1


def test_who_answered_twice_was_first_with_the_earlier_answer(reported):
    edge = {"type": "edge", "event_id": "E9", "edge_type": "bookmark", "dst_item_id": "i1"}
    marks = [
        edge | {"actor_id": who, "at": f"2019-03-02T0{hour}:00:00Z"} for who, hour in (("x1", 1), ("x2", 2), ("x1", 3))
    ]
    rows, _ = reported([*EVENTS, labelled("a1"), item("i1", "a1"), *marks], "E9")
    assert rows["M11.first_followers", "written", ""]["by"] == {"id:x1": 1}


def test_a_tie_has_the_moment_that_is_told_of_it_and_no_other(reported):
    tie = {
        "type": "edge",
        "event_id": "E9",
        "edge_type": "link",
        "actor_id": "a2",
        "src_item_id": "i2",
        "dst_item_id": "i1",
    }
    rows, _ = reported([*EVENTS, labelled("a1"), item("i1", "a1"), item("i2", "a2"), tie], "E9")
    assert rows["M11.first_followers", "written", ""]["value"] == 0
    assert rows["M11.unanswered", "written", ""]["value"] == 0


def test_a_translation_is_a_story_of_whoever_translated(reported):
    made = {name: value for name, value in item("i2", "a2", relation="translation").items() if name != "counted"}
    rows, _ = reported([*EVENTS, labelled("a1"), labelled("a2"), item("i1", "a1"), made], "E9")
    assert rows["M01.volume", "written", "article"]["value"] == 2
