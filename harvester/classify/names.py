"""Finding an event's names, tags, editions and ruled-out words in text. Built once per event file, then reused."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from harvester import urls
from harvester.classify.spellings import YEAR, any_of, bounded, is_strict, of_a_person, spellings
from harvester.text import fold, tag_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harvester.event import Event

_EDITION = re.compile(rf"{YEAR}|['’]\d\d\b|(?:vol\.?|ver\.?|no\.?|#)\s*\d+|第\s*\d+\s*回", re.IGNORECASE)
_AFTER = re.compile(
    rf"[\s\-_/(【\[|:,.#@+]*(?:(?P<year>{YEAR})|['’](?P<short>\d\d)(?!\d)"
    r"|(?:vol\.?|ver\.?|no\.?|#|第)[\s_-]*0*(?P<number>\d{1,3})(?!\d))"
)
_BEFORE = re.compile(rf"(?:(?P<year>{YEAR})\s*年?の?[\s\-_/]*|第\s*(?P<number>\d{{1,3}})\s*回[\s_-]*)$")
_TAG_YEAR = re.compile(rf"_?(?P<year>{YEAR}|\d\d)$")
_PATH_DATES = re.compile(rf"/{YEAR}(?:/\d{{1,2}}){{0,2}}(?=/)|/{YEAR}-?\d\d-?\d\d(?=[/-])")
_BESIDE = 40  # characters around a name in which a longer, ruled-out term can hold it


@dataclass(frozen=True, slots=True)
class Names:
    """An event's words, compiled. `loose` is searched in folded text, `strict` in NFKC text with its case kept.

    pages    the event's own: (post key, canonical address without a slash at its end)
    figures  those who stood for the event on its stage, by full name or, with the vendor beside it, by surname
    series   stands for all editions: any year or number is its own
    """

    loose: re.Pattern[str]
    strict: re.Pattern[str]
    gate: re.Pattern[str]
    negative: re.Pattern[str]
    context: re.Pattern[str]
    vendor: re.Pattern[str]
    figures: re.Pattern[str]
    tags: frozenset[str]
    pages: tuple[tuple[str, str], ...]
    years: frozenset[int]
    numbers: frozenset[int]
    series: bool

    def find(self, text: str, folded: str) -> list[re.Match[str]]:
        """Where a name stands, in order of kind; offsets of strict hits are those of the NFKC text."""
        found = list(self.loose.finditer(folded))
        return found + list(self.strict.finditer(unicodedata.normalize("NFKC", text)))

    def apart(self, found: list[re.Match[str]]) -> list[re.Match[str]]:
        """Those that are no part of a ruled-out term: `JAWS DAYS` is no name in "JAWS DAYS 2018" when that is one."""
        return [match for match in found if not self._within_another(match)]

    def _within_another(self, match: re.Match[str]) -> bool:
        around = match.string[max(0, match.start() - _BESIDE) : match.end() + _BESIDE]
        start = match.start() - max(0, match.start() - _BESIDE)
        end = start + match.end() - match.start()
        spans = (other.span() for other in self.negative.finditer(fold(around)))
        return any(left <= start and right >= end and right - left > end - start for left, right in spans)

    def editions(self, found: list[re.Match[str]]) -> tuple[int, int]:
        """How many of these names carry this edition's year or number right beside them, and how many another's."""
        own = other = 0
        for match in found:
            for kind, value in _beside(match):
                if self.series:
                    own += 1
                    continue
                mine = self.years if kind == "year" else self.numbers
                if not mine:
                    continue
                own += value in mine
                other += value not in mine
        return own, other

    def tag(self, tag: str) -> str:
        """What a hashtag is to the event: `edition` (this one alone), `event`, `other` (another edition), or ""."""
        key = tag_key(tag)
        year = _TAG_YEAR.search(key)
        stem = key[: year.start()] if year else key
        mine = year is not None and self._is_own(int(year["year"]))
        if key in self.tags:
            return "edition" if mine else "event"
        if year is None or (stem not in self.tags and not any(_stem(tag) == stem for tag in self.tags)):
            return ""
        return "edition" if mine or not self.years else "other"

    def _is_own(self, year: int) -> bool:
        return year in self.years or any(year == own % 100 for own in self.years)

    def is_page(self, target: str) -> bool:
        """Whether an address, or the post key it was stored under, is the event's own page or lies below it."""
        if not self.pages:
            return False
        if any(target == key for key, _ in self.pages):
            return True
        try:
            address = urls.canonical(target)
        except urls.BadUrl:
            return False
        return any(address == page or address.startswith((page + "/", page + "?")) for _, page in self.pages)


def _stem(tag: str) -> str:
    return _TAG_YEAR.sub("", tag)


def _beside(match: re.Match[str]) -> list[tuple[str, int]]:
    """The edition that stands right after or before a name, as ("year" | "number", value)."""
    after = _AFTER.match(match.string, match.end())
    before = _BEFORE.search(match.string[max(0, match.start() - 12) : match.start()])
    out = []
    for found in (after, before):
        if found is None:
            continue
        groups = found.groupdict()
        if groups.get("year"):
            out.append(("year", int(groups["year"])))
        elif groups.get("short"):
            out.append(("year", 2000 + int(groups["short"])))
        elif groups.get("number"):
            out.append(("number", int(groups["number"])))
    return out[:1]


def slug_words(url: str) -> str:
    """The words of an address, decoded, dates out: what stands in for a title where there is none."""
    parts = urlsplit(url)
    path = _PATH_DATES.sub("", parts.path + "/")
    return fold(unquote(path, errors="replace")).strip("/")


def without_edition(names: Iterable[str]) -> Iterator[str]:
    """Names of an edition as names of the series: `CMC Meetup` of "CMC Meetup vol.2"."""
    for name in names:
        if base := _EDITION.sub("", name).strip(" -_/,.#()[]'’"):
            yield base


def names_of(event: Event) -> Names:
    """The compiled words of an event."""
    zone = ZoneInfo(event.timezone)
    return _compiled(
        names=(event.name, *event.names),
        hashtags=event.hashtags,
        negative=event.negative,
        vendors=event.vendor_names,
        city=event.city,
        speakers=tuple(person.name for person in event.speakers if person.name),
        hosts=tuple(person.name for person in event.organisers if person.name),
        pages=event.event_urls,
        edition=event.edition,
        span=(event.starts.astimezone(zone).year, event.ends.astimezone(zone).year),
        series=event.whole_series,
    )


@lru_cache(maxsize=16)
def _compiled(
    *,
    names: tuple[str, ...],
    hashtags: tuple[str, ...],
    negative: tuple[str, ...],
    vendors: tuple[str, ...],
    city: str,
    speakers: tuple[str, ...],
    hosts: tuple[str, ...],
    pages: tuple[str, ...],
    edition: str,
    span: tuple[int, int],
    series: bool,
) -> Names:
    context = (city, *vendors, *speakers)
    bases = sorted(set(without_edition(names)))
    tags = frozenset(tag_key(tag) for tag in hashtags if tag_key(tag))
    loose = [pattern for base in bases if not is_strict(base) for pattern in spellings(fold(base))]
    strict = [rf"(?<![A-Za-z0-9]){re.escape(base)}(?![A-Za-z])" for base in bases if is_strict(base)]
    strict_slugs = [rf"(?<![a-z0-9]){re.escape(fold(base))}(?=[\W_]*{YEAR})" for base in bases if is_strict(base)]
    spoken = [rf"[#＃]{re.escape(tag)}(?!\w)" for tag in sorted(tags)]
    numbers = {
        int(n)
        for text in (edition, *names)
        for n in re.findall(r"(?:vol\.?|ver\.?|no\.?|#|第)\s*(\d{1,3})", fold(text))
    }
    if edition.isdigit() and len(edition) <= 3:  # longer is a year
        numbers.add(int(edition))
    years = range(span[0], span[1] + 1)
    return Names(
        loose=any_of(loose + strict_slugs),
        strict=any_of(strict),
        gate=any_of(loose + strict_slugs + spoken),
        negative=any_of([bounded(fold(term)) for term in negative if term.strip()]),
        context=any_of([bounded(fold(term)) for term in context if len(term.strip()) > 1]),
        vendor=any_of([bounded(fold(name)) for name in vendors if len(name.strip()) > 1]),
        figures=any_of([bounded(word) for name in (*speakers, *hosts) for word in of_a_person(name)]),
        tags=tags,
        pages=tuple(sorted({(urls.key_for(url), page) for url in pages if (page := _page(url))})),
        years=frozenset(() if series else years),
        numbers=frozenset(numbers),
        series=series,
    )


def _page(url: str) -> str:
    try:
        return urls.canonical(url).rstrip("/")
    except urls.BadUrl:
        return ""
