"""What is kept of a service's feed, and what is told of the time that it cannot show."""

import json
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from harvester import event as events
from harvester.found import Cursor, Note
from harvester.model import Draft, Link, Parsed
from harvester.walks import service_feed
from tests.test_sources import SOURCES, Case

FIXTURES = Path(__file__).parent / "fixtures"
EVENT = events.load((FIXTURES / "event.toml").read_text("utf-8"), "event.toml")
FULL = 4


def nothing(_text, _tags):
    return False


def entry(day, **more):
    return Draft(url=f"https://s.example/{day}", title="x", published=f"2026-05-{day:02d}T00:00:00Z", **more)


def reading(days, cursor="", **more):
    """(reason for a gap or "", cursor) after a feed with an entry of each day of May."""
    asked = service_feed.Asked(query="q", cursor=cursor, full=more.pop("full", FULL), **more)
    feed = Parsed(kind="feed", drafts=tuple(map(entry, days)))
    found = list(service_feed.found(feed, EVENT, nothing, asked, "https://s.example/feed"))
    gaps = [item.reason for item in found if isinstance(item, Note) and item.truncated]
    (value,) = [item.value for item in found if isinstance(item, Cursor)]
    return "".join(gaps), value


def at(day):
    return f"2026-05-{day:02d}T00:00:00Z" if day else ""


def test_a_feed_that_is_not_full_holds_all_there_is():
    assert reading([5, 6]) == ("", f"/{at(6)}")
    assert reading([5, 6, 7, 8], full=0) == ("", f"/{at(8)}")


def test_a_full_feed_that_begins_before_the_event_lacks_nothing():
    assert reading([2, 5, 6, 7]) == ("", f"{at(2)}/{at(7)}")


def test_a_full_feed_that_begins_after_the_event_is_told_in_every_crawl():
    reason, cursor = reading([5, 6, 7, 8])
    assert reason == service_feed.WINDOW
    assert reading([6, 7, 8, 9], cursor) == (service_feed.WINDOW, f"{at(5)}/{at(9)}")


def test_entries_between_two_readings_that_left_the_feed_are_told():
    assert reading([7, 8, 9, 10], f"/{at(6)}") == (service_feed.OVERRUN, f"{at(7)}/{at(10)}")
    assert reading([6, 8, 9, 10], f"/{at(6)}") == ("", f"/{at(10)}")


def test_what_is_lost_long_after_the_event_is_no_matter():
    long_after = "2026-07-01T00:00:00Z"
    assert reading([7, 8, 9, 10], f"/{long_after}") == ("", f"/{long_after}")


def test_an_account_is_looked_at_for_pages_of_the_event_s_time_only():
    asked = service_feed.Asked(query="q")
    feed = Parsed(kind="feed", drafts=(*map(entry, range(1, 20)), Draft(url="https://s.example/undated", title="x")))
    found = list(service_feed.found(feed, EVENT, nothing, asked, "https://s.example/feed"))
    assert [item.url[18:] for item in found if isinstance(item, Link)] == [str(day) for day in range(3, 13)]
    assert [item.reason for item in found if isinstance(item, Note)] == ["left out: 10 entries about other things"]
    assert not [item for item in found if isinstance(item, Draft)]


@given(st.lists(st.text(max_size=30), max_size=5))
def test_dates_of_any_kind_are_read_or_not(dates):
    drafts = tuple(replace(entry(5), published=date) for date in dates)
    found = service_feed.found(
        Parsed(kind="feed", drafts=drafts), EVENT, nothing, service_feed.Asked(query="q", full=FULL), ""
    )
    assert [item.returned for item in found if isinstance(item, Note) and item.returned is not None] == [len(dates)]


def test_accounts_that_were_never_read_come_first():
    read = {"@a": "/", "@c": "/2026"}
    assert service_feed.in_turn(["a", "@b", "b ", "c", "", "d"], lambda query: read.get(query, "")) == [
        "b",
        "d",
        "a",
        "c",
    ]


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
