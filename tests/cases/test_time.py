"""C6, C8: doing it again, and clocks."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from harvester.crawl import clock
from harvester.dates import iso
from harvester.store import runs
from harvester.store.connection import write_tx
from harvester.store.open import open_db
from tests.cases.common import HEALTHY, chain, page, write
from tests.evil import article, feed
from tests.patches import patched
from tests.servers import Answer, redirect

# C6: doing it again changes nothing but the bookkeeping

# What was done, and when.
BOOKKEEPING = frozenset({"runs", "run_sources", "sightings", "hosts", "decisions", "spending"})
OUR_CLOCK = frozenset({"id", "run_id", "first_seen_at", "checked_at", "added_at", "done_at", "observed_at", "found_on"})
NAMED_BY = {
    "post_id": "SELECT key FROM posts WHERE id = ?",
    "author_id": "SELECT platform || ':' || handle FROM authors WHERE id = ?",
    "story_id": "SELECT key FROM posts JOIN stories ON stories.post_id = posts.id WHERE stories.id = ?",
}
NAMED_BY |= dict.fromkeys(("src_post_id", "dst_post_id", "parent_id"), NAMED_BY["post_id"])
NAMED_BY["actor_id"] = NAMED_BY["author_id"]


def dump(db, *, by_name=False):
    """Every row of every table but the bookkeeping; `by_name` as two databases can agree on, without ids and clocks."""
    found = {}
    with closing(open_db(db, "ro")) as conn:
        names = [row[0] for row in conn.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        for table in names:
            if table in BOOKKEEPING or table.startswith(("posts_fts_", "sqlite_", "_sqlite")):
                continue
            rows = [dict(row) for row in conn.execute(f"SELECT * FROM {table}")]
            found[table] = sorted((told(conn, table, row, by_name=by_name) for row in rows), key=repr)
    return found


def told(conn, table, row, *, by_name):
    dropped = {"frontier": {"run_id", "done_at"}, "posts": {"checked_at"}, "reactions": {"observed_at"}}.get(
        table, set()
    )
    if by_name:
        dropped = (
            OUR_CLOCK | ({"at"} if table != "links" else set()) | ({"updated_at"} if table == "checkpoints" else set())
        )
    kept = {name: value for name, value in row.items() if name not in dropped}
    for name in NAMED_BY.keys() & kept.keys() if by_name else ():
        if kept[name] is not None:
            kept[name] = conn.execute(NAMED_BY[name], (kept[name],)).fetchone()[0]
    return tuple(kept.items())


def small_web():
    """Pages, a feed and blogs that meet each other: the same posts in two views, a redirect, a dead link, an edit."""
    return {
        ("a.example", "/1"): page(
            1, "https://a.example/2", mentions=["https://blog.example/a", "https://gone.example/"]
        ),
        ("a.example", "/2"): page(
            2, "https://a.example/1", mentions=["https://blog.example/b", "https://old.example/a"]
        ),
        ("blog.example", "/a"): article("The Meetup, the first report"),
        ("blog.example", "/b"): article(
            "The Meetup, the second report", links=("https://blog.example/a", "https://c.example/")
        ),
        ("c.example", "/"): article("The Meetup, a third one", links=("https://a.example/1",)),
        ("old.example", "/a"): redirect("https://blog.example/a"),
        ("feed.example", "/feed"): feed(
            ("The Meetup, the first report", "https://blog.example/a"), ("Something else", "https://other.example/1")
        ),
    }


@pytest.mark.case("C6")
def test_c6_the_same_again_and_in_another_order_is_the_same(site, tmp_path):
    keys = {"pages": ["https://a.example/1", HEALTHY], "feeds": ["https://feed.example/feed"]}
    made = site(small_web(), **keys)
    assert made.crawl().code == 0
    first = dump(made.db)
    assert {table for table, rows in first.items() if rows} >= {"posts", "authors", "links", "frontier", "event_posts"}
    again = made.crawl()
    assert (again.code, "0 new posts" in again.out) == (0, True), again
    assert dump(made.db) == first
    other = replace(made, folder=tmp_path / "other")
    other.folder.mkdir()
    other.event(**keys)
    for sources in (["feeds"], ["graph"], ["feeds", "blog"]):
        assert other.crawl(*(word for source in sources for word in ("--source", source))).code == 0
    mine, theirs = dump(made.db, by_name=True), dump(other.db, by_name=True)
    assert {table for table in mine if mine[table] != theirs[table]} == set()


# C8: a day is a day in the event's zone, whatever the host's zone and clock do

# The moments before and at midnight: in Tokyo, in New York on the day its summer time ends, and in UTC.
MOMENTS = {
    "2016-08-31T14:59:59Z": "2016-08-31",
    "2016-08-31T15:00:00Z": "2016-09-01",
    "2016-09-01T00:00:00+09:00": "2016-09-01",
    "2016-11-06T03:59:59Z": "2016-11-06",
    "2016-11-06T05:30:00Z": "2016-11-06",
    "2016-11-06T06:30:00Z": "2016-11-06",
    "2016-11-06T01:30:00-04:00": "2016-11-06",
    "2016-11-06T01:30:00-05:00": "2016-11-06",
    "2016-11-06T15:00:00Z": "2016-11-07",
    "2016-12-31T23:59:59Z": "2017-01-01",
}
IN_NEW_YORK = {
    "2016-11-06T03:59:59Z": "2016-11-05",
    "2016-11-06T04:00:00Z": "2016-11-06",
    "2016-11-07T04:59:59Z": "2016-11-06",
    "2016-11-07T05:00:00Z": "2016-11-07",
}


def dated(*moments):
    """A feed with an entry for each moment."""
    items = "".join(
        f"<entry><id>urn:{number}</id><title>The meetup at {at}</title><link href='https://blog{number}.example/p'/>"
        f"<published>{at}</published><summary>I went to the meetup</summary></entry>"
        for number, at in enumerate(moments)
    )
    text = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>t</title>{items}</feed>"
    return Answer(text.encode(), 200, {"Content-Type": "application/atom+xml"})


def days(made):
    return dict(
        made.rows("SELECT title, local_day FROM event_posts JOIN posts ON id = post_id WHERE title LIKE '%at %'")
    )


@pytest.mark.case("C8")
def test_c8_the_host_s_zone_changes_no_day(site):
    made = site({("a.example", "/feed"): dated(*MOMENTS)}, feeds=["https://a.example/feed"], crawl={"max_depth": 0})
    seen = []
    for zone in ("America/New_York", "Asia/Tokyo", "UTC"):
        made.environment = {"TZ": zone}
        done = made.crawl("--source", "feeds")
        assert done.code == 0, done
        seen.append((days(made), made.rows("SELECT key, published_at FROM posts ORDER BY key")))
    assert days(made) == {f"The meetup at {at}": day for at, day in MOMENTS.items()}
    assert all(found == seen[0] for found in seen)
    stored = [at for (at,) in made.rows("SELECT published_at FROM posts UNION SELECT started_at FROM runs")]
    assert not [at for at in stored if at and not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", at)]
    once = made.rows("SELECT run_id, source, count(*) FROM run_sources WHERE query = '' GROUP BY 1, 2")
    assert {count for *_, count in once} == {1}
    assert len(once) == 3
    assert len(made.server.hits("/feed")) == 3


@pytest.mark.case("C8")
def test_c8_a_report_in_another_zone_has_that_zone_s_days(site):
    made = site(
        {("a.example", "/feed"): dated(*IN_NEW_YORK)}, feeds=["https://a.example/feed"], crawl={"max_depth": 0},
        report_timezone="America/New_York",
    )  # fmt: skip
    made.environment = {"TZ": "Asia/Tokyo"}
    assert made.crawl("--source", "feeds").code == 0
    assert days(made) == {f"The meetup at {at}": day for at, day in IN_NEW_YORK.items()}


@pytest.mark.case("C8")
def test_c8_a_clock_that_went_back_is_told_and_nothing_is_purged(site, tmp_path):
    made = site({("a.example", "/1"): page(1), ("b.example", "/2"): page(2)}, pages=["https://a.example/1", HEALTHY])
    assert made.crawl("--source", "graph").code == 0
    write(made, "UPDATE posts SET first_seen_at = '2016-12-01T00:00:00Z' WHERE title = 'Page 1'")
    made.event(pages=["https://b.example/2"], keep_days=90)
    back = """
        import datetime, time_machine
        now = datetime.datetime.now(datetime.UTC)
        time_machine.travel(now - datetime.timedelta(hours=2)).start()
    """
    made.environment = patched(tmp_path, back)
    done = made.crawl("--cron", "--source", "graph")
    assert (done.code, done.out) == (0, ""), done
    warning = (
        r"Warning: the clock says (\S+), but run 1 was at work at (\S+): one of the two is wrong, check the clock; "
        r"nothing is erased by age in this run\n"
    )
    told = re.fullmatch(warning, done.err)
    assert told, done
    assert told[1] < told[2]
    assert made.titles() == {"Page 1", "Page 2", "Page healthy"}
    made.environment = {}
    done = made.crawl("--source", "graph")
    assert (done.code, "clock" in done.err) == (0, False), done
    assert made.titles() == {"Page 2", "Page healthy"}  # it was too old all the time


@pytest.mark.case("C8")
def test_c8_a_clock_is_compared_with_what_earlier_runs_knew(tmp_path):
    noon = datetime(2016, 12, 1, 12, tzinfo=UTC)
    with closing(open_db(tmp_path / "a.db", "create")) as conn:

        def run(at):
            with write_tx(conn):
                runs.finish_run(conn, runs.start_run(conn, "crawl", None, now=iso(at)), "ok", 0, now=iso(at))

        assert clock.problem(conn, noon) == ""
        run(noon)
        assert clock.problem(conn, noon - timedelta(seconds=60)) == ""
        back = noon - timedelta(hours=2)
        for _ in range(2):  # it is told as long as it lasts
            assert "run 1 was at work at 2016-12-01T12:00:00Z" in clock.problem(conn, back)
            run(back)
        run(noon + timedelta(hours=1))
        assert clock.problem(conn, noon + timedelta(hours=1)) == ""
        run(datetime(2999, 1, 1, tzinfo=UTC))  # years ahead: told once, and not for years
        assert "run 5 was at work at 2999-01-01T00:00:00Z" in clock.problem(conn, noon + timedelta(hours=2))
        run(noon + timedelta(hours=2))
        assert clock.problem(conn, noon + timedelta(hours=3)) == ""
        with write_tx(conn):
            conn.execute("UPDATE runs SET pid = NULL")  # as they come in a file of another machine
        assert clock.problem(conn, back) == ""


@pytest.mark.case("C8")
def test_c8_a_clock_that_jumps_during_a_crawl_neither_stops_nor_stretches_it(site, tmp_path):
    jumps = """
        from datetime import timedelta
        from itertools import count
        from harvester.crawl import session
        real, calls = session.utcnow, count()
        session.utcnow = lambda: real() - timedelta(hours=2 * (next(calls) // 7 % 2))
    """
    made = site(chain(20), pages=["https://a.example/0", HEALTHY])
    made.environment = patched(tmp_path, jumps)
    done = made.crawl("--source", "graph")
    assert done.code == 0, done
    assert len(made.titles()) == 21
    assert done.seconds < 60


@pytest.mark.case("C8")
def test_c8_a_pause_noted_by_a_clock_that_was_ahead_is_cut_to_a_day(site):
    made = site({("a.example", "/1"): page(1)}, pages=["https://a.example/1", HEALTHY])
    with closing(open_db(made.db, "create")):
        pass
    write(made, "INSERT INTO hosts (host, not_before, reason) VALUES ('a.example', '2999-01-01T00:00:00Z', 'HTTP 429')")
    assert made.crawl("--source", "graph").code == 0
    assert made.server.hits(host="a.example") == []
    (until,) = made.rows("SELECT not_before FROM hosts WHERE host = 'a.example'")[0]
    left = datetime.fromisoformat(until) - datetime.now(UTC)
    assert timedelta(hours=23) < left <= timedelta(hours=24)
