"""A human's word that came in a file: kept for ever, and in effect when the file is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harvester.model import Label
from harvester.store import overrides
from harvester.store.rows import upsert

if TYPE_CHECKING:
    from harvester.store.connection import Connection
    from harvester.store.exchange.refs import Json, Refs

_YES = frozenset({"1", "true", "yes"})
_UNKNOWN = {"side": "unknown", "kind": "unknown", "subkind": None, "attendance": "none", "posterior": None}
_TIE = """UPDATE event_posts SET relevance = ?, counted = ?, not_counted_reason = ?, incentivised = ?,
  decided_by = 'human' WHERE event = ? AND post_id = ?"""


def take_override(refs: Refs, record: Json) -> str:
    """One decision on an author or a post. Without a moment, the same decision is not kept twice."""
    conn, slug = refs.conn, refs.slug(record)
    author_id = refs.author_id(record["author"]) if record.get("author") else None
    post_id = refs.post_id(record["post"]) if record.get("post") else None
    same = (slug, author_id, post_id, record["field"], record["value"])
    held = "SELECT 1 FROM overrides WHERE event = ? AND author_id IS ? AND post_id IS ? AND field = ? AND value = ?"
    at = record.get("at")
    if conn.execute(f"{held} AND at = ?" if at else held, (*same, at) if at else same).fetchone():
        return "unchanged"
    conn.execute(
        "INSERT INTO overrides (event, author_id, post_id, field, value, at, who, why) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*same, at or refs.now, record.get("who"), record.get("why")),
    )
    refs.overruled.add((slug, author_id if post_id is None else None, post_id))
    return "new"


def settle(refs: Refs) -> None:
    """Let the words that stand take effect, once all are there: one that a later line takes back never does."""
    for slug in sorted({slug for slug, _, _ in refs.overruled}):
        for about, words in overrides.all_standing(refs.conn, slug):
            if about.ids not in refs.overruled:
                continue
            said = {name: word.value for name, word in words.items()}
            if not said:
                overrides.release(refs.conn, about)
            elif about.post_id is not None:
                _overrule_post(refs.conn, slug, about.post_id, said)
            elif about.author_id is not None:
                _overrule_author(refs.conn, slug, about.author_id, said)


def _overrule_author(conn: Connection, slug: str, author_id: int, words: dict[str, str]) -> None:
    """The label as judging would write it with these words."""
    from harvester.classify.role import overridden

    row = conn.execute("SELECT * FROM labels WHERE event = ? AND author_id = ?", (slug, author_id)).fetchone()
    held: dict[str, Any] = dict(row) if row else dict(_UNKNOWN)
    label = overridden(
        Label(
            side=held["side"],
            kind=held["kind"],
            subkind=held["subkind"] or "",
            attendance=held["attendance"],
            posterior=held["posterior"] or 0.0,
            decided_by=held.get("decided_by", "none"),
        ),
        words,
    )
    values = {
        "side": label.side, "kind": label.kind, "subkind": label.subkind, "attendance": label.attendance,
        "posterior": label.posterior, "decided_by": label.decided_by, "event": slug, "author_id": author_id,
    }  # fmt: skip
    upsert(conn, "labels", values, ("event", "author_id"))


def _overrule_post(conn: Connection, slug: str, post_id: int, words: dict[str, str]) -> None:
    row = conn.execute("SELECT * FROM event_posts WHERE event = ? AND post_id = ?", (slug, post_id)).fetchone()
    if row is None:
        return
    counted, reason = row["counted"], row["not_counted_reason"]
    if "counted" in words:
        counted = int(words["counted"] in _YES)
        reason = None if counted else "a human decided"
    paid = int(words["incentivised"] in _YES) if "incentivised" in words else row["incentivised"]
    relevance = words.get("relevance", row["relevance"])
    conn.execute(_TIE, (relevance, counted, reason, paid, slug, post_id))
