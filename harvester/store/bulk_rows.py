"""Posts as rows for `executemany`: what `posts.save_post` writes, built without a dictionary a post."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from harvester import dates
from harvester.store import posts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harvester.model import Post

# The order of `row_of`, after the row's id and before `first_seen_at`.
COLUMNS: Final = (
    "key", "url", "kind", "platform", "host", "title", "text", "language", "author_id", "published_at",
    "published_precision", "published_origin", "published_raw", "updated_at", "relation", "target", "canonical_url",
    "native_id", "conversation", "hashtags", "mentions", "publisher", "page_type", "bylines", "flags", "content_rank",
    "content_sha256", "raw_json",
)  # fmt: skip
INSERT: Final = (
    f"INSERT INTO posts (id, {', '.join(COLUMNS)}, first_seen_at) VALUES ({', '.join('?' * (len(COLUMNS) + 2))})"  # noqa: S608 - names are ours
)
_encode = json.JSONEncoder(ensure_ascii=False).encode
# People link to the same few pages; working out a page's key costs as much as storing a row.
_key_of = lru_cache(maxsize=1 << 14)(posts.link_key)


def row_of(post: Post, author_id: int | None, rank: int, published_at: str | None) -> tuple[Any, ...]:
    """The values of COLUMNS."""
    when = post.published
    return (
        post.key, post.url, post.kind, post.platform, post.host, post.title or None, post.text or None,
        post.language or None, author_id, published_at, when.precision, when.origin, when.raw or None,
        dates.iso(post.updated_at) if post.updated_at else None, post.relation, post.target or None,
        post.canonical_url or None, post.native_id or None, post.conversation or None, _json(post.hashtags),
        _json(post.mentions), post.publisher or None, post.page_type or None, _json(post.bylines), _json(post.flags),
        rank, posts.content_hash(post.title, post.text), post.raw or None,
    )  # fmt: skip


def _json(values: Sequence[str]) -> str:
    return _encode(list(values)) if values else "[]"


def ties_of(post: Post) -> list[tuple[str, str]]:
    """(type, target key) of every edge that a post itself tells."""
    found = [("link", _key_of(url)) for url in post.links] if post.links else []
    if post.target and post.relation in ("quote", "repost", "reply"):
        found.append((post.relation, _key_of(post.target)))
    if post.mentions:
        found.extend(("mention", f"{post.platform}:@{handle.lstrip('@').lower()}") for handle in post.mentions)
    return found
