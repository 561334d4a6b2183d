"""Factors with their ranges around 1: a dot, a line as long as luck, and no number without its range."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from harvester.report.charts.sheet import SMALL, length

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from harvester.report.charts.sheet import Sheet
    from harvester.report.drawings import Range, Ranges

_ROW: Final = 36
# Where the axis may be named, in the order in which room is given to them.
_STEPS: Final = (1, 0.1, 10, 0.01, 100, 2, 0.5, 4, 0.25, 0.001, 1000)
_BETWEEN: Final = 10  # pixels


def draw(ranges: Ranges, sheet: Sheet) -> None:
    """A row a factor, the first at the top; an open end is an arrow to the edge."""
    ends = [end for row in ranges.rows for end in (row.value, row.lo, row.hi) if end]
    low, high = min([*ends, 0.5]) * 0.9, max([*ends, 2]) * 1.1
    left = min(max(length(row.label) for row in ranges.rows) + 14, sheet.width * 0.45)
    (axes,) = sheet.axes(height=_ROW * len(ranges.rows) + 10, left=left, foot=46)
    axes.set(xscale="log", xlim=(low, high), ylim=(len(ranges.rows) - 0.4, -0.6), yticks=range(len(ranges.rows)))
    axes.set_yticklabels([row.label for row in ranges.rows], color=sheet.colours["ink"], fontsize=12)
    axes.minorticks_off()
    ticks = _named((low, high), sheet.width - left - 16)
    axes.set_xticks(ticks, [f"×{step:g}" for step in ticks])
    axes.axvline(1, color=sheet.colours["soft"], linewidth=1.2, linestyle=(0, (3, 3)))
    sheet.text(axes, 1, len(ranges.rows) - 0.4 + 30 / _ROW, ranges.one_name, "soft", ha="center", fontsize=SMALL)
    for at, row in enumerate(ranges.rows):
        _range(row, at, axes, sheet, (low, high))


def _named(edges: tuple[float, float], pixels: float) -> list[float]:
    """The steps that have a name at the axis: as many as stand apart from each other."""
    low, high = (math.log(edge) for edge in edges)
    placed: list[tuple[float, float, float]] = []
    for step in _STEPS:
        at, half = (math.log(step) - low) / (high - low) * pixels, (length(f"×{step:g}") + _BETWEEN) / 2
        if 0 <= at <= pixels and all(abs(at - other) >= half + theirs for other, theirs, _ in placed):
            placed.append((at, half, step))
    return sorted(step for _, _, step in placed)


def _range(row: Range, at: int, axes: Axes, sheet: Sheet, edges: tuple[float, float]) -> None:
    lo, hi = row.lo or edges[0], row.hi or edges[1]
    axes.plot([lo, hi], [at, at], color=sheet.colours["participant"], linewidth=2, clip_on=False)
    for end, known, mark in ((lo, row.lo, "<"), (hi, row.hi, ">")):
        axes.plot([end], [at], marker="|" if known else mark, markersize=9 if known else 6,
                  color=sheet.colours["participant"], clip_on=False)  # fmt: skip
    if row.value:
        axes.plot([row.value], [at], marker="o", markersize=9, color=sheet.colours["participant"], clip_on=False)
