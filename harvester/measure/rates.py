"""More, fewer, or no clear change: one rate against another, with the range that luck alone could make.

Stories cluster by writer, so the range is the cluster-robust one of M02: with repeat authors and no real change a plain
Poisson test cries change three times as often. "More" and "fewer" are said only where that range leaves out 1 and the
exact test of two counts agrees (the range alone is one post too quick: 10 → 22).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, lgamma
from math import log as log_of
from typing import TYPE_CHECKING, Final

from harvester.measure.ratio import chance_range

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harvester.measure.metric import Interval

_HALF_OF_5_PERCENT: Final = 0.025
MORE, FEWER, NO_CLEAR_CHANGE, CANNOT_TELL = "more", "fewer", "no_clear_change", "cannot_tell"


@dataclass(frozen=True, slots=True)
class Change:
    """A rate ratio: None and only a lower end where there was nothing before. `said` is the word for it.

    counts   stories now and before
    expected share of all of them that are of now if nothing changed
    """

    value: float | None
    range: Interval
    counts: tuple[int, int]
    expected: float = 0.5

    @property
    def said(self) -> str:
        """`more`, `fewer` or `no_clear_change`."""
        above = self.range.lo is not None and self.range.lo > 1
        below = self.range.hi is not None and self.range.hi < 1
        if not (above or below) or tail(*self.counts, self.expected) > _HALF_OF_5_PERCENT:
            return NO_CLEAR_CHANGE
        return MORE if above else FEWER

    def per(self, now: int, before: int) -> Change:
        """The same per head, of so many now and then (each > 0); heads are known, so the range only moves."""
        scale = before / now
        lo, hi = (None if end is None else end * scale for end in (self.range.lo, self.range.hi))
        value = None if self.value is None else self.value * scale
        return Change(value, replace(self.range, lo=lo, hi=hi), self.counts, now / (now + before))


def change(now: Sequence[int], before: Sequence[int]) -> Change:
    """From stories per author now to those before, not both empty: ×R with R·exp(±1.96 s) of M02."""
    found = chance_range(now, before)
    return Change(sum(now) / sum(before) if before else None, found, (sum(now), sum(before)))


def tail(now: int, before: int, expected: float) -> float:
    """How likely luck alone splits them at least so unevenly to this side: a tail of Bin(now + before, expected).

    Two Poisson counts given their sum (Przyborowski and Wilenski 1940); 0 < expected < 1.
    """
    total = now + before
    side, of, p = (now, total, expected) if now >= total * expected else (before, total, 1 - expected)
    log = lgamma(of + 1) - lgamma(side + 1) - lgamma(of - side + 1) + side * log_of(p) + (of - side) * log_of(1 - p)
    term = summed = exp(log)
    for k in range(side, of):
        term *= (of - k) / (k + 1) * p / (1 - p)
        summed += term
        if term < summed * 1e-12:
            break
    return summed
