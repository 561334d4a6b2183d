"""`harvest verify`: is the database still what was written into it?"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

import click

from harvester.cli._common import db_option, json_option, now, open_for

if TYPE_CHECKING:
    from pathlib import Path

    from harvester.store.soundness import Damage, Tell, Verdict

_EPILOG = """\b
Examples:
  harvest verify
  harvest verify --db harvest.db.backups/harvest-20261122T063000Z.db
  harvest verify --json | jq -r '.damages[] | select(.kind == "content") | .url'

\b
Every week; cron mails what it prints, so it prints only damage:
  0 5 * * 0 harvest verify --db /home/me/harvest.db --quiet

\b
Exit codes: 0 sound, 70 something is not as it was stored, 2 no database there.
"""
_REPAIRS: Final = {
    "pages": "`harvest restore latest` puts a backup back",
    "references": "`harvest restore latest` puts a backup back",
    "content": "`harvest restore latest` puts a backup back",
    "search": "`harvest verify --repair-search` builds the index again",
    "archive": "delete the archive; the next crawl fetches again",
}


@click.command(epilog=_EPILOG)
@click.option("--repair-search", is_flag=True, help="Build the search index again from the posts, then check.")
@click.option("--quiet", is_flag=True, help="Say nothing unless something is damaged.")
@db_option
@json_option
def command(repair_search: bool, quiet: bool, db: Path, as_json: bool) -> int:
    """Check the database's pages, references and search index, the text of every post, and the archive.

    Each post is hashed when it is stored; a text that changed on the disk is named by its row and address. Nothing
    is written; a crawl may go on meanwhile.
    """
    from harvester.store.soundness import verify

    if repair_search:
        _rebuild(db)
    tell = progress(quiet=quiet or as_json)
    verdict = verify(db, tell)
    tell("", 1, 1)
    if as_json:
        told = {
            "database": str(db), "sound": not verdict.damages, "posts": verdict.posts, "copies": verdict.copies,
            "unchecked": list(verdict.unchecked), "damages": [asdict(damage) for damage in verdict.damages],
        }  # fmt: skip
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    elif verdict.damages or not quiet:
        click.echo("\n".join(_lines(db, verdict)))
    return 70 if verdict.damages else 0


def _rebuild(db: Path) -> None:
    """The search index anew; under the lock, as every command that writes."""
    from contextlib import closing

    from harvester.crawl import lock
    from harvester.store.connection import write_tx
    from harvester.store.indexes import rebuild_search

    with lock.hold(db, now=now()), closing(open_for(db)) as conn, write_tx(conn):
        rebuild_search(conn)


def progress(*, quiet: bool) -> Tell:
    """A line on a terminal that says what is being read, wiped at the end; nothing anywhere else."""
    if quiet or not sys.stderr.isatty():
        return lambda *_: None

    def tell(what: str, done: int, total: int) -> None:
        text = "" if done >= total > 0 else f"checking {what}" + (f" {done:,} of {total:,}" if total else "")
        click.echo(f"\r\x1b[K{text}", nl=False, err=True)

    return tell


def _lines(db: Path, verdict: Verdict) -> list[str]:
    from harvester.text import shown

    lines = [f"not checked: {shown(told)}" for told in verdict.unchecked]
    archive = f", archive of {verdict.copies:,} copies" if verdict.copies else ""
    if not verdict.damages:
        parts = "pages, references" + ("" if verdict.unchecked else ", search index")
        return [f"{shown(str(db))}: sound ({parts}, {verdict.posts:,} posts{archive})", *lines]
    count = len(verdict.damages)
    lines.insert(0, f"{shown(str(db))}: {count} damage{'s' * (count > 1)} in {verdict.posts:,} posts{archive}")
    lines += [f"  {damage.kind:<11}{_named(damage)}" for damage in verdict.damages]
    repairs = dict.fromkeys(_REPAIRS[kind] for kind in _worst_first(verdict.damages))
    return [*lines, *(f"Repair: {repair}" for repair in repairs)]


def _worst_first(damages: tuple[Damage, ...]) -> list[str]:
    found = {damage.kind for damage in damages}
    if found & {"pages", "references", "content"}:
        found.discard("search")  # it may only say what the texts say; a restore brings its own
    return [kind for kind in _REPAIRS if kind in found]


def _named(damage: Damage) -> str:
    from harvester.text import shown

    row = f"post {damage.id}  " if damage.id else ""
    return row + shown(f"{damage.url}  {damage.detail}" if damage.url else damage.detail)
