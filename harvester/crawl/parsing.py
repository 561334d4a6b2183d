"""Fetched bytes are read in another process, with a deadline: one page cannot stall or kill a crawl.

The event loop goes on while a page is read; a page that takes too long, crashes the parser or needs too much
memory ends with a state of its own, and the next page is read at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from scrapy import signals
from scrapy.http.request import NO_CALLBACK

from harvester.crawl import completeness
from harvester.crawl.parse_pool import DEADLINE, ParsePool, WorkerLost
from harvester.crawl.parse_worker import Job
from harvester.crawl.refused import Refused

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

# What a parser may know of a response; the rest stays out of the other process.
_HEADERS: Final = (
    "content-type", "content-language", "content-location", "last-modified", "link", "x-robots-tag",
)  # fmt: skip


class Parse:
    """Downloader middleware, the last to see a response: puts what it says into `request.meta["parsed"]`.

    Read are successful answers of sources whose `document` is true; meta `document` decides otherwise for one
    request, meta `expect` ("feed" or "page") says what it must be. A page that cannot be read is Refused with the
    parser's state. Settings: PARSE_WORKERS (1), PARSE_DEADLINE (5 seconds).
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        size = min(2, max(1, crawler.settings.getint("PARSE_WORKERS", 1)))
        self._pool = ParsePool(size, crawler.settings.getfloat("PARSE_DEADLINE", DEADLINE))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Parse:
        """Built by Scrapy."""
        made = cls(crawler)
        crawler.signals.connect(made.close, signals.spider_closed)
        return made

    async def process_response(self, request: Request, response: Response) -> Response:
        """Attach what the response says, or raise Refused."""
        if not self._wanted(request, response):
            return response
        spider: Any = self._crawler.spider
        headers = {
            name: b", ".join(response.headers.getlist(name)).decode("latin-1")
            for name in _HEADERS
            if name in response.headers
        }
        expect = request.meta.get("expect", "")
        job = Job(response.url, response.body, headers, expect, spider.now, self._pool.deadline)
        try:
            answer = await self._pool.parse(job)
        except WorkerLost as lost:
            raise Refused("parse_error", f"no parsing process could be started ({lost})", again=True) from lost
        if answer.parsed is None:
            raise Refused(answer.state, answer.detail)
        request.meta["parsed"] = completeness.checked(answer.parsed, response)
        return response

    def _wanted(self, request: Request, response: Response) -> bool:
        if request.callback is NO_CALLBACK or not 200 <= response.status < 300:
            return False
        return bool(request.meta.get("document", getattr(self._crawler.spider, "document", True)))

    def close(self) -> None:
        """Scrapy signal: the source is done."""
        self._pool.close()
