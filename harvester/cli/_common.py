"""What several commands share: the --db option, opening it, and finding the event a user means."""

from __future__ import annotations

import getpass
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.event_file import read_event, resolve_event

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harvester.store.connection import Connection
    from harvester.store.open import Mode

__all__ = [
    "DEFAULT_DB", "command_line", "db_option", "json_option", "now", "open_for", "read_event", "resolve_event",
    "slug_of", "who_option",
]  # fmt: skip
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


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return ""


who_option: Callable[[Any], Any] = click.option(
    "--who",
    metavar="NAME",
    default=_login,
    envvar="HARVEST_WHO",
    show_default="your login name",
    show_envvar=True,
    help="Who says so; kept with each word and answer.",
)


def now() -> datetime:
    """The one clock of the command line, aware UTC, whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def open_for(db: Path, mode: Mode = "rw") -> Connection:
    """Open the user's database; errors name the file and the repair."""
    from harvester.store.open import open_db

    return open_db(db, mode)


def command_line(words: Sequence[str], db: Path) -> str:
    """A command of ours on the same database, to copy into a shell."""
    return shlex.join(["harvest", *words, *([] if str(db) == DEFAULT_DB else ["--db", str(db)])])


def slug_of(reference: str) -> str:
    """The slug a reading command means by EVENT: the one inside an event file, or the word itself."""
    return read_event(Path(reference)).slug if reference.endswith(".toml") else reference
