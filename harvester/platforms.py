"""The table of hosts (`platforms.toml`) as questions: whose page is this, and what around an address is noise.

Everything takes a host (lower-case ASCII, no port) and a target (path with query, as the URL standard writes
it); nothing here parses a URL. The table is read once, on first use, and its patterns are compiled on demand.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple


class Identity(NamedTuple):
    """Who and what an address names: `handle` "" when no author, `native_id` "" when no item is in it.

    `kind` is a hint in the words of `harvester.model.KINDS`, "" when the address does not tell.
    """

    platform: str
    handle: str
    native_id: str
    kind: str


WEB = Identity("web", "", "", "")
_DECK = WEB._replace(kind="slides")


@cache
def table() -> dict[str, Any]:
    """`platforms.toml` as it stands in the package."""
    return tomllib.loads(files("harvester").joinpath("platforms.toml").read_text("utf-8"))


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@cache
def _by_host(section: str) -> dict[str, tuple[dict[str, Any], ...]]:
    """Rows of a section by each exact host, and by `.suffix` for those that name sub-domains."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in table()[section]:
        for host in row.get("hosts", ()):
            found.setdefault(host, []).append(row)
        for suffix in row.get("suffixes", ()):
            found.setdefault("." + suffix, []).append(row)
    return {host: tuple(rows) for host, rows in found.items()}


def _rows(section: str, host: str) -> tuple[tuple[str, dict[str, Any]], ...]:
    """(matched suffix or "", row) for a host: its own rows first, then those of its parents."""
    by_host = _by_host(section)
    found = [("", row) for row in by_host.get(host, ())]
    dot = host.find(".")
    while dot > 0:
        suffix = host[dot:]
        found += [(suffix, row) for row in by_host.get(suffix, ())]
        dot = host.find(".", dot + 1)
    return tuple(found)


def identity(host: str, target: str) -> Identity:
    """Platform, author, item id and kind of a page; `web` without an author when the host is nobody's shared one."""
    for suffix, row in _rows("platform", host):
        owner = _owner(host, suffix, row)
        if suffix and not owner:
            continue
        return _page(row, host, target, owner)
    return _DECK if _compiled(table()["web"]["slides"]).search(target) else WEB


def _owner(host: str, suffix: str, row: dict[str, Any]) -> str:
    """The author a sub-domain names, "" on exact hosts and for the service's own sub-domains."""
    if not suffix:
        return ""
    sub = host[: -len(suffix)]
    if sub in row.get("reserved", ()):
        return ""
    first = suffix == "." + row["suffixes"][0]
    return sub if first and not row.get("whole_host") else host


def _page(row: dict[str, Any], host: str, target: str, owner: str) -> Identity:
    segment = re.split(r"[/?]", target[1:], maxsplit=1)[0]
    own_page = not owner and segment in row.get("reserved", ())
    for rule in row.get("paths", ()):
        match = _compiled(rule["match"]).search(target)
        if match is None:
            continue
        groups = {key: value or "" for key, value in match.groupdict().items()} | {"host": host}
        handle = owner or rule.get("handle", "{handle}" if "handle" in groups else "").format_map(groups)
        native_id = rule.get("id", "{id}" if "id" in groups else "").format_map(groups)
        if own_page and groups.get("handle") == segment:
            if not native_id:
                continue
            handle = ""
        return Identity(row["name"], _shape(handle, row, host), native_id, rule.get("kind", ""))
    return Identity(row["name"], _shape(owner, row, host), "", "")


def _shape(handle: str, row: dict[str, Any], host: str) -> str:
    """A handle as its platform compares it: case folded where it does not matter, `@host` where one name is many."""
    if not row.get("keep_case"):
        handle = handle.lower()
    if row.get("hyphens"):
        handle = handle.replace("_", "-")
    return f"{handle}@{host}" if handle and row.get("at_host") else handle


def same_host(host: str) -> str:
    """The usual name of a host that answers under several (mobile, country, former brand)."""
    alias = table()["aliases"].get(host)
    if alias:
        return str(alias)
    for rule in table()["host_pattern"]:
        match = _compiled(rule["match"]).match(host)
        if match:
            return str(rule["to"]).format_map(match.groupdict())
    return host


def rewritten(host: str, target: str) -> str:
    """The one usual address of a page that has several on its host, or ""."""
    for _, row in _rows("rewrite", host):
        match = _compiled(row["match"]).search(target)
        if match:
            return str(row["to"]).format_map({key: value or "" for key, value in match.groupdict().items()})
    return ""


def wrapped(host: str, target: str) -> tuple[str, tuple[str, ...]]:
    """What a wrapping address holds: (the rest of the path, ()) or ("", query keys that carry it), else ("", ())."""
    for _, row in _rows("wrapper", host):
        match = _compiled(row["match"]).search(target)
        if match:
            return match.groupdict().get("rest") or "", tuple(row.get("params", ()))
    return "", ()


def amp_allowed(host: str, target: str) -> bool:
    """Whether a last segment `amp` marks the AMP copy of a page (elsewhere it is a tag or an author called amp)."""
    rows = _rows("platform", host)
    if any(not row.get("amp") for _, row in rows):
        return False
    segments = target.split("?", 1)[0].strip("/").split("/")
    return len(segments) >= 2 and segments[-2] not in table()["amp"]["not_after"]


@lru_cache(maxsize=4096)
def forbids_pages(host: str) -> str:
    """Why the pages of a host must not be crawled whatever its robots.txt says, "" when they may."""
    terms: dict[str, str] = table()["terms"]
    return next((why for name, why in terms.items() if host == name or host.endswith("." + name)), "")


@lru_cache(maxsize=4096)
def query_rules(host: str) -> tuple[frozenset[str], frozenset[str] | None]:
    """(keys dropped on this host, the only keys kept there or None)."""
    tracking = table()["tracking"]
    drop = set(tracking["names"])
    keep: frozenset[str] | None = None
    parts = host.split(".")
    for start in range(len(parts) - 1):
        parent = ".".join(parts[start:])
        drop.update(tracking["drop"].get(parent, ()))
        if keep is None and parent in tracking["keep"] and (start == 0 or parent == "medium.com"):
            keep = frozenset(tracking["keep"][parent])
    return frozenset(drop), keep


@cache
def tracking_prefixes() -> tuple[str, ...]:
    """Beginnings of query keys that only track."""
    return tuple(table()["tracking"]["prefixes"])


@cache
def tracking_values() -> dict[str, tuple[str, ...]]:
    """Query keys that only track when their value begins with one of these."""
    return {key: tuple(values) for key, values in table()["tracking"]["values"].items()}


@cache
def short_link_hosts() -> frozenset[str]:
    """Hosts whose every answer is a redirect to somebody else's page."""
    return frozenset(table()["short_links"]["hosts"])


# What people write before a colon for a platform that has another name here.
KNOWN_ALIASES = {
    "twitter": "x", "hatena": "hatena", "hatenablog": "hatenablog", "dev": "devto", "gh": "github",
    "blogspot": "blogger", "cosense": "scrapbox", "yt": "youtube", "bsky": "bluesky", "hn": "hackernews",
}  # fmt: skip


@cache
def names() -> frozenset[str]:
    """Every platform's name, `web` included."""
    return frozenset(row["name"] for row in table()["platform"]) | {"web"}
