"""`harvest classify`: judge again who wrote each post and whether it is about the event."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from harvester.cli._common import db_option, json_option, now, open_for, resolve_event

if TYPE_CHECKING:
    from pathlib import Path

    from harvester.event import Event
    from harvester.stages import Summary, Tell
    from harvester.store.connection import Connection

_EPILOG = """\b
Examples:
  harvest classify reinvent-2016
  harvest classify events/reinvent-2016.toml --dry-run
  harvest classify reinvent-2016 --all
  harvest classify reinvent-2016 --json | jq '.diff.authors[] | {author, before, after}'

\b
How to read the changes:
  qiita:aoi  independent -> participant  (+T1 "参加してきました", -H6)
  a rule that fires now, one that no longer does; `harvest explain qiita:aoi` prints all of the evidence
"""


@click.command(epilog=_EPILOG)
@click.argument("event")
@click.option("--dry-run", is_flag=True, help="Only print what would be judged otherwise; write nothing.")
@click.option("--all", "every", is_flag=True, help="Print every change, not only the most important ones.")
@db_option
@json_option
def command(event: str, dry_run: bool, every: bool, db: Path, as_json: bool) -> None:
    """Fold copies, decide relevance and author kinds of EVENT again, with the rules and event file of now.

    Nothing is fetched. What a human or an import said stays; run twice, the second run changes nothing. What is
    judged otherwise than before is printed with the evidence that came, went or changed its weight.
    """
    from harvester.stages import classify_event

    conn = open_for(db, "ro" if dry_run else "rw")
    tell = _progress()
    try:
        described = _as_it_would_be(conn, event) if dry_run else resolve_event(conn, event)
        summary = classify_event(conn, described, now=now(), write=not dry_run, tell=tell)
    finally:
        tell("", 1, 1)
        conn.close()
    click.echo(_as_json(summary) if as_json else _told(summary, dry_run=dry_run, every=every))


def _as_it_would_be(conn: Connection, reference: str) -> Event:
    """EVENT as typed, without saving its file: its posts must be in the database already."""
    from harvester.event_file import named_file, read_event
    from harvester.store.events import event_row, load_event

    path = named_file(reference)
    event = read_event(path) if path else load_event(conn, reference)
    event_row(conn, event.slug)
    return event


def _progress() -> Tell:
    """A line on a terminal that says what is being done, wiped at the end; nothing anywhere else."""
    if not sys.stderr.isatty():
        return lambda *_: None

    def tell(what: str, done: int, total: int) -> None:
        text = "" if done >= total > 0 else what + (f" {done:,} of {total:,}" if total else "")
        click.echo(f"\r\x1b[K{text}", nl=False, err=True)

    return tell


def _as_json(summary: Summary) -> str:
    return json.dumps(summary.as_json(), ensure_ascii=False, indent=2)


def _told(summary: Summary, *, dry_run: bool, every: bool) -> str:
    from harvester.cli._rejudged import diff_lines
    from harvester.text import shown

    changed = summary.changed
    rows = f"{changed['posts']} posts, {changed['labels']} authors, {changed['stories']} stories"
    lines = [
        f"{summary.event}: {summary.posts} posts, {summary.counted} counted, {summary.copies} copies folded",
        f"  relevance  {_counts(summary.relevance)}",
        f"  authors    {_counts(summary.kinds)}",
        f"  {'to change' if dry_run else 'changed  '}  {rows}",
        f"  undecided  {summary.review} authors; `harvest review {summary.event}` shows what is doubtful",
        *(shown(line) for line in diff_lines(summary.diff, every=every)),
    ]
    if dry_run:
        lines.append("Nothing was written (--dry-run).")
    return "\n".join(lines)


def _counts(found: dict[str, int]) -> str:
    return " · ".join(f"{name} {count}" for name, count in found.items()) or "none"
