"""`harvest review`: doubtful judgements, one a screen, most valuable first; a key decides."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import click

from harvester.cli._common import db_option, json_option, now, open_for, resolve_event, slug_of, who_option
from harvester.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from harvester.classify.queue import Case
    from harvester.cli._changed import State
    from harvester.cli._review_cases import Queue
    from harvester.cli._review_session import Session
    from harvester.event import Event
    from harvester.store.connection import Connection

_EPILOG = """\b
Examples:
  harvest review reinvent-2016                 one case a screen; ? tells the keys
  harvest review reinvent-2016 --list -n 20    the queue, without asking
  harvest review reinvent-2016 --list --json | jq -r '.cases[].key'

\b
Without a terminal: write the queue with --list --json, and what you decide with `harvest label EVENT --from FILE`.
Exit codes: 0 ended with q or at the end of the queue, 130 ended with Ctrl-C; what was said is kept in both.
"""


@click.command(epilog=_EPILOG)
@click.argument("event")
@click.option("--list", "listed", is_flag=True, help="Print the queue with its reasons, and ask nothing.")
@click.option("-n", "--limit", "most", type=click.IntRange(min=1), metavar="N", help="Only the first N cases.")
@who_option
@db_option
@json_option
def command(event: str, most: int | None, who: str, db: Path, *, listed: bool, as_json: bool) -> int:
    """Decide what the rules could not about EVENT: unknown authors, conflicts, judgements near the threshold, posts
    that are only probably about it, texts that may be copies.

    First comes what can move the published ratio most. Each answer is stored at once; at the end EVENT is judged
    again. Keys: p i m o v s a u say who the author is, y n whether the post is about the event, ? explains.
    """
    if listed or as_json:
        _list(event, most, db, as_json=as_json)
        return 0
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise ConfigError(
            "this is no terminal: `harvest review EVENT --list` prints the queue, and `harvest label EVENT --from FILE`"
            " takes decisions from a CSV file"
        )
    with closing(open_for(db)) as conn:
        return _review(conn, resolve_event(conn, event), most, who)


def _list(event: str, most: int | None, db: Path, *, as_json: bool) -> None:
    from harvester.cli._review_cases import queue
    from harvester.store.events import event_row

    with closing(open_for(db, "ro")) as conn:
        slug = str(event_row(conn, slug_of(event))["slug"])
        conn.execute("BEGIN")  # one moment of the database, whatever a crawl is writing meanwhile
        found = queue(conn, slug, now())
    if as_json:
        told = {
            "event": slug,
            "total": len(found.cases),
            "ratio": found.counts._asdict(),
            "notes": found.notes,
            "cases": [_told(case) for case in found.cases[:most]],
        }
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    click.echo("\n".join([*_lines(slug, found, most), *found.notes]))


def _told(case: Case) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(case) | {"reasons": list(case.reasons)}


def _lines(slug: str, found: Queue, most: int | None) -> list[str]:
    from harvester.cli._changed import ratio
    from harvester.cli._table import table

    head = f"{slug}: {len(found.cases)} to review; written stories, participant : media  {ratio(found.counts)}"
    rows = [(f"{c.value:.3f}", c.what, c.key, c.kind, str(c.stories), ", ".join(c.reasons)) for c in found.cases[:most]]
    return [
        head,
        *(table(("value", "case", "of", "now", "stories", "why"), rows, right=("value", "stories")) if rows else []),
    ]


def _review(conn: Connection, event: Event, most: int | None, who: str) -> int:
    """Ask until the queue or the human ends; then judge again and tell what changed."""
    from harvester.cli import _keyboard
    from harvester.cli._changed import look
    from harvester.cli._review_cases import queue
    from harvester.cli._review_session import Session

    found = queue(conn, event.slug, now())
    if not found.cases:
        click.echo("\n".join([f"{event.slug}: nothing to review", *found.notes]))
        return 0
    before = look(conn, event.slug, now())
    session = Session(conn=conn, event=event.slug, cases=found.cases[:most], counts=found.counts, clock=now, who=who)
    code = 0
    try:
        _ask(session)
    except KeyboardInterrupt:
        code = 130
    _keyboard.clear()
    left = len(found.cases) - session.decided
    click.echo(f"{event.slug}: {_n(session.decided, 'case')} decided, {left} left")
    if session.spoke:
        _judge(conn, event, before)
    return code


def _judge(conn: Connection, event: Event, before: State) -> None:
    """Judge the event again with what was said; another Ctrl-C leaves that to `harvest classify`."""
    from harvester.cli._changed import difference, lines, look
    from harvester.stages import classify_event

    try:
        classify_event(conn, event, now=now())
    except KeyboardInterrupt:
        click.echo(f"Your words are kept; harvest classify {event.slug} judges with them.", err=True)
        raise
    after = look(conn, event.slug, now())
    changes = difference(before, after)
    labels = {change.subject for change in changes if change.subject in after.labels or change.subject in before.labels}
    click.echo(f"  {_n(len(labels), 'label')} changed")
    click.echo("\n".join(lines(changes, before.counts, after.counts, ())))


def _n(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _ask(session: Session) -> None:
    """One screen after another. Raises KeyboardInterrupt on Ctrl-C and when the terminal is gone."""
    from harvester.cli import _keyboard
    from harvester.cli._review_screen import draw, help_page, whole

    while (case := session.case) is not None:
        view = session.view()
        if view is None:
            session.skip_lost()
            continue
        _keyboard.show(draw(case, view, session.counts, session.place, _keyboard.size()))
        key = _keyboard.key()
        if key == "q":
            return
        if key == "?":
            _keyboard.show(help_page(_keyboard.size()))
            _keyboard.key()
        elif key == "t":
            _keyboard.show(whole(view, _keyboard.size()[0]))
            _keyboard.key()
        elif key == "/":
            session.take_note(_keyboard.line("why"))
        elif key:
            session.pressed(key)
