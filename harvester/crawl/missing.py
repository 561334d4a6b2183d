"""A page that only says it is not there is no content, whatever its status: it ends as `soft_404`.

Most pages cost one look at the database. A host is asked for an address that cannot exist only when we hold pages
of it and one of them now tells something else altogether, or seems to say that it is gone; once a day at most.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from scrapy import Request

from harvester import dates, missing
from harvester.crawl.refused import Refused
from harvester.crawl.scheduler import STORAGE_ERRORS, Scheduler, utcnow
from harvester.model import Parsed
from harvester.store import missing as store
from harvester.store.connection import write_tx

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from harvester.crawl.session import Session
    from harvester.store.frontier import Leased

_PAGES: Final = frozenset({"article", "page"})
_EVERY: Final = timedelta(days=1)
_TIMEOUT: Final = 10  # seconds; a host that takes longer shows nothing today


class Missing:
    """Downloader middleware, after the parsing: passes a page on, or raises Refused("soft_404")."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Missing:
        """Built by Scrapy."""
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:
        """Look at what a source of pages is given; anything else passes."""
        parsed, scheduler = request.meta.get("parsed"), self._scheduler()
        if scheduler is None or not isinstance(parsed, Parsed) or parsed.kind not in _PAGES:
            return response
        session = scheduler.session
        lease = session.leases.get(request.meta.get("frontier_id", 0))
        if lease is None or session.spider.policy != "page":
            return response
        try:
            why = await self._why(session, lease, parsed, response)
        except STORAGE_ERRORS:  # whoever stores this page meets the same error and deals with it
            return response
        if why:
            raise Refused("soft_404", why)
        return response

    def _scheduler(self) -> Scheduler | None:
        engine: Any = self._crawler.engine
        found = engine._slot.scheduler if engine is not None and engine._slot is not None else None
        return found if isinstance(found, Scheduler) else None

    async def _why(self, session: Session, lease: Leased, parsed: Parsed, response: Response) -> str:
        """Why a page is taken for one that is not there, "" when it is taken for what it is."""
        said = missing.says(parsed.title, parsed.text)
        held = store.held_text(session.conn, lease.url)
        if held and not missing.another(held, parsed.text):
            return ""
        if said == "plainly":
            return "it says that it is not there"
        if not (said or held) or not store.holds_host(session.conn, lease.host):
            return ""
        shown = await self._shown(session, lease.host, response.url)
        same = shown and missing.alike(shown, missing.fingerprint(parsed.title, parsed.text, response.url))
        return "it is what its host shows for any address" if same else ""

    async def _shown(self, session: Session, host: str, beside: str) -> str:
        """The fingerprint of what a host shows for an address that cannot exist, "" when nobody knows."""
        known = store.shown(session.conn, host, since=dates.iso(utcnow() - _EVERY))
        if known is not None or session.offline:
            return known or ""
        found = await self._ask(beside)
        with write_tx(session.conn) as conn:
            store.save_shown(conn, host, found, now=dates.iso(utcnow()))
        return found

    async def _ask(self, beside: str) -> str:
        url = f"{beside.partition('?')[0].partition('#')[0].rpartition('/')[0]}/no-such-page-{uuid.uuid4().hex}"
        meta = {"dont_cache": True, "dont_retry": True, "download_timeout": _TIMEOUT, "document": True}
        asked = Request(url, meta=meta, priority=1)
        engine: Any = self._crawler.engine
        try:
            answer: Response = await engine.download_async(asked)
        except Exception:  # noqa: BLE001 - whatever ends the request, nothing was shown
            return ""
        parsed = answer.request.meta.get("parsed") if answer.request is not None else None
        if answer.status != 200 or not isinstance(parsed, Parsed):
            return ""
        return missing.fingerprint(parsed.title, parsed.text, url)
