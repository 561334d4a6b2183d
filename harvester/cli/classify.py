"""`harvest classify`: judge again who wrote each post and whether it is about the event."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from harvester.cli._common import db_option, json_option, now, open_for, resolve_event

if TYPE_CHECKING:
    from pathlib import Path

    from harvester.stages import Summary

_EPILOG = """\b
Examples:
  harvest classify reinvent-2016
  harvest classify events/reinvent-2016.toml
  harvest classify reinvent-2016 --json | jq .kinds
"""


@click.command(epilog=_EPILOG)
@click.argument("event")
@db_option
@json_option
def command(event: str, db: Path, as_json: bool) -> None:
    """Fold copies, decide relevance and author kinds of EVENT again, with the rules and event file of now.

    Nothing is fetched. What a human or an import said stays; run twice, the second run changes nothing.
    """
    from harvester.stages import classify_event

    conn = open_for(db)
    try:
        summary = classify_event(conn, resolve_event(conn, event), now=now())
    finally:
        conn.close()
    click.echo(json.dumps(summary.as_json(), ensure_ascii=False, indent=2) if as_json else _told(summary))


def _told(summary: Summary) -> str:
    changed = summary.changed
    return "\n".join(
        (
            f"{summary.event}: {summary.posts} posts, {summary.counted} counted, {summary.copies} copies folded",
            f"  relevance  {_counts(summary.relevance)}",
            f"  authors    {_counts(summary.kinds)}",
            f"  changed    {changed['posts']} posts, {changed['labels']} authors, {changed['stories']} stories",
            f"  to review  {summary.review} authors",
        )
    )


def _counts(found: dict[str, int]) -> str:
    return " · ".join(f"{name} {count}" for name, count in found.items()) or "none"
