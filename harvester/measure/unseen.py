"""How many there are of what several lists found in part: capture and recapture, read as "at least".

Sources that agree with each other (they do) make every estimate too low and leave the lower limit standing. So the
lower limit is what is published; the estimate itself holds only "if the sources were independent".
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from harvester.measure.metric import Z95

if TYPE_CHECKING:
    from collections.abc import Sequence

# Fewer stories than this on both of two lists tell nothing about the rest.
FEW_SHARED: Final = 7
# Three or more lists are taken for alike. This much too many unseen ones, by their sizes alone, are no longer little.
UNLIKE: Final = 1.15
# Odds ratios between two lists that a reader may think possible; 1 is independence.
ODDS: Final = (1, 2, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """What lists say about all there is.

    seen       how many the lists hold together; `at_least` is never below it
    at_least   lower end of the 95 % interval
    estimate   how many there would be if the lists were independent; None where only the lower end can be told
    at_most    upper end of that interval, None where it is open
    what_if    odds ratio between two lists → how many there would be
    """

    seen: int
    at_least: float
    estimate: float | None
    at_most: float | None
    method: str
    what_if: dict[str, float] = field(default_factory=dict)


def two_lists(first: int, second: int, shared: int) -> Unseen:
    """Two lists that hold `first` and `second`, `shared` of them both.

    Chapman's estimate (n₁+1)(n₂+1)/(m+1) − 1 with Sadinle's (2009) transformed logit interval: with a = m + ½,
    b = n₁ − m + ½, c = n₂ − m + ½ and σ² = 1/a + 1/b + 1/c + a/(bc) it is S − ½ + (bc/a)·exp(±1.96σ). It holds at few
    shared ones, where Wald's does not. `what_if`: S + θ(n₁ − m)(n₂ − m)/m, none where nothing is shared.
    """
    seen = first + second - shared
    a, b, c = shared + 0.5, first - shared + 0.5, second - shared + 0.5
    spread = Z95 * math.sqrt(1 / a + 1 / b + 1 / c + a / (b * c))
    low, high = (seen - 0.5 + b * c / a * math.exp(sign * spread) for sign in (-1, 1))
    missed = (first - shared) * (second - shared) / shared if shared else None
    return Unseen(
        seen=seen, at_least=max(float(seen), low), at_most=high, method="sadinle-logit",
        estimate=(first + 1) * (second + 1) / (shared + 1) - 1,
        what_if={} if missed is None else {str(odds): seen + odds * missed for odds in ODDS},
    )  # fmt: skip


def overstated(sizes: Sequence[int], found: Unseen) -> float:
    """How many times too many unseen ones `many_lists` told, had lists of these sizes (t ≥ 3) found independently.

    Its f₀ = (t−1)/t·Q₁²/2Q₂ is the number of unseen ones where all lists find alike. Where list j finds a share pⱼ of
    the estimate, with odds rⱼ = pⱼ/(1−pⱼ), expected Q₁ and Q₂ are the unseen ones times Σrⱼ and times Σrⱼrₖ over pairs,
    so f₀ is (t−1)/t·(Σrⱼ)²/((Σrⱼ)² − Σrⱼ²) times what is unseen; 1 for equal lists.
    """
    total = max(found.estimate or 0.0, found.seen + 0.5)
    odds = [size / (total - size) for size in sizes]
    squares = sum(odds) ** 2
    others = squares - sum(one * one for one in odds)
    return (len(odds) - 1) / len(odds) * squares / others if others else math.inf


def many_lists(times: Sequence[int]) -> Unseen:
    """`times[k-1]` stories are on exactly k of the t = len(times) lists, t ≥ 3.

    Chao's (1987) lower bound for incidences, bias-corrected: f₀ = a·Q₁(Q₁−1)/(2(Q₂+1)), a = (t−1)/t, and the log-normal
    interval S + f₀/C … S + f₀·C, C = exp(1.96·√ln(1 + v/f₀²)) (Chiu et al. 2014). With no story on exactly two lists
    only the lower end is told.
    """
    seen, t = sum(times), len(times)
    once, twice, a = times[0], times[1], (t - 1) / t
    missed = a * once * (once - 1) / (2 * (twice + 1))
    if not missed:
        open_end = None if once or not twice else float(seen)
        return Unseen(seen=seen, at_least=float(seen), estimate=None if not twice else float(seen), at_most=open_end,
                      method="chao2-lognormal")  # fmt: skip
    if twice:
        v = missed + a**2 * once * (2 * once - 1) ** 2 / (4 * (twice + 1) ** 2)
        v += a**2 * once**2 * twice * (once - 1) ** 2 / (4 * (twice + 1) ** 4)
    else:
        v = a * once * (once - 1) / 2 + a**2 * once * (2 * once - 1) ** 2 / 4
        v -= a**2 * once**4 / (4 * (seen + missed))
    factor = math.exp(Z95 * math.sqrt(math.log(1 + v / missed**2)))
    told = bool(twice)
    return Unseen(
        seen=seen, at_least=seen + missed / factor, estimate=seen + missed if told else None,
        at_most=seen + missed * factor if told else None, method="chao2-lognormal",
    )  # fmt: skip
