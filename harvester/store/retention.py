"""How long posts are kept: `keep_days` of the event file, counted from the day we first saw a post.

A post that several events share is kept as long as the longest of them asks; an event without the key keeps for ever.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from harvester import dates
from harvester.store.events import list_events, load_event

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from harvester.store.connection import Connection

_OLD = """
SELECT p.key FROM posts p JOIN event_posts ep ON ep.post_id = p.id WHERE ep.event = :event AND p.first_seen_at <= :until
  AND NOT EXISTS (SELECT 1 FROM event_posts o JOIN json_each(:limits) l ON l.key = o.event
    WHERE o.post_id = p.id AND (l.value IS NULL OR p.first_seen_at > l.value)) ORDER BY p.key
"""
_COUNT = """
INSERT INTO expired_counts (event, local_day, kind, author_kind, counted, posts)
SELECT ep.event, ifnull(ep.local_day, ''), p.kind, ifnull(l.kind, 'unknown'), ifnull(ep.counted, 0), count(*)
FROM event_posts ep JOIN posts p ON p.id = ep.post_id
LEFT JOIN labels l ON l.event = ep.event AND l.author_id = p.author_id
WHERE p.id IN (SELECT value FROM json_each(?)) GROUP BY 1, 2, 3, 4, 5
ON CONFLICT DO UPDATE SET posts = posts + excluded.posts
"""
_REMAINS = (
    "DELETE FROM rejected WHERE event = :event AND at <= :until",
    """DELETE FROM quarantine WHERE at <= :until
       AND run_id IN (SELECT id FROM runs WHERE event = :event)""",
)


def limits(conn: Connection, now: datetime) -> dict[str, str | None]:
    """By slug, the stored time at and before which what was first seen is too old; None where everything is kept.

    Whole days count: with `keep_days = 90` a post goes when it is 91 days old.
    """
    found: dict[str, str | None] = {}
    for row in list_events(conn):
        days = load_event(conn, row["slug"]).keep_days
        found[row["slug"]] = None if days is None else dates.iso(now - timedelta(days=days + 1))
    return found


def expired(conn: Connection, event: str, limits: dict[str, str | None]) -> list[str]:
    """Keys of an event's posts that are too old for it and for every other event that has them."""
    until = limits.get(event)
    if until is None:
        return []
    values = {"event": event, "until": until, "limits": json.dumps(limits)}
    return [row["key"] for row in conn.execute(_OLD, values)]


def keep_counts(conn: Connection, posts: Iterable[int]) -> None:
    """Add posts that are about to be erased to the numbers that stay, inside the caller's `write_tx`."""
    conn.execute(_COUNT, (json.dumps(list(posts)),))


def drop_remains(conn: Connection, event: str, until: str) -> None:
    """Erase old records of what was never a post, inside the caller's `write_tx`."""
    for sql in _REMAINS:
        conn.execute(sql, {"event": event, "until": until})
