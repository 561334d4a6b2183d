"""Pieces of storage work that `tests.syscalls` watches or kills."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import UTC, datetime

from harvester.event import load
from harvester.model import Post, When
from harvester.store import backup, migrations, runs, upgrade  # noqa: F401 - here, so that no import is counted later
from harvester.store.connection import write_tx
from harvester.store.events import save_event
from harvester.store.open import open_db
from harvester.store.posts import save_post
from harvester.store.version import APPLICATION_ID
from tests.crawling import EVENT

NOW = "2016-12-10T00:00:00Z"


def begin(path):
    """A new database with an event and a run, and a cursor at 0; all of it in the database file."""
    conn = open_db(path, "create")
    with write_tx(conn):
        save_event(conn, load(EVENT, "e.toml"))
        run = runs.start_run(conn, "crawl", "meetup", now=NOW)
        runs.set_cursor(conn, "s", "meetup", "", "0", now=NOW)
    conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return conn, run


def store_unit(conn, run, number):
    """What one page is: a post and the cursor that counts it, in one transaction."""
    post = Post(
        key=f"https://a.example/{number}", url=f"https://a.example/{number}", kind="article", platform="web",
        host="a.example", author=None, title=f"Page {number}", text=f"text {number}", language="en",
        published=When(at=datetime(2016, 12, 2, tzinfo=UTC), precision="day", origin="feed"),
    )  # fmt: skip
    with write_tx(conn):
        save_post(conn, post, event="meetup", source="s", query="", run_id=run, now=NOW)
        runs.set_cursor(conn, "s", "meetup", "", str(number), now=NOW)


def store_units(path, count):
    """`count` units; the mark follows each commit that has returned."""
    conn, run = begin(path)
    with closing(conn):
        os.getppid()
        for number in range(1, int(count) + 1):
            store_unit(conn, run, number)
            os.getppid()


def open_it(path):
    """What any writing command does first: an old file is brought to the newest schema."""
    open_db(path).close()


def first_schema(path, posts):
    """A database as the first release made it, with so many posts of some length."""
    from pysqlite3 import dbapi2 as sqlite3
    from sqlite_utils import Database

    conn = sqlite3.connect(str(path), isolation_level=None)
    conn.execute("PRAGMA journal_mode=WAL")
    conn.execute("BEGIN IMMEDIATE")
    migrations.migrations.apply(Database(conn, recursive_triggers=False), stop_before="m002_trust")
    conn.execute(f"PRAGMA application_id={APPLICATION_ID}")
    conn.execute("PRAGMA user_version=1")
    event = "INSERT INTO events (slug, name, starts_at, ends_at, timezone) VALUES ('e', 'E', ?, ?, 'UTC')"
    conn.execute(event, (NOW, NOW))
    conn.executemany(
        """INSERT INTO posts (id, key, url, kind, platform, host, title, text, first_seen_at)
           VALUES (?, ?, ?, 'article', 'web', 'a.example', ?, ?, ?)""",
        [(n, f"https://a.example/{n}", f"https://a.example/{n}", f"題 {n}", f"東京都の天気は晴れです {n} " * 20, NOW)
         for n in range(1, posts + 1)],
    )  # fmt: skip
    conn.executemany("INSERT INTO event_posts (event, post_id) VALUES ('e', ?)", [(n,) for n in range(1, posts + 1)])
    conn.executemany("INSERT INTO hosts (host, strikes) VALUES (?, 1)", [(f"h{n}.example",) for n in range(50)])
    conn.execute("INSERT INTO checkpoints VALUES ('s', 'e', '', '7', ?)", (NOW,))
    conn.execute("COMMIT")
    conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    conn.close()
