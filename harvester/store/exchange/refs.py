"""What an interchange record refers to, as rows: events by slug, authors and posts by key, runs by moment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from harvester import urls
from harvester.model import Author
from harvester.store import posts
from harvester.store.rows import upsert

if TYPE_CHECKING:
    from harvester.store.open import Connection

Json = dict[str, Any]
_REMEMBERED = 100_000
_KEY = re.compile(r"[a-z0-9][a-z0-9_.-]*:.")


class Unresolved(Exception):
    """A record that refers to nothing we hold; `reason` is its named reason, `detail` the reference."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def split_author(key: str) -> tuple[str, str]:
    """(platform, handle) of an author key; an id without a platform, as people give by hand, stands on `id`."""
    if key.startswith(("http://", "https://")):
        found = urls.identify(key)
        return (found.platform, found.handle) if found.handle else ("web", key)
    if not _KEY.match(key):
        return "id", key.lstrip("@") or key
    platform, _, handle = key.partition(":")
    return platform, handle.removeprefix("@") if platform == "x" else handle


def key_of(reference: str) -> str:
    """The key of a post, which may be referred to by its address too."""
    return posts.link_key(reference) if reference.startswith(("http://", "https://")) else reference


class Refs:
    """Resolves references; remembers what it resolved. `event` is the slug for records that name none."""

    def __init__(self, conn: Connection, *, event: str, now: str) -> None:
        self.conn = conn
        self.event = event
        self.now = now
        self.given: dict[str, str] = {}
        self.silent: set[str] = set()  # events whose record does not say how many outlets were checked
        self._zones: dict[str, str] = {}
        self._authors: dict[str, int] = {}
        self._runs: dict[str, int] = {}
        self._same: dict[tuple[str, str, str], int] = {}

    def slug(self, record: Json) -> str:
        """The event a record belongs to. Raises Unresolved `unknown_event`."""
        slug = str(record.get("event") or self.event)
        self.zone(slug)
        return slug

    def zone(self, slug: str) -> str:
        """The zone in which an event's days are counted. Raises Unresolved `unknown_event`."""
        if slug not in self._zones:
            row = self.conn.execute("SELECT timezone, report_timezone FROM events WHERE slug = ?", (slug,)).fetchone()
            if row is None:
                raise Unresolved("unknown_event", slug)
            self._zones[slug] = row["report_timezone"] or row["timezone"]
        return self._zones[slug]

    def author_id(self, reference: str) -> int:
        """The row of an author, made when it is new."""
        key = self.given.get(reference, reference)
        found = self._authors.get(key)
        if found is None:
            platform, handle = split_author(key)
            found = posts.save_author(self.conn, Author(platform=platform, handle=handle), day=self.now[:10])
            if len(self._authors) >= _REMEMBERED:
                self._authors.clear()
            self._authors[key] = found
        return found

    def post_id(self, reference: str) -> int:
        """The row of a post. Raises Unresolved `unknown_post`."""
        row = self.conn.execute("SELECT id FROM posts WHERE key = ?", (key_of(reference),)).fetchone()
        if row is None:
            raise Unresolved("unknown_post", reference)
        return int(row["id"])

    def end(self, record: Json) -> str:
        """The end of the event a record belongs to: the moment of what tells none, the same in every import."""
        slug = record.get("event") or self.event
        row = self.conn.execute("SELECT ends_at FROM events WHERE slug = ?", (slug,)).fetchone()
        return str(row["ends_at"]) if row else self.now

    def event_of_run(self, record: Json) -> str | None:
        """The event a run was for; an explicit null means none in particular."""
        return record.get("event", self.event or None)

    def run(self, record: Json) -> tuple[int, str]:
        """(row, outcome) of the run a record names or is.

        A database gives runs its own numbers, so a file's k-th run of one moment, command and event is the k-th such
        row, made when it is missing.
        """
        started = record.get("started_at") or record.get("window_end") or record.get("at") or self.end(record)
        key = record.get("run") or f"{started}/{record.get('command') or 'import'}"
        if key in self._runs:
            return self._runs[key], "unchanged"
        command, event = record.get("command") or "import", self.event_of_run(record) or ""
        nth = self._same.get((started, command, event), 0)
        self._same[started, command, event] = nth + 1
        found = self.conn.execute(
            """SELECT id FROM runs WHERE started_at = ? AND command = ? AND event IS nullif(?, '')
               ORDER BY id LIMIT 1 OFFSET ?""",
            (started, command, event, nth),
        ).fetchone()
        row = (
            found
            or self.conn.execute(
                "INSERT INTO runs (started_at, command, event) VALUES (?, ?, nullif(?, '')) RETURNING id",
                (started, command, event),
            ).fetchone()
        )
        told = {"ended_at": "ended_at", "run_status": "status", "exit_code": "exit_code", "version": "version",
                "run_detail": "detail"}  # fmt: skip
        values = {column: record.get(name) for name, column in told.items()}
        values |= {"id": row["id"], "command": command, "started_at": started}
        changed = upsert(self.conn, "runs", values, ("id",))
        self._runs[key] = int(row["id"])
        return int(row["id"]), changed if found else "new"
