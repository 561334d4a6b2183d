"""`harvest diff`: what changed between two frozen reports, and why."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from harvester.cli._common import db_option, json_option, open_for

if TYPE_CHECKING:
    from pathlib import Path

    from harvester.report.changed import Change
    from harvester.report.freeze import Frozen

_EPILOG = """\b
Examples:
  harvest report reinvent-2016 --snapshots
  harvest diff 3 7
  harvest diff 3 7 --all
  harvest diff 3 7 --json | jq '.counts[].steps[]'
"""


@click.command(epilog=_EPILOG)
@click.argument("old", type=click.IntRange(1))
@click.argument("new", type=click.IntRange(1))
@db_option
@json_option
@click.option("--all", "everything", is_flag=True, help="Every number and post, not the first of many.")
@click.option("--internal", is_flag=True, help="Rows that name people too: for organisers, not for publication.")
def command(old: int, new: int, db: Path, *, as_json: bool, everything: bool, internal: bool) -> None:
    """Explain what changed from snapshot OLD to snapshot NEW, two reports of one event that `harvest report` froze.

    First what makes them hard to compare (other sources, rules, event file), then each count with the posts that came
    to it and left it and why (the steps add up to the difference), the other numbers, and sources that failed in one.
    Reads only.
    """
    from harvester.cli import _changes
    from harvester.report.change import compare

    one, other = _both(db, old, new)
    change = compare(one.report, other.report, (one.version, other.version))
    if not internal:
        change = _public(change)
    sides = _changes.Side(old, one.report), _changes.Side(new, other.report)
    if as_json:
        click.echo(json.dumps(_changes.as_values(change, *sides), ensure_ascii=False, indent=2))
        return
    click.echo("\n".join(_changes.lines(change, *sides, everything=everything)))


def _both(db: Path, old: int, new: int) -> tuple[Frozen, Frozen]:
    from harvester.store.snapshots import load

    with closing(open_for(db, "ro")) as conn:
        one, other = load(conn, old), load(conn, new)
    events = one.report.frame.event, other.report.frame.event
    if events[0] != events[1]:
        told = f"snapshot {old} is of {events[0]}, snapshot {new} of {events[1]}"
        raise click.UsageError(f"{told}; name two of one event (`harvest report EVENT --snapshots`)")
    return one, other


def _public(change: Change) -> Change:
    return replace(change, numbers=tuple(number for number in change.numbers if not number.internal))
