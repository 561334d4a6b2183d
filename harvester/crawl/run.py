"""One crawl of one event, from the choice of sources to the ledger's last line."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from harvester import dates
from harvester.crawl import catalogue, clock, redact, verdict
from harvester.crawl.backoff import LONGEST
from harvester.crawl.children import Orders
from harvester.crawl.session import page_limit, utcnow
from harvester.crawl.supervisor import Supervisor
from harvester.crawl.verdict import Result
from harvester.errors import HarvestError, Locked, StorageBusy
from harvester.settings import HARVEST_PAGES
from harvester.store import hosts, runs, shared, tombstones
from harvester.store.connection import write_tx
from harvester.store.open import checkpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from harvester.crawl.catalogue import Catalogue
    from harvester.crawl.interruption import Interruption
    from harvester.crawl.supervisor import Watcher
    from harvester.event import Event
    from harvester.store.connection import Connection

logger = logging.getLogger(__name__)
_BUG: Final = 70
SOURCE_DEADLINE: Final = 960.0  # a minute more than the children themselves stop at (CLOSESPIDER_TIMEOUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a user asked for. `deadline` in seconds replaces the event file's minutes."""

    db: Path
    sources: tuple[str, ...] = ()
    connect_to: str = ""
    offline: bool = False
    deadline: float | None = None
    log_level: str = "ERROR"
    modules: tuple[str, ...] = ("spiders",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a crawl amounted to; `status` is ok, partial, failed or interrupted. `off`: who was not asked, and why."""

    run_id: int
    event: str
    status: str
    exit_code: int
    results: tuple[Result, ...]
    off: Mapping[str, str] = field(default_factory=dict)

    @property
    def alive(self) -> bool:
        """Whether nothing failed and somebody did something: that all sources were skipped is no sign of life."""
        return not self.exit_code and any(result.alive for result in self.results)

    def as_json(self) -> str:
        """The summary for `--json`: one object, sources in the order of their names."""
        columns = ("source", *verdict.COLUMNS)
        lines = [{name: getattr(result, name) for name in columns} for result in self.results]
        told = {"run": self.run_id, "event": self.event, "status": self.status, "exit_code": self.exit_code}
        totals = {name: sum(line[name] for line in lines) for name in verdict.NUMBERS}
        return json.dumps(told | totals | {"sources": lines, "off": dict(self.off)}, ensure_ascii=False, indent=2)


def crawl(
    conn: Connection, event: Event, wish: Wish, watch: Callable[[int], Watcher], interruption: Interruption
) -> Summary:
    """Crawl `event` as wished; `watch` makes the watcher of a run id. The caller holds the database's lock.

    Raises ConfigError for a source or an option that does not exist, before any request, and what the database raises.
    """
    known = catalogue.load(wish.modules)
    catalogue.check(known, event, None if wish.offline else os.environ)
    names = catalogue.selected(known, event, wish.sources)
    tombstones.Guard(conn)  # without its key nothing may be stored: better told before any request
    redact.know_environment({key for kind in known.sources.values() for key in (*kind.needs, *kind.optional_keys)})
    behind = clock.problem(conn, utcnow())
    with write_tx(conn):
        run_id = runs.start_run(conn, "crawl", event.slug, now=dates.iso(utcnow()))
        hosts.cap_rests(conn, dates.iso(utcnow() + LONGEST))
        _describe(conn, known)
    status, code = "failed", _BUG
    try:
        orders = _orders(known, event, wish, run_id)
        started = bool(event.pages)
        watcher = watch(run_id)
        if behind:
            watcher.warned(behind)
        results = _run(conn, known, names, orders, watcher, interruption, start_pages=started)
        if not interruption.number:
            if not behind:
                _expire(conn, event, wish.db)
            _judge(conn, event)
            with write_tx(conn):  # judging tied links to the pages they led to
                shared.note_pointers(conn, event.slug, run_id=run_id, now=dates.iso(utcnow()))
        status, code = verdict.of_run(results, interruption.number)
    except HarvestError as error:
        code = error.exit_code
        raise
    finally:
        with write_tx(conn):
            runs.finish_run(
                conn, run_id, status, code, now=dates.iso(utcnow()), detail=runs.OFFLINE if wish.offline else ""
            )
    checkpoint(conn)
    off = {} if wish.sources else catalogue.off(known, event)
    return Summary(run_id=run_id, event=event.slug, status=status, exit_code=code, results=results, off=off)


def _run(
    conn: Connection, known: Catalogue, names: Sequence[str], orders: Orders, watcher: Watcher,
    interruption: Interruption, *, start_pages: bool,
) -> tuple[Result, ...]:  # fmt: skip
    """The results of all chosen sources, in the order of their names."""
    idle = _not_run(known, names, offline=orders.offline)
    with write_tx(conn):
        for result in idle:
            _account(conn, orders, result)
    for result in idle:
        watcher.ended(result)
    left_out = {result.source for result in idle}
    work = [name for name in names if name not in left_out]
    later = {name: known.sources[name].late for name in work if known.sources[name].late}
    late = [[name for name in later if later[name] == turn] for turn in sorted(set(later.values()))]
    seeds = [name for name in work if name not in orders.follows and name not in later]
    followers = [name for name in work if name in orders.follows]
    if start_pages:  # they are the follower's own addresses: it has work before anything is found
        seeds += [name for name in followers if name not in later]
    followers = [name for name in followers if name not in seeds and name not in later]
    ran = Supervisor(conn, orders, watcher, interruption).run(seeds, followers, late)
    return tuple(sorted((*idle, *ran), key=lambda result: result.source))


def _orders(known: Catalogue, event: Event, wish: Wish, run_id: int) -> Orders:
    deadline = wish.deadline or event.crawl.deadline_minutes * 60.0
    return Orders(
        db=wish.db,
        event=event.slug,
        run_id=run_id,
        deadline=deadline,
        source_deadline=min(deadline, SOURCE_DEADLINE),
        rounds=event.crawl.max_depth + 1,
        follows=frozenset(name for name, kind in known.sources.items() if kind.follows),
        lenient=frozenset(name for name, kind in known.sources.items() if kind.forgives()),
        connect_to=wish.connect_to,
        offline=wish.offline,
        log_level=wish.log_level,
        modules={name: kind.__module__ for name, kind in known.sources.items()},
        pages={name: page_limit(event, kind, HARVEST_PAGES) for name, kind in known.sources.items()},
    )


def _describe(conn: Connection, known: Catalogue) -> None:
    for name, kind in known.sources.items():
        runs.describe_source(
            conn, name, fed_by=kind.fed_by, horizon_days=kind.horizon_days, platforms=json.dumps(kind.platforms),
            contributes=kind.contributes, follows=kind.forgives(), late=int(kind.late),
        )  # fmt: skip


def _not_run(known: Catalogue, names: Sequence[str], *, offline: bool) -> list[Result]:
    """Results of chosen sources that no child is started for: no credentials, or a file that does not load."""
    results = []
    for name in names:
        if name in known.broken:
            results.append(Result(source=name, status="failed", reason=known.broken[name][:300], code=70))
        elif not offline and (why := catalogue.lacking(known.sources[name], os.environ)):
            results.append(Result(source=name, status="skipped", reason=why))
    return results


def _account(conn: Connection, orders: Orders, result: Result) -> None:
    now = dates.iso(utcnow())
    columns: dict[str, Any] = {column: getattr(result, column) for column in verdict.COLUMNS}
    runs.save_source(
        conn, orders.run_id, result.source, event=orders.event, started_at=now, ended_at=now, **columns
    )  # fmt: skip


def _expire(conn: Connection, event: Event, db: Path) -> None:
    """Erase what is older than the event's `keep_days`; while a backup or a reader stands in the way, next time."""
    if event.keep_days is None:
        return
    from harvester.crawl.erasure import expire

    try:
        done = expire(conn, db, event.slug, utcnow())
    except (Locked, StorageBusy) as error:
        logger.warning("keep_days: %s", error)
    else:
        if done:
            logger.info("keep_days: %d posts erased", done)


def _judge(conn: Connection, event: Event) -> None:
    """Relate and classify what is there now, so that a report after a crawl is up to date."""
    from harvester.stages import classify_event

    classify_event(conn, event, now=utcnow())
