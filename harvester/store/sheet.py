"""An event's posts as CSV lines that a spreadsheet shows and never executes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from harvester.cells import line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harvester.store.connection import Connection

_SQL = """
SELECT i.event, i.key, i.url, i.title, i.kind, i.grp AS "group", i.platform, i.relation, i.story, i.author,
  i.author_name, i.author_kind, i.author_subkind, i.attendance, i.published_at, i.published_precision, i.local_day,
  i.relevance, i.counted, i.not_counted_reason, i.incentivised, i.language, i.first_seen_at, p.native_id, p.text
FROM event_items i JOIN posts p ON p.id = i.post_id
WHERE i.event IN (SELECT value FROM json_each(?))
ORDER BY i.event, i.published_at IS NULL, coalesce(i.published_at, i.first_seen_at), i.key
"""


def rows(conn: Connection, events: Iterable[str]) -> Iterator[str]:
    """Header and one line a post and event, without line ends; people who opted out are not in it."""
    found = conn.execute(_SQL, (json.dumps(list(events)),))
    yield line([column[0] for column in found.description])
    for row in found:
        yield line(tuple(row))
