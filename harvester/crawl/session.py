"""One source in one run: its connection, the requests it has leased, and the transaction that ends each of them."""

from __future__ import annotations

import logging
import math
import os
import sys
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from harvester import dates, urls
from harvester.crawl import by_hand
from harvester.crawl.admission import Traps
from harvester.crawl.ledger import Ledger
from harvester.store import events, frontier, hosts, missing, runs, tombstones
from harvester.store.connection import write_tx
from harvester.store.known import Stored
from harvester.store.open import open_db

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from scrapy.settings import BaseSettings

    from harvester.crawl.archive import Storage
    from harvester.crawl.outcome import Outcome
    from harvester.event import Event
    from harvester.source import Source
    from harvester.store.connection import Connection
    from harvester.store.frontier import Leased, Wanted

logger = logging.getLogger(__name__)
_BATCH: Final = 8  # leases taken in one transaction, each of another host
# The time at which no host rests and none is held: offline nobody is asked, so there is nobody to spare.
NEVER_BUSY: Final = "9999-12-31T23:59:59Z"
_NOT_THERE: Final = frozenset({"gone", "soft_404"})
ROBOTS_HOLD: Final = timedelta(hours=24)  # RFC 9309: as long as rules may be believed without asking again
REQUESTS: Final = "requests"  # in the month's spending
MONTH_USED: Final = "the month's requests are used up"
_HOLD: Final = timedelta(seconds=120)  # longer than a request with its retry takes; renewed while it lasts


def utcnow() -> datetime:
    """The crawl's clock, whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def alive(holder: str) -> bool:
    """Whether the process that a host lease names still runs."""
    try:
        os.kill(int(holder.partition(".")[0]), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, ValueError):
        return True
    return True


def page_limit(event: Event, kind: type[Source], default: int) -> int:
    """How many requests a source may make in one run; `default` for one that does not follow what others found.

    A source's own `max_requests` holds here too: it counts for one process, this for all rounds of a run.
    """
    told = event.sources.get(kind.name, {})
    most = told.get("max_pages", event.crawl.max_pages if kind.follows else default)
    own = kind.option_specs.get("max_requests")
    return int(min(most, told.get("max_requests", own.default)) if own else most)


class Session:
    """Everything a crawling source keeps in the database, and nothing that the database does not know.

    archive  where answers wait until their page is stored
    pause    seconds to leave a host alone after an answer
    """

    def __init__(self, settings: BaseSettings, spider: Source, archive: Storage, pause: Callable[[str], float]) -> None:
        self.spider, self.source = spider, spider.name
        self.offline = settings.getbool("OFFLINE")
        self.leases: dict[int, Leased] = {}
        self._archive, self._pause = archive, pause
        self._hosts: dict[int, set[str]] = {}
        self._traps: Traps | None = None
        self._closing = ExitStack()
        with ExitStack() as opened:
            self.conn: Connection
            if settings.getint("HARVEST_RUN"):
                self.conn = opened.enter_context(closing(open_db(settings["HARVEST_DB"], "rw")))
                event = events.load_event(self.conn, spider.event_slug)
            else:  # no supervisor has locked the database and checked the event for us
                self.conn, event = by_hand.begin(opened, settings, spider, utcnow())
            self._begin(settings, event)
            self._closing = opened.pop_all()

    def _begin(self, settings: BaseSettings, event: Event) -> None:
        spider, now = self.spider, utcnow()
        self.event, self.stamp = event.slug, dates.iso(now)
        self.guard = tombstones.Guard(self.conn, event.slug)
        self.max_depth = event.crawl.max_depth
        self._host_limit = event.crawl.max_pages_per_host
        run_id = settings.getint("HARVEST_RUN")
        self._own_run = not run_id
        with write_tx(self.conn) as conn:
            self.run_id = run_id or runs.start_run(conn, "scrapy", event.slug, now=self.stamp)
            hosts.drop_dead_holders(conn, alive)
            asked = "" if self.offline else dates.iso(now - ROBOTS_HOLD)
            frontier.begin(conn, event.slug, self.source, run_id=self.run_id, offline=self.offline, robots_before=asked)
            self.ledger = Ledger(self.run_id, self.source, event.slug)
            self.ledger.open(conn, now=self.stamp)
        self.holder = f"{os.getpid()}.{self.run_id}.{self.source}"
        used = runs.spent(self.conn, self.source, self.stamp[:7])
        spider.known = Stored(self.conn, event, self.source, now)
        spider.prepare(event, now, lambda query: runs.get_cursor(self.conn, self.source, self.event, query), used)
        limit = page_limit(event, type(spider), settings.getint("HARVEST_PAGES"))
        used_up = frontier.made(self.conn, self.event, self.source, run_id=self.run_id)  # in earlier rounds
        self._pages_left = sys.maxsize if self.offline else limit - used_up
        most = spider.option("max_requests_month") or spider.monthly
        self._month_left = sys.maxsize if self.offline or not most else most - int(used.get(REQUESTS, 0))

    @property
    def traps(self) -> Traps:
        """The guards against endless sites, filled from the frontier when first needed."""
        if self._traps is None:
            self._traps = Traps(frontier.known(self.conn, self.event), self._host_limit)
        return self._traps

    def add(self, conn: Connection, wanted: Iterable[Wanted]) -> int:
        """Remember requests, inside the caller's transaction; how many are new or to be made again."""
        return frontier.add(conn, self.event, wanted, run_id=self.run_id, now=dates.iso(utcnow()))

    def lease(self) -> list[Leased]:
        """The next requests whose hosts are free, held by us from now on."""
        now = utcnow()
        free: dict[str, Any] = {"run_id": self.run_id, "holder": self.holder, "now": self._hosts_now()}
        free["busy"] = set[str]().union(*self._hosts.values())
        limit = min(_BATCH, self._pages_left, self._month_left)
        if limit <= 0 or not frontier.available(self.conn, self.event, self.source, **free):
            return []
        with write_tx(self.conn) as conn:
            taken = frontier.lease(conn, self.event, self.source, until=dates.iso(now + _HOLD), limit=limit, **free)
            self._charge(conn, len(taken))
        for lease in taken:
            self.leases[lease.id] = lease
            self._hosts[lease.id] = {lease.host}
        self._pages_left -= len(taken)
        return taken

    def _hosts_now(self) -> str:
        return NEVER_BUSY if self.offline else dates.iso(utcnow())

    def more(self) -> bool:
        """Whether this run still has something to ask for, now or when another child gives a host back."""
        ready = frontier.ready(self.conn, self.event, self.source, run_id=self.run_id, now=self._hosts_now())
        if ready and min(self._pages_left, self._month_left) <= 0:
            self.ledger.counts["budget" if self._pages_left <= 0 else "month"] = 1
            return False
        return ready

    def _charge(self, conn: Connection, requests: int) -> None:
        """Count requests of a month before they are made: a kill cannot lose them. What was not asked comes back."""
        if requests and not self.offline:
            runs.spend(conn, self.source, self.stamp[:7], REQUESTS, requests)
            self._month_left -= requests

    def hop(self, lease: Leased, host: str) -> str:
        """Another request for a lease, redirected or tried again; why it cannot be made now, "" when it can."""
        if self._month_left <= 0:
            return MONTH_USED
        resting = hosts.resting_until(self.conn, host, now=self._hosts_now())
        until = f"{host} until {resting}" if resting else ""
        if not until:
            with write_tx(self.conn) as conn:
                self._charge(conn, 1)
            self._hosts[lease.id].add(host)
        return until

    @contextmanager
    def ending(self, lease: Leased, outcome: Outcome, *, whole: bool = True, keep: bool = True) -> Iterator[Connection]:
        """The transaction that ends a lease: what is written inside is stored with it, or neither is.

        The archive goes first: a copy without its page is harmless, the next answer 304 gives it again. Without
        `keep` no copy is kept.
        """
        if keep and outcome.state == "done" and outcome.reason not in _NOT_THERE:
            self._archive.keep(lease.id, whole=whole)
        else:
            self._archive.drop(lease.id)
        with self.ledger.page(), write_tx(self.conn) as conn:
            yield conn
            self._end(conn, lease, outcome)
        self._forget(lease)

    def _end(self, conn: Connection, lease: Leased, outcome: Outcome) -> None:
        now = utcnow()
        if outcome.state == "todo":
            frontier.postpone(conn, lease.id, reason=outcome.reason, detail=outcome.detail)
        elif outcome.state == "unarchived":
            frontier.unarchived(conn, lease.id)
        else:
            frontier.finish(
                conn, lease.id, outcome.state, reason=outcome.reason, detail=outcome.detail, now=dates.iso(now),
                http_status=outcome.http_status,
            )  # fmt: skip
        if outcome.state == "done" and not self.offline:
            hosts.answered(conn, lease.host)
            if outcome.reason in _NOT_THERE:
                missing.count_gone(conn, lease.url)
        if outcome.state == "refused" and outcome.reason in frontier.FREE:  # nothing was fetched
            self._pages_left += 1
            self._charge(conn, -1)
        for host in self._hosts.get(lease.id, ()):
            pause = math.ceil(self._pause(host))
            hosts.let_go(conn, self.holder, host, until=dates.iso(now + timedelta(seconds=pause)) if pause else "")
        self.ledger.ended(outcome)
        self.ledger.save(conn)

    def fail(self, lease: Leased, outcome: Outcome) -> None:
        """End a lease that brought nothing to store. Raises what the database raises."""
        level = logging.WARNING if outcome.error else logging.INFO
        status = f" ({outcome.detail})" if outcome.detail else ""
        logger.log(level, "%s: %s%s", outcome.reason, lease.url, status)
        with self.ending(lease, outcome):
            pass

    def write_failed(self, lease: Leased, error: BaseException) -> None:
        """A page could not be stored: it stays to do, for the next run. Raises if even that cannot be written."""
        logger.error("%s: not stored, asked for again in the next run (%s)", lease.url, error)
        self.ledger.counts["errors"] += 1
        self._archive.drop(lease.id)
        self._forget(lease)
        with write_tx(self.conn) as conn:
            frontier.postpone(conn, lease.id, reason="callback_error", detail="not stored", counts=True)

    def _forget(self, lease: Leased) -> None:
        self.leases.pop(lease.id, None)
        self._hosts.pop(lease.id, None)

    def renew(self) -> None:
        """Go on holding the hosts of the requests under way."""
        until = dates.iso(utcnow() + _HOLD)
        with write_tx(self.conn) as conn:
            for host in set[str]().union(*self._hosts.values()):
                hosts.hold(conn, host, self.holder, until)

    def free_dead(self) -> None:
        """Free the hosts that a child which no longer runs still holds."""
        if hosts.dead_holders(self.conn, alive):
            with write_tx(self.conn) as conn:
                hosts.drop_dead_holders(conn, alive)

    def rest(self, host: str, not_before: datetime, reason: str) -> None:
        """Leave a host alone, all children and the next runs too."""
        with write_tx(self.conn) as conn:
            hosts.rest(conn, urls.host_of(f"https://{host}"), not_before=dates.iso(not_before), reason=reason)

    def strikes(self, host: str) -> int:
        """How often a host sent us away since it last answered."""
        return hosts.strikes(self.conn, host)

    def close(self, finish: str) -> tuple[str, int]:
        """Give back what was not used and write the ledger; the source's status and exit code."""
        now = dates.iso(utcnow())
        with self._closing, write_tx(self.conn) as conn:
            frontier.put_back(conn, list(self.leases))
            hosts.let_go(conn, self.holder)
            waiting, until = frontier.resting(conn, self.event, self.source, now=self._hosts_now())
            made = frontier.made(conn, self.event, self.source, run_id=self.run_id)
            status, code = self.ledger.close(
                conn, finish, now=now, waiting=waiting, until=until, nothing="" if made else self.spider.nothing,
                offline=self.offline,
            )  # fmt: skip
            if self._own_run:
                if status == "partial" and self.spider.forgives():
                    code = self.ledger.fatal_code  # links of others lead to dead pages all the time
                told, detail = "ok" if status == "skipped" else status, runs.OFFLINE if self.offline else ""
                runs.finish_run(conn, self.run_id, told, code, now=now, detail=detail)
        return status, code
