"""What a page says about itself in its markup: meta elements, canonical address, language, feeds, time elements.

Everything is read from the one lxml tree in one pass and kept as strings as found.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    from lxml.html import HtmlElement

FEED_TYPES: Final = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"}
)
# Only a feed when the link says it is an alternate.
_MAYBE_FEED_TYPES: Final = frozenset({"text/xml", "application/xml", "application/json"})
# `alternative` is a common misspelling of themes.
_ALTERNATE: Final = frozenset({"alternate", "alternative", "feed"})
_NOT_FEEDS: Final = ("/oembed", "wp-json", "opensearch", "manifest", "/embed")
_COMMENTS: Final = ("comment", "コメント")


@dataclass(slots=True)
class TimeMark:
    """One `<time>` or element marked as a date: its machine value, its words and where it stands."""

    value: str
    text: str
    hint: str
    element: HtmlElement


@dataclass(slots=True)
class PageMeta:
    """`meta` maps a lower-case name, property or itemprop to its first non-empty content."""

    url: str
    base: str
    meta: dict[str, str] = field(default_factory=dict)
    title: str = ""
    language: str = ""
    canonical: str = ""
    amp: bool = False
    feeds: list[str] = field(default_factory=list)
    rel_author: list[str] = field(default_factory=list)

    def first(self, *names: str) -> str:
        """The content of the first of these names that the page has."""
        return next((self.meta[name] for name in names if name in self.meta), "")

    @property
    def host(self) -> str:
        """The host of the page without `www.`; nothing when its address cannot be read."""
        try:
            return (urlsplit(self.url).hostname or "").removeprefix("www.")
        except ValueError:
            return ""

    @property
    def site(self) -> str:
        """The name the site gives itself, or nothing."""
        return self.first("og:site_name", "application-name", "apple-mobile-web-app-title")


def join(base: str, href: str) -> str:
    """`href` made absolute, or nothing when it is no http(s) address."""
    try:
        address = urljoin(base, href.strip()) if href.strip() else ""
    except ValueError:
        return ""
    return address if address.lower().startswith(("http://", "https://")) else ""


def words(element: HtmlElement) -> str:
    """All text in an element, one space for many."""
    return " ".join("".join(element.itertext()).split())


def read(tree: HtmlElement, url: str, headers_link: str = "") -> PageMeta:
    """One pass over the elements that describe the page."""
    page = PageMeta(url=url, base=url)
    page.language = tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
    base = next(tree.iter("base"), None)
    if base is not None and base.get("href"):
        page.base = join(url, base.get("href", "")) or url
    for element in tree.iter("meta", "link", "title"):
        if element.tag == "meta":
            _meta(page, element)
        elif element.tag == "link":
            _link(page, element)
        elif not page.title and not _in_drawing(element):
            page.title = words(element)
    page.language = page.language or page.first("og:locale", "content-language", "dc.language", "language")
    page.canonical = page.canonical or join(page.base, page.first("og:url", "twitter:url"))
    for address in _header_feeds(headers_link, url):
        if address not in page.feeds:
            page.feeds.append(address)
    page.feeds.sort(key=lambda address: any(word in address for word in _COMMENTS))
    return page


def _in_drawing(element: HtmlElement) -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag in {"svg", "g", "symbol"}


def _meta(page: PageMeta, element: HtmlElement) -> None:
    content = element.get("content") or element.get("datetime") or ""
    content = " ".join(content.split())
    if not content:
        return
    for key in ("property", "name", "itemprop", "http-equiv"):
        name = (element.get(key) or "").strip().lower()
        if name == "robots" and name in page.meta:
            page.meta[name] += f",{content}"  # each adds to the others
        elif name:
            page.meta.setdefault(name, content)


def _link(page: PageMeta, element: HtmlElement) -> None:
    rels = (element.get("rel") or "").lower().split()
    href = element.get("href") or ""
    if not href:
        return
    if "canonical" in rels and not page.canonical:
        page.canonical = join(page.base, href)
    elif "author" in rels:
        page.rel_author.append(join(page.base, href))
    elif not _ALTERNATE.isdisjoint(rels):
        kind = (element.get("type") or "").split(";")[0].strip().lower()
        address = join(page.base, href)
        is_feed = kind in FEED_TYPES or (kind in _MAYBE_FEED_TYPES and "stylesheet" not in rels) or "feed" in rels
        if address and is_feed and address not in page.feeds and not any(part in address for part in _NOT_FEEDS):
            title = (element.get("title") or "").lower()
            # Feeds of comments come last.
            place = len(page.feeds) if any(word in title for word in _COMMENTS) else _before_comments(page)
            page.feeds.insert(place, address)


def _before_comments(page: PageMeta) -> int:
    return next((i for i, address in enumerate(page.feeds) if "comment" in address), len(page.feeds))


def _header_feeds(link: str, url: str) -> list[str]:
    """Feeds that a `Link:` response header advertises."""
    found = []
    for part in link.split(",") if "alternate" in link else ():
        address, _, parameters = part.strip().partition(">")
        if address.startswith("<") and any(kind in parameters.lower() for kind in FEED_TYPES):
            found.append(join(url, address[1:]))
    return [address for address in found if address]
