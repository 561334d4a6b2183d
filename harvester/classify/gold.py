"""Hand-labelled pages as posts: what a gold file says, read leniently, and the event that a record is about.

A record is one JSON object a line: url, title, author, published, event, label, about_event, and the page itself as
`html_path` or `text` where there is one. Evidence that is not there is missing, not an error.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from harvester.event import Event
from harvester.model import Draft, DraftAuthor, Post, Rejected
from harvester.normalise import normalise
from harvester.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

LABELS: Final = ("participant", "media", "vendor", "organiser", "other")
_NO_TITLE: Final = "-"
_ABOUT: Final = {"yes": True, "true": True, "1": True, "partly": False, "no": False, "false": False, "0": False}
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_EDITION: Final = re.compile(r"(?:19|20)\d\d|(?:vol\.?|no\.?|#|第)\s*\d+\s*回?")
# Names by which files of others call the same thing.
_ALIASES: Final = {
    "label": ("label", "role", "kind"), "title": ("title", "first_words"), "language": ("language", "lang"),
    "html_path": ("html_path", "path", "html"), "published": ("published", "published_at", "date"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One labelled page. "" and None are what the file does not say.

    label       what a human said, in lower case
    acceptable  labels that are right as well
    about       whether it is about the event: `partly` is no, as such a page would not be counted
    """

    line: int
    url: str
    title: str = ""
    author: str = ""
    author_is_org: bool = False
    published: str = ""
    language: str = ""
    event: str = ""
    label: str = ""
    acceptable: tuple[str, ...] = ()
    about: bool | None = None
    html_path: str = ""
    text: str = ""


def read(lines: Iterable[str]) -> Iterator[Record]:
    """The records of a JSONL text. Raises ValueError naming the line that is none."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            raise ValueError(f"line {number}: no JSON") from None
        if not isinstance(row, dict) or not _said(row, "url"):
            raise ValueError(f'line {number}: no record with a "url"')
        yield _record(number, row)


def _record(number: int, row: dict[str, Any]) -> Record:
    more = row.get("also_acceptable")
    return Record(
        line=number,
        url=_said(row, "url"),
        title=_said(row, "title"),
        author=_said(row, "author"),
        author_is_org=row.get("author_is_org") is True,
        published=_said(row, "published"),
        language=_said(row, "language"),
        event=_said(row, "event"),
        label=_said(row, "label").lower(),
        acceptable=tuple(str(value).lower() for value in more) if isinstance(more, list) else (),
        about=_ABOUT.get(_said(row, "about_event").lower()),
        html_path=_said(row, "html_path"),
        text=_said(row, "text"),
    )


def _said(row: dict[str, Any], name: str) -> str:
    """The value of a key or of its first alias that has one, as text."""
    for key in _ALIASES.get(name, (name,)):
        value = row.get(key)
        if isinstance(value, str | int | float):
            return str(value).strip()
    return ""


def draft_of(record: Record, page: Draft | None) -> Draft:
    """What a crawl would have found: the page, completed by what the record says where the page says nothing."""
    zone = "Asia/Tokyo" if record.language == "ja" else ""
    told = Draft(
        url=record.url,
        title=record.title,
        text=record.text,
        language=record.language,
        author=DraftAuthor(name=record.author, is_org=record.author_is_org),
        published=record.published,
        published_origin="import" if record.published else "",
        default_zone=zone,
    )
    if page is None:
        return told
    author = page.author if page.author.name else replace(page.author, name=record.author)
    dated = (page.published, page.published_origin) if page.published else (told.published, told.published_origin)
    return replace(
        page,
        url=record.url,
        title=page.title or told.title,
        text=page.text or told.text,
        language=page.language or told.language,
        author=replace(author, is_org=page.author.is_org or record.author_is_org),
        published=dated[0],
        published_origin=dated[1],
        default_zone=page.default_zone or zone,
    )


def post_of(record: Record, page: Draft | None, event: Event, *, now: datetime) -> Post:
    """The record as the post that a crawl would have stored. Raises ValueError for an address that is none.

    An address without a title or text is a post here: its address may say enough.
    """
    draft = draft_of(record, page)
    if draft.title or draft.text:
        post = normalise(draft, event, now=now)
    else:
        post = normalise(replace(draft, title=_NO_TITLE), event, now=now)
        post = replace(post, title="") if isinstance(post, Post) else post
    if isinstance(post, Rejected):
        raise ValueError(f"{record.url!r} is no usable page ({post.reason}); repair or drop the line")  # noqa: TRY004
    return post


def event_for(name: str, known: Sequence[Event]) -> Event:
    """The event a record names: a known one, another edition of a known one, or one of which only the name is known.

    A name and an event file are compared by their letters: `aws-reinvent-2016` is "AWS re:Invent 2016".
    """
    wanted = _letters(name)
    for called in (lambda event: (event.slug, event.name), lambda event: event.names):
        for event in known:
            if wanted in map(_letters, called(event)):
                return event
    base = _letters(_EDITION.sub("", fold(name)))
    kin = [(len(own), event) for event in known if len(own := _base(event)) > 1 and base.startswith(own)]
    year = _YEAR.search(name)
    if kin:
        event = max(kin, key=lambda found: (found[0], not found[1].whole_series))[1]
        return _edition_of(event, name, int(year[0])) if year and not event.whole_series else event
    starts, ends = _span(int(year[0]) if year else 0)
    return Event(
        slug=re.sub(r"\W+", "-", fold(name)).strip("-") or "unnamed", name=name or "?", starts=starts, ends=ends,
        timezone="UTC", report_timezone="UTC", edition="" if year else "all",
    )  # fmt: skip


def _letters(words: str) -> str:
    return re.sub(r"[\W_]+", "", fold(words))


def _base(event: Event) -> str:
    return _letters(_EDITION.sub("", fold(event.name)))


def _edition_of(event: Event, name: str, year: int) -> Event:
    starts, ends = _span(year)
    return replace(event, slug=f"{event.slug}-{year}", name=name, names=(event.name, *event.names), negative=(),
                   edition=str(year), starts=starts, ends=ends)  # fmt: skip


def _span(year: int) -> tuple[datetime, datetime]:
    """The whole year, or all years when none is told: the days of the edition are not known."""
    first, last = (year, year) if year else (1990, 2090)
    return datetime(first, 1, 1, tzinfo=UTC), datetime(last, 12, 31, tzinfo=UTC)
