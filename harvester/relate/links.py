"""Who and what a link names: post keys for targets, and the identities by which one person is recognised."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harvester import urls
from harvester.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harvester.model import Author

_SHORTEST = 4  # letters, 3 in other scripts: what is shorter belongs to different people on different services
_COMMON = frozenset({"admin", "info", "blog", "editor", "staff", "official", "news", "user", "guest", "team"})


def target_key(platform: str, target: str) -> str:
    """The post key that a target (an address, a native id or a key already) names; "" for nothing."""
    if not target:
        return ""
    if target.startswith(("http://", "https://")):
        try:
            return urls.key_for(target)
        except urls.BadUrl:
            return ""
    known, colon, _ = target.partition(":")
    if colon and known.isalpha():
        return target
    return f"{platform}:{target}"


def resolve(targets: Iterable[str], pages: Iterable[tuple[str, str]]) -> dict[str, str]:
    """For link targets that are no post's key: the post whose page says that address is its canonical one.

    pages   (key, canonical_url) of the posts known
    """
    named: dict[str, str] = {}
    for key, address in sorted(pages):
        if address and address != key:
            named.setdefault(address, key)
    return {target: named[target] for target in targets if target in named}


def identities(author: Author | None) -> frozenset[str]:
    """Every token by which the author can be recognised in another place, for folding copies only.

    The account itself, accounts and pages that the profile names, the handle as such and the full name. Never used
    to merge people: two texts that are nearly the same need only a hint.
    """
    if author is None:
        return frozenset()
    tokens = {f"{author.platform}:{author.handle}"}
    for address in (author.url, author.website):
        if address:
            tokens.add(declared(address))
    handle = "" if author.platform == "web" else author.handle.split("@")[0]
    for said in (handle, author.name):  # many sign with their handle
        word = re.sub(r"[\W_]+", "", fold(said))
        if len(word) + (not word.isascii()) >= _SHORTEST and word not in _COMMON:
            tokens.add(f"called:{word}")
    return frozenset(tokens - {""})


def declared(address: str) -> str:
    """The account or site that a profile link names: `platform:handle`, else `web:host`; "" for no web address."""
    found = urls.identify(address)
    if found.handle:
        return f"{found.platform}:{found.handle}"
    host = urls.host_of(address)
    return f"web:{host}" if host and found.platform == "web" else ""
