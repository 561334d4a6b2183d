"""The report as one HTML file that runs nothing, loads nothing and prints on A4."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from harvester.report import anchors
from harvester.report.blocks import Link, Ref
from harvester.report.html_links import numbered, prose
from harvester.report.language import ENGLISH
from harvester.report.outline import anchors_of, chapters, parts
from harvester.report.words import number
from harvester.text import shown
from harvester.urls import is_web_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harvester.report.blocks import Cell, Page
    from harvester.report.build import Report
    from harvester.report.drawings import Chart
    from harvester.report.language import Language

    Charts = Mapping[str, tuple[Chart, ...]]

HEADLINE: Final = "headline"


def render(report: Report, say: Language = ENGLISH) -> str:
    """The whole report, styles and all, in one file."""
    from harvester.report.figures import charts
    from harvester.report.page import page

    return written(page(report, say, whole=True), say, charts(report, say))


def written(page: Page, say: Language = ENGLISH, charts: Charts | None = None) -> str:
    """Any page of ours in the same shell; `charts` by the name of their section, `headline` for the top."""
    return _environment().get_template("report.html").render(
        page=page, say=say, charts=charts or {}, chapters=chapters(page, say), anchors=anchors_of(page), top=HEADLINE,
        names=numbered(page.names),
    ) + "\n"  # fmt: skip


def _drawn(chart: Chart) -> Markup:
    """Twice: for a wide page and for a narrow one, of which a reader sees the one that fits."""
    from harvester.report.charts import NARROW, svg

    narrow = svg(chart, NARROW).replace('class="drawn"', 'class="drawn narrow"', 1)
    wide = svg(chart).replace('class="drawn"', 'class="drawn wide"', 1)
    return Markup(wide + narrow)  # noqa: S704 - our own drawing, its texts escaped by the XML library


def _count_of(n: int, side: str) -> Cell:
    return Ref(number(n), anchors.stories("written", side)) if n else number(n)


@cache
def _environment() -> Environment:
    """Templates in which every value is escaped, and text that could deceive the eye is spelled out."""
    made = Environment(
        loader=PackageLoader("harvester.report"), autoescape=True, undefined=StrictUndefined, finalize=_safe,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.tests["web_url"] = is_web_url
    made.tests["link"] = lambda cell: isinstance(cell, Link)
    made.tests["ref"] = lambda cell: isinstance(cell, Ref)
    made.filters["drawn"] = _drawn
    made.filters["count_of"] = _count_of
    made.filters["parts"] = parts
    made.filters["prose"] = prose
    return made


def _safe(value: Any) -> Any:
    """Text without control characters and marks of direction; what the template itself made stays."""
    return shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value
