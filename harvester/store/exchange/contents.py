"""Interchange posts into rows, with their place in each event, their parents and their stories."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from harvester import dates, urls
from harvester.model import DAY_KNOWN
from harvester.store import posts
from harvester.store.exchange import places
from harvester.store.exchange.refs import UNLESS_HUMAN, Unresolved, key_of
from harvester.store.posts import insert_row, update_row
from harvester.store.rows import upsert

if TYPE_CHECKING:
    from harvester.store.connection import Connection
    from harvester.store.exchange.refs import Json, Refs

_AS_THEY_ARE = (
    "url", "kind", "title", "text", "language", "published_at", "published_raw", "updated_at", "target",
    "canonical_url", "native_id", "conversation", "publisher", "page_type",
)  # fmt: skip


def begin(conn: Connection) -> None:
    """A place for who belongs to whom, until every post is there."""
    conn.execute("CREATE TEMP TABLE IF NOT EXISTS kin (post_id INTEGER PRIMARY KEY, parent TEXT, story TEXT)")
    conn.execute("DELETE FROM temp.kin")


def take_post(refs: Refs, record: Json) -> str:
    """A post with its entry for each event. A record that only names a known post adds those entries."""
    ties = [(refs.slug(tie), tie) for tie in record["events"]]
    key = key_of(record.get("post") or record["url"])
    refs.admit(refs.barred(key, record))
    if refs.guard.active and ties:
        ties = [(slug, tie) for slug, tie in ties if not (why := refs.barred(key, record, slug))]
        refs.admit("" if ties else why)
    old = refs.conn.execute("SELECT * FROM posts WHERE key = ?", (key,)).fetchone()
    if not record.get("kind") and old is None:
        raise Unresolved("missing_field", "kind")
    if old is None:
        told = {"first_seen_at": record.get("first_seen_at") or refs.now, "revision": record.get("revision") or 1}
        columns = _columns(refs, key, record) | told | {"availability": record.get("availability") or "ok"}
        post_id, outcome = insert_row(refs.conn, columns), "new"
    else:
        post_id = int(old["id"])
        changed = bool(record.get("kind")) and _change(refs, key, dict(old), record)
        outcome = "updated" if changed else "unchanged"
    for slug, tie in ties:
        saved = _save_tie(refs, post_id, slug, tie, record)
        if saved == "new" and not tie.get("event"):
            places.remember(refs.conn, post_id, slug)
        if saved != "unchanged" and outcome == "unchanged":
            outcome = "updated"
    if record.get("parent") or record.get("story"):
        kin = (post_id, key_of(record.get("parent") or ""), key_of(record.get("story") or ""))
        refs.conn.execute("INSERT OR REPLACE INTO temp.kin VALUES (?, nullif(?, ''), nullif(?, ''))", kin)
    return outcome


def _columns(refs: Refs, key: str, record: Json) -> dict[str, Any]:
    url = record.get("url") or (key if key.startswith("https://") else "")
    found: dict[str, Any] = {name: record.get(name) for name in _AS_THEY_ARE}
    return found | {
        "key": key,
        "url": url,
        "platform": record.get("platform") or _platform(key, url),
        "host": record.get("host") or (_host(url) if url else ""),
        "author_id": refs.author_id(record["author"]) if record.get("author") else None,
        "published_precision": record.get("published_precision") or "unknown",
        "published_origin": record.get("published_origin") or ("import" if record.get("published_at") else "unknown"),
        "relation": record.get("relation") or "original",
        **{name: _json(record.get(name)) for name in ("hashtags", "mentions", "bylines", "flags")},
        "content_rank": record.get("content_rank") or 0,
        "content_sha256": posts.content_hash(record.get("title") or "", record.get("text") or ""),
        "raw_json": record.get("raw"),
    }


def _json(values: list[str] | None) -> str:
    return json.dumps(values or [], ensure_ascii=False)


def _platform(key: str, url: str) -> str:
    platform, colon, _ = key.partition(":")
    if colon and platform.isalnum() and platform not in ("http", "https"):
        return platform
    return urls.identify(url).platform if url else "web"


def _host(url: str) -> str:
    try:
        return urls.host_of(url)
    except urls.BadUrl:
        return ""


def _change(refs: Refs, key: str, old: dict[str, Any], record: Json) -> bool:
    columns = {name: value for name, value in _columns(refs, key, record).items() if value != ""}
    changed = bool(update_row(refs.conn, old, columns))
    first = min(old["first_seen_at"], record.get("first_seen_at") or old["first_seen_at"])
    availability = record.get("availability") or old["availability"]
    if (first, availability) != (old["first_seen_at"], old["availability"]):
        refs.conn.execute(
            "UPDATE posts SET first_seen_at = ?, availability = ? WHERE id = ?", (first, availability, old["id"])
        )
        changed = True
    return changed


def _save_tie(refs: Refs, post_id: int, slug: str, tie: Json, post: Json) -> str:
    """A post's place in an event; its local day is counted where the file does not tell it."""
    values = {name: value for name, value in tie.items() if name not in ("type", "event", "reasons")}
    if "local_day" not in tie and post.get("published_at") and post.get("published_precision") in DAY_KNOWN:
        values["local_day"] = dates.local_day(dates.parse_iso(post["published_at"]), refs.zone(slug))
    if "reasons" in tie:
        values["reasons"] = json.dumps(tie["reasons"] or [], ensure_ascii=False)
    values |= {"event": slug, "post_id": post_id}
    return upsert(refs.conn, "event_posts", values, ("event", "post_id"), f"event_posts.{UNLESS_HUMAN}")


# CROSS JOIN keeps the small table outside: the planner, who knows no statistics of it, would walk all posts for each.
_FINISH = (
    """UPDATE posts SET parent_id = f.parent FROM (
         SELECT k.post_id, q.id AS parent FROM temp.kin k CROSS JOIN posts q ON q.key = k.parent) AS f
       WHERE posts.id = f.post_id AND posts.parent_id IS NOT f.parent""",
    """INSERT INTO stories (post_id) SELECT DISTINCT q.id FROM temp.kin k CROSS JOIN posts q ON q.key = k.story
       WHERE NOT EXISTS (SELECT 1 FROM stories s WHERE s.post_id = q.id)""",
    """UPDATE posts SET story_id = f.story FROM (
         SELECT k.post_id, s.id AS story FROM temp.kin k CROSS JOIN posts q ON q.key = k.story
         CROSS JOIN stories s ON s.post_id = q.id) AS f
       WHERE posts.id = f.post_id AND posts.story_id IS NOT f.story""",
    """UPDATE stories SET copies = f.n FROM (
         SELECT story_id, count(*) AS n FROM posts WHERE story_id IS NOT NULL GROUP BY story_id) AS f
       WHERE stories.id = f.story_id AND copies <> f.n""",
    """UPDATE links SET dst_post_id = (SELECT id FROM posts WHERE key = links.dst)
       WHERE dst_post_id IS NULL AND EXISTS (SELECT 1 FROM posts WHERE key = links.dst)""",
)


def finish(conn: Connection) -> None:
    """Parents, stories and links between posts, now that all of them are there."""
    for sql in _FINISH:
        conn.execute(sql)
    conn.execute("DROP TABLE temp.kin")
