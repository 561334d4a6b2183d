"""SQLite's errors by name, as ours: what a user can do about each. No driver is imported here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvester.errors import Damaged, DiskFull, ForeignDatabase, HarvestError, StorageBusy, Unopenable

if TYPE_CHECKING:
    from pathlib import Path

# By the beginning of SQLite's name for the error, extended codes included. Its text is not asked: "malformed" is
# also what SQLite says of bad JSON, and a table may be called "locked".
_KINDS: tuple[tuple[tuple[str, ...], type[HarvestError], str], ...] = (
    (
        ("SQLITE_BUSY", "SQLITE_LOCKED"),
        StorageBusy,
        "{path}: another program keeps it locked; wait for it to finish and run again",
    ),
    (
        ("SQLITE_FULL", "SQLITE_IOERR"),
        DiskFull,
        "{path}: disk full or failing ({text}); free space and run again, nothing is half written",
    ),
    (("SQLITE_NOTADB",), ForeignDatabase, "{path}: not an SQLite database; name another file with --db"),
    (
        ("SQLITE_CORRUPT",),
        Damaged,
        "{path}: damaged ({text}); `harvest verify` names what, `harvest restore latest` puts a backup back",
    ),
    (
        ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM"),
        Unopenable,
        "{path}: cannot be opened or written ({text}); check permissions of the file and its folder",
    ),
)


def as_ours(error: Exception, path: str | Path) -> HarvestError | None:
    """The error of ours that an error of the driver on the file `path` amounts to; None for a bug or a constraint."""
    name = getattr(error, "sqlite_errorname", "") or ""
    for beginnings, kind, message in _KINDS:
        if name.startswith(beginnings):
            return kind(message.format(path=path, text=error))
    return None
