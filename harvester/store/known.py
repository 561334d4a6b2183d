"""What the file knows of an event, for sources that ask about what others have found (`harvester.known`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from harvester import dates
from harvester.event.data import identity_of
from harvester.known import AGEING, KnownPost

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from harvester.event import Event
    from harvester.store.connection import Connection

# A post's age decides how long it is left alone. Undated ones are as old as our knowledge of them.
_DUE: Final = """
WITH aged AS (
  SELECT p.key, p.url, p.native_id, p.platform, p.kind, a.handle, p.published_at, c.checked_at,
    unixepoch(:now) - unixepoch(ifnull(p.published_at, p.first_seen_at)) AS age
  FROM event_posts ep JOIN posts p ON p.id = ep.post_id LEFT JOIN authors a ON a.id = p.author_id
    LEFT JOIN reaction_checks c ON c.post_id = p.id AND c.source = :source
  WHERE ep.event = :event AND ifnull(ep.relevance, '') <> 'rejected' AND p.availability = 'ok'
    AND ifnull(a.opted_out, 0) = 0
    AND (:platforms = '[]' OR p.platform IN (SELECT value FROM json_each(:platforms)))
)
SELECT * FROM aged WHERE checked_at IS NULL OR unixepoch(:now) - unixepoch(checked_at) >=
  CASE WHEN age < :young THEN :often WHEN age < :middle THEN :daily ELSE :seldom END
ORDER BY checked_at IS NOT NULL, checked_at, key LIMIT :limit
"""
_AUTHORS: Final = """
SELECT DISTINCT a.platform, a.handle, a.url, a.website, p.host
FROM event_posts ep JOIN posts p ON p.id = ep.post_id JOIN authors a ON a.id = p.author_id
WHERE ep.event = ? AND ifnull(ep.relevance, '') <> 'rejected' AND NOT a.opted_out ORDER BY a.id
"""
# Not there, or nobody answers for it: what an archive may still have. What refused us is left alone.
_LOST: Final = """
SELECT DISTINCT url FROM frontier WHERE event = ? AND source IN ('blog', 'feeds', 'homes')
  AND state IN ('done', 'failed', 'dead')
  AND (reason IN ('gone', 'soft_404', 'dns_error', 'tls_error', 'connection_error', 'timeout')
    OR reason = 'http_error' AND http_status >= 500)
ORDER BY depth, id LIMIT ?
"""


class Stored:
    """What `source` may ask the file about, as of `now`."""

    def __init__(self, conn: Connection, event: Event, source: str, now: datetime) -> None:
        self._conn, self._event, self._source, self._now = conn, event, source, dates.iso(now)

    def due(self, *, platforms: tuple[str, ...] = (), limit: int = 1000) -> list[KnownPost]:
        """See `harvester.known.Known`."""
        (young, often), (middle, daily), (_, seldom) = AGEING
        values = {
            "now": self._now, "source": self._source, "event": self._event.slug, "limit": limit,
            "platforms": json.dumps(platforms), "young": young.total_seconds(), "often": often.total_seconds(),
            "middle": middle.total_seconds(), "daily": daily.total_seconds(), "seldom": seldom.total_seconds(),
        }  # fmt: skip
        return [
            KnownPost(
                key=row["key"],
                url=row["url"],
                native_id=row["native_id"] or "",
                platform=row["platform"],
                kind=row["kind"],
                handle=row["handle"] or "",
                published=row["published_at"] or "",
            )
            for row in self._conn.execute(_DUE, values)
        ]

    def homes(self, *, limit: int = 1000) -> list[str]:
        """See `harvester.known.Known`."""
        return _first(self._homes(), limit)

    def _homes(self) -> Iterator[str]:
        for person in self._event.people:
            yield from (text for text in person.handles if text.lower().startswith(("http://", "https://")))
        for row in self._conn.execute(_AUTHORS, (self._event.slug,)):
            yield from (text for text in (row["website"], row["url"]) if text)
            if row["platform"] == "web" and row["host"] == row["handle"]:
                yield f"https://{row['host']}/"

    def handles(self, platform: str, *, limit: int = 1000) -> list[str]:
        """See `harvester.known.Known`."""
        return _first(self._handles(platform), limit)

    def _handles(self, platform: str) -> Iterator[str]:
        identities = [identity for person in self._event.people for identity in person.identities()]
        yield from (handle for name, handle in identities if name == platform)
        for row in self._conn.execute(_AUTHORS, (self._event.slug,)):
            if row["platform"] == platform:
                yield row["handle"]
            name, handle = identity_of(row["website"] or "")
            if name == platform:
                yield handle

    def lost(self, *, limit: int = 1000) -> list[str]:
        """See `harvester.known.Known`."""
        return [row["url"] for row in self._conn.execute(_LOST, (self._event.slug, limit))]

    def pointed(self, host: str, *, limit: int = 1000) -> list[str]:
        """See `harvester.known.Known`."""
        sql = """SELECT DISTINCT url FROM frontier WHERE event = ? AND reason = 'terms'
                 AND (host = ? OR host LIKE '%.' || ?) ORDER BY id LIMIT ?"""
        return [row["url"] for row in self._conn.execute(sql, (self._event.slug, host, host, limit))]


def _first(values: Iterable[str], limit: int) -> list[str]:
    """Each once, in order, `limit` at most."""
    found: dict[str, None] = {}
    for value in values:
        if value and len(found) < limit:
            found[value] = None
    return list(found)


def refreshed(conn: Connection, keys: Iterable[str], *, source: str, now: str) -> None:
    """Remember that a source asked for the reactions of stored posts; inside the caller's `write_tx`."""
    conn.executemany(
        """INSERT INTO reaction_checks SELECT id, ?, ? FROM posts WHERE key = ?
           ON CONFLICT (post_id, source) DO UPDATE SET checked_at = excluded.checked_at""",
        [(source, now, key) for key in keys],
    )
