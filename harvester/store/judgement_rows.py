"""Reading what judging needs: an event's posts as values, and what lists, earlier events and humans said."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harvester import dates
from harvester.model import Author, Post, When
from harvester.store import overrides

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harvester.store.connection import Connection, Row

# Posts of the event, and those of other events that stand in one story with one of them: stories are shared.
_POSTS = """
WITH mine AS (SELECT post_id FROM event_posts WHERE event = :event),
  shared AS (SELECT DISTINCT story_id FROM posts WHERE id IN (SELECT post_id FROM mine) AND story_id IS NOT NULL)
SELECT p.id, p.key, p.url, p.kind, p.platform, p.host, p.title, p.text, p.language, p.author_id, p.published_at,
  p.published_precision, p.published_origin, p.relation, p.target, p.parent_id, p.story_id, p.canonical_url,
  p.conversation, p.hashtags, p.publisher, p.page_type, p.bylines, p.flags,
  (SELECT 1 FROM event_posts k WHERE k.post_id = p.id AND k.decided_by IN ('import', 'human')) AS told,
  a.platform AS a_platform, a.handle, a.name, a.url AS a_url, a.bio, a.organisation, a.website, a.is_org
FROM posts p LEFT JOIN authors a ON a.id = p.author_id
WHERE p.id IN (SELECT post_id FROM mine) OR p.story_id IN (SELECT story_id FROM shared)
ORDER BY p.id
"""
_BYLINES = """
SELECT p.host, count(DISTINCT p.author_id) AS n FROM posts p JOIN authors a ON a.id = p.author_id
WHERE a.platform = 'web' AND instr(a.handle, '#') > 0 GROUP BY p.host
"""
_EARLIER = """
SELECT l.author_id, l.side, l.event FROM labels l JOIN events e ON e.slug = l.event
WHERE e.starts_at < (SELECT starts_at FROM events WHERE slug = :event) AND l.side <> 'unknown'
  AND ifnull(l.review, '') = '' ORDER BY e.starts_at, e.slug
"""
_TIES = """
SELECT post_id, relevance, score, counted, not_counted_reason, incentivised, local_day, reasons, decided_by,
  rules_version, config_hash FROM event_posts WHERE event = ?
"""
_LABELS = """
SELECT author_id, side, kind, subkind, attendance, posterior, runner_up, review, decided_by, rules_version, config_hash,
  organisation FROM labels WHERE event = ?
"""
_EVIDENCE = """
SELECT author_id, post_id, rule, grp, side, weight, snippet, source_url, rules_version FROM evidence
WHERE event = ? AND author_id IS NOT NULL ORDER BY id
"""
_BETWEEN = """
SELECT DISTINCT l.src_post_id, p.key FROM links l JOIN posts p ON p.id = l.dst_post_id
WHERE l.type = 'link' AND l.event = :event AND l.src_post_id IS NOT NULL AND l.src_post_id <> p.id
  AND p.id IN (SELECT post_id FROM event_posts WHERE event = :event) ORDER BY l.src_post_id, p.key
"""
_LINKS = """
SELECT src_post_id, dst FROM links WHERE type = 'link' AND src_post_id IS NOT NULL
  AND (dst = :key OR dst = :page OR substr(dst, 1, length(:page) + 1) IN (:page || '/', :page || '?'))
"""
# Who answered, linked or bookmarked a post of the event; what the link names is not always known to be a post yet.
_ACTS = """
SELECT DISTINCT l.actor_id, l.dst_post_id, iif(l.dst_post_id IS NULL, l.dst, '') AS dst FROM links l
WHERE l.actor_id IS NOT NULL AND l.type IN ('link', 'quote', 'repost', 'reply', 'bookmark')
  AND (l.dst_post_id IN (SELECT post_id FROM event_posts WHERE event = :event)
    OR l.dst_post_id IS NULL AND l.event = :event)
"""
_AUTHORS = """
SELECT id, platform AS a_platform, handle, name, url AS a_url, bio, organisation, website, is_org FROM authors
WHERE id IN (SELECT value FROM json_each(?))
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """A post as it stands in the database. `told`: somebody outside said what it is, so its story is kept."""

    post_id: int
    author_id: int | None
    post: Post
    parent_id: int | None
    story_id: int | None
    told: bool


def posts_of(conn: Connection, event: str, links: dict[int, tuple[str, ...]]) -> Iterator[Stored]:
    """Every post that judging `event` must look at, by id. `links` are those of `links_to`."""
    for row in conn.execute(_POSTS, {"event": event}):
        yield Stored(
            row["id"], row["author_id"], _post(row, links.get(row["id"], ())), row["parent_id"], row["story_id"],
            bool(row["told"]),
        )  # fmt: skip


def _post(row: Row, links: tuple[str, ...]) -> Post:
    author = _author(row) if row["author_id"] is not None else None
    at = dates.parse_iso(row["published_at"]) if row["published_at"] else None
    return Post(
        key=row["key"], url=row["url"], kind=row["kind"], platform=row["platform"], host=row["host"], author=author,
        title=row["title"] or "", text=row["text"] or "", language=row["language"] or "und",
        published=When(at=at, precision=row["published_precision"], origin=row["published_origin"]),
        canonical_url=row["canonical_url"] or "", hashtags=_list(row["hashtags"]), links=links,
        relation=row["relation"], target=row["target"] or "", conversation=row["conversation"] or "",
        publisher=row["publisher"] or "",
        page_type=row["page_type"] or "", bylines=_list(row["bylines"]), flags=_list(row["flags"]),
    )  # fmt: skip


def _author(row: Row) -> Author:
    return Author(
        platform=row["a_platform"], handle=row["handle"], name=row["name"] or "", url=row["a_url"] or "",
        bio=row["bio"] or "", organisation=row["organisation"] or "", website=row["website"] or "",
        is_org=bool(row["is_org"]),
    )  # fmt: skip


def _list(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text)) if text != "[]" else ()


def links_to(conn: Connection, pages: Iterable[tuple[str, str]]) -> dict[int, tuple[str, ...]]:
    """By post id, its links to pages given as (key, canonical address without a slash at its end), or below them."""
    found: dict[int, list[str]] = {}
    for key, page in pages:
        for row in conn.execute(_LINKS, {"key": key, "page": page}):
            found.setdefault(row["src_post_id"], []).append(row["dst"])
    return {post_id: tuple(sorted(set(targets))) for post_id, targets in found.items()}


def links_between(conn: Connection, event: str) -> dict[int, tuple[str, ...]]:
    """By post id, the keys of other posts of the event that it links to."""
    found: dict[int, list[str]] = {}
    for row in conn.execute(_BETWEEN, {"event": event}):
        found.setdefault(row["src_post_id"], []).append(row["key"])
    return {post_id: tuple(keys) for post_id, keys in found.items()}


def acts_on(conn: Connection, event: str) -> Iterator[tuple[int, int | None, str]]:
    """(author id, post id, target as the link names it, "" where the post is known) of ties to posts of the event."""
    for row in conn.execute(_ACTS, {"event": event}):
        yield row["actor_id"], row["dst_post_id"], row["dst"]


def authors_of(conn: Connection, ids: Iterable[int]) -> dict[int, Author]:
    """Authors by id; those who are no longer stored are left out."""
    return {row["id"]: _author(row) for row in conn.execute(_AUTHORS, (json.dumps(sorted(ids)),))}


def bylines_by_host(conn: Connection) -> dict[str, int]:
    """How many different bylines each site has shown us."""
    return {row["host"]: row["n"] for row in conn.execute(_BYLINES)}


def statuses_of(conn: Connection, event: str) -> dict[int, tuple[str, ...]]:
    """Attendance statuses by author id, for the people on lists who were matched to an author."""
    sql = "SELECT author_id, status FROM attendance WHERE event = ? AND author_id IS NOT NULL ORDER BY status"
    found: dict[int, list[str]] = {}
    for row in conn.execute(sql, (event,)):
        found.setdefault(row["author_id"], []).append(row["status"])
    return {author_id: tuple(statuses) for author_id, statuses in found.items()}


def earlier_sides(conn: Connection, event: str) -> dict[int, tuple[str, str]]:
    """(side, event) decided for each author at the latest earlier event."""
    return {row["author_id"]: (row["side"], row["event"]) for row in conn.execute(_EARLIER, {"event": event})}


def overrides_of(conn: Connection, event: str) -> tuple[dict[int, dict[str, str]], dict[int, dict[str, str]]]:
    """(by author id, by post id): the words of a human that stand, by field."""
    authors: dict[int, dict[str, str]] = {}
    posts: dict[int, dict[str, str]] = {}
    for about, words in overrides.all_standing(conn, event):
        said = {name: word.value for name, word in words.items()}
        if said and about.post_id is not None:
            posts[about.post_id] = said
        elif said and about.author_id is not None:
            authors[about.author_id] = said
    return authors, posts


def ties_of(conn: Connection, event: str) -> dict[int, dict[str, Any]]:
    """The event's rows of `event_posts` by post id."""
    return {row["post_id"]: dict(row) for row in conn.execute(_TIES, (event,))}


def labels_of(conn: Connection, event: str) -> dict[int, dict[str, Any]]:
    """The event's labels by author id."""
    return {row["author_id"]: dict(row) for row in conn.execute(_LABELS, (event,))}


def evidence_of(conn: Connection, event: str) -> dict[int, list[tuple[Any, ...]]]:
    """The event's role evidence by author id, each (post_id, rule, grp, side, weight, snippet, source_url, version)."""
    found: dict[int, list[tuple[Any, ...]]] = {}
    for row in conn.execute(_EVIDENCE, (event,)):
        found.setdefault(row["author_id"], []).append(tuple(row)[1:])
    return found


def open_targets(conn: Connection, event: str) -> list[str]:
    """What links found for the event name and no post has as its key."""
    sql = "SELECT DISTINCT dst FROM links WHERE dst_post_id IS NULL AND event = ? ORDER BY dst"
    return [row["dst"] for row in conn.execute(sql, (event,))]


def story_heads(conn: Connection) -> dict[int, int]:
    """The representative's post id of every story, by story id."""
    return {row["id"]: row["post_id"] for row in conn.execute("SELECT id, post_id FROM stories")}
