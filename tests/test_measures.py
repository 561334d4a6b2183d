"""The worked numbers of the measures, computed from plain values (the imported fixture is in test_report.py)."""

from datetime import UTC, datetime

import pytest

from harvester.measure import quality, ratio, timing, volume
from harvester.measure.frame import Frame, state_of
from harvester.measure.item import Asked, Item

START, END = datetime(2016, 12, 21, 10, tzinfo=UTC), datetime(2016, 12, 21, 12, 30, tzinfo=UTC)


def frame(**changes):
    values = {
        "event": "e", "starts": START, "ends": END, "timezone": "Asia/Tokyo",
        "venue_timezone": "Asia/Tokyo", "rules": "r", "recipe": "abc123",
        "window": (datetime(2016, 12, 20, 15, tzinfo=UTC), datetime(2017, 1, 18, 12, 30, tzinfo=UTC)),
        "as_of": datetime(2017, 1, 20, tzinfo=UTC), "media_outlets": 48,
    }  # fmt: skip
    return Frame(**values | changes)


def item(number, kind="participant", **changes):
    values = {
        "post_id": number, "key": f"k{number}", "url": "https://a.example/", "title": "t", "kind": "article",
        "group": "written", "platform": "web", "relation": "original", "story": f"k{number}", "author_id": number,
        "author": f"web:{number}", "author_name": "n", "host": "", "author_kind": kind, "author_subkind": "",
        "published_at": datetime(2016, 12, 22, 1, tzinfo=UTC), "precision": "second", "local_day": "2016-12-22",
        "relevance": "confirmed", "counted": True, "not_counted_reason": "", "incentivised": False,
    }  # fmt: skip
    return Item(**values | changes)


@pytest.mark.parametrize(
    ("writers", "outlets", "lo", "hi"),
    [
        ([2, 1, 2, 1, 1], [1, 1], 0.6600, 18.5603),
        ([1] * 120, [1] * 20, 3.7374, 9.6324),
        ([10] * 6 + [2] * 12 + [3] * 12, [1] * 20, 3.2036, 11.2375),
        ([6, 3, 2, 1], [], 0.3847, None),
        ([1] * 12, [], 2.7786, None),
        ([], [1, 1, 1], None, 2.4200),
    ],
)
def test_chance_range(writers, outlets, lo, hi):
    found = ratio.chance_range(writers, outlets)
    assert (found.lo, found.hi) == (
        pytest.approx(lo, abs=5e-5) if lo else None,
        pytest.approx(hi, abs=5e-5) if hi else None,
    )


def test_ratio_counts_authors_once_and_keeps_owned_out():
    items = [
        item(1),
        item(2, author="web:1"),
        item(3, "media"),
        item(4, "vendor"),
        item(5, "independent"),
        item(6, "unknown"),
    ]
    row = ratio.measure(items, frame())[0]
    assert (row.value, row.num, row.den) == (2.0, 2, 1)
    assert row.variants["broad"] == 3.0
    assert (row.bounds.lo, row.bounds.hi) == (1.0, 3.0)
    assert row.flags == ("few_media",)


def test_reporters_of_one_site_are_one_outlet():
    items = [item(n, "media", host="news.example.jp") for n in range(3)] + [item(9, "media", host="other.example")]
    assert ratio.per_outlet(items) == [3, 1]
    assert ratio.per_outlet([item(1, "media", author="id:m1"), item(2, "media", author="id:m1")]) == [2]


def test_share_of_the_seed():
    items = [item(n) for n in range(120)] + [item(200 + n, "media") for n in range(20)]
    rows = ratio.measure(items, frame())
    assert rows[0].value == 6.0
    assert rows[1].value == pytest.approx(0.857, abs=5e-4)


def test_no_outlet_list_is_unmeasured_not_zero():
    row = ratio.measure([item(1)], frame(media_outlets=None))[0]
    assert (row.status, row.value) == ("unmeasured", None)


def test_no_media_found_is_a_lower_bound():
    row = ratio.measure([item(n) for n in range(12)], frame())[0]
    assert row.value is None
    assert row.flags == ("zero_media",)
    assert row.ci.lo == pytest.approx(2.7786, abs=5e-5)


def test_nothing_at_all_is_not_applicable():
    assert ratio.measure([], frame())[0].status == "not_applicable"


def test_posts_outside_the_window_or_not_confirmed_are_not_counted():
    late = item(2, published_at=datetime(2017, 3, 1, tzinfo=UTC))
    doubtful = item(3, relevance="probable")
    undated = item(4, published_at=None, precision="unknown", local_day="")
    rows = volume.volume([item(1), late, doubtful, undated], frame())
    assert rows[0].by["participant"] == 2


def test_a_month_or_year_is_a_span():
    start_of = {"year": datetime(2016, 1, 1, tzinfo=UTC), "month": datetime(2016, 12, 1, tzinfo=UTC)}
    items = [item(n, published_at=at, precision=p, local_day="") for n, (p, at) in enumerate(start_of.items())]
    items.append(item(9, published_at=datetime(2015, 1, 1, tzinfo=UTC), precision="year", local_day=""))
    assert volume.volume(items, frame())[0].by["participant"] == 2


def test_a_skipped_source_leaves_its_group_unmeasured_and_a_cut_one_truncated():
    skipped = Asked(source="x", query="", status="skipped", reason="no credentials", found=0, returned=None,
                    reported_total=None, truncated=False, groups=("micro",))  # fmt: skip
    cut = Asked(source="qiita", query="q", status="partial", reason="window", found=1, returned=10, reported_total=99,
                truncated=True, groups=("written",))  # fmt: skip
    rows = volume.volume([item(1)], frame(asked=(skipped, cut)))
    by_group = {row.group: row for row in rows if row.metric == "M01.volume"}
    assert (by_group["micro"].status, by_group["micro"].value) == ("unmeasured", None)
    assert by_group["written"].status == "truncated"
    assert (by_group["talk"].status, by_group["talk"].value) == ("unmeasured", None), "nobody asked for talks"


def test_contributors_are_people_not_posts():
    items = [item(1), item(2, author="web:1"), item(3, group="micro"), item(4, "media")]
    rows = {(r.metric, r.group): r for r in volume.contributors(items, frame())}
    assert rows["M03.contributors", "any"].value == 2
    assert rows["M03.contributors", "written"].value == 1
    assert rows["M03.stories_per_writer", "written"].value == 2.0


def test_timeline_keeps_undated_and_month_dates_apart():
    items = [item(1), item(2, published_at=None, precision="unknown", local_day=""), item(3, precision="month")]
    row = timing.timeline(items, frame())[0]
    assert row.series == (("2016-12-22", 1),)
    assert row.by["undated"] == 2


def test_quality_says_labels_are_unchecked_without_an_audit():
    rows = {row.metric: row for row in quality.measure([item(1), item(2, "unknown")], frame())}
    assert rows["M22.audit"].status == "unmeasured"
    assert (rows["M22.unclassified"].num, rows["M22.unclassified"].den) == (1, 2)


def test_a_source_that_had_nothing_to_ask_for_is_no_lack_where_others_were_asked():
    def line(source, status, reason=""):
        return Asked(
            source=source, query="", status=status, reason=reason, found=0, returned=None, reported_total=None,
            truncated=False, groups=("written",),
        )  # fmt: skip

    idle, keyless = line("wordpress", "skipped", "nothing to ask"), line("connpass", "skipped", "no credentials: set K")
    asked = frame(asked=(line("feeds", "ok"), idle, keyless))
    assert state_of("written", 3, asked) == ("ok", ("skipped:connpass",))
    assert state_of("written", 0, frame(asked=(idle,))) == ("unmeasured", ("skipped:wordpress",))
