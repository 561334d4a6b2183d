"""M06, how fast and what stays: T50, T90, the share of the first day and of the afterglow.

T50 is the time to half of the 28-day volume. It is no decay constant: attention after a shock falls as a power law, and
a longer window gives a longer T50 (measurement specification, M06; Crane and Sornette 2008).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, timedelta
from math import comb, isqrt
from typing import TYPE_CHECKING, Any, Final

from harvester.measure.ages import DAY, WEEK, ages_of
from harvester.measure.frame import counted, state_of
from harvester.measure.looked import due, look
from harvester.measure.metric import Bounds, Interval, Metric
from harvester.measure.moments import closes, local, so_far
from harvester.measure.timing import GROUPS, stories_of
from harvester.measure.volume import COLUMNS, column_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harvester.measure.ages import Ages
    from harvester.measure.frame import Frame
    from harvester.measure.item import Item

FEW: Final = 6  # fewer posts are listed
ENOUGH: Final = 15  # fewer give no interval in a report


def order_ranks(n: int) -> tuple[int, int] | None:
    """The ranks (1 the smallest) of n ordered values between which their population's median lies, 95 % or more.

    (k, n − k + 1) with the largest k for which P(Bin(n, ½) ≤ k − 1) ≤ 0.025: the interval of the sign test, whatever
    the distribution. None below n = 6, where no k is that sure.
    """
    k = max(0, n // 2 - 5 * isqrt(n))  # ten standard deviations below the middle nothing is left to sum
    ways = below = comb(n, k)  # of 2ⁿ; below: all up to k
    most = 2**n // 40  # 1/40 is 0.025, in whole numbers
    while below <= most:
        ways = ways * (n - k) // (k + 1)
        below += ways
        k += 1
    return (k, n - k + 1) if k else None


def median_interval(ages: Sequence[float]) -> tuple[float, float] | None:
    """The order-statistic interval of a median of `ages` in any order; None for fewer than 6. See `order_ranks`."""
    ranks, ordered = order_ranks(len(ages)), sorted(ages)
    return (ordered[ranks[0] - 1], ordered[ranks[1] - 1]) if ranks else None


def time_to(ages: Sequence[float], percent: int) -> float:
    """The smallest age by which at least `percent` of the posts are out; at least one age."""
    return sorted(ages)[-(-percent * len(ages) // 100) - 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    """What the rows of one group and kind share."""

    group: str
    kind: str
    ages: Ages
    frame: Frame
    status: str
    flags: tuple[str, ...]
    query: str
    by: dict[str, int] = field(default_factory=dict)

    def row(self, metric: str, unit: str, value: float | None, **more: Any) -> Metric:
        """A row in the state of all; without a value where the state has none, and with what `more` says."""
        status = more.pop("status", self.status)
        flags = more.pop("flags", ()) + self.flags
        return Metric(
            metric=metric, group=self.group, kind=self.kind, unit=unit, status=status, flags=flags, query=self.query,
            by=self.by, value=value if status in ("ok", "truncated") else None, **more,
        )  # fmt: skip


def measure(items: list[Item], frame: Frame) -> list[Metric]:
    """M06.t50, M06.t90, M06.first_day and M06.afterglow of each group, for participants and every larger kind."""
    stories = counted(items, frame)
    return [row for group in GROUPS for kind in COLUMNS for row in measure_one(stories, frame, group, kind)]


def measure_one(stories: list[Item], frame: Frame, group: str, kind: str) -> list[Metric]:
    """The rows of one group and kind (a column of the volume table), given the counted stories."""
    ages = ages_of([i for i in stories if i.group == group and column_of(i.author_kind) == kind], frame)
    few = kind != "participant" and len(ages.dated) < FEW
    return [] if few else _rows(_setting(group, kind, ages, frame))


def _setting(group: str, kind: str, ages: Ages, frame: Frame) -> _Setting:
    status, flags = _state(group, ages, frame)
    by = {"n": len(ages.dated), "undated": ages.undated, "day_only": ages.days_only, "before_start": ages.before}
    return _Setting(
        group=group, kind=kind, ages=ages, frame=frame, status=status, flags=flags + so_far(frame), by=by,
        query=_query(group, kind, frame),
    )  # fmt: skip


def _state(group: str, ages: Ages, frame: Frame) -> tuple[str, tuple[str, ...]]:
    """`truncated` unless every hour from the start to day 28 lies within reach of a successful run."""
    n = len(ages.dated)
    status, flags = state_of(group, n + ages.undated, frame)
    seen = look(frame, group, (frame.starts.astimezone(UTC), due(frame)))
    flags += seen.flags
    if not n and not ages.undated:
        if status == "unmeasured" or seen.never:
            return "unmeasured", flags
        return "not_applicable", ("no_stories", *flags)
    if n < FEW:
        return "insufficient", (("few_posts",) if n else ("all_undated",)) + flags
    return ("truncated" if seen.missing else status), flags


def _rows(setting: _Setting) -> list[Metric]:
    dated, ages = setting.ages.dated, setting.ages
    posts = [{"post": age.post, "days": age.told / DAY} for age in dated]
    listed = {"posts": posts} if setting.status == "insufficient" else {}
    if not dated:
        half = setting.row("M06.t50", "hours", None)
        rest = [setting.row("M06.t90", "days", None)]
    else:
        half = _t50(setting, listed)
        late = _time(ages, 90)
        shown = {} if listed else {"hours": late[1] / 3600}
        rest = [setting.row("M06.t90", "days", late[1] / DAY, bounds=_days_only(ages, late, DAY), variants=shown)]
    return [half, *rest, _share(setting, "M06.first_day", lambda age: age <= DAY, DAY, "before_day_1"),
            _share(setting, "M06.afterglow", lambda age: age > WEEK, WEEK, "before_day_7")]  # fmt: skip


def _t50(setting: _Setting, listed: dict[str, Any]) -> Metric:
    ages = setting.ages
    found = _time(ages, 50)
    ci = None
    lo, hi = median_interval(ages.seconds("early")), median_interval(ages.seconds("late"))
    if len(ages.dated) >= ENOUGH and lo and hi:
        ci = Interval(lo=lo[0] / 3600, hi=hi[1] / 3600, method="order-statistic")
    out = [sum(age.told <= day * DAY for age in ages.dated) for day in range(29)]
    shown = {"days": found[1] / DAY, "out_by_day": out} if setting.status in ("ok", "truncated") else listed
    live = ("half_while_live",) if found[2] == 0 and setting.status in ("ok", "truncated") else ()
    bounds = _days_only(ages, found, 3600)
    return setting.row("M06.t50", "hours", found[1] / 3600, ci=ci, bounds=bounds, variants=shown, flags=live)


def _time(ages: Ages, percent: int) -> tuple[float, float, float]:
    """The time to a share of the posts with date-only ones at the start of their day, as stored, and at its end."""
    early, told, late = (time_to(ages.seconds(end), percent) for end in ("early", "told", "late"))
    return early, told, late


def _days_only(ages: Ages, found: tuple[float, float, float], unit: int) -> Bounds | None:
    """Both ends, where posts of which only the day is known make a difference and there are enough to say anything."""
    if found[0] == found[2] or len(ages.dated) < FEW:
        return None
    return Bounds(lo=found[0] / unit, hi=found[2] / unit, why=f"{ages.days_only} with a day and no hour")


def _share(setting: _Setting, metric: str, within: Callable[[float], bool], over: int, early: str) -> Metric:
    """A share of the dated posts; `bounds` if every undated one, and every hour of a day, went one way or the other."""
    ages = setting.ages
    n, k = len(ages.dated), sum(within(age.told) for age in ages.dated)
    if setting.frame.as_of < setting.frame.ends + timedelta(seconds=over) and setting.status in ("ok", "truncated"):
        return setting.row(metric, "share", None, status="not_applicable", flags=(early,))
    both = [[within(age.early), within(age.late)] for age in ages.dated]
    sure, possible, u = sum(map(all, both)), sum(map(any, both)), ages.undated
    bounds = None
    if n >= FEW and (u or sure != possible):
        parts = [f"{u} undated"] * bool(u) + [f"{possible - sure} with a day and no hour"] * (sure != possible)
        bounds = Bounds(lo=sure / (n + u), hi=(possible + u) / (n + u), why=", ".join(parts))
    return setting.row(metric, "share", k / n if n else None, num=k, den=n, bounds=bounds)


def _query(group: str, kind: str, frame: Frame) -> str:
    """From the start to day 28, by the hour or by the day."""
    first, last = local(frame.starts, frame), local(closes(frame), frame)
    return (
        f"{stories_of(group, kind)} AND (published_precision IN ('second', 'minute', 'first_seen')"
        f" AND published_at >= starts_at AND age_days <= 28 OR published_precision = 'day'"
        f" AND local_day BETWEEN '{first}' AND '{last}') ORDER BY age_days, key"
    )
