"""Event files on disk: reading one with the lists beside it, and finding the event that a user means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from harvester.errors import ConfigError, NotFoundError

if TYPE_CHECKING:
    from harvester.event import Event, Judge
    from harvester.store.connection import Connection


def named_file(reference: str) -> Path | None:
    """The event file that EVENT names, None when it is a slug. Raises NotFoundError for a file that is not there."""
    path = Path(reference)
    if not reference.endswith(".toml") and not path.is_file():
        return None
    if not path.exists():
        raise NotFoundError(f"{reference}: no such event file; `harvest init {reference}` writes one")
    return path


def read_event(path: Path, judge: Judge | None = None) -> Event:
    """An event file with the lists that stand beside it (`attendees_file = "…csv"`).

    `judge` checks the tables of sources (`harvester.crawl.catalogue`), so that all problems are told at once.
    """
    from harvester.event import files_named, load

    if path.is_dir():
        raise ConfigError(f"{path}: is a folder, not an event file")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text ({error.reason} at byte {error.start}); save it as UTF-8") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
    return load(text, str(path), files=_lists_beside(path, files_named(text)), judge=judge)


def _lists_beside(path: Path, names: tuple[str, ...]) -> dict[str, str]:
    """The texts of the list files an event file names, as far as they can be read; the check names the others."""
    from harvester.text import decode

    texts = {}
    for name in names:
        try:
            body = (path.parent / name).read_bytes()
        except OSError:
            continue
        texts[name] = decode(body)[0]  # Excel writes them as cp932 or UTF-16
    return texts


def resolve_event(conn: Connection, reference: str, judge: Judge | None = None) -> Event:
    """EVENT as typed: a path to an event file (checked, then saved), or a slug already in the database."""
    from harvester.store.connection import write_tx
    from harvester.store.events import event_row, load_event, save_event

    if path := named_file(reference):
        event = read_event(path, judge)
        with write_tx(conn):
            save_event(conn, event)
        return event
    event_row(conn, reference)
    return load_event(conn, reference)
