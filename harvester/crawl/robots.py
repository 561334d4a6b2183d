"""robots.txt as RFC 9309 has it: what cannot be read forbids, what is not there allows.

Scrapy's middleware lets a crawl go on when robots.txt answers 500, times out or loops, and reads 30 MB of it.
Here 2xx is obeyed, 4xx but 429 allows all, and 429, 5xx, a redirect without end, no answer or more than 8 MiB
forbids all until the next run asks again. A host that cannot be reached at all keeps the name of what was wrong
with it: `robots` would say that its owner does not want us.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protego import Protego
from scrapy import Request, signals
from scrapy.exceptions import NotConfigured
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.defer import maybe_deferred_to_future
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.defer import Deferred

from harvester.crawl.outcome import of_failure
from harvester.crawl.refused import Refused
from harvester.platforms import forbids_pages

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

READ_BYTES = 512 << 10  # RFC 9309 asks for at least 500 KiB
LONGEST_DELAY = 60.0  # seconds between requests that we still wait for
_TIMEOUT = 4  # seconds, twice with the retry: a robots.txt that hangs costs less than ten
_PRIORITY = 1000
_OF_THE_HOST = frozenset({"blocked_address", "dns_error", "tls_error", "connection_error"})
_EXEMPT = frozenset({"api", "feed"})  # documented interfaces and feeds that a site offers to readers


@dataclass(frozen=True, slots=True)
class Rules:
    """What one origin lets us do. `refusal` set: nothing, and the exception says why; `parser` None: everything."""

    parser: Any = None
    refusal: Refused | None = None
    delay: float = 0.0

    def check(self, url: str, agent: str) -> None:
        """Raise Refused when `url` must not be fetched by `agent`."""
        if self.refusal is not None:
            raise Refused(self.refusal.state, self.refusal.detail, again=self.refusal.again)
        if self.parser is not None and not self.parser.can_fetch(url, agent):
            raise Refused("robots", "robots.txt forbids it")


def read(status: int, body: bytes, agent: str) -> Rules:
    """The rules in an answer to a request for robots.txt, for the product token `agent`."""
    if status == 429 or not 200 <= status < 500:
        return Rules(refusal=Refused("robots", f"robots.txt answered {status}", again=True))
    if status >= 300:
        return Rules()
    if len(body) > READ_BYTES:
        body = body[:READ_BYTES].rpartition(b"\n")[0]
    parser = Protego.parse(body.decode("utf-8-sig", "ignore"))
    delay = parser.crawl_delay(agent) or 0.0
    if delay > LONGEST_DELAY:
        text = f"robots.txt asks for {delay:g} s between requests, we wait {LONGEST_DELAY:g} s at most"
        return Rules(refusal=Refused("robots", text))
    return Rules(parser=parser, delay=delay)


class StrictRobots:
    """Downloader middleware that refuses with state `robots` what an origin's robots.txt forbids, `terms` its terms.

    The policy of a request is its meta `policy`, else its source's: `page` obeys; `api` (a documented interface)
    and `feed` (a feed listed in the event file or advertised by its site) are not crawled pages and exempt.
    Rules are asked for once per scheme, host and port in a run. Settings: ROBOTSTXT_OBEY, ROBOTSTXT_USER_AGENT.
    """

    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        self._crawler = crawler
        self._agent: str = crawler.settings.get("ROBOTSTXT_USER_AGENT") or "harvester"
        self._rules: dict[str, Rules | Deferred[None]] = {}
        self._delays: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> StrictRobots:
        """Built by Scrapy."""
        made = cls(crawler)
        # After AutoThrottle, which was connected before and moves the delay at each answer.
        crawler.signals.connect(made.keep_delay, signals.response_downloaded)
        return made

    async def process_request(self, request: Request) -> None:
        """Let a permitted request pass; raises Refused."""
        scheme = urlparse_cached(request).scheme
        if scheme not in ("http", "https"):
            raise Refused("bad_link", f"{scheme}: is not fetched")
        if request.meta.get("dont_obey_robotstxt"):
            return
        policy = request.meta.get("policy") or getattr(self._crawler.spider, "policy", "page")
        if policy in _EXEMPT:
            return
        if why := forbids_pages(urlparse_cached(request).hostname or ""):
            raise Refused("terms", why)
        rules = await self._rules_for(request)
        rules.check(request.url, self._agent)

    def keep_delay(self, request: Request) -> None:
        """Scrapy signal: an answer is here; the next request to its host waits at least the Crawl-delay."""
        delay = self._delays.get(urlparse_cached(request).netloc, 0.0)
        if delay:
            self._slow_down(request, delay)

    def _slow_down(self, request: Request, delay: float) -> None:
        engine: Any = self._crawler.engine
        key = request.meta.get("download_slot") or urlparse_cached(request).hostname or ""
        slot = engine.downloader.slots.get(key)
        if slot is not None and slot.delay < delay:
            slot.delay = delay
            slot.jitter = 0.0  # never below what was asked for

    async def _rules_for(self, request: Request) -> Rules:
        url = urlparse_cached(request)
        origin = f"{url.scheme}://{url.netloc}"
        known = self._rules.get(origin)
        if known is None:
            waiting: Deferred[None] = Deferred()
            self._rules[origin] = waiting
            known = await self._ask(origin)
            self._rules[origin] = known
            if known.delay:
                self._delays[url.netloc] = known.delay
                self._slow_down(request, known.delay)
            waiting.callback(None)
        elif isinstance(known, Deferred):
            turn: Deferred[None] = Deferred()
            known.addCallback(lambda _: turn.callback(None))
            await maybe_deferred_to_future(turn)
            return await self._rules_for(request)
        return known

    async def _ask(self, origin: str) -> Rules:
        meta = {"dont_obey_robotstxt": True, "download_timeout": _TIMEOUT, "dont_parse": True}
        asked = Request(f"{origin}/robots.txt", priority=_PRIORITY, meta=meta, callback=NO_CALLBACK)
        engine: Any = self._crawler.engine
        try:
            answer: Response = await engine.download_async(asked)
        except Exception as error:  # noqa: BLE001 - whatever ends the request, the file was not read
            return Rules(refusal=_unread(error))
        return read(answer.status, answer.body, self._agent)


def _unread(error: Exception) -> Refused:
    """Why nothing of an origin may be fetched whose robots.txt could not be read."""
    outcome = of_failure(error)
    if outcome.reason in _OF_THE_HOST:
        return Refused(outcome.reason, outcome.detail, again=outcome.state == "failed")
    why = f"robots.txt could not be read: {outcome.reason} {outcome.detail}"
    return Refused("robots", why.rstrip()[:300], again=True)
