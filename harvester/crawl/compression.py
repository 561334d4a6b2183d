"""Undoing Content-Encoding: never more than the limit, never half a body passed off as a whole one.

Scrapy's own middleware takes a gzip stream cut in half for a complete page, and its `Response.replace` guesses
the charset of the still compressed bytes, which doubles the cost of a page whose header names none.
"""

from __future__ import annotations

import sys
import zlib
from typing import TYPE_CHECKING, Any, Protocol

import brotli  # type: ignore[import-untyped]
from scrapy.responsetypes import responsetypes

from harvester.crawl.refused import Refused

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

ACCEPTED = b"gzip, deflate, br, zstd"
MAX_CODINGS = 3  # nobody sends more honestly, and each one may cost a full decode
_CHUNK = 1 << 16
_ZSTD_WINDOW_LOG = 23  # RFC 9659: 8 MiB is all that HTTP may ask a receiver to hold


class TooLarge(ValueError):
    """More decoded bytes than the limit."""


class Truncated(ValueError):
    """A stream without its end marker, or not in the coding that its header names."""


class _Decoder(Protocol):
    eof: bool
    unused_data: bytes

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def decode(body: bytes, codings: list[str], limit: int) -> bytes:
    """`body` without its content codings (as listed in the header, first applied first).

    Raises TooLarge when any step is longer than `limit` bytes, Truncated when a stream does not end, is
    damaged, or is in a coding that nobody here knows.
    """
    if len(codings) > MAX_CODINGS:
        raise Truncated(f"{len(codings)} content codings on one body")
    for coding in reversed(codings):
        if coding == "identity":
            continue
        step = _STEPS.get(coding)
        if step is None:
            raise Truncated(f"unknown content coding {coding[:40]!r}")
        if body:
            body = step(body, limit)
    return body


def _gzip(body: bytes, limit: int) -> bytes:
    return _members(body, limit, "gzip", lambda: zlib.decompressobj(wbits=31), b"\x1f\x8b")


def _zstd(body: bytes, limit: int) -> bytes:
    options = {int(zstd.DecompressionParameter.window_log_max): _ZSTD_WINDOW_LOG}
    return _members(body, limit, "zstd", lambda: zstd.ZstdDecompressor(options=options), b"\x28\xb5\x2f\xfd")


def _deflate(body: bytes, limit: int) -> bytes:
    try:
        return _members(body, limit, "deflate", zlib.decompressobj)
    except Truncated:
        # Some servers send the bare stream without zlib's header.
        return _members(body, limit, "deflate", lambda: zlib.decompressobj(wbits=-15))


def _members(body: bytes, limit: int, name: str, make: Any, magic: bytes = b"") -> bytes:
    """All members of a stream, one after the other; bytes after the last that begin no member are ignored."""
    parts = _Parts(limit)
    while True:
        decoder: _Decoder = make()
        data = body
        while not decoder.eof:
            try:
                part = decoder.decompress(data, _CHUNK)
            except (zlib.error, zstd.ZstdError) as error:
                raise Truncated(f"bad {name} data ({error})") from error
            parts.add(part)
            data = getattr(decoder, "unconsumed_tail", b"")  # zlib hands back what it did not read, zstd keeps it
            if not part and not data and not decoder.eof:
                raise Truncated(f"{name} stream of {len(body)} bytes has no end")
        body = decoder.unused_data
        if not magic or not body.startswith(magic):
            return parts.joined()


def _brotli(body: bytes, limit: int) -> bytes:
    decoder = brotli.Decompressor()
    parts = _Parts(limit)
    data = body
    try:
        while not decoder.is_finished():
            part = decoder.process(data, output_buffer_limit=_CHUNK)
            data = b""
            parts.add(part)
            if not part and not decoder.is_finished():
                raise Truncated(f"br stream of {len(body)} bytes has no end")
    except brotli.error as error:
        raise Truncated(f"bad br data ({error})") from error
    return parts.joined()


class _Parts:
    """What has been decoded so far, never more than `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self._limit, self._size = limit, 0
        self._parts: list[bytes] = []

    def add(self, part: bytes) -> None:
        """Raises TooLarge; what was decoded goes at once, because a traceback would keep it for a while."""
        self._size += len(part)
        if self._size > self._limit:
            self._parts.clear()
            raise TooLarge(f"more than {self._limit} bytes after decoding")
        self._parts.append(part)

    def joined(self) -> bytes:
        return b"".join(self._parts)


_STEPS = {"gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate, "br": _brotli, "zstd": _zstd}


class Decompress:
    """Downloader middleware in the place of Scrapy's: decoded bodies or a named refusal.

    Leaves `truncated` (asked for again) or `too_large`; needs DOWNLOAD_MAXSIZE.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._stats = crawler.stats
        self._limit = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Decompress:
        """Built by Scrapy."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Say which codings we undo."""
        request.headers.setdefault("Accept-Encoding", ACCEPTED)

    def process_response(self, request: Request, response: Response) -> Response:
        """The response with its body decoded and its class chosen from the decoded bytes."""
        header = b",".join(response.headers.getlist("Content-Encoding")).decode("latin-1").lower()
        codings = [coding.strip() for coding in header.split(",") if coding.strip()]
        if not codings or request.method == "HEAD":
            return response
        try:
            body = decode(response.body, codings, self._limit)
        except TooLarge as error:
            raise Refused("too_large", str(error)) from error
        except Truncated as error:
            raise Refused("truncated", str(error), again=True) from error
        if self._stats is not None:
            self._stats.inc_value("httpcompression/response_bytes", len(body))
            self._stats.inc_value("httpcompression/response_count")
        headers = response.headers.copy()
        del headers["Content-Encoding"]
        made = responsetypes.from_args(headers=headers, url=response.url, body=body)
        # Not response.replace(): it asks the old response for its encoding, that is for the charset of gzip.
        return made(
            url=response.url,
            status=response.status,
            headers=headers,
            body=body,
            flags=response.flags,
            request=response.request,
            certificate=response.certificate,
            ip_address=response.ip_address,
            protocol=response.protocol,
        )
