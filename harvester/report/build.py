"""All numbers of an event as one Report value: every face of a report prints this and computes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harvester.classify import rules
from harvester.measure import (
    amplification,
    answers,
    bursts,
    cadence,
    cohorts,
    concentration,
    contribution,
    coverage,
    halflife,
    heat,
    ladder,
    leader_rows,
    lift,
    quality,
    ratio,
    reach,
    returning,
    selfrunning,
    survey,
    timing,
    topics,
    trend,
    typed,
    volume,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harvester.measure.frame import Frame
    from harvester.measure.item import Item
    from harvester.measure.metric import Metric

    Family = Callable[[list[Item], Frame], list[Metric]]

# The measures of a standard report, in the order of its blocks.
FAMILIES = (
    ratio.measure, volume.volume, volume.contributors, coverage.measure, timing.timeline, halflife.measure,
    lift.measure, bursts.measure, returning.measure, cohorts.measure, contribution.measure, answers.measure,
    reach.measure, amplification.measure, leader_rows.measure, concentration.measure, topics.measure, heat.measure,
    trend.measure, selfrunning.measure, ladder.measure, cadence.measure, survey.measure, typed.measure, quality.measure,
)  # fmt: skip
MEASURES = {
    "M01": "volume: how much was written, by whom",
    "M02": "participant : media ratio",
    "M03": "contributors: how many people wrote",
    "M04": "coverage: how many stories exist at least, what share is held at most",
    "M05": "timeline: when they wrote",
    "M06": "half-time and afterglow: how fast, and what stays",
    "M07": "re-ignition: days on which something lit it again",
    "M08": "new and returning people",
    "M09": "cohorts: who stays beyond one event",
    "M10": "contribution rate: what share of the room spoke",
    "M11": "first follower: how soon anybody answers, and who",
    "M12": "reach: potential audience, who answered, one hop",
    "M13": "amplification: reactions at equal age",
    "M14": "leader candidates: tiers by what people did",
    "M15": "concentration: how few writers and employers wrote half of it",
    "M16": "topics: what participants say that media do not",
    "M17": "heat: five behaviours, never one score",
    "M18": "trend: more, fewer or no clear change since the edition before",
    "M19": "self-running: what the community does itself",
    "M20": "ladder: who moved up since the edition before",
    "M21": "cadence, surveys and other numbers typed in",
    "M22": "data quality: what was asked, missed and unknown",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """An event's numbers at one moment, with the posts behind them and the names a header needs.

    `vocabulary` is what the rules of that moment are called in reasons. `erased` counts the posts that a frozen report
    had and lost since: its numbers still count them.
    """

    name: str
    city: str
    frame: Frame
    metrics: tuple[Metric, ...]
    items: tuple[Item, ...]
    vocabulary: dict[str, str] = field(default_factory=dict)
    erased: int = 0

    def get(self, metric: str, group: str = "", kind: str = "") -> Metric | None:
        """The first row of that name (and group, and kind), if it was measured."""
        for row in self.metrics:
            if row.metric == metric and group in ("", row.group) and kind in ("", row.kind):
                return row
        return None

    def all(self, metric: str) -> list[Metric]:
        """Every row of one measure."""
        return [row for row in self.metrics if row.metric == metric]


def build(
    items: list[Item], frame: Frame, *, name: str, city: str = "", families: Sequence[Family] = FAMILIES
) -> Report:
    """Measure everything, or what `families` measure. Pure: the same rows give the same report."""
    metrics = tuple(row for family in families for row in family(items, frame))
    vocabulary = {rule.id: rule.reason for rule in rules.table("relevance").rules.values()}
    return Report(name=name, city=city, frame=frame, metrics=metrics, items=tuple(items), vocabulary=vocabulary)
