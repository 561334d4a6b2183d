"""How long after an event its posts appeared: ages in seconds, and both ends of them where only a day is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from harvester.measure.moments import DAYS, closes, moment_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harvester.measure.frame import Frame
    from harvester.measure.item import Item

DAY: Final = 86_400
WEEK: Final = 7 * DAY
_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Age:
    """Seconds after the end at which a post appeared, 0 while the event was on; `early` … `late` for a day alone."""

    early: float
    told: float
    late: float
    post: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ages:
    """The posts of one group and kind: those with a day between start and day 28, and how many have none."""

    dated: tuple[Age, ...]
    undated: int
    days_only: int
    before: int

    def seconds(self, end: str = "told") -> list[float]:
        """All ages at one end of what is possible."""
        return [getattr(age, end) for age in self.dated]


def ages_of(items: Sequence[Item], frame: Frame) -> Ages:
    """The ages of counted stories (`frame.counted`). A day alone belongs when any hour of it does."""
    zone, starts = ZoneInfo(frame.timezone), frame.starts.astimezone(UTC)
    dated: list[Age] = []
    undated = vague = before = 0
    for item in items:
        moment = moment_of(item, zone)
        if moment is None:
            undated += 1
        elif max(moment.early, moment.late - _SECOND) < starts:
            before += 1
        elif moment.early <= closes(frame):
            early, told, late = (
                min(max(0.0, after(at, frame)), DAYS * DAY) for at in (moment.early, moment.told, moment.late)
            )
            dated.append(Age(early, told, late, item.key))
            vague += item.precision == "day"
    dated.sort(key=lambda age: (age.told, age.post))
    return Ages(dated=tuple(dated), undated=undated, days_only=vague, before=before)


def after(at: datetime, frame: Frame) -> float:
    """Seconds from the end of the event to a moment, negative before it; real ones, whatever clocks were set to."""
    return (at.astimezone(UTC) - frame.ends.astimezone(UTC)).total_seconds()
