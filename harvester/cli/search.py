"""`harvest search`: posts by the words in them."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from harvester.cli._common import db_option, json_option, open_for, slug_of

if TYPE_CHECKING:
    from pathlib import Path

    from harvester.store.search import Hit

_EPILOG = """\b
Examples:
  harvest search 天気
  harvest search "懇親会 写真" reinvent-2016 --limit 50
  harvest search serverless --json | jq -r '.posts[].url'
"""


@click.command(epilog=_EPILOG)
@click.argument("text")
@click.argument("event", required=False, default="")
@db_option
@json_option
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many posts at most.")
def command(text: str, event: str, db: Path, as_json: bool, limit: int) -> None:
    """Show the posts, newest first, that have every word of TEXT in their title or text; of EVENT alone, or of all.

    Two characters are enough. A is a, and no character of TEXT has a meaning of its own.
    """
    from harvester.store.events import event_row
    from harvester.store.search import search
    from harvester.text import clean

    slug = slug_of(event)
    with closing(open_for(db, "ro")) as conn:
        if slug:
            event_row(conn, slug)
        total, hits = search(conn, text, event=slug, limit=limit)
    if as_json:
        told = {"text": clean(text), "event": slug, "total": total, "posts": [asdict(hit) for hit in hits]}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for hit in hits:
        click.echo("\n".join(_lines(hit)))
    more = f", the newest {len(hits)} shown; --limit shows more" if total > len(hits) else ""
    click.echo(f"{total} post{'' if total == 1 else 's'} found{more}" if total else "nothing found")


def _lines(hit: Hit) -> list[str]:
    from harvester.report.layout import WIDTH, cut
    from harvester.text import shown

    day = hit.published_at[:10] or "undated"
    lines = [cut(f"{day:<10}  {hit.platform:<10}  {hit.title or '(no title)'}", WIDTH)]
    lines.append(f"            {shown(hit.url)}")
    if hit.snippet:
        lines.append(cut(f"            {hit.snippet}", WIDTH))
    return lines
