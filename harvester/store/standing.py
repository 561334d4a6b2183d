"""Whether stored posts still stand at their platform: which are due to be asked for, and what came of it.

A post found gone is marked (`availability` is `withdrawn`), one that was edited too (`edited`): what has to be erased
from the other files is then known even after a kill. Writing functions run inside the caller's `write_tx`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from harvester.model import Reaction
from harvester.store import posts
from harvester.store.runs import OFFLINE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harvester.model import Post
    from harvester.store.connection import Connection, Row

GONE: Final = "withdrawn"
EDITED: Final = "edited"
# Read by a search of ours, not from a file or the archive, a post stood at that moment.
_DUE = """
SELECT p.key, p.author_id, ifnull(min(ep.event), (SELECT min(slug) FROM events)) AS event,
  max(ifnull(p.checked_at, ''), ifnull((SELECT max(s.seen_at) FROM sightings s JOIN runs r ON r.id = s.run_id
    WHERE s.post_id = p.id AND s.source = :platform AND r.command = 'crawl' AND r.detail IS NOT :offline), '')) AS seen
FROM posts p LEFT JOIN event_posts ep ON ep.post_id = p.id
WHERE p.platform = :platform AND p.key GLOB :platform || ':[0-9]*' AND p.availability <> :gone
GROUP BY p.id HAVING seen < :before ORDER BY seen, p.id
"""
_REPLACED = (
    "title", "text", "language", "hashtags", "mentions", "flags", "target", "raw_json", "author_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Due:
    """A post to ask for: its id, the event under which it is asked, its author's row."""

    native_id: str
    event: str
    author_id: int | None


def due(conn: Connection, platform: str, *, before: str) -> list[Due]:
    """The posts of a platform that nobody has asked it for since a moment, longest ago first."""
    values = {"platform": platform, "before": before, "gone": GONE, "offline": OFFLINE}
    rows = conn.execute(_DUE, values)
    return [Due(row["key"].partition(":")[2], row["event"], row["author_id"]) for row in rows]


def withdraw(conn: Connection, key: str, *, now: str) -> bool:
    """Mark a post as gone; False when it is not stored."""
    sql = "UPDATE posts SET availability = ?, checked_at = ? WHERE key = ?"
    return conn.execute(sql, (GONE, now, key)).rowcount > 0


def confirm(conn: Connection, key: str, post: Post, *, now: str) -> bool:
    """A post stands as `post`: take over what changed. False when it is not stored."""
    old = conn.execute("SELECT * FROM posts WHERE key = ?", (key,)).fetchone()
    if old is None:
        return False
    author_id = posts.save_author(conn, post.author, day=now[:10]) if post.author else None
    new = posts.columns_of(post, author_id, old["content_rank"])
    if (new["title"], new["text"]) != (old["title"], old["text"]):
        columns = {name: new[name] for name in _REPLACED}
        columns["content_sha256"] = posts.content_hash(post.title, post.text)
        _replace(conn, old, post, columns)
    conn.execute("UPDATE posts SET checked_at = ?, author_id = coalesce(?, author_id) WHERE id = ?",
                 (now, author_id, old["id"]))  # fmt: skip
    for name, value in post.reactions:
        reaction = Reaction(url=post.url, name=name, value=value, native_id=key)
        posts.save_reaction(conn, reaction, source=post.platform, now=now)
    return True


def _replace(conn: Connection, old: Row, post: Post, columns: dict[str, Any]) -> None:
    """Nothing of the old words stays: what the new version does not have is not kept as a merge would."""
    post_id = old["id"]
    changes = ", ".join(f"{name} = ?" for name in columns)
    sql = f"UPDATE posts SET {changes}, revision = revision + 1, availability = ? WHERE id = ?"  # noqa: S608 - ours
    conn.execute(sql, (*columns.values(), EDITED, post_id))
    rows = conn.execute("SELECT event FROM event_posts WHERE post_id = ?", (post_id,)).fetchall()
    conn.execute("DELETE FROM links WHERE src_post_id = ? AND type IN ('link', 'mention')", (post_id,))
    for row in rows:
        posts.save_edges(conn, post, post_id, columns["author_id"], row["event"], old["published_at"])


def marked(conn: Connection, platform: str, mark: str) -> list[str]:
    """Keys of the posts that have a mark."""
    sql = "SELECT key FROM posts WHERE platform = ? AND availability = ? ORDER BY key"
    return [row["key"] for row in conn.execute(sql, (platform, mark))]


def unmark(conn: Connection, keys: Iterable[str]) -> None:
    """Take the marks of posts that stand off again."""
    conn.execute("UPDATE posts SET availability = 'ok' WHERE key IN (SELECT value FROM json_each(?))",
                 (json.dumps(list(keys)),))  # fmt: skip


def clear(conn: Connection, source: str) -> None:
    """Forget what a check had asked for: its addresses and cursors are full of ids."""
    for table in ("frontier", "checkpoints"):
        conn.execute(f"DELETE FROM {table} WHERE source = ?", (source,))  # noqa: S608 - two literals
