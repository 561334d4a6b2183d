"""One file into the database: read, checked, stored or refused by reason, and every record accounted for.

records = new + updated + unchanged + queued + rejected, for any file. One file is one transaction.
"""

from __future__ import annotations

import contextlib
import gc
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from harvester import dates
from harvester.importers import Refused, detect, interchange
from harvester.model import Draft, Edge, Link, Rejected
from harvester.normalise import normalise
from harvester.privacy import UNNAMED
from harvester.store import exchange, frontier, runs
from harvester.store.bulk import Loader, unindexed_while_empty

if TYPE_CHECKING:
    from harvester.event import Event
    from harvester.importers.detect import Look
    from harvester.store.connection import Connection

Progress = Callable[[int], None]
_TELL_EVERY = 1000
_QUEUE = 500
# What each format can show, for the estimate of what was missed.
_SEES = {"twarc2": '["x"]', "twarc1": '["x"]', "twarc-csv": '["x"]', "x-archive": '["x"]', "tags": '["x"]',
         "snscrape": '["x"]'}  # fmt: skip


@dataclass(slots=True)
class Tally:
    """What became of a file's records. `kinds` counts interchange records by type."""

    file: str
    format: str
    records: int = 0
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    queued: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)

    def count(self, outcome: str) -> None:
        """One record that ended as "new", "updated" or "unchanged"."""
        setattr(self, outcome, getattr(self, outcome) + 1)

    def as_dict(self) -> dict[str, Any]:
        """The row that `--json` prints."""
        return {
            "file": self.file, "format": self.format, "records": self.records, "new": self.new, "updated": self.updated,
            "unchanged": self.unchanged, "queued": self.queued, "rejected": dict(sorted(self.rejected.items())),
            "kinds": dict(sorted(self.kinds.items())),
        }  # fmt: skip


def load(
    conn: Connection, file: Look, event: Event, *, run_id: int, now: datetime, zone: str, progress: Progress
) -> Tally:
    """A file of posts, pages or feeds, inside the caller's `write_tx`. Raises InputError when it turns out broken."""
    tally = Tally(file.path.name, file.format)
    stored_now = dates.iso(now)
    queue = _Queue(conn, event.slug, file.path.name, run_id=run_id, now=stored_now, tally=tally)
    with _no_collections(), Loader(
        conn, event=event.slug, source=file.format, query=file.path.name, run_id=run_id, now=stored_now,
        observed_at=_written(file, now),
    ) as loader:  # fmt: skip
        for found in detect.read(file, zone=zone):
            if isinstance(found, Edge):
                loader.add_edge(found)
                continue
            tally.records += 1
            if tally.records % _TELL_EVERY == 0:
                progress(tally.records)
            if isinstance(found, Draft):
                post = normalise(found, event, now=now)
                here = f"record {tally.records}"
                if not isinstance(post, Rejected):
                    if not (why := loader.add(post)):
                        continue
                    found = Refused(why, here)
                else:
                    named = "" if post.reason in UNNAMED else post.url
                    found = Refused(post.reason, named or here, post.detail)
            if isinstance(found, Link):
                queue.add(found)
            else:
                tally.rejected[found.reason] += 1
                where = found.where if "://" in found.where else f"{file.path.name} {found.where}".strip()
                loader.reject(Rejected(reason=found.reason, url=where, detail=found.detail))
    queue.flush()
    tally.new, tally.updated = tally.new + loader.new, tally.updated + loader.updated
    tally.unchanged += loader.unchanged
    _write_ledger(conn, tally, event.slug, run_id=run_id, now=stored_now)
    return tally


@contextlib.contextmanager
def _no_collections() -> Iterator[None]:
    """Looking for reference cycles, of which loading makes none, would be a seventh of its time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _written(file: Look, now: datetime) -> str:
    """When the numbers in a file were true at the latest: when it was written. The same file, the same moment."""
    at = datetime.fromtimestamp(int(file.path.stat().st_mtime), UTC)
    return dates.iso(min(at, now))


class _Queue:
    """Pages and feeds to fetch at the next crawl."""

    def __init__(self, conn: Connection, event: str, name: str, *, run_id: int, now: str, tally: Tally) -> None:
        self._conn, self._event, self._name = conn, event, name
        self._run_id, self._now, self._tally = run_id, now, tally
        self._waiting: list[Link] = []

    def add(self, link: Link) -> None:
        self._waiting.append(link)
        if len(self._waiting) >= _QUEUE:
            self.flush()

    def flush(self) -> None:
        if not self._waiting:
            return
        # Scrapy comes with this import: half a second that only files with addresses cost.
        from harvester.crawl.admission import from_link

        for link in self._waiting:
            source = "feeds" if link.as_feed else "blog"
            wanted = from_link(link.url, source, depth=0, found_on=self._name)
            if wanted.reason:
                self._tally.rejected[wanted.reason] += 1
            wanted = replace(wanted, each_run=link.as_feed)
            added = frontier.add(self._conn, self._event, [wanted], run_id=self._run_id, now=self._now)
            if not wanted.reason:
                self._tally.queued += added
                self._tally.unchanged += not added
        self._waiting.clear()


def _write_ledger(conn: Connection, tally: Tally, event: str, *, run_id: int, now: str) -> None:
    runs.save_source(
        conn, run_id, tally.format, tally.file, event=event, status="ok", found=tally.records, new=tally.new,
        returned=tally.records, started_at=now, ended_at=now,
        detail=", ".join(f"{reason} {n}" for reason, n in sorted(tally.rejected.items())) or None,
    )  # fmt: skip
    runs.describe_source(
        conn, tally.format, fed_by="", horizon_days=None, platforms=_SEES.get(tally.format, "[]"),
        contributes=detect.FORMATS[tally.format],
    )  # fmt: skip


def load_interchange(
    conn: Connection, file: Look, *, event: str, now: datetime, zone: str, progress: Progress
) -> Tally:
    """An interchange file, inside the caller's `write_tx`. It brings its own runs, so reading it leaves none."""
    tally = Tally(file.path.name, file.format)
    with _no_collections(), unindexed_while_empty(conn):
        intake = exchange.Intake(conn, event=event, now=dates.iso(now))
        for step in exchange.STEPS:
            others = step is exchange.STEPS[0]
            for _, records in interchange.records(file, step, others=others, zone=zone):
                tally.records += 1
                if tally.records % _TELL_EVERY == 0:
                    progress(tally.records)
                _take(intake, records, tally)
        intake.finish()
    return tally


def _take(intake: exchange.Intake, records: list[dict[str, Any]] | Refused, tally: Tally) -> None:
    """All records of one line, counted as one: as new if one of them is."""
    if isinstance(records, Refused):
        tally.rejected[records.reason] += 1
        return
    try:
        outcomes = {intake.take(record) for record in records}
    except exchange.Unresolved as missing:
        tally.rejected[missing.reason] += 1
        return
    tally.kinds[records[0]["type"]] += 1
    tally.count(next(outcome for outcome in ("new", "updated", "unchanged") if outcome in outcomes))
