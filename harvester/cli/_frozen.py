"""The side of `harvest report` that freezes, lists and prints again what was frozen."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING, Final

import click

from harvester.cli._common import open_for
from harvester.dates import parse_iso
from harvester.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harvester.report.build import Report
    from harvester.store.snapshots import Saved, Summary

_WAIT_MS: Final = 2_000  # for somebody else's write to end: nobody waits long for what is no part of the report
_HEAD: Final = ("snapshot", "taken at", "recipe", "rules", "posts", "erased", "participants : media")


def unchanged(db: Path, report: Report) -> tuple[Report, Callable[[], None]]:
    """The report to print, with the moment of the newest frozen one where nothing has changed since.

    And what is left to do once it is printed: freeze it, or tell the number that it has.
    """
    from harvester.store.snapshots import same, texts_of

    texts = texts_of(report)
    with closing(open_for(db, "ro")) as conn:
        known = same(conn, report.frame.event, texts)
    if known is None:
        return report, partial(_freeze, db, report, texts)
    return replace(report, frame=replace(report.frame, as_of=parse_iso(known.taken_at))), partial(_tell, known)


def _freeze(db: Path, report: Report, texts: tuple[str, str]) -> None:
    """Keep a printed report; a database that cannot be written is told on stderr and is no failure."""
    from harvester.store.connection import write_tx
    from harvester.store.open import open_db
    from harvester.store.snapshots import save

    try:
        with closing(open_db(db, "rw", busy_timeout_ms=_WAIT_MS)) as conn, write_tx(conn):
            saved = save(conn, report, texts)
    except StorageError as error:
        click.echo(f"no snapshot was written: {error} (--no-snapshot asks for none)", err=True)
    else:
        _tell(saved)


def _tell(saved: Saved) -> None:
    """The number of a report, to who sits at a terminal: cron would mail it."""
    if _at_a_terminal():
        since = "" if saved.new else f", unchanged since {saved.taken_at}"
        click.echo(f"snapshot {saved.number}{since}", err=True)


def _at_a_terminal() -> bool:
    return sys.stderr.isatty()


def again(db: Path, number: int, event: str) -> Report:
    """The report as it was frozen; `event` ("" for any) is whose it must be."""
    from harvester import __version__
    from harvester.store.snapshots import load

    with closing(open_for(db, "ro")) as conn:
        frozen = load(conn, number)
    if event not in ("", frozen.report.frame.event):
        raise click.UsageError(f"snapshot {number} is of {frozen.report.frame.event}, not of {event}")
    if erased := frozen.report.erased:
        were = "post was" if erased == 1 else "posts were"
        click.echo(f"snapshot {number}: {erased} {were} taken out since; its numbers still count them", err=True)
    if frozen.version != __version__:
        told = f"frozen by harvester {frozen.version}; the sentences are those of {__version__}"
        click.echo(f"snapshot {number}: {told}", err=True)
    return frozen.report


def listed(db: Path, event: str, *, as_json: bool) -> int:
    """Print the frozen reports of an event, newest first; exit code 0."""
    from harvester.cli._table import table
    from harvester.store.events import event_row
    from harvester.store.snapshots import listing

    with closing(open_for(db, "ro")) as conn:
        event_row(conn, event)
        found = listing(conn, event)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2))
    elif not found:
        click.echo(f"no snapshot of {event} yet; `harvest report {event}` makes one")
    else:
        click.echo("\n".join(table(_HEAD, [_row(one) for one in found], right=("snapshot", "posts", "erased"))))
    return 0


def _row(one: Summary) -> tuple[str, ...]:
    ratio, erased = one.headline, str(one.erased) if one.erased else ""
    compared = f"{ratio['num']} : {ratio['den']}" if ratio.get("num") is not None else "not measured"
    return str(one.number), one.taken_at, one.recipe, one.rules, str(one.items), erased, compared
