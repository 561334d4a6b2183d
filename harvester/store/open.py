"""Opening the database: made or upgraded where that is wanted, set up, and checked to be ours.

A build of SQLite that still has the WAL-reset bug gets a rollback journal.
"""

from __future__ import annotations

import contextlib
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from harvester.errors import DiskFull, NewerDatabase, Unopenable
from harvester.store import place
from harvester.store.connection import BUSY_TIMEOUT_MS, check_application, connected, sqlite_version, wal_is_safe
from harvester.store.indexes import search_follows
from harvester.store.version import APPLICATION_ID, LATEST

if TYPE_CHECKING:
    from harvester.store.connection import Connection

Mode = Literal["create", "rw", "ro"]
_READERS_MS = 2_000  # how long the end of a run waits for readers
_PRAGMAS = (
    "synchronous=FULL",  # 0.5 ms a commit is nothing beside a crawl delay; power loss then costs no commit
    "foreign_keys=ON",
    "recursive_triggers=ON",
    "secure_delete=ON",
    "trusted_schema=OFF",
    "cell_size_check=ON",
    "wal_autocheckpoint=1000",
    "journal_size_limit=67108864",
    "mmap_size=0",
    "cache_size=-65536",
    "temp_store=MEMORY",
)


def open_db(path: str | Path, mode: Mode = "rw", *, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> Connection:
    """Open (and for "create" make, for "create" and "rw" migrate) a harvester database.

    "ro" never writes and never migrates. Rows come back as `Row`. Autocommit is on: writes go through
    `write_tx`. Raises ForeignDatabase, NewerDatabase, Unopenable, StorageBusy, DiskFull or StorageError.
    """
    path = Path(path)
    place.check(path, write=mode != "ro", create=mode == "create")
    if mode != "ro":
        return connected(path, "rwc" if mode == "create" else "rw", busy_timeout_ms, _prepare)
    try:
        return connected(path, place.for_reading(path), busy_timeout_ms, _settle_reader)
    except DiskFull:  # there is no room even for the memory that readers share: nobody can write now
        if place.has_log(path):
            raise
        return connected(path, place.AS_IT_LIES, busy_timeout_ms, _settle_reader)


def _settle_reader(conn: Connection, path: Path) -> None:
    version = _check_ours(conn, path)
    conn.execute("PRAGMA query_only=ON")
    if not version:
        raise Unopenable(f"{path}: empty, nothing is stored yet; `harvest crawl` or `harvest import` fills it")
    if version < LATEST:
        raise Unopenable(
            f"{path}: schema is older than this harvester; any writing command (`harvest classify`) upgrades it"
        )


def _check_ours(conn: Connection, path: Path) -> int:
    """The schema version of our file, 0 for an empty one."""
    tables = check_application(conn, path, APPLICATION_ID)
    version = int(conn.execute("PRAGMA user_version").fetchone()[0])
    if version > LATEST:
        raise NewerDatabase(
            f"{path}: written by a newer harvester (schema {version}, we know {LATEST}); upgrade harvester"
        )
    return version if tables else 0


def _prepare(conn: Connection, path: Path) -> None:
    version = _check_ours(conn, path)
    if wal_is_safe(sqlite_version()):
        conn.execute("PRAGMA journal_mode=WAL")
    else:
        conn.execute("PRAGMA journal_mode=DELETE")
        warnings.warn(
            f"SQLite {sqlite_version()} has the WAL-reset bug; using a rollback journal",
            RuntimeWarning,
            stacklevel=4,
        )
    for pragma in _PRAGMAS:
        conn.execute(f"PRAGMA {pragma}")
    if version < LATEST:
        from harvester.store.upgrade import upgrade

        upgrade(conn, path, version)
        with contextlib.suppress(OSError):
            path.chmod(0o600)
    elif not search_follows(conn):
        from harvester.store.upgrade import mend_search

        mend_search(conn)


def checkpoint(conn: Connection) -> None:
    """End of a run: refresh the planner's statistics and shrink the log to nothing.

    Who still reads an older moment keeps the log from shrinking; that one is not waited for as a writer is.
    """
    conn.execute("PRAGMA optimize")
    usual = conn.execute("PRAGMA busy_timeout").fetchone()[0]
    conn.execute(f"PRAGMA busy_timeout={min(usual, _READERS_MS)}")
    conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    conn.execute(f"PRAGMA busy_timeout={usual}")
