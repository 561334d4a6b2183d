"""Timeline, half-time, lift and re-ignition: the worked numbers to their digits, in zones whose clocks change too."""

import json
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from math import comb
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from harvester.cli import cli, run
from harvester.measure import ages, bursts, halflife, lift, looked, moments, ratio, timing
from harvester.measure.item import Asked
from harvester.measure.world import Reach, Scope, World
from harvester.store.open import open_db
from tests.test_measures import END, frame, item

FX = Path(__file__).parent / "fixtures" / "interchange" / "fx.jsonl"
START = datetime(2016, 12, 21, 10, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")
# Ages of the written participants of FX, in days after the end.
WRITTEN = (0.0694, 0.4583, 0.6042, 2.9792, 7.0208, 19.4792)


def at(days):
    """A moment that many days after the end."""
    return END + timedelta(days=days)


def posts(days, **changes):
    return [item(n, published_at=at(age), **changes) for n, age in enumerate(days)]


def dated(number, day, **changes):
    """A post of which only the day is known, stored as its first moment in Tokyo."""
    first = datetime.combine(date.fromisoformat(day), datetime.min.time(), TOKYO).astimezone(UTC)
    return item(number, published_at=first, precision="day", local_day=day, **changes)


def undated(number, **changes):
    return item(number, published_at=None, precision="unknown", local_day="", **changes)


def one(rows, metric, group="written", kind="participant"):
    found = [row for row in rows if (row.metric, row.group, row.kind) == (metric, group, kind)]
    assert len(found) == 1, rows
    return found[0]


def half(items, **changes):
    rows = halflife.measure(items, frame(**changes))
    return {row.metric.partition(".")[2]: row for row in rows if (row.group, row.kind) == ("written", "participant")}


def asked(source, group="written", **changes):
    values = {"query": "", "status": "ok", "reason": "", "found": 0, "returned": None, "reported_total": None,
              "truncated": False, "groups": (group,)}  # fmt: skip
    return Asked(source=source, **values | changes)


def runs(*days, source="qiita", horizon=7, platforms=("qiita",), **changes):
    """The parts of a frame in which a source was asked on those days after the end."""
    scope = Scope(source=source, platforms=platforms, horizon_days=horizon)
    reaches = tuple(Reach(source=source, at=at(day), **{"status": "ok"} | changes) for day in days)
    return {"asked": (asked(source),), "world": World(scopes=(scope,), reaches=reaches)}


def beside(*frames):
    """Those parts of several sources."""
    worlds = [one["world"] for one in frames]
    return {
        "asked": tuple(line for one in frames for line in one["asked"]),
        "world": World(
            scopes=tuple(scope for world in worlds for scope in world.scopes),
            reaches=tuple(reach for world in worlds for reach in world.reaches),
        ),
    }


# --- the fixture, through its import


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    path = tmp_path_factory.mktemp("fx") / "fx.db"
    result = CliRunner().invoke(cli, ["import", "E2", str(FX), "--db", str(path)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return path


def told(path, event="E2"):
    options = ["report", event, "--db", str(path), "--json", "--metric", "M05", "--metric", "M06", "--metric", "M07"]
    result = CliRunner().invoke(cli, options, catch_exceptions=False, standalone_mode=False)
    return {(r["metric"], r["group"], r["kind"]): r for r in json.loads(result.output)}


@pytest.fixture(scope="module")
def fx(db):
    return told(db)


def test_fx_timeline(fx):
    row = fx["M05.timeline", "written", "participant"]
    days = {entry["day"]: entry["n"] for entry in row["series"]}
    assert days == {"2016-12-21": 1, "2016-12-22": 2, "2016-12-24": 1, "2016-12-28": 1, "2017-01-10": 1}
    assert (row["by"]["undated"], row["status"], row["flags"]) == (1, "ok", [])
    assert row["variants"]["live"] == [["2016-12-21", "19:00", "21:30"]]
    assert row["variants"]["gaps"] is None
    assert fx["M05.timeline", "micro", "participant"]["by"]["live"] == 4
    independent = fx["M05.timeline", "written", "independent"]
    assert independent["series"] == [{"day": "2016-12-26", "n": 1}]


def test_fx_half_time_of_articles(fx):
    half, late = fx["M06.t50", "written", "participant"], fx["M06.t90", "written", "participant"]
    assert (half["value"], half["unit"], half["status"], half["ci"]) == (14.5, "hours", "ok", None)
    assert half["by"] | {"before_start": 0} == {"n": 6, "undated": 1, "day_only": 0, "before_start": 0}
    assert late["value"] == pytest.approx(19.4792, abs=5e-5)
    share = fx["M06.afterglow", "written", "participant"]
    assert (share["num"], share["den"], f"{share['value']:.0%}") == (2, 6, "33%")
    assert (f"{share['bounds']['lo']:.0%}", f"{share['bounds']['hi']:.0%}") == ("29%", "43%")
    assert share["bounds"]["why"] == "1 undated"
    assert fx["M06.first_day", "written", "participant"]["value"] == 0.5


def test_fx_half_time_of_posts(fx):
    half = fx["M06.t50", "micro", "participant"]
    assert (half["value"], half["by"]["n"], half["flags"]) == (0.0, 7, ["half_while_live"])
    assert f"{fx['M06.first_day', 'micro', 'participant']['value']:.0%}" == "86%"
    assert fx["M06.afterglow", "micro", "participant"]["value"] == 0


def test_fx_lists_what_is_too_few(fx):
    row = fx["M06.t50", "talk", "participant"]
    assert (row["value"], row["status"], row["variants"]["posts"]) == (
        None, "insufficient", [{"post": "i05", "days": 0.0}],
    )  # fmt: skip
    row = fx["M06.baseline_lift", "written", "participant"]
    assert (row["status"], row["num"], row["den"], row["variants"]) == ("insufficient", 2, 0, {"posts": ["i06", "i07"]})
    assert fx["M06.baseline_lift", "talk", "participant"]["status"] == "not_applicable"


def test_fx_was_not_lit_again(fx):
    row = fx["M07.reignition", "written", "earned"]
    assert (row["value"], row["status"], row["by"]) == (0, "ok", {"days_judged": 21, "days_skipped": 0})


def test_each_number_of_fx_lists_its_posts(fx, db):
    with closing(open_db(db, "ro")) as conn:
        for row in fx.values():
            listed = conn.execute(row["query"], {"event": "E2"}).fetchall()
            number = {
                "M05": row["value"], "M07": sum(entry["n"] for entry in row["series"]),
                "M06": row["by"].get("n", row["by"].get("after", 0) + row["by"].get("before", 0)),
            }  # fmt: skip
            assert len(listed) == number[row["metric"][:3]], row


def test_a_seven_day_search_of_day_ten_leaves_fx_truncated_where_it_was_the_only_one(tmp_path):
    path, lines = tmp_path / "r.db", tmp_path / "runs.jsonl"
    entry = {"type": "run", "event": "E2", "source": "x", "query": "#demo", "status": "ok", "platforms": ["x"],
             "started_at": "2016-12-31T12:30:00Z", "horizon_days": 7}  # fmt: skip
    whole = entry | {"source": "qiita", "platforms": ["qiita"], "started_at": "2017-01-19T00:00:00Z"}
    del whole["horizon_days"]
    # What asks whether known posts still stand, or reads what was kept, has looked for nothing.
    others = [
        {name: value for name, value in entry.items() if name != "horizon_days"} | {"started_at": moment, **told}
        for moment, told in (
            ("2017-02-01T00:00:00Z", {"command": "comply"}), ("2017-02-02T00:00:00Z", {"run_detail": "offline"}),
        )
    ]  # fmt: skip
    text = "".join(f"{json.dumps(line)}\n" for line in (*others, entry, whole))
    lines.write_text(text, encoding="utf-8")
    assert run(["import", "E2", str(FX), str(lines), "--db", str(path)]) == 0
    rows = told(path)
    micro, written = rows["M06.t50", "micro", "participant"], rows["M06.t50", "written", "participant"]
    assert (micro["status"], micro["value"], "not_reached:x" in micro["flags"]) == ("truncated", 0.0, True)
    assert (written["status"], written["value"], written["flags"]) == ("ok", 14.5, [])
    gaps = rows["M05.timeline", "micro", "participant"]["variants"]["gaps"]
    assert gaps == [["2016-11-23", "2016-12-24"], ["2016-12-31", "2017-01-18"]]
    assert rows["M05.timeline", "written", "participant"]["variants"]["gaps"] == []


# --- M05


def line(items, group="written", kind="participant", **changes):
    return one(timing.timeline(items, frame(**changes)), "M05.timeline", group, kind)


def test_a_post_of_the_evening_in_utc_is_one_of_the_next_morning_in_tokyo():
    late = item(1, published_at=datetime(2016, 12, 21, 23, 30, tzinfo=UTC), local_day="")
    assert line([late]).series == (("2016-12-22", 1),)
    assert line([late], timezone="UTC").series == (("2016-12-21", 1),)
    assert line([late], timezone="America/Los_Angeles").series == (("2016-12-21", 1),)


def test_days_reach_from_28_before_the_first_to_28_after_the_last():
    inside, outside = ["2016-11-23", "2017-01-18"], ["2016-11-22", "2017-01-19"]
    row = line([dated(n, day) for n, day in enumerate([*inside, *outside])])
    assert dict(row.series) == dict.fromkeys(inside, 1)
    assert (row.value, row.by["outside_days"], row.flags) == (2, 2, ("some_outside_days",))


def test_a_month_or_a_year_is_never_spread_and_one_of_another_time_is_no_undated_post():
    months = {"2016-12-01": "month", "2016-01-01": "year", "2016-06-01": "month", "2014-01-01": "year"}
    items = [
        item(n, published_at=datetime.fromisoformat(f"{day}T00:00:00+00:00"), precision=precision)
        for n, (day, precision) in enumerate(months.items())
    ]
    row = line([*items, undated(9)])
    assert (row.series, row.value) == ((), 0)
    assert (row.by["undated"], row.by["outside_days"]) == (3, 2)


def test_the_first_snapshot_with_the_events_words_is_a_date():
    assert line([item(1, published_at=at(3), precision="first_seen", local_day="")]).series == (("2016-12-24", 1),)


def test_live_hours_of_several_days_in_the_zone_of_the_report():
    starts, ends = datetime(2016, 11, 28, 16, tzinfo=UTC), datetime(2016, 12, 2, 21, tzinfo=UTC)
    row = line([item(1)], starts=starts, ends=ends, timezone="Asia/Tokyo", venue_timezone="America/Los_Angeles")
    assert row.variants["live"][0] == ["2016-11-29", "01:00", "24:00"]
    assert row.variants["live"][-1] == ["2016-12-03", "00:00", "06:00"]
    assert len(row.variants["live"]) == 5


def test_a_group_in_which_nobody_wrote_says_whether_anybody_looked():
    rows = timing.timeline([item(1)], frame(asked=(asked("x", "micro", status="failed"),)))
    assert [(r.group, r.kind, r.value, r.status) for r in rows if r.group != "written"] == [
        ("talk", "", None, "unmeasured"), ("micro", "", None, "unmeasured"),
    ]  # fmt: skip


def test_days_outside_any_run_are_gaps():
    row = line([item(1)], **runs(3, 6, 20))
    assert row.variants["gaps"] == [["2016-11-23", "2016-12-17"], ["2016-12-27", "2017-01-03"],
                                    ["2017-01-10", "2017-01-18"]]  # fmt: skip
    assert (row.status, row.flags) == ("truncated", ("gaps",))


def test_days_of_the_run_up_that_nobody_asked_about_make_no_number_less_than_it_is():
    window = (START - timedelta(days=1), None)
    row = line([item(1)], **runs(29, horizon=None, window=window))
    assert (row.variants["gaps"], row.status) == ([["2016-11-23", "2016-12-20"]], "ok")


def test_what_one_source_missed_is_told_though_another_looked():
    every = runs(28, source="feeds", horizon=None, platforms=())
    row = line([item(1)], **beside(runs(3, 30), every, runs(90, source="media", platforms=())))
    assert row.variants["gaps"] == []
    assert row.variants["not_reached"] == {"qiita": [["2016-11-23", "2016-12-17"], ["2016-12-24", "2017-01-13"]]}
    assert row.variants["out_of_reach"] == ["media"]


# --- when somebody looked


def test_gaps_are_what_is_left_of_a_span():
    span = (at(0), at(10))
    assert looked.gaps([], span) == [span]
    assert looked.gaps([(at(-5), at(20))], span) == []
    assert looked.gaps([(at(6), at(8)), (at(-1), at(2)), (at(7), at(9))], span) == [(at(2), at(6)), (at(9), at(10))]
    assert looked.gaps([(at(11), at(12))], span) == [span]


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"status": "failed"}, None),
        ({"status": "partial", "truncated": True}, None),
        ({"status": "partial"}, False),
        ({"window": (at(2), None)}, True),
        ({"window": (at(-1), at(5))}, True),
    ],
)
def test_only_what_a_question_read_to_its_end_is_reached(changes, missing):
    found = looked.look(frame(**runs(28, horizon=None, **changes)), "written", (START, at(28)))
    assert (bool(found.missing) if found.known else None) == missing


def test_the_line_of_a_whole_source_claims_no_more_than_its_questions():
    whole = runs(28, horizon=None)
    query = runs(28, horizon=None, query="#e", window=(at(1), None))
    found = looked.look(frame(**beside(whole, query)), "written", (START, at(28)))
    assert found.nowhere == ((START, at(1)),)


def test_sources_of_a_platform_stand_in_for_each_other_and_those_of_the_web_do_not():
    week = runs(10)
    other = runs(28, source="qiita_feeds", horizon=None)
    assert looked.look(frame(**beside(week, other)), "written", (START, at(28))).missing == {}
    web = beside(runs(10, source="a", platforms=()), runs(28, source="b", platforms=(), horizon=None))
    assert list(looked.look(frame(**web), "written", (START, at(28))).missing) == ["a"]


# --- M06


def test_written_ages_of_the_specification():
    rows = half([*posts(WRITTEN), undated(9)])
    assert rows["t50"].value == pytest.approx(14.5, abs=1e-3)
    assert rows["t90"].value == 19.4792
    assert (rows["afterglow"].num, rows["afterglow"].den) == (2, 6)
    assert (rows["afterglow"].bounds.lo, rows["afterglow"].bounds.hi) == (2 / 7, 3 / 7)
    assert rows["first_day"].value == 0.5


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "UTC", "America/Los_Angeles", "Pacific/Auckland"])
def test_ages_know_no_zone(zone):
    assert half(posts(WRITTEN), timezone=zone)["t50"].value == pytest.approx(14.5, abs=1e-3)


def test_a_day_without_an_hour_gives_t50_twice():
    """Ages 0.07, 0.46, 0.60 d and a date-only post of the next day in Tokyo: between 2.5 h and 11.0 h."""
    items = [*posts(WRITTEN[:3]), dated(9, "2016-12-22")]
    found = ages.ages_of(items, frame())
    assert halflife.time_to(found.seconds("early"), 50) / 3600 == 2.5
    assert halflife.time_to(found.seconds("late"), 50) / 3600 == pytest.approx(11.0, abs=1e-3)
    rows = half([*items, *posts([0.01, 0.02, 5, 6])])
    assert (rows["t50"].bounds.lo, rows["t50"].bounds.why) == (2.5, "1 with a day and no hour")
    assert rows["t50"].bounds.hi == pytest.approx(11.0, abs=1e-3)
    assert rows["t50"].bounds.lo <= rows["t50"].value <= rows["t50"].bounds.hi
    assert rows["t90"].bounds is None


def test_a_day_on_the_border_of_the_afterglow_counts_both_ways():
    border = dated(9, "2016-12-28")  # 12:30 UTC of that day is the end of day 7
    share = half([*posts([1, 2, 3, 4, 5, 8]), border])["afterglow"]
    assert (share.num, share.den) == (1, 7)
    assert (share.bounds.lo, share.bounds.hi, share.bounds.why) == (1 / 7, 2 / 7, "1 with a day and no hour")


def test_the_day_of_the_event_belongs_and_the_day_before_does_not():
    found = ages.ages_of([dated(1, "2016-12-21"), dated(2, "2016-12-20")], frame())
    assert [(age.early, age.told, age.late) for age in found.dated] == [(0.0, 0.0, 2.5 * 3600)]
    assert found.before == 1


def test_only_what_came_between_the_start_and_day_28_has_an_age():
    items = posts([-2.5 / 24 - 1e-5, -2.5 / 24, 0, 28, 28.01])
    found = ages.ages_of(items, frame())
    assert (found.before, found.seconds()) == (1, [0.0, 0.0, 28 * 86400.0])


@pytest.mark.parametrize(("n", "ranks"), [(5, None), (6, (1, 6)), (8, (1, 8)), (9, (2, 8)), (15, (4, 12)),
                                          (20, (6, 15)), (28, (9, 20)), (120, (49, 72))])  # fmt: skip
def test_ranks_of_the_order_statistic_interval(n, ranks):
    assert halflife.order_ranks(n) == ranks
    if ranks:
        below = [sum(comb(n, j) for j in range(k)) / 2**n for k in (ranks[0], ranks[0] + 1)]
        assert below[0] <= 0.025 < below[1]
        assert halflife.median_interval(range(n, 0, -1)) == ranks


def test_an_interval_is_printed_from_15_posts_on():
    assert half(posts(range(1, 15)))["t50"].ci is None
    row = half(posts(range(1, 16)))["t50"]
    assert (row.value, row.ci.lo, row.ci.hi, row.ci.method) == (8 * 24, 4 * 24, 12 * 24, "order-statistic")


def test_under_six_posts_are_listed():
    rows = half([*posts([1, 2, 3, 4, 5]), undated(9)])
    assert {row.status for row in rows.values()} == {"insufficient"}
    assert {row.value for row in rows.values()} == {None}
    assert rows["t50"].variants["posts"][0] == {"post": "k0", "days": 1.0}
    assert (rows["afterglow"].num, rows["afterglow"].den, rows["afterglow"].bounds) == (0, 5, None)
    assert half([undated(n) for n in range(8)])["t50"].flags == ("all_undated",)
    assert half([])["t50"].status == "not_applicable"


def test_a_single_harvest_of_a_seven_day_search_on_day_ten_is_truncated():
    seen = posts([3.1, 3.5, 4, 5, 5.4, 6, 7.5, 8, 9, 9.9])
    row = half(seen, **runs(10))["t50"]
    assert (row.status, row.flags) == ("truncated", ("not_reached:qiita",))
    assert row.value == pytest.approx(5.4 * 24)


def test_harvests_on_the_days_of_the_specification_reach_every_hour():
    assert half(posts(WRITTEN), **runs(0, 3, 6, 12, 18, 24, 28))["t50"].status == "ok"
    for missing in (6, 12, 18, 24, 28):
        days = [day for day in (0, 6, 12, 18, 24, 28) if day != missing]
        expected = "truncated" if missing in (6, 12, 18, 24, 28) else "ok"
        assert half(posts(WRITTEN), **runs(*days))["t50"].status == expected, missing
    assert half(posts(WRITTEN), **runs(27.9, horizon=None))["t50"].status == "truncated"


def test_posts_that_came_in_a_file_claim_no_gap():
    assert half(posts(WRITTEN))["t50"].status == "ok"


def test_nothing_found_where_no_run_reached_is_unmeasured():
    assert half([], **runs(90))["t50"].status == "unmeasured"
    assert half([], **runs(28, horizon=None))["t50"].status == "not_applicable"


def test_before_day_28_it_is_so_far_and_the_next_run_may_wait_a_day():
    now = {"as_of": at(9)}
    row = half(posts((*WRITTEN[:5], 8)), **runs(0, 3, 8.5) | now)["t50"]
    assert (row.status, row.flags) == ("ok", ("so_far",))
    assert half(posts(WRITTEN), **runs(0, 3, 6) | now)["t50"].status == "truncated"
    assert "so_far" not in half(posts(WRITTEN), as_of=at(28))["t50"].flags


def test_no_afterglow_before_day_7_and_no_first_day_before_it_is_over():
    rows = half(posts([0, 0, 0.1, 0.2, 0.3, 0.4]), as_of=at(0.5))
    assert (rows["afterglow"].status, rows["afterglow"].flags) == ("not_applicable", ("before_day_7", "so_far"))
    assert (rows["first_day"].status, rows["first_day"].value) == ("not_applicable", None)
    assert half(posts(WRITTEN), as_of=at(7))["afterglow"].value is not None


# --- the lift


def lifted(after, before, **changes):
    """Posts of different people after day 7 and before day −7, and the row that compares them."""
    times = [7.5 + 20 * n / max(after, 1) for n in range(after)] + [-8 - 19 * n / max(before, 1) for n in range(before)]
    return one(lift.measure(posts(times), frame(**changes)), "M06.baseline_lift")


def test_twenty_after_twelve_is_no_lift_to_speak_of():
    row = lifted(20, 12)
    assert (row.num, row.den, row.by) == (20, 12, {"after": 20, "before": 12})
    assert [f"{number:.2f}" for number in (row.value, row.ci.lo, row.ci.hi)] == ["1.67", "0.81", "3.41"]
    assert ratio.chance_range([1] * 20, [1] * 12) == row.ci


def test_who_writes_often_makes_the_range_of_a_lift_wider():
    items = [item(n, author="web:same", published_at=at(8 + n / 10)) for n in range(20)] + [
        item(50 + n, published_at=at(-9 - n / 10)) for n in range(12)
    ]
    row = one(lift.measure(items, frame()), "M06.baseline_lift")
    assert row.ci.lo < lifted(20, 12).ci.lo


def test_the_borders_of_the_lift():
    edges = posts([7, 7.001, 28, 28.001, -7, -7.001, -28, -28.001])
    row = one(lift.measure([*edges, *posts([10, 11, -10])], frame()), "M06.baseline_lift")
    assert row.by == {"after": 4, "before": 3}
    days = [dated(20, "2016-12-28"), dated(21, "2016-12-14")]
    row = one(lift.measure([*posts([8, 9, 10, -8, -9, -10]), *days], frame()), "M06.baseline_lift")
    assert (row.bounds.lo, row.bounds.hi) == (3 / 4, 4 / 3)


def test_a_lift_over_nothing_is_a_lower_bound_and_none_at_all_is_no_question():
    row = lifted(12, 0)
    assert (row.value, row.flags, row.ci.hi) == (None, ("none_before",), None)
    assert row.ci.lo == pytest.approx(2.7786, abs=5e-5)
    assert lifted(0, 8).value == 0
    assert (lifted(0, 0).status, lifted(3, 2).status) == ("not_applicable", "insufficient")


def test_three_weeks_that_nobody_asked_about_are_no_baseline():
    row = lifted(20, 0, **runs(29, horizon=None, window=(at(-3), None)))
    assert (row.status, row.value) == ("unmeasured", None)
    assert row.flags[0] == "run_up_not_asked"
    ever = runs(29, source="import", horizon=None, platforms=())
    row = lifted(20, 1, **beside(ever, runs(29, horizon=None, window=(at(-3), None))))
    assert (row.status, row.flags) == ("unmeasured", ("run_up_not_asked", "out_of_reach:qiita"))
    assert lifted(20, 12, **runs(-5, horizon=None)).flags[0] == "afterglow_not_asked"
    assert lifted(20, 12, **beside(ever, runs(90))).status == "ok", "it saw neither side"
    assert lifted(20, 12, **runs(29, horizon=None, window=(at(-20), None))).status == "truncated"
    assert lifted(20, 12, **runs(29, horizon=None)).status == "ok"
    assert lifted(20, 12, as_of=at(6)).status == "not_applicable"
    assert lifted(20, 12, as_of=at(14)).flags == ("so_far",)


# --- M07

DAILY = (30, 12, 6, 4, 3, 2, 2, 1, 1, 1, 0, 1, 1, 0, 9, 3, 1)


def test_only_day_14_was_lit_again():
    (burst,) = bursts.lit_again(DAILY)
    assert (burst.day, burst.count, burst.mean) == (14, 9, pytest.approx(5 / 7))
    assert burst.chance == pytest.approx(7.06e-8, rel=0.01)


@pytest.mark.parametrize(("mean", "count"), [(0.3, 3), (0.3, 4), (2.5, 1), (40, 60), (7, 0)])
def test_the_poisson_tail(mean, count):
    from math import exp, factorial

    below = sum(exp(-mean) * mean**k / factorial(k) for k in range(count))
    assert bursts.tail(mean, count) == pytest.approx(1 - below, rel=1e-9)


def test_the_rule_at_its_borders():
    quiet = [0] * 8
    assert bursts.lit_again([*quiet, 3]) == []  # P(Poisson(0.3) ≥ 3) = 0.0036
    assert [burst.day for burst in bursts.lit_again([*quiet, 4])] == [8]
    assert bursts.lit_again([*[0] * 7, 30]) == [], "day 7 is not after day 7"
    assert bursts.lit_again([]) == []


def test_days_that_no_run_reached_are_neither_judged_nor_in_a_mean():
    dark = [None if day in (11, 12, 13) else n for day, n in enumerate(DAILY)]
    (burst,) = bursts.lit_again(dark)
    assert (burst.day, burst.mean) == (14, 0.75)
    assert bursts.lit_again([None if day == 14 else n for day, n in enumerate(DAILY)]) == []
    assert 14 not in bursts.tested([None if 9 <= day <= 12 else n for day, n in enumerate(DAILY)])


def relit(daily=DAILY, kind="earned", **changes):
    first = date(2016, 12, 21)
    items = [
        dated(100 * day + n, (first + timedelta(days=day)).isoformat()) for day, k in enumerate(daily) for n in range(k)
    ]
    return one(bursts.measure(items, frame(**changes)), "M07.reignition", kind=kind)


def test_the_posts_of_a_day_that_was_lit_again_are_listed():
    row = relit()
    assert (row.value, row.series, row.status) == (1, (("2017-01-04", 9),), "ok")
    (day,) = row.variants["days"]
    assert (day["number"], day["stories"], len(day["posts"])) == (14, 9, 9)
    assert day["posts"][0] == "k1400"
    assert "local_day IN ('2017-01-04')" in row.query
    assert relit(kind="participant").value == 1


def test_owned_posts_light_nothing():
    row = one(bursts.measure([item(n, "organiser", published_at=at(14)) for n in range(9)], frame()),
              "M07.reignition", kind="earned")  # fmt: skip
    assert row.value == 0


def test_bursts_before_day_8_and_where_nobody_looked():
    assert relit(as_of=at(7)).status == "not_applicable"
    row = relit(as_of=at(15))
    assert (row.value, row.flags, row.by["days_judged"]) == (1, ("so_far",), 8)
    row = relit(**runs(0, 7, 10, 28))
    assert (row.status, row.flags[0]) == ("truncated", "days_not_looked")
    assert row.variants["not_looked"] == [["2016-12-31", "2017-01-11"]]
    assert row.value == 0, "day 14 is in the dark"
    assert relit(**runs(90)).status == "unmeasured"


# --- clocks that change


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", "2026-11-01", 25), ("America/New_York", "2026-03-08", 23),
        ("Asia/Tokyo", "2026-11-01", 24),
        ("Australia/Lord_Howe", "2026-04-05", 24.5), ("America/Sao_Paulo", "2018-11-04", 23),
        ("Africa/Cairo", "2026-04-24", 23),
    ],
)  # fmt: skip
def test_a_local_day_has_the_hours_it_has(zone, day, hours):
    first, last = moments.hours_of(date.fromisoformat(day), ZoneInfo(zone))
    assert (last - first) / timedelta(hours=1) == hours
    assert first.astimezone(ZoneInfo(zone)).date().isoformat() == day
    before = (first - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date().isoformat()
    assert before < day


def test_an_event_on_the_night_when_clocks_go_back():
    """New York, 1 November 2026: 01:30 comes twice. The event ends on 31 October, 22:00 there."""
    zone = "America/New_York"
    starts, ends = datetime(2026, 10, 31, 23, tzinfo=UTC), datetime(2026, 11, 1, 2, tzinfo=UTC)
    local = {"starts": starts, "ends": ends, "timezone": zone, "as_of": datetime(2027, 1, 1, tzinfo=UTC),
             "window": (starts - timedelta(hours=19), ends + timedelta(days=28))}  # fmt: skip
    twice = [item(n, published_at=datetime(2026, 11, 1, hour, 30, tzinfo=UTC)) for n, hour in enumerate((5, 6))]
    late = item(3, published_at=datetime(2026, 11, 2, 4, 30, tzinfo=UTC))  # 23:30 of the day with 25 hours
    only_day = item(4, published_at=datetime(2026, 11, 1, 4, tzinfo=UTC), precision="day", local_day="2026-11-01")
    row = line([*twice, late, only_day], **local)
    assert row.series == (("2026-11-01", 4),)
    assert row.variants["live"] == [["2026-10-31", "19:00", "22:00"]]
    found = ages.ages_of([*twice, late, only_day], frame(**local))
    assert sorted(age.early / 3600 for age in found.dated) == [2.0, 3.5, 4.5, 26.5]
    (day,) = [age for age in found.dated if age.post == "k4"]
    assert (day.late - day.early) / 3600 == 25


def test_seven_days_are_168_hours_also_over_a_change_of_clocks():
    """Told in local times: an event that ends before a change, a post at the same wall clock a week later."""
    zone = ZoneInfo("Europe/Berlin")
    ends = datetime(2026, 3, 27, 20, tzinfo=zone)
    post = item(1, published_at=datetime(2026, 4, 3, 20, tzinfo=zone))
    local = frame(starts=ends - timedelta(hours=2), ends=ends, timezone="Europe/Berlin",
                  as_of=datetime(2026, 6, 1, tzinfo=UTC))  # fmt: skip
    (age,) = ages.ages_of([post], local).dated
    assert age.told / 3600 == 167


# --- events of which there is little to say


@pytest.mark.parametrize("moment", [-40, -1, 0.1, 9, 40])
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_no_event_is_too_empty_too_young_or_too_foreign(moment, zone):
    for items in ([], [undated(1)], [item(1, author="")], [dated(n, "2016-12-22") for n in range(8)]):
        for parts in ({}, runs(0, 3), runs(-30, horizon=None)):
            changed = frame(as_of=at(moment), timezone=zone, **parts)
            rows = [row for family in (timing.timeline, halflife.measure, lift.measure, bursts.measure)
                    for row in family(items, changed)]  # fmt: skip
            assert {row.metric[:3] for row in rows} == {"M05", "M06", "M07"}
            for row in rows:
                has = row.status in ("ok", "truncated")
                assert has == (row.value is not None) or "none_before" in row.flags, row
                assert ("so_far" in row.flags) == (moment < 28)
