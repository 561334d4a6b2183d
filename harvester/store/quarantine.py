"""Records that could not be stored, kept as text so that nothing disappears silently."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from harvester.store.connection import ROW_ERRORS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harvester.store.connection import Connection

LONGEST = 100_000
_KIND: Final = "cannot store "  # how SQLite begins to say that a column of a STRICT table takes no such value


class Unstorable(ValueError):
    """SQLite cannot take a value of this record."""


# What one record's odd value does to Python or to us; anything else is not the record's fault.
POISON: Final = (ValueError, OverflowError, TypeError, AttributeError, RecursionError)


def keep(conn: Connection, source: str, *, reason: str, payload: str, run_id: int, now: str) -> None:
    """Keep a record with the reason it was refused, inside the caller's transaction."""
    text = payload[:LONGEST].encode("utf-8", "backslashreplace").decode()
    conn.execute(
        "INSERT INTO quarantine (source, reason, payload, run_id, at) VALUES (?, ?, ?, ?, ?)",
        (source, reason.encode("utf-8", "backslashreplace").decode(), text, run_id, now),
    )


@contextmanager
def attempt(conn: Connection) -> Iterator[None]:
    """Inside a transaction: when the block raises, what it wrote is undone and the transaction goes on.

    What SQLite says of a value it cannot take is raised as Unstorable.
    """
    conn.execute("SAVEPOINT attempt")
    try:
        yield
    except BaseException as error:
        if conn.in_transaction:  # a full disk ends the whole transaction by itself
            conn.execute("ROLLBACK TO attempt")
            conn.execute("RELEASE attempt")
        if isinstance(error, ROW_ERRORS) or str(error).startswith(_KIND):
            raise Unstorable(str(error)) from error
        raise
    conn.execute("RELEASE attempt")
