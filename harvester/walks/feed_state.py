"""What is remembered of a reading of a feed: a `Mark` between crawls, a `Walk` between the pages of one. Pure."""

from __future__ import annotations

import hashlib
import json
import zlib
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Self

from harvester.walks.timeline import iso

if TYPE_CHECKING:
    from harvester.event import Event
    from harvester.model import Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """Plain values that are stored without those that are empty."""

    def told(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def of(cls, values: Any) -> Self:
        """What was stored; values that do not fit are as if they were not there."""
        kinds = {field.name: type(field.default) for field in fields(cls)} if isinstance(values, dict) else {}
        return cls(**{name: values[name] for name, kind in kinds.items() if type(values.get(name)) is kind})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark(_Told):
    """What is known of a feed from earlier crawls.

    newest, at  the newest entry of the last reading, and when it appeared
    since       when the oldest entry of the first reading appeared, where older ones had left the feed by then
    rest        the older page at which an unfinished walk goes on
    asked       what was looked for: with other names or days of the event everything is read again
    """

    newest: str = ""
    at: str = ""
    since: str = ""
    rest: str = ""
    asked: str = ""

    @classmethod
    def read(cls, cursor: str, event: Event) -> Mark:
        """The mark in a cursor; an empty one when there is none, or none for what is looked for now."""
        found = cls()
        with suppress(ValueError):
            found = cls.of(json.loads(cursor or "{}"))
        return found if found.asked == sought(event) else cls()


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk(_Told):
    """Where a reading stands.

    feed              the address of its first page, under which the mark is kept
    page, seen, left  pages so far, the entries on them, and those left out
    newest, at        of the first page: the mark of this reading
    oldest            when the oldest entry so far appeared
    first             the first entry of the page before this one
    rest              it goes on where an earlier walk stopped
    half              of a page, only a part could be read
    """

    feed: str = ""
    page: int = 1
    seen: int = 0
    left: int = 0
    newest: str = ""
    at: str = ""
    oldest: str = ""
    first: str = ""
    rest: bool = False
    half: bool = False


def sought(event: Event) -> str:
    """A short name for what is looked for in feeds."""
    text = json.dumps([event.name, event.names, event.hashtags, iso(event.starts), iso(event.ends)])
    return f"{zlib.crc32(text.encode()):08x}"


def name_of(entry: Draft) -> str:
    """A short name for an entry."""
    return hashlib.blake2b(entry.native_id.encode("utf-8", "replace"), digest_size=8).hexdigest()
