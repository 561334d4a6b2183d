"""All numbers of an event as one Report value: every face of a report prints this and computes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harvester.measure import quality, ratio, timing, typed, volume

if TYPE_CHECKING:
    from harvester.measure.metric import Frame, Item, Metric

# The measures of a standard report, in the order of its blocks.
FAMILIES = (ratio.measure, volume.volume, volume.contributors, timing.timeline, typed.measure, quality.measure)
MEASURES = {
    "M01": "volume: how much was written, by whom",
    "M02": "participant : media ratio",
    "M03": "contributors: how many people wrote",
    "M05": "timeline: when they wrote",
    "M21": "typed in: numbers of surveys and closed places",
    "M22": "data quality: what was asked, missed and unknown",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """An event's numbers at one moment, with the posts behind them and the names a header needs."""

    name: str
    city: str
    frame: Frame
    metrics: tuple[Metric, ...]
    items: tuple[Item, ...]

    def get(self, metric: str, group: str = "", kind: str = "") -> Metric | None:
        """The first row of that name (and group, and kind), if it was measured."""
        for row in self.metrics:
            if row.metric == metric and group in ("", row.group) and kind in ("", row.kind):
                return row
        return None

    def all(self, metric: str) -> list[Metric]:
        """Every row of one measure."""
        return [row for row in self.metrics if row.metric == metric]


def build(items: list[Item], frame: Frame, *, name: str, city: str = "") -> Report:
    """Measure everything. Pure: the same rows give the same report."""
    metrics = tuple(row for family in FAMILIES for row in family(items, frame))
    return Report(name=name, city=city, frame=frame, metrics=metrics, items=tuple(items))
