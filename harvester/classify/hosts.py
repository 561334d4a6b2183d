"""What an address says about its author, by lists where one must know and by structure where that suffices."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

from harvester import outlets, urls
from harvester.classify.rules import vocabulary

_TWO = 2
_SECOND_LEVEL = frozenset({"co", "or", "ne", "ac", "go", "ad", "ed", "gr", "lg", "com", "org", "net", "edu", "gov"})
PLATFORM_RULES = ("H2", "H3", "H4")
STATIC_PLATFORMS = ("github", "gitlab")  # their sub-domains are sites of an account, their paths are code


def below(host: str, parents: tuple[str, ...] | frozenset[str]) -> str:
    """The member of `parents` that is `host` or a parent domain of it, "" when none is."""
    parts = host.split(".")
    for start in range(len(parts)):
        candidate = ".".join(parts[start:])
        if candidate in parents:
            return candidate
    return ""


@cache
def _section(name: str) -> dict[str, Any]:
    found: dict[str, Any] = vocabulary("hosts")[name]
    return found


@cache
def _hosts(section: str, key: str = "hosts") -> frozenset[str]:
    return frozenset(_section(section).get(key, ()))


@cache
def _pattern(section: str, key: str) -> re.Pattern[str]:
    value = _section(section)[key]
    return re.compile(value if isinstance(value, str) else "|".join(value))


def platform_rule(platform: str) -> str:
    """The rule (H2, H3, H4) of a shared platform, "" for any other site."""
    return next((rule for rule in PLATFORM_RULES if platform in _hosts("platforms", rule)), "")


def outlet(host: str, path: str = "/") -> str:
    """The host in the registry of the outlet that a page belongs to, "" for none and for guests under its roof."""
    return outlets.shipped().outlet(host, path)


def wire(host: str) -> str:
    """The press release wire that a host belongs to, or ""."""
    return outlets.shipped().wire(host)


@lru_cache(maxsize=8192)
def company(host: str, path: str = "/", handle: str = "") -> str:
    """What in the address says that a company keeps this blog, or "".

    Labels before the registered name (`tech.`), the name itself (`acme-dev.jp`), a corporate domain with a blog, an
    engineering blog in the path, and on shared hosts the author's handle (`acme-techblog`).
    """
    if handle and handle != host:
        return handle if _pattern("company", "handles").search(handle) else ""
    labels = host.removeprefix("www.").split(".")
    if labels[-1] in _hosts("company", "tlds"):
        return f".{labels[-1]}"
    own = labels[: labels.index(registered(host))]
    if label := next((label for label in own if label in _hosts("company", "labels")), ""):
        return f"{label}."
    if found := next((label for label in (*own, registered(host)) if _pattern("company", "names").search(label)), ""):
        return found
    return _company_path(host, own, path)


def _company_path(host: str, own: list[str], path: str) -> str:
    """A blog below a corporate domain, or an engineering blog below any that is no medium's; or ""."""
    corporate = below(host, _hosts("company", "corporate_tlds"))
    if corporate and own and own[0] in _hosts("blogs", "labels"):
        return f"{own[0]}. on .{corporate}"
    if corporate and (inside := _pattern("company", "corporate_paths").search(path)):
        return f"{inside[0]} on .{corporate}"
    found = _pattern("company", "paths").search(path.lower())
    return found[0].strip("/") if found and not news(host) else ""


def registered(host: str) -> str:
    """The label that a site registered: `amazon` of aws.amazon.com, `acme` of tech.acme.co.jp."""
    labels = host.removeprefix("www.").split(".")
    second_level = len(labels) > _TWO and labels[-2] in _SECOND_LEVEL
    return labels[-3] if second_level else labels[-2] if len(labels) >= _TWO else labels[0]


@lru_cache(maxsize=8192)
def news(host: str, path: str = "/") -> str:
    """What in the address is a news site's: its name, its top-level domain, or an article system's path; or ""."""
    if outlets.shipped().guest(host, path):
        return ""
    bare = _pattern("news", "not_names").sub("", host.removeprefix("www."))
    name, _, tld = bare.rpartition(".")
    label = registered(bare)
    # What stands before the registered name is as often a company's own news desk; a name of many words is no paper's.
    if label.count("-") < _TWO and (
        found := _pattern("news", "names").search(name or bare, (name or bare).rfind(label))
    ):
        return found[0]
    if tld in _hosts("news", "tlds"):
        return f".{tld}"
    return _newspaper(label, tld) or _in_path("news", path)


def _newspaper(label: str, tld: str) -> str:
    """The registered name when it is a station's, or ends like a newspaper's where newspapers are called so; or ""."""
    if _pattern("news", "stations").search(label):
        return label
    if tld in _hosts("news", "not_tlds") or _pattern("news", "not_endings").search(label):
        return ""
    if _pattern("news", "calls").search(label):
        return label
    found = _pattern("news", "endings").fullmatch(_pattern("news", "ending_extras").sub("", label))
    return label if found else ""


def _in_path(section: str, path: str) -> str:
    found = _pattern(section, "paths").search(path.lower())
    return found[0] if found else ""


@lru_cache(maxsize=8192)
def listing(url: str) -> str:
    """What in the address says that the page lists posts and is none, or ""."""
    parts = urlsplit(url)
    found = _pattern("listing", "paths").search(f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}".lower())
    return found[0] if found else ""


def collection(url: str, platform: str) -> str:
    """What in the address says that the page is a platform's own list of posts of many (a tag, a calendar), or ""."""
    return listing(url) if platform_rule(platform) and not urls.identify(url).handle else ""


def goods(url: str) -> str:
    """What in the address says that the page is an entry of an encyclopedia, a shop or an app store, or ""."""
    parts = urlsplit(url)
    return below((parts.hostname or "").lower(), _hosts("goods")) or _in_path("goods", parts.path)


def press(host: str, path: str) -> str:
    """What in the address says that a company announces something there on its own site, or ""."""
    label, _, rest = host.removeprefix("www.").partition(".")
    if "." in rest and label in _hosts("press", "labels") and label != registered(host):
        return f"{label}."
    return _in_path("press", path)


def paperwork(url: str) -> str:
    """What in the address says that the page is about a change to code (a pull request, an issue, a commit), or ""."""
    found = _pattern("paperwork", "paths").search(urlsplit(url).path.lower())
    return found[0] if found else ""


def mirror(url: str) -> str:
    """What in the address says that the page consists of others': a known aggregator, a site inside a site; or ""."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if found := outlets.shipped().aggregator(host):
        return found
    if letter := _pattern("mirrors", "collections").search(registered(host)):
        return letter[0]
    if not _pattern("mirrors", "not_inside_host").search(host) and (
        inner := _pattern("mirrors", "inside_host").search(host)
    ):
        return inner[0].strip(".")
    path = unquote(parts.path).lower()
    inner = _pattern("mirrors", "inside_path").search(path)
    return inner[0].strip("/") if inner else _borrowed(host, path)


def _borrowed(host: str, path: str) -> str:
    """The service whose own form of address stands on somebody else's host, or ""."""
    for layout in _section("mirrors")["layouts"]:
        if re.search(layout["path"], path) and not below(host, (layout["of"],)):
            return f"laid out like {layout['of']}"
    return ""


@lru_cache(maxsize=8192)
def own_blog(host: str, path: str) -> str:
    """What in the address says that the whole site is one writer's or one company's blog, or ""."""
    if parent := below(host, _hosts("own_blogs", "static")):
        return f".{parent}" if host != parent else ""
    label, _, rest = host.removeprefix("www.").partition(".")
    if "." in rest and label in _hosts("own_blogs", "labels"):
        return f"{label}."
    if found := _pattern("own_blogs", "names").search(registered(host)):
        return found[0]
    tld = host.rpartition(".")[2]
    return f".{tld}" if tld in _hosts("own_blogs", "tlds") else _in_path("own_blogs", path)


@lru_cache(maxsize=8192)
def blog(host: str, target: str) -> str:
    """What in the address is laid out like a blog, or ""."""
    label = host.removeprefix("www.").split(".")[0]
    return f"{label}." if label in _hosts("blogs", "labels") else _in_path("blogs", target)
