"""Which addresses get into the frontier, and the way of a request there and back as JSON.

Every link is judged by itself, so a broken one costs one link; guards end sites that make up addresses for ever.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from scrapy import Request
from w3lib.url import canonicalize_url

from harvester import urls
from harvester.crawl.resolver import is_private_host
from harvester.source import SECRET_HEADERS
from harvester.store.frontier import Leased, Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from harvester.source import Source

logger = logging.getLogger(__name__)
SAME_PATTERN = 200  # addresses of one host that differ only in numbers
SAME_SEGMENT = 2
QUERY_KEYS = 8
_DIGITS = re.compile(r"\d+")
_NO_PAGE: Final = (
    ".7z", ".avi", ".bin", ".bmp", ".css", ".dmg", ".doc", ".docx", ".exe", ".gif", ".gz", ".ico", ".iso", ".jpeg",
    ".jpg", ".js", ".mov", ".mp3", ".mp4", ".msi", ".pdf", ".png", ".ppt", ".pptx", ".rar", ".svg", ".tar", ".tgz",
    ".wav", ".webm", ".webp", ".woff", ".woff2", ".xls", ".xlsx", ".zip",
)  # fmt: skip
# What Scrapy and we note on a request under way: no part of what is asked for.
_PASSING: Final = frozenset({
    "frontier_id", "found_on", "depth", "parsed", "signed", "public_url", "is_start_request", "download_slot",
    "download_latency", "retry_times", "redirect_times", "redirect_ttl", "redirect_urls", "redirect_reasons",
    "cached_response", "cache_timestamp", "_dont_cache", "bad_link",
})  # fmt: skip
_DEFAULTS: Final = {"query": "", "state": None, "each_run": False}


def fingerprint(method: str, url: str, body: str = "", *, document: bool = True) -> str:
    """What makes two requests the same one: method, address and body; for documents, the page's identity."""
    try:
        same = urls.canonical(url) if document and method == "GET" else canonicalize_url(url)
    except ValueError:
        same = url
    text = f"{method} {same}\n{body}"
    return hashlib.sha1(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def judged(url: str, base: str = "") -> tuple[str, str, str, str]:
    """(address to ask for, its host, reason it is refused for, detail); the reason is "" for a good one."""
    try:
        good = urls.fetchable(url, base)
        host = urls.host_of(good)
    except ValueError as error:
        return _storable(url), "", "bad_link", _storable(str(error))
    if is_private_host(host):
        return good, host, "blocked_address", f"{host} is not a global address"
    return good, host, "", ""


def _storable(text: str) -> str:
    return text[: urls.MAX_URL].encode("utf-8", "replace").decode()


def from_link(
    url: str, source: str, *, depth: int, found_on: str = "", base: str = "", query: str = ""
) -> Wanted:  # fmt: skip
    """A link somebody found, for the source that reads such pages; shallow ones are asked for first."""
    good, host, reason, detail = judged(url, base)
    request = json.dumps({"meta": {"query": query}}, separators=(",", ":")) if query else "{}"
    return Wanted(
        source=source, fingerprint=fingerprint("GET", good), url=good, host=host, priority=-depth, depth=depth,
        request=request,
        found_on=found_on, state="refused" if reason else "todo", reason=reason, detail=detail,
    )  # fmt: skip


def from_request(request: Request, spider: Source, *, depth: int = 0, found_on: str = "") -> Wanted:
    """A request a source wants made. Raises ValueError when it cannot be stored."""
    good, host, reason, detail = judged(request.meta.get("bad_link", request.url))
    if "bad_link" in request.meta and not reason:  # Scrapy is stricter than we are
        reason, detail = "bad_link", "no request can be made of it"
    meta = {key: value for key, value in request.meta.items() if key not in _PASSING}
    document = bool(meta.get("document", spider.document))
    stored: dict[str, Any] = {"callback": _name_of(request, spider)}
    if kept := {key: value for key, value in meta.items() if key not in _DEFAULTS or value != _DEFAULTS[key]}:
        stored["meta"] = kept
    if headers := {
        name.decode("latin-1"): [value.decode("latin-1") for value in values]
        for name, values in request.headers.items()
        if name.decode("latin-1").lower() not in SECRET_HEADERS
    }:
        stored["headers"] = headers
    body = request.body.decode("utf-8")
    if request.method != "GET" or body:
        stored |= {"method": request.method, "body": body}
    try:
        text = json.dumps(stored, ensure_ascii=True, separators=(",", ":"))
    except TypeError as error:
        raise ValueError(f"the meta of {request.url} cannot be stored ({error})") from error
    return Wanted(
        source=spider.name, fingerprint=fingerprint(request.method, good, body, document=document), url=good,
        host=host, request=text, priority=request.priority, depth=depth,
        each_run=bool(meta.get("each_run", request.dont_filter)), found_on=found_on,
        state="refused" if reason else "todo", reason=reason, detail=detail,
    )  # fmt: skip


def _name_of(request: Request, spider: Source) -> str:
    callback = request.callback
    if callback is None:
        return "parse"
    name = getattr(callback, "__name__", "")
    if getattr(spider, name, None) != callback:
        raise ValueError(f"the callback of {request.url} is no method of {spider.name}")
    return str(name)


def to_request(row: Leased, spider: Source, errback: Callable[[Any], Any]) -> Request:
    """The request of a leased row. Raises ValueError when the source has no such callback any more."""
    stored = json.loads(row.request)
    name = stored.get("callback", "parse")
    callback = getattr(spider, name, None)
    if callback is None:
        raise ValueError(f"source {spider.name} has no callback {name}")
    meta = _DEFAULTS | {"document": spider.document} | stored.get("meta", {})
    meta |= {"frontier_id": row.id, "depth": row.depth, "found_on": row.found_on}
    return Request(
        row.url, callback, errback=errback, method=stored.get("method", "GET"), body=stored.get("body", ""),
        headers=stored.get("headers"), meta=meta, priority=row.priority, dont_filter=True,
    )  # fmt: skip


class Traps:
    """Guards against sites without end: calendars, session ids, paths that repeat themselves."""

    def __init__(self, known: Iterable[tuple[str, str, str]], per_host: int = sys.maxsize) -> None:
        """`known`: (source, fingerprint, url) of what is in the frontier; `per_host` the most pages of one host."""
        self._per_host = per_host
        self._hosts: Counter[tuple[str, str]] = Counter()
        self._seen: set[tuple[str, str]] = set()
        self._patterns: Counter[tuple[str, str, str]] = Counter()
        self._told: set[tuple[str, str, str]] = set()
        for source, mark, url in known:
            self._seen.add((source, mark))
            pattern = self._pattern(source, url)
            self._patterns[pattern] += 1
            self._hosts[pattern[:2]] += 1

    def admits(self, wanted: Wanted) -> bool:
        """Whether an address may be remembered; one that is already known always may."""
        if (wanted.source, wanted.fingerprint) in self._seen:
            return True
        parts = urlsplit(wanted.url)
        segments = Counter(segment for segment in parts.path.split("/") if segment)
        keys = parts.query.count("&") + 1 if parts.query else 0
        pattern = self._pattern(wanted.source, wanted.url)
        endless = self._patterns[pattern] >= SAME_PATTERN or self._hosts[pattern[:2]] >= self._per_host
        if endless or keys > QUERY_KEYS or (segments and max(segments.values()) > SAME_SEGMENT):
            if pattern not in self._told:
                self._told.add(pattern)
                logger.info("no more addresses like %s: the site makes them up", wanted.url)
            return False
        self._seen.add((wanted.source, wanted.fingerprint))
        self._patterns[pattern] += 1
        self._hosts[pattern[:2]] += 1
        return True

    @staticmethod
    def _pattern(source: str, url: str) -> tuple[str, str, str]:
        try:
            parts = urlsplit(url)
        except ValueError:  # a broken link, remembered as one
            return source, "", url
        return source, parts.netloc, _DIGITS.sub("N", parts.path)


def is_page(url: str) -> bool:
    """Whether an address may lead to a page: not to a picture, an archive or a program, by its ending."""
    return not urlsplit(url).path.lower().endswith(_NO_PAGE)
