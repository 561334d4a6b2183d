"""Opening the database: the only module that names a SQLite driver, and the only way to write.

pysqlite3 bundles a SQLite without the WAL-reset bug of 3.7.0–3.51.2 (two connections that write and
checkpoint at the same instant may lose committed rows). A build that still has it gets a rollback journal.
"""

from __future__ import annotations

import contextlib
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from harvester.errors import (
    DiskFull,
    ForeignDatabase,
    HarvestError,
    NewerDatabase,
    StorageBusy,
    StorageError,
    Unopenable,
)
from harvester.store.version import APPLICATION_ID, LATEST

if TYPE_CHECKING:
    import sqlite3  # for its types alone: pysqlite3 is the same interface without annotations
    from collections.abc import Iterator
else:
    from pysqlite3 import dbapi2 as sqlite3

Connection: TypeAlias = sqlite3.Connection
Row: TypeAlias = sqlite3.Row
Mode = Literal["create", "rw", "ro"]
BUSY_TIMEOUT_MS = 30_000
_NETWORK_FILE_SYSTEMS = {
    0x6969: "NFS", 0x517B: "SMB", 0xFF534D42: "CIFS", 0xFE534D42: "SMB2", 0x01021997: "9p", 0x65735546: "FUSE",
}  # fmt: skip
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
    _check_path(path, mode)
    with translated(path):
        if mode == "ro":
            uri = f"file:{_uri_path(path)}?mode=ro{'&immutable=1' if _is_still(path) else ''}"
        else:
            uri = f"file:{_uri_path(path)}?mode={'rwc' if mode == 'create' else 'rw'}"
        conn = sqlite3.connect(uri, uri=True, timeout=busy_timeout_ms / 1000, isolation_level=None)
        try:
            conn.row_factory = sqlite3.Row
            conn.execute(f"PRAGMA busy_timeout={busy_timeout_ms}")
            version = _check_ours(conn, path)
            if mode == "ro":
                conn.execute("PRAGMA query_only=ON")
                if version < LATEST:
                    raise Unopenable(_not_yet(path, version))
            else:
                _prepare(conn, path, version)
        except BaseException:
            conn.close()
            raise
    return conn


def _is_still(path: Path) -> bool:
    """Whether a database can be read as it lies: a folder where no -shm can be made, and no journal to be heard.

    A database in WAL mode cannot be opened at all there unless SQLite is told that nobody changes it.
    """
    if os.access(path.absolute().parent, os.W_OK):
        return False
    beside = (path.with_name(path.name + suffix) for suffix in ("-wal", "-journal"))
    return not any(log.exists() and log.stat().st_size for log in beside)


def _not_yet(path: Path, version: int) -> str:
    if not version:
        return f"{path}: empty, nothing is stored yet; `harvest crawl` or `harvest import` fills it"
    return f"{path}: schema is older than this harvester; any writing command (`harvest classify`) upgrades it"


def _uri_path(path: Path) -> str:
    return str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _check_path(path: Path, mode: Mode) -> None:
    if path.is_dir():
        raise ForeignDatabase(f"{path}: is a folder, not a database; name a file with --db")
    if not path.exists():
        if mode != "create":
            raise ForeignDatabase(f"{path}: no such database; `harvest crawl` or `harvest import` makes one")
        if not path.absolute().parent.is_dir():
            raise Unopenable(f"{path}: its folder does not exist; create {path.absolute().parent} first")
    elif not os.access(path, os.R_OK):
        raise Unopenable(f"{path}: not readable by this user; change its permissions")
    elif mode != "ro" and not os.access(path, os.W_OK):
        raise Unopenable(f"{path}: not writable by this user; change its permissions or name another --db")
    if mode != "ro" and (name := network_file_system(path)):
        raise ForeignDatabase(f"{path}: on {name}; SQLite locks are not safe there, use a local disk")


def network_file_system(path: Path) -> str:
    """The name of the network file system `path` lies on, "" for a local one or where we cannot tell."""
    from harvester.store.statfs import file_system_type  # ctypes only when a file is opened

    return _NETWORK_FILE_SYSTEMS.get(file_system_type(path.absolute().parent), "")


def wal_is_safe(version: str) -> bool:
    """Whether SQLite `version` is free of the WAL-reset bug: 3.51.3 and later, 3.50.7+ and 3.44.6+ in their lines."""
    parts = tuple(int(p) for p in version.split(".")[:3])
    if parts >= (3, 51, 3):
        return True
    return (parts[:2] == (3, 50) and parts[2] >= 7) or (parts[:2] == (3, 44) and parts[2] >= 6)


def _check_ours(conn: Connection, path: Path) -> int:
    """The schema version of our file, 0 for an empty one."""
    application = conn.execute("PRAGMA application_id").fetchone()[0]
    version = int(conn.execute("PRAGMA user_version").fetchone()[0])
    tables = conn.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if tables and application != APPLICATION_ID:
        raise ForeignDatabase(f"{path}: an SQLite database of another program; name another file with --db")
    if version > LATEST:
        raise NewerDatabase(
            f"{path}: written by a newer harvester (schema {version}, we know {LATEST}); upgrade harvester"
        )
    return version if tables else 0


def _prepare(conn: Connection, path: Path, version: int) -> None:
    if wal_is_safe(sqlite3.sqlite_version):
        conn.execute("PRAGMA journal_mode=WAL")
    else:
        conn.execute("PRAGMA journal_mode=DELETE")
        warnings.warn(
            f"SQLite {sqlite3.sqlite_version} has the WAL-reset bug; using a rollback journal",
            RuntimeWarning,
            stacklevel=3,
        )
    for pragma in _PRAGMAS:
        conn.execute(f"PRAGMA {pragma}")
    if version < LATEST:
        migrate(conn)
        with contextlib.suppress(OSError):
            path.chmod(0o600)


def migrate(conn: Connection) -> None:
    """Apply every missing step, all or nothing."""
    from sqlite_utils import Database  # 30 ms that only a new or old file needs

    from harvester.store.migrations import migrations

    with write_tx(conn):
        migrations.apply(Database(conn, recursive_triggers=False))
        conn.execute(f"PRAGMA application_id={APPLICATION_ID}")
        conn.execute(f"PRAGMA user_version={LATEST}")


@contextlib.contextmanager
def write_tx(conn: Connection) -> Iterator[Connection]:
    """One BEGIN IMMEDIATE … COMMIT; any exception rolls back. The only way harvester writes."""
    with translated():
        conn.execute("BEGIN IMMEDIATE")
        try:
            yield conn
            conn.execute("COMMIT")
        except BaseException:
            if conn.in_transaction:
                conn.execute("ROLLBACK")
            raise


@contextlib.contextmanager
def translated(path: str | Path = "the database") -> Iterator[None]:
    """SQLite's errors as ours, each naming what a user can do about it."""
    try:
        yield
    except HarvestError:
        raise
    except sqlite3.DatabaseError as error:
        name = getattr(error, "sqlite_errorname", "") or ""
        text = str(error)
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or "locked" in text:
            raise StorageBusy(
                f"{path}: another program keeps it locked; wait for it to finish and run again"
            ) from error
        if name.startswith(("SQLITE_FULL", "SQLITE_IOERR")) or "disk is full" in text or "disk I/O" in text:
            raise DiskFull(
                f"{path}: disk full or failing ({text}); free space and run again, nothing is half written"
            ) from error
        if name.startswith("SQLITE_NOTADB") or "not a database" in text:
            raise ForeignDatabase(f"{path}: not an SQLite database; name another file with --db") from error
        if name.startswith("SQLITE_CORRUPT") or "malformed" in text:
            raise StorageError(f"{path}: damaged ({text}); restore a copy of the file") from error
        if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
            raise Unopenable(
                f"{path}: cannot be opened or written ({text}); check permissions of the file and its folder"
            ) from error
        raise


def checkpoint(conn: Connection) -> None:
    """End of a run: refresh the planner's statistics and shrink the WAL to nothing."""
    with translated():
        conn.execute("PRAGMA optimize")
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
