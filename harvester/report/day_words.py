"""Days and moments as the reader's language writes them: 2016-12-21, or the same with Japanese signs between."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from harvester.report.language import Language

_AS_STORED: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def day(at: date | str, say: Language) -> str:
    """A date, or a day, month or year as it is stored (`2016-12-21`, `2016-12`, `2016`); other text as it came."""
    found = _AS_STORED.fullmatch(at if isinstance(at, str) else f"{at:%Y-%m-%d}")
    if found is None:
        return str(at)
    year, month, of_month = (int(part) if part else 0 for part in found.groups())
    if not month:
        return say("{year:04d}", year=year)
    if not of_month:
        return say("{year:04d}-{month:02d}", year=year, month=month)
    return say("{year:04d}-{month:02d}-{day:02d}", year=year, month=month, day=of_month)


def moment(at: datetime | str, say: Language) -> str:
    """A day with its time to the minute, in the zone that it has; text is one as it is stored."""
    stored = at if isinstance(at, str) else f"{at:%Y-%m-%dT%H:%M}"
    return f"{day(stored[:10], say)} {stored[11:16]}"


def short(at: date, say: Language) -> str:
    """A day without its year, for the ticks of an axis."""
    return say("{month:02d}-{day:02d}", month=at.month, day=at.day)


def spans(found: Sequence[Sequence[str]], say: Language) -> str:
    """Days and stretches of days, (first, last) as stored, one after the other."""
    told = (
        day(first, say) if first == last else say("{lo}–{hi}", lo=day(first, say), hi=day(last, say))
        for first, last in found
    )
    return say(", ").join(told)
