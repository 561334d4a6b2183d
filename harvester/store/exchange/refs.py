"""What an interchange record refers to, as rows: events by slug, authors and posts by key, runs by moment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from harvester import urls
from harvester.model import Author
from harvester.store import posts, secret, tombstones
from harvester.store.erase import erase
from harvester.store.found import look
from harvester.store.rows import upsert
from harvester.store.subjects import Subject
from harvester.traces import account_of

if TYPE_CHECKING:
    from harvester.store.connection import Connection

Json = dict[str, Any]
_REMEMBERED = 100_000
# A human's word is replaced only by another human's.
UNLESS_HUMAN: Final = "decided_by <> 'human' OR excluded.decided_by = 'human'"
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


def is_key(reference: str) -> bool:
    """Whether a reference is an account's key and no given id or name."""
    return bool(_KEY.match(reference))


def key_of(reference: str) -> str:
    """The key of a post, which may be referred to by its address too."""
    return posts.link_key(reference) if reference.startswith(("http://", "https://")) else reference


class Refs:
    """Resolves references; remembers what it resolved. `event` is the slug for records that name none."""

    def __init__(self, conn: Connection, *, event: str, now: str) -> None:
        self.conn = conn
        self.event = event
        self.now = now
        self.guard = tombstones.Guard(conn)
        self.given: dict[str, str] = {}
        self.silent: set[str] = set()  # events whose record does not say how many outlets were checked
        self.overruled: set[tuple[str, int | None, int | None]] = set()  # (event, author, post) a human spoke of
        self._zones: dict[str, str] = {}
        self._authors: dict[str, int] = {}
        self._runs: dict[str, int] = {}
        self._same: dict[tuple[str, str, str], int] = {}

    @staticmethod
    def admit(why: str) -> None:
        """Raise Unresolved for what must not be stored; the record itself is named nowhere."""
        if why:
            raise Unresolved(why, "")

    def heed(self, platform: str, handle: str, *, noindex: bool) -> None:
        """Take an account's wish not to be found, or its word that it may be.

        With the wish, what this database holds of it goes, and nothing of it comes again; archive and backups are
        left to `harvest forget`.
        """
        if not noindex and not self.guard.active:
            return
        key = secret.key_for(self.conn)
        if noindex:
            found = look(self.conn, Subject(accounts=(account_of(platform, handle),)))
            erase(self.conn, found)
            values = [tombstones.author_value(platform, handle)]
            tombstones.remember(self.conn, key, values, now=self.now, kind="noindex")
            self._authors.clear()
        else:
            tombstones.lift(self.conn, key, [tombstones.author_value(platform, handle)], "noindex")
        self.guard = tombstones.Guard(self.conn)

    def barred(self, key: str, record: Json, event: str = "") -> str:
        """Why a post must not be stored, at one event or at all; "" when it may."""
        if not self.guard.active:
            return ""
        author = str(record.get("author") or "")
        account = split_author(self.given.get(author, author)) if author else None
        original = str(record.get("target") or "") if record.get("relation") == "repost" else ""
        addresses = (key if key.startswith("https://") else "", record.get("url"), record.get("canonical_url"))
        return self.guard.why(tombstones.values_of(key, addresses, account, original), event)

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
        """The row of an author, made when it is new. Raises Unresolved for one who was erased."""
        key = self.given.get(reference, reference)
        found = self._authors.get(key)
        if found is None:
            platform, handle = split_author(key)
            self.admit(self.guard.account(platform, handle))
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
