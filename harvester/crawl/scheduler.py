"""Scrapy's scheduler over the `frontier` table: what a killed crawl had not stored is asked for again.

A row is leased before its request is made and ends in the transaction that stores its page. Redirects and
retries go on under the same lease and are no second row.
"""

from __future__ import annotations

import logging
import sys
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from scrapy import Request, signals
from scrapy.core.scheduler import BaseScheduler
from scrapy.exceptions import CloseSpider
from scrapy.utils.asyncio import call_later
from scrapy.utils.defer import deferred_from_coro

from harvester.crawl import admission, redact, signing
from harvester.crawl.archive import Archive
from harvester.crawl.outcome import Outcome, of_failure
from harvester.crawl.session import MONTH_USED, Session, utcnow
from harvester.errors import HarvestError
from harvester.store.connection import DRIVER_ERROR, write_tx

if TYPE_CHECKING:
    from datetime import datetime

    from scrapy.crawler import Crawler
    from scrapy.utils.asyncio import CallLaterResult
    from twisted.python.failure import Failure

    from harvester.source import Source
    from harvester.store.frontier import Leased

__all__ = ["STORAGE_ERRORS", "Scheduler", "utcnow"]
logger = logging.getLogger(__name__)
_RENEW: Final = 30.0  # seconds between renewals of the host leases
_WAIT: Final = 0.5  # seconds until we look again whether another child gave a host back
STORAGE_ERRORS: Final[tuple[type[Exception], ...]] = (HarvestError, DRIVER_ERROR)


class Scheduler(BaseScheduler):
    """The frontier of one source as Scrapy's engine sees it; `session` is the part that `Commit` works with."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._session: Session | None = None
        self._ready: deque[Request] = deque()
        self._again: deque[Request] = deque()
        self._looked = False  # nothing could be leased when we last looked, and nothing has changed since
        self._broken = False
        self._timers: dict[str, CallLaterResult] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Scheduler:
        """Built by Scrapy."""
        return cls(crawler)

    def open(self, spider: Any) -> None:
        """Take over what earlier runs left. A database or event that is not there ends the crawl with one line."""
        redact.know_environment((*spider.needs, *spider.optional_keys))
        redact.install()
        archive = self._crawler.get_downloader_middleware(Archive)
        assert archive is not None, "the archive keeps the answers of leased requests"
        try:
            self._session = Session(self._crawler.settings, spider, archive.storage, self._pause)
        except HarvestError as error:
            if not self._crawler.settings.getint("HARVEST_RUN"):  # by hand: Scrapy would end with tracebacks and 0
                sys.stderr.write(redact.redact(f"Error: {error}\n"))
                raise SystemExit(error.exit_code) from None
            logger.error("%s", error)  # noqa: TRY400 - the message is the whole story
            self._crawler.stats.set_value("harvester/exit_code", error.exit_code)
            raise CloseSpider("not_started") from error
        self._crawler.signals.connect(self._count_request, signals.request_reached_downloader)
        self._later("renew", _RENEW)

    @property
    def session(self) -> Session:
        """The database's side, from `open` on."""
        assert self._session is not None
        return self._session

    def _pause(self, host: str) -> float:
        slot = self._crawler.engine.downloader.slots.get(host)
        return slot.delay if slot is not None else self._crawler.settings.getfloat("DOWNLOAD_DELAY")

    def _count_request(self) -> None:
        self.session.ledger.counts["requests"] += 1

    def enqueue_request(self, request: Request) -> bool:
        """Remember a request, or go on with a lease that was redirected or is tried again."""
        lease = self.session.leases.get(request.meta.get("frontier_id", 0))
        try:
            return self._go_on(lease, request) if lease else self._remember(request)
        except STORAGE_ERRORS as error:
            self.give_up(error)
        except ValueError as error:
            logger.error("not asked for: %s", error)  # noqa: TRY400 - the message names the request
            self.session.ledger.counts["errors"] += 1
        return False

    def _remember(self, request: Request) -> bool:
        wanted = admission.from_request(request, self._spider)
        with write_tx(self.session.conn) as conn:
            added = self.session.add(conn, [wanted])
        if wanted.reason:
            logger.warning("%s: %s (%s)", wanted.reason, wanted.url, wanted.detail)
            self.session.ledger.ended(Outcome(state="refused", reason=wanted.reason, error=False))
        self._looked = False
        return bool(added) and not wanted.reason

    @property
    def _spider(self) -> Source:
        return self.session.spider

    def _go_on(self, lease: Leased, request: Request) -> bool:
        """The next hop of a lease; False when it ends here."""
        for name in ("download_slot", "parsed", "cached_response", "_dont_cache"):
            request.meta.pop(name, None)
        before = request.meta.get("redirect_urls", ())
        _, host, reason, detail = admission.judged(request.url)
        if request.url in before:
            refusal = Outcome(state="failed", reason="redirect_loop", detail=request.url)
        elif reason:
            refusal = Outcome(state="refused", reason=reason, detail=detail, error=False)
        elif until := self.session.hop(lease, host):
            refusal = Outcome(state="todo", reason="budget" if until == MONTH_USED else "rate_limited", detail=until)
        else:
            self._again.append(signing.renewed(request, self._spider) if before else request)
            return True
        self.session.fail(lease, refusal)
        self._looked = False
        return False

    def next_request(self) -> Request | None:
        """A request whose host is free, or None for now."""
        if self._broken:
            return None
        if self._again:
            return self._again.popleft()
        if not self._ready and not self._looked:
            try:
                self._refill()
            except STORAGE_ERRORS as error:
                self.give_up(error)
        return self._ready.popleft() if self._ready else None

    def _refill(self) -> None:
        leases = self.session.lease()
        for lease in leases:
            try:
                request = admission.to_request(lease, self._spider, self.failed)
                self._ready.append(signing.signed(request, self._spider))
            except ValueError as error:
                self.session.fail(lease, Outcome(state="failed", reason="callback_error", detail=str(error)))
        self._looked = not leases
        if self._looked and self.session.more():
            self._later("look", _WAIT)

    def has_pending_requests(self) -> bool:
        """Whether this run still has something to ask for; Scrapy asks when nothing is under way."""
        if self._broken:
            return False
        if self._again or self._ready:
            return True
        try:
            if not self.session.more():
                return False
        except STORAGE_ERRORS as error:
            self.give_up(error)
            return False
        self._later("look", _WAIT)
        return True

    def changed(self) -> None:
        """A lease ended or rows were added: it is worth looking again."""
        self._looked = False

    def failed(self, failure: Failure) -> None:
        """Errback of every request: its row ends with the name of what happened."""
        lease = self.session.leases.get(failure.request.meta.get("frontier_id", 0))  # type: ignore[attr-defined]
        if lease is None:
            return
        assert failure.value is not None
        try:
            self.session.fail(lease, of_failure(failure.value, self._spider.policy))
        except STORAGE_ERRORS as error:
            self.write_failed(lease, error)
        self._looked = False

    def write_failed(self, lease: Leased, error: Exception) -> None:
        """A page could not be stored; a database that cannot be written at all ends the crawl."""
        try:
            self.session.write_failed(lease, error)
        except STORAGE_ERRORS as worse:
            error = worse
        if isinstance(error, HarvestError):
            self.give_up(error)

    def give_up(self, error: Exception) -> None:
        """The database failed us: stop, in good order."""
        if self._broken:
            return
        self._broken = True
        logger.error("the crawl stops: %s", error)
        ledger = self.session.ledger
        ledger.fatal, ledger.fatal_code = str(error), getattr(error, "exit_code", 70)
        deferred_from_coro(self._crawler.engine.close_spider_async(reason="storage"))

    def rest(self, host: str, not_before: datetime, reason: str) -> None:
        """Leave a host alone until a moment, all children and the next runs too."""
        self.session.rest(host, not_before, reason)

    def strikes(self, host: str) -> int:
        """How often a host sent us away since it last answered."""
        return self.session.strikes(host)

    def _later(self, what: str, seconds: float) -> None:
        if what not in self._timers:
            self._timers[what] = call_later(seconds, self._tick, what)

    def _tick(self, what: str) -> None:
        del self._timers[what]
        try:
            if what == "renew":
                self.session.renew()
                self._later("renew", _RENEW)
            else:
                self.session.free_dead()
        except STORAGE_ERRORS as error:
            self.give_up(error)
        self._looked = False
        if self._crawler.engine._slot is not None:
            self._crawler.engine._slot.nextcall.schedule()

    def close(self, reason: str) -> None:
        """Give back what was not used and write the ledger; the outcome is in the stats `harvester/...`."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        if self._session is not None:
            stats = self._crawler.stats
            stats.set_value("harvester/exit_code", self.session.ledger.fatal_code or 70)  # should closing fail
            status, code = self.session.close(reason)
            stats.set_value("harvester/status", status)
            stats.set_value("harvester/exit_code", code)
