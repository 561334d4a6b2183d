"""When a page was published: structured data first, then marked elements, words near the headline, the address.

Every answer is a string that `harvester.dates` reads, with where it stood. Nothing here guesses: a string that
is no certain day is passed over and the next place is asked.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from lxml import etree

from harvester import dates
from harvester.article_meta import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from harvester.article_jsonld import JsonLd
    from harvester.article_marks import Marks
    from harvester.article_meta import PageMeta


class Found(NamedTuple):
    """A date as written and its origin (a member of model.DATE_ORIGINS); both empty when there is none."""

    raw: str = ""
    origin: str = ""


PUBLISHED_META: Final = (
    "article:published_time", "og:article:published_time", "article:published", "article:published_date",
    "og:published_time", "datepublished", "date_published", "publishdate", "publish_date", "publish-date",
    "published_time", "published-date", "published_date", "pubdate", "publication_date", "article:post_date",
    "dc.date.issued", "dc:date.issued", "dcterms.issued", "dcterms.created", "dc.date.created", "dcterms.date",
    "dc.date", "dc:date", "citation_publication_date", "citation_date", "parsely-pub-date", "sailthru.date",
    "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "article_date_original", "originalpublicationdate",
    "article.created", "article.published", "bt:pubdate", "rnews:datepublished", "mediator_published_time",
    "displaydate", "release_date", "ptime", "datecreated", "date_created", "dateposted", "date", "created",
)  # fmt: skip
MODIFIED_META: Final = (
    "article:modified_time", "og:article:modified_time", "og:updated_time", "article:modified", "datemodified",
    "modified_time", "dcterms.modified", "dc.date.modified", "last-modified", "lastmod", "lastmodified", "modified",
)  # fmt: skip

_STRONG: Final = re.compile(
    r"datepublished|pubdate|publish|entry-?date|post-?date|article-?date|dt-published|posted|date-?header",
    re.IGNORECASE,
)
_UPDATED: Final = re.compile(
    r"更新|最終|updated?\b|modified|dt-updated|datemodified|last-?mod|aktualisiert|mis à jour", re.IGNORECASE
)
_CREATED: Final = re.compile(r"公開|投稿|掲載|作成|配信|publish|posted|created|erstellt|veröffentlicht", re.IGNORECASE)
# Words after a date that make it the day of an event, a release or a deadline.
_TAKES_PLACE: Final = re.compile(
    r"\s*(?:\([^)]{1,5}\))?\s*(?:[~〜–—-]\s*(?:\d|$)|から|より|まで|[にの]?(?:開催|実施|発売|発表|リリース|開始|締切|終了|放送)|に行|にて)"
)
# Writing in sentences, where a date belongs to the story, unless it speaks of the text itself.
_SENTENCE: Final = re.compile(r"。|[ぁ-ん]{5,}|[a-zäöüé]+ [a-zäöüé]+ [a-zäöüé]+ [a-zäöüé]+")
_OF_THIS_TEXT: Final = re.compile(r"記事|エントリ|投稿|公開日|掲載日|\b(?:posted|published)\b", re.IGNORECASE)
_ELSEWHERE: Final = re.compile(
    r"comment|sidebar|widget|related|recent|recommend|ranking|popular|archive-?list|(?<!post-)(?<!entry-)(?<!article-)footer|calendar|\bnav\b|menu|event|pager",
    re.IGNORECASE,
)
_IN_UTC: Final = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:Z|[+-]00:?00|UTC|GMT)\s*$")
_MAX_WORDS: Final = 90
# How many elements before and after the headline still belong to its byline.
_BEFORE: Final = 40
_AFTER: Final = 90
_TOP: Final = 400
_LEVELS: Final = 8
_MAX_PARTS: Final = 12


@dataclass(slots=True)
class Clock:
    """How strings are read on this page: default zone and the moment after which dates are impossible."""

    zone: str
    now: datetime | None

    def reads(self, raw: str) -> bool:
        """Whether a string is a day or finer, and possible."""
        return dates.parse(raw, zone=self.zone, now=self.now).precision in {"second", "minute", "day"}

    def day(self, raw: str) -> str:
        """The day of a string on this page, `YYYY-MM-DD`; nothing when it has none."""
        when = dates.parse(raw, zone=self.zone, now=self.now)
        return dates.local_day(when.at, self.zone) if when.at is not None else ""


def structured(page: PageMeta, jsonld: JsonLd, clock: Clock) -> Found:
    """JSON-LD datePublished, then the meta elements that name a publication date."""
    if jsonld.published and clock.reads(jsonld.published):
        return Found(jsonld.published, "jsonld")
    for name in PUBLISHED_META:
        raw = page.meta.get(name, "")
        if raw and clock.reads(raw):
            return Found(raw, "meta")
    return Found()


def modified(page: PageMeta, jsonld: JsonLd, clock: Clock) -> str:
    """The last change that the page states, as written."""
    for raw in (jsonld.modified, *(page.meta.get(name, "") for name in MODIFIED_META)):
        if raw and clock.reads(raw):
            return raw
    return ""


def shown_day(found: Found, url_day: str, marks: list[Marked], clock: Clock) -> str:
    """The day that the page itself shows when its moment, written in UTC, falls on the day before or after.

    Sites abroad stamp in UTC and show their own day; nothing but that day tells where they live.
    """
    if not _IN_UTC.search(found.raw):
        return ""
    moment = dates.parse(found.raw, zone=clock.zone, now=clock.now)
    if moment.at is None or moment.precision not in {"second", "minute"}:
        return ""
    ours = date.fromisoformat(dates.local_day(moment.at, clock.zone))
    shown = [url_day] if url_day else [clock.day(mark.raw) for mark in marks if not mark.updated][:1]
    for day in shown:
        if day and abs(date.fromisoformat(day) - ours).days == 1:
            return day
    return ""


class Marked(NamedTuple):
    """An element that may show the date: its rank (small is better), what it says and where."""

    rank: tuple[int, int]
    raw: str
    origin: str
    updated: bool


def marked(marks: Marks, heading: HtmlElement | None, clock: Clock) -> list[Marked]:
    """Elements marked as dates outside comments and side columns, those near the headline first."""
    home = marks.place(heading)
    around = set() if heading is None else set(heading.iterancestors())
    found = []
    for place, element in marks.dates:
        value = element.get("datetime") or element.get("content") or ""
        text = words(element) if len(element) < _MAX_PARTS else ""
        date, origin = _date_of(value, element.get("title") or "", text, clock)
        if date and not _is_elsewhere(element, around):
            hint = f"{element.get('class') or ''} {element.get('id') or ''} {element.get('itemprop') or ''} {text}"
            updated = _UPDATED.search(hint) is not None and not _CREATED.search(hint)
            strong = _STRONG.search(hint) is not None or element.get("pubdate") is not None
            rank = (0 if strong else 1) + (2 if updated else 0)
            found.append(Marked((rank, abs(place - home)), date, origin, updated))
    return sorted(found, key=lambda mark: mark.rank)


def _date_of(value: str, title: str, text: str, clock: Clock) -> tuple[str, str]:
    """(date, origin) of an element by its machine value, its tooltip or its words."""
    for raw, origin in ((value, "time"), (title, "time"), (text, "visible")):
        if not 4 <= len(raw) <= _MAX_WORDS:
            continue
        date = raw if clock.reads(raw) else _inside(raw, clock)
        if date:
            return date, origin
    return "", ""


def _inside(text: str, clock: Clock) -> str:
    """The first date in a line that is not when something takes place."""
    rest = unicodedata.normalize("NFKC", text)
    while any(c.isdigit() for c in rest):
        raw = dates.find_visible(rest, zone=clock.zone, now=clock.now).raw
        if not raw:
            return ""
        rest = rest[rest.find(raw) + len(raw) :]
        if not _TAKES_PLACE.match(rest):
            return raw
    return ""


def _is_elsewhere(element: HtmlElement, around: set[HtmlElement]) -> bool:
    """Whether an element stands in a comment, a side column or the like that the headline is not in."""
    for depth, parent in enumerate((element, *element.iterancestors())):
        if parent.tag in {"aside", "nav", "form", "select", "option"}:
            return True
        if parent.tag in {"body", "article", "main"} or depth > _LEVELS:
            return False
        hint = f"{parent.get('class') or ''} {parent.get('id') or ''}"
        if _ELSEWHERE.search(hint) or (parent.tag == "footer" and next(parent.iterancestors("article"), None) is None):
            return parent not in around
    return False


def near(marks: Marks, heading: HtmlElement | None, clock: Clock, *, alone: bool) -> Found:
    """A date in the short texts around the headline, one called a publication first; never one in a sentence.

    alone  only where the text is nothing but the date, or names it as the publication
    """
    best = Found()
    for text in _short_texts(marks, heading):
        whole = clock.reads(text)
        raw = text if whole else _inside(text, clock)
        if not raw or (_SENTENCE.search(text) and not _OF_THIS_TEXT.search(text)):
            continue
        if _CREATED.search(text):
            return Found(raw, "visible")
        if not best.raw and (whole or not alone) and not _UPDATED.search(text):
            best = Found(raw, "visible")
    return best


def _short_texts(marks: Marks, heading: HtmlElement | None) -> Iterator[str]:
    """Texts of at most a line around the headline, not its own; without one, at the top of the page."""
    order = marks.elements[marks.body : marks.body + _TOP]
    title: set[HtmlElement] = set()
    if heading is not None:
        home = marks.place(heading)
        title = set(heading.iter(etree.Element))
        # Behind the headline is likelier than before it.
        order = marks.elements[home : home + _AFTER] + marks.elements[max(marks.body, home - _BEFORE) : home][::-1]
    for element in order:
        if element.tag in {"script", "style", "noscript", "option", "select", "title"}:
            continue
        own = None if element in title else element.text
        tail = None if element in title and element is not heading else element.tail
        for text in (own, tail):
            if text and 6 <= len(line := " ".join(text.split())) <= _MAX_WORDS and any(c.isdigit() for c in line):
                yield line
