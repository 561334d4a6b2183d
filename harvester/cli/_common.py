"""What several commands share: the --db option, opening it, and finding the event a user means."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.errors import ConfigError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable

    from harvester.event import Event
    from harvester.store.open import Connection, Mode

DEFAULT_DB = "harvest.db"

db_option: Callable[[Any], Any] = click.option(
    "--db",
    "db",
    type=click.Path(dir_okay=True, path_type=Path),
    default=DEFAULT_DB,
    envvar="HARVEST_DB",
    show_default=True,
    show_envvar=True,
    help="The SQLite file everything is kept in.",
)
json_option: Callable[[Any], Any] = click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")


def now() -> datetime:
    """The one clock of the command line, aware UTC, whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def open_for(db: Path, mode: Mode = "rw") -> Connection:
    """Open the user's database; errors name the file and the repair."""
    from harvester.store.open import open_db

    return open_db(db, mode)


def read_event(path: Path) -> Event:
    """An event file with the lists that stand beside it (`attendees_file = "…csv"`)."""
    from harvester.event import files_named, load

    if path.is_dir():
        raise ConfigError(f"{path}: is a folder, not an event file")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text ({error.reason} at byte {error.start}); save it as UTF-8") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
    return load(text, str(path), files=_lists_beside(path, files_named(text)))


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


def resolve_event(conn: Connection, reference: str) -> Event:
    """EVENT as typed: a path to an event file (validated and saved), or a slug already in the database."""
    from harvester.store.events import event_row, load_event, save_event
    from harvester.store.open import write_tx

    path = Path(reference)
    if reference.endswith(".toml") or path.is_file():
        if not path.exists():
            raise NotFoundError(f"{reference}: no such event file; `harvest init {reference}` writes one")
        event = read_event(path)
        with write_tx(conn):
            save_event(conn, event)
        return event
    event_row(conn, reference)
    return load_event(conn, reference)


def slug_of(reference: str) -> str:
    """The slug a reading command means by EVENT: the one inside an event file, or the word itself."""
    return read_event(Path(reference)).slug if reference.endswith(".toml") else reference
