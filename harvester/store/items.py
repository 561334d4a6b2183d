"""Rows for the measures: the items of one event, and the frame of universe, window and moment around them."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import TYPE_CHECKING

from harvester import dates
from harvester.measure.frame import Frame
from harvester.measure.item import Asked, Fetched, Item
from harvester.measure.world import World, window_of
from harvester.store import audits, crawl_state
from harvester.store.events import event_row
from harvester.store.kpis import kpis_of
from harvester.store.series import Shelf
from harvester.store.world import load_world

if TYPE_CHECKING:
    from harvester.store.connection import Connection, Row

_TALK = frozenset({"speakerdeck", "slideshare", "docswell", "youtube"})
_MICRO = frozenset({"x", "mastodon", "misskey", "bluesky"})


def load_items(conn: Connection, event: str) -> list[Item]:
    """Every post tied to the event whose author has not opted out, by any account of theirs, in a stable order."""
    rows = conn.execute(
        """SELECT i.*, ep.reasons, ep.decided_by, l.decided_by AS labelled_by FROM event_items i
           JOIN event_posts ep ON ep.event = i.event AND ep.post_id = i.post_id
           LEFT JOIN labels l ON l.event = i.event AND l.author_id = i.author_id
           WHERE i.event = ? ORDER BY i.key""",
        (event,),
    )
    return [_item(row) for row in rows]


def _item(row: Row) -> Item:
    return Item(
        post_id=row["post_id"],
        key=row["key"],
        url=row["url"],
        title=row["title"] or "",
        kind=row["kind"],
        group=row["grp"],
        platform=row["platform"],
        relation=row["relation"],
        story=row["story"],
        author_id=row["author_id"],
        author=row["author"] or "",
        author_name=row["author_name"] or "",
        person=row["person"] or "",
        organisation=row["organisation"] or "",
        host=row["host"],
        author_kind=row["author_kind"],
        author_subkind=row["author_subkind"] or "",
        published_at=dates.parse_iso(row["published_at"]) if row["published_at"] else None,
        precision=row["published_precision"],
        local_day=row["local_day"] or "",
        relevance=row["relevance"] or "",
        counted=bool(row["counted"]),
        not_counted_reason=row["not_counted_reason"] or "",
        incentivised=bool(row["incentivised"]),
        language=row["language"] or "",
        reasons=row["reasons"],
        decided_by=row["decided_by"],
        labelled_by=row["labelled_by"] or "",
    )


def shelf_of(conn: Connection) -> Shelf:
    """A shelf for reports on several events: hand it to each `load_frame`, and take the posts from it."""
    return Shelf(conn, lambda slug: load_items(conn, slug), lambda slug: _asked(conn, slug))


def load_frame(conn: Connection, event: str, *, as_of: datetime, rules: str, shelf: Shelf | None = None) -> Frame:
    """What the numbers of a report on `event` share. Raises NotFoundError for an unknown event.

    Only with a shelf is the frame's `world` read (the other editions, edges, sightings, texts): who asks for one
    event's posts needs none of it.
    """
    row = event_row(conn, event)
    starts, ends = dates.parse_iso(row["starts_at"]), dates.parse_iso(row["ends_at"])
    timezone = row["report_timezone"] or row["timezone"]
    asked = _asked(conn, event)
    return Frame(
        event=event,
        starts=starts,
        ends=ends,
        window=window_of(starts, ends, timezone),
        timezone=timezone,
        venue_timezone=row["timezone"],
        as_of=as_of,
        rules=rules,
        recipe=_recipe(asked, rules, row["config_hash"] or ""),
        media_outlets=row["media_outlets"],
        event_file=row["config_hash"] or "",
        asked=asked,
        fetched=tuple(
            Fetched(source=r["source"], state=r["state"], reason=r["reason"], pages=r["pages"])
            for r in crawl_state.fetch_states(conn, event)
        ),
        unlinked=_unlinked(conn, event),
        attendance_listed=_one(conn, "SELECT count(*) FROM attendance WHERE event = ?", event) > 0,
        audits=audits.checks(conn, event),
        never_counted=_dropped(conn, event),
        typed=kpis_of(conn, event),
        world=load_world(shelf, event) if shelf else World(),
    )


def _asked(conn: Connection, event: str) -> tuple[Asked, ...]:
    """The newest ledger line of each source and query asked for this event."""
    rows = conn.execute(
        """SELECT rs.*, s.platforms FROM run_sources rs LEFT JOIN sources s ON s.source = rs.source
           WHERE rs.event = ? AND rs.run_id = (SELECT max(x.run_id) FROM run_sources x
             WHERE x.event = rs.event AND x.source = rs.source AND x.query = rs.query)
             -- asking whether known posts still stand is no search
             AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.id = rs.run_id AND r.command = 'comply')
           ORDER BY rs.source, rs.query""",
        (event,),
    )
    return tuple(
        Asked(
            source=r["source"],
            query=r["query"],
            status=r["status"],
            reason=r["reason"] or "",
            found=r["found"],
            returned=r["returned"],
            reported_total=r["reported_total"],
            truncated=bool(r["truncated"]),
            groups=_groups(json.loads(r["platforms"] or "[]")),
            requests=r["requests"],
            errors=r["errors"],
            window=(r["window_start"] or "", r["window_end"] or ""),
        )
        for r in rows
    )


def _groups(platforms: list[str]) -> tuple[str, ...]:
    """The volume groups a source that sees these platforms can fill; unknown platforms fill the written one."""
    groups = {"talk" if p in _TALK else "micro" if p in _MICRO else "written" for p in platforms}
    return tuple(sorted(groups)) or ("written",)


def _recipe(asked: tuple[Asked, ...], rules: str, config_hash: str) -> str:
    """Six hex digits that change when sources, queries, rules or the event file do: then two reports do not compare."""
    parts = [*sorted({f"{line.source} {line.query}" for line in asked}), rules, config_hash]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:6]


def _unlinked(conn: Connection, event: str) -> int:
    """Participant handles that no confirmed person stands behind: each may be a second handle of another."""
    return _one(
        conn,
        """SELECT count(DISTINCT author_id) FROM event_items WHERE event = ? AND person = author
             AND author_kind = 'participant' AND counted = 1 AND relevance = 'confirmed' AND in_window = 1""",
        event,
    )


def _dropped(conn: Connection, event: str) -> tuple[tuple[str, int], ...]:
    rows = conn.execute("SELECT reason, count(*) AS n FROM rejected WHERE event = ? GROUP BY 1 ORDER BY 1", (event,))
    return tuple((r["reason"], r["n"]) for r in rows)


def _one(conn: Connection, sql: str, event: str) -> int:
    return int(conn.execute(sql, (event,)).fetchone()[0])
