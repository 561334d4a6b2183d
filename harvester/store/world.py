"""Rows for the measures that look beyond one event's posts (`harvester.measure.world`), read in one go."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from harvester import dates
from harvester.measure.world import Counted, Followers, Reach, Scope, Tie, World
from harvester.store.events import told_event
from harvester.store.runs import OFFLINE
from harvester.store.series import Shelf, series_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harvester.store.connection import Connection, Row

# Whoever opted out with one account is in no list of people with another.
_GONE = """
SELECT DISTINCT 'person ' || person_id AS person FROM person_authors
WHERE status = 'confirmed' AND author_id IN (SELECT author_id FROM opted_out)
"""


def load_world(shelf: Shelf, event: str) -> World:
    """Everything beside the posts of `event`; the shelf holds what reports on several editions have in common."""
    conn = shelf.conn
    slugs = series_of(conn, event)
    told, people = told_event(conn, event), shelf.people
    return World(
        editions=tuple(shelf.edition(slug) for slug in slugs),
        names=shelf.keep("names", lambda: _names(people.values())),
        ties=shelf.keep(("ties", *slugs), lambda: tuple(tie for slug in slugs for tie in _ties(conn, slug, people))),
        followers=shelf.keep("followers", lambda: _followers(conn, people)),
        scopes=shelf.keep("scopes", lambda: _scopes(conn)),
        reaches=_reaches(conn, event),
        sighted=shelf.sighted(event),
        reactions=_reactions(conn, event),
        texts=_texts(conn, slugs[: slugs.index(event) + 1][-2:]),
        stop=tuple(
            dict.fromkeys(
                (told.name, *told.names, *told.hashtags, *(person.name for person in told.speakers), told.city)
            )
        ),
        linked_share=shelf.keep(("linked", *slugs), lambda: _linked(conn, slugs)),
        gone=frozenset(row["person"] for row in conn.execute(_GONE)),
        reach_threshold=told.reach_threshold or World().reach_threshold,
    )


def _names(people: Iterable[Row]) -> dict[str, str]:
    names: dict[str, str] = {}
    for row in people:
        names.setdefault(row["person"], row["name"])
    return names


def _ties(conn: Connection, slug: str, people: dict[int, Row]) -> list[Tie]:
    """Edges of an event. One whose moment is that of a post which only names its day has none.

    An edge that tells no moment has none either: a post is edited, and when it came says not when it began to link.
    """
    rows = conn.execute(
        """SELECT l.id, l.type, coalesce(l.actor_id, s.author_id) AS actor, l.src_post_id, l.dst_post_id,
             d.author_id AS target, s.key AS source,
             iif(s.published_precision IN ('second', 'minute', 'first_seen') OR l.at IS NOT s.published_at, l.at, NULL)
               AS at
           FROM links l LEFT JOIN posts s ON s.id = l.src_post_id LEFT JOIN posts d ON d.id = l.dst_post_id
           WHERE l.event = ? ORDER BY at, l.id""",
        (slug,),
    )
    return [
        Tie(
            event=slug,
            type=row["type"],
            actor=people[row["actor"]]["person"],
            source_post=row["src_post_id"],
            target_post=row["dst_post_id"],
            target_person=people[row["target"]]["person"] if row["target"] in people else "",
            at=_moment(row["at"]),
            order=_order(row["source"], row["id"]),
            account=people[row["actor"]]["account"],
        )
        for row in rows
        if row["actor"] in people
    ]


def _order(source: str | None, stored: int) -> int:
    """Numbers that platforms give grow with time; where there is none, what was stored first was seen first."""
    number = (source or "").rpartition(":")[2]
    return int(number) if number.isascii() and number.isdigit() and len(number) < 20 else stored


def _moment(text: str | None) -> datetime | None:
    return dates.parse_iso(text) if text and "T" in text else None


def _followers(conn: Connection, people: dict[int, Row]) -> tuple[Followers, ...]:
    rows = conn.execute(
        "SELECT author_id, platform, followers, observed_at FROM audience ORDER BY author_id, observed_at"
    )
    return tuple(
        Followers(
            person=people[row["author_id"]]["person"], account=people[row["author_id"]]["account"],
            platform=row["platform"], followers=row["followers"], observed_at=at,
        )
        for row in rows
        if row["author_id"] in people and (at := dates.parse(row["observed_at"]).at) is not None
    )  # fmt: skip


def _scopes(conn: Connection) -> tuple[Scope, ...]:
    rows = conn.execute("SELECT source, platforms, fed_by, horizon_days, follows FROM sources ORDER BY source")
    return tuple(
        Scope(
            source=row["source"], platforms=tuple(json.loads(row["platforms"])), fed_by=row["fed_by"] or "",
            horizon_days=row["horizon_days"], follows=bool(row["follows"]),
        )
        for row in rows
    )  # fmt: skip


def _reaches(conn: Connection, event: str) -> tuple[Reach, ...]:
    """Every question that somebody was asked: neither runs on what was there, nor those that ask what still stands."""
    rows = conn.execute(
        """SELECT rs.source, rs.query, rs.status, rs.truncated, rs.window_start, rs.window_end,
             coalesce(rs.started_at, r.started_at) AS at
           FROM run_sources rs JOIN runs r ON r.id = rs.run_id
           WHERE rs.event = ? AND r.command <> 'comply' AND r.detail IS NOT ? ORDER BY at, rs.source, rs.query""",
        (event, OFFLINE),
    )
    return tuple(
        Reach(
            source=row["source"], query=row["query"], status=row["status"], at=at, truncated=bool(row["truncated"]),
            window=(dates.parse(row["window_start"] or "").at, dates.parse(row["window_end"] or "").at),
        )
        for row in rows
        if (at := dates.parse(row["at"] or "").at) is not None
    )  # fmt: skip


def _reactions(conn: Connection, event: str) -> tuple[Counted, ...]:
    rows = conn.execute(
        """SELECT r.post_id, r.name, r.value, r.observed_at FROM reactions r
           JOIN event_posts ep ON ep.post_id = r.post_id AND ep.event = ? ORDER BY r.post_id, r.name, r.observed_at""",
        (event,),
    )
    return tuple(
        Counted(post_id=row["post_id"], name=row["name"], value=row["value"], observed_at=at)
        for row in rows
        if (at := dates.parse(row["observed_at"]).at) is not None
    )


def _texts(conn: Connection, slugs: list[str]) -> dict[int, str]:
    """Title, line end and text of the counted written stories of some editions; a post without text ends there."""
    marks = ", ".join("?" for _ in slugs)
    rows = conn.execute(
        f"""SELECT DISTINCT p.id, ifnull(p.title, '') || char(10) || ifnull(p.text, '') AS text FROM posts p
           JOIN event_posts ep ON ep.post_id = p.id AND ep.event IN ({marks}) AND ep.counted = 1
             AND ep.relevance = 'confirmed'
           WHERE p.kind IN ('article', 'news')""",  # noqa: S608 - the marks are ours
        slugs,
    )
    return {row["id"]: row["text"] for row in rows}


def _linked(conn: Connection, slugs: list[str]) -> float | None:
    """The share of participants whose account a human linked to a person; None where nobody wrote."""
    marks = ", ".join("?" for _ in slugs)
    row = conn.execute(
        f"""SELECT count(DISTINCT person) AS people,
              count(DISTINCT CASE WHEN person <> author THEN person END) AS linked
            FROM event_items WHERE event IN ({marks}) AND author_kind = 'participant' AND counted = 1
              AND relevance = 'confirmed' AND in_window = 1""",  # noqa: S608 - the marks are ours
        slugs,
    ).fetchone()
    return row["linked"] / row["people"] if row["people"] else None
