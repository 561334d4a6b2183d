"""What an audit says: counts corrected by what people answered about a random sample of each predicted class.

In a stratum with n stories, `a` of them asked and u = n − a open, answers x_c and a weak prior α (1 for the predicted
class, ¼ for each other; ½ each where the prediction is no class, as `unknown`), A = Σα + a and p_c = (α_c + x_c) / A:
mean_c = Σ x_c + u·p_c, covariance Σ u(A + u)/(A + 1)·(p_c[c = d] − p_c·p_d), the Dirichlet-multinomial of the open
stories. Closed form, no random numbers (measurement specification, M22).
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from harvester.measure.metric import Z95, Interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# Fewer answers than this in a stratum that has open stories say nothing about them.
FEW: Final = 5
_RATIO: Final = ("participant", "media")


@dataclass(frozen=True, slots=True)
class Stratum:
    """Stories that were one predicted class when the sample was drawn: `open` ones, and answers by true class."""

    predicted: str
    open: int
    answers: Mapping[str, int]

    @property
    def asked(self) -> int:
        """How many were answered."""
        return sum(self.answers.values())

    @property
    def lacking(self) -> int:
        """Answers still needed before these speak for the open ones; 0 where none is open."""
        return max(0, min(self.open, FEW - self.asked))


@dataclass(frozen=True, slots=True)
class Corrected:
    """Stories by true class (mean, sd), and the ratio of participants to media with its range.

    ratio    None where either side has no story and none is to be expected
    widest   predicted class → share of the ratio's variance (of its logarithm) that its open stories make
    """

    mean: dict[str, float]
    sd: dict[str, float]
    ratio: float | None = None
    ci: Interval | None = None
    widest: dict[str, float] = field(default_factory=dict)


def correct(strata: Iterable[Stratum], known: Mapping[str, int] | None = None) -> Corrected:
    """Counts by true class. `known`: stories whose class people told outside the sample; they stand as they are."""
    strata, told = list(strata), Counter(known or {})
    classes = sorted(({c for s in strata for c in (s.predicted, *s.answers)} | set(told)) - {"unknown"})
    mean = {c: float(told[c]) for c in classes}
    covariance = {(c, d): 0.0 for c in classes for d in classes}
    parts: list[tuple[str, dict[str, float], float]] = []
    for stratum in strata:
        p, spread = _open(stratum, classes)
        parts.append((stratum.predicted, p, spread))
        for c in classes:
            mean[c] += stratum.answers.get(c, 0) + stratum.open * p[c]
            for d in classes:
                covariance[c, d] += spread * (p[c] * (c == d) - p[c] * p[d])
    sd = {c: math.sqrt(max(covariance[c, c], 0.0)) for c in classes}
    if not all(mean.get(c, 0.0) > 0 for c in _RATIO):
        return Corrected(mean, sd)
    ratio, ci = _ratio(mean, covariance)
    return Corrected(mean, sd, ratio, ci, _shares(parts, mean))


def _open(stratum: Stratum, classes: Sequence[str]) -> tuple[dict[str, float], float]:
    """(p by class, u(A + u)/(A + 1)) of a stratum's open stories."""
    own = stratum.predicted in classes
    prior = {c: (1.0 if c == stratum.predicted else 0.25) if own else 0.5 for c in classes}
    weight = sum(prior.values()) + stratum.asked
    p = {c: (prior[c] + stratum.answers.get(c, 0)) / weight for c in classes}
    return p, stratum.open * (weight + stratum.open) / (weight + 1)


def _ratio(mean: Mapping[str, float], covariance: Mapping[tuple[str, str], float]) -> tuple[float, Interval]:
    """The ratio of the means and its 95 % range, by the delta method on the logarithm."""
    a, b = _RATIO
    p, m = mean[a], mean[b]
    variance = covariance[a, a] / p**2 + covariance[b, b] / m**2 - 2 * covariance[a, b] / (p * m)
    s = math.sqrt(max(variance, 0.0))
    lo, hi = p / m * math.exp(-Z95 * s), p / m * math.exp(Z95 * s)
    return p / m, Interval(lo=lo, hi=hi, method="dirichlet-delta", meaning="labels")


def _shares(parts: Iterable[tuple[str, dict[str, float], float]], mean: Mapping[str, float]) -> dict[str, float]:
    """What each predicted class adds to the variance of log(P/M), as shares, largest first; empty without any."""
    a, b = _RATIO
    found: dict[str, float] = {}
    for predicted, p, spread in parts:
        each = p[a] / mean[a] ** 2 + p[b] / mean[b] ** 2 - (p[a] / mean[a] - p[b] / mean[b]) ** 2
        found[predicted] = found.get(predicted, 0.0) + spread * each
    total = sum(found.values())
    return {name: value / total for name, value in sorted(found.items(), key=lambda f: (-f[1], f[0])) if value > 0}


def wilson(k: int, n: int) -> Interval:
    """The 95 % score interval of a share k of n, n > 0 (Wilson 1927): it stays inside 0 … 1 and is right for few."""
    z2 = Z95**2
    middle = (k + z2 / 2) / (n + z2)
    half = Z95 / (n + z2) * math.sqrt(k * (n - k) / n + z2 / 4)
    return Interval(lo=max(0.0, middle - half), hi=min(1.0, middle + half), method="wilson", meaning="labels")
