"""M12 to M22 of many small worlds: the report says what a second implementation makes of the same tables.

The worlds are tables as somebody else would have them, imported as JSON lines; `second_opinion_b` computes the numbers
from the tables without any code of ours. And the list behind each number has as many entries as the number says.
"""

import json
import math
from collections import Counter
from contextlib import closing
from random import Random

import pytest
from click.testing import CliRunner

from harvester.cli import cli
from harvester.store.open import open_db
from tests import second_opinion_b as second
from tests.second_opinion_b_worlds import PHRASES, debate, lines, world

BATCHES = [range(start, start + 6) for start in range(0, 18, 6)]
FAMILIES = (
    second.reach, second.amplification, second.leaders, second.concentration, second.topics,
    lambda seen: second.heat(seen, PHRASES), second.trend, second.selfrunning, second.ladder, second.cadence,
    second.quality,
)  # fmt: skip
# What the list behind a row has: as many entries as this field says, each another one by these columns.
LISTED = {
    "M12.engaged": ("value", "actor"), "M12.one_hop": ("value", "actor"), "M12.potential": ("den", "author"),
    "M12.unknown_followers": ("value", ""), "M12.who": ("value", ""), "M13.reactions": ("num", "key"),
    "M13.top": ("value", "key"), "M15.effective_writers": ("den", "person"), "M15.top_share": ("den", "key"),
    "M15.gini": ("den", "person"), "M17.contribution_rate": ("num", "person"), "M17.kinds_per_contributor": ("den", ""),
    "M17.conversation": ("num", ""), "M19.community_share": ("den", "key"), "M19.events_by_others": ("den", "slug"),
    "M19.talks_by_others": ("den", "key"), "M20.transitions": ("value", "person"), "M20.arrived": ("value", ""),
    "M20.climbed": ("value", ""), "M20.stayed": ("value", ""), "M20.stepped_back": ("value", ""),
    "M20.not_seen": ("value", ""), "M21.events": ("value", "slug"), "M21.cities": ("value", ""),
    "M22.undated": ("num", "key"), "M22.unclassified": ("num", "key"), "M22.off_topic": ("value", "key"),
    "M22.outside_window": ("value", "key"), "M22.merged": ("value", "key"), "M22.rejected": ("value", ""),
    "M22.unlinked_handles": ("value", ""), "M22.audit": ("value", "key"), "M22.agreement": ("den", "key"),
}  # fmt: skip


def imported(tables, folder, seed):
    """A database of the tables; every line of them is taken."""
    source, path = folder / f"{seed}.jsonl", folder / f"{seed}.db"
    source.write_text(lines(tables, Random(seed)), encoding="utf-8")
    done = CliRunner().invoke(cli, ["import", "E1", str(source), "--db", str(path)], catch_exceptions=False)
    assert "rejected 0" in done.output, done.output
    return path


def report(path, event):
    done = CliRunner().invoke(cli, ["report", event, "--json", "--db", str(path)], catch_exceptions=False)
    return json.loads(done.output)


def keyed(rows):
    """Rows by what the second opinion calls them."""
    found = {}
    for row in rows:
        key, by = (row["metric"], row["group"], row["kind"].removeprefix("id:")), row["by"]
        if row["metric"] in ("M13.reactions", "M13.times") and by.get("against") != "owned" and by:
            key = (row["metric"], by["platform"], by["kind"], by["reaction"], by["age_days"])
        found[key] = row
    return found


def said(row, field, wanted):
    """What the report says where the second opinion has `wanted`."""
    if field in ("value", "num", "den", "status"):
        return row[field]
    if field in ("lo", "hi"):
        return (row["bounds"] or {}).get(field)
    if field == "ci":
        ends = row["ci"] or {}
        return (ends.get("lo"), ends.get("hi"))
    if field == "change":
        return row["variants"].get("change")
    if field == "per_attendee":
        return {name: row["variants"]["per_attendee"][name] for name in wanted}
    if field in ("tiers", "steps"):
        return {name: n for name, n in row["by"].items() if n}
    return {name: row["by"][name] for name in wanted} if field == "by" else row["by"].get(field)


def alike(one, other):
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[name], other[name]) for name in one)
    if isinstance(one, tuple):
        return all(map(alike, one, other))
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return one == other


def compared(tables, path, seen):
    """Every number of every event of a world; `seen` counts what was compared."""
    for event in (row["event_id"] for row in tables["event"]):
        rows, view = keyed(report(path, event)), second.World(tables, event)
        for key, fields in ((key, row) for family in FAMILIES for key, row in family(view).items()):
            for field, wanted in fields.items():
                told = said(rows[key], field, wanted)
                assert alike(wanted, told), (path.name, event, key, field, wanted, told)
            seen[key[0], rows[key]["status"]] += 1
        people = {key for key in rows if key[0] == "M14.leader"}
        assert people <= set(second.leaders(view)), (path.name, event)


@pytest.mark.parametrize("seeds", BATCHES, ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}")
def test_the_report_says_what_a_second_implementation_computes(tmp_path, seeds):
    seen = Counter()
    for seed in seeds:
        tables = world(seed)
        compared(tables, imported(tables, tmp_path, seed), seen)
    assert seen["M14.leader", "ok"] > 10
    assert seen["M18.change", "ok"] > 20
    assert seen["M20.transitions", "ok"] > 5
    assert seen["M22.corrected_ratio", "ok"] > 0


def test_topics_are_those_a_second_implementation_finds(tmp_path):
    for seed in range(3):
        tables = debate(seed)
        told = second.topics(second.World(tables, "E1"))
        assert told["M16.topics", "written", "participant"]["value"]
        compared(tables, imported(tables, tmp_path, seed), Counter())


def test_the_list_behind_a_number_has_as_many_entries_as_the_number_says(tmp_path):
    seen = Counter()
    for seed in range(30, 36):
        tables = world(seed)
        path = imported(tables, tmp_path, seed)
        with closing(open_db(path, "ro")) as conn:
            for row in (row for event in tables["event"] for row in report(path, event["event_id"])):
                if row["metric"] in LISTED and row["query"] and row[LISTED[row["metric"]][0]] is not None:
                    field, column = LISTED[row["metric"]]
                    values = {name: row[name] for name in ("event", "group", "kind")}
                    found = conn.execute(row["query"], values).fetchall()
                    listed = len({entry[column] for entry in found} if column else found)
                    assert listed == row[field], (seed, row["event"], row["metric"], row["kind"], row["query"])
                    seen[row["metric"]] += bool(row[field])
    assert {name for name in LISTED if not seen[name]} == {"M22.off_topic", "M22.rejected"}  # none in these worlds


def pair(**changes):
    """Two editions, each with an article by a participant and one by each outlet: one, then two."""
    tables = {name: [] for name in world(0)}
    for number, day in ((1, "2018-05-01"), (2, "2018-08-01")):
        event = {"event_id": f"E{number}", "series_id": "demo", "starts_at": f"{day}T09:00:00Z", "tz": "UTC"}
        told = {name: values[number - 1] for name, values in changes.items()}
        tables["event"].append(event | {"ends_at": f"{day}T12:00:00Z", "name": "Demo"} | told)
        for who, kind in [("p1", "participant"), ("m1", "media"), ("m2", "media")][: number + 1]:
            tables["author_event"].append({"author_id": who, "event_id": f"E{number}", "kind": kind})
            row = {"item_id": f"{who}{number}", "event_id": f"E{number}", "platform": "note", "item_kind": "article"}
            row |= {"author_id": who, "published_at": f"{day}T13:00:00Z", "published_precision": "second"}
            tables["item"].append(row | {"relation": "original", "counted": 1})
    return tables


def media_change(tables, folder):
    rows = keyed(report(imported(tables, folder, 1), "E2"))
    return rows["M18.change", "written", "media"]


def test_outlets_that_a_file_labels_are_no_other_list_of_outlets(tmp_path):
    row = media_change(pair(), tmp_path)
    assert (row["status"], row["value"], row["num"], row["den"]) == ("ok", 2, 2, 1)


def test_other_numbers_of_checked_outlets_and_other_recipes_are_a_break(tmp_path):
    (tmp_path / "recipe").mkdir()
    outlets = media_change(pair(media_outlets=(48, 40)), tmp_path)
    assert (outlets["status"], outlets["flags"]) == ("not_applicable", ["other_outlets"])
    recipe = media_change(pair(recipe_hash=("7f3a91", "aa0011")), tmp_path / "recipe")
    assert (recipe["status"], recipe["flags"], recipe["value"]) == ("not_applicable", ["other_recipe"], None)


def test_a_copy_on_a_second_host_has_readers_there(tmp_path):
    tables = pair()
    copy = tables["item"][0] | {"item_id": "c1", "platform": "medium", "relation": "crosspost", "counted": 0}
    tables["item"].append(copy | {"parent_item_id": "p11", "story_id": "p11"})
    tables["audience"] = [{"author_id": "p1", "platform": "medium", "followers": 70, "observed_at": "2018-05-02"}]
    rows = keyed(report(imported(tables, tmp_path, 2), "E1"))
    found = rows["M12.potential", "any", "medium"]
    assert (found["bounds"]["lo"], found["num"], found["den"]) == (70, 1, 1)


def test_a_talk_for_the_vendor_is_no_love_of_whoever_came_back_without_it(tmp_path):
    tables = pair()
    tables["author_event"][0] |= {"kind": "vendor", "subkind": "speaker"}
    tables["edge"] = [{"event_id": "E2", "edge_type": "bookmark", "actor_id": "x1", "dst_item_id": "p12"}]
    rows = keyed(report(imported(tables, tmp_path, 3), "E2"))
    assert rows["M14.leader", "any", "p1"]["value"] == 4  # attended and wrote; nothing of the vendor's time
