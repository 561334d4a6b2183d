"""What sources are told of what others found, and how often the reactions of a post are asked for."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from harvester.event import load
from harvester.known import NOTHING
from harvester.model import Author, Post, When
from harvester.store import frontier, posts, runs
from harvester.store.connection import write_tx
from harvester.store.events import save_event
from harvester.store.known import Stored, refreshed
from harvester.store.open import open_db

NOW = datetime(2016, 12, 10, 12, tzinfo=UTC)
EVENT = load(
    """
name = "The Meetup 2016"
slug = "meetup"
starts = 2016-12-01
ends = 2016-12-03
timezone = "Asia/Tokyo"
speakers = ["https://talks.example/aoi", "x:@aoi"]
attendees = ["https://qiita.com/hana", "Somebody"]
press = ["https://press.example/"]
""",
    "meetup.toml",
)


def stamp(at):
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def saved(conn, url, published, *, platform="web", author=None, relevance=None):
    """A stored post; its key."""
    when = When(at=published, precision="second", origin="feed") if published else When()
    author = author or Author(platform="web", handle="a.example")
    made = Post(key=url, url=url, kind="article", platform=platform, host=url.split("/")[2], author=author, title="The",
                text="The Meetup", published=when)  # fmt: skip
    posts.save_post(conn, made, event="meetup", source="feeds", run_id=1, now=stamp(NOW - timedelta(days=5)), query="")
    conn.execute("UPDATE event_posts SET relevance = ? WHERE post_id = (SELECT id FROM posts WHERE key = ?)",
                 (relevance, url))  # fmt: skip
    return url


@pytest.fixture
def conn(tmp_path):
    with closing(open_db(tmp_path / "t.db", "create")) as conn:
        with write_tx(conn):
            save_event(conn, EVENT)
            runs.start_run(conn, "crawl", "meetup", now=stamp(NOW))
        yield conn


def due(conn, at, source="counts", **more):
    return [post.key for post in Stored(conn, EVENT, source, at).due(**more)]


def test_the_young_are_asked_for_hourly_then_daily_then_monthly(conn):
    ages = {"https://a.example/young": 1, "https://a.example/middle": 10, "https://a.example/old": 100}
    with write_tx(conn):
        for url, days in ages.items():
            saved(conn, url, NOW - timedelta(days=days))
        saved(conn, "https://a.example/undated", None)  # known for five days
        assert set(due(conn, NOW)) == {*ages, "https://a.example/undated"}
        refreshed(conn, [*ages, "https://a.example/undated"], source="counts", now=stamp(NOW))
    seen = {hours: set(due(conn, NOW + timedelta(hours=hours))) for hours in (0.5, 1, 23, 24, 24 * 29.9, 24 * 30)}
    assert seen[0.5] == set()
    assert seen[1] == seen[23] == {"https://a.example/young"}
    assert seen[24] == {"https://a.example/young", "https://a.example/middle", "https://a.example/undated"}
    assert "https://a.example/old" not in seen[24 * 29.9]
    assert "https://a.example/old" in seen[24 * 30]
    assert set(due(conn, NOW, source="another")) == {*ages, "https://a.example/undated"}


def test_who_was_never_asked_for_comes_first_and_others_are_left_out(conn):
    with write_tx(conn):
        for number in range(4):
            saved(conn, f"https://a.example/{number}", NOW)
        saved(conn, "https://a.example/off", NOW, relevance="rejected")
        saved(conn, "https://x.com/a/status/1", NOW, platform="x", relevance="probable")
        refreshed(conn, ["https://a.example/0", "https://a.example/nobody"], source="counts", now=stamp(NOW))
    later = NOW + timedelta(hours=2)
    assert due(conn, later)[-1] == "https://a.example/0"
    assert due(conn, later, platforms=("x",)) == ["https://x.com/a/status/1"]
    assert len(due(conn, later, limit=2)) == 2
    assert "https://a.example/off" not in due(conn, later)


def test_homes_and_accounts_come_from_the_lists_first_then_from_authors(conn):
    with write_tx(conn):
        saved(conn, "https://own.example/1", NOW, author=Author(platform="web", handle="own.example"))
        saved(conn, "https://qiita.com/kai/items/1", NOW, platform="qiita",
              author=Author(platform="qiita", handle="kai", website="https://kai.example/"))  # fmt: skip
        saved(conn, "https://spam.example/1", NOW, relevance="rejected",
              author=Author(platform="web", handle="spam.example"))  # fmt: skip
    known = Stored(conn, EVENT, "homes", NOW)
    assert known.homes() == [
        "https://talks.example/aoi", "https://qiita.com/hana", "https://own.example/", "https://kai.example/",
    ]  # fmt: skip
    assert known.homes(limit=1) == ["https://talks.example/aoi"]
    assert known.handles("qiita") == ["hana", "kai"]
    assert known.handles("x") == ["aoi"]


def test_what_is_not_there_is_lost_and_what_refused_us_is_not(conn):
    ends = {"gone": "gone", "hidden": "soft_404", "dead": "dns_error", "ours": "robots", "fine": "ok"}
    with write_tx(conn):
        wanted = [
            frontier.Wanted(source="blog", fingerprint=name, url=f"https://{name}.example/", host=f"{name}.example")
            for name in ends
        ]
        frontier.add(conn, "meetup", wanted, run_id=1, now=stamp(NOW))
        rows = {row["fingerprint"]: row["id"] for row in conn.execute("SELECT id, fingerprint FROM frontier")}
        for name, reason in ends.items():
            state = "failed" if reason == "dns_error" else "refused" if reason == "robots" else "done"
            frontier.finish(conn, rows[name], state, reason=reason, now=stamp(NOW))
    lost = Stored(conn, EVENT, "wayback", NOW).lost()
    assert sorted(lost) == ["https://dead.example/", "https://gone.example/", "https://hidden.example/"]


def test_without_a_file_nothing_is_known():
    assert NOTHING.due() == NOTHING.homes() == NOTHING.handles("x") == NOTHING.lost() == []
