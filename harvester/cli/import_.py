"""Read files you already hold: X exports, CSV, URL lists, OPML."""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harvester.cli import _common
from harvester.errors import InputError, NotFoundError
from harvester.importers.detect import FORMATS, Look, look

if TYPE_CHECKING:
    from datetime import datetime

    from harvester.event import Event
    from harvester.importers.load import Progress, Tally
    from harvester.store.connection import Connection


_EPILOG = """\b
Examples:
  harvest import reinvent-2016 tweets.jsonl export.csv
  harvest import events/reinvent-2016.toml twitter-archive.zip --dry-run
  harvest import reinvent-2016 sheet.csv --map 本文=text --zone Asia/Tokyo

\b
Formats:
"""


@click.command("import", epilog=_EPILOG + "\n".join(f"  {name:<12} {text}" for name, text in FORMATS.items()))
@click.argument("event")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option(
    "--format", "wanted", type=click.Choice(["auto", *FORMATS]), default="auto", show_default=True, show_choices=False,
    metavar="FORMAT", help="What the files are; found out from their content unless told.",
)  # fmt: skip
@click.option("--zone", default="", metavar="ZONE", help="Zone of dates that name none; the event's unless told.")
@click.option("--map", "mapping", multiple=True, metavar="COLUMN=FIELD", help="What a column of a table means.")
@click.option("--dry-run", is_flag=True, help="Count what would be stored, and store nothing.")
@_common.json_option
@_common.db_option
def command(
    event: str, files: tuple[Path, ...], wanted: str, zone: str, mapping: tuple[str, ...], dry_run: bool, as_json: bool,
    db: Path,
) -> None:  # fmt: skip
    """Store the posts in FILEs, and queue the pages and feeds they list, for EVENT.

    EVENT is an event file, a slug in the database, or (for interchange files) a slug the file brings along.
    A record is stored, queued or refused by a named reason; nothing is lost, and a second import adds nothing.
    """
    columns = _columns(mapping)
    _check_zone(zone)
    looks = [look(path, wanted, columns) for path in files]
    _check_event(event, looks, db)
    now = _common.now()
    with _database(db, now, dry_run=dry_run) as conn:
        tallies = _import_all(conn, event, looks, now, zone, dry_run=dry_run, quiet=as_json)
    event = _common.slug_of(event)
    if as_json:
        answer = {"event": event, "dry_run": dry_run, "files": [tally.as_dict() for tally in tallies]}
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    for tally in tallies:
        click.echo(_described(tally))
    if dry_run:
        click.echo("Dry run: nothing was stored.")
    elif any(tally.new or tally.updated for tally in tallies):
        click.echo(f"Next: harvest classify {event}, then harvest report {event}")
    elif any(tally.queued for tally in tallies):
        click.echo(f"Next: harvest crawl {event} fetches what was queued.")


def _columns(mapping: tuple[str, ...]) -> dict[str, str]:
    from harvester.importers.columns import FIELDS

    found = {}
    for pair in mapping:
        column, equals, field = pair.rpartition("=")
        if not equals or not column.strip():
            raise InputError(f"--map {pair}: write it as COLUMN=FIELD, for example --map 本文=text")
        if field.strip() not in FIELDS:
            raise InputError(f"--map {pair}: no field {field.strip()!r}; fields are {', '.join(FIELDS)}")
        found[column.strip()] = field.strip()
    return found


def _check_zone(zone: str) -> None:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(zone or "UTC")
    except (KeyError, ValueError, OSError) as error:
        raise InputError(f"--zone {zone}: no such time zone; write it like Asia/Tokyo") from error


def _is_file(event: str) -> bool:
    return event.endswith(".toml") or Path(event).is_file()


def _check_event(event: str, looks: list[Look], db: Path) -> None:
    """Refuse what cannot be an event before a database is made for it."""
    if _is_file(event):
        if not Path(event).exists():
            raise NotFoundError(f"{event}: no such event file; `harvest init {event}` writes one")
    elif not db.exists() and not any(file.format == "interchange" for file in looks):
        raise NotFoundError(f"no event {event!r}: {db} does not exist yet; give the event's file instead of its slug")


@contextlib.contextmanager
def _database(db: Path, now: datetime, *, dry_run: bool) -> Iterator[Connection]:
    """The database, locked; for a dry run without one, an empty one that is thrown away."""
    from harvester.crawl.lock import hold

    with contextlib.ExitStack() as stack:
        if dry_run and not db.exists():
            db = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="harvest-"))) / "dry-run.db"
        stack.enter_context(hold(db, now=now))
        conn = _common.open_for(db, "create")
        stack.callback(conn.close)
        yield conn


class _Undo(Exception):
    """Raised at the end of a dry run."""


def _import_all(
    conn: Connection, event: str, looks: list[Look], now: datetime, zone: str, *, dry_run: bool, quiet: bool
) -> list[Tally]:
    """Every file in a transaction of its own; in a dry run all in one, which is taken back."""
    from harvester.store.connection import write_tx
    from harvester.store.open import checkpoint

    tallies: list[Tally] = []
    with contextlib.suppress(_Undo), write_tx(conn) if dry_run else contextlib.nullcontext():
        run_id = 0
        for file in looks:
            progress = _progress(file.path.name, quiet=quiet)
            with contextlib.nullcontext() if dry_run else write_tx(conn):
                tally, run_id = _import_one(conn, event, file, now, zone, run_id, progress)
                tallies.append(tally)
            progress(0)
        if dry_run:
            raise _Undo
    if not dry_run:
        checkpoint(conn)
    return tallies


def _import_one(
    conn: Connection, event: str, file: Look, now: datetime, zone: str, run_id: int, progress: Progress
) -> tuple[Tally, int]:
    """One file, and the number of the run, which begins with the first file that needs one."""
    from harvester import dates
    from harvester.importers.load import load, load_interchange
    from harvester.store import runs
    from harvester.store.events import event_row

    if file.format == "interchange":
        slug = _edition(conn, event).slug if _is_file(event) else event
        tally = load_interchange(conn, file, event=slug, now=now, zone=zone, progress=progress)
        event_row(conn, slug)  # the file may have brought it; if not, this says which events there are
        return tally, run_id
    edition = _edition(conn, event)
    stored_now = dates.iso(now)
    if not run_id:
        run_id = runs.start_run(conn, "import", edition.slug, now=stored_now)
    tally = load(
        conn, file, edition, run_id=run_id, now=now, zone=zone or edition.report_timezone or edition.timezone,
        progress=progress,
    )  # fmt: skip
    runs.finish_run(conn, run_id, "ok", 0, now=stored_now)
    return tally, run_id


def _edition(conn: Connection, event: str) -> Event:
    """EVENT as an event: its file is saved too, in the transaction that stores what is imported for it."""
    from harvester.store.events import load_event, save_event

    if not _is_file(event):
        return load_event(conn, event)
    edition = _common.read_event(Path(event))
    save_event(conn, edition)
    return edition


def _progress(name: str, *, quiet: bool) -> Progress:
    """A line on a terminal that counts records, wiped at the end (0); nothing anywhere else."""
    if quiet or not sys.stderr.isatty():
        return lambda _: None

    def tell(records: int) -> None:
        text = f"{name}: {records:,} records" if records else ""
        click.echo(f"\r\x1b[K{text}", nl=False, err=True)

    return tell


def _described(tally: Tally) -> str:
    """What became of a file: one line for what was stored, one for each reason something was not."""
    stored = [f"{tally.new:,} new", f"{tally.updated:,} updated", f"{tally.unchanged:,} unchanged"]
    if tally.queued:
        stored.append(f"{tally.queued:,} queued for the next crawl")
    rejected = sum(tally.rejected.values())
    lines = [
        f"{tally.file}: {tally.format}, {tally.records:,} records in",
        f"  stored   {', '.join(stored)}",
        f"  rejected {rejected:,}" + "".join(f" · {reason} {n:,}" for reason, n in sorted(tally.rejected.items())),
    ]
    if tally.kinds:
        lines.insert(1, f"  holding  {', '.join(f'{kind} {n:,}' for kind, n in sorted(tally.kinds.items()))}")
    return "\n".join(lines)
