"""An event's records as interchange JSON lines (docs/interchange.md), in one order: the same data, the same lines.

References are keys, never row numbers. What can be computed again (evidence, decisions, story sizes) and the crawl's
own state (frontier, archive, cursors) is left out. A parent or a story outside the exported events is not named.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from harvester.store.exchange.queries import QUERIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from harvester.store.connection import Connection, Row

_LISTS = frozenset({"hashtags", "names", "mentions", "bylines", "flags", "platforms", "reasons", "events", "people"})
# What a field is unless something else is told.
_DEFAULTS: Mapping[str, Any] = {
    "is_org": 0, "opted_out": 0, "truncated": 0, "incentivised": 0, "found": 0, "new": 0, "requests": 0, "errors": 0,
    "content_rank": 0, "revision": 1, "availability": "ok",
}  # fmt: skip
# A judgement that was not made must say so: a record without the field means "confirmed" and "counted".
_TOLD_WHEN_NULL = frozenset({"relevance", "counted", "local_day"})
_ENCODER = msgspec.json.Encoder()


def lines(conn: Connection, events: Iterable[str]) -> Iterator[str]:
    """The JSON lines of events, without line ends: events, authors, runs, posts, then what refers to them."""
    scope = json.dumps(list(dict.fromkeys(events)))
    for kind, sql in QUERIES.items():
        for row in conn.execute(sql, {"events": scope}):
            yield _ENCODER.encode(record(kind, row)).decode()


def record(kind: str, row: Row) -> dict[str, Any]:
    """One row as a record: empty fields left out, JSON columns as values."""
    found: dict[str, Any] = {"type": kind}
    for name in row.keys():  # noqa: SIM118 - a sqlite3.Row iterates over its values
        value = row[name]
        if name in _LISTS and value is not None:
            value = _listed(name, value)
        if not _idle(name, value) or _told_null(kind, name, row):
            found[name] = value
    return found


def _idle(name: str, value: Any) -> bool:
    return value in (None, "", []) or _DEFAULTS.get(name) == value


def _told_null(kind: str, name: str, row: Row) -> bool:
    """What says something though it is empty.

    A run of no event, one that was read to its end though the service reports more, an event of which nobody said how
    many outlets were checked.
    """
    if kind == "event":
        return name == "media_outlets"
    if kind == "run" and name == "truncated":
        return (row["returned"] or 0) < (row["reported_total"] or 0)
    return kind == "run" and (name == "event" or (name == "source_event" and row["source"] is not None))


def _listed(name: str, value: str) -> Any:
    values = msgspec.json.decode(value)
    if name not in ("events", "people"):
        return values
    return [_tie(entry) for entry in values]


def _tie(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry inside a record (a post's event, an author's person); `reasons` is a list written as text in it."""
    if "reasons" in entry:
        entry["reasons"] = msgspec.json.decode(entry["reasons"] or "[]")
    return {name: value for name, value in entry.items() if name in _TOLD_WHEN_NULL or not _idle(name, value)}
