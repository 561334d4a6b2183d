"""A connection to SQLite: the only module that names a driver, and the only way to write.

pysqlite3 bundles a SQLite without the WAL-reset bug of 3.7.0–3.51.2 (two connections that write and
checkpoint at the same instant may lose committed rows).
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from harvester.errors import ForeignDatabase
from harvester.store import place
from harvester.store.faults import as_ours
from harvester.store.version import APPLICATION_ID

if TYPE_CHECKING:
    import sqlite3  # for its types alone: pysqlite3 is the same interface without annotations
    from collections.abc import Callable, Iterator
else:
    from pysqlite3 import dbapi2 as sqlite3

Row: TypeAlias = sqlite3.Row
# The driver's own errors, for those who may not name it: any of them, and those that one row's values are to blame for.
DRIVER_ERROR: type[Exception] = sqlite3.DatabaseError
ROW_ERRORS: tuple[type[Exception], ...] = (sqlite3.DataError, sqlite3.InterfaceError, sqlite3.ProgrammingError)
BUSY_TIMEOUT_MS = 30_000


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
        check_application(conn, path, application)

    return connected(path, "rw" if write else place.for_reading(path), busy_timeout_ms, settle)


def connected(path: Path, how: str, busy_timeout_ms: int, settle: Callable[[Connection, Path], None]) -> Connection:
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


def check_application(conn: Connection, path: Path, application: int) -> int:
    """How many tables a file has; ForeignDatabase when they are another program's."""
    tables = int(conn.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])
    if tables and conn.execute("PRAGMA application_id").fetchone()[0] != application:
        raise ForeignDatabase(f"{path}: an SQLite database of another program; name another file with --db")
    return tables


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


def sqlite_version() -> str:
    """Of the SQLite that the driver brings along."""
    return str(sqlite3.sqlite_version)


def wal_is_safe(version: str) -> bool:
    """Whether SQLite `version` is free of the WAL-reset bug: 3.51.3 and later, 3.50.7+ and 3.44.6+ in their lines."""
    parts = tuple(int(p) for p in version.split(".")[:3])
    if parts >= (3, 51, 3):
        return True
    return (parts[:2] == (3, 50) and parts[2] >= 7) or (parts[:2] == (3, 44) and parts[2] >= 6)
