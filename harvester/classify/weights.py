"""Weights estimated from labelled pages (measurement specification, §4.3), and labels under other weights.

weight = 10·log10[((k1 + ½) / (n1 + 1)) / ((k0 + ½) / (n0 + 1))], clipped to ±20: k of n pages on which the rule
fired, 1 for the pages of its side, 0 for the rest.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from harvester.classify.role import relabelled
from harvester.classify.rules import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from harvester.event import Event
    from harvester.model import Evidence, Label

LIMIT: Final = 20.0


def weight(k1: float, n1: int, k0: float, n0: int) -> float:
    """The weight in decibans of a rule that fired on k1 of the n1 pages of its side and on k0 of the n0 others."""
    ratio = ((k1 + 0.5) / (n1 + 1)) / ((k0 + 0.5) / (n0 + 1))
    return max(-LIMIT, min(LIMIT, 10 * math.log10(ratio)))


def fitted(pages: Sequence[tuple[str, Sequence[Evidence]]]) -> dict[str, float]:
    """A weight for every rule whose shipped weight was estimated from labelled pages, from these: (side, evidence)."""
    out = {}
    for rule in table("role").rules.values():
        if rule.fitted:
            own = [_fires(rule.id, found) for side, found in pages if side == rule.side]
            rest = [_fires(rule.id, found) for side, found in pages if side != rule.side]
            out[rule.id] = round(weight(sum(own), len(own), sum(rest), len(rest)), 1)
    return out


def _fires(rule: str, found: Iterable[Evidence]) -> bool:
    return any(one.rule == rule for one in found)


def reweighted(label: Label, weights: Mapping[str, float], event: Event) -> Label:
    """The label that the same evidence allows when some rules weigh differently."""
    evidence = [replace(found, weight=weights.get(found.rule, found.weight)) for found in label.evidence]
    return relabelled(evidence, event)
