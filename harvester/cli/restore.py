"""`harvest restore`: put a backup back."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harvester.cli._common import db_option, json_option, now
from harvester.errors import ConfigError, Damaged, InputError, NotFoundError

if TYPE_CHECKING:
    from harvester.store.restore import Restored

_EPILOG = """\b
Examples:
  harvest restore latest
  harvest restore harvest.db.backups/harvest-20261122T063000Z.db
  harvest restore latest --db drill.db --from harvest.db.backups/ --yes    a drill beside the real one

\b
A restored database is fully usable at once; `harvest restore latest` again takes the restore back.
"""


@click.command(epilog=_EPILOG)
@click.argument("backup")
@click.option(
    "--from", "folder", type=click.Path(file_okay=False, path_type=Path), default=None, metavar="FOLDER",
    help="Where backups are.  [default: DB.backups, beside the database]",
)  # fmt: skip
@click.option("--yes", is_flag=True, help="Replace the present database without asking.")
@db_option
@json_option
def command(backup: str, folder: Path | None, yes: bool, db: Path, as_json: bool) -> None:
    """Put BACKUP, a file or `latest`, in the place of the database.

    The backup is checked first, the present database is kept as a backup, and people who were erased or asked to be
    left out since the backup was made are erased from it too.
    """
    from harvester.cli.verify import progress
    from harvester.crawl import lock
    from harvester.store.health import post_count
    from harvester.store.restore import put_in_place, staged

    source = _found(backup, folder, db)
    tell = progress(quiet=as_json)
    with lock.hold(db, now=now()):
        try:
            with staged(source, db, tell) as made:
                tell("", 1, 1)
                if db.exists() and not yes:
                    _ask(source, db, post_count(made))
                done = put_in_place(made, db, now())
        except Damaged as error:
            tell("", 1, 1)
            raise Damaged(f"{error}{_older(source)}") from error
    if as_json:
        told = {
            "backup": str(source), "database": str(db), "posts": done.posts, "erased": done.erased,
            "kept": None if done.kept is None else str(done.kept), "set_aside": done.set_aside,
            "carried": done.carried,
        }  # fmt: skip
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        _tell(source, db, done)
    if not done.carried:
        click.echo(
            f"Warning: the damaged file no longer tells what was erased since {source.name}; "
            "run `harvest forget` again for every request since then",
            err=True,
        )


def _found(backup: str, folder: Path | None, db: Path) -> Path:
    """The file a user means: `latest`, a path, or the name of a file among the backups."""
    from harvester.store.backup import folder_for

    place = folder or folder_for(db)
    if backup == "latest":
        return _latest(place, Path(os.path.realpath(db)).stem)
    path = Path(backup)
    if not path.exists() and (place / backup).exists():
        path = place / backup
    if not path.is_file():
        raise NotFoundError(f"{path}: no such backup; `ls {place}` shows those there are")
    if db.exists() and path.samefile(db):
        raise InputError(f"{path}: is the database itself; name a backup of it")
    return path


def _latest(place: Path, stem: str) -> Path:
    """The newest backup of the database; of the only other one, where the folder holds none of ours."""
    from harvester.store.backup import existing

    if found := existing(place, stem):
        return found[0]
    stems = {path.stem[:-17] for path in place.glob("*.db") if existing(place, path.stem[:-17])}
    if len(stems) > 1:
        raise NotFoundError(f"{place}: backups of {', '.join(sorted(stems))} and none of {stem}; name the file")
    if not stems:
        raise NotFoundError(f"{place}: no backup there; `harvest backup` makes one, --from names another folder")
    return existing(place, stems.pop())[0]


def _ask(source: Path, db: Path, posts: int) -> None:
    """Let a user say yes; on no, or where nobody can be asked, nothing happens."""
    from harvester.text import shown

    if not sys.stdin.isatty():
        raise ConfigError(f"{db}: exists; --yes replaces it (it is kept as a backup)")
    what = f"Replace {shown(str(db))} with {shown(source.name)} ({posts:,} posts)? The present one is kept as a backup."
    click.confirm(what, abort=True, err=True)


def _older(source: Path) -> str:
    """The next older backup beside one that is no good."""
    from harvester.store.backup import existing

    older = [path for path in existing(source.parent, source.stem[:-17]) if path.name < source.name]
    return f"; the next older one is {older[0]}" if older else ""


def _tell(source: Path, db: Path, done: Restored) -> None:
    from harvester.text import shown

    click.echo(f"{shown(str(db))}: restored from {shown(source.name)}, {done.posts:,} posts")
    if done.erased:
        click.echo(f"  erased again   {done.erased:,} rows of people who were erased since")
    if done.set_aside:
        click.echo(
            f"  set aside      the damaged file is {shown(str(done.kept))}; delete it when nothing in it is missed"
        )
    elif done.kept is not None:
        click.echo(f"  kept           the replaced one is {shown(str(done.kept))}")
