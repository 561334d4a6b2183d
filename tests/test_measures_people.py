"""Who is new, who came back, who spoke, who moved up: worked numbers, from plain values and the imported fixture."""

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from harvester.cli import cli
from harvester.measure import cadence, cohorts, contribution, ladder, returning, survey
from harvester.measure.hidden import Hidden, corrected_new, corrected_return, hidden
from harvester.measure.item import Asked, Typed
from harvester.measure.people import attendees_of, contributors_of, listed
from harvester.measure.world import Edition, Scope, World
from harvester.store.open import open_db
from tests.test_measures import START, frame, item

FX = Path(__file__).parent / "fixtures" / "interchange" / "fx.jsonl"
LONG_AGO = datetime(2016, 1, 20, 10, tzinfo=UTC)


def edition(event, starts=LONG_AGO, writers=(), came=(), **changes):
    """An edition where each of `writers` has an article, and `came` stand on the list as attended."""
    items = tuple(item(n, author=who, published_at=starts) for n, who in enumerate(writers))
    values = {"event": event, "name": event, "starts": starts, "ends": starts,
              "window": (starts, starts + timedelta(days=28)), "items": items,
              "present": dict.fromkeys(came, "attended")}  # fmt: skip
    return Edition(**values | changes)


def series(*earlier, own=None, **changes):
    """The frame of an event `e` after those editions, and its own posts."""
    own = own or edition("e", START)
    return frame(world=World(editions=(*earlier, own), **changes.pop("world", {})), **changes), list(own.items)


def names(first, last):
    return [f"p{number}" for number in range(first, last)]


def found(rows, metric, kind="", group=""):
    (row,) = [r for r in rows if r.metric == metric and kind in ("", r.kind) and group in ("", r.group)]
    return row


# --- who counts ---------------------------------------------------------------------------------------------------


def test_contributors_are_participants_with_a_counted_story_in_the_window():
    late = datetime(2016, 9, 1, tzinfo=UTC)
    items = (
        item(1, author="a", published_at=LONG_AGO), item(2, author="a", group="micro", published_at=LONG_AGO),
        item(3, "media", author="m", published_at=LONG_AGO), item(4, author="late", published_at=late),
        item(5, author="copy", counted=False, published_at=LONG_AGO),
        item(6, author="doubt", relevance="probable", published_at=LONG_AGO),
        item(7, author="one", person="person 1", published_at=LONG_AGO),
        item(8, author="two", person="person 1", published_at=LONG_AGO),
    )  # fmt: skip
    one = edition("a", items=items, window=(LONG_AGO, LONG_AGO + timedelta(days=28)))
    assert contributors_of(one) == {"a": {"written", "micro"}, "person 1": {"written"}}


def test_who_only_registered_was_not_there_and_staff_are_not_the_room():
    one = edition("a", present={"a": "attended", "b": "remote", "c": "checked_in", "d": "registered", "e": "staff"})
    assert attendees_of(one) == {"a", "b", "c"}
    assert not listed(edition("a", present={"d": "registered"}))


# --- M08 ----------------------------------------------------------------------------------------------------------


def test_the_two_percentages_of_the_seed_are_consistent():
    now = edition("e", START, came=names(54, 189))
    about, items = series(edition("first", came=names(0, 100)), own=now)
    new, back = (found(returning.measure(items, about), f"M08.{n}", "attendees") for n in ("new_share", "return_rate"))
    assert (new.num, new.den, back.num, back.den) == (89, 135, 46, 100)
    assert round(new.value, 3) == 0.659
    assert back.value * back.den == pytest.approx((1 - new.value) * new.den)
    assert [round(x, 3) for x in (new.ci.lo, new.ci.hi, back.ci.lo, back.ci.hi)] == [0.576, 0.734, 0.366, 0.557]
    assert (new.ci.meaning, new.flags) == ("chance", ("full_list",))
    assert new.by == {"new": 89, "back_from_previous": 46, "back_from_earlier": 0}


def test_new_is_against_ever_before_and_back_against_the_edition_before():
    before = edition("a", writers=("old", "both")), edition("b", LONG_AGO + timedelta(days=90), writers=("both", "b"))
    about, items = series(*before, own=edition("e", START, writers=("old", "both", "fresh")))
    rows = returning.measure(items, about)
    new, back = found(rows, "M08.new_share", "contributors"), found(rows, "M08.return_rate", "contributors")
    assert (new.num, new.den, back.num, back.den) == (1, 3, 1, 2)
    assert new.by == {"new": 1, "back_from_previous": 1, "back_from_earlier": 1}
    assert new.variants["earlier_events"] == ["a", "b"]
    assert back.variants["previous_event"] == "b"
    assert new.bounds is None
    assert new.flags == ("few_people",)


def test_handles_that_nobody_linked_bound_both_rates():
    own = edition("e", START, writers=("x", "y", "b"))
    about, items = series(edition("a", writers=("a", "b")), own=own, unlinked=3)
    rows = returning.measure(items, about)
    new, back = found(rows, "M08.new_share", "contributors"), found(rows, "M08.return_rate", "contributors")
    assert (new.bounds.lo, new.bounds.hi) == (1 / 3, 2 / 3)  # x or y may be the "a" of before
    assert (back.bounds.lo, back.bounds.hi) == (0.5, 1.0)
    assert {"at_most", "handles_unlinked"} <= set(new.flags)
    assert {"at_least", "handles_unlinked"} <= set(back.flags)


def test_two_confirmed_persons_are_never_one():
    group = returning.Returning(frozenset({"person 1"}), frozenset({"person 2"}), frozenset({"person 2"}))
    assert (group.new_at_least(), group.back_at_most()) == (1, 0)
    group = returning.Returning(frozenset({"x:a"}), frozenset({"person 2"}), frozenset({"person 2"}))
    assert (group.new_at_least(), group.back_at_most()) == (0, 1)


def test_missing_people_bias_both_and_the_details_correct_them():
    assert round(1 - (1 - 0.617) * 0.7, 3) == 0.732
    assert corrected_new(1 - (1 - 0.617) * 0.7, found_before=0.7, linked=1) == pytest.approx(0.617)
    assert corrected_return(0.322, found_now=0.7, linked=1) == pytest.approx(0.46)
    assert corrected_new(0.1, found_before=0.5, linked=0.5) == 0
    assert corrected_return(0.9, found_now=0.5, linked=0.5) == 1


def lists(first, second, shared):
    """Sightings of a first and a second list, `shared` posts on both, and the writers of all."""
    total = first + second - shared
    seen = {
        n: tuple((name, "q") for name, on in (("one", n < first), ("two", n >= first - shared)) if on)
        for n in range(total)
    }
    return seen, [f"w{n}" for n in range(total)]


def test_little_found_makes_both_rates_one_sided():
    seen, writers = lists(30, 24, 9)
    own = edition("e", START, writers=writers)
    world = {"sighted": seen, "scopes": (Scope(source="one"), Scope(source="two")), "linked_share": 0.5}
    about, items = series(edition("a", writers=("w0", "gone")), own=own, world=world)
    lacks = hidden(items, about)
    assert lacks.before is None  # nobody knows who saw the posts of "a"
    assert 0.6 < lacks.now < 0.85
    rows = returning.measure(items, about)
    new, back = found(rows, "M08.new_share", "contributors"), found(rows, "M08.return_rate", "contributors")
    assert "coverage_below_90" in new.flags
    assert (new.bounds.lo, new.bounds.hi) == (0, 44 / 45)
    assert (back.bounds.lo, back.bounds.hi) == (0.5, 1)
    assert back.variants["if_found_and_linked"] == 1
    assert "if_found_and_linked" not in new.variants
    then = edition("a", writers=("w0", *names(0, 44)), sighted=seen)
    about, items = series(then, own=own, world=world)
    assert hidden(items, about).before == pytest.approx(lacks.now)
    assert "if_found_and_linked" in found(returning.measure(items, about), "M08.new_share", "contributors").variants
    assert Hidden(now=0.95, before=0.9).flags == ()


def test_the_first_event_has_nobody_to_come_back():
    about, items = series(own=edition("e", START, writers=("a",), came=("a",)))
    rows = returning.measure(items, about)
    assert {(r.status, r.flags, r.value) for r in rows} == {("not_applicable", ("first_event",), None)}
    assert len(rows) == 4
    (row,) = cohorts.measure(items, about)
    assert (row.status, row.flags) == ("not_applicable", ("first_event",))
    (row,) = ladder.measure(items, about)
    assert (row.status, row.flags) == ("not_applicable", ("first_event",))


def test_editions_that_nobody_looked_at_are_named():
    gap = edition("a"), edition("b", LONG_AGO + timedelta(days=90), writers=("p1",), came=("p1",))
    about, items = series(*gap, own=edition("e", START, writers=("p1", "p2"), came=("p1",)))
    rows = returning.measure(items, about)
    new = found(rows, "M08.new_share", "contributors")
    assert (new.value, new.bounds.lo, new.bounds.why) == (0.5, 0, "not harvested: a")
    assert new.flags == ("few_people", "at_most", "not_harvested:a")
    assert found(rows, "M08.new_share", "attendees").flags[-2:] == ("no_attendance_list:a", "full_list")
    assert found(rows, "M08.return_rate", "contributors").value == 1
    about, items = series(*gap[::-1], own=edition("e", START, writers=("p1",), came=("p1",)))
    rows = returning.measure(items, about)
    back = found(rows, "M08.return_rate", "contributors")
    assert (back.status, back.flags, back.value) == ("unmeasured", ("not_harvested:a",), None)
    assert found(rows, "M08.new_share", "contributors").value == 0


def test_no_list_and_nobody_are_two_things():
    own = edition("e", START, items=(item(1, "media"),))
    about, items = series(edition("a", writers=("p1",)), own=own)
    rows = returning.measure(items, about)
    states = {(r.metric, r.kind): (r.status, r.flags, r.value) for r in rows}
    assert states["M08.new_share", "contributors"] == ("not_applicable", ("nobody_now",), None)
    assert states["M08.return_rate", "contributors"] == ("ok", ("few_people",), 0)
    assert states["M08.new_share", "attendees"] == ("unmeasured", ("no_attendance_list",), None)
    only_media = edition("a", items=(item(1, "media", published_at=LONG_AGO),))
    about, items = series(only_media, own=edition("e", START, writers=("p1",)))
    back = found(returning.measure(items, about), "M08.return_rate", "contributors")
    assert (back.status, back.flags) == ("not_applicable", ("nobody_before",))


def asked(status, *, truncated=False):
    return Asked(source="s", query="", status=status, reason="r", found=0, returned=None, reported_total=None,
                 truncated=truncated, groups=("written",))  # fmt: skip


def test_a_source_that_failed_or_was_cut_off_shows_in_the_state():
    before = edition("a", writers=("p1",))
    about, items = series(before, own=edition("e", START), asked=(asked("failed"),))
    assert found(returning.measure(items, about), "M08.return_rate", "contributors").status == "unmeasured"
    assert found(cohorts.measure(items, about), "M09.cohort", "a").by == {"e": None}
    assert [r.metric for r in cohorts.measure(items, about)].count("M09.not_seen_since") == 0
    assert ladder.measure(items, about)[0].status == "unmeasured"
    own = edition("e", START, writers=("p1",), came=("p1", "p2"))
    about, items = series(before, own=own, asked=(asked("ok", truncated=True),))
    assert found(returning.measure(items, about), "M08.return_rate", "contributors").status == "truncated"
    row = found(contribution.measure(items, about), "M10.contribution_rate", group="any")
    assert (row.status, row.value, row.flags) == ("truncated", 0.5, ("few_people", "truncated:s"))


def test_posts_that_nobody_judged_are_not_nobody():
    own = edition("e", START, came=("p1",), items=(item(1, relevance="", author_kind="unknown"),))
    about, items = series(edition("a", writers=("p1",)), own=own)
    assert found(returning.measure(items, about), "M08.new_share", "contributors").flags == ("not_judged",)
    row = found(contribution.measure(items, about), "M10.contribution_rate", group="any")
    assert (row.status, row.value) == ("unmeasured", None)


def test_a_list_shorter_than_the_head_count_is_not_full():
    about, items = series(edition("a", came=("p1",)), own=edition("e", START, came=("p1",), attended=40))
    row = found(returning.measure(items, about), "M08.new_share", "attendees")
    assert "list_shorter_than_head_count" in row.flags
    assert "full_list" not in row.flags


# --- M09 ----------------------------------------------------------------------------------------------------------


def test_cohorts_are_by_first_edition_and_empty_where_nobody_looked():
    day = timedelta(days=60)
    before = (
        edition("a", writers=("p1", "p2", "p3")), edition("b", LONG_AGO + day),
        edition("c", LONG_AGO + 2 * day, writers=("p1", "p4")),
    )  # fmt: skip
    rows = cohorts.measure(*reversed(series(*before, own=edition("e", START, writers=("p1", "p3", "p4", "p9")))))
    cells = {r.kind: (r.value, r.by, r.status) for r in rows if r.metric == "M09.cohort"}
    assert cells == {
        "a": (3, {"b": None, "c": 1, "e": 2}, "ok"), "b": (None, {}, "unmeasured"), "c": (1, {"e": 1}, "ok"),
        "e": (1, {}, "ok"),
    }  # fmt: skip
    assert "not_harvested:b" in found(rows, "M09.cohort", "a").flags
    gone = {r.kind: (r.value, r.den) for r in rows if r.metric == "M09.not_seen_since"}
    assert gone == {"a": (1, 3), "c": (0, 2)}


# --- M10 ----------------------------------------------------------------------------------------------------------


def rates(**changes):
    own = edition("e", START, writers=("p1", "p2", "outside"), **changes)
    return {r.group: r for r in contribution.measure(*reversed(series(own=own)))}


def test_writers_whom_the_list_lacks_stand_beside():
    row = rates(came=names(1, 11))["any"]
    assert (row.num, row.den, row.value) == (2, 10, 0.2)
    assert row.by == {"unmatched_writers": 1, "writers": 3}
    assert row.variants == {}


def test_a_head_count_alone_is_an_approximation():
    row = rates(attended=12)["written"]
    assert (row.num, row.den, row.value, row.status, row.flags) == (3, 12, 0.25, "ok", ("approximation",))
    row = rates(attended=2)["written"]
    assert (row.status, row.value, row.flags) == ("insufficient", None, ("more_writers_than_heads", "approximation"))


def test_registered_is_not_attended():
    row = rates(present={"p1": "registered", "p7": "registered"})["any"]
    assert (row.status, row.value, row.flags) == ("not_applicable", None, ("registered_only",))
    assert row.variants == {"registered": {"wrote": 1, "of": 2}}
    row = rates(registered=50)["any"]
    assert row.variants == {"registered": {"wrote": None, "of": 50}}
    assert (rates()["any"].status, rates()["any"].flags) == ("not_applicable", ("no_attendance_list",))


# --- M20 ----------------------------------------------------------------------------------------------------------


def test_every_rung_and_move():
    before = edition(
        "a", writers=("climber", "talker"), came=("climber", "talker", "silent", "gone", "host", "falls"),
        kinds={"falls": ("participant", "speaker")},
    )  # fmt: skip
    own = edition(
        "e", START, writers=("climber", "silent", "talker", "falls", "remote"),
        present={"remote": "attended", "falls": "attended", "helper": "staff", "late": "remote"},
        kinds={"climber": ("participant", "speaker"), "host": ("organiser", ""), "boss": ("organiser", "")},
    )  # fmt: skip
    about, items = series(before, own=own)
    rows = ladder.measure(items, about)
    steps = {"0→1": 1, "0→2": 1, "1→0": 1, "1→2": 1, "1→4": 1, "2→2": 1, "2→3": 1, "3→2": 1}
    assert rows[0].by == steps
    assert rows[0].value == sum(steps.values())  # who only organised or helped is not on it
    moves = {r.metric: r.value for r in rows[1:]}
    assert moves == {
        "M20.arrived": 2, "M20.climbed": 3, "M20.stayed": 1, "M20.stepped_back": 1, "M20.not_seen": 1,
    }  # fmt: skip
    assert found(rows, "M20.arrived").by == {"wrote_at_once": 1}


def test_without_both_lists_absent_and_silent_are_one_rung():
    about, items = series(
        edition("a", writers=("p1", "p2"), came=("p1", "p5")), own=edition("e", START, writers=("p1", "p3"))
    )
    rows = ladder.measure(items, about)
    assert rows[0].by == {"0/1→2": 1, "2→0/1": 1, "2→2": 1}
    assert rows[0].flags == ("absent_and_attended_are_one",)
    assert found(rows, "M20.not_seen").value == 1
    about, items = series(edition("a", came=("p1",)), own=edition("e", START, writers=("p1",), came=("p1",)))
    (row,) = ladder.measure(items, about)
    assert (row.status, row.flags) == ("unmeasured", ("not_harvested:a",))


# --- M21 ----------------------------------------------------------------------------------------------------------


def held(*days, own_day=None, **changes):
    days = [
        datetime.fromisoformat(day).replace(hour=10, tzinfo=UTC) for day in (*days, *([own_day] if own_day else []))
    ]
    *before, own = [
        edition("e" if n == len(days) - 1 else f"e{n}", day, **{k: v[n] for k, v in changes.items()})
        for n, day in enumerate(days)
    ]
    return {r.metric: r for r in cadence.measure([], series(*before, own=own)[0])}


def test_four_meetups_a_year_in_one_city():
    rows = held("2016-01-20", "2016-04-20", "2016-07-20", "2016-10-20",
                city=("Tokyo", "tokyo ", "ＴＯＫＹＯ", "Tokyo"), attended=(100,) * 4)  # fmt: skip
    assert [rows[f"M21.{name}"].value for name in ("events", "cities", "gap")] == [4, 1, 91]
    assert rows["M21.gap"].by == {"gaps": [91, 91, 92]}
    assert rows["M21.events"].by == {"attendees": {"e0": 100, "e1": 100, "e2": 100, "e": 100}}
    assert rows["M21.cities"].by == {"cities": ["Tokyo"], "unknown": 0}


def test_twelve_months_end_where_the_same_day_comes_again():
    assert held("2015-10-20", "2016-10-20")["M21.events"].value == 1
    assert held("2015-10-21", "2016-10-20")["M21.events"].value == 2
    assert held("2015-02-28", "2015-03-01", "2016-02-29")["M21.events"].value == 2
    assert held("2015-10-20", "2016-10-20")["M21.gap"].status == "not_applicable"


def test_a_city_nobody_typed_in_is_not_another_city():
    rows = held("2016-04-20", "2016-07-20", "2016-10-20", city=("Tokyo", "", "Osaka"))
    row = rows["M21.cities"]
    assert (row.value, row.bounds.lo, row.bounds.hi) == (2, 2, 3)
    row = held("2016-10-20")["M21.cities"]
    assert (row.value, row.status, row.flags) == (None, "unmeasured", ("no_city",))
    assert held("2016-10-20")["M21.events"].by == {"attendees": {"e": None}}


def answers(**parts):
    typed = tuple(
        Typed(name=name.replace("_", " "), value=float(value), as_of="2016-12-30") for name, value in parts.items()
    )
    own = edition("e", START, came=names(0, 50))
    return survey.measure([], series(own=own, typed=typed)[0])


def test_the_promoter_score_of_40_answers_is_50_points_wide():
    (row,) = answers(NPS_10=12, NPS_9=6, NPS_8=7, NPS_7=5, NPS_6=4, nps_3=6)
    assert (row.value, row.den, round(row.ci.lo), round(row.ci.hi)) == (20, 40, -5, 45)
    assert row.by == {
        "as_of": "2016-12-30", "answers": 40, "attendees": 50, "promoters": 18, "passives": 12, "detractors": 10,
    }  # fmt: skip
    (groups,) = answers(NPS_promoters=18, NPS_passives=12, NPS_detractors=10)
    assert (groups.value, groups.ci) == (row.value, row.ci)
    (rest,) = answers(NPS_推奨者=18, NPS_批判者=10, NPS_回答数=40)
    assert rest.ci == row.ci


def test_a_score_comes_with_its_range_or_not_at_all():
    (row,) = answers(NPS=20)
    assert (row.value, row.status, row.flags) == (None, "insufficient", ("no_answers",))
    (row,) = answers(NPS=20, NPS_answers=40)
    assert (row.value, row.flags) == (20, ("groups_unknown",))
    assert row.ci.hi - row.ci.lo > 60
    (row,) = answers(NPS_10=5)
    assert (row.value, row.flags) == (None, ("few_answers",))
    (row,) = answers(NPS_10=5.5, NPS_9=8)
    assert row.flags == ("not_counts",)
    assert answers(Slack_members=412, NPS_11=3) == []


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("NPS", "score"), ("nps_10", "10"), ("NPS score 0", "0"), ("ＮＰＳ：9", "9"), ("nps responses", "answers"),
        ("NPS n", "answers"), ("nps-detractor", "detractors"), ("Net Promoter Score", "score"), ("CES", ""),
        ("NPS of the venue", ""),
    ],
)  # fmt: skip
def test_names_that_a_survey_is_typed_in_under(name, part):
    assert survey.part_of(Typed(name=name, value=1)) == part


# --- the fixture, through import and report -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    path = tmp_path_factory.mktemp("people") / "fx.db"
    assert_ok(["import", "E2", str(FX), "--db", str(path)])
    return path


def assert_ok(command):
    result = CliRunner().invoke(cli, command, catch_exceptions=False, standalone_mode=False)
    assert result.exit_code == 0, result.output
    return result.output


def rows_of(db, event="E2"):
    return json.loads(assert_ok(["report", event, "--db", str(db), "--json"]))


def one(rows, metric, kind="", group=""):
    (row,) = [r for r in rows if r["metric"] == metric and kind in ("", r["kind"]) and group in ("", r["group"])]
    return row


@pytest.mark.parametrize(
    ("metric", "kind", "num", "den"),
    [
        ("M08.new_share", "contributors", 3, 6), ("M08.return_rate", "contributors", 3, 4),
        ("M08.new_share", "attendees", 7, 12), ("M08.return_rate", "attendees", 5, 10),
    ],
)  # fmt: skip
def test_fx_new_and_back(db, metric, kind, num, den):
    row = one(rows_of(db), metric, kind)
    assert (row["num"], row["den"], row["status"]) == (num, den, "ok")
    assert row["value"] == num / den


def test_fx_cohorts_rate_ladder_and_cadence(db):
    rows = rows_of(db)
    assert (one(rows, "M09.cohort", "E1")["value"], one(rows, "M09.cohort", "E1")["by"]) == (4, {"E2": 3})
    assert one(rows, "M09.not_seen_since", "E1")["value"] == 1
    spoke, wrote = (one(rows, "M10.contribution_rate", group=group) for group in ("any", "written"))
    assert (spoke["num"], spoke["den"], wrote["num"], wrote["den"]) == (6, 12, 5, 12)
    shown = [round(100 * x) for row in (spoke, wrote) for x in (row["ci"]["lo"], row["ci"]["hi"])]
    assert shown == [25, 75, 19, 68]
    assert spoke["variants"]["previous"]["num"] == 4
    steps = {"0→1": 4, "0→2": 3, "1→0": 4, "1→1": 2, "2→0": 1, "2→2": 2, "3→3": 1}
    assert one(rows, "M20.transitions")["by"] == steps
    moves = {name: one(rows, f"M20.{name}")["value"] for name in ("arrived", "climbed", "stayed", "not_seen")}
    assert moves == {"arrived": 7, "climbed": 0, "stayed": 5, "not_seen": 5}
    assert one(rows, "M20.arrived")["by"] == {"wrote_at_once": 3}
    assert [one(rows, f"M21.{name}")["value"] for name in ("events", "cities", "gap")] == [2, 1, 98]
    first = rows_of(db, "E1")
    assert one(first, "M08.new_share", "contributors")["status"] == "not_applicable"
    assert one(first, "M21.events")["value"] == 1


def test_the_query_of_a_number_lists_the_people_behind_it(db):
    wanted = {"M08.new_share", "M08.return_rate", "M09.not_seen_since", "M10.contribution_rate", "M09.cohort"}
    with closing(open_db(db)) as conn:
        for row in (row for row in rows_of(db) if row["metric"][:3] in ("M08", "M09", "M10", "M20", "M21")):
            listed_there = conn.execute(row["query"], {"event": "E2"}).fetchall() if row["query"] else []
            if row["metric"] in wanted:
                number = row["value"] if row["metric"] == "M09.cohort" else row["num"]
                assert len(listed_there) == number, row["query"]
            if row["metric"].startswith("M20."):
                assert len(listed_there) == row["value"]
            assert "\n" not in row["query"]


def test_people_merged_by_a_human_are_one_person_in_both_editions(tmp_path):
    path = tmp_path / "m.db"
    assert_ok(["import", "E2", str(FX), "--db", str(path)])
    assert_ok(["merge", "id:a03", "id:a08", "--db", str(path)])
    rows = rows_of(path)
    assert one(rows, "M08.new_share", "contributors")["num"] == 2
    assert one(rows, "M08.return_rate", "contributors")["num"] == 4
    assert one(rows, "M08.return_rate", "attendees")["num"] == 6
    assert one(rows, "M09.cohort", "E1")["by"] == {"E2": 4}
    with closing(open_db(path)) as conn:
        for kind in ("contributors", "attendees"):
            row = one(rows, "M08.return_rate", kind)
            assert len(conn.execute(row["query"], {"event": "E2"}).fetchall()) == row["num"]


def test_a_head_count_that_a_source_told_is_the_room(tmp_path):
    path, lines = tmp_path / "h.db", tmp_path / "h.jsonl"
    told = [json.loads(line) for line in FX.read_text("utf-8").splitlines()]
    told = [line for line in told if line["type"] != "attendance"]
    told += [
        {"type": "attendance", "event": "E2", "source": "door", "attended": heads, "observed_at": at}
        for heads, at in ((20, "2016-12-21T13:00:00Z"), (24, "2016-12-22T00:00:00Z"))
    ]
    told += [{"type": "kpi", "event": "E2", "name": f"NPS {s}", "value": n, "as_of": "2016-12-30"}
             for s, n in {10: 12, 9: 6, 8: 7, 7: 5, 6: 4, 3: 6}.items()]  # fmt: skip
    lines.write_text("\n".join(json.dumps(line) for line in told), encoding="utf-8")
    assert_ok(["import", "E2", str(lines), "--db", str(path)])
    rows = rows_of(path)
    row = one(rows, "M10.contribution_rate", group="any")
    assert (row["num"], row["den"], row["flags"]) == (6, 24, ["approximation"])
    assert one(rows, "M08.new_share", "attendees")["status"] == "unmeasured"
    assert "absent_and_attended_are_one" in one(rows, "M20.transitions")["flags"]
    score = one(rows, "M21.nps")
    assert (score["value"], round(score["ci"]["lo"]), round(score["ci"]["hi"])) == (20, -5, 45)
    assert score["by"]["attendees"] == 24
    assert len([r for r in rows if r["metric"] == "M21.typed_in"]) == 6
