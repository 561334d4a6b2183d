"""The spider middleware that stores: all that one callback yields and the end of its request, in one transaction.

Storage is no item pipeline: a failed write fails the page, which stays to do, instead of losing an item.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.exceptions import CloseSpider

from harvester.crawl.outcome import Outcome, of_failure
from harvester.crawl.page import Page
from harvester.crawl.redact import redact
from harvester.crawl.scheduler import STORAGE_ERRORS, Scheduler
from harvester.errors import HarvestError, ParseFailed
from harvester.model import PARTIAL, TLS_UNVERIFIED
from harvester.store import frontier
from harvester.store.connection import write_tx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from harvester.crawl.session import Session
    from harvester.source import Found
    from harvester.store.frontier import Leased


class Commit:
    """Outermost spider middleware. Drafts go on to Scrapy (`-O file`) once they are stored."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Commit:
        """Built by Scrapy."""
        return cls(crawler)

    async def process_start(self, start: AsyncIterator[Found]) -> AsyncIterator[Any]:
        """Requests of `start` go on to the scheduler; anything else is stored at once."""
        async for item in start:
            scheduler = self._scheduler()
            if scheduler is not None:
                scheduler.session.ledger.asked = True
            if isinstance(item, Request) or scheduler is None:
                yield item
                continue
            page = Page().sort(scheduler.session, [item])
            with scheduler.session.ledger.page(), write_tx(scheduler.session.conn) as conn:
                page.store(conn, scheduler.session)
            scheduler.changed()
            for draft in page.drafts:
                yield draft

    async def process_spider_output(self, response: Response, result: AsyncIterator[Found]) -> AsyncIterator[Any]:
        """Store the page, then pass its drafts on. Raises what the database raises, the page then stays to do."""
        found = [item async for item in result]
        scheduler = self._scheduler()
        if scheduler is None:
            for item in found:  # `scrapy shell` and the like: nothing of ours to store it in
                yield item
            return
        lease = scheduler.session.leases.get(_meta(response).get("frontier_id", 0))
        if lease is None:
            return  # it ended already, with an error
        try:
            page = Page(url=lease.url, depth=lease.depth, query=str(_meta(response).get("query", "")))
            page.unverified = TLS_UNVERIFIED in response.flags
            page.sort(scheduler.session, found)
        except Exception as error:
            self.process_spider_exception(response, error)
            raise
        try:
            _store(scheduler.session, lease, response, page)
        except HarvestError as error:  # the database cannot be written: told in one line, and the crawl ends
            scheduler.write_failed(lease, error)
            return
        except Exception as error:
            scheduler.write_failed(lease, error)
            raise
        finally:
            scheduler.changed()
        for draft in page.drafts:
            yield draft

    def process_spider_exception(self, response: Response, exception: Exception) -> Iterable[Any] | None:
        """End the request of a callback that failed; other pages go on."""
        scheduler = self._scheduler()
        lease = scheduler.session.leases.get(_meta(response).get("frontier_id", 0)) if scheduler else None
        if scheduler is None or lease is None:
            return None
        if isinstance(exception, CloseSpider):
            outcome = Outcome(state="todo", reason="budget", detail=redact(exception.reason), error=False)
        elif isinstance(exception, ParseFailed):
            outcome = of_failure(exception, scheduler.session.spider.policy)
        else:
            detail = redact(f"{type(exception).__name__}: {exception}")[:300]
            outcome = Outcome(state="failed", reason="callback_error", detail=detail, http_status=response.status)
        try:
            scheduler.session.fail(lease, outcome)
        except STORAGE_ERRORS as error:
            scheduler.write_failed(lease, error)
        scheduler.changed()
        return () if isinstance(exception, HarvestError) else None  # with None Scrapy prints the traceback

    def _scheduler(self) -> Scheduler | None:
        scheduler = self._crawler.engine.scheduler
        return scheduler if isinstance(scheduler, Scheduler) else None


def _meta(response: Response) -> dict[str, Any]:
    return response.request.meta if response.request is not None else {}


def _store(session: Session, lease: Leased, response: Response, page: Page) -> None:
    """The one transaction of a page."""
    parsed = _meta(response).get("parsed")
    flags, about = getattr(parsed, "flags", ()), getattr(parsed, "meta", {})
    known = "cached" in response.flags and not session.offline
    moved = f"now at {response.url}" if response.url != lease.url and _meta(response).get("redirect_urls") else ""
    outcome = Outcome(
        state="done", reason="not_modified" if known else "ok", http_status=response.status,
        detail=", ".join([*flags, *([moved] if moved else [])]),
    )  # fmt: skip
    with session.ending(lease, outcome, whole=PARTIAL not in flags, keep=not page.withheld) as conn:
        page.store(conn, session)
        if "charset" in about:
            frontier.read_as(conn, lease.id, about["charset"], about["charset_source"], about["unreadable"])
