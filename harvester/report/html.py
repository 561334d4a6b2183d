"""The report as one HTML file that runs nothing, loads nothing and prints on A4."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from harvester.report.blocks import Link
from harvester.report.page import page
from harvester.text import shown
from harvester.urls import is_web_url

if TYPE_CHECKING:
    from harvester.report.build import Report


def render(report: Report) -> str:
    """The whole report, styles and all, in one file."""
    return _environment().get_template("report.html").render(page=page(report)) + "\n"


@cache
def _environment() -> Environment:
    """Templates in which every value is escaped, and text that could deceive the eye is spelled out."""
    made = Environment(
        loader=PackageLoader("harvester.report"), autoescape=True, undefined=StrictUndefined, finalize=_safe,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.tests["web_url"] = is_web_url
    made.tests["link"] = lambda cell: isinstance(cell, Link)
    return made


def _safe(value: Any) -> Any:
    """Text without control characters and marks of direction; what the template itself made stays."""
    return shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value
