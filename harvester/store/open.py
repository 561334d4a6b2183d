"""Opening the database: the only module that names a SQLite driver, and the only way to write.

pysqlite3 bundles a SQLite without the WAL-reset bug of 3.7.0–3.51.2 (two connections that write and
checkpoint at the same instant may lose committed rows). A build that still has it gets a rollback journal.
"""

from __future__ import annotations

import contextlib
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias

from harvester.errors import DiskFull, ForeignDatabase, NewerDatabase, Unopenable
from harvester.store import place
from harvester.store.faults import as_ours
from harvester.store.indexes import search_follows
from harvester.store.version import APPLICATION_ID, LATEST

if TYPE_CHECKING:
    import sqlite3  # for its types alone: pysqlite3 is the same interface without annotations
    from collections.abc import Callable, Iterator
else:
    from pysqlite3 import dbapi2 as sqlite3

Row: TypeAlias = sqlite3.Row
# The driver's own errors, for those who may not name it: any of them, and those that one row's values are to blame for.
DRIVER_ERROR: type[Exception] = sqlite3.DatabaseError
ROW_ERRORS: tuple[type[Exception], ...] = (sqlite3.DataError, sqlite3.InterfaceError, sqlite3.ProgrammingError)
Mode = Literal["create", "rw", "ro"]
BUSY_TIMEOUT_MS = 30_000
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


class Cursor(sqlite3.Cursor):
    """A cursor that raises our errors, whenever SQLite finds out: rows are read while they are asked for."""

    connection: Connection

    def execute(self, *statement: Any) -> Self:
        """As sqlite3's."""
        try:
            return super().execute(*statement)
        except sqlite3.DatabaseError as error:
            raise_ours(error, self.connection.path)
            raise

    def executemany(self, *statement: Any) -> Self:
        """As sqlite3's."""
        try:
            return super().executemany(*statement)
        except sqlite3.DatabaseError as error:
            raise_ours(error, self.connection.path)
            raise

    def fetchone(self) -> Any:
        """As sqlite3's."""
        try:
            return super().fetchone()
        except sqlite3.DatabaseError as error:
            raise_ours(error, self.connection.path)
            raise

    def fetchall(self) -> list[Any]:
        """As sqlite3's."""
        try:
            return super().fetchall()
        except sqlite3.DatabaseError as error:
            raise_ours(error, self.connection.path)
            raise

    def __next__(self) -> Any:
        try:
            return super().__next__()
        except sqlite3.DatabaseError as error:
            raise_ours(error, self.connection.path)
            raise


class Connection(sqlite3.Connection):
    """A connection whose every statement raises our errors: locked, full, damaged or read-only by name.

    What is no such fault (a constraint, a bug in a statement) stays the driver's error. `path` is for messages.
    """

    path: str | Path = "the database"

    def cursor(self, factory: Any = Cursor) -> Any:
        """As sqlite3's; `execute` and `executemany` of the connection come here too."""
        return super().cursor(factory)

    def backup(self, *how: Any, **named: Any) -> None:
        """As sqlite3's."""
        with translated(self.path):
            super().backup(*how, **named)


def open_db(path: str | Path, mode: Mode = "rw", *, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> Connection:
    """Open (and for "create" make, for "create" and "rw" migrate) a harvester database.

    "ro" never writes and never migrates. Rows come back as `Row`. Autocommit is on: writes go through
    `write_tx`. Raises ForeignDatabase, NewerDatabase, Unopenable, StorageBusy, DiskFull or StorageError.
    """
    path = Path(path)
    place.check(path, write=mode != "ro", create=mode == "create")
    if mode != "ro":
        return _connected(path, "rwc" if mode == "create" else "rw", busy_timeout_ms, _prepare)
    try:
        return _connected(path, place.for_reading(path), busy_timeout_ms, _settle_reader)
    except DiskFull:  # there is no room even for the memory that readers share: nobody can write now
        if place.has_log(path):
            raise
        return _connected(path, place.AS_IT_LIES, busy_timeout_ms, _settle_reader)


def open_as_is(
    path: str | Path, *, write: bool = False, application: int = APPLICATION_ID, busy_timeout_ms: int = BUSY_TIMEOUT_MS
) -> Connection:
    """Open a file of ours of any schema as it lies: nothing is migrated, its kind of journal stays.

    For copies, checks and repairs, which must not change what they look at. `application` tells whose file it has
    to be. Raises as `open_db` does, except that an old, a newer or an empty schema is the caller's to judge.
    """
    path = Path(path)
    place.check(path, write=write)

    def settle(conn: Connection, path: Path) -> None:
        for pragma in ("trusted_schema=OFF", "cell_size_check=ON"):
            conn.execute(f"PRAGMA {pragma}")
        _check_application(conn, path, application)

    return _connected(path, "rw" if write else place.for_reading(path), busy_timeout_ms, settle)


def _connected(path: Path, how: str, busy_timeout_ms: int, settle: Callable[[Connection, Path], None]) -> Connection:
    """A connection that `settle` found good; `how` is SQLite's mode."""
    with translated(path):
        conn = sqlite3.connect(
            place.address(path, how), uri=True, timeout=busy_timeout_ms / 1000, isolation_level=None, factory=Connection
        )
    try:
        conn.path = path
        conn.row_factory = sqlite3.Row
        conn.execute(f"PRAGMA busy_timeout={busy_timeout_ms}")
        settle(conn, path)
    except BaseException:
        conn.close()
        raise
    return conn


def _settle_reader(conn: Connection, path: Path) -> None:
    version = _check_ours(conn, path)
    conn.execute("PRAGMA query_only=ON")
    if not version:
        raise Unopenable(f"{path}: empty, nothing is stored yet; `harvest crawl` or `harvest import` fills it")
    if version < LATEST:
        raise Unopenable(
            f"{path}: schema is older than this harvester; any writing command (`harvest classify`) upgrades it"
        )


def wal_is_safe(version: str) -> bool:
    """Whether SQLite `version` is free of the WAL-reset bug: 3.51.3 and later, 3.50.7+ and 3.44.6+ in their lines."""
    parts = tuple(int(p) for p in version.split(".")[:3])
    if parts >= (3, 51, 3):
        return True
    return (parts[:2] == (3, 50) and parts[2] >= 7) or (parts[:2] == (3, 44) and parts[2] >= 6)


def _check_ours(conn: Connection, path: Path) -> int:
    """The schema version of our file, 0 for an empty one."""
    tables = _check_application(conn, path, APPLICATION_ID)
    version = int(conn.execute("PRAGMA user_version").fetchone()[0])
    if version > LATEST:
        raise NewerDatabase(
            f"{path}: written by a newer harvester (schema {version}, we know {LATEST}); upgrade harvester"
        )
    return version if tables else 0


def _check_application(conn: Connection, path: Path, application: int) -> int:
    """How many tables a file has; ForeignDatabase when they are another program's."""
    tables = int(conn.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])
    if tables and conn.execute("PRAGMA application_id").fetchone()[0] != application:
        raise ForeignDatabase(f"{path}: an SQLite database of another program; name another file with --db")
    return tables


def _prepare(conn: Connection, path: Path) -> None:
    version = _check_ours(conn, path)
    if wal_is_safe(sqlite3.sqlite_version):
        conn.execute("PRAGMA journal_mode=WAL")
    else:
        conn.execute("PRAGMA journal_mode=DELETE")
        warnings.warn(
            f"SQLite {sqlite3.sqlite_version} has the WAL-reset bug; using a rollback journal",
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


@contextlib.contextmanager
def write_tx(conn: Connection) -> Iterator[Connection]:
    """One BEGIN IMMEDIATE … COMMIT; any exception rolls back. The only way harvester writes."""
    conn.execute("BEGIN IMMEDIATE")
    try:
        yield conn
        conn.execute("COMMIT")
    except BaseException:
        if conn.in_transaction:
            conn.execute("ROLLBACK")
        raise


def raise_ours(error: Exception, path: str | Path) -> None:
    """Raise the error of ours that one of the driver's amounts to; come back when there is none."""
    found = as_ours(error, path)
    if found is not None:
        raise found from error


@contextlib.contextmanager
def translated(path: str | Path = "the database") -> Iterator[None]:
    """The driver's errors as ours, where no connection of ours could do it: while one is opened."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise_ours(error, path)
        raise


def checkpoint(conn: Connection) -> None:
    """End of a run: refresh the planner's statistics and shrink the log to nothing.

    Who still reads an older moment keeps the log from shrinking; that one is not waited for as a writer is.
    """
    conn.execute("PRAGMA optimize")
    usual = conn.execute("PRAGMA busy_timeout").fetchone()[0]
    conn.execute(f"PRAGMA busy_timeout={min(usual, _READERS_MS)}")
    conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    conn.execute(f"PRAGMA busy_timeout={usual}")
