"""What each source of a demo crawl brought: posts seen, pages that its links led to, requests made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from harvester.text import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harvester.store.connection import Connection

_SEEN = """
SELECT source, query, count(DISTINCT post_id) AS n FROM sightings GROUP BY source,
  iif(source = 'blog', query, '')
"""


class Gathered(NamedTuple):
    """One source: `posts` it saw itself, posts behind links that it `led_to`, and `requests`."""

    source: str
    status: str
    posts: int
    led_to: int
    requests: int
    reason: str


def gathered(conn: Connection, crawl: dict[str, Any]) -> list[Gathered]:
    """A row for each source of a crawl's JSON summary."""
    seen: dict[str, int] = {}
    led: dict[str, int] = {}
    for row in conn.execute(_SEEN):
        seen[row["source"]] = seen.get(row["source"], 0) + row["n"]
        if row["query"].startswith("via "):
            led[row["query"].removeprefix("via ")] = row["n"]
    return [
        Gathered(
            source=line["source"], status=line["status"], posts=seen.get(line["source"], 0),
            led_to=led.get(line["source"], 0), requests=line["requests"], reason=line["reason"],
        )
        for line in crawl["sources"]
    ]  # fmt: skip


def lines(rows: Sequence[Gathered], width: int) -> Iterator[str]:
    """The table for a terminal."""
    busy = [row for row in rows if row.posts or row.led_to]
    yield f"What each source brought ({len(busy)} of {len(rows)} brought something)"
    yield f"  {'source':<17}{'status':<9}{'posts':>6}{'led to':>8}{'requests':>10}"
    for row in rows:
        told = f"  {row.source:<17}{row.status:<9}{row.posts:>6}{row.led_to:>8}{row.requests:>10}"
        yield f"{told}  {shown(row.reason)}"[:width].rstrip()
