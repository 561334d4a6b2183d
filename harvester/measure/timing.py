"""M05, the timeline: stories per local day, with the undated ones apart."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from zoneinfo import ZoneInfo

from harvester.measure.metric import Frame, Item, Metric
from harvester.measure.volume import COLUMNS, column_of

DAYS_AROUND = 28
_QUERY = "SELECT * FROM event_items WHERE event = :event AND counted = 1 AND relevance = 'confirmed' AND grp = :group"


def timeline(items: list[Item], frame: Frame) -> list[Metric]:
    """M05.timeline, a row a group and author kind: days −28 … +28 around the event in the report's zone.

    Day-precision posts count on their day; a coarser or unknown date goes to `undated`, never spread.
    """
    zone = ZoneInfo(frame.timezone)
    first = (frame.starts.astimezone(zone).date() - timedelta(days=DAYS_AROUND)).isoformat()
    last = (frame.ends.astimezone(zone).date() + timedelta(days=DAYS_AROUND)).isoformat()
    rows = []
    for group in ("written", "talk", "micro"):
        chosen = [i for i in items if i.counted and i.relevance == "confirmed" and i.group == group]
        for column in COLUMNS:
            mine = [item for item in chosen if column_of(item.author_kind) == column]
            if mine:
                rows.append(_row(group, column, mine, (first, last), frame))
    return rows


def _row(group: str, column: str, items: list[Item], days: tuple[str, str], frame: Frame) -> Metric:
    dated = [item for item in items if item.precision in ("second", "minute", "day") and item.local_day]
    inside = Counter(item.local_day for item in dated if days[0] <= item.local_day <= days[1])
    outside = len(dated) - sum(inside.values())
    by = {"undated": len(items) - len(dated), "outside_days": outside}
    flags = () if not outside else ("some_outside_days",)
    return Metric(
        metric="M05.timeline",
        group=group,
        kind=column,
        value=sum(inside.values()),
        by=by,
        series=tuple(sorted(inside.items())),
        flags=flags,
        variants={"report_timezone": frame.timezone, "first_day": days[0], "last_day": days[1]},
        query=_QUERY,
    )
