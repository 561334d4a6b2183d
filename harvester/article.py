"""Page bytes to one Draft. The only module that knows trafilatura and htmldate; both are given our one tree.

The order of date sources is measured (`benchmarks/extraction.py`): structured data, marked elements, then for
Japanese pages the words near the headline, the address, and htmldate for the rest.
"""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from lxml import etree
from lxml.html import HtmlComment, HtmlElement, HTMLParser, HtmlProcessingInstruction, document_fromstring

from harvester import (
    article_date,
    article_jsonld,
    article_kind,
    article_links,
    article_marks,
    article_meta,
    article_people,
    article_text,
    article_title,
    dates,
    privacy,
    urls,
)
from harvester import text as texts
from harvester.article_date import Clock, Found
from harvester.charset import facts
from harvester.errors import ParseFailed
from harvester.model import Draft, Parsed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from harvester.article_jsonld import JsonLd
    from harvester.article_marks import Marks
    from harvester.article_meta import PageMeta

# trafilatura's time grows faster than the page: 20,000 elements take half a second, 100,000 eight.
MAX_ELEMENTS: Final = 20_000
_JANUARY_FIRST: Final = re.compile(
    r"(?<!\d)0?1[./-]0?1(?!\d)|1月1日|元[日旦]|jan(?:uary|\.)?\s+1(?:st)?\b|\b1(?:st|\.|er)?\s+jan", re.IGNORECASE
)
_KANA: Final = re.compile(r"[ぁ-んァ-ン]")
_TOKYO: Final = "Asia/Tokyo"
_VISIBLE_HEAD: Final = 1500
# lxml.html asks a Python function for the class of every element it shows; nobody here needs its forms.
_CLASSES: Final = etree.ElementDefaultClassLookup(
    element=HtmlElement, comment=HtmlComment, pi=HtmlProcessingInstruction
)


class _Page(NamedTuple):
    tree: HtmlElement
    meta: PageMeta
    jsonld: JsonLd
    marks: Marks
    flags: tuple[str, ...]
    small: bool


def parse(body: bytes, headers: Mapping[str, str], url: str, *, now: datetime | None = None) -> Parsed:
    """The page in `body`, fetched from `url` with `headers` (lower-case names).

    now  the moment after which a date on the page cannot be when it was published
    Raises ParseFailed("not_html") when there is nothing in it that a page could be made of.
    """
    document, charset, source, flags = texts.decode(body, headers.get("content-type", ""))
    page = _read(document, url, flags, headers.get("link", ""))
    meta, jsonld = page.meta, page.jsonld
    title, heading = article_title.choose(page.tree, meta, jsonld.headline)
    title = " ".join(texts.clean(title).split())
    text, flags = _text(page, document)
    robots = (meta.first("robots"), meta.first("harvester"))
    flags = (*flags, *privacy.robots_flags(robots, headers.get("x-robots-tag", "")), *_newsroom(meta, jsonld))
    is_article = article_kind.is_article(page.tree, meta, jsonld, text)
    links = article_links.main(page.marks, meta, heading, whole=not is_article)
    language = texts.language(text or title, meta.language or jsonld.language)
    clock = Clock(_TOKYO if language == "ja" else "", now)
    found, shown_day = _published(page, heading, clock, text)
    author, bylines = article_people.read(page.marks, meta, jsonld, text)
    draft = Draft(
        url=url, kind="article" if is_article else "", title=title, text=text, language=language, author=author,
        published=found.raw, published_origin=found.origin, updated=article_date.modified(meta, jsonld, clock),
        default_zone=clock.zone, canonical_url=meta.canonical, links=tuple(address for address, _ in links),
        publisher=jsonld.publisher or meta.site, page_type=jsonld.type or meta.first("og:type"), bylines=bylines,
        flags=flags,
    )  # fmt: skip
    about = {**facts(document, charset, source), "site": meta.site, "types": jsonld.types[:20]}
    return Parsed(
        kind="article" if is_article else "page", drafts=(draft,), links=links, feeds=tuple(meta.feeds), title=title,
        text=text, language=language, canonical_url=meta.canonical, flags=flags,
        next_url=article_links.following(page.tree, meta), meta={**about, "shown_day": shown_day},
    )  # fmt: skip


def _newsroom(meta: PageMeta, jsonld: JsonLd) -> tuple[str, ...]:
    """The flag of a page that calls its publisher a news organisation, or is marked up for news search."""
    return ("newsroom",) if "NewsMediaOrganization" in jsonld.types or meta.first("news_keywords") else ()


def _read(document: str, url: str, flags: tuple[str, ...], link_header: str) -> _Page:
    parser = HTMLParser(encoding="utf-8", huge_tree=False, collect_ids=False)
    parser.set_element_class_lookup(_CLASSES)
    markup = document.replace("\0", "").encode("utf-8", "ignore")
    if not markup.strip():
        raise ParseFailed("not_html", f"{url}: empty")
    try:
        tree = document_fromstring(markup, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise ParseFailed("not_html", url) from error
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        flags = (*flags, "tree_truncated")
    small = tree.xpath("count(//*)") <= MAX_ELEMENTS
    return _Page(
        tree,
        article_meta.read(tree, url, link_header),
        article_jsonld.read(tree),
        article_marks.collect(tree),
        flags,
        small,
    )


def _text(page: _Page, document: str) -> tuple[str, tuple[str, ...]]:
    """(main text, flags). Above the element limit, of half a tree, and where nothing is found, all the text there is.

    The fast mode is enough for most pages; the page's own paragraphs show when it is not (`article_text`).
    """
    if not page.small or "tree_truncated" in page.flags:
        return texts.plain(document), (*page.flags, "extract_fallback")
    extract = _trafilatura()
    text = extract(page.tree, fast=True, with_metadata=False, include_comments=False) or ""
    prose = article_text.paragraphs(page.tree)
    if article_text.falls_short(text, prose):
        text = "\n".join(prose)
    elif article_text.has_no_prose(text, prose):
        text = extract(page.tree, fast=False, with_metadata=False, include_comments=False) or text
    if text:
        return texts.clean(text), page.flags
    return texts.plain(document), (*page.flags, "extract_fallback")


def _published(page: _Page, heading: HtmlElement | None, clock: Clock, text: str) -> tuple[Found, str]:
    """(the first certain publication date by the measured order of places, the day shown where that differs)."""
    found = article_date.structured(page.meta, page.jsonld, clock)
    if not page.small:
        return found, ""
    address = dates.from_url(_address(page.meta), zone=clock.zone, now=clock.now)
    url_day = dates.local_day(address.at, clock.zone) if address.at is not None and address.precision == "day" else ""
    marks = article_date.marked(page.marks, heading, clock)
    if found.raw:
        return found, article_date.shown_day(found, url_day, marks, clock)
    for mark in marks:
        if not mark.updated:
            found = Found(mark.raw, mark.origin)
            return found, article_date.shown_day(found, url_day, [], clock)
    # Japanese pages put the date into a line with other things; elsewhere only a date on its own is trusted.
    nearby = article_date.near(page.marks, heading, clock, alone=clock.zone != _TOKYO)
    if nearby.raw:
        return nearby, ""
    return (Found(url_day, "url") if url_day else _searched(page, heading, clock, text, marks)), ""


def _searched(
    page: _Page, heading: HtmlElement | None, clock: Clock, text: str, marks: list[article_date.Marked]
) -> Found:
    """htmldate over the whole page, checked; then any visible date; then less than a day.

    htmldate fills up what it does not know: the first of a month, 1 January. Such days are not believed.
    """
    url = _address(page.meta)
    guess = _htmldate(page.tree, url, clock.now)
    month = dates.from_url(url, zone=clock.zone, now=clock.now)
    month_only = dates.local_day(month.at, clock.zone)[:7] if month.at is not None else ""
    if month_only and guess == f"{month_only}-01":
        guess = ""
    if guess and not (guess.endswith("-01-01") and not _JANUARY_FIRST.search(" ".join(page.tree.itertext()))):
        return Found(guess, "htmldate")
    nearby = article_date.near(page.marks, heading, clock, alone=False)
    if nearby.raw:
        return nearby
    visible = dates.find_visible(text[:_VISIBLE_HEAD], zone=clock.zone, now=clock.now)
    if visible.at is not None:
        return Found(visible.raw, "visible")
    if marks:
        return Found(marks[0].raw, marks[0].origin)
    if month_only:
        return Found(month_only, "url")
    return Found(guess[:4], "htmldate") if guess else Found()


def _address(meta: PageMeta) -> str:
    """The page's address without an archive's wrapping: the time stamp in that is no publication date."""
    try:
        return urls.canonical(meta.url or meta.canonical)
    except urls.BadUrl:
        return meta.url


@lru_cache(maxsize=1)
def _trafilatura() -> Any:
    """The extractor, loaded when the first page needs it: 400 ms that feeds and commands do not pay."""
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    from trafilatura import extract

    return extract


@lru_cache(maxsize=1)
def _find_date() -> Any:
    """htmldate without dateparser, whose first call loads 3 seconds of locales.

    It is asked only when a text has a month's name that htmldate does not know; our own reader has looked there.
    """
    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    from htmldate import extractors, find_date

    if not callable(extractors.has_date_cue):
        raise TypeError("htmldate changed: look again at how it reaches dateparser")
    extractors.has_date_cue = lambda *_: False
    return find_date


def _htmldate(tree: HtmlElement, url: str, now: datetime | None) -> str:
    limit = now.strftime("%Y-%m-%d") if now else None
    try:
        return _find_date()(tree, url=url or None, original_date=True, max_date=limit) or ""
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, etree.LxmlError):
        # It raises on odd markup; the page keeps its other dates.
        return ""
