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

    from harvester.report.build import Report
    from harvester.report.changed import Change

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
    change = compare(one, other)
    if not internal:
        change = _public(change)
    if as_json:
        told = _changes.as_values(change, _changes.Side(old, one), _changes.Side(new, other))
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    lines = _changes.lines(change, _changes.Side(old, one), _changes.Side(new, other), everything=everything)
    click.echo("\n".join(lines))


def _both(db: Path, old: int, new: int) -> tuple[Report, Report]:
    from harvester.store.snapshots import load

    with closing(open_for(db, "ro")) as conn:
        one, other = load(conn, old).report, load(conn, new).report
    if one.frame.event != other.frame.event:
        told = f"snapshot {old} is of {one.frame.event}, snapshot {new} of {other.frame.event}"
        raise click.UsageError(f"{told}; name two of one event (`harvest report EVENT --snapshots`)")
    return one, other


def _public(change: Change) -> Change:
    return replace(change, numbers=tuple(number for number in change.numbers if not number.internal))
