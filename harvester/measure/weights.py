"""What rules turn out to be worth: their weights again, from audited stories (measurement specification, §4.3).

Lists that an event file declares (D1, D2 …) keep their weight. A comparison, never a setting: whoever changes
`vocab/rules.toml` does it in a review.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from harvester.classify.weights import weight

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from harvester.classify.rules import Rule

# Never fit on fewer audited stories a side.
ENOUGH: Final = 30


@dataclass(frozen=True, slots=True)
class Audited:
    """A story with its true side. `share`: how many stories of its class it stands for (drawn one in `share`)."""

    side: str
    share: float
    fired: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A rule for a side: what it is worth as shipped, and by the audit (None unless `state` is `estimated`).

    state   `estimated`, `fixed` (declared by hand), `few` (under 30 stories of the side, or of the others),
            `silent` (fired on no audited story)
    """

    rule: str
    side: str
    reason: str
    shipped: float
    weight: float | None
    inside: tuple[float, int]
    outside: tuple[float, int]
    state: str


def estimates(items: Sequence[Audited], rules: Mapping[str, Rule]) -> list[Estimate]:
    """Every rule in its order, for its side; one without a side of its own for each side that it fired for.

    Classes are drawn at different rates, and a rule decides the class: plain counts would see it too often. So a
    story counts for as many as it stands for, and the counts are scaled to the number that was really asked.
    """
    found = []
    for rule in rules.values():
        sides = [rule.side] if rule.side != "same" else sorted({s for i in items for r, s in i.fired if r == rule.id})
        found += [_estimate(rule, side, items) for side in sides]
    return found


def enough(items: Sequence[Audited]) -> dict[str, int]:
    """Side → audited stories, of the sides that can be estimated: enough of it and of all others."""
    return {side: n for side, n in per_side(items).items() if min(n, len(items) - n) >= ENOUGH}


def per_side(items: Iterable[Audited]) -> dict[str, int]:
    """Side → audited stories."""
    sides = [item.side for item in items]
    return {side: sides.count(side) for side in sorted(set(sides))}


def _estimate(rule: Rule, side: str, items: Sequence[Audited]) -> Estimate:
    fired = (rule.id, side)
    inside = _fired([item for item in items if item.side == side], fired)
    outside = _fired([item for item in items if item.side != side], fired)
    state = _state(rule, inside, outside)
    value = weight(*inside, *outside) if state == "estimated" else None
    return Estimate(rule=rule.id, side=side, reason=rule.reason, shipped=rule.weight, weight=value, inside=inside,
                    outside=outside, state=state)  # fmt: skip


def _fired(items: Collection[Audited], fired: tuple[str, str]) -> tuple[float, int]:
    """(stories on which the rule fired, scaled to the number asked, that number)."""
    total = sum(item.share for item in items)
    share = sum(item.share for item in items if fired in item.fired)
    return (len(items) * share / total if total else 0.0), len(items)


def _state(rule: Rule, inside: tuple[float, int], outside: tuple[float, int]) -> str:
    if rule.group == "declared":
        return "fixed"
    if min(inside[1], outside[1]) < ENOUGH:
        return "few"
    return "estimated" if inside[0] or outside[0] else "silent"
