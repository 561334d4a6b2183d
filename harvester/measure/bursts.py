"""M07, re-ignition: days after the first week on which more was written than luck makes of the days before.

A day is lit again with c ≥ 3 posts and P(Poisson(μ) ≥ c) < 0.001, μ = max(0.3, mean of the seven days before). Not
Kleinberg's automaton: on a decaying curve the launch day owns its baseline (measurement specification, M07 and S9).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, lgamma, log
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from harvester.measure.frame import state_of
from harvester.measure.looked import due, look
from harvester.measure.metric import Metric
from harvester.measure.moments import DAYS, closes, day_of, days_touched, hours_of, local, ranges, so_far
from harvester.measure.stories_sql import DATED
from harvester.measure.timing import GROUPS, stories_of
from harvester.measure.volume import OWNED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harvester.measure.frame import Frame
    from harvester.measure.item import Item
    from harvester.measure.looked import Looked

FIRST: Final = 8  # "after day 7"; day 0 is the local day of the end
BEFORE: Final = 7  # days that make the mean
LEAST: Final = 3  # posts
FLOOR: Final = 0.3  # of the mean
RARE: Final = 0.001
# A mean of fewer days that somebody looked at is none.
_KNOWN: Final = 4
_DAY: Final = timedelta(days=1)
_NOT_EARNED: Final = frozenset({*OWNED, "aggregator"})


@dataclass(frozen=True, slots=True)
class Burst:
    """A day that was lit again: its number after the event, its posts, the mean before, and the chance of so many."""

    day: int
    count: int
    mean: float
    chance: float


def tail(mean: float, count: int) -> float:
    """P(Poisson(mean) ≥ count) for a mean above 0, summed from the count on so that tiny chances keep their digits."""
    if count <= 0:
        return 1.0
    total, k = 0.0, count
    while True:
        term = exp(k * log(mean) - mean - lgamma(k + 1))
        total += term
        if k > mean and term <= total * 1e-17:
            return min(1.0, total)
        k += 1


def lit_again(daily: Sequence[int | None]) -> list[Burst]:
    """The bursts of daily counts from day 0 on; None is a day that no run reached: neither tested nor in a mean."""
    found = []
    for day in tested(daily):
        count, mean = daily[day], _mean(daily, day)
        if count is not None and mean is not None and count >= LEAST and (chance := tail(mean, count)) < RARE:
            found.append(Burst(day, count, mean, chance))
    return found


def tested(daily: Sequence[int | None]) -> list[int]:
    """The days that can be judged: reached themselves, and most of the week before them."""
    return [day for day in range(FIRST, len(daily)) if daily[day] is not None and _mean(daily, day) is not None]


def _mean(daily: Sequence[int | None], day: int) -> float | None:
    known = [count for count in daily[day - BEFORE : day] if count is not None]
    return max(FLOOR, sum(known) / len(known)) if len(known) >= _KNOWN else None


def measure(items: list[Item], frame: Frame) -> list[Metric]:
    """M07.reignition, a row a group for all that is earned, and one for participants where they wrote."""
    rows = []
    chosen = [i for i in items if i.counted and i.relevance == "confirmed" and i.author_kind not in _NOT_EARNED]
    for group in GROUPS:
        mine = [item for item in chosen if item.group == group]
        rows.append(_row(group, "earned", mine, frame))
        if own := [item for item in mine if item.author_kind == "participant"]:
            rows.append(_row(group, "participant", own, frame))
    return rows


def _row(group: str, kind: str, items: list[Item], frame: Frame) -> Metric:
    zone = ZoneInfo(frame.timezone)
    days = _days(frame)
    posts: dict[str, list[str]] = defaultdict(list)
    for item in sorted(items, key=lambda item: item.key):
        posts[day_of(item, zone)].append(item.key)
    seen = look(frame, group, (hours_of(days[0], zone)[0], min(closes(frame), due(frame))))
    dark = set(days_touched(seen.nowhere, zone))
    daily = [None if day in dark else len(posts[day.isoformat()]) for day in days]
    bursts, judged = lit_again(daily), tested(daily)
    skipped = max(0, len(days) - FIRST) - len(judged)
    status, flags = _state(group, items, (len(judged), skipped), seen, frame)
    if status in ("ok", "truncated") and items and not any(day_of(item, zone) for item in items):
        status, flags = "insufficient", ("all_undated", *flags)
    lit = [_told(days[burst.day].isoformat(), burst, posts) for burst in bursts]
    query = _query(group, kind, [told["day"] for told in lit])
    return Metric(
        metric="M07.reignition", group=group, kind=kind, unit="days", status=status, flags=flags + so_far(frame),
        value=len(bursts) if status in ("ok", "truncated") else None,
        series=tuple((days[burst.day].isoformat(), burst.count) for burst in bursts),
        by={"days_judged": len(judged), "days_skipped": skipped}, query=query,
        variants={"days": lit, "not_looked": ranges(sorted(dark))},
    )  # fmt: skip


def _told(day: str, burst: Burst, posts: dict[str, list[str]]) -> dict[str, Any]:
    return {
        "day": day, "number": burst.day, "stories": burst.count, "mean_before": burst.mean, "chance": burst.chance,
        "posts": posts[day],
    }  # fmt: skip


def _days(frame: Frame) -> list[date]:
    """From the local day of the end to day 28, or to today."""
    first = local(frame.ends, frame)
    last = min(first + DAYS * _DAY, max(first, local(frame.as_of, frame)))
    return [first + n * _DAY for n in range((last - first).days + 1)]


def _state(
    group: str, items: Sequence[Item], days: tuple[int, int], seen: Looked, frame: Frame
) -> tuple[str, tuple[str, ...]]:  # fmt: skip
    judged, skipped = days
    status, flags = state_of(group, len(items), frame)
    flags += seen.flags
    if local(frame.as_of, frame) < local(frame.ends, frame) + FIRST * _DAY:
        return "not_applicable", ("before_day_8", *flags)
    if status == "unmeasured" or not judged:
        return "unmeasured", (("days_not_looked",) if skipped else ()) + flags
    if skipped:
        return "truncated", ("days_not_looked", *flags)
    return status, (("uneven_harvest",) if seen.missing else ()) + flags


def _query(group: str, kind: str, days: list[str]) -> str:
    """The posts of the days that were lit again; of none where there is none."""
    by = stories_of(group, "participant" if kind == "participant" else "", any_day=True)
    named = ", ".join(f"'{day}'" for day in days)
    kinds = ", ".join(f"'{name}'" for name in sorted(_NOT_EARNED))
    return f"{by} AND author_kind NOT IN ({kinds}) AND {DATED} AND local_day IN ({named}) ORDER BY local_day, key"
