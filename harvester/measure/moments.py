"""Posts on the clock and on the calendar of a report: their local day, and the moments between which they appeared.

Ages are differences of UTC moments, so that an hour of summer time neither lengthens nor shortens them; days are those
of a zone, and have 23 to 25 hours where its clocks change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harvester.measure.frame import Frame
    from harvester.measure.item import Item

Span = tuple[datetime, datetime]

DAYS: Final = 28  # after its end, the days that count for an event
# `first_seen` is the first snapshot that holds the event's words: the moment a page began to be about it.
EXACT: Final = frozenset({"second", "minute", "first_seen"})
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """When a post appeared: between `early` and `late`, stored as `told`; all the same where the hour is known."""

    early: datetime
    told: datetime
    late: datetime


def day_of(item: Item, zone: ZoneInfo) -> str:
    """The local day (`YYYY-MM-DD`) of a post; "" where none is known, as for a month or a year."""
    if item.published_at is None or item.precision not in (EXACT | {"day"}):
        return ""
    if item.precision == "day" and item.local_day:
        return item.local_day
    return item.published_at.astimezone(zone).date().isoformat()


def moment_of(item: Item, zone: ZoneInfo) -> Moment | None:
    """When a post appeared, None where no day is known. A day alone is all its hours."""
    day = day_of(item, zone)
    if not day or item.published_at is None:
        return None
    told = item.published_at.astimezone(UTC)
    if item.precision != "day":
        return Moment(told, told, told)
    early, late = hours_of(date.fromisoformat(day), zone)
    return Moment(early, min(max(told, early), late), late)


def hours_of(day: date, zone: ZoneInfo) -> Span:
    """A local day from its first moment to that of the next, in UTC."""
    return _midnight(day, zone), _midnight(day + _DAY, zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def local(at: datetime, frame: Frame) -> date:
    """The day of a moment in the report's zone."""
    return at.astimezone(ZoneInfo(frame.timezone)).date()


def closes(frame: Frame) -> datetime:
    """The last moment that counts: 28 days of 24 hours after the end."""
    return frame.ends.astimezone(UTC) + DAYS * _DAY


def so_far(frame: Frame) -> tuple[str, ...]:
    """The flag of a number that still grows."""
    return ("so_far",) if frame.as_of < closes(frame) else ()


def days_touched(spans: Iterable[Span], zone: ZoneInfo) -> list[date]:
    """The local days that any of the spans lies in, in order."""
    found: set[date] = set()
    for first, last in spans:
        day = first.astimezone(zone).date()
        while hours_of(day, zone)[0] < last:
            found.add(day)
            day += _DAY
    return sorted(found)


def ranges(days: Iterable[date]) -> list[list[str]]:
    """Days in order as [first, last] of each unbroken row."""
    rows: list[list[date]] = []
    for day in days:
        if rows and day - rows[-1][1] <= _DAY:
            rows[-1][1] = day
        else:
            rows.append([day, day])
    return [[first.isoformat(), last.isoformat()] for first, last in rows]
