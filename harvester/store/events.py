"""Event editions in the database: the file's text is kept, so that an event is read back as it was given."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from harvester import dates
from harvester.errors import ConfigError, NotFoundError
from harvester.measure.world import window_of
from harvester.text import fold

if TYPE_CHECKING:
    from harvester.event import Event, Person
    from harvester.store.connection import Connection, Row


def save_event(conn: Connection, event: Event) -> None:
    """Insert or replace an edition's row; its posts and labels stay. ConfigError when the slug is another event's."""
    _refuse_another(conn, event)
    conn.execute(
        """INSERT INTO events (slug, name, series, edition, starts_at, ends_at, timezone, report_timezone, city,
             hashtags, names, registered, attended, media_outlets, config, config_hash)
           VALUES (?, ?, nullif(?, ''), nullif(?, ''), ?, ?, ?, nullif(?, ''), nullif(?, ''), ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (slug) DO UPDATE SET name = excluded.name, series = excluded.series, edition = excluded.edition,
             starts_at = excluded.starts_at, ends_at = excluded.ends_at, timezone = excluded.timezone,
             report_timezone = excluded.report_timezone, city = excluded.city, hashtags = excluded.hashtags,
             names = excluded.names, registered = excluded.registered, attended = excluded.attended,
             media_outlets = excluded.media_outlets, config = excluded.config,
             config_hash = excluded.config_hash WHERE config_hash IS NOT excluded.config_hash""",
        (
            event.slug, event.name, event.series, event.edition, dates.iso(event.starts), dates.iso(event.ends),
            event.timezone, event.report_timezone, event.city, json.dumps(event.hashtags, ensure_ascii=False),
            json.dumps(event.names, ensure_ascii=False), event.registered,
            event.attended, len(event.media_outlets), _text(conn, event),
            event.config_hash(),
        ),
    )  # fmt: skip
    set_window(conn, event.slug)
    _save_attendees(conn, event)


def set_window(conn: Connection, slug: str) -> None:
    """Keep an edition's window beside the times it follows from: SQL knows no time zones, and views need it."""
    row = event_row(conn, slug)
    starts, ends = dates.parse_iso(row["starts_at"]), dates.parse_iso(row["ends_at"])
    window = tuple(map(dates.iso, window_of(starts, ends, row["report_timezone"] or row["timezone"])))
    if window != (row["window_from"], row["window_until"]):
        conn.execute("UPDATE events SET window_from = ?, window_until = ? WHERE slug = ?", (*window, slug))


def _refuse_another(conn: Connection, event: Event) -> None:
    """A slug that comes with another name and another start names another event: one must not swallow the other."""
    row = conn.execute("SELECT name, starts_at FROM events WHERE slug = ?", (event.slug,)).fetchone()
    if row is None or row["name"] in (event.name, event.slug) or row["starts_at"] == dates.iso(event.starts):
        return  # an imported event without a name is called by its slug
    known = f"slug {event.slug!r} already names {row['name']!r} (starting {row['starts_at']})"
    repair = "give this event another slug; if it is the same event, change its name and its start one by one"
    problem = f"{event.path or event.slug}: [slug]: {known}; {repair}"
    raise ConfigError(problem, (problem,))


def _barred(conn: Connection, event: Event) -> list[Person]:
    """People on the file's lists who were erased."""
    if conn.execute("SELECT 1 FROM tombstones LIMIT 1").fetchone() is None:
        return []
    from harvester.store.tombstones import Guard

    guard = Guard(conn, event.slug)
    listed = (*event.organisers, *event.speakers, *event.attendees, *event.press)
    return [person for person in listed if any(guard.account(*account) for account in person.identities())]


def _text(conn: Connection, event: Event) -> str:
    """The file's text; people who were erased stay in its lists as a number only."""
    barred = _barred(conn, event)
    if not barred:
        return event.text
    from harvester.event.without import without_people

    accounts = [account for person in barred for account in person.identities()]
    return without_people(event.text, accounts, [fold(person.name) for person in barred if person.name])


FROM_FILE = "event file"


def _save_attendees(conn: Connection, event: Event) -> None:
    """The file's attendee list as attendance rows; what other sources told about attendance stays.

    They name no author, here as in an import: `classify` matches the list itself, by account, page and name.
    """
    people = {
        ":".join(person.identities()[0]) if person.identities() else person.name: person for person in event.attendees
    }
    for person in _barred(conn, event):
        people = {key: who for key, who in people.items() if who != person}
    stored = conn.execute("SELECT person FROM attendance WHERE event = ? AND source = ?", (event.slug, FROM_FILE))
    gone = {row["person"] for row in stored} - set(people)
    conn.executemany(
        "DELETE FROM attendance WHERE event = ? AND source = ? AND person = ?",
        [(event.slug, FROM_FILE, person) for person in sorted(gone)],
    )
    conn.executemany(
        "INSERT INTO attendance (event, person, status, source) VALUES (?, ?, 'attended', ?) ON CONFLICT DO NOTHING",
        [(event.slug, person, FROM_FILE) for person in sorted(people) if person],
    )


def list_events(conn: Connection) -> list[Row]:
    """Every edition, newest first."""
    return list(conn.execute("SELECT * FROM events ORDER BY starts_at DESC, slug"))


def event_row(conn: Connection, slug: str) -> Row:
    """The stored row of an edition; NotFoundError names those there are."""
    row: Row | None = conn.execute("SELECT * FROM events WHERE slug = ?", (slug,)).fetchone()
    if row is None:
        known = ", ".join(r["slug"] for r in list_events(conn)) or "none yet"
        raise NotFoundError(
            f"no event {slug!r} in this database (there: {known}); give its file, or run `harvest init`"
        )
    return row


def load_event(conn: Connection, slug: str) -> Event:
    """The edition as its file described it; an imported one without a file is rebuilt from its columns."""
    from harvester.event import load  # 40 ms that commands which only name an event need not wait for

    row = event_row(conn, slug)
    return load(row["config"] or _as_toml(row), f"{slug} (stored)")


def told_event(conn: Connection, slug: str) -> Event:
    """The edition for a report: as its file described it, and by its columns alone where those are no event file.

    An import may say what no file could (a tag with a blank in it): that keeps it from being crawled, not from being
    counted.
    """
    from harvester.event import Event as Edition

    try:
        return load_event(conn, slug)
    except ConfigError:
        row = event_row(conn, slug)
        return Edition(
            slug=slug,
            name=row["name"],
            starts=dates.parse_iso(row["starts_at"]),
            ends=dates.parse_iso(row["ends_at"]),
            timezone=row["timezone"],
            report_timezone=row["report_timezone"] or row["timezone"],
            names=tuple(json.loads(row["names"])),
            hashtags=tuple(json.loads(row["hashtags"])),
            city=row["city"] or "",
        )


def _as_toml(row: Row) -> str:
    """A minimal event file with the facts an interchange record carries."""
    quoted = {
        name: json.dumps(row[column], ensure_ascii=False)
        for name, column in (
            ("slug", "slug"), ("name", "name"), ("series", "series"), ("edition", "edition"), ("city", "city"),
            ("timezone", "timezone"), ("report_timezone", "report_timezone"),
        )
        if row[column]
    }  # fmt: skip
    lines = [f"{name} = {value}" for name, value in quoted.items()]
    lines += [f"starts = {row['starts_at']}", f"ends = {row['ends_at']}"]
    lines += [f"names = {row['names']}", f"hashtags = {row['hashtags']}"]
    return "\n".join(lines) + "\n"
