"""Is a page one article, or a listing, front, tag or search page? Judged by structure and address, never by words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from lxml import etree

from harvester.article_jsonld import PAGE_TYPES

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from harvester.article_jsonld import JsonLd
    from harvester.article_meta import PageMeta

_LISTING_PATH: Final = re.compile(
    r"(?:^|/)(?:tags?|categor(?:y|ies)|archives?|authors?|users?|topics?|search|page|label|labels|hashtag|section|feed|entrylist|"
    r"page/\d+|p/\d+)(?:/[^/]*){0,2}/?(?:index\.\w+)?$",
    re.IGNORECASE,
)
_LISTING_QUERY: Final = re.compile(r"(?:^|&)(?:s|q|tag|cat|category|page|paged|search|query|label)=", re.IGNORECASE)
_ARCHIVE_PATH: Final = re.compile(r"^/(?:archives?/)?(?:19|20)\d\d(?:/\d{1,2}){0,2}/?(?:index\.\w+)?$")
_SLUG_PATH: Final = re.compile(
    r"/[^/]*(?:[\w%]+-){2,}[^/]*/?$|/(?:entry|articles?|posts?|n|items?|blog|story|news)/[^/]+/?$|/\d{4,}(?:\.\w+)?/?$"
)
_FILE_PATH: Final = re.compile(r"/(?!index)[^/]{6,}\.(?:html?|php|aspx?)$", re.IGNORECASE)
_TEASERS: Final = etree.XPath(
    "//article[not(ancestor::article)] | //*[self::h2 or self::h3][a and not(ancestor::article) "
    "and not(ancestor::aside) and not(ancestor::footer) and not(ancestor::nav)]"
)
_ARTICLES: Final = etree.XPath("//article[not(ancestor::article)]")
_LONG_TEXT: Final = 1200
_VERY_LONG_TEXT: Final = 3000
_SHORT_TEXT: Final = 250


def is_article(tree: HtmlElement, page: PageMeta, jsonld: JsonLd, text: str) -> bool:
    """Whether the page is one piece of writing. Points for and against; the sum decides."""
    points = _claims(page, jsonld) + _address(page.canonical or page.url, page.url) + _structure(tree)
    if len(text) >= _LONG_TEXT:
        points += 1.5 if len(text) < _VERY_LONG_TEXT else 2
    elif len(text) < _SHORT_TEXT:
        points -= 1.5
    return points > 0


def _claims(page: PageMeta, jsonld: JsonLd) -> float:
    points = 0.0
    kind = page.first("og:type").lower()
    if kind in {"article", "blog_post", "og:article", "news.article", "video.other"}:
        points += 2
    elif kind in {"website", "blog", "profile", "object"}:
        points -= 0.5
    if jsonld.type:
        points += 2
    elif not PAGE_TYPES.isdisjoint(jsonld.types):
        points -= 2
    if page.first("article:published_time", "datepublished", "citation_publication_date"):
        points += 1
    return points


def _address(canonical: str, url: str) -> float:
    points = 0.0
    for address in {canonical, url}:
        try:
            parts = urlsplit(address)
        except ValueError:
            continue
        if parts.path in {"", "/", "/index.html", "/index.php", "/blog/", "/blog"} and not parts.query:
            points -= 3
        elif _ARCHIVE_PATH.search(parts.path) or _LISTING_PATH.search(parts.path):
            points -= 2.5
        elif _SLUG_PATH.search(parts.path):
            points += 1
        elif _FILE_PATH.search(parts.path):
            points += 0.5
        if _LISTING_QUERY.search(parts.query):
            points -= 1.5
    return points


def _structure(tree: HtmlElement) -> float:
    """One article element speaks for, several like it or a column of linked headings against."""
    articles = _ARTICLES(tree)
    if len(articles) == 1:
        return 0.5
    sizes = sorted((len("".join(article.itertext())) for article in articles[:50]), reverse=True)
    if len(sizes) > 1 and sizes[0] > 4 * sizes[1]:
        return 0.5
    if len(sizes) >= 3:
        return -1.5
    return -1.5 if len(_TEASERS(tree)) >= 8 else 0.0
