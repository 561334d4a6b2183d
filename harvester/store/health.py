"""What a database says about its own state, for those who look after it: read only, of any schema of ours."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from harvester.errors import Unopenable
from harvester.store.connection import Connection, wal_is_safe

if TYPE_CHECKING:
    from harvester.store.connection import Row


def sqlite_version() -> tuple[str, bool]:
    """The SQLite in use, and whether a write-ahead log is safe with it."""
    with closing(Connection(":memory:")) as conn:
        version = str(conn.execute("SELECT sqlite_version()").fetchone()[0])
    return version, wal_is_safe(version)


def journal(conn: Connection) -> str:
    """The kind of journal the file has: `wal` or `delete`."""
    return str(conn.execute("PRAGMA journal_mode").fetchone()[0])


def schema(conn: Connection) -> int:
    """The file's schema, 0 for an empty file."""
    return int(conn.execute("PRAGMA user_version").fetchone()[0])


def refuse_empty(conn: Connection) -> None:
    """Raise Unopenable for a file that was made and never written to."""
    if not schema(conn):
        raise Unopenable(f"{conn.path}: empty, nothing is stored yet; `harvest crawl` or `harvest import` fills it")


def post_count(conn: Connection) -> int:
    """How many posts there are."""
    return int(conn.execute("SELECT count(*) FROM posts").fetchone()[0])


def newest_time(conn: Connection) -> str:
    """The newest moment that anything in the crawl's state was stored at, "" in a new file."""
    row = conn.execute(
        """SELECT max(ifnull((SELECT max(started_at) FROM runs), ''), ifnull((SELECT max(ended_at) FROM runs), ''),
                      ifnull((SELECT max(done_at) FROM frontier), ''))"""
    ).fetchone()
    return str(row[0])


def last_crawl(conn: Connection) -> Row | None:
    """The newest run of `harvest crawl`, ended or not."""
    row: Row | None = conn.execute("SELECT * FROM runs WHERE command = 'crawl' ORDER BY id DESC LIMIT 1").fetchone()
    return row


def dead_pages(conn: Connection) -> list[tuple[Any, ...]]:
    """(source, how many) of pages that were given up, most first."""
    sql = "SELECT source, count(*) AS n FROM frontier WHERE state = 'dead' GROUP BY source ORDER BY n DESC, source"
    return [tuple(row) for row in conn.execute(sql)]


def tombstones(conn: Connection) -> int:
    """How many erasures are remembered; an older schema remembers none."""
    if not conn.execute("SELECT 1 FROM sqlite_schema WHERE name = 'tombstones'").fetchone():
        return 0
    return int(conn.execute("SELECT count(*) FROM tombstones").fetchone()[0])


def event_files(conn: Connection) -> list[str]:
    """The text of every event file."""
    return [row[0] for row in conn.execute("SELECT config FROM events WHERE config IS NOT NULL")]


def zones(conn: Connection) -> list[str]:
    """The time zones that events are told in."""
    sql = "SELECT timezone FROM events UNION SELECT report_timezone FROM events WHERE report_timezone IS NOT NULL"
    return [row[0] for row in conn.execute(sql)]
