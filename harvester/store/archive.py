"""The archive's file: one table of answers, beside the database and never inside it, so that it can be deleted."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from harvester.errors import ForeignDatabase
from harvester.store.connection import BUSY_TIMEOUT_MS, Connection, translated, wal_is_safe, write_tx

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["APPLICATION_ID", "Connection", "Copy", "delete", "delete_older", "load", "open_archive", "save", "walk"]
APPLICATION_ID = 0x68727661  # "hrva"
_SCHEMA = """CREATE TABLE IF NOT EXISTS copies (
  key TEXT PRIMARY KEY, url TEXT NOT NULL, status INTEGER NOT NULL, headers TEXT NOT NULL, body BLOB NOT NULL,
  deflated INTEGER NOT NULL, stored_at TEXT NOT NULL, marks TEXT NOT NULL DEFAULT '[]') STRICT"""
_LATER = "ALTER TABLE copies ADD COLUMN marks TEXT NOT NULL DEFAULT '[]'"


class Copy(NamedTuple):
    """One answer. `headers` is a JSON list of (name, values); `body` is as it came, or `deflated` with zlib.

    `marks` is a JSON list of `harvester.model.MARKS`.
    """

    key: str
    url: str
    status: int
    headers: str
    body: bytes
    deflated: bool
    stored_at: str
    marks: str = "[]"


def open_archive(path: str | Path) -> Connection:
    """Open or create the archive. Raises ForeignDatabase or StorageError."""
    path = Path(path)
    with translated(path):
        conn = Connection(str(path), timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None)
        conn.path = path
        try:
            tables = conn.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
            if tables and conn.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                raise ForeignDatabase(f"{path}: not our archive; move it away")
            version = conn.execute("SELECT sqlite_version()").fetchone()[0]
            conn.execute(f"PRAGMA journal_mode={'WAL' if wal_is_safe(version) else 'DELETE'}")
            # A copy lost at power failure is fetched again: nothing in the database depends on it.
            for pragma in (
                "synchronous=NORMAL",
                "secure_delete=ON",
                "journal_size_limit=67108864",
                "trusted_schema=OFF",
            ):
                conn.execute(f"PRAGMA {pragma}")
            if not tables:
                with write_tx(conn):
                    conn.execute(_SCHEMA)
                    conn.execute(f"PRAGMA application_id={APPLICATION_ID}")
                with contextlib.suppress(OSError):
                    path.chmod(0o600)
            elif "marks" not in [row[1] for row in conn.execute("PRAGMA table_info(copies)")]:
                conn.execute(_LATER)  # an archive of before
        except BaseException:
            conn.close()
            raise
    return conn


def load(conn: Connection, key: str) -> Copy | None:
    """The copy under a key."""
    row = conn.execute("SELECT * FROM copies WHERE key = ?", (key,)).fetchone()
    return Copy(*row) if row else None


def save(conn: Connection, copies: Iterable[Copy]) -> None:
    """Keep copies, replacing older ones of the same keys, in one transaction of its own."""
    with write_tx(conn):
        conn.executemany(
            """INSERT INTO copies VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET url = excluded.url,
               status = excluded.status, headers = excluded.headers, body = excluded.body,
               deflated = excluded.deflated, stored_at = excluded.stored_at, marks = excluded.marks""",
            list(copies),
        )


def walk(conn: Connection) -> Iterator[Copy]:
    """Every copy, one after the other."""
    for row in conn.execute("SELECT * FROM copies"):
        yield Copy(*row)


def delete_older(conn: Connection, until: str) -> None:
    """Drop the copies that were stored at or before a moment, in one transaction of its own."""
    with write_tx(conn):
        conn.execute("DELETE FROM copies WHERE stored_at <= ?", (until,))


def delete(conn: Connection, keys: Iterable[str]) -> None:
    """Drop copies, in one transaction of its own."""
    with write_tx(conn):
        conn.executemany("DELETE FROM copies WHERE key = ?", [(key,) for key in keys])
