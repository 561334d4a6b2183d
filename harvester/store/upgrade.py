"""Bringing a file to the newest schema: all or nothing, with a copy of what was there before."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from harvester.errors import Damaged
from harvester.store.connection import write_tx
from harvester.store.indexes import rebuild_search, search_follows
from harvester.store.version import APPLICATION_ID, LATEST

if TYPE_CHECKING:
    from pathlib import Path

    from harvester.store.connection import Connection


def upgrade(conn: Connection, path: Path, version: int) -> None:
    """Apply every missing step in one transaction; a file that holds something (`version` > 0) is backed up first.

    Raises what `backup.backup` raises: without a copy nothing is changed.
    """
    if version:
        from harvester.store.backup import backup, folder_for

        # SQLite's clock: the time names a file and dates no row, so nobody has to hand one down to every opening.
        now = datetime.fromtimestamp(conn.execute("SELECT unixepoch()").fetchone()[0], UTC)
        backup(conn, folder_for(path), now, keep=None)
    _migrate(conn)


def _migrate(conn: Connection) -> None:
    from sqlite_utils import Database  # 30 ms that only a new or old file needs

    from harvester.store.migrations import migrations

    with write_tx(conn):
        migrations.apply(Database(conn, recursive_triggers=False))
        if not (search_follows(conn) and _search_is_whole(conn)):
            rebuild_search(conn)
        assert search_follows(conn)
        conn.execute(f"PRAGMA application_id={APPLICATION_ID}")
        conn.execute(f"PRAGMA user_version={LATEST}")


def _search_is_whole(conn: Connection) -> bool:
    """Whether the search table says what `posts` says; without rank 1 SQLite looks at the table alone."""
    try:
        conn.execute("INSERT INTO posts_fts(posts_fts, rank) VALUES ('integrity-check', 1)")
    except Damaged:
        return False
    return True


def mend_search(conn: Connection) -> None:
    """Have the search table follow `posts` again after another tool rebuilt that table without its triggers."""
    if not search_follows(conn):
        with write_tx(conn):
            rebuild_search(conn)
