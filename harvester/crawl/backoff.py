"""A server that says "not now" is left alone: for as long as it asks, across children and across runs.

429 and 503 (and 403 with no requests left or a Retry-After, as some interfaces say it) are not retried. The host's
`not_before` goes into the database, where every child looks before it takes a request.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from scrapy.utils.httpobj import urlparse_cached

from harvester.crawl.refused import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

SHORTEST = timedelta(seconds=60)
LONGEST = timedelta(hours=24)
_SLOW_DOWN = frozenset({429, 503})
_RESETS = ("x-rate-limit-reset", "rate-reset", "x-ratelimit-reset", "ratelimit-reset")
_REMAINING = ("x-rate-limit-remaining", "rate-remaining", "x-ratelimit-remaining", "ratelimit-remaining")
_EPOCH = 1_000_000_000  # a reset above this is a Unix time (2001 and later), below it a number of seconds


def limited(status: int, headers: Mapping[str, str]) -> bool:
    """Whether an answer says that we ask too much; header names are lower-case."""
    if status in _SLOW_DOWN:
        return True
    told = "retry-after" in headers or any(headers.get(name, "").strip() == "0" for name in _REMAINING)
    return status == 403 and told


def used_up(headers: Mapping[str, str], now: datetime, keep_free: int = 0) -> timedelta | None:
    """How long to wait after a good answer that leaves `keep_free` or fewer in the service's window; None for more."""
    left = [text for name in _REMAINING if (text := headers.get(name, "").strip()).isascii() and text.isdigit()]
    if left and int(left[0][:12]) <= keep_free:
        wish = _reset(headers, now)
        return min(wish, LONGEST) if wish else None
    return None


def pause(headers: Mapping[str, str], strikes: int, now: datetime) -> timedelta:
    """How long to leave a host alone: what it asks for, else a minute doubled for each earlier `strikes`.

    Retry-After in seconds or as an HTTP date, read against the answer's own Date (RFC 9110 §10.2.3); then the
    rate-limit reset headers, the one that is JSON last. A wish in the past or unreadable is no wish. Between SHORTEST
    and LONGEST.
    """
    wish = _retry_after(headers, now) or _reset(headers, now) or _until(headers, now)
    if wish is None:
        wish = SHORTEST * 2 ** min(max(strikes, 0), 11)
    return min(max(wish, SHORTEST), LONGEST)


def _retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:12]), int(LONGEST.total_seconds())))
    at = _date(text)
    return _positive(at - (_date(headers.get("date", "")) or now)) if at else None


def _reset(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    for name in _RESETS:
        text = headers.get(name, "").strip()
        if text.isascii() and text.isdigit() and len(text) <= 12:
            seconds = int(text)
            wish = seconds - int(now.timestamp()) if seconds > _EPOCH else seconds
            # One second more: the window opens at the reset, and clocks differ.
            return _positive(timedelta(seconds=min(wish, int(LONGEST.total_seconds())) + 1))
        if (at := _iso(text)) is not None:  # as Mastodon tells it
            return _positive(at - now + timedelta(seconds=1))
    return None


def _until(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """The end of the window in a limit told as one JSON object: {"limit": 300, "remaining": 0, "until": "2026-…Z"}."""
    try:
        at = _iso(json.loads(headers.get("x-ratelimit", ""))["until"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return _positive(at - now + timedelta(seconds=1)) if at else None


def _iso(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _positive(wish: timedelta) -> timedelta | None:
    return wish if wish > timedelta() else None


def _date(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


class RetryAfter:
    """Downloader middleware: an answer that says "slow down" ends its request as `rate_limited` and rests the host.

    The scheduler keeps the pause (its `rest` and `strikes`); requests to the host that were already on their way
    through the downloader end here too, unsent.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._resting: dict[str, datetime] = {}

    @property
    def _keep_free(self) -> int:
        return int(getattr(self._crawler.spider, "keep_free", 0))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RetryAfter:
        """Built by Scrapy."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Let a request pass unless its host has sent us away in this run; raises Refused."""
        host = urlparse_cached(request).hostname or ""
        until = self._resting.get(host)
        if until is not None and until > datetime.now(UTC):
            raise _refused(host, until)

    def process_response(self, request: Request, response: Response) -> Response:
        """Let an answer pass, or rest its host and raise Refused."""
        headers = {
            name.decode("latin-1").lower(): values[-1].decode("latin-1")
            for name, values in response.headers.items()
            if values
        }
        host = urlparse_cached(request).hostname or ""
        now = datetime.now(UTC).replace(microsecond=0)
        if not limited(response.status, headers):
            if "cached" not in response.flags and (wish := used_up(headers, now, self._keep_free)):
                self._rest(host, now + wish, "no requests left")
            return response
        engine: Any = self._crawler.engine
        until = now + pause(headers, engine._slot.scheduler.strikes(host), now)
        self._rest(host, until, f"HTTP {response.status}")
        raise _refused(host, until)

    def _rest(self, host: str, until: datetime, reason: str) -> None:
        engine: Any = self._crawler.engine
        self._resting[host] = until
        engine._slot.scheduler.rest(host, until, reason)


def _refused(host: str, until: datetime) -> Refused:
    return Refused("rate_limited", f"{host} asks us to wait until {until:%Y-%m-%dT%H:%M:%SZ}", again=True)
