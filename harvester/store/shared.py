"""What others point to, as sightings of two lists that no source is: `shared` and `listed`.

Whoever searches short posts for an event sees articles of every platform and site, and so do bookmark and news
searches: two looks that hang on no search of ours at any platform, which an estimate of missed posts needs. Each is one
list and not one for each service, because people put the same link on several. A page is fetched for the first who
pointed there, so only the edges themselves know of every such sighting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from harvester.store.connection import Connection

# Articles that short posts link to; the posts are what a source of nothing but such posts found by itself.
_SHARED: Final = """
INSERT INTO sightings (post_id, event, source, query, run_id, seen_at)
SELECT l.dst_post_id, s.event, 'shared', s.source, s.run_id, min(s.seen_at)
FROM links l JOIN sightings s ON s.post_id = l.src_post_id AND s.query NOT LIKE 'via %'
  JOIN sources o ON o.source = s.source AND ifnull(o.fed_by, '') = '' AND o.platforms <> '[]'
  JOIN event_posts e ON e.post_id = l.dst_post_id AND e.event = s.event
  JOIN posts d ON d.id = l.dst_post_id AND d.kind <> 'micropost'
WHERE l.type = 'link' AND s.event = :event AND NOT EXISTS (
  SELECT 1 FROM json_each(o.platforms) WHERE value NOT IN ('x', 'mastodon', 'misskey', 'bluesky'))
GROUP BY l.dst_post_id, s.source, s.run_id ON CONFLICT DO NOTHING
"""
# What a search named (edges of type `lead`, `crawl.page`), from the first crawl on that holds the post.
_LISTED: Final = """
INSERT INTO sightings (post_id, event, source, query, run_id, seen_at)
SELECT DISTINCT l.dst_post_id, l.event, 'listed', '', :run, :now
FROM links l JOIN event_posts e ON e.post_id = l.dst_post_id AND e.event = l.event
WHERE l.type = 'lead' AND l.event = :event AND NOT EXISTS (
  SELECT 1 FROM sightings s WHERE s.post_id = l.dst_post_id AND s.event = l.event AND s.source = 'listed')
"""


def note_pointers(conn: Connection, event: str, *, run_id: int, now: str) -> None:
    """Write the sightings of both lists for the posts of an event. Inside the caller's `write_tx`; safe to repeat.

    The `query` of a `shared` one is the source that found the short post.
    """
    conn.execute(_SHARED, {"event": event})
    conn.execute(_LISTED, {"event": event, "run": run_id, "now": now})
