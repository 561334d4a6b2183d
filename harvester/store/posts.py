"""Storing what was found: posts with their authors, sightings, edges and reactions, idempotently.

Every function runs inside the caller's `write_tx`. A null never overwrites a value, and a poorer view of
a post (a feed's summary) never overwrites a richer one (the page): `content_rank` says which it was.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from harvester import dates, urls
from harvester.model import Author
from harvester.store.merge import merge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harvester.model import Attendance, DraftAuthor, Edge, Post, Reaction, Rejected
    from harvester.store.connection import Connection

# A feed entry or a listening tool's table row may be a summary; a page is read whole but its title and author are
# guessed; the rest are records.
ENTRY, PAGE, RECORD = 1, 2, 3


class Saved(NamedTuple):
    """What `save_post` did: the row, whether it is new, whether anything of it changed."""

    post_id: int
    new: bool
    changed: bool


def content_hash(title: str, text: str) -> str:
    """sha256 of title and text, to notice edits and rot."""
    return hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()


def link_key(url: str) -> str:
    """The identity under which an edge names its target: a post key where the URL has one, else the text itself."""
    try:
        return urls.key_for(url)
    except urls.BadUrl:
        return url


_AUTHOR = """INSERT INTO authors (platform, handle, name, url, bio, organisation, website, is_org, followers)
  VALUES (?, ?, nullif(?, ''), nullif(?, ''), nullif(?, ''), nullif(?, ''), nullif(?, ''), ?, ?)
  ON CONFLICT (platform, handle) DO UPDATE SET {fields}, is_org = max(excluded.is_org, is_org) RETURNING id"""
_AUTHOR_FIELDS = ("name", "url", "bio", "organisation", "website", "followers")
_RENEW = _AUTHOR.format(fields=", ".join(f"{f} = coalesce(excluded.{f}, {f})" for f in _AUTHOR_FIELDS))
_FILL = _AUTHOR.format(fields=", ".join(f"{f} = coalesce({f}, excluded.{f})" for f in _AUTHOR_FIELDS))


def save_author(conn: Connection, author: Author, *, day: str, fill_only: bool = False) -> int:
    """Upsert one identity; empty fields keep what was known. `day` dates the follower count.

    With `fill_only` what is known stays: feeds and pages spell one author in several ways, and would take turns.
    """
    row = conn.execute(
        _FILL if fill_only else _RENEW,
        (
            author.platform, author.handle, author.name, author.url, author.bio, author.organisation,
            author.website, int(author.is_org), author.followers,
        ),
    ).fetchone()  # fmt: skip
    if author.followers is not None:
        conn.execute(
            """INSERT INTO audience VALUES (?, ?, ?, ?) ON CONFLICT (author_id, platform, observed_at)
               DO UPDATE SET followers = excluded.followers WHERE followers IS NOT excluded.followers""",
            (row["id"], author.platform, author.followers, day),
        )
    return int(row["id"])


def save_post(
    conn: Connection, post: Post, *, event: str, source: str, query: str = "", run_id: int, now: str,
    rank: int = RECORD, once: bool = True,
) -> Saved:  # fmt: skip
    """Store a post and everything tied to it; `now` is the stored time text. Safe to repeat.

    rank  how complete the source's view of it is: ENTRY of a feed, PAGE, or the platform's own RECORD
    once  False for what every crawl sees through several guessing sources, which must not take turns
    """
    old = conn.execute("SELECT * FROM posts WHERE key = ?", (post.key,)).fetchone()
    again = old is not None and not once
    author_id = save_author(conn, post.author, day=now[:10], fill_only=again) if post.author else None
    columns = columns_of(post, author_id, rank)
    published = columns["published_at"]
    if old is None:
        post_id = insert_row(conn, columns | {"first_seen_at": now})
        conn.execute("UPDATE links SET dst_post_id = ? WHERE dst = ? AND dst_post_id IS NULL", (post_id, post.key))
        new, changed = True, True
    else:
        post_id, new = int(old["id"]), False
        changes = update_row(conn, dict(old), columns)
        changed = bool(changes)
        if again:  # the view with the better date says when the post made its ties
            published = changes.get("published_at", old["published_at"])
    conn.execute("INSERT INTO event_posts (event, post_id) VALUES (?, ?) ON CONFLICT DO NOTHING", (event, post_id))
    conn.execute(
        "INSERT INTO sightings VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (post_id, event, source, query, run_id, now),
    )
    save_edges(conn, post, post_id, author_id, event, published)
    for name, value in post.reactions:
        _save_number(conn, post_id, name, value, now, source)
    return Saved(post_id, new, changed)


def columns_of(post: Post, author_id: int | None, rank: int) -> dict[str, Any]:
    """The row of a post as far as the post itself tells it."""
    when = post.published
    return {
        "key": post.key, "url": post.url, "kind": post.kind, "platform": post.platform, "host": post.host,
        "title": post.title or None, "text": post.text or None, "language": post.language or None,
        "author_id": author_id, "published_at": dates.iso(when.at) if when.at else None,
        "published_precision": when.precision, "published_origin": when.origin, "published_raw": when.raw or None,
        "updated_at": dates.iso(post.updated_at) if post.updated_at else None, "relation": post.relation,
        "target": post.target or None, "canonical_url": post.canonical_url or None,
        "native_id": post.native_id or None, "conversation": post.conversation or None,
        "hashtags": _json(post.hashtags), "mentions": _json(post.mentions), "publisher": post.publisher or None,
        "page_type": post.page_type or None, "bylines": _json(post.bylines), "flags": _json(post.flags),
        "content_rank": rank, "content_sha256": content_hash(post.title, post.text), "raw_json": post.raw or None,
    }  # fmt: skip


def _json(values: Sequence[str]) -> str:
    return json.dumps(list(values), ensure_ascii=False)


def insert_row(conn: Connection, columns: dict[str, Any]) -> int:
    """A new post; its id."""
    names = ", ".join(columns)
    marks = ", ".join("?" * len(columns))
    sql = f"INSERT INTO posts ({names}) VALUES ({marks}) RETURNING id"  # noqa: S608 - names are ours
    return int(conn.execute(sql, tuple(columns.values())).fetchone()["id"])


def update_row(conn: Connection, old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Write what `merge` says should change of the stored row `old`; the changes."""
    changes = merge(old, new)
    if "title" in changes or "text" in changes:
        merged = old | changes
        changes["content_sha256"] = content_hash(merged["title"] or "", merged["text"] or "")
    if changes:
        assignments = ", ".join(f"{name} = ?" for name in changes)
        sql = f"UPDATE posts SET {assignments} WHERE id = ?"  # noqa: S608 - names are ours
        conn.execute(sql, (*changes.values(), old["id"]))
    return changes


def save_edges(conn: Connection, post: Post, post_id: int, author_id: int | None, event: str, at: str | None) -> None:
    """The ties a post makes, dated by the moment that is believed of it (`at`)."""
    for url in post.links:
        save_link(conn, event, "link", author_id, post_id, link_key(url), at)
    if post.target and post.relation in ("quote", "repost", "reply"):
        save_link(conn, event, post.relation, author_id, post_id, link_key(post.target), at)
    for handle in post.mentions:
        save_link(conn, event, "mention", author_id, post_id, f"{post.platform}:@{handle.lstrip('@').lower()}", at)


def save_link(
    conn: Connection, event: str, kind: str, actor: int | None, src: int | None, dst: str, at: str | None
) -> None:
    """A directed edge to the key `dst`, once; its target and moment are filled in when they become known."""
    conn.execute(
        """INSERT INTO links (event, type, actor_id, src_post_id, dst, dst_post_id, at)
           VALUES (?, ?, ?, ?, ?, (SELECT id FROM posts WHERE key = ?), ?)
           ON CONFLICT DO UPDATE SET at = coalesce(excluded.at, at),
             dst_post_id = coalesce(excluded.dst_post_id, dst_post_id)
           WHERE at IS NOT coalesce(excluded.at, at)
             OR dst_post_id IS NOT coalesce(excluded.dst_post_id, dst_post_id)""",
        (event, kind, actor, src, dst, dst, at),
    )


def save_edge(conn: Connection, edge: Edge, *, event: str, now: str) -> None:
    """Store a tie found beside content; an actor we have not met becomes an author."""
    actor = _actor(conn, edge.actor, now) if edge.actor else None
    source = (
        conn.execute("SELECT id FROM posts WHERE key = ?", (link_key(edge.source),)).fetchone() if edge.source else None
    )
    at = dates.parse(edge.at).at if edge.at else None
    save_link(
        conn,
        event,
        edge.type,
        actor,
        source["id"] if source else None,
        link_key(edge.target),
        dates.iso(at) if at else None,
    )


def _actor(conn: Connection, found: DraftAuthor, now: str) -> int:
    author = Author(
        platform=found.platform or "web", handle=found.handle or found.name, name=found.name, url=found.url,
        bio=found.bio, organisation=found.organisation, website=found.website, followers=found.followers,
        is_org=found.is_org,
    )  # fmt: skip
    return save_author(conn, author, day=now[:10])


def save_reaction(conn: Connection, reaction: Reaction, *, source: str, now: str) -> bool:
    """Append a measurement to a post we hold; False when we do not hold it."""
    row = conn.execute("SELECT id FROM posts WHERE key = ?", (reaction.native_id or link_key(reaction.url),)).fetchone()
    if row is None:
        return False
    at = dates.iso(reaction.observed_at) if reaction.observed_at else now
    _save_number(conn, row["id"], reaction.name, reaction.value, at, source)
    return True


def _save_number(conn: Connection, post_id: int, name: str, value: int, at: str, source: str) -> None:
    conn.execute(
        "INSERT INTO reactions VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", (post_id, name, value, at, source)
    )


def save_attendance(conn: Connection, counts: Attendance, *, event: str, now: str) -> None:
    """Append the head counts a platform tells for an event."""
    conn.execute(
        "INSERT INTO head_counts VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (event, counts.source, counts.registered, counts.attended, counts.waiting, now),
    )


def save_rejected(conn: Connection, dropped: Rejected, *, event: str, source: str, run_id: int, now: str) -> None:
    """Keep the address and the named reason of a draft that is no post."""
    conn.execute(
        """INSERT INTO rejected (event, source, url, reason, detail, run_id, at) VALUES (?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT DO NOTHING""",
        (event, source, dropped.url, dropped.reason, dropped.detail or None, run_id, now),
    )
