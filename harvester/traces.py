"""The traces that posts and people leave in other texts: in archived pages, queued addresses, messages.

`Traces` knows the identity of what is erased and finds it in any text, however it is escaped. It looks for
addresses, ids, accounts, names, and stretches of the erased texts; common words prove nothing and are not looked for.
Looking costs the same for one erased post and for ten thousand.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from harvester import urls
from harvester.text import fold

WINDOW: Final = 24  # characters of a text that nobody else writes by chance
_SHORTEST_ID: Final = 6
_MANY: Final = 1_000
_SHORTEST_NAME: Final = 3
_LONG_NAME: Final = 6
_TOKEN: Final = re.compile(r"\w+", re.ASCII)
_ESCAPED: Final = re.compile(r"(?:\\u[0-9a-f]{4})+", re.IGNORECASE)
_SPACE: Final = re.compile(r"(?:\s|\\[nrt])+")
_TAG: Final = re.compile(r"<[^<>]{0,2000}>")
_SCHEME: Final = re.compile(r"^https?://(?:www\.)?")

Account = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is known of one erased post: its addresses, its id on its platform, its title and text."""

    addresses: tuple[str, ...] = ()
    native_id: str = ""
    title: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """What is known of one erased author. On `web` the handle is a host, or `host#byline`."""

    platform: str
    handle: str
    name: str = ""
    url: str = ""


def account_of(platform: str, handle: str) -> Account:
    """An account as it is compared; a site is one with and without its `www.`."""
    return platform, urls.site_of(fold(handle)) if platform == "web" else fold(handle)


def identities(url: str) -> tuple[str, Account | None]:
    """(key of the post at an address, whose it is by the address alone); ("", None) for what is no address.

    A page on a host of its own belongs to that host.
    """
    try:
        key, found = urls.key_for(url), urls.identify(url)
    except urls.BadUrl:
        return "", None
    if found.handle:
        return key, account_of(found.platform, found.handle)
    return key, account_of("web", urls.host_of(url)) if found.platform == "web" else None


def normal(text: str) -> str:
    """A text as it is compared: escapes of JSON, HTML and addresses undone, lower case, one space for many."""
    if "\\" in text:
        text = _ESCAPED.sub(_unescaped, text).replace("\\/", "/").replace('\\"', '"')
    if "&" in text:
        text = html.unescape(html.unescape(text))  # feeds escape markup that is escaped itself
    if "%" in text:
        text = unquote(text)
    return _SPACE.sub(" ", text).lower()


def _unescaped(match: re.Match[str]) -> str:
    units = b"".join(int(unit, 16).to_bytes(2, "little") for unit in match[0].lower().split("\\u")[1:])
    return units.decode("utf-16-le", "replace")


class Traces:
    """Finds erased posts and authors in texts. False when there is nothing to look for."""

    def __init__(self, posts: Iterable[Words] = (), authors: Iterable[Who] = ()) -> None:
        self._keys: set[str] = set()
        self._accounts: set[Account] = set()
        self._ids: set[str] = set()
        self._strings: dict[str, set[str]] = {}
        self._handles: dict[str, list[re.Pattern[str]]] = {}
        self._windows: set[str] = set()
        self._names: set[str] = set()
        for post in posts:
            self._add_post(post)
        for who in authors:
            self._add_author(who)

    def __bool__(self) -> bool:
        return bool(self._keys or self._accounts or self._ids or self._strings or self._names or self._windows)

    def theirs(self, url: str) -> bool:
        """Whether an address is that of an erased post, or of an erased author's page."""
        key, account = identities(url)
        return key in self._keys or account in self._accounts

    def addressed(self, text: str) -> bool:
        """Whether a text holds the address of an erased post or of an erased author's page."""
        return bool(self and text) and self._holds_address(text := normal(text), set(_TOKEN.findall(text)))

    def quoted(self, text: str) -> bool:
        """Whether a text holds the address, the id or a stretch of an erased post."""
        return bool(self and text) and self._quotes(normal(text))

    def mentioned(self, text: str) -> bool:
        """Whether a text holds anything of an erased post, or names an erased author."""
        return bool(self and text) and (self._names_somebody(text := normal(text)) or self._quotes(text))

    def _quotes(self, text: str) -> bool:
        tokens = set(_TOKEN.findall(text))
        return not self._ids.isdisjoint(tokens) or self._holds_address(text, tokens) or self._holds_window(text)

    def _holds_address(self, text: str, tokens: set[str]) -> bool:
        return any(string in text for token in tokens & self._strings.keys() for string in self._strings[token])

    def _names_somebody(self, text: str) -> bool:
        if any(name in text for name in self._names):
            return True
        known = self._handles.keys() & set(_TOKEN.findall(text)) if self._handles else ()
        return any(pattern.search(text) for token in known for pattern in self._handles[token])

    def _holds_window(self, text: str) -> bool:
        windows = self._windows
        if not windows:
            return False
        bare = _SPACE.sub(" ", _TAG.sub(" ", text)) if "<" in text else text
        if len(windows) < _MANY:  # looking for each costs less than looking at every place
            return any(window in bare for window in windows)
        return any(bare[at : at + WINDOW] in windows for at in range(len(bare) - WINDOW + 1))

    def _add_post(self, post: Words) -> None:
        for address in post.addresses:
            key, _ = identities(address)
            if key:
                self._keys.add(key)
                self._add_string(_SCHEME.sub("", normal(address)))
        if len(post.native_id) >= _SHORTEST_ID:
            self._add_id(normal(post.native_id))
        for text in (post.title, post.text):
            self._windows.update(_stretches(text))

    def _add_author(self, who: Who) -> None:
        host, _, byline = who.handle.partition("#") if who.platform == "web" else ("", "", "")
        if not byline:
            self._accounts.add(account_of(who.platform, who.handle))
        if host and not byline:
            self._add_string(normal(host))
        elif not byline:
            self._add_handle(normal(who.handle))
        if who.url and (identities(who.url)[1] or ("", ""))[0] != "web":
            self._add_string(_SCHEME.sub("", normal(who.url)))
        self._names.update(name for name in (normal(who.name).strip(), byline) if _is_telling(name))

    def _add_id(self, native_id: str) -> None:
        if _TOKEN.fullmatch(native_id):
            self._ids.add(native_id)
        else:
            self._add_string(native_id)

    def _add_string(self, string: str) -> None:
        string = string.rstrip("/")
        if tokens := _TOKEN.findall(string):
            self._strings.setdefault(max(tokens, key=len), set()).add(string)

    def _add_handle(self, handle: str) -> None:
        """An account is named after a sign that names accounts, never as a word among others."""
        if tokens := _TOKEN.findall(handle):
            pattern = re.compile(rf"[@\"'/>=:#]\s?@?{re.escape(handle)}(?![\w-])")
            self._handles.setdefault(max(tokens, key=len), []).append(pattern)


def _is_telling(name: str) -> bool:
    """Whether a name found in a text means its bearer: "AWS" is in half of what we hold."""
    return len(name) >= _SHORTEST_NAME and (not name.isascii() or " " in name or len(name) >= _LONG_NAME)


def _stretches(text: str) -> Iterator[str]:
    """The beginning, the middle and the end of a text's longest line and of the whole, each WINDOW characters."""
    whole = normal(text).strip()
    longest = normal(max(text.splitlines(), key=len, default="")).strip()
    for part in {whole, longest}:
        if len(part) >= WINDOW:
            middle = (len(part) - WINDOW) // 2
            yield from (part[:WINDOW], part[middle : middle + WINDOW], part[-WINDOW:])
