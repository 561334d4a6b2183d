"""What an event is, checked and ready: the values that `harvester.event.load` makes of an event file."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

from harvester import dates, urls
from harvester.platforms import KNOWN_ALIASES
from harvester.text import fold

# Posts are looked for until this long after the end (metrics: 28 days hold nearly all of them).
AFTERMATH = timedelta(days=28)


def is_whole_series(edition: str) -> bool:
    """Whether an event file is about all editions of its series (`edition = "all"`) and not about one."""
    return fold(edition).strip() == "all"


def identity_of(reference: str) -> tuple[str, str]:
    """(platform, handle) that a reference in an event file names; ("", "") for a person's plain name.

    `qiita:aoi`, `x:@aoi`, `@aoi` (that is X) and addresses. A page of one's own is ("web", canonical address).
    """
    text = reference.strip()
    if text.lower().startswith(("http://", "https://")):
        found = urls.identify(text)
        if found.platform != "web" and found.handle:
            return found.platform, found.handle
        try:
            return "web", urls.canonical(text)
        except urls.BadUrl:
            return "", ""
    if text.startswith("@") and len(text) > 1 and " " not in text:
        return "x", fold(text[1:])
    platform, colon, handle = text.partition(":")
    platform = platform.strip().lower()
    if not colon or not platform.isalnum() or not handle.strip():
        return "", ""
    platform = KNOWN_ALIASES.get(platform, platform)
    handle = handle.strip()
    # Medium and YouTube write the @ in their addresses; only YouTube's handle keeps it.
    return platform, handle if platform == "youtube" else fold(handle.removeprefix("@"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody on a list: a name, references to accounts as written, an employer; one of name and handles is there."""

    name: str = ""
    handles: tuple[str, ...] = ()
    organisation: str = ""

    def identities(self) -> tuple[tuple[str, str], ...]:
        """(platform, handle) of each reference, compared with authors'."""
        return tuple(found for found in map(identity_of, self.handles) if found[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """A medium with an editorial filter: posts on its hosts (and below them) are media."""

    name: str
    hosts: tuple[str, ...]
    feed: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl:
    """How far one crawl goes. `contact` is an address or e-mail that site owners find in the User-Agent."""

    max_depth: int = 2
    max_pages: int = 2000
    max_pages_per_host: int = 300
    deadline_minutes: int = 60
    contact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One edition of an event. Times are aware UTC, `ends` inclusive; hosts are lower-case ASCII.

    `text` is the event file with its list files written into it: loading it again needs no other file.
    """

    slug: str
    name: str
    starts: datetime
    ends: datetime
    timezone: str
    report_timezone: str
    names: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()
    negative: tuple[str, ...] = ()
    city: str = ""
    series: str = ""
    edition: str = ""
    registered: int | None = None
    attended: int | None = None
    incentivised: bool = False
    official_hosts: tuple[str, ...] = ()
    official_handles: tuple[str, ...] = ()
    vendor_names: tuple[str, ...] = ()
    organisers: tuple[Person, ...] = ()
    speakers: tuple[Person, ...] = ()
    attendees: tuple[Person, ...] = ()
    press: tuple[Person, ...] = ()
    media_outlets: tuple[Outlet, ...] = ()
    outlets: tuple[Outlet, ...] = ()
    sponsor_hosts: tuple[str, ...] = ()
    aggregator_hosts: tuple[str, ...] = ()
    wire_hosts: tuple[str, ...] = ()
    event_urls: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    opml: tuple[str, ...] = ()
    keep_days: int | None = None
    reach_threshold: int | None = None
    crawl: Crawl = field(default_factory=Crawl)
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)
    text: str = ""
    path: str = ""

    @property
    def whole_series(self) -> bool:
        """Whether it stands for all editions of its series: each of them is its own then."""
        return is_whole_series(self.edition)

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody on a list who is no reporter: those on the programme first."""
        return (*self.speakers, *self.attendees, *self.organisers)

    def day_of(self, at: datetime) -> str:
        """The day (`YYYY-MM-DD`) of a moment in the zone that reports count days in."""
        return dates.local_day(at, self.report_timezone)

    def window(self) -> tuple[datetime, datetime]:
        """The time in which posts about the event are looked for: its start to 28 days after its end."""
        return self.starts, self.ends + AFTERMATH

    def config_hash(self) -> str:
        """12 hex digits that change when anything the file says changes; comments and order do not count."""
        content = {f.name: _plain(getattr(self, f.name)) for f in fields(self) if f.name not in ("text", "path")}
        if self.crawl.max_pages_per_host == Crawl().max_pages_per_host:
            del content["crawl"]["max_pages_per_host"]
        if self.keep_days is None:
            del content["keep_days"]  # files of before the key have the hash they had
        if self.reach_threshold is None:
            del content["reach_threshold"]  # the same
        if not self.outlets:
            del content["outlets"]  # the same
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]


def _plain(value: Any) -> Any:
    """A value as JSON without order: lists are sorted."""
    if isinstance(value, tuple | list):
        return sorted((_plain(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    if isinstance(value, Person | Outlet | Crawl):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return value if isinstance(value, str | int | float | bool | None) else str(value)
