"""Records that could not be stored, kept as text so that nothing disappears silently."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harvester.store.open import Connection

LONGEST = 100_000


def keep(conn: Connection, source: str, *, reason: str, payload: str, run_id: int, now: str) -> None:
    """Keep a record with the reason it was refused, inside the caller's transaction."""
    text = payload[:LONGEST].encode("utf-8", "backslashreplace").decode()
    conn.execute(
        "INSERT INTO quarantine (source, reason, payload, run_id, at) VALUES (?, ?, ?, ?, ?)",
        (source, reason.encode("utf-8", "backslashreplace").decode(), text, run_id, now),
    )


@contextmanager
def attempt(conn: Connection) -> Iterator[None]:
    """Inside a transaction: when the block raises, what it wrote is undone and the transaction goes on."""
    conn.execute("SAVEPOINT attempt")
    try:
        yield
    except BaseException:
        if conn.in_transaction:  # a full disk ends the whole transaction by itself
            conn.execute("ROLLBACK TO attempt")
            conn.execute("RELEASE attempt")
        raise
    conn.execute("RELEASE attempt")
