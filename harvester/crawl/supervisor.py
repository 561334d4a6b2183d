"""The crawl as a whole: a child process for each source, watched, limited, and always accounted for.

Scrapy's reactor starts once per process, and a source that hangs in C or eats memory can be ended only from
outside: so each source is a child of its own, with a deadline, a memory limit and a line in the ledger that is
written here when the child could not write it.
"""

from __future__ import annotations

import selectors
import time
from collections import deque
from functools import partial
from typing import IO, TYPE_CHECKING, Any, Final, Protocol

from harvester import dates
from harvester.crawl import verdict
from harvester.crawl.children import Child
from harvester.crawl.nursery import Nursery
from harvester.crawl.session import NEVER_BUSY, ROBOTS_HOLD, utcnow
from harvester.store import frontier, hosts, runs, wal
from harvester.store.connection import write_tx
from harvester.store.open import checkpoint

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harvester.crawl.children import Orders
    from harvester.crawl.interruption import Interruption
    from harvester.crawl.verdict import Result
    from harvester.store.connection import Connection, Row

AT_ONCE: Final = 2  # children: parsing fills a core each
_LOOK: Final = 0.25


class Watcher(Protocol):
    """Who is told how the crawl goes (`harvester.crawl.progress`)."""

    def started(self, source: str) -> None:
        """A child for `source` runs."""

    def said(self, source: str, line: str) -> None:
        """A child logged a line."""

    def warned(self, line: str) -> None:
        """Something is wrong that a user has to know, whatever else is told."""

    def tick(self) -> None:
        """Some time has passed."""

    def ended(self, result: Result) -> None:
        """A child is gone and its ledger line is written."""


def begin_source(conn: Connection, orders: Orders, source: str) -> None:
    """Make requests of earlier runs that are to be made again visible, inside the caller's `write_tx`."""
    asked = "" if orders.offline else dates.iso(utcnow() - ROBOTS_HOLD)
    frontier.begin(conn, orders.event, source, run_id=orders.run_id, offline=orders.offline, robots_before=asked)


class Supervisor:
    """Runs the sources of one crawl, round by round, until nothing is left to ask for or time is up.

    The caller holds the database's lock and has made the run's row.
    """

    def __init__(self, conn: Connection, orders: Orders, watcher: Watcher, interruption: Interruption) -> None:
        self._conn = conn
        self._orders = orders
        self._watcher = watcher
        self._until = time.monotonic() + orders.deadline
        self._children: list[Child] = []
        self._nursery = Nursery()
        self._results: dict[str, Result] = {}
        self._selector = selectors.DefaultSelector()
        self._open: set[IO[bytes]] = set()
        self._interruption = interruption
        self._warned = False

    def run(
        self, seeds: Sequence[str], followers: Sequence[str] = (), late: Sequence[Sequence[str]] = ()
    ) -> list[Result]:
        """Crawl `seeds`, then whatever they and `followers` have left to ask for, then each turn of `late`.

        A result for each.

        What the late ones found is followed too.
        """
        with write_tx(self._conn):
            hosts.drop_dead_holders(self._conn, alive=lambda _: False)  # we hold the lock: nobody else is
            for source in followers:  # whether they are started depends on what they have to do again
                begin_source(self._conn, self._orders, source)
        if wal.warning(self._orders.db):
            checkpoint(self._conn)  # left by a run that was killed, or by a reader that has gone
        try:
            self._rounds(seeds, (*seeds, *followers))
            then = (*seeds, *followers)
            for turn in late:
                then = (*then, *turn)
                self._rounds(turn, then)
        finally:
            self._end_all()
            self._nursery.close()
            self._selector.close()
        return list(self._results.values())

    def _rounds(self, first: Sequence[str], then: Sequence[str]) -> None:
        """Crawl `first`, then those of `then` that have something to ask for, until nobody has."""
        self._round(first)
        for _ in range(self._orders.rounds):
            due = [source for source in then if self._due(source)]
            if not due or self._over():
                break
            self._round(due)

    def _due(self, source: str) -> bool:
        """Whether a source that neither failed nor used up its pages has requests that may be made now."""
        before = self._results.get(source)
        if before is not None and (before.status == "failed" or verdict.BUDGET_USED in before.reason):
            return False
        orders = self._orders
        now = NEVER_BUSY if orders.offline else dates.iso(utcnow())
        if not frontier.ready(self._conn, orders.event, source, run_id=orders.run_id, now=now):
            return False
        made = frontier.made(self._conn, orders.event, source, run_id=orders.run_id)
        limit = orders.pages.get(source)
        if before is not None and limit is not None and made >= limit and not orders.offline:
            self._tell_budget(source, before)  # a child would only find that out
            return False
        return True

    def _tell_budget(self, source: str, before: Result) -> None:
        """Others found more for a source that has used up its pages in earlier rounds."""
        result = verdict.out_of_budget(before)
        with write_tx(self._conn):
            self._save(source, status=result.status, reason=result.reason, truncated=1)
        self._results[source] = result
        self._watcher.ended(result)

    def _over(self) -> bool:
        return bool(self._interruption.number) or time.monotonic() > self._until

    def _round(self, sources: Iterable[str]) -> None:
        waiting = deque(sources)
        while (waiting and not self._over()) or self._children:
            while waiting and len(self._children) < AT_ONCE and not self._over():
                self._start(waiting.popleft())
            self._attend()
        for source in waiting:
            self._leave_out(source)

    def _leave_out(self, source: str) -> None:
        """Account for a source whose turn did not come."""
        if source in self._results:
            return
        interrupted = bool(self._interruption.number)
        status, why = ("skipped", "interrupted") if interrupted else ("failed", "deadline before its turn")
        now = dates.iso(utcnow())
        with write_tx(self._conn):
            self._save(source, status=status, reason=why, started_at=now, ended_at=now)
        self._results[source] = verdict.of_line(source, {"status": status, "reason": why})
        self._watcher.ended(self._results[source])

    def _start(self, source: str) -> None:
        seconds = min(self._until - time.monotonic(), self._orders.source_deadline)
        started = dict.fromkeys(verdict.NUMBERS, 0) | {"started_at": dates.iso(utcnow())}
        with write_tx(self._conn):  # from now on a death without a word is seen
            self._save(source, status="running", reason="", **started)
        child = Child(source, self._orders, seconds, self._nursery)
        self._children.append(child)
        self._selector.register(child.stderr, selectors.EVENT_READ, child)
        self._open.add(child.stderr)
        self._watcher.started(source)

    def _attend(self) -> None:
        """Wait a moment for news of the children, pass on what they say, and bury the dead."""
        for key, _ in self._selector.select(_LOOK):
            child: Child = key.data
            self._hear(child)
        now = time.monotonic()
        for child in list(self._children):
            if child.process.poll() is not None:
                self._bury(child)
                continue
            child.late = child.late or now > child.until
            if child.late or self._interruption.number:
                child.stop(now)
        self._look_at_log()
        self._watcher.tick()

    def _look_at_log(self) -> None:
        """Warn, once, when a reader keeps the write-ahead log from shrinking."""
        if not self._warned and (told := wal.warning(self._orders.db)):
            self._warned = True
            self._watcher.warned(told)

    def _hear(self, child: Child) -> None:
        if child.stderr in self._open and not child.listen(partial(self._watcher.said, child.source)):
            self._forget(child)

    def _forget(self, child: Child) -> None:
        if child.stderr in self._open:
            self._open.remove(child.stderr)
            self._selector.unregister(child.stderr)

    def _bury(self, child: Child) -> None:
        self._hear(child)
        self._forget(child)  # a process of the child's may still hold the pipe
        child.close()
        self._children.remove(child)
        result = self._account(child)
        self._results[child.source] = result
        self._watcher.ended(result)

    def _account(self, child: Child) -> Result:
        """The result of a child that is gone, added to those of earlier rounds; writes the ledger line it owes."""
        code = child.process.returncode or 0
        line = dict(self._line(child.source))
        owed: dict[str, Any] = {}
        if line["status"] == "running":
            owed = self._obituary(child) | {"ended_at": dates.iso(utcnow())}
        elif child.late and not self._interruption.number:
            owed = verdict.overdue(line)
        lenient = child.source in self._orders.lenient
        result = verdict.of_line(child.source, line | owed, code=max(code, 0), lenient=lenient)
        earlier = self._results.get(child.source)
        if earlier is not None:
            result = verdict.added(earlier, result)
            owed |= {name: getattr(result, name) for name in verdict.COLUMNS}
        if owed:
            with write_tx(self._conn):
                self._save(child.source, **owed)
        return result

    def _obituary(self, child: Child) -> dict[str, str]:
        """`failed` makes the pages that were under way suspects; an interruption is nobody's fault."""
        if self._interruption.number:
            return {"status": "partial", "reason": "interrupted"}
        if child.late:
            return {"status": "failed", "reason": "deadline"}
        words = child.last_words[-1] if child.last_words else ""
        return {"status": "failed", "reason": verdict.cause_of_death(child.process.returncode or 0, words)}

    def _save(self, source: str, **columns: Any) -> None:
        runs.save_source(self._conn, self._orders.run_id, source, event=self._orders.event, **columns)

    def _line(self, source: str) -> Row:
        lines = runs.sources_of(self._conn, self._orders.run_id)
        return next(line for line in lines if line["source"] == source and not line["query"])

    def _end_all(self) -> None:
        """On any way out no child stays behind."""
        while self._children:
            for child in self._children:
                child.stop(time.monotonic())
            self._attend()
