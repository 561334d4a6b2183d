"""The registry of who publishes (`outlets.toml`): outlets, wires and aggregators as values, and whose a page is. Pure.

Read once, on first use, and refused as a whole when a row of it is not as it should be: it is shipped with the code.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import dataclass, fields
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Final

from harvester.text import fold

CONFIDENCE: Final = ("checked", "listed", "known", "doubtful")
KINDS: Final = ("it", "business", "general", "trade")
_HOST: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
_SHORTEST_NAME: Final = 4  # letters; CRN, Wired and the like are other things too
_LANGUAGE: Final = re.compile(r"[a-z]{2}")
_MAY_LACK: Final = ("feed", "search", "kind", "why")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """One row; the head of `outlets.toml` says what its fields hold."""

    name: str
    hosts: tuple[str, ...]
    language: str
    confidence: str
    provenance: str
    feed: str = ""
    kind: str = ""
    search: str = ""

    @property
    def trusted(self) -> bool:
        """Whether it has a feed that may be read without being asked for by name."""
        return bool(self.feed) and self.confidence != "doubtful"

    def keeps(self, host: str) -> bool:
        """Whether a host is one of its own or below one."""
        return any(host == own or host.endswith("." + own) for own in self.hosts)

    def called(self, word: str) -> bool:
        """Whether a word of an event file means this outlet: its name in any spelling, or a host."""
        return fold(word).strip() in {fold(self.name), *self.hosts}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A wire or an aggregator. `why` is what an aggregator does: `copies` pages or `collects` posts; "" for a wire."""

    name: str
    hosts: tuple[str, ...]
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """A place (host, or host and beginning of a path) under an outlet's roof that its desk does not answer for."""

    place: str
    reason: str

    def holds(self, host: str, path: str) -> bool:
        """Whether a page stands there."""
        own, slash, beginning = self.place.partition("/")
        return (host == own or host.endswith("." + own)) and (not slash or path.startswith(f"/{beginning}"))


@dataclass(frozen=True, kw_only=True)
class Registry:
    """Everything of the file. Hosts are found by themselves or their parents, the longest first."""

    outlets: tuple[Outlet, ...]
    guests: tuple[Guest, ...] = ()
    wires: tuple[Site, ...] = ()
    aggregators: tuple[Site, ...] = ()

    @property
    def rows(self) -> tuple[Outlet | Site, ...]:
        """Outlets, wires and aggregators."""
        return (*self.outlets, *self.wires, *self.aggregators)

    @cached_property
    def _by_host(self) -> dict[str, Outlet | Site]:
        return {host: row for row in self.rows for host in row.hosts}

    def find(self, host: str) -> tuple[str, Outlet | Site | None]:
        """(host in the registry, its row) that a host belongs to; ("", None) when nobody's."""
        parts = host.split(".")
        for candidate in (*(".".join(parts[start:]) for start in range(len(parts))), f"www.{host}"):
            if row := self._by_host.get(candidate):
                return candidate, row
        return "", None

    def guest(self, host: str, path: str = "/") -> Guest | None:
        """The exception that a page falls under."""
        return next((guest for guest in self.guests if guest.holds(host, path)), None)

    def outlet(self, host: str, path: str = "/") -> str:
        """The host of the outlet that a page belongs to, "" when none or only under its roof."""
        found, row = self.find(host)
        return found if isinstance(row, Outlet) and not self.guest(host, path) else ""

    @cached_property
    def _by_name(self) -> dict[str, Outlet]:
        return {fold(row.name): row for row in self.outlets if len(row.name) >= _SHORTEST_NAME}

    def named(self, publisher: str) -> str:
        """The outlet that a page's publisher or signature is called by, "" for none: it may stand on any host."""
        found = self._by_name.get(fold(publisher).strip())
        return found.name if found else ""

    def wire(self, host: str) -> str:
        """The host of the wire that a page belongs to, or ""."""
        found, row = self.find(host)
        return found if row in self.wires else ""

    def aggregator(self, host: str, why: tuple[str, ...] = ("copies", "collects")) -> str:
        """The host of the aggregator that a page belongs to, or ""."""
        found, row = self.find(host)
        return found if isinstance(row, Site) and row.why in why else ""


@cache
def shipped() -> Registry:
    """The registry of the package."""
    text = files("harvester").joinpath("outlets.toml").read_text("utf-8")
    tables = tomllib.loads(text)
    made = Registry(
        outlets=read(text),
        guests=tuple(Guest(**row) for row in tables["guest"]),
        wires=tuple(Site(name=row["name"], hosts=tuple(row["hosts"])) for row in tables["wire"]),
        aggregators=tuple(Site(**{**row, "hosts": tuple(row["hosts"])}) for row in tables["aggregator"]),
    )
    if twice := [host for host, times in Counter(h for row in made.rows for h in row.hosts).items() if times > 1]:
        raise ValueError(f"{', '.join(twice)} stands twice")
    return made


def registry() -> tuple[Outlet, ...]:
    """The shipped outlets, in their order."""
    return shipped().outlets


def read(text: str) -> tuple[Outlet, ...]:
    """The outlets in a TOML text. Raises ValueError naming every row that is wrong and how."""
    rows: list[dict[str, Any]] = tomllib.loads(text).get("outlet", [])
    wrong = [f"{row.get('name', 'a row without a name')}: {told}" for row in rows if (told := problem(row))]
    if not wrong:
        wrong = [f"{value} stands twice" for value in _twice(rows)]
    if wrong or not rows:
        raise ValueError("; ".join(wrong) or "no outlets")
    return tuple(Outlet(**{**row, "hosts": tuple(row["hosts"])}) for row in rows)


def problem(row: dict[str, Any]) -> str:
    """What is wrong with a row, "" when nothing is."""
    known = {field.name for field in fields(Outlet)}
    if strange := sorted(set(row) - known):
        return f"nobody reads {', '.join(strange)}"
    if lacking := sorted(name for name in known - set(_MAY_LACK) if not row.get(name)):
        return f"no {', '.join(lacking)}"
    hosts, texts = row["hosts"], [row[name] for name in row if name != "hosts"]
    if not isinstance(hosts, list) or not all(isinstance(text, str) for text in [*hosts, *texts]):
        return "hosts is a list of texts, everything else a text"
    if bad := [host for host in hosts if not is_host(host)]:
        return f"{', '.join(bad)} is no host in lower-case ASCII"
    return _wrong_words(row)


def _wrong_words(row: dict[str, Any]) -> str:
    if bad := [row[name] for name in ("feed", "search") if not (row.get(name) or "https://").startswith("https://")]:
        return f"{', '.join(bad)} does not begin with https://"
    if "{tag}" not in (row.get("search") or "{tag}"):
        return "search has no {tag}"
    if not _LANGUAGE.fullmatch(row["language"]):
        return f"language {row['language']} is no two letters"
    if row.get("kind", "it") not in KINDS:
        return f"kind is one of {', '.join(KINDS)}"
    return "" if row["confidence"] in CONFIDENCE else f"confidence is one of {', '.join(CONFIDENCE)}"


def is_host(text: str) -> bool:
    """Whether a text is a host name as the registry writes it: lower-case ASCII with a dot, without port."""
    return _HOST.fullmatch(text) is not None


def _twice(rows: list[dict[str, Any]]) -> list[str]:
    """Names, hosts and feeds that more than one row claims."""
    names, feeds = [fold(row["name"]) for row in rows], [row["feed"] for row in rows if row.get("feed")]
    counted = (Counter(names), Counter(host for row in rows for host in row["hosts"]), Counter(feeds))
    return [value for counts in counted for value, times in counts.items() if times > 1]
