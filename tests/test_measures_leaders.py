"""First follower, reach, amplification and leader candidates: plain values, and the worked fixture through import."""

import json
import re
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from harvester.cli import cli
from harvester.event_file import read_event
from harvester.measure import amplification, answers, leader_rows, leaders, reach
from harvester.measure.world import Counted, Edition, Followers, Tie, World
from harvester.store.connection import write_tx
from harvester.store.events import save_event
from harvester.store.items import load_frame, shelf_of
from harvester.store.open import open_db
from tests.test_measures import END, START, frame, item

FX = Path(__file__).parent / "fixtures" / "interchange" / "fx.jsonl"
TOLD = datetime(2016, 12, 22, 1, tzinfo=UTC)  # when `item` was published


def at(hours):
    return TOLD + timedelta(hours=hours)


def tie(target, actor, when=None, kind="bookmark", **changes):
    """An answer to post `target` of the author `web:<target>`."""
    values = {"event": "e", "type": kind, "actor": actor, "source_post": None, "target_post": target,
              "target_person": f"web:{target}", "at": when}  # fmt: skip
    return Tie(**values | changes)


def edition(items, event="e", *, ends=END, **changes):
    kinds = {one.human: (one.author_kind, one.author_subkind) for one in items if one.human}
    values = {"event": event, "name": event, "starts": ends - timedelta(hours=2), "ends": ends, "items": tuple(items)}
    return Edition(**values | {"kinds": kinds | changes.pop("kinds", {})} | changes)


def at_event(items, ties=(), *, before=(), as_of=None, followers=(), reactions=(), threshold=3000, **changes):
    world = World(
        editions=(*before, edition(items, **changes)), ties=tuple(ties), followers=tuple(followers),
        reactions=tuple(reactions), reach_threshold=threshold,
    )  # fmt: skip
    return frame(world=world, **({"as_of": as_of} if as_of else {}))


def first(rows, metric, group=""):
    return next(row for row in rows if row.metric == metric and group in ("", row.group))


def m11(items, ties, **changes):
    return answers.measure(items, at_event(items, ties, **changes))


# First follower


def test_share_and_median_of_the_fixture_as_plain_values():
    ties = [tie(1, "x:a", at(8)), tie(2, "x:b", at(4)), tie(4, "web:1", at(97), "link")]
    rows = m11([item(n) for n in range(1, 7)], ties)
    share = first(rows, "M11.answered", "written")
    assert (share.value, share.num, share.den) == (2 / 6, 2, 6)
    assert (round(share.ci.lo, 2), round(share.ci.hi, 2), share.ci.meaning) == (0.10, 0.70, "chance")
    assert first(rows, "M11.median_hours", "written").value == 97
    assert first(rows, "M11.first_followers", "written").by == {"web:1": 1, "x:a": 1, "x:b": 1}


@pytest.mark.parametrize("kind", ["organiser", "vendor", "sponsor", "aggregator"])
def test_answers_of_owned_accounts_and_copying_machines_are_skipped(kind):
    ties = [tie(1, "x:them", at(1)), tie(1, "x:later", at(9))]
    found = first(m11([item(1)], ties, kinds={"x:them": (kind, "")}), "M11.answered").variants["stories"]
    assert found[0]["hours"] == 9
    only = m11([item(1)], ties[:1], kinds={"x:them": (kind, "")})
    assert first(only, "M11.unanswered").value == 1


def test_nobody_answers_themselves_and_a_mention_is_no_answer():
    ties = [tie(1, "web:1", at(1)), tie(1, "x:a", at(1), "mention")]
    assert first(m11([item(1)], ties), "M11.unanswered").value == 1


def test_an_answer_to_a_copy_or_a_part_is_an_answer_to_the_story():
    copy = item(2, author="web:1", story="k1", relation="crosspost", counted=False)
    items = [item(1), copy]
    rows = m11(items, [tie(2, "x:a", at(3), target_person="web:1")])
    assert first(rows, "M11.answered").variants["stories"][0]["hours"] == 3


def test_equal_seconds_fall_to_the_platforms_order():
    ties = [
        tie(1, "x:late", at(1).replace(microsecond=1), order=9),
        tie(1, "x:soon", at(1).replace(microsecond=8), order=2),
    ]
    assert first(m11([item(1)], ties), "M11.first_followers").by == {"x:soon": 1}
    assert first(m11([item(1)], ties[::-1]), "M11.first_followers").by == {"x:soon": 1}


def test_an_edge_without_a_time_has_no_hours_and_keeps_its_story_off_the_list():
    items = [item(n) for n in range(1, 7)]
    rows = m11(items, [tie(1, "x:a"), tie(2, "x:b", at(5))])
    share = first(rows, "M11.answered")
    assert (share.num, share.bounds.lo, share.bounds.hi) == (1, 1 / 6, 2 / 6)
    assert first(rows, "M11.unanswered").value == 4
    assert first(rows, "M11.first_followers").by == {"x:b": 1}
    assert first(reach.measure(items, at_event(items, [tie(1, "x:a")])), "M12.engaged").value == 1


def test_a_story_of_a_day_counts_from_its_beginning_and_may_have_been_in_time():
    day = replace(item(1), precision="day")
    items = [day, *(item(n) for n in range(2, 7))]
    share = first(m11(items, [tie(1, "x:a", at(80))]), "M11.answered")
    assert (share.num, share.bounds.hi) == (0, 1 / 6)
    assert first(m11(items, [tie(1, "x:a", at(99))]), "M11.answered").bounds is None


def test_a_young_story_is_not_yet_unanswered_in_time_and_undated_ones_are_apart():
    items = [item(n) for n in range(1, 7)] + [item(9, published_at=None, precision="unknown", local_day="")]
    share = first(m11(items, [tie(1, "x:a", at(1))], as_of=at(24)), "M11.answered")
    assert (share.num, share.den, share.by) == (1, 6, {"undated": 1, "open": 5})
    assert share.bounds.hi == 1


def test_the_median_is_not_reached_when_more_than_half_have_no_answer():
    rows = m11([item(n) for n in range(1, 7)], [tie(1, "x:a", at(1)), tie(2, "x:a", at(2))])
    median = first(rows, "M11.median_hours")
    assert (median.value, median.flags, median.status) == (None, ("not_reached",), "ok")


def test_few_stories_are_listed_and_no_edge_at_all_is_unmeasured():
    rows = m11([item(1)], [tie(1, "x:a", at(7))])
    share = first(rows, "M11.answered")
    assert (share.status, share.value) == ("insufficient", None)
    assert [(s["post"], s["hours"]) for s in share.variants["stories"]] == [("k1", 7)]
    nobody = first(m11([item(1)], []), "M11.answered")
    assert (nobody.status, nobody.flags) == ("unmeasured", ("no_answers_known",))
    assert first(m11([item(1, "media")], []), "M11.answered").status == "not_applicable"
    assert first(m11([], []), "M11.answered").flags == ("no_source",)


def test_an_answer_dated_before_its_story_came_at_once():
    found = first(m11([item(1)], [tie(1, "x:a", at(-5))]), "M11.answered")
    assert found.variants["stories"][0]["hours"] == 0


# Reach


def seen(account, followers, day=0, platform="x", person=""):
    return Followers(person=person or account, account=account, platform=platform, followers=followers,
                     observed_at=END + timedelta(days=day))  # fmt: skip


def on_x(number, kind="micropost", **changes):
    values = {"platform": "x", "group": "micro", "author": f"x:{number}"}
    return replace(item(number, **values | changes), kind=kind)


def potential(items, followers, ties=()):
    return {row.kind or row.metric: row for row in reach.measure(items, at_event(items, ties, followers=followers))}


def test_the_potential_audience_is_a_range_over_posters_and_reposters():
    repost = on_x(9, kind="repost", group="other", relation="repost", counted=False, author_kind="independent")
    items = [*(on_x(n) for n in range(1, 6)), on_x(6, author_kind="unknown"), repost, on_x(7, author_kind="vendor")]
    known = [800, 1500, 120, 300, 5000]
    followers = [seen(f"x:{n}", value) for n, value in enumerate(known, 1)] + [seen("x:9", 200), seen("x:7", 10**6)]
    row = potential(items, followers)["x"]
    assert (row.value, row.bounds.lo, row.bounds.hi) == (None, 5000, 7920)
    assert (row.num, row.den, row.by) == (6, 7, {"unknown": 1})
    assert "1 account unknown" in row.bounds.why


def test_a_reposter_whose_post_is_not_held_counts_and_one_account_counts_once():
    items = [on_x(1), replace(on_x(1), post_id=2, key="k2")]
    ties = [tie(1, "x:7", at(1), "repost", account="x:7", target_person="x:1")]
    row = potential(items, [seen("x:1", 10), seen("x:7", 5)], ties)["x"]
    assert (row.bounds.lo, row.bounds.hi, row.den) == (10, 15, 2)


def test_the_observation_closest_to_the_event_counts():
    old, near, late = seen("x:1", 10, -300), seen("x:1", 20, -3), seen("x:1", 90, 200)
    assert reach.nearest([late, old, near], START, END)["x:1", "x"].followers == 20


def test_unknown_followers_are_neither_zero_nor_a_platform_of_their_own():
    rows = potential([on_x(1), item(2)], [])
    assert (rows["M12.potential"].status, rows["M12.potential"].flags) == ("unmeasured", ("no_followers_known",))
    assert rows["M12.unknown_followers"].by == {"web": 1, "x": 1}


def hop(present, kinds=None):
    items = [item(1), item(2)]
    ties = [tie(1, "web:2", at(1)), tie(1, "x:a", at(1)), tie(1, "x:a", at(2)), tie(2, "x:b"), tie(1, "x:org", at(1))]
    told = {"kinds": {"x:org": ("organiser", "")} | (kinds or {}), "present": present}
    return {row.metric: row for row in reach.measure(items, at_event(items, ties, **told))}


def test_engaged_people_and_those_who_were_not_in_the_room():
    rows = hop({"web:1": "attended", "x:b": "remote"})
    assert (rows["M12.engaged"].value, rows["M12.one_hop"].value) == (3, 1)
    assert hop({"x:a": "staff"})["M12.one_hop"].value == 1
    assert hop({"web:1": "attended"}, {"x:a": ("participant", "")})["M12.one_hop"].value == 1


def test_who_only_registered_is_a_bound_and_no_list_is_unmeasured():
    row = hop({"web:1": "attended", "x:a": "registered"})["M12.one_hop"]
    assert (row.value, row.bounds.lo, row.bounds.hi) == (2, 1, 2)
    row = hop({})["M12.one_hop"]
    assert (row.status, row.value, row.bounds.hi, row.flags) == ("unmeasured", None, 2, ("no_attendance_list",))


# Amplification


def test_a_post_beside_five_comparable_ones():
    found = amplification.compared(66, [5, 7, 6, 8, 7])
    assert (round(found.times, 1), found.median, found.lo, found.hi) == (9.4, 7, 5, 8)
    assert found.times == pytest.approx(66 / 7)
    assert amplification.compared(66, [5, 7, 6, 8]) is None
    assert amplification.compared(66, [0] * 5) is None


def count(post, value, name="comment", days=7.0):
    return Counted(post_id=post, name=name, value=value, observed_at=TOLD + timedelta(days=days))


def m13(items, reactions, ties=()):
    return amplification.measure(items, at_event(items, ties, reactions=reactions))


def test_comparisons_are_with_posts_of_one_account_type():
    items = [item(1), *(item(n, "vendor") for n in range(2, 7))]
    reactions = [count(n, value) for n, value in enumerate((66, 5, 7, 6, 8, 7), 1)]
    row = first(m13(items, reactions), "M13.times")
    assert (row.value, row.num, row.den, row.by["against"]) == (66 / 7, 66, 7, "owned")
    assert (row.by["lo"], row.by["hi"], row.flags, row.ci) == (5, 8, ("one_post",), None)
    few = first(m13(items[:5], reactions), "M13.times")
    assert (few.status, few.value, few.by["values"]) == ("insufficient", None, [5, 6, 7, 8])


def test_snapshots_count_at_equal_age_and_a_missing_one_is_not_zero():
    items = [item(n) for n in range(1, 9)]
    reactions = [count(n, n) for n in range(1, 7)]
    reactions += [count(1, 50, days=6.2), count(1, 99, days=7.4), count(7, 400, days=9), count(8, 7, days=28)]
    rows = {row.kind: row for row in m13(items, reactions) if row.metric == "M13.reactions"}
    week = rows["web article comment day 7"]
    assert (week.value, week.by["max"], week.by["unobserved"], week.num, week.den) == (3.5, 6, 2, 6, 8)
    month = rows["web article comment day 28"]
    assert (month.status, month.variants["posts"]) == ("insufficient", {"k8": 7})


def test_levels_of_effort_stand_apart_and_views_are_no_reaction():
    reactions = [count(1, 9, "like"), count(1, 4, "comment"), count(1, 2, "repost"), count(1, 999, "view")]
    ties = [tie(1, "x:a", at(1), "quote"), tie(1, "x:b", at(1), "link"), tie(1, "x:b", at(2), "bookmark")]
    rows = m13([item(1)], reactions, ties)
    line = first(rows, "M13.top").variants["lines"][0]
    assert (line["low"], line["medium"], line["high"]) == (
        {"like": 9},
        {"comment": 4, "repost": 2},
        {"quote": 1, "link": 1},
    )
    assert line["people"] == 2
    efforts = {row.by["reaction"]: row.by["effort"] for row in rows if row.metric == "M13.reactions"}
    assert efforts == {"like": "low", "comment": "medium", "repost": "medium"}


def test_no_snapshot_at_those_ages_is_unmeasured():
    assert first(m13([item(1)], [count(1, 3, days=3)]), "M13.reactions").status == "unmeasured"
    assert first(m13([], []), "M13.reactions").status == "not_applicable"


# Leader candidates


def test_love_counts_breadth_over_events():
    now, then = timedelta(), timedelta(days=98)
    both = leaders.love_of(
        [(now, frozenset({"attended", "micro", "written"})), (then, frozenset({"attended", "written"}))]
    )
    assert round(both, 3) == 8.321
    assert both == pytest.approx(4 * 0.5 ** (98 / 365) + 5)
    talks = [(now, frozenset({"attended", "micro", "talk"})), (then, frozenset({"attended", "talk"}))]
    assert round(leaders.love_of(talks), 3) == 10.151
    assert leaders.love_of([(now, frozenset({"attended", "micro", "written"}))]) == 5


GATES = {"events": 2, "ever": 2, "here": True, "kinds": 2, "pull": 2, "give": 0, "owned": False}


@pytest.mark.parametrize(
    ("changes", "tier"),
    [
        ({}, "candidate"),
        ({"pull": 0, "give": 2}, "candidate"),
        ({"pull": 1, "give": 1}, "steady"),
        ({"kinds": 1}, "steady"),
        ({"events": 1}, "steady"),
        ({"owned": True}, ""),
        ({"events": 1, "ever": 1, "pull": 0, "give": 1}, "rising"),
        ({"events": 1, "ever": 1, "pull": 0}, ""),
        ({"events": 1, "ever": 1, "here": False}, ""),
    ],
)
def test_tiers_are_gates(changes, tier):
    assert leaders.tier_of(**GATES | changes) == tier


@pytest.mark.parametrize(
    ("love", "followers", "quadrant"),
    [
        (6, 2999, "fan"), (6, 3000, "role model"), (5.99, 3000, "influencer"), (5.99, 0, "newcomer"),
        (9, None, "unknown reach"),
    ],
)  # fmt: skip
def test_quadrants(love, followers, quadrant):
    assert leaders.quadrant_of(love, followers, 3000) == quadrant


def series(days, **changes):
    """Somebody who wrote and posted `days` before this event too, answered by two people."""
    old = [item(11, author="web:1"), on_x(12, author="web:1")]
    before = edition(old, "old", ends=END - timedelta(days=days))
    items = [item(1), on_x(2, author="web:1"), *changes.pop("more", ())]
    ties = [tie(1, "x:a", at(1)), tie(1, "x:b", at(1))]
    return at_event(items, ties, before=(before,), **changes)


def only(shown):
    rows = [row for row in leader_rows.measure([], shown) if row.metric == "M14.leader"]
    assert all(row.flags[0] == "internal" for row in rows)
    return {row.kind: row for row in rows}


def test_two_events_count_within_12_months():
    assert only(series(365))["web:1"].by["tier"] == "candidate"
    row = only(series(366))["web:1"]
    assert (row.by["tier"], row.by["events"]) == ("steady", 2)


def test_one_event_only_has_rising_alone():
    rows = leader_rows.measure([], at_event([item(1), on_x(2, author="web:1")], [tie(1, "x:a"), tie(1, "x:b")]))
    assert rows[0].flags == ("one_event_only",)
    assert rows[0].by == {"candidate": 0, "rising": 1, "steady": 0, "none": 0}


def test_a_person_of_the_organisers_is_no_candidate_and_their_answers_pull_nobody():
    shown = series(98, kinds={"web:1": ("organiser", "")})
    assert only(shown)["web:1"].by["tier"] == "none"
    row = only(series(98, kinds={"x:a": ("organiser", "")}))["web:1"]
    assert (row.by["pull"], row.by["tier"]) == (1, "steady")


def test_later_editions_and_their_answers_are_not_known_yet():
    shown = series(98)
    later = edition([item(31, author="web:1")], "later", ends=END + timedelta(days=90))
    world = replace(shown.world, editions=(*shown.world.editions, later),
                    ties=(*shown.world.ties, tie(31, "x:c", event="later", target_person="web:1")))  # fmt: skip
    row = only(replace(shown, world=world))["web:1"]
    assert (row.by["events"], row.by["pull"]) == (2, 2)


def test_followers_never_move_the_order_and_the_threshold_is_configured():
    fan, star = item(1), item(3)
    ties = [tie(1, "x:a"), tie(1, "x:b"), tie(3, "x:a")]
    shown = at_event([fan, star], ties, followers=[seen("web:3", 9000, platform="web")])
    assert list(only(shown)) == ["web:1", "web:3"]
    assert only(shown)["web:3"].by["quadrant"] == "influencer"
    again = at_event([fan, star], ties, followers=[seen("web:3", 9000, platform="web")], threshold=9001)
    assert only(again)["web:3"].by["quadrant"] == "newcomer"


def test_staff_and_speakers_earn_what_they_did_and_corporate_writers_are_marked():
    writer = item(1, author_subkind="corporate", organisation="Example KK")
    row = only(at_event([writer], [tie(1, "x:a")], present={"web:1": "staff"}))["web:1"]
    assert (row.value, row.flags, row.by["organisation"]) == (9, ("internal", "corporate"), "Example KK")
    speaker = item(1, author_subkind="speaker")
    assert only(at_event([speaker], [tie(1, "x:a")]))["web:1"].value == 8


def test_give_is_for_participants_and_by_own_words_only():
    items = [item(1), item(2), item(3, "media")]
    ties = [tie(2, "web:1", kind="link"), tie(3, "web:1", kind="quote"), tie(1, "web:2", kind="repost")]
    rows = only(at_event(items, ties))
    assert (rows["web:1"].by["give"], rows["web:1"].by["pull"]) == (1, 1)
    assert rows["web:2"].by["give"] == 0


def test_no_known_edge_leaves_tiers_unmeasured():
    rows = leader_rows.measure([], at_event([item(1)]))
    assert [(row.metric, row.status) for row in rows] == [("M14.tiers", "unmeasured")]
    assert leader_rows.measure([], at_event([item(1, "media")]))[0].status == "not_applicable"
    assert leader_rows.measure([], at_event([]))[0].status == "unmeasured"


# The fixture, through import


def invoke(*arguments):
    result = CliRunner().invoke(cli, [str(one) for one in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def imported(folder, *extra):
    source, db = folder / "fx.jsonl", folder / "fx.db"
    source.write_text(FX.read_text(encoding="utf-8") + "".join(json.dumps(line) + "\n" for line in extra), "utf-8")
    invoke("import", "E2", source, "--db", db)
    return db


def report(db, event="E2"):
    return json.loads(invoke("report", event, "--db", db, "--json"))


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    return imported(tmp_path_factory.mktemp("fx"))


@pytest.fixture(scope="module")
def rows(db):
    return report(db)


def one(rows, metric, group="", kind=""):
    found = [r for r in rows if r["metric"] == metric and group in ("", r["group"]) and kind in ("", r["kind"])]
    assert len(found) == 1, found
    return found[0]


def test_first_followers_of_the_fixture(rows):
    share = one(rows, "M11.answered", "written")
    assert (share["num"], share["den"], share["status"], share["by"]["undated"]) == (2, 6, "ok", 1)
    assert [round(share["value"], 2), round(share["ci"]["lo"], 2), round(share["ci"]["hi"], 2)] == [0.33, 0.10, 0.70]
    assert one(rows, "M11.median_hours", "written")["value"] == 97
    firsts = one(rows, "M11.first_followers", "written")
    assert firsts["variants"]["names"] == {"id:a01": "a01", "id:x11": "x11", "id:x12": "x12"}
    assert firsts["by"] == {"id:a01": 1, "id:x11": 1, "id:x12": 1}
    unanswered = one(rows, "M11.unanswered", "written")["variants"]["lines"]
    assert [line["post"] for line in unanswered] == ["i03", "i06", "i07", "i17"]


def test_reach_of_the_fixture(rows):
    assert (one(rows, "M12.engaged")["value"], one(rows, "M12.one_hop")["value"]) == (5, 3)
    row = one(rows, "M12.potential", kind="x")
    assert (row["value"], row["bounds"]["lo"], row["bounds"]["hi"], row["by"]) == (None, 5000, 7920, {"unknown": 1})
    assert [line["who"] for line in one(rows, "M12.who")["variants"]["lines"]] == ["a07", "x11", "x12", "a01", "a04"]


TABLE = [
    ("a01", 2, ["micro", "written"], 8.321, 3, 1, 800, "candidate", "fan"),
    ("a03", 1, ["micro", "written"], 5.000, 1, 0, 120, "rising", "newcomer"),
    ("a04", 1, ["micro", "written"], 5.000, 0, 1, 300, "rising", "newcomer"),
    ("a06", 2, ["micro", "talk"], 10.151, 0, 0, 5000, "steady", "role model"),
    ("a02", 2, ["micro", "written"], 8.321, 1, 0, 1500, "steady", "fan"),
    ("a05", 1, ["written"], 4.000, 0, 0, None, "none", "unknown reach"),
]


def table(rows):
    found = []
    for row in rows:
        if row["metric"] == "M14.leader":
            by = row["by"]
            found.append((by["name"], by["events"], by["kinds"], round(row["value"], 3),
                          *(by[key] for key in ("pull", "give", "followers", "tier", "quadrant"))))  # fmt: skip
    return found


def test_leader_candidates_of_the_fixture_in_order_and_without_a_rank(rows):
    assert table(rows) == TABLE
    assert one(rows, "M14.tiers")["by"] == {"candidate": 1, "rising": 2, "steady": 2, "none": 1}
    shown = [row for row in rows if row["metric"] == "M14.leader"]
    assert not any(re.search("rank|place|position", key) for row in shown for key in (*row, *row["by"]))
    evidence = one(rows, "M14.leader", kind="id:a01")["variants"]["evidence"]
    assert [link["post"] for link in evidence["wrote"]["links"]] == ["e1", "i01", "i06", "t01"]
    assert [link["who"] for link in evidence["answered_by"]["links"]] == ["a07", "x11", "a04"]
    assert one(rows, "M14.leader", kind="id:a05")["flags"] == ["internal", "corporate"]


def test_the_first_event_knows_no_later_one(db):
    rows = report(db, "E1")
    assert one(rows, "M14.tiers")["status"] == "unmeasured"
    assert one(rows, "M14.tiers")["flags"] == ["one_event_only", "no_answers_known"]


def test_every_row_that_names_somebody_is_internal(rows):
    people = re.compile(r"\b(?:a0\d|x1\d|u01|o01|v01|m0\d)\b")
    mine = [row for row in rows if row["metric"][:3] in ("M11", "M12", "M13", "M14")]
    named = [row for row in mine if people.search(json.dumps(row | {"query": ""}))]
    assert len(named) > 8
    assert [row["metric"] for row in named if "internal" not in row["flags"]] == []


def test_who_opted_out_is_nowhere(tmp_path):
    gone = ({"type": "author", "author": name, "opted_out": 1} for name in ("a01", "x12"))
    rows = report(imported(tmp_path, *gone))
    mine = [row for row in rows if row["metric"][:3] in ("M11", "M12", "M13", "M14")]
    assert not re.search(r"\b(?:a01|x12)\b", json.dumps(mine))
    assert one(rows, "M12.engaged")["value"] == 0
    assert (one(rows, "M12.potential", kind="x")["bounds"]["hi"], len(table(rows))) == (7120, 5)


def test_who_opted_out_with_one_account_is_on_no_list_with_another(tmp_path):
    behind = [{"person": "7", "status": "confirmed"}]
    told = [{"type": "author", "author": name, "people": behind} for name in ("a01", "x12")]
    gone = imported(tmp_path, told[0], told[1] | {"opted_out": 1})
    rows = report(gone)
    assert one(rows, "M01.volume", kind="article")["by"]["participant"] == 5  # a01 wrote two of the seven
    mine = [row for row in rows if row["metric"][:3] in ("M11", "M12", "M14") and "internal" in row["flags"]]
    assert not re.search(r"\b(?:a01|x12)\b", json.dumps(mine))
    assert [row[0] for row in table(mine)] == ["a06", "a02", "a03", "a04", "a05"]


def test_reactions_come_through_import(tmp_path):
    written = ("i01", "i02", "i03", "i04", "i06", "i07")
    rivals = [{"type": "post", "post": f"v{n}", "kind": "article", "platform": "qiita", "author": "v01",
               "published_at": "2016-12-22T00:00:00Z", "published_precision": "second", "relation": "original",
               "events": [{"event": "E2", "relevance": "confirmed", "counted": 1, "decided_by": "human"}]}
              for n in range(5)]  # fmt: skip
    numbers = [(f"v{n}", value, "2016-12-29T00:00:00Z") for n, value in enumerate((5, 7, 6, 8, 7))]
    numbers += [("i01", 66, "2016-12-28T14:10:00Z"), ("i01", 80, "2017-02-01T00:00:00Z")]
    lines = [{"type": "reaction", "post": post, "name": "comment", "value": value, "observed_at": moment}
             for post, value, moment in numbers]  # fmt: skip
    rows = report(imported(tmp_path, *rivals, *lines))
    row = one(rows, "M13.times")
    assert (round(row["value"], 1), row["num"], row["den"], row["by"]["lo"], row["by"]["hi"]) == (9.4, 66, 7, 5, 8)
    assert row["variants"]["post"]["post"] == written[0]


def test_an_edge_of_a_post_that_names_its_day_has_no_moment(tmp_path):
    edge = {"type": "edge", "event": "E2", "edge_type": "link", "actor": "a07", "source": "i16", "target": "i03"}
    db = imported(tmp_path, edge)
    with closing(open_db(db)) as conn:
        ties = load_frame(conn, "E2", as_of=END, rules="r", shelf=shelf_of(conn)).world.ties
    assert [t.at for t in ties if t.actor == "id:a07" and t.type == "link"] == [None]
    share = one(report(db), "M11.answered", "written")
    assert (share["num"], round(share["bounds"]["hi"], 2)) == (2, 0.5)


def test_numbers_of_posts_are_the_order_of_equal_seconds(tmp_path):
    when = "2016-12-22T05:00:00Z"
    quotes = [("x:900000000000000002", "late"), ("x:900000000000000001", "soon")]  # newest first, as lists come
    posts = [{"type": "post", "post": key, "kind": "micropost", "platform": "x", "author": name, "published_at": when,
              "published_precision": "second", "relation": "quote", "parent": "i03",
              "events": [{"event": "E2", "relevance": "confirmed", "counted": 1, "decided_by": "human"}]}
             for key, name in quotes]  # fmt: skip
    edges = [{"type": "edge", "event": "E2", "edge_type": "quote", "actor": name, "source": key, "target": "i03",
              "at": when} for key, name in quotes]  # fmt: skip
    firsts = one(report(imported(tmp_path, *posts, *edges)), "M11.first_followers", "written")["by"]
    assert (firsts.get("id:soon"), firsts.get("id:late")) == (1, None)


def test_the_threshold_stands_in_the_event_file(tmp_path):
    source, db = tmp_path / "mine.toml", tmp_path / "mine.db"
    source.write_text(
        'name = "Mine"\nslug = "mine"\nstarts = 2016-12-21\ntimezone = "Asia/Tokyo"\nreach_threshold = 10\n', "utf-8"
    )
    with closing(open_db(db, "create")) as conn:
        with write_tx(conn):
            save_event(conn, read_event(source))
        found = load_frame(conn, "mine", as_of=END, rules="r", shelf=shelf_of(conn))
    assert found.world.reach_threshold == 10


def test_queries_list_what_is_behind_the_numbers(db, rows):
    wanted = {"M11.answered": 6, "M11.first_followers": 3, "M12.engaged": 5, "M12.potential": 7, "M13.top": 3}
    with closing(open_db(db)) as conn:
        for row in rows:
            if row["metric"][:3] in ("M11", "M12", "M13", "M14") and row["group"] in ("written", "any"):
                values = {"event": "E2", "group": row["group"], "kind": row["kind"]}
                found = conn.execute(row["query"], values).fetchall()
                if row["metric"] == "M12.potential":
                    found = [line for line in found if line["platform"] == "x"]
                assert len(found) == wanted.get(row["metric"], len(found)), row["metric"]
