"""A post's place in an event as a record of its own: how tables tell of a post that belongs to several events.

A post that names no event goes to the one on the command line, unless such records say where it belongs. They seldom
say more than post and event: what the post says of itself (is it about the event, does it count) holds at each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from harvester import dates
from harvester.model import COUNTED_RELATIONS, DAY_KNOWN, UNCOUNTED_KINDS
from harvester.store.exchange.refs import UNLESS_HUMAN, key_of
from harvester.store.rows import upsert
from harvester.store.tombstones import values_of_reference

if TYPE_CHECKING:
    from harvester.store.connection import Connection, Row
    from harvester.store.exchange.refs import Json, Refs

_JUDGED: Final = ("relevance", "counted", "not_counted_reason", "incentivised", "decided_by")
# What is known of the post at this event, else at the one it went to for want of another, else at any. Event by event,
# because `event_posts_post` is off while an empty database is filled: each place would walk all others.
_KNOWN: Final = f"""SELECT {", ".join(_JUDGED)} FROM events e
CROSS JOIN event_posts ep ON ep.event = e.slug AND ep.post_id = ?
LEFT JOIN temp.unplaced u ON u.post_id = ep.post_id AND u.event = ep.event
ORDER BY ep.event = ? DESC, u.event IS NULL, ep.event LIMIT 1"""  # noqa: S608 - the names are ours


def begin(conn: Connection) -> None:
    """A place for posts that went to an event which nobody named, and for those of which records say where to."""
    conn.execute("CREATE TEMP TABLE IF NOT EXISTS unplaced (post_id INTEGER PRIMARY KEY, event TEXT)")
    conn.execute("CREATE TEMP TABLE IF NOT EXISTS placed (post_id INTEGER, event TEXT, PRIMARY KEY (post_id, event))")
    for table in ("unplaced", "placed"):
        conn.execute(f"DELETE FROM temp.{table}")  # noqa: S608 - the names are ours


def remember(conn: Connection, post_id: int, slug: str) -> None:
    """Keep in mind that a post went to an event which its record does not name."""
    conn.execute("INSERT OR IGNORE INTO temp.unplaced VALUES (?, ?)", (post_id, slug))


def take_place(refs: Refs, record: Json) -> str:
    """A post's entry for an event. Raises Unresolved for an unknown post or event."""
    slug, post_id = refs.slug(record), refs.post_id(record["post"])
    refs.admit(refs.guard.why(values_of_reference(key_of(record["post"])), slug))
    refs.conn.execute("INSERT OR IGNORE INTO temp.placed VALUES (?, ?)", (post_id, slug))
    known = refs.conn.execute(_KNOWN, (post_id, slug)).fetchone()
    post = refs.conn.execute(
        "SELECT kind, relation, published_at, published_precision FROM posts WHERE id = ?", (post_id,)
    ).fetchone()
    values = {name: known[name] for name in _JUDGED} if known else _untold(post)
    if told := {name: record[name] for name in _JUDGED if record.get(name) is not None}:
        values |= {"decided_by": "import"} | told
    if post["published_at"] and post["published_precision"] in DAY_KNOWN:
        values["local_day"] = dates.local_day(dates.parse_iso(post["published_at"]), refs.zone(slug))
    values |= {"event": slug, "post_id": post_id}
    return upsert(refs.conn, "event_posts", values, ("event", "post_id"), f"event_posts.{UNLESS_HUMAN}")


def _untold(post: Row) -> Json:
    """About the event, and counted unless its relation or kind never is: as for a post that says nothing."""
    counts = post["relation"] in COUNTED_RELATIONS and post["kind"] not in UNCOUNTED_KINDS
    return {"relevance": "confirmed", "counted": int(counts), "decided_by": "import"}


def settle(refs: Refs) -> None:
    """Posts whose events are told leave the one they went to for want of another."""
    refs.conn.execute(
        """DELETE FROM event_posts WHERE EXISTS (
             SELECT 1 FROM temp.unplaced u WHERE u.post_id = event_posts.post_id AND u.event = event_posts.event)
           AND post_id IN (SELECT post_id FROM temp.placed)
           AND NOT EXISTS (
             SELECT 1 FROM temp.placed p WHERE p.post_id = event_posts.post_id AND p.event = event_posts.event)"""
    )
    for table in ("unplaced", "placed"):
        refs.conn.execute(f"DROP TABLE temp.{table}")
