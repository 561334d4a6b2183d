"""What an address says about its author, by lists where one must know and by structure where that suffices."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

from harvester.classify.rules import vocabulary

_TWO = 2
PLATFORM_RULES = ("H2", "H3", "H4")


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


def outlet(host: str) -> str:
    """The outlet of the shipped registry that a host belongs to, or ""."""
    return "" if below(host, _hosts("outlets", "except")) else below(host, _hosts("outlets"))


def wire(host: str) -> str:
    """The press release wire that a host belongs to, or ""."""
    return below(host, _hosts("wires"))


@lru_cache(maxsize=8192)
def company(host: str, path: str = "/", handle: str = "") -> str:
    """What in the address says that a company keeps this blog, or "".

    Labels before the registered name (`tech.`), the name itself (`acme-dev.jp`), a corporate domain with a blog,
    and on shared hosts the author's handle (`acme-techblog`).
    """
    if handle and handle != host:
        return handle if _pattern("company", "handles").search(handle) else ""
    labels = host.removeprefix("www.").split(".")
    if labels[-1] in _hosts("company", "tlds"):
        return f".{labels[-1]}"
    corporate = ".".join(labels[-2:]) in _hosts("company", "corporate_tlds")
    own = labels[: -3 if corporate else -2]
    if label := next((label for label in own if label in _hosts("company", "labels")), ""):
        return f"{label}."
    if found := next(filter(None, map(_company_name, labels[: -2 if corporate else -1])), ""):
        return found
    if corporate and own and own[0] in _hosts("blogs", "labels"):
        return f"{own[0]}. on .{labels[-2]}.{labels[-1]}"
    if corporate and (inside := _pattern("company", "corporate_paths").search(path)):
        return f"{inside[0]} on .{labels[-2]}.{labels[-1]}"
    return ""


def _company_name(label: str) -> str:
    found = _pattern("company", "names").search(label)
    return label if found else ""


def registered(host: str) -> str:
    """The label that a site registered: `amazon` of aws.amazon.com, `acme` of tech.acme.co.jp."""
    labels = host.removeprefix("www.").split(".")
    second_level = len(labels) > _TWO and labels[-2] in ("co", "or", "ne", "ac", "go", "com", "org", "net")
    return labels[-3] if second_level else labels[-2] if len(labels) >= _TWO else labels[0]


@lru_cache(maxsize=8192)
def news(host: str, path: str) -> str:
    """What in the address is a news site's: a word of the host's name, or an article system's path; or ""."""
    bare = _pattern("news", "not_names").sub("", host.removeprefix("www."))
    if found := _pattern("news", "names").search(bare.rpartition(".")[0] or bare):
        return found[0]
    found = _pattern("news", "paths").search(path.lower())
    return found[0] if found else ""


@lru_cache(maxsize=8192)
def listing(url: str) -> str:
    """What in the address says that the page lists posts and is none, or ""."""
    parts = urlsplit(url)
    found = _pattern("listing", "paths").search(f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}".lower())
    return found[0] if found else ""


def mirror(url: str) -> str:
    """What in the address says that the page is somebody else's, carried inside another site; or ""."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if found := below(host, _hosts("mirrors")):
        return found
    if not _pattern("mirrors", "not_inside_host").search(host) and (
        inner := _pattern("mirrors", "inside_host").search(host)
    ):
        return inner[0].strip(".")
    inner = _pattern("mirrors", "inside_path").search(unquote(parts.path).lower())
    return inner[0].strip("/") if inner else ""


@lru_cache(maxsize=8192)
def blog(host: str, target: str) -> str:
    """What in the address is laid out like a blog, or ""."""
    label = host.removeprefix("www.").split(".")[0]
    if label in _hosts("blogs", "labels"):
        return f"{label}."
    found = _pattern("blogs", "paths").search(target.lower())
    return found[0] if found else ""
