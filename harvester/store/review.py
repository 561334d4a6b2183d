"""What a human is shown who reviews an event: doubtful labels, probable posts, and a post to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harvester.classify.queue import NEAR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harvester.store.connection import Connection

LABEL = ("kind", "subkind", "side", "attendance", "decided_by")
TIE = ("relevance", "counted", "incentivised", "decided_by")
_LABELS = """
SELECT l.author_id, a.platform || ':' || a.handle AS author, l.kind, l.posterior, coalesce(l.review, '') AS review
FROM labels l JOIN authors a ON a.id = l.author_id
WHERE l.event = :event AND l.decided_by <> 'human' AND a.id NOT IN (SELECT author_id FROM opted_out)
  AND (l.kind = 'unknown' OR l.review LIKE 'conflict%' OR ifnull(l.posterior, 1) < :near)
ORDER BY author
"""
_TEXTS = """
SELECT p.key, p.text FROM event_posts ep JOIN posts p ON p.id = ep.post_id
WHERE ep.event = :event AND ep.relevance = 'confirmed' AND ep.counted = 1 AND p.kind IN ('article', 'news')
  AND ifnull(p.author_id, 0) NOT IN (SELECT author_id FROM opted_out)
ORDER BY p.published_at IS NULL, p.published_at, p.key
"""
_DECIDED = "SELECT DISTINCT post_id FROM overrides WHERE event = ? AND field = ? AND post_id IS NOT NULL"
_SHOWN = """
SELECT p.id, p.key, p.url, p.title, p.kind, substr(p.text, 1, 4000) AS text, p.author_id, ep.local_day
FROM event_posts ep JOIN posts p ON p.id = ep.post_id WHERE ep.event = ? AND p.key = ?
"""


def doubtful_labels(conn: Connection, event: str) -> list[dict[str, Any]]:
    """Labels that no human decided and that are unknown, in conflict, or passed the threshold only just."""
    return [dict(row) for row in conn.execute(_LABELS, {"event": event, "near": NEAR})]


def counted_texts(conn: Connection, event: str) -> Iterator[tuple[str, str]]:
    """(key, text) of every written story that is counted, oldest first."""
    for row in conn.execute(_TEXTS, {"event": event}):
        yield row["key"], row["text"] or ""


def decided_posts(conn: Connection, event: str, field: str) -> set[int]:
    """Ids of the posts of which a human ever said this field."""
    return {row["post_id"] for row in conn.execute(_DECIDED, (event, field)).fetchall()}


def opening(conn: Connection, event: str, key: str) -> dict[str, Any] | None:
    """A post of the event with the beginning of its text; None when it is no longer there."""
    row = conn.execute(_SHOWN, (event, key)).fetchone()
    return dict(row) if row else None


def writer_of(conn: Connection, post_id: int) -> str:
    """The account that wrote a post, "" when nobody is named."""
    sql = (
        "SELECT platform || ':' || handle AS author FROM authors WHERE id = (SELECT author_id FROM posts WHERE id = ?)"
    )
    row = conn.execute(sql, (post_id,)).fetchone()
    return str(row["author"]) if row else ""


def judged(conn: Connection, event: str) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """What holds at an event: (labels by account, judgements by post key), the columns that a human can change."""
    labels = conn.execute(
        """SELECT a.platform || ':' || a.handle AS author, l.kind, l.subkind, l.side, l.attendance, l.decided_by
           FROM labels l JOIN authors a ON a.id = l.author_id WHERE l.event = ?""",
        (event,),
    )
    ties = conn.execute(
        """SELECT p.key, ep.relevance, ep.counted, ep.incentivised, ep.decided_by
           FROM event_posts ep JOIN posts p ON p.id = ep.post_id WHERE ep.event = ?""",
        (event,),
    )
    return (
        {row["author"]: {name: row[name] for name in LABEL} for row in labels},
        {row["key"]: {name: row[name] for name in TIE} for row in ties},
    )
