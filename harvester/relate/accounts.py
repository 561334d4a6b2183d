"""What an account says of whose it is: its handle and how rare that is, its full name, the addresses it names."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from harvester import urls
from harvester.classify.declared import name_key
from harvester.classify.organisation import employer_key, site_label
from harvester.classify.rules import vocabulary
from harvester.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harvester.model import Author

_PARTS = re.compile(r"[^\W\d_]+|\d+")
_SHORTEST = 3
_LONGEST = 40
_ID = re.compile(r"uc[\w-]{22}|\d+|did:.*")  # numbers of a service, which nobody chose
_IN_BIO = re.compile(r"(?:https?://)?(?:[a-z0-9-]+\.)+[a-z]{2,}(?:/[\w@%~.+/-]*)?", re.IGNORECASE)
_AFTER_NAME = re.compile(r"[@|/((\[【].*$", re.DOTALL)
_ORDINARY = 2  # parts of an address of its own: two slashes and the host


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An author as an identity among others. `key` is `platform:handle`, compared as `own` is.

    own     tokens that name this account: `qiita:aoi`, `web:aoi.example`, for a byline also that with `#name`
    says    tokens its profile names as addresses (a page too, as the whole address), without its own
    told    tokens its bio names by service and handle alone
    handle  letters and digits of the handle, "" for numbers and bylines; `spelled` as it is written
    """

    author_id: int
    key: str
    platform: str
    site: str
    own: frozenset[str]
    says: frozenset[str]
    told: frozenset[str]
    handle: str
    spelled: str
    name: str
    full_name: str
    employer: str
    is_org: bool
    parts: tuple[str, ...] = field(default=())


def account(author_id: int, author: Author) -> Account:
    """An author's row as an identity."""
    web = author.platform == "web"
    host, _, byline = fold(author.handle).partition("#") if web else ("", "", "")
    site = urls.site_of(host)
    key = f"{author.platform}:{author.handle}"
    own = {f"web:{site}", f"web:{site}#{byline}"} if web else {f"{author.platform}:{fold(author.handle)}"}
    says = {token for address in (author.url, author.website) if address for token in tokens_of(address)}
    says |= {token for found in _IN_BIO.findall(author.bio) for token in tokens_of(found)}
    spelled = _handle(author, site, byline)
    if author.platform == "bluesky" and not spelled.endswith(".bsky.social") and "." in spelled:
        says |= tokens_of(spelled)  # a domain as handle is proven by its owner
    spelled = spelled.removesuffix(".bsky.social")
    handle = "".join(_PARTS.findall(spelled))
    return Account(
        author_id=author_id, key=key, platform=author.platform, site=site, own=frozenset(own),
        says=frozenset(says - own), told=frozenset(_told(author.bio) - own),
        handle="" if _ID.fullmatch(spelled) or not _SHORTEST <= len(handle) <= _LONGEST else handle, spelled=spelled,
        name=author.name, full_name=full_name(author.name), is_org=author.is_org,
        employer=employer_key(author.organisation), parts=tuple(_PARTS.findall(spelled)),
    )  # fmt: skip


def _handle(author: Author, site: str, byline: str) -> str:
    """What somebody chose to be called: a handle without its server, a byline in Latin letters, a site's own label."""
    if author.platform != "web":
        return fold(author.handle).lstrip("@").partition("@")[0]
    if byline:
        return byline if byline.isascii() and " " not in byline else ""
    return site_label(site)


@lru_cache(maxsize=65536)
def tokens_of(address: str) -> frozenset[str]:
    """The account that an address names, or its site, and the page where it is no front page."""
    if "://" not in address:
        address = f"https://{address}"
    found = urls.identify(address)
    if found.handle:
        return frozenset((f"{found.platform}:{fold(found.handle)}",) if not found.native_id else ())
    if found.platform != "web":
        return frozenset()
    try:
        page = urls.canonical(address)
    except urls.BadUrl:
        return frozenset()
    site = f"web:{urls.site_of(urls.host_of(page))}"
    return frozenset((site,) if page.rstrip("/").count("/") <= _ORDINARY else (site, page))


def full_name(name: str) -> str:
    """A full name for comparing, the order of Latin words aside; "" for what is no full name."""
    bare = _AFTER_NAME.sub("", name).strip()
    if bare.isascii():
        bare = " ".join(sorted(fold(bare).split()))
    return name_key(bare)


@cache
def _services() -> tuple[re.Pattern[str], dict[str, str]]:
    services: dict[str, str] = vocabulary("people")["bio"]["services"]
    names = "|".join(re.escape(name) for name in sorted(services, key=len, reverse=True))
    return re.compile(rf"(?<![\w@./-])({names})\s?(?:[::]\s?@?|@|[((]@?)([a-z0-9][\w.-]{{2,30}})"), services


def _told(bio: str) -> set[str]:
    if not bio:
        return set()
    pattern, services = _services()
    return {f"{services[name]}:{handle.rstrip('.-')}" for name, handle in pattern.findall(fold(bio))}


class Handles:
    """How much a handle tells, given all the handles there are: a part that many share is a common word."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        self._numbers: dict[str, Any] = vocabulary("people")["handle"]
        self._common = frozenset(vocabulary("people")["words"]["common"])
        carriers = Counter(part for handle in {a.parts for a in accounts if a.handle} for part in set(handle))
        self._often = {part for part, count in carriers.items() if count >= self._numbers["often"]}

    def weight(self, parts: tuple[str, ...]) -> float:
        """Decibans that two accounts of one handle are one person's."""
        numbers = self._numbers
        total = numbers["base"] + sum(self._part(part) for part in parts)
        return float(min(max(total, numbers["least"]), numbers["most"]))

    def _part(self, part: str) -> float:
        if part.isdigit():
            return float(self._numbers["digit"] * len(part))
        as_word = self._numbers["common"] if part in self._common or part in self._often else None
        letters = float(self._numbers["letter"] * len(part))
        if as_word is not None:
            return min(float(as_word), letters)
        words = _split(part, self._common)
        return min(letters, float(self._numbers["common"] * words)) if words else letters


def _split(text: str, words: frozenset[str]) -> int:
    """Into how few common words of three letters or more a text falls apart; 0 when it does not."""
    best = [0] + [0] * len(text)
    for end in range(_SHORTEST, len(text) + 1):
        for start in range(end - _SHORTEST + 1):
            if (start == 0 or best[start]) and text[start:end] in words and not 0 < best[end] <= best[start] + 1:
                best[end] = best[start] + 1
    return best[len(text)]
