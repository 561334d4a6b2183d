"""The trail behind a judgement, as rows: who or what is meant, the label, its evidence, the tie, a human's words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from harvester import urls
from harvester.event import identity_of

if TYPE_CHECKING:
    from harvester.store.connection import Connection, Row

_AUTHOR = (
    "a.id, a.platform || ':' || a.handle AS author, coalesce(nullif(a.name, ''), a.handle) AS name, a.url, a.website"
)
_LABEL = """
SELECT l.*, (SELECT max(d.at) FROM decisions d WHERE d.event = l.event AND d.author_id = l.author_id) AS decided_at
FROM labels l WHERE l.event = ? AND l.author_id = ?
"""
_EVIDENCE = """
SELECT e.rule, e.grp, e.side, e.weight, e.snippet, e.source_url, p.key AS post,
  (SELECT min(s.run_id) FROM sightings s JOIN posts seen ON seen.id = s.post_id WHERE s.event = e.event
    AND iif(e.post_id IS NULL, seen.author_id = e.author_id, seen.id = e.post_id)) AS run
FROM evidence e LEFT JOIN posts p ON p.id = e.post_id WHERE e.event = ? AND e.author_id = ?
ORDER BY e.weight DESC, e.rule
"""
_TIE = """
SELECT ep.*, p.key, p.url, p.title, p.kind AS post_kind, p.relation, p.author_id,
  coalesce((SELECT sp.key FROM stories s JOIN posts sp ON sp.id = s.post_id WHERE s.id = p.story_id), p.key) AS story,
  (SELECT s.copies FROM stories s WHERE s.id = p.story_id) AS copies,
  (SELECT min(x.run_id) FROM sightings x WHERE x.post_id = p.id AND x.event = ep.event) AS run
FROM event_posts ep JOIN posts p ON p.id = ep.post_id WHERE ep.event = ? AND ep.post_id = ?
"""


def find_post(conn: Connection, reference: str) -> Row | None:
    """The post a user means by its key, its address or any address that is the same."""
    names = [reference]
    if reference.startswith(("http://", "https://")):
        try:
            names += [urls.key_for(reference), urls.canonical(reference)]
        except urls.BadUrl:
            return None
    for name in names:
        sql = "SELECT id, key, url, author_id FROM posts WHERE key = ? OR url = ? ORDER BY id LIMIT 1"
        row: Row | None = conn.execute(sql, (name, name)).fetchone()
        if row is not None:
            return row
    return None


def find_authors(conn: Connection, reference: str) -> list[Row]:
    """Authors whose account (`qiita:aoi`, `x:@aoi`, a profile's address), site, handle or name is exactly this.

    Accounts and names ignore case.
    """
    platform, handle = _account(reference)
    sql = f"""SELECT {_AUTHOR} FROM authors a WHERE a.platform || ':' || a.handle = :ref COLLATE NOCASE
      OR (a.platform = :platform AND a.handle = :handle COLLATE NOCASE)
      OR a.handle = ltrim(:ref, '@') COLLATE NOCASE OR a.name = :ref COLLATE NOCASE ORDER BY a.platform, a.handle"""  # noqa: S608 - columns are ours
    return list(conn.execute(sql, {"ref": reference, "platform": platform, "handle": handle}))


def _account(reference: str) -> tuple[str, str]:
    """(platform, handle) that an account, a profile's address or a site's names; ("", "") for a post's or a name."""
    if urls.identify(reference).native_id:
        return "", ""  # a post that we do not hold is not its author
    platform, handle = identity_of(reference)
    host = urls.host_of(handle) if platform == "web" else ""
    return platform, host if host and handle == f"https://{host}/" else handle


def author(conn: Connection, author_id: int) -> Row | None:
    """One author by id."""
    sql = f"SELECT {_AUTHOR} FROM authors a WHERE a.id = ?"  # noqa: S608 - columns are ours
    row: Row | None = conn.execute(sql, (author_id,)).fetchone()
    return row


def events_of(conn: Connection, *, post_id: int | None = None, author_id: int | None = None) -> list[str]:
    """Slugs of the events a post or author belongs to."""
    sql = """SELECT event FROM event_posts WHERE post_id = :post
      UNION SELECT event FROM labels WHERE author_id = :author
      UNION SELECT ep.event FROM event_posts ep JOIN posts p ON p.id = ep.post_id
        WHERE p.author_id = :author ORDER BY 1"""
    return [row["event"] for row in conn.execute(sql, {"post": post_id, "author": author_id})]


def label(conn: Connection, event: str, author_id: int) -> dict[str, Any] | None:
    """The author's label with its evidence, strongest first, and the words of humans."""
    row = conn.execute(_LABEL, (event, author_id)).fetchone()
    if row is None:
        return None
    found = dict(row)
    found["evidence"] = [dict(line) for line in conn.execute(_EVIDENCE, (event, author_id))]
    found["overrides"] = _words(conn, event, "author_id", author_id)
    return found


def tie(conn: Connection, event: str, post_id: int) -> dict[str, Any] | None:
    """A post's judgement at an event with its reasons as values, its story, and the words of humans."""
    row = conn.execute(_TIE, (event, post_id)).fetchone()
    if row is None:
        return None
    found = dict(row)
    found["reasons"] = json.loads(row["reasons"] or "[]")
    found["overrides"] = _words(conn, event, "post_id", post_id)
    return found


def posts_by(conn: Connection, event: str, author_id: int) -> list[dict[str, Any]]:
    """The author's posts at an event, oldest first, each with its reasons and the run that first saw it."""
    sql = """SELECT p.key, p.url, p.title, p.kind, p.relation, ep.local_day, ep.relevance, ep.score, ep.counted,
        ep.not_counted_reason, ep.reasons, ep.decided_by,
        (SELECT min(s.run_id) FROM sightings s WHERE s.post_id = p.id AND s.event = ep.event) AS run
      FROM event_posts ep JOIN posts p ON p.id = ep.post_id WHERE ep.event = ? AND p.author_id = ?
      ORDER BY p.published_at IS NULL, coalesce(p.published_at, p.first_seen_at), p.key"""
    found = [dict(row) for row in conn.execute(sql, (event, author_id))]
    return [row | {"reasons": json.loads(row["reasons"] or "[]")} for row in found]


def history(conn: Connection, event: str, author_id: int | None, post_id: int | None) -> list[dict[str, Any]]:
    """Every judgement of an author or a post (one of the two) that was a new one, oldest first: when, what, by what."""
    sql = """SELECT at, value, posterior, rules_version, config_hash FROM decisions
      WHERE event = ? AND author_id IS ? AND post_id IS ? ORDER BY id"""
    return [dict(row) for row in conn.execute(sql, (event, author_id, post_id))]


def _words(conn: Connection, event: str, column: str, subject: int) -> list[dict[str, Any]]:
    sql = f"SELECT field, value, who, why, at FROM overrides WHERE event = ? AND {column} = ? ORDER BY at, id"  # noqa: S608 - ours
    return [dict(row) for row in conn.execute(sql, (event, subject))]
