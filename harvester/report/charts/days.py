"""A column a day, the undated apart at the right, days that nobody searched hatched, a thin line for posts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from harvester.report.charts.look import paint
from harvester.report.charts.sheet import SMALL, length

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from harvester.report.charts.sheet import Sheet
    from harvester.report.drawings import Days

_APART: Final = 3  # days between the last day and the undated


def draw(days: Days, sheet: Sheet) -> None:
    """Stories above; posts, on a scale of their own, below."""
    shown = [part for part in days.parts if any(part.values)]
    keys = sheet.keys(shown)
    if days.line:
        keys.append(Line2D([], [], label=days.line.name, color=sheet.colours["ink"], linewidth=1.3))
    if days.gaps:
        keys.append(Patch(label=days.gaps_name, **_hatched(sheet)))
    panels = (150, 70) if days.line else (170,)
    found = sheet.axes(height=0, left=34, foot=34, keys=keys, panels=panels)
    for axes in found:
        _ground(days, axes, sheet)
    _columns(days, found[0], sheet)
    if days.line:
        found[1].plot(range(days.count), days.line.values, color=sheet.colours["ink"], linewidth=1.3, clip_on=False)
        _scale(max(days.line.values), found[1])
    _named(days, found[-1], sheet)
    for axes in found[:-1]:
        axes.set_xticks([])


def _hatched(sheet: Sheet) -> dict[str, Any]:
    return {"facecolor": "none", "edgecolor": sheet.colours["line"], "hatch": "\\\\\\\\", "linewidth": 0.8}


def _ground(days: Days, axes: Axes, sheet: Sheet) -> None:
    """The event's days washed, the unsearched hatched, thin lines to read heights by."""
    axes.set_xlim(-0.7, days.count + _APART + 0.7)
    axes.grid(axis="y", color=sheet.colours["line"], linewidth=0.8)
    axes.set_axisbelow(True)
    for first, last in days.live:
        axes.axvspan(first - 0.5, last + 0.5, facecolor=sheet.colours["wash"], edgecolor="none", zorder=0)
    for first, last in days.gaps:
        axes.axvspan(first - 0.5, last + 0.5, zorder=0.5, **_hatched(sheet))


def _columns(days: Days, axes: Axes, sheet: Sheet) -> None:
    heights = [0] * (days.count + 1)
    for part, undated in zip(days.parts, days.undated, strict=True):
        for at, n in enumerate((*part.values, undated)):
            if n:
                x = at if at < days.count else days.count + _APART - 0.5
                axes.bar(x, n, bottom=heights[at], width=0.78, clip_on=False, **paint(part.look, sheet.colours))
                heights[at] += n
    _scale(max(heights), axes)
    if any(days.undated):
        sheet.text(axes, days.count + _APART - 0.5, heights[-1], f"{heights[-1]}", ha="center", va="bottom",
                   fontsize=SMALL)  # fmt: skip


def _scale(top: int, axes: Axes) -> None:
    """From zero to the top in whole numbers."""
    axes.set_ylim(0, max(top, 1) * 1.08)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))


def _named(days: Days, axes: Axes, sheet: Sheet) -> None:
    """Days by name, as many as fit, and "undated" below its column."""
    undated = any(days.undated)
    pixels = sheet.width - 50
    room = max((length(label) for _, label in days.ticks), default=1) + 14
    step = max(1, -(-int(room * len(days.ticks)) // pixels))
    centre = next((at for at, (_, label) in enumerate(days.ticks) if label.endswith("*")), 0)
    ticks = [(at, label.removesuffix("*")) for n, (at, label) in enumerate(days.ticks) if (n - centre) % step == 0]
    limit = days.count + _APART - (length(days.undated_name) + room / 2) / pixels * (days.count + _APART)
    if undated:
        ticks = [(at, label) for at, label in ticks if at < limit]
    axes.set_xticks([at for at, _ in ticks], [label for _, label in ticks])
    axes.tick_params(axis="x", pad=10)  # below the zero of the axis at its left
    if undated:
        sheet.text(axes, days.count + _APART + 0.7, -0.11, days.undated_name, "soft", ha="right", va="top",
                   fontsize=SMALL, transform=axes.get_xaxis_transform())  # fmt: skip
