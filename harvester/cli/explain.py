"""`harvest explain`: why a post or author was judged as it was."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from harvester.cli._common import db_option, json_option, open_for, slug_of
from harvester.errors import NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

    from harvester.store.connection import Connection

_EPILOG = """\b
Examples:
  harvest explain https://qiita.com/aoi/items/0123456789abcdef0123
  harvest explain qiita:aoi --event reinvent-2016
  harvest explain qiita:aoi --history
  harvest explain "青井 空" --json
"""
_MANY = 10  # authors of one name; more is a search, not a question


@click.command(epilog=_EPILOG)
@click.argument("subject", metavar="POST|AUTHOR")
@click.option("--event", default="", help="Only this event (slug or file). Default: every event of the subject.")
@click.option("--history", is_flag=True, help="Also when the judgement became another one, and by which rules.")
@db_option
@json_option
def command(subject: str, event: str, history: bool, db: Path, as_json: bool) -> None:
    """Print the evidence behind a judgement: each rule that fired, its weight in decibans, and what it fired on.

    POST is a key (`qiita:0a1b…`) or an address; AUTHOR is an account (`qiita:aoi`), a handle or a name.
    """
    conn = open_for(db, "ro")
    try:
        found = _explained(conn, subject, slug_of(event))
        if history:
            _add_history(conn, found)
    finally:
        conn.close()
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        click.echo("\n\n".join(_told(entry) for entry in found))


def _explained(conn: Connection, subject: str, slug: str) -> list[dict[str, Any]]:
    """One entry per event and subject: {event, post?, author?, label?}."""
    from harvester.cli._trail import writer
    from harvester.store import trail
    from harvester.store.events import event_row

    if slug:
        event_row(conn, slug)
    entries: list[dict[str, Any]] = []
    if post := trail.find_post(conn, subject):
        entries += [
            {"event": event, "post": tie, **writer(conn, event, post["author_id"])}
            for event in ([slug] if slug else trail.events_of(conn, post_id=post["id"]))
            if (tie := trail.tie(conn, event, post["id"]))
        ]
    else:
        authors = trail.find_authors(conn, subject)
        if len(authors) > _MANY:
            raise NotFoundError(f"{subject!r} names {len(authors)} authors; give an account such as qiita:aoi")
        for row in authors:
            for event in [slug] if slug else trail.events_of(conn, author_id=row["id"]):
                posts = trail.posts_by(conn, event, row["id"])
                if posts or trail.label(conn, event, row["id"]):
                    entries.append({"event": event, **writer(conn, event, row["id"]), "posts": posts})
    if not entries:
        where = f" at {slug}" if slug else " in this database"
        raise NotFoundError(f"no post or author {subject!r}{where}; give a post's key or address, or platform:handle")
    return entries


def _add_history(conn: Connection, entries: list[dict[str, Any]]) -> None:
    """Each entry with `history`: the decisions on its author and, of a post, on the post."""
    from harvester.store import trail

    for entry in entries:
        author, post = entry["author"], entry.get("post")
        entry["history"] = {"author": trail.history(conn, entry["event"], author["id"], None) if author else []}
        if post:
            entry["history"]["post"] = trail.history(conn, entry["event"], None, post["post_id"])


def _told(entry: dict[str, Any]) -> str:
    from harvester.cli._trail import author_lines, post_lines
    from harvester.text import shown

    lines = post_lines(entry) if "post" in entry else author_lines(entry)
    return "\n".join(shown(line) for line in lines)
