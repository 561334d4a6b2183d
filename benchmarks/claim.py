"""What a claim is, how often it was true, and whether that is what was promised."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

WORLDS = 200
SEED = 2016
# Whether the statement is true by its formula, and as published; None where nothing is said.
Verdict = tuple[bool | None, bool | None]


@dataclass(frozen=True)
class Claim:
    """One row: a statement, a kind of world, how to draw and judge one, and between which rates (%) the promise lies.

    `by` says which of the two columns was promised: a formula's rate, or what is published by our rules. Without
    `lowest` nothing is: the row shows what no statement survives.
    """

    name: str
    world: str
    draw: Callable[[Random], Verdict]
    lowest: int | None = None
    highest: int = 100
    by: str = "formula"

    @property
    def promised(self) -> str:
        """The promise in words."""
        if self.lowest is None:
            return "none"
        return f"{self.lowest} %" if self.lowest == self.highest else f"{self.lowest}-{self.highest} %"


@dataclass(frozen=True)
class Rate:
    """How often a claim was true, of how many worlds in which it was made."""

    true: int
    made: int

    @property
    def percent(self) -> float:
        """The rate, 100 where the claim was never made."""
        return 100 * self.true / self.made if self.made else 100.0

    @property
    def error(self) -> float:
        """The standard error of the rate in percent; never told as less than that of a rate of 99.5 %."""
        p = self.percent / 100
        return 100 * math.sqrt(max(p * (1 - p), 0.005) / self.made) if self.made else 0.0

    def within(self, lowest: int, highest: int) -> bool:
        """Whether the rate is one that a true rate in this range gives: 2.6 standard errors are luck, 1 in 100."""
        if not self.made:
            return True
        low, high = (end / 100 for end in (lowest, highest))
        slack = [2.6 * math.sqrt(max(p * (1 - p), 0.005) / self.made) for p in (low, high)]
        return low - slack[0] <= self.true / self.made <= high + slack[1]


def rates(claim: Claim, count: int = WORLDS) -> tuple[Rate, Rate]:
    """How often a claim holds by its formula, and as published. Each row has its own seed."""
    told: tuple[list[bool], list[bool]] = ([], [])
    random = Random(f"{SEED} {claim.name} {claim.world}")
    for _ in range(count):
        for column, verdict in zip(told, claim.draw(random), strict=True):
            if verdict is not None:
                column.append(verdict)
    formula, publish = (Rate(sum(column), len(column)) for column in told)
    return formula, publish


def kept(claim: Claim, formula: Rate, publish: Rate) -> bool:
    """Whether the promised column is as promised."""
    rate = publish if claim.by == "published" else formula
    return claim.lowest is None or rate.within(claim.lowest, claim.highest)


def outcome(claim: Claim, formula: Rate, publish: Rate) -> str:
    """`met`, `MISSED`, `not said` where the promised statement was made in no world, or `no promise`."""
    if claim.lowest is None:
        return "no promise"
    if claim.by == "published" and not publish.made:
        return "not said"
    return "met" if kept(claim, formula, publish) else "MISSED"
