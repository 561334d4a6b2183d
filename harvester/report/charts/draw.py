"""A chart as SVG or PNG, by Matplotlib: figure, font, and what all drawings share."""

from __future__ import annotations

import io
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG

from harvester.report.charts import bars, curves, days, multiples, ranges
from harvester.report.charts.clean import cleaned
from harvester.report.charts.look import FONT, LIGHT, MARKS
from harvester.report.charts.sheet import Sheet
from harvester.report.drawings import Bars, Curves, Days, Multiples

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from harvester.report.drawings import Chart

WIDE: Final = 720
NARROW: Final = 350
_PNG_DPI: Final = 200
_SETTINGS: Final[Any] = {
    "svg.fonttype": "none", "svg.hashsalt": "harvester", "font.family": FONT, "font.size": 12, "hatch.linewidth": 1.0,
    "axes.unicode_minus": False, "path.simplify": False, "text.parse_math": False,
}  # fmt: skip


@cache
def svg(chart: Chart, width: int = WIDE) -> str:
    """The drawing as an `<svg>` element whose colours are classes (`f-ink`, `s-ink` …)."""
    out = io.StringIO()
    with mpl.rc_context(_SETTINGS):
        figure = _figure(chart, width, MARKS)
        FigureCanvasSVG(figure)
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    return cleaned(out.getvalue(), name=f"{chart.name}-{width}", told=chart.told)


def png(chart: Chart) -> bytes:
    """The drawing on white paper, large enough for a slide."""
    out = io.BytesIO()
    with mpl.rc_context(_SETTINGS):
        figure = _figure(chart, WIDE, LIGHT)
        FigureCanvasAgg(figure)
        figure.savefig(out, format="png", dpi=_PNG_DPI, facecolor=LIGHT["paper"], metadata={"Software": None})
    return out.getvalue()


def _figure(chart: Chart, width: int, colours: dict[str, str]) -> Figure:
    _font()
    sheet = Sheet(width=width, narrow=width < WIDE, colours=colours)
    match chart.drawing:
        case Bars():
            bars.draw(chart.drawing, sheet)
        case Days():
            days.draw(chart.drawing, sheet)
        case Curves():
            curves.draw(chart.drawing, sheet)
        case Multiples():
            multiples.draw(chart.drawing, sheet)
        case _:
            ranges.draw(chart.drawing, sheet)
    return sheet.figure


@cache
def _font() -> None:
    """The font that comes along, known to the library by its name; it holds Latin and Japanese letters."""
    with resources.as_file(resources.files("matplotlib_fontja") / "fonts" / "ipaexg.ttf") as path:
        font_manager.fontManager.addfont(str(path))
