"""The checks of an event file: every key read by its kind, every problem kept, none raised before the end."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import PurePath
from typing import Any, Final

from harvester import dates, outlets, urls
from harvester.event.contained import self_contained
from harvester.event.data import Crawl, Event, Outlet, Person
from harvester.event.fields import kind_of
from harvester.event.keys import LISTS_OF_PEOPLE
from harvester.event.people import from_entry, from_file
from harvester.event.times import Times
from harvester.text import clean

_SLUG: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?")
_LEAST: Final = 3  # letters and digits: the "3" of "第3回" may be left of another name too
_SOURCE = re.compile(r"[a-z][a-z0-9_-]*")
_CONTACT = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
# Of a source's name and its table: (key, what is wrong and its repair), key "" for the table as a whole.
Judge = Callable[[str, dict[str, Any]], Iterable[tuple[str, str]]]


def slug_from(name: str) -> str:
    """A slug made of a name or a file's stem; "" when ASCII cannot tell it from others ("大阪", "第3回")."""
    folded = unicodedata.normalize("NFKC", name).lower()
    made = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:64].strip("-")
    lost = any(letter.isalpha() and not letter.isascii() for letter in folded)
    return "" if lost or len(made.replace("-", "")) < _LEAST else made


class Reader(Times):
    """One event file being checked. `problems` is complete after `event()`."""

    def __init__(
        self, document: dict[str, Any], text: str, path: str, files: dict[str, str], judge: Judge | None = None
    ) -> None:
        super().__init__(document, text, path, files)
        self._judge = judge

    def event(self) -> Event | None:
        """The event, or None when something it cannot do without is missing or wrong."""
        self._unknown(self._document, "", 0)
        name, slug = self._name(), self._slug()
        zone = self._zone_name("timezone")
        report_zone = self._zone_name("report_timezone") or zone
        self._zone = dates.zone_of(zone)
        starts, ends = self._span()
        lists = {key: self._people(key) for key in LISTS_OF_PEOPLE}
        made = Event(
            slug=slug, name=name, timezone=zone, report_timezone=report_zone,
            starts=starts or dates.EARLIEST, ends=ends or dates.EARLIEST,
            names=self._strings("names"), hashtags=self._hashtags(), negative=self._strings("negative"),
            city=self._string("city"), series=self._string("series"), edition=self._string("edition"),
            registered=self._number("registered", self._document, ""),
            attended=self._number("attended", self._document, ""), incentivised=self._flag("incentivised"),
            official_hosts=self._hosts("official_hosts"), official_handles=self._handles("official_handles"),
            vendor_names=self._strings("vendor_names"), organisers=lists["organisers"], speakers=lists["speakers"],
            attendees=lists["attendees"], press=lists["press"], media_outlets=self._media(),
            outlets=self._outlets(),
            sponsor_hosts=self._hosts("sponsor_hosts"), aggregator_hosts=self._hosts("aggregator_hosts"),
            wire_hosts=self._hosts("wire_hosts"), event_urls=self._urls("event_urls"), feeds=self._urls("feeds"),
            pages=self._urls("pages"), opml=self._urls("opml"),
            keep_days=self._number("keep_days", self._document, ""),
            reach_threshold=self._number("reach_threshold", self._document, ""), crawl=self._crawl(),
            sources=self._sources(),
            path=self._path,
        )  # fmt: skip
        if self.problems:
            return None
        return replace(made, text=self_contained(self._text, made, given=self._document))

    def _name(self) -> str:
        if "name" not in self._document:
            self._tell("name", "missing", 'add name = "My Conference 2026"')
        return self._string("name")

    def _slug(self) -> str:
        if "slug" in self._document:
            slug, whence = self._string("slug"), ""
        else:
            slug, whence = PurePath(self._path).stem, ", which the file's name would give,"
        if slug and not _SLUG.fullmatch(slug):
            what = f"{slug!r}{whence} is not a slug (letters a-z, digits, hyphens, at most 64)"
            made = slug_from(slug) or slug_from(self._string("name"))
            wanted = f'"{made}"' if made else '"…", a short name that no other event of yours has'
            self._tell("slug", what, f"add slug = {wanted}" if whence else f"write {wanted}")
        return slug

    def _people(self, key: str) -> tuple[Person, ...]:
        entries = self._document.get(key, [])
        if not isinstance(entries, list):
            self._tell(key, f"{kind_of(entries)} where a list belongs", f'write {key} = ["Name", "x:@handle"]')
            return ()
        found = [from_entry(entry, self._telling(key, at)) for at, entry in enumerate(entries)]
        name = self._string(f"{key}_file")
        if name and key in self._document:
            self._tell(f"{key}_file", f"{key} is given too", "keep one of the two")
        elif name and name not in self._files:
            self._tell(f"{key}_file", f"{name!r} was not found beside the event file", "put it there or remove the key")
        elif name:
            found += from_file(self._files[name], name, lambda _, problem: self._tell(f"{key}_file", problem))
        return tuple(dict.fromkeys(person for person in found if person))

    def _telling(self, key: str, at: int) -> Callable[[str, str], None]:
        """A teller for one entry: [[organisers]] blocks have lines of their own."""

        def tell(value: str, problem: str) -> None:
            if self._lines.block(key, at):
                self._tell("", problem, table=key, block=at, value=value)
            else:
                self._tell(key, problem, value=value)

        return tell

    def _media(self) -> tuple[Outlet, ...]:
        found: dict[str, Outlet] = {}
        for block, entry in enumerate(self._blocks("media")):
            self._unknown(entry, "media", block)
            texts = {key: entry.get(key, "") for key in ("name", "feed", "language")}
            hosts = entry.get("hosts", [])
            hosts = [hosts] if isinstance(hosts, str) else hosts
            if not all(
                isinstance(text, str) for text in (*texts.values(), *(hosts if isinstance(hosts, list) else [0]))
            ):
                self._tell("", "name, feed and language are strings, hosts a list of strings", "quote them",
                           table="media", block=block)  # fmt: skip
                continue
            name = clean(texts["name"])
            if not name or not hosts:
                self._tell(
                    "", f"an outlet without {'hosts' if name else 'a name'}", "add it", table="media", block=block
                )
            if name in found:
                self._tell("name", f"{name!r} is listed twice", "merge the blocks", table="media", block=block)
            feed = self._url(texts["feed"], "feed", "media", block) if texts["feed"] else ""
            checked = self._checked_hosts(tuple(hosts), "hosts", "media", block)
            found.setdefault(name, Outlet(name=name, hosts=checked, feed=feed, language=texts["language"]))
        return tuple(found.values())

    def _outlets(self) -> tuple[Outlet, ...]:
        """Outlets by name and hosts alone: those written here, or those of a registry file beside this one."""
        name = self._string("outlets_file")
        if name and "outlets" in self._document:
            self._tell("outlets_file", "outlets is given too", "keep one of the two")
        elif name and name not in self._files:
            what = f"{name!r} was not found beside the event file"
            self._tell("outlets_file", what, "put it there or remove the key")
        elif name:
            try:
                return tuple(Outlet(name=row.name, hosts=row.hosts) for row in outlets.read(self._files[name]))
            except ValueError as error:
                self._tell("outlets_file", f"{name}: {error}", "repair it, or let `harvest outlets refresh` write it")
        entries = self._document.get("outlets", [])
        if not isinstance(entries, list) or not all(_is_outlet(entry) for entry in entries):
            self._tell("outlets", "no list of names and hosts", 'write outlets = [{ name = "…", hosts = ["…"] }]')
            return ()
        return tuple(
            Outlet(name=entry["name"], hosts=self._checked_hosts(tuple(entry["hosts"]), "outlets", "", 0))
            for entry in entries
        )

    def _crawl(self) -> Crawl:
        table = self._table("crawl")
        self._unknown(table, "crawl", 0)
        numbers = {
            key: self._number(key, table, "crawl")
            for key in ("max_depth", "max_pages", "max_pages_per_host", "deadline_minutes")
        }
        contact = table.get("contact", "")
        if not isinstance(contact, str) or (
            contact and not _CONTACT.fullmatch(contact) and not urls.is_web_url(contact)
        ):
            self._tell("contact", f"{contact!r} is not an address or e-mail", "write one that you read", table="crawl")
            contact = ""
        return Crawl(contact=contact, **{key: value for key, value in numbers.items() if value is not None})

    def _sources(self) -> dict[str, dict[str, Any]]:
        """Options of each source as they stand; what is inside is the judge's to tell."""
        tables = self._table("source")
        for name, options in tables.items():
            if not isinstance(options, dict) or not _SOURCE.fullmatch(name):
                self._tell(name, "no source's options", f"begin them with a line [source.{name}]", table="source")
                continue
            for key, problem in self._judge(name, options) if self._judge else ():
                self._tell(key, problem, table=f"source.{name}")
        return {name: options for name, options in tables.items() if isinstance(options, dict)}


def _is_outlet(entry: Any) -> bool:
    """Whether an entry of `outlets` has a name and hosts and nothing else."""
    if not isinstance(entry, dict) or set(entry) != {"name", "hosts"} or not isinstance(entry["hosts"], list):
        return False
    return all(isinstance(text, str) and clean(text) for text in (entry["name"], *entry["hosts"])) and bool(
        entry["hosts"]
    )
