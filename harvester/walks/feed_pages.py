"""Where feeds and their older pages are to be found, and what in them nobody wants. Pure.

What a program is known for, and does not say in its feed, is only tried: an address that `is_tried` may not exist.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from harvester import urls
from harvester.model import Link

if TYPE_CHECKING:
    from harvester.model import Draft, Parsed

# Where programs put the feed of a site that does not say where it is.
GUESSES: Final = (
    "/feed", "/rss", "/atom.xml", "/index.xml", "/feed.xml", "/index.rdf", "/rss.xml", "/feeds/posts/default",
    "/?feed=rss2", "/blog/feed",
)  # fmt: skip
# Answers that say of an address which was only tried that there is nothing.
NOT_THERE: Final = (403, 404, 410)
LARGEST: Final = 100  # entries that a Hatena Blog puts into a feed when it is asked to
SUMMARY: Final = 600  # characters; an entry with fewer is the beginning of a page that is worth fetching
_FEWEST: Final = 5  # entries; where a Hatena Blog's feed has fewer, there are no more

_OF_COMMENTS: Final = re.compile(
    r"^\s*comments?\s+(?:on|for|to)\b|(?:への|に対する|の)コメント\s*$|^\s*コメント\s*(?:on\b|一覧|フィード)",
    re.IGNORECASE,
)
_COMMENTS_AT: Final = re.compile(r"comment", re.IGNORECASE)
_ADVERT: Final = re.compile(r"^[\s\[【]*(?:PR|ＰＲ)(?=[\s:：\]】])")
_TRIED: Final = re.compile(r"[?&](?:paged=\d|size=\d)")
_PAGED: Final = re.compile(r"[?&]paged=(\d{1,6})(?:&|$)")
# Platforms whose members have a host or a folder with a feed; {host} and {handle} are theirs.
_FEED_OF: Final = {
    "hatenablog": "https://{host}/feed",
    "ameblo": "https://rssblog.ameba.jp/{handle}/rss20.xml",
    "wordpress": "https://{host}/feed/",
    "substack": "https://{host}/feed",
    "fc2": "https://{host}/?xml",
    "seesaa": "https://{host}/index20.rdf",
    "tumblr": "https://{host}/rss",
}
_BLOGS: Final = frozenset({
    *_FEED_OF, "web", "livedoor", "jugem", "cocolog", "goo", "exblog", "sonet", "rakuten", "typepad", "hashnode",
    "naver", "tistory", "velog",
})  # fmt: skip
_SITES: Final = (".github.io", ".gitlab.io")  # of members, on platforms whose own hosts have no blogs
_PROFILES: Final = frozenset({"www.blogger.com", "blogger.com", "gravatar.com", "lit.link", "linktr.ee"})


def is_tried(url: str) -> bool:
    """Whether an older page was only tried, because its program is known to have such addresses."""
    return _TRIED.search(url) is not None


def older(found: Parsed, url: str) -> str:
    """The address of a feed's older page, "" when there is none to be known of.

    What the feed says itself (RFC 5005: `next`, `prev-archive`), else the next number of WordPress, else the longest
    feed of Hatena Blog, both of which only the program's name in the feed tells.
    """
    if found.next_url and found.next_url != url:
        return found.next_url
    program = str(found.meta.get("generator", "")).casefold()
    if "wordpress" in program and found.drafts:
        page = _PAGED.search(url)
        return _with(url, "paged", int(page[1]) + 1 if page else 2)
    if "hatena::blog" in program and not is_tried(url) and len(found.drafts) >= _FEWEST:
        return _with(url, "size", LARGEST)
    return ""


def _with(url: str, key: str, value: int) -> str:
    address, _, query = url.partition("?")
    kept = [part for part in query.split("&") if part and not part.startswith(f"{key}=")]
    return f"{address}?{'&'.join([*kept, f'{key}={value}'])}"


def current(found: Parsed, url: str) -> str:
    """The feed that goes on being written, "" when this is it: an archive of RFC 5005 never has a new entry."""
    told = str(found.meta.get("current", ""))
    return told if told.startswith(("http://", "https://")) and told != url else ""


def is_of_comments(found: Parsed, url: str) -> bool:
    """Whether a feed holds what readers wrote below posts, by its title or its address."""
    return bool(_OF_COMMENTS.search(found.title) or _COMMENTS_AT.search(urlsplit(url).path))


def worth_reading(feeds: tuple[str, ...], most: int) -> list[str]:
    """The first of the feeds that a page advertises, without those of comments."""
    return [url for url in feeds if not _COMMENTS_AT.search(url)][:most]


def is_advert(draft: Draft, url: str) -> bool:
    """Whether an entry is one of the advertisements that Ameblo mixes into its members' feeds."""
    host = urls.host_of(url)
    return host.endswith((".ameba.jp", "ameblo.jp")) and _ADVERT.match(draft.title) is not None


def page_of(draft: Draft, url: str) -> Link | None:
    """The page behind an entry of the feed at `url` that is a mere summary."""
    return Link(url=draft.url, found_on=url, text=draft.title) if draft.url and len(draft.text) < SUMMARY else None


def has_feed(home: str) -> bool:
    """Whether somebody's address can be that of a site with a feed; services with sources of their own are none."""
    host = urls.host_of(home)
    return host.endswith(_SITES) or (urls.identify(home).platform in _BLOGS and host not in _PROFILES)


def place_of(home: str) -> str:
    """The feed of a member of a platform that puts it at one place for everybody, "" elsewhere."""
    found, host = urls.identify(home), urls.host_of(home)
    place = _FEED_OF.get(found.platform, "")
    if not found.handle or ("{host}" in place and found.handle not in host):
        return ""  # nobody's, or not on a host of their own
    return place.format(host=host, handle=found.handle)


def is_longest(url: str) -> bool:
    """Whether an address asks for as many entries as there can be on one page, those of the first page among them."""
    return f"size={LARGEST}" in url
