"""The archive's file: one table of answers, beside the database and never inside it, so that it can be deleted."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from harvester.errors import ForeignDatabase
from harvester.store.open import BUSY_TIMEOUT_MS, Connection, translated, wal_is_safe, write_tx

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["APPLICATION_ID", "Connection", "Copy", "load", "open_archive", "save"]
APPLICATION_ID = 0x68727661  # "hrva"
_SCHEMA = """CREATE TABLE IF NOT EXISTS copies (
  key TEXT PRIMARY KEY, url TEXT NOT NULL, status INTEGER NOT NULL, headers TEXT NOT NULL, body BLOB NOT NULL,
  deflated INTEGER NOT NULL, stored_at TEXT NOT NULL) STRICT"""


class Copy(NamedTuple):
    """One answer. `headers` is a JSON list of (name, values); `body` is as it came, or `deflated` with zlib."""

    key: str
    url: str
    status: int
    headers: str
    body: bytes
    deflated: bool
    stored_at: str


def open_archive(path: str | Path) -> Connection:
    """Open or create the archive. Raises ForeignDatabase or StorageError."""
    path = Path(path)
    with translated(path):
        conn = Connection(str(path), timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None)
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
            """INSERT INTO copies VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET url = excluded.url,
               status = excluded.status, headers = excluded.headers, body = excluded.body,
               deflated = excluded.deflated, stored_at = excluded.stored_at""",
            list(copies),
        )
