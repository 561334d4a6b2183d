"""What is kept of a service's feed, and what is told of the time that it cannot show."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from harvester import event as events
from harvester.found import Cursor, Note
from harvester.model import Draft, Link, Parsed
from harvester.walks import feed_gaps, service_feed
from tests.test_sources import SOURCES, Case

FIXTURES = Path(__file__).parent / "fixtures"
EVENT = events.load((FIXTURES / "event.toml").read_text("utf-8"), "event.toml")
NOW = datetime(2026, 5, 20, tzinfo=UTC)
FULL = 4


def nothing(_text, _tags):
    return False


def entry(day, **more):
    return Draft(url=f"https://s.example/{day}", title="x", published=f"2026-05-{day:02d}T00:00:00Z", **more)


def told(drafts, cursor="", full=FULL):
    """(what the source's line says of a gap or "", cursor, the line of the feed) after a feed with these entries."""
    found = list(feed_gaps.reading(EVENT, NOW, "q", cursor, drafts, left=0, full=full))
    gaps = [item.reason for item in found if isinstance(item, Note) and item.truncated]
    (value,) = [item.value for item in found if isinstance(item, Cursor)]
    return "".join(gaps), value, [item for item in found if isinstance(item, Note)][-1]


def reading(days, cursor="", full=FULL):
    """The first two for an entry of each day of May."""
    return told([*map(entry, days)], cursor, full)[:2]


def at(day):
    return f"2026-05-{day:02d}T00:00:00Z" if day else ""


def test_a_feed_that_is_not_full_holds_all_there_is():
    assert reading([5, 6]) == ("", f"/{at(6)}")
    assert reading([5, 6, 7, 8], full=0) == ("", f"/{at(8)}")


def test_a_full_feed_that_begins_before_the_event_lacks_nothing():
    assert reading([2, 5, 6, 7]) == ("", f"{at(2)}/{at(7)}")


def test_a_full_feed_that_begins_after_the_event_is_told_in_every_crawl():
    reason, cursor = reading([5, 6, 7, 8])
    assert reason == feed_gaps.WINDOW
    assert reading([6, 7, 8, 9], cursor) == (feed_gaps.WINDOW, f"{at(5)}/{at(9)}")
    assert reading([], cursor) == (feed_gaps.WINDOW, cursor)
    line = told([*map(entry, [6, 7, 8, 9])], cursor)[2]
    assert (line.reason, line.window_start, line.truncated) == ("window: back to 2026-05-05 only", at(5), None)


def test_entries_between_two_readings_that_left_the_feed_are_told():
    assert reading([7, 8, 9, 10], f"/{at(6)}") == (feed_gaps.OVERRUN, f"{at(7)}/{at(10)}")
    assert reading([6, 8, 9, 10], f"/{at(6)}") == ("", f"/{at(10)}")


def test_where_nobody_knows_how_long_a_feed_is_only_an_overrun_is_told():
    assert reading([5, 6], full=None) == ("", f"{at(5)}/{at(6)}")
    assert reading([7, 8], f"{at(5)}/{at(6)}", None) == (feed_gaps.OVERRUN, f"{at(7)}/{at(8)}")
    assert reading([7, 9], f"{at(7)}/{at(8)}", None) == ("", f"{at(7)}/{at(9)}")
    assert reading([], f"{at(7)}/{at(8)}", None) == ("", f"{at(7)}/{at(8)}")
    assert told([Draft(url="https://s.example/1", title="x")], full=None)[:2] == ("", "/")
    assert reading([7, 8], "/", None) == ("", f"{at(7)}/{at(8)}"), "a feed that was empty cannot have been overrun"


def test_what_is_lost_far_from_the_event_is_no_matter():
    early, late = ([replace(entry(1), published=f"{month}-{day:02d}T00:00:00Z") for day in (7, 8, 9, 10)]
                   for month in ("2026-02", "2026-08"))  # fmt: skip
    assert told(early, "/2026-01-01T00:00:00Z")[0] == ""
    assert told(late, "/2026-07-10T00:00:00Z")[0] == ""
    assert feed_gaps.overrun(EVENT, "2026-03-01T00:00:00Z", "2026-03-20T00:00:00Z") == (
        feed_gaps.OVERRUN,
        "overrun: entries between 2026-03-01 and 2026-03-20 have left the feed, crawl more often",
    )


def test_an_entry_of_the_future_hides_no_overrun():
    cursor = told([entry(5), replace(entry(6), published="2031-01-01T00:00:00Z")], full=None)[1]
    assert cursor == f"{at(5)}/{at(20)}"


def test_an_account_is_looked_at_for_pages_of_the_event_s_time_only():
    asked = service_feed.Asked(query="q", now=NOW)
    feed = Parsed(kind="feed", drafts=(*map(entry, range(1, 20)), Draft(url="https://s.example/undated", title="x")))
    found = list(service_feed.found(feed, EVENT, nothing, asked, "https://s.example/feed"))
    assert [item.url[18:] for item in found if isinstance(item, Link)] == [str(day) for day in range(3, 13)]
    assert [item.reason for item in found if isinstance(item, Note)] == ["left out: 10 entries about other things"]
    assert not [item for item in found if isinstance(item, Draft)]


@given(st.lists(st.text(max_size=30), max_size=5))
def test_dates_of_any_kind_are_read_or_not(dates):
    drafts = tuple(replace(entry(5), published=date) for date in dates)
    asked = service_feed.Asked(query="q", now=NOW, full=FULL)
    found = service_feed.found(Parsed(kind="feed", drafts=drafts), EVENT, nothing, asked, "")
    assert [item.returned for item in found if isinstance(item, Note) and item.returned is not None] == [len(dates)]


def test_accounts_that_were_never_read_come_first():
    read = {"@a": "/", "@c": "/2026"}
    told = ["a", "@b", "b ", "c", "", "d"]

    def turn(room):
        return service_feed.in_turn(told, lambda query: read.get(query, ""), room, EVENT.ends)

    assert turn(9) == (["a", "b", "c", "d"], 0)
    assert turn(2) == (["b", "d"], 2)
    assert turn(3)[0][:2] == ["b", "d"]
    assert turn(-1) == ([], 4)


def test_more_accounts_than_requests_take_turns():
    names, seen = [f"a{number}" for number in range(30)], set()
    for day in range(40):
        chosen, left = service_feed.in_turn(names, lambda _: "/", 5, EVENT.ends + timedelta(days=day))
        assert (len(chosen), left) == (5, 25)
        seen |= set(chosen)
    assert seen == set(names)


def test_accounts_for_which_there_are_no_requests_left_are_told(tmp_path):
    known = {"handles": {name: ["a", "b", "c"] for name in ("zenn", "note", "medium", "devto")}}
    for name, most in (("zenn", 4), ("note", 2), ("medium", 4), ("devto", 4)):
        told = json.loads((FIXTURES / name / "empty" / "case.json").read_text("utf-8"))
        told |= {"callback": "start", "options": {"max_requests": most}, "known": known}
        (tmp_path / "case.json").write_text(json.dumps(told), "utf-8")
        case = Case(tmp_path, SOURCES[name])
        assert len(case.found()["found"]) == most
        answered = Case(FIXTURES / name / "empty", SOURCES[name])
        answered.spider.asked, answered.spider.unread = case.spider.asked, case.spider.unread
        reasons = [note.reason for note in answered.found()["found"] if isinstance(note, Note) and note.truncated]
        assert reasons == [f"max_requests ({answered.spider.option('max_requests')}) used up, accounts not read: 1"]
