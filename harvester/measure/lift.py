"""M06.baseline_lift: stories in the three weeks after the first one, for each in the three weeks of before.

(+7 d, +28 d] over [−28 d, −7 d) around the end, both 21 days. The chance range is the one of M02, with posts that
cluster by author: √(1/a + 1/b) on the logarithm where everybody wrote once.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from harvester.measure.ages import DAY, WEEK, after
from harvester.measure.frame import state_of
from harvester.measure.halflife import FEW
from harvester.measure.looked import due, look
from harvester.measure.metric import Bounds, Metric
from harvester.measure.moments import DAYS, closes, moment_of, so_far
from harvester.measure.ratio import chance_range
from harvester.measure.stories_sql import DATED
from harvester.measure.timing import GROUPS, stories_of
from harvester.measure.volume import COLUMNS, column_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from harvester.measure.frame import Frame
    from harvester.measure.item import Item

_MONTH = DAYS * DAY
_SIDES: dict[str, Callable[[float], bool]] = {
    "after": lambda age: WEEK < age <= _MONTH,
    "before": lambda age: -_MONTH <= age < -WEEK,
}


@dataclass(frozen=True, slots=True)
class _Side:
    """The posts of one side: by their stored moment, surely (every hour of a day), and possibly (any)."""

    items: tuple[Item, ...]
    sure: int
    possible: int


def measure(items: list[Item], frame: Frame) -> list[Metric]:
    """A row a group, for participants and for every other kind with enough posts to compare."""
    rows = []
    chosen = [item for item in items if item.counted and item.relevance == "confirmed"]
    for group in GROUPS:
        for kind in COLUMNS:
            mine = [item for item in chosen if item.group == group and column_of(item.author_kind) == kind]
            later, earlier = (_side(mine, inside, frame) for inside in _SIDES.values())
            if kind == "participant" or len(later.items) + len(earlier.items) >= FEW:
                row = _row(group, kind, later, earlier, frame)
                if mine and "none_either_side" in row.flags and not _dated(mine, frame):
                    row = replace(row, status="insufficient", flags=("all_undated", *row.flags[1:]))
                rows.append(row)
    return rows


def _dated(items: Iterable[Item], frame: Frame) -> bool:
    zone = ZoneInfo(frame.timezone)
    return any(moment_of(item, zone) for item in items)


def _side(items: Iterable[Item], inside: Callable[[float], bool], frame: Frame) -> _Side:
    zone = ZoneInfo(frame.timezone)
    found, sure, possible = [], 0, 0
    for item in items:
        moment = moment_of(item, zone)
        if moment is None:
            continue
        early, told, late = (inside(after(at, frame)) for at in (moment.early, moment.told, moment.late))
        sure += early and late
        possible += early or late or told
        found += [item] * told
    return _Side(tuple(found), sure, possible)


def _row(group: str, kind: str, later: _Side, earlier: _Side, frame: Frame) -> Metric:
    a, b = len(later.items), len(earlier.items)
    status, flags = _state(group, a, b, frame)
    listed = {"posts": [item.key for item in (*earlier.items, *later.items)]} if status == "insufficient" else {}
    row = Metric(
        metric="M06.baseline_lift", group=group, kind=kind, unit="times", num=a, den=b, status=status,
        flags=flags + so_far(frame), by={"after": a, "before": b}, variants=listed, query=_query(group, kind),
    )  # fmt: skip
    if status not in ("ok", "truncated"):
        return row
    extra = () if b else ("none_before",)
    return replace(
        row, value=a / b if b else None, ci=chance_range(_authors(later), _authors(earlier)),
        bounds=_bounds(later, earlier), flags=extra + row.flags,
    )  # fmt: skip


def _authors(side: _Side) -> list[int]:
    return list(Counter(item.human or item.key for item in side.items).values())


def _bounds(later: _Side, earlier: _Side) -> Bounds | None:
    """Where days without an hour lie on a border: all to one side, and all to the other."""
    if later.sure == later.possible and earlier.sure == earlier.possible:
        return None
    n = later.possible - later.sure + earlier.possible - earlier.sure
    lo, hi = (a / b if b else None for a, b in ((later.sure, earlier.possible), (later.possible, earlier.sure)))
    return Bounds(lo=lo, hi=hi, why=f"{n} on a border with a day and no hour")


def _state(group: str, a: int, b: int, frame: Frame) -> tuple[str, tuple[str, ...]]:
    """No lift before day 7 is over, and none where a source searched one side only: that alone would make one."""
    ends = frame.ends.astimezone(UTC)
    if frame.as_of < ends + timedelta(days=7):
        return "not_applicable", ("before_day_7",)
    status, flags = state_of(group, a + b, frame)
    before = look(frame, group, (ends - timedelta(days=DAYS), ends - timedelta(days=7)))
    later = look(frame, group, (ends + timedelta(days=7), min(closes(frame), due(frame))))
    told = flags + tuple(sorted({*before.flags, *later.flags}))
    if before.never or later.never or set(before.blind) != set(later.blind):
        return "unmeasured", ("run_up_not_asked" if before.never or before.blind else "afterglow_not_asked", *told)
    if status == "unmeasured" or not a + b:
        return ("unmeasured", told) if status == "unmeasured" else ("not_applicable", ("none_either_side", *told))
    if a + b < FEW:
        return "insufficient", ("few_posts", *told)
    return ("truncated" if before.missing or later.missing else status), told


def _query(group: str, kind: str) -> str:
    hours = "age_days > 7 AND age_days <= 28 OR age_days >= -28 AND age_days < -7"
    return f"{stories_of(group, kind, any_day=True)} AND {DATED} AND ({hours}) ORDER BY age_days, key"
