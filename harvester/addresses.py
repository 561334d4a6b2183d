"""What an address tells before it is asked for: whether one piece of writing is behind it, of which time, whose it is.

Guesses that decide what is worth a request, never what is stored. Pure.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from harvester import dates, urls

Window = tuple[datetime, datetime]
LIKELY, POSSIBLE, IMPOSSIBLE = 2, 1, 0

_FOLDER: Final = re.compile(r"/(?:entry|entries|articles?|posts?|items?|blog|status|n|event)/[^/]+/?$", re.IGNORECASE)
_LISTING: Final = re.compile(
    r"/(?:tags?|categor(?:y|ies)|authors?|users?|search|page|login|about)(?:/|$)", re.IGNORECASE
)
# A name in the folder of its day or month, as most blog programs have it; the folder alone is a list.
_DATED: Final = re.compile(r"/(?:19|20)\d\d/[01]?\d/(?:[0-3]?\d/)?(?!\d{1,2}/?$)[^/]+/?$")
_TITLE: Final = re.compile(r"\d{3}|[-_].*[-_]|.{16}|\.html?$")  # a number, several words, a long name or a file
_MONTH: Final = re.compile(r"(?:year=|[-_/])((?:19|20)\d\d)(?:&(?:amp;)?month=|[-_/]?)(0?[1-9]|1[0-2])(?!\d)")
_FEED: Final = re.compile(
    r"(?:feeds?|rss|rss2|atom|index|default|posts|comments)(?:\.\w+)?$|.*\.\w{2,5}$", re.IGNORECASE
)
_DAY: Final = timedelta(days=1)
# Addresses there are accounts and not places of one's own, and no archive or sitemap leads to writing.
_NO_SITES: Final = frozenset({
    "x", "facebook", "instagram", "linkedin", "youtube", "vimeo", "github", "bluesky", "mastodon", "misskey", "threads",
    "connpass", "doorkeeper", "peatix", "meetup", "speakerdeck", "slideshare", "docswell", "hackernews", "reddit",
})  # fmt: skip


def is_single(url: str) -> bool:
    """Whether an address looks like that of one piece of writing and not like that of a list."""
    path = urlsplit(url).path
    if _LISTING.search(path):
        return False
    return bool(_FOLDER.search(path) or _DATED.search(path) or _TITLE.search(path.rstrip("/").rpartition("/")[2]))


def chance(url: str, window: Window, *, published: str = "", changed: str = "") -> int:
    """Whether a page may have appeared within a window: LIKELY, POSSIBLE or IMPOSSIBLE.

    published  the day that a list tells of it, as found; else the day in its address decides
    changed    when it was last changed, as found: it cannot have appeared later, and that may be the day of a rebuild
    """
    first, last = window
    told = dates.parse(published) if published else dates.from_url(url)
    if told.at is None and published:
        told = dates.from_url(url)
    if told.at is not None and told.precision not in ("month", "year"):
        return LIKELY if first - _DAY <= told.at <= last + _DAY else IMPOSSIBLE
    if told.at is not None:
        end = told.at + (timedelta(days=366) if told.precision == "year" else timedelta(days=31))
        return LIKELY if told.at <= last and end >= first else IMPOSSIBLE
    edited = dates.parse(changed).at if changed else None
    if edited is None:
        return POSSIBLE
    return IMPOSSIBLE if edited < first - _DAY else LIKELY if edited <= last + _DAY else POSSIBLE


def of_month(url: str, window: Window) -> int:
    """The same for a list that bears a month in its address, as `?year=2026&month=5` or `posts-2026-05.xml`."""
    if not (found := _MONTH.search(url)):
        return POSSIBLE
    begins = datetime(int(found[1]), int(found[2]), 1, tzinfo=UTC)
    return LIKELY if begins - _DAY <= window[1] and begins + timedelta(days=32) >= window[0] else IMPOSSIBLE


def prefix_of(told: str) -> str:
    """`host/` or `host/folder/` below which the site is that somebody names, by its address, its host or its feed.

    "" for what is no address and for accounts at places where nobody has a site.
    """
    url = told.strip() if "://" in told else f"https://{told.strip()}"
    url = url.replace("//medium.com/feed/", "//medium.com/")  # there the word stands before the name
    host, found = urls.host_of(url), urls.identify(url)
    if not host or found.platform in _NO_SITES:
        return ""
    path = urlsplit(url).path
    folders = [part for part in path.split("/") if part]
    while folders and (_FEED.match(folders[-1]) or _LISTING.search("/" + "/".join(folders))):
        folders.pop()
    folders = [part for part in folders if part != "feed"]
    if found.platform != "web":
        if not found.handle:
            return ""  # a shared host, and nobody's place on it
        folders = _of_person(folders, found.handle.lstrip("@").casefold())
    return f"{host}/" + "".join(f"{part}/" for part in folders)


def _of_person(folders: list[str], handle: str) -> list[str]:
    """The folder of a person on a shared host; none where the host's name is theirs."""
    names = [folder.lstrip("@").casefold() for folder in folders]
    return folders[: names.index(handle) + 1] if handle in names else []
