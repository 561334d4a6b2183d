"""The archive: every good answer as it came over the wire, for conditional requests and for reading again offline.

Scrapy's HTTP cache with three differences. The policy asks again unless the server itself named a time; a copy
is kept only when its page was understood and stored, so an error, half a body or a login page never replaces a
good one; and the storage is one SQLite file beside the database: no pickle, no request headers.
"""

from __future__ import annotations

import json
import time
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from scrapy.downloadermiddlewares.httpcache import HttpCacheMiddleware
from scrapy.extensions.httpcache import RFC2616Policy
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes
from scrapy.utils.request import fingerprint

from harvester.crawl.redact import hide
from harvester.crawl.refused import Refused
from harvester.model import MARKS, PARTIAL
from harvester.store import archive

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.settings import BaseSettings

LONGEST_FRESH: Final = 12 * 3600.0  # a feed that claims to be good for a year is asked again tomorrow
_KEPT_STATUS: Final = frozenset({200, 203, 300, 301, 302, 303, 307, 308})
# Of no use later, or somebody's identity.
_DROPPED_HEADERS: Final = frozenset({b"set-cookie", b"connection", b"keep-alive", b"transfer-encoding"})
_VALIDATORS: Final = frozenset({"etag", "last-modified"})


class Policy(RFC2616Policy):
    """RFC 2616 without guesses: fresh only by max-age or Expires, for half a day at most; offline always."""

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        self.offline = settings.getbool("OFFLINE")

    def should_cache_response(self, response: Response, request: Request) -> bool:
        """Good answers and redirects only."""
        return response.status in _KEPT_STATUS and super().should_cache_response(response, request)

    def is_cached_response_fresh(self, cachedresponse: Response, request: Request) -> bool:
        """Whether the copy can be used without asking; else the request gets its validators."""
        if self.offline or super().is_cached_response_fresh(cachedresponse, request):
            return True
        # After `no-cache` Scrapy asks without them; the word only says that one must ask.
        self._set_conditional_validators(request, cachedresponse)
        return False

    def is_cached_response_valid(self, cachedresponse: Response, response: Response, request: Request) -> bool:  # noqa: ARG002
        """Only 304 confirms a copy: a server error with an old body would look like success."""
        return response.status == 304

    def _compute_freshness_lifetime(self, response: Response, request: Request, now: float) -> float:
        stated = b"max-age" in self._parse_cachecontrol(response) or b"Expires" in response.headers
        lifetime = super()._compute_freshness_lifetime(response, request, now) if stated else 0.0
        return min(lifetime, LONGEST_FRESH)


@dataclass(frozen=True, slots=True)
class _Copy:
    key: str
    url: str
    response: Response


class Storage:
    """Copies in `<database>.archive`. Those of leased requests wait in memory for `keep` or `drop`."""

    def __init__(self, settings: BaseSettings) -> None:
        self._path = f"{settings['HARVEST_DB']}.archive"
        self._conn: archive.Connection | None = None
        self._waiting: dict[int, list[_Copy]] = {}

    def open_spider(self, spider: Spider) -> None:  # noqa: ARG002 - Scrapy's interface
        """Open the file, creating it."""
        self._conn = archive.open_archive(self._path)

    def close_spider(self, spider: Spider) -> None:  # noqa: ARG002
        """Close the file; copies nobody spoke for are dropped."""
        if self._conn is not None:
            self._conn.close()
            self._conn = None

    def retrieve_response(self, spider: Spider, request: Request) -> Response | None:  # noqa: ARG002
        """The kept copy of what this request asks for, as it came: still compressed if it was."""
        assert self._conn is not None
        row = archive.load(self._conn, key_of(request))
        if row is None:
            return None
        headers = Headers([(name.encode("latin-1"), values) for name, values in json.loads(row.headers)])
        try:
            body = zlib.decompress(row.body) if row.deflated else row.body
        except zlib.error:  # a damaged copy is no copy
            return None
        made = responsetypes.from_args(headers=headers, url=request.url, body=body)
        return made(url=request.url, status=row.status, headers=headers, body=body, flags=json.loads(row.marks))

    def store_response(self, spider: Spider, request: Request, response: Response) -> None:  # noqa: ARG002
        """Take an answer: at once, or for a leased request until its page is stored."""
        copy = _Copy(key_of(request), request.meta.get("public_url") or request.url, response)
        lease = request.meta.get("frontier_id")
        if lease is None:
            self._write([copy], whole=True)
        else:
            self._waiting.setdefault(lease, []).append(copy)

    def keep(self, lease: int, *, whole: bool = True) -> None:
        """The page of this lease was understood: its copies replace older ones.

        A body that was only part of the whole replaces no whole one. Either way the next request is unconditional.
        """
        self._write(self._waiting.pop(lease, []), whole=whole)

    def drop(self, lease: int) -> None:
        """The page of this lease was no good: older copies stay."""
        self._waiting.pop(lease, None)

    def _write(self, copies: list[_Copy], *, whole: bool) -> None:
        if not copies or self._conn is None:
            return
        *hops, last = copies
        rows = [*map(_row, hops), _row(last, whole=whole)]
        if not whole and (known := archive.load(self._conn, rows[-1].key)) and PARTIAL not in json.loads(known.marks):
            rows[-1] = known._replace(headers=_unconfirmed(known.headers))
        archive.save(self._conn, rows)


def key_of(request: Request) -> str:
    """What a copy is found by: method, address and body, without credentials in the address."""
    public = request.meta.get("public_url")
    return fingerprint(request.replace(url=public) if public else request).hex()


def _row(copy: _Copy, *, whole: bool = True) -> archive.Copy:
    response = copy.response
    encoded = b"Content-Encoding" in response.headers
    headers = json.dumps([
        (name.decode("latin-1"), [value.decode("latin-1") for value in values])
        for name, values in response.headers.items()
        if name.lower() not in _DROPPED_HEADERS
    ])  # fmt: skip
    # Scrapy calls every body without a length partial; `whole` knows better.
    marks = [mark for mark in MARKS if mark in response.flags and mark != PARTIAL] + ([] if whole else [PARTIAL])
    return archive.Copy(
        key=copy.key, url=hide(copy.url), status=response.status,
        headers=hide(headers if whole else _unconfirmed(headers)), body=response.body if encoded else
        zlib.compress(response.body, 3), deflated=not encoded,
        stored_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), marks=json.dumps(marks),
    )  # fmt: skip


def _unconfirmed(headers: str) -> str:
    """Stored headers without those that a conditional request is made of."""
    return json.dumps([(name, values) for name, values in json.loads(headers) if name.lower() not in _VALIDATORS])


class Archive(HttpCacheMiddleware):
    """Downloader middleware. A failed download stays one: Scrapy would answer it with the old copy."""

    def process_request(self, request: Request, spider: Any = None) -> Request | Response | None:  # noqa: ARG002
        """A copy that needs no asking, or None. Offline a page without a copy is Refused as `unarchived`."""
        return self._offline(request) if self.ignore_missing else super().process_request(request)

    def _offline(self, request: Request) -> Response:
        copy: Response | None = self.storage.retrieve_response(self.crawler.spider, request)
        if copy is None:
            raise Refused("unarchived", "no copy in the archive")
        copy.flags.append("cached")
        return copy

    def process_response(self, request: Request, response: Response, spider: Any = None) -> Request | Response:  # noqa: ARG002
        """Archive an answer, under an address without credentials: nobody above us sees the other one."""
        if public := request.meta.get("public_url"):
            response = response.replace(url=public)
        return super().process_response(request, response)

    def process_exception(self, request: Request, exception: Exception, spider: Any = None) -> None:  # noqa: ARG002
        """Forget the copy that was to be confirmed; retries look it up again."""
        request.meta.pop("cached_response", None)
