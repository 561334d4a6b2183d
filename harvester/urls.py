"""Addresses: what may be fetched, what is the same page, and who it belongs to. Parsing is the URL standard's (ada).

`canonical` gives the *identity* of a page (always https, tracking, AMP, mobile and wrapping services taken off);
`fetchable` gives what to *request*. Both are pure, and both refuse with `BadUrl` instead of guessing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_plus

import ada_url

from harvester import platforms
from harvester.platforms import Identity

__all__ = [
    "BadUrl", "Identity", "canonical", "fetchable", "host_of", "identify", "is_web_url", "key_for",
    "redirect_hosts", "site_of",
]  # fmt: skip

MAX_URL = 2048
_MAX_INPUT = 65536
_MAX_PASSES = 8
_HREF = re.compile(r"(https?)://([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_SESSION_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;]*", re.IGNORECASE)
_AMP_PATH = re.compile(r"(?<=.)/amp/*$|\.amp(?=\.html$|$)")
_WEB_TEXT = re.compile(r"https?://[^\s\x00-\x20\x7f<>\"'`\\{}|^]+", re.IGNORECASE)

redirect_hosts: frozenset[str] = platforms.short_link_hosts()


class BadUrl(ValueError):
    """An address nobody can use. `reason`: empty, syntax, scheme, userinfo, host, too_long.

    `host` is a name without a dot: on the web there is none, at the reader's it may be the printer.
    """

    def __init__(self, reason: str, url: str = "") -> None:
        super().__init__(f"{reason}: {url[:200]!r}" if url else reason)
        self.reason = reason


class _Parts(NamedTuple):
    scheme: str
    host: str
    port: str
    path: str
    query: str
    fragment: str

    @property
    def target(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def netloc(self) -> str:
        return f"{self.host}:{self.port}" if self.port else self.host


def _parse(url: str, base: str = "") -> _Parts:
    """Split by the URL standard. BadUrl for anything but http(s) with a host and without a user name."""
    if not url.strip():
        raise BadUrl("empty")
    if len(url) > _MAX_INPUT or len(base) > _MAX_INPUT:
        raise BadUrl("too_long", url)
    try:
        href = ada_url.URL(url, base).href if base else ada_url.URL(url).href
    except (ValueError, UnicodeError) as error:
        raise BadUrl("syntax", url) from error
    match = _HREF.fullmatch(href)
    if match is None:
        raise BadUrl("scheme", url)
    scheme, netloc, path, query, fragment = match.groups("")
    if "@" in netloc:
        raise BadUrl("userinfo", url)
    host, _, port = netloc.partition(":") if not netloc.startswith("[") else _bracketed(netloc)
    if not host.strip("."):
        raise BadUrl("syntax", url)
    if "." not in host.strip(".") and not host.startswith("[") and host != "localhost":
        raise BadUrl("host", url)
    return _Parts(scheme, host, port, path, query[1:], fragment)


def _bracketed(netloc: str) -> tuple[str, str, str]:
    host, bracket, port = netloc.partition("]")
    return host + bracket, ":", port.removeprefix(":")


def fetchable(url: str, base: str = "") -> str:
    """The absolute address to request: scheme and query kept, fragment dropped.

    Raises BadUrl for other schemes, a user name or password, a bad port, or more than 2,048 characters.
    """
    parts = _parse(url, base)
    made = f"{parts.scheme}://{parts.netloc}{parts.target}"
    if len(made) > MAX_URL:
        raise BadUrl("too_long", url)
    return made


def canonical(url: str, base: str = "") -> str:
    """The address that stands for a page wherever it was met. Idempotent; raises BadUrl.

    https, lower-case ASCII host, no default port, no fragment but `#!`, no tracking, query keys sorted, no
    trailing slash except the root's; AMP, mobile and former hosts, archives and redirecting wrappers undone.
    """
    if base:
        url = _joined(url, base)
    return _canonical(url)


def _joined(url: str, base: str) -> str:
    try:
        return str(ada_url.URL(url, base).href)
    except (ValueError, UnicodeError) as error:
        raise BadUrl("syntax", url) from error


@lru_cache(maxsize=8192)
def _canonical(url: str) -> str:
    for _ in range(_MAX_PASSES):
        again = _one_pass(url)
        if again == url:
            break
        url = again
    if len(url) > MAX_URL:
        raise BadUrl("too_long", url)
    return url


def _one_pass(url: str) -> str:
    parts = _parse(url)
    host = platforms.same_host(parts.host.rstrip("."))
    path = _SESSION_PATH.sub("", _tidy_escapes(parts.path))
    query = _tidy_escapes(parts.query)
    inner = _unwrapped(host, path, query)
    if inner:
        return inner
    rewritten = platforms.rewritten(host, f"{path}?{query}" if query else path)
    if rewritten:
        return rewritten
    host, path = _without_amp(host, path)
    query = _kept_query(host, query)
    fragment = parts.fragment if parts.fragment.startswith("#!") else ""
    path = path.rstrip("/") or "/"
    netloc = f"{host}:{parts.port}" if parts.port else host
    return f"https://{netloc}{path}{'?' + query if query else ''}{fragment}"


def _tidy_escapes(text: str) -> str:
    """RFC 3986 6.2.2: upper-case escapes, and none for characters that need none."""
    return _ESCAPE.sub(_tidy_escape, text) if "%" in text else text


def _tidy_escape(match: re.Match[str]) -> str:
    char = chr(int(match[1], 16))
    return char if char in _UNRESERVED else match[0].upper()


def _unwrapped(host: str, path: str, query: str) -> str:
    """The address inside an archive, cache, bookmark or redirect page, "" if this is none or holds no good one."""
    rest, params = platforms.wrapped(host, f"{path}?{query}" if query else path)
    if params:
        values = dict(pair.partition("=")[::2] for pair in reversed(query.split("&")))
        rest = next((unquote_plus(values[name]) for name in params if values.get(name)), "")
    if not rest:
        return ""
    rest = re.sub(r"^(https?):/+", r"\1://", rest)
    try:
        parts = _parse(rest if "://" in rest else "https://" + rest)
    except BadUrl:
        return ""
    return f"{parts.scheme}://{parts.netloc}{parts.target}{parts.fragment}" if "." in parts.host else ""


def _without_amp(host: str, path: str) -> tuple[str, str]:
    if host.startswith("amp.") and host.count(".") >= 2:
        bare = host.removeprefix("amp.")
        host = bare if bare.startswith("www.") else "www." + bare
    match = _AMP_PATH.search(path)
    if match and (match[0].startswith(".") or platforms.amp_allowed(host, path)):
        path = path[: match.start()] + path[match.end() :]
    return host, path


def _kept_query(host: str, query: str) -> str:
    if not query:
        return ""
    drop, keep = platforms.query_rules(host)
    kept = []
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        key = unquote_plus(name).lower()
        if not pair or key in drop or key.startswith(platforms.tracking_prefixes()):
            continue
        if keep is not None and key not in keep:
            continue
        starts = platforms.tracking_values().get(key)
        if starts and value.lower().startswith(starts):
            continue
        kept.append((name, pair))
    kept.sort(key=lambda item: item[0])
    return "&".join(pair for _, pair in kept)


def is_web_url(text: str) -> bool:
    """Whether a renderer may turn this text into a link: a clean absolute http(s) address and nothing else."""
    if not _WEB_TEXT.fullmatch(text):
        return False
    try:
        fetchable(text)
    except BadUrl:
        return False
    return True


def host_of(url: str) -> str:
    """The host in lower-case ASCII without port, "" when the text is no http(s) address."""
    try:
        return _parse(url).host.rstrip(".")
    except BadUrl:
        return ""


def site_of(host: str) -> str:
    """The host as one compares sites: without `www.`."""
    return host.removeprefix("www.")


def identify(url: str) -> Identity:
    """Platform, author handle, native id and kind of an address; `web` with nothing when it is no shared host.

    Never raises: what is no http(s) address is `web` too. Handles are lower case where the platform ignores case.
    """
    try:
        parts = _parse(_canonical(url))
    except BadUrl:
        return platforms.WEB
    return platforms.identity(parts.host, parts.target)


def key_for(url: str) -> str:
    """The stable key of the post at an address: `platform:id` where the address holds one, else `canonical(url)`."""
    address = _canonical(url)
    parts = _parse(address)
    found = platforms.identity(parts.host, parts.target)
    return f"{found.platform}:{found.native_id}" if found.native_id else address
