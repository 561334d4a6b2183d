"""M05, the timeline: stories per local day, with the undated ones apart, live hours and days that nobody looked at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from harvester.measure.frame import state_of
from harvester.measure.item import lies_in
from harvester.measure.looked import due, look
from harvester.measure.metric import Metric
from harvester.measure.moments import EXACT, closes, day_of, days_touched, hours_of, local, ranges, so_far
from harvester.measure.stories_sql import COUNTED, DATED, OF_ANY_DAY
from harvester.measure.volume import COLUMNS, OWNED, column_of

if TYPE_CHECKING:
    from harvester.measure.frame import Frame
    from harvester.measure.item import Item
    from harvester.measure.looked import Looked
    from harvester.measure.moments import Span

DAYS_AROUND: Final = 28
GROUPS: Final = ("written", "talk", "micro")
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Calendar:
    """The days of one report: first and last, their hours, and when the event was on."""

    zone: ZoneInfo
    first: date
    last: date

    @property
    def hours(self) -> Span:
        return hours_of(self.first, self.zone)[0], hours_of(self.last, self.zone)[1]


def timeline(items: list[Item], frame: Frame) -> list[Metric]:
    """M05.timeline, a row a group and author kind: days −28 … +28 around the event in the report's zone.

    Day-precision posts count on their day; a coarser or unknown date goes to `undated`, never spread.
    """
    calendar = _Calendar(
        ZoneInfo(frame.timezone), local(frame.starts, frame) - DAYS_AROUND * _DAY,
        local(frame.ends, frame) + DAYS_AROUND * _DAY,
    )  # fmt: skip
    rows = []
    for group in GROUPS:
        chosen = [i for i in items if i.counted and i.relevance == "confirmed" and i.group == group]
        seen = look(frame, group, (calendar.hours[0], min(closes(frame), due(frame))))
        columns = [column for column in COLUMNS if any(column_of(item.author_kind) == column for item in chosen)]
        for column in columns or [""]:
            mine = [item for item in chosen if column_of(item.author_kind) == column]
            rows.append(_row(group, column, mine, calendar, seen, frame))
    return rows


def _row(group: str, column: str, items: list[Item], calendar: _Calendar, seen: Looked, frame: Frame) -> Metric:
    """One line of the timeline; `column` is "" for a group in which nobody wrote."""
    days = Counter(day for item in items if (day := day_of(item, calendar.zone)))
    first, last = calendar.first.isoformat(), calendar.last.isoformat()
    inside = {day: n for day, n in sorted(days.items()) if first <= day <= last}
    vague = [item for item in items if not day_of(item, calendar.zone)]
    undated = sum(lies_in(item, calendar.hours) for item in vague)
    outside = sum(days.values()) - sum(inside.values()) + len(vague) - undated
    by = {"undated": undated, "outside_days": outside, "live": sum(_live(item, frame) for item in items)}
    status, flags = _state(group, len(items), seen, frame)
    return Metric(
        metric="M05.timeline", group=group, kind=column, value=None if status == "unmeasured" else sum(inside.values()),
        by=by, series=tuple(inside.items()), status=status,
        flags=flags + (("some_outside_days",) if outside else ()) + so_far(frame),
        variants=_marks(calendar, seen, frame), query=_query(group, column, first, last),
    )  # fmt: skip


def _state(group: str, found: int, seen: Looked, frame: Frame) -> tuple[str, tuple[str, ...]]:
    """As the volume stands, and cut off where a run is missing between the start and day 28."""
    status, flags = state_of(group, found, frame)
    starts = frame.starts.astimezone(UTC)
    cut = any(last > starts for _, last in seen.nowhere)
    if status == "ok" and cut:
        status = "truncated" if found or not seen.never else "unmeasured"
    return status, flags + (("gaps",) if seen.nowhere else ())


def _live(item: Item, frame: Frame) -> bool:
    return item.published_at is not None and item.precision in EXACT and frame.starts <= item.published_at <= frame.ends


def _marks(calendar: _Calendar, seen: Looked, frame: Frame) -> dict[str, Any]:
    """What to draw beside the bars: live hours of each day, and days that were not harvested, wholly or in part.

    `gaps` is None where no run is on record: then nobody knows.
    """
    missing = {place: ranges(days_touched(spans, calendar.zone)) for place, spans in seen.missing.items()}
    return {
        "report_timezone": frame.timezone, "first_day": calendar.first.isoformat(),
        "last_day": calendar.last.isoformat(), "live": _live_hours(calendar, frame),
        "gaps": ranges(days_touched(seen.nowhere, calendar.zone)) if seen.known else None,
        "not_reached": missing, "out_of_reach": list(seen.blind),
    }  # fmt: skip


def _live_hours(calendar: _Calendar, frame: Frame) -> list[list[str]]:
    """[day, from, to] in local hours for each day of the event; 24:00 is a day's end."""
    rows, day = [], local(frame.starts, frame)
    while day <= local(frame.ends, frame):
        opens, closed = hours_of(day, calendar.zone)
        start, end = max(opens, frame.starts), min(closed, frame.ends)
        until = "24:00" if end == closed else _hour(end, calendar.zone)
        if start < end or frame.starts == frame.ends:
            rows.append([day.isoformat(), _hour(start, calendar.zone), until])
        day += _DAY
    return rows


def _hour(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}"


def _query(group: str, column: str, first: str, last: str) -> str:
    return (
        f"{stories_of(group, column, any_day=True)} AND {DATED}"
        f" AND local_day BETWEEN '{first}' AND '{last}' ORDER BY local_day, key"
    )


def stories_of(group: str, column: str = "", *, any_day: bool = False) -> str:
    """The SQL of the counted stories of a group by authors of one column of the volume table, in the window."""
    kinds = ", ".join(f"'{kind}'" for kind in (OWNED if column == "owned" else (column,)))
    by = f" AND author_kind IN ({kinds})" if column else ""
    return f"{OF_ANY_DAY if any_day else COUNTED} AND grp = '{group}'{by}"
