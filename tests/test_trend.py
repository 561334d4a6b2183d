"""M18: rate ratios as plain values, what keeps editions from comparing, and how often luck alone cries change."""

import math
import random
from dataclasses import replace
from datetime import timedelta

import pytest

from harvester.measure import trend
from harvester.measure.item import Asked
from harvester.measure.rates import change, tail
from harvester.measure.recipe import Recipe, breaks, form, recipe_of
from harvester.measure.world import Edition, World
from tests.test_measures import END, START, frame, item

WORDS = ("Demo Meetup #2", "Demo Meetup", "demo2", "第2回 りんごの会", "りんごの会")
YEAR = timedelta(days=364)


def asked(source="qiita", query="", status="ok", reason="", groups=("written",), truncated=False):
    return Asked(
        source=source, query=query, status=status, reason=reason, found=1, returned=1, reported_total=1,
        truncated=truncated, groups=groups,
    )  # fmt: skip


def earlier(number, kind="participant", **changes):
    """A story of the edition one year before."""
    made = item(number, kind, **changes)
    return replace(made, published_at=made.published_at and made.published_at - YEAR)


def edition(items, event, ends=END, **changes):
    start = ends - (END - START)
    window = (start - timedelta(hours=19), ends + timedelta(days=28))
    values = {"event": event, "name": event, "starts": start, "ends": ends, "window": window, "media_outlets": 48}
    return Edition(items=tuple(items), **values | changes)


def measured(now, before, *, own=None, old=None, **changes):
    """Rows of M18 for the stories of two editions; `own` and `old` are what else is known of each."""
    pair = (edition(before, "e0", END - YEAR, **(old or {})), edition(now, "e", **(own or {})))
    shared = {"asked": pair[1].asked, "media_outlets": pair[1].media_outlets}
    return trend.measure(list(now), frame(world=World(editions=pair), **(shared | changes)))


def first(rows, metric="M18.change", group="written", kind="participant"):
    return next(row for row in rows if (row.metric, row.group, row.kind) == (metric, group, kind))


def test_seven_after_three_is_no_clear_change():
    found = change([2, 1, 2, 1, 1], [1, 1, 1])
    assert (round(found.value, 2), round(found.range.lo, 2), round(found.range.hi, 2)) == (2.33, 0.54, 10.09)
    assert found.said == "no_clear_change"


def test_seventy_three_single_posts_after_fifty_are_more():
    found = change([1] * 73, [1] * 50)
    assert (round(found.value, 2), round(found.range.lo, 2), round(found.range.hi, 2)) == (1.46, 1.02, 2.09)
    assert (found.said, change([1] * 50, [1] * 73).said) == ("more", "fewer")


@pytest.mark.parametrize(("before", "enough"), [(10, 23), (20, 36), (50, 73), (120, 154)])
def test_how_many_it_takes_to_call_a_rise(before, enough):
    assert change([1] * enough, [1] * before).said == "more"
    assert change([1] * (enough - 1), [1] * before).said == "no_clear_change"


@pytest.mark.parametrize(
    ("now", "before", "expected"), [(23, 10, 0.5), (10, 23, 0.5), (7, 7, 0.5), (0, 6, 0.5), (30, 12, 0.7), (8, 30, 0.3)]
)
def test_the_tail_is_the_binomial_one(now, before, expected):
    n = now + before
    terms = [math.comb(n, k) * expected**k * (1 - expected) ** (n - k) for k in range(n + 1)]
    side = terms[now:] if now >= n * expected else terms[: now + 1]
    assert tail(now, before, expected) == pytest.approx(sum(side), rel=1e-9)


def test_a_few_from_none_and_none_after_some():
    none, some = change([], [1] * 6), change([1] * 6, [])
    assert (none.value, none.said, some.value, some.said) == (0, "fewer", None, "more")
    assert (change([1] * 5, []).said, change([], [1] * 5).said) == ("no_clear_change", "no_clear_change")


def test_luck_alone_rarely_cries_change_where_a_poisson_test_often_does():
    """No real change, writers with several posts each: nominal 5 % (measurement specification, M18)."""
    draw, runs, robust, plain = random.Random(18), 2000, 0, 0

    def event():
        writers = sum(draw.random() < 0.3 for _ in range(100))
        return draw.choices((1, 2, 3, 6), (60, 25, 10, 5), k=writers)

    for _ in range(runs):
        now, before = event(), event()
        robust += change(now, before).said != "no_clear_change"
        plain += change([1] * sum(now), [1] * sum(before)).said != "no_clear_change"
    assert robust / runs < 0.065
    assert plain / runs > 2.5 * robust / runs


def test_the_row_has_both_counts_their_authors_and_unknown_ones_as_bounds():
    now = [item(n) for n in range(7)] + [item(20, "unknown")]
    row = first(measured(now, [earlier(n + 50) for n in range(3)]))
    assert (row.num, row.den, row.status, row.variants["change"]) == (7, 3, "ok", "no_clear_change")
    assert row.by == {"now": 7, "before": 3, "authors_now": 7, "authors_before": 3}
    assert (row.bounds.lo, row.bounds.hi) == (7 / 3, 8 / 3)
    assert row.variants["previous_event"] == "e0"


def test_people_are_counted_once_over_all_groups():
    now = [item(1), item(2, author="web:1", group="micro", kind="micropost"), item(3)]
    rows = measured(now, [earlier(9)])
    assert [first(rows, "M18.contributors", group).num for group in ("any", "written")] == [2, 2]


def test_per_attendee_only_where_attendance_differs():
    now, before = [item(n) for n in range(7)], [earlier(n + 50) for n in range(3)]
    row = first(measured(now, before, own={"attended": 12}, old={"attended": 10}))
    head = row.variants["per_attendee"]
    assert (head["value"], head["attendees"], head["attendees_before"]) == (pytest.approx(7 / 12 / (3 / 10)), 12, 10)
    assert head["lo"] == pytest.approx(row.ci.lo * 10 / 12)
    assert "per_attendee" not in first(measured(now, before, own={"attended": 9}, old={"attended": 9})).variants
    twice = measured([item(n) for n in range(80)], [earlier(n + 90) for n in range(40)],
                     own={"attended": 200}, old={"attended": 100})  # fmt: skip
    assert first(twice).variants["change"] == "more"
    assert first(twice).variants["per_attendee"]["change"] == "no_clear_change"


def test_a_first_edition_has_nothing_to_compare_with():
    rows = trend.measure([item(1)], frame(world=World(editions=(edition([item(1)], "e"),))))
    assert {(row.status, row.flags, row.value) for row in rows} == {("not_applicable", ("first_event",), None)}


def test_before_day_28_both_editions_are_of_the_same_age():
    day = timedelta(days=1)
    before = [earlier(n, published_at=END + n * day) for n in range(1, 20)] + [earlier(40, published_at=None)]
    row = first(measured([item(n) for n in range(60, 63)], before, as_of=END + 5 * day))
    assert (row.num, row.den, row.variants["days_after_the_end"]) == (3, 5, 5)
    assert "so_far" in row.flags
    assert row.by["undated_left_out_before"] == 1
    whole = first(measured([item(n) for n in range(60, 63)], before, as_of=END + 28 * day))
    assert (whole.den, whole.flags) == (20, ())


def test_a_day_of_the_earlier_edition_counts_by_its_own_clock():
    """First local midnight to day 28 after its end, each its own."""
    late = [earlier(1, published_at=END + timedelta(days=27)), earlier(2, published_at=END + timedelta(days=29))]
    assert first(measured([item(5)], late)).den == 1


def test_media_need_an_outlet_list_and_the_same_one():
    now, before = [item(1, "media")], [earlier(2, "media")]
    assert first(measured(now, before), kind="media").status == "ok"
    other = first(measured(now, before, old={"media_outlets": 12}), kind="media")
    assert (other.status, other.flags, other.value) == ("not_applicable", ("other_outlets",), None)
    none = first(
        measured([item(3)], [earlier(4)], own={"media_outlets": None}, old={"media_outlets": None}), kind="media"
    )
    assert (none.status, none.flags) == ("unmeasured", ("no_outlet_list",))
    assert first(measured(now, before, old={"media_outlets": 12})).status == "not_applicable"  # none either time


def test_an_edition_that_nobody_harvested_is_not_an_edition_without_posts():
    row = first(measured([item(1)], []))
    assert (row.status, row.flags, row.value) == ("unmeasured", ("not_harvested:e0",), None)
    looked = first(measured([item(n) for n in range(6)], [], own={"asked": (asked(),)}, old={"asked": (asked(),)}))
    assert (looked.status, looked.value, looked.variants["change"]) == ("ok", None, "more")
    assert looked.flags == ("none_before",)


def test_counts_that_were_cut_off_cannot_be_called_more_or_fewer_against_their_side():
    many, few = [item(n) for n in range(60)], [earlier(n + 80) for n in range(10)]
    cut, whole = {"asked": (asked(truncated=True),)}, {"asked": (asked(),)}
    assert first(measured(many, few, own=whole, old=cut)).variants["change"] == "cannot_tell"
    up = first(measured(many, few, own=cut, old=whole))
    assert (up.status, up.variants["change"]) == ("truncated", "more")
    less, more = [item(n) for n in range(10)], [earlier(n + 80) for n in range(60)]
    assert first(measured(less, more, own=cut, old=whole)).variants["change"] == "cannot_tell"
    assert first(measured(less, more, own=whole, old=cut)).variants["change"] == "fewer"


def test_posts_that_nobody_judged_make_a_side_uncertain():
    rows = measured([item(n) for n in range(60)], [earlier(80, relevance="", counted=False)])
    assert (first(rows).status, "before:not_judged" in first(rows).flags) == ("unmeasured", True)


# Recipes


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('"Demo Meetup #2"', "‹own›"),
        ('"Demo Meetup"', "‹own›"),
        ('("Demo Meetup #2" OR "demo2")', "‹own›"),
        ('en: "Demo Meetup #2" OR "Demo Meetup"', "en ‹own›"),
        ("#demo2", "#‹own›"),
        ("topic:demo2", "topic:‹own›"),
        ('issues "第2回 りんごの会"', "issues ‹own›"),
        ("Demo Meetup vol.7", "‹own›"),
        ("@demo2", ""),
        ("demo2-fans", ""),
        ("demo20", ""),
        ("https://demo2.example/feed.xml", ""),
        ("url:demo2.example", ""),
        ("via x", ""),
        ("aoi_tanaka", ""),
        ("", ""),
    ],
)
def test_a_question_without_the_editions_own_words(query, expected):
    assert form(query, WORDS) == expected


def test_editions_that_asked_the_same_of_the_same_have_one_recipe():
    first_one = recipe_of([asked(query="#demo1"), asked("feeds", "https://a.example/feed")], ("demo1",), "2026.1")
    second = recipe_of([asked(query="#demo2"), asked("feeds", "https://b.example/feed")], ("demo2",), "2026.1")
    assert first_one.hash == second.hash != ""
    assert breaks(first_one, second) == ()


def test_what_breaks_a_line():
    old = Recipe(forms={"x": frozenset({"#‹own›"}), "note": frozenset()}, rules="1")
    new = Recipe(forms={"x": frozenset({"#‹own›", "‹own›"}), "qiita": frozenset()}, rules="2")
    assert breaks(old, new) == ("new_source:qiita", "source_gone:note", "other_queries:x", "other_rules")
    assert breaks(Recipe(), new) == ("harvested_otherwise",)
    assert breaks(Recipe(rules="1"), Recipe()) == ()


def test_what_other_tables_call_their_recipe_is_compared_as_it_is():
    old, new = recipe_of((), (), "", "7f3a91"), recipe_of((), (), "", "aa0011")
    assert breaks(old, new) == ("other_recipe",)
    assert breaks(old, recipe_of((), (), "", "7f3a91")) == breaks(old, recipe_of((), (), "")) == ()
    assert (old.hash, recipe_of((), (), "").hash) == ("7f3a91", "")


def test_a_source_without_anything_to_ask_was_asked_and_one_without_key_was_not():
    idle = asked("calendars", status="skipped", reason="nothing to ask: no calendar is known")
    keyless = asked("x", status="skipped", reason="needs a key")
    assert set(recipe_of([asked(), idle, keyless, asked("note", status="failed")], (), "").forms) == {
        "qiita", "calendars", "note",
    }  # fmt: skip


def test_another_recipe_gives_a_gap_and_what_both_would_have_found():
    lines = (asked(query="#demo2"),)
    now = [item(n) for n in range(7)]
    ours = {"asked": (*lines, asked("note", "#demo2")), "words": ("demo2",),
            "sighted": {n: (("qiita" if n < 4 else "note", "#demo2"),) for n in range(7)}}  # fmt: skip
    theirs = {"asked": (asked(query="#demo1"),), "words": ("demo1",),
              "sighted": dict.fromkeys((50, 51, 52), (("qiita", "#demo1"),))}  # fmt: skip
    row = first(measured(now, [earlier(n) for n in (50, 51, 52)], own=ours, old=theirs))
    assert (row.status, row.flags, row.value, row.ci) == ("not_applicable", ("new_source:note",), None, None)
    assert (row.num, row.den) == (7, 3)
    same = row.variants["same_recipe"]
    assert (same["num"], same["den"], same["change"]) == (4, 3, "no_clear_change")


def test_what_a_new_source_led_to_is_not_what_both_recipes_find():
    ours = {"asked": (asked(), asked("blog"), asked("x")),
            "sighted": {1: (("blog", "via x"),), 2: (("blog", "via qiita"),)}}  # fmt: skip
    theirs = {"asked": (asked(), asked("blog")), "sighted": {9: (("qiita", ""),)}}
    row = first(measured([item(1), item(2)], [earlier(9)], own=ours, old=theirs))
    assert row.flags == ("new_source:x",)
    assert row.variants["same_recipe"]["num"] == 1
