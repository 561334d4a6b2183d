"""Bars that lie: a label a row, its parts from zero, their sum at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from harvester.report.charts.look import paint
from harvester.report.charts.sheet import SMALL, length

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from harvester.report.charts.sheet import Sheet
    from harvester.report.drawings import Bars

_ROW: Final = 40
_ENOUGH: Final = 24  # pixels that a number inside a part needs


def draw(bars: Bars, sheet: Sheet) -> None:
    """One row a label, the first at the top."""
    sums = [sum(part.values[at] for part in bars.parts) for at in range(len(bars.labels))]
    shown = [part for part in bars.parts if any(part.values)]
    longest = max((length(label) for label in bars.labels), default=0)
    left = min(longest + 14, sheet.width * 0.42)
    right = 16 + max((length(str(n)) for n in sums), default=0)
    keys = sheet.keys(shown) if len(bars.parts) > 1 and not _each_its_own(bars) else []
    (axes,) = sheet.axes(height=_ROW * len(bars.labels), left=left, right=right, foot=8, keys=keys)
    top = max([*sums, 1])
    axes.set(xlim=(0, top), ylim=(len(bars.labels) - 0.5, -0.5), xticks=[], yticks=range(len(bars.labels)))
    axes.set_yticklabels(bars.labels, color=sheet.colours["ink"], fontsize=12)
    axes.spines["bottom"].set_visible(False)
    pixels = (sheet.width - left - right) / top
    for row in range(len(bars.labels)):
        _row(bars, row, axes, sheet, pixels)
        sheet.text(axes, sums[row] + 8 / pixels, row, f"{sums[row]:,}", fontsize=14)
    axes.axvline(0, color=sheet.colours["soft"], linewidth=1, clip_on=False)


def _each_its_own(bars: Bars) -> bool:
    """Whether no label has two parts, so that the labels name them."""
    return all(sum(bool(part.values[at]) for part in bars.parts) <= 1 for at in range(len(bars.labels)))


def _row(bars: Bars, row: int, axes: Axes, sheet: Sheet, pixels: float) -> None:
    at, several = 0.0, sum(bool(part.values[row]) for part in bars.parts) > 1
    inset = 1.5 / pixels  # an outline lies inside its bar: two neighbours do not cover each other
    for part in bars.parts:
        n = part.values[row]
        if not n:
            continue
        width = max(n - 2 * inset, n * 0.4)
        axes.barh(row, width, left=at + inset, height=0.62, clip_on=False, **paint(part.look, sheet.colours))
        if several and n * pixels >= _ENOUGH:
            _number(part.look, at + n / 2, row, n, axes, sheet)
        at += n


def _number(look: str, x: float, row: int, n: int, axes: Axes, sheet: Sheet) -> None:
    """A part's number on it: light on what is filled, else dark on a ground of its own."""
    if look in ("participant", "owned"):
        sheet.text(axes, x, row, f"{n:,}", "paper" if look == "participant" else "ink", ha="center", fontsize=SMALL)
        return
    ground = {"facecolor": sheet.colours["paper"], "edgecolor": "none", "pad": 2.5}
    box = None if look in ("independent", "media", "new") else ground
    sheet.text(axes, x, row, f"{n:,}", ha="center", fontsize=SMALL, bbox=box)
