"""Adding up evidence: decibans per side, posteriors, the label they allow, and when a human should look.

Inside a group only the strongest weight of each side counts. Posterior(side) = 10^(score/10) / Σ 10^(score/10),
over the sides of the prior. The numbers stand in `vocab/rules.toml`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harvester.classify.rules import table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harvester.model import Evidence


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decided side (`unknown` below the threshold) with the posterior of the best side.

    `leader` is that best side even when it was not enough; `review` says why a human should look, or "".
    """

    side: str
    posterior: float
    leader: str
    runner_up: str
    review: str


def strongest(evidence: Iterable[Evidence]) -> list[Evidence]:
    """The evidence that counts: the largest weight of each (group, side), ties by rule id."""
    best: dict[tuple[str, str], Evidence] = {}
    for found in evidence:
        held = best.get((found.group, found.side))
        if held is None or (-abs(found.weight), found.rule) < (-abs(held.weight), held.rule):
            best[found.group, found.side] = found
    return list(best.values())


def scores(evidence: Iterable[Evidence]) -> dict[str, float]:
    """Decibans found for each side, without the prior."""
    totals = dict.fromkeys(table("role").prior, 0.0)
    for found in strongest(evidence):
        totals[found.side] += found.weight
    return totals


def posteriors(found: dict[str, float]) -> dict[str, float]:
    """Probability of each side from decibans found (prior added here)."""
    prior = table("role").prior
    top = max(prior[side] + found[side] for side in prior)
    odds = {side: 10 ** ((prior[side] + found[side] - top) / 10) for side in prior}
    total = sum(odds.values())
    return {side: value / total for side, value in odds.items()}


def decide(evidence: Iterable[Evidence]) -> Verdict:
    """The side the evidence allows; an even split goes to no side."""
    evidence = list(evidence)
    numbers = table("role").numbers
    found = scores(evidence)
    shares = posteriors(found)
    ranked = sorted(shares, key=lambda side: (-shares[side], side))
    leader, runner_up = ranked[0], ranked[1]
    decided = shares[leader] >= numbers["threshold"]
    return Verdict(
        side=leader if decided else "unknown",
        posterior=shares[leader],
        leader=leader,
        runner_up=runner_up,
        review=_review(evidence, found, leader, decided),
    )


def _review(evidence: list[Evidence], found: dict[str, float], leader: str, decided: bool) -> str:
    """`conflict: …` for two strong sides, `undecided` for none; declared owned and press facts end a conflict."""
    numbers = table("role").numbers
    strong = sorted((side for side, weight in found.items() if weight >= numbers["conflict"]), key=lambda s: -found[s])
    settled = any(e.side == leader and e.weight >= numbers["decisive"] for e in evidence)
    if len(strong) > 1 and not settled:
        return "conflict: " + ", ".join(f"{side} {found[side]:g}" for side in strong)
    return "" if decided else "undecided"
