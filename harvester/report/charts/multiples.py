"""Small multiples: a panel a measure, a dot an edition with its range, a broken line where editions do not compare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from harvester.report.charts.sheet import SMALL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes

    from harvester.report.charts.sheet import Sheet
    from harvester.report.drawings import Dot, Multiples, Panel

_PANEL: Final = 68
_ROOM: Final = 1.5  # of the largest number: above it stands the name
_LONGEST: Final = 3  # of the largest number, how long a range is drawn
_NAMED: Final = 56  # pixels an edition from which its number stands beside its dot
_TURNED: Final = 6  # from so many editions on a narrow page, every other one is named


def draw(multiples: Multiples, sheet: Sheet) -> None:
    """Panels one above another over the same editions; a break goes through all of them."""
    count = len(multiples.labels)
    found = sheet.axes(height=_PANEL, left=52, foot=40, panels=(_PANEL,) * len(multiples.panels))
    for at, (axes, panel) in enumerate(zip(found, multiples.panels, strict=True)):
        _panel(axes, panel, sheet, last=at == len(found) - 1)
        axes.set_xlim(-0.6, count - 0.4)
        for edition in multiples.breaks:
            axes.axvline(edition - 0.5, color=sheet.colours["media"], linewidth=1.6, linestyle=(0, (2, 3)))
    step = 2 if sheet.narrow and count >= _TURNED else 1
    shown = range(count - 1, -1, -step)
    found[-1].set_xticks(list(shown), [multiples.labels[at] for at in shown], color=sheet.colours["ink"])


def _panel(axes: Axes, panel: Panel, sheet: Sheet, *, last: bool) -> None:
    ends = [end for dot in panel.dots for end in (dot.value, dot.hi) if end is not None]
    largest = max((dot.value for dot in panel.dots if dot.value), default=1)
    top = min(max([*ends, largest]), _LONGEST * largest)
    axes.set_ylim(0, top * _ROOM)
    axes.set_yticks([0, top], ["0", panel.scale.format(top)], fontsize=SMALL)
    if not last:
        axes.set_xticks([])
    sheet.text(axes, -0.55, top * _ROOM, panel.name, va="top")
    for x, y in _line(panel):
        axes.plot(x, y, color=sheet.colours["line"], linewidth=1.2, zorder=1)
    room = (sheet.width - 68) / len(panel.dots)
    for at, dot in enumerate(panel.dots):
        _dot(axes, at, dot, sheet, top)
        if dot.value is not None and room >= _NAMED:
            sheet.text(axes, at + 9 / room, dot.value + top * 0.22, panel.scale.format(dot.value), fontsize=SMALL)


def _line(panel: Panel) -> Iterator[tuple[list[int], list[float]]]:
    """Neighbours that have a number and no break between them."""
    for at in range(1, len(panel.dots)):
        before, now = panel.dots[at - 1].value, panel.dots[at].value
        if before is not None and now is not None and at not in panel.breaks:
            yield [at - 1, at], [before, now]


def _dot(axes: Axes, at: int, dot: Dot, sheet: Sheet, top: float) -> None:
    """A dot and its range, an arrow where it goes on; an edition in a state has neither, and a mark at the foot."""
    if dot.value is None:
        sheet.text(axes, at, top * 0.1, "–", "soft", ha="center", fontsize=SMALL)
        return
    if dot.lo is not None and dot.hi is not None:
        axes.plot([at, at], [dot.lo, min(dot.hi, top)], color=sheet.colours["participant"], linewidth=2, zorder=2)
        if dot.hi > top:
            axes.plot([at], [top], marker="^", markersize=6, color=sheet.colours["participant"], zorder=2)
    axes.plot([at], [dot.value], marker="o", markersize=7, color=sheet.colours["participant"], zorder=3, clip_on=False)
