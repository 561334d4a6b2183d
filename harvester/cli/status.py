"""`harvest status`: what the last runs asked, got and missed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from harvester.cli._common import db_option, json_option, now, open_for, slug_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from harvester.store.open import Row

_EPILOG = """\b
Examples:
  harvest status
  harvest status reinvent-2016 --runs 3
  harvest status --json | jq '.sources[] | select(.status == "failed")'
"""
_RUN = ("id", "command", "event", "started_at", "ended_at", "status", "exit_code")
_SOURCE = ("event", "source", "status", "found", "new", "requests", "errors", "run_started", "reason")
_FETCHES = ("event", "source", "state", "reason", "pages")
_RESTING = ("host", "not_before", "reason")


@click.command(epilog=_EPILOG)
@click.argument("event", required=False, default="")
@db_option
@json_option
@click.option("--runs", "limit", type=click.IntRange(1, 1000), default=5, show_default=True, help="How many runs.")
def command(event: str, db: Path, as_json: bool, limit: int) -> None:
    """Show the newest runs, how each source did last, what became of its pages, and hosts that rest. Reads only."""
    from harvester import dates
    from harvester.store import crawl_state
    from harvester.store.events import event_row

    slug = slug_of(event)
    conn = open_for(db, "ro")
    try:
        if slug:
            event_row(conn, slug)
        told = {
            "runs": _plain(_RUN, crawl_state.recent_runs(conn, slug, limit)),
            "sources": _plain(_SOURCE, crawl_state.newest_lines(conn, slug)),
            "fetches": _plain(_FETCHES, crawl_state.fetch_states(conn, slug)),
            "resting": _plain(_RESTING, crawl_state.resting_hosts(conn, dates.iso(now()))),
        }
    finally:
        conn.close()
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    titles = {"runs": "Runs", "sources": "Sources, last time", "fetches": "Pages", "resting": "Hosts at rest"}
    columns = {"runs": _RUN, "sources": _SOURCE, "fetches": _FETCHES, "resting": _RESTING}
    for name, rows in told.items():
        if rows or name == "runs":
            click.echo(_table(titles[name], columns[name], rows))


def _plain(columns: tuple[str, ...], rows: Iterable[Row]) -> list[dict[str, Any]]:
    return [{column: row[column] for column in columns} for row in rows]


def _table(title: str, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> str:
    from harvester.text import shown

    if not rows:
        return f"{title}: none yet\n"
    cells = [columns, *(tuple("" if row[c] is None else shown(str(row[c])) for c in columns) for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    numeric = [all(isinstance(row[c], int | None) for row in rows) for c in columns]
    lines = [title]
    for line in cells:
        padded = (
            text.rjust(width) if number else text.ljust(width)
            for text, width, number in zip(line, widths, numeric, strict=True)
        )
        lines.append("  " + "  ".join(padded).rstrip())
    return "\n".join(lines) + "\n"
