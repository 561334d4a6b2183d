"""Whom or what a human speaks of: one post or one author of an event, or an error that names the repair."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvester.classify.said import FIELDS, OF_AUTHORS, OF_POSTS, clash
from harvester.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harvester.store.connection import Connection
    from harvester.store.overrides import About

_FEW = 5


def meant(conn: Connection, event: str, reference: str) -> About:
    """The post or author of the event that a reference names. Raises NotFoundError, InputError for namesakes."""
    from harvester.store import trail
    from harvester.store.overrides import About

    post = trail.find_post(conn, reference)
    if post is not None:
        elsewhere = trail.events_of(conn, post_id=post["id"])
        if event not in elsewhere:
            raise NotFoundError(f"{reference}: is no post of {event}; it belongs to {_listed(elsewhere)}")
        return About(event=event, key=post["key"], post_id=post["id"])
    named = trail.find_authors(conn, reference)
    here = [row for row in named if event in trail.events_of(conn, author_id=row["id"])]
    if not named:
        raise NotFoundError(
            f"no post or author {reference!r} in this database; give a post's key or address, or platform:handle"
        )
    if not here:
        raise NotFoundError(f"{reference}: wrote nothing that was found for {event}; `harvest explain` shows what else")
    if len(here) > 1:
        raise InputError(f"{reference!r} names several authors; give one of {_listed([row['author'] for row in here])}")
    return About(event=event, key=here[0]["author"], author_id=here[0]["id"])


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
    return ", ".join(names[:_FEW]) + more if names else "no event"


def fault(conn: Connection, about: About, fields: Mapping[str, str]) -> str:
    """Why these fields cannot be said of a subject, with the repair; "" when they can. Values are known to be good."""
    wrong = [name for name in fields if name not in (OF_AUTHORS if about.post_id is None else OF_POSTS)]
    if not wrong:
        return clash(fields)
    listed = ", ".join(wrong)
    if about.post_id is None:
        return f"{listed} is said of a post, and {about.key} is an author; name one of their posts"
    return f"{listed} is said of an author, and {about.key} is a post; {_writer(conn, about.post_id)}"


def _writer(conn: Connection, post_id: int) -> str:
    from harvester.store.review import writer_of

    author = writer_of(conn, post_id)
    return f"it is by {author}: name that" if author else "nobody is known to have written it"


def allowed(field: str) -> str:
    """The values of a field, for a message."""
    return ", ".join(FIELDS[field])
