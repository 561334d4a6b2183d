"""Shares that rise over the days after an event: how fast half was out, and what came late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from matplotlib.lines import Line2D

from harvester.report.charts.sheet import SMALL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from harvester.report.charts.sheet import Sheet
    from harvester.report.drawings import Curves, Rise

_STYLES: Final = ("solid", (0, (5, 2)), (0, (1, 1.5)))


def draw(curves: Curves, sheet: Sheet) -> None:
    """A step line a group, each in a dash of its own; a dot, named in the legend, where half was out."""
    keys = [
        Line2D([], [], label=rise.name, color=_colour(at, sheet), linestyle=_STYLES[at % len(_STYLES)], linewidth=2)
        for at, rise in enumerate(curves.rises)
    ]
    if any(rise.half is not None for rise in curves.rises):
        keys.append(Line2D([], [], label=curves.half_name, color=sheet.colours["ink"], linestyle="none", marker="o",
                           markersize=8))  # fmt: skip
    (axes,) = sheet.axes(height=190, left=46, foot=30, keys=list(keys))
    last = max(len(rise.by_day) for rise in curves.rises) - 1
    axes.set(xlim=(0, last), ylim=(0, 1.04), yticks=[0, 0.25, 0.5, 0.75, 1])
    axes.set_yticklabels([curves.percent.format(pct) for pct in (0, 25, 50, 75, 100)])
    ticks = [day for day in (0, 7, 14, 21, 28) if day <= last]
    axes.set_xticks(ticks, [f"+{day}" if day else "0" for day in ticks])
    axes.grid(axis="y", color=sheet.colours["line"], linewidth=0.8)
    axes.set_axisbelow(True)
    if last > curves.late_from:
        axes.axvspan(curves.late_from, last, facecolor=sheet.colours["wash"], edgecolor="none", zorder=0)
        sheet.text(axes, (curves.late_from + last) / 2, 0.07, curves.late_name, "soft", ha="center", fontsize=SMALL)
    for at, rise in enumerate(curves.rises):
        _line(rise, at, axes, sheet)


def _colour(at: int, sheet: Sheet) -> str:
    return sheet.colours[("participant", "ink", "media")[at % 3]]


def _line(rise: Rise, at: int, axes: Axes, sheet: Sheet) -> None:
    points = [(float(day), n / rise.total) for day, n in enumerate(rise.by_day)]
    points.append((0.0, 0.0))
    if rise.half is not None:
        points.append((rise.half, 0.5))
    points.sort()
    axes.plot([day for day, _ in points], [share for _, share in points], color=_colour(at, sheet), linewidth=2,
              linestyle=_STYLES[at % len(_STYLES)], clip_on=False)  # fmt: skip
    if rise.half is not None:
        axes.plot([rise.half], [0.5], marker="o", markersize=9, markerfacecolor=_colour(at, sheet),
                  markeredgecolor=sheet.colours["paper"], clip_on=False, zorder=5)  # fmt: skip
