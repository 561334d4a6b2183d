"""The report as Markdown (GitHub's flavour): for a wiki, a pull request or a mail. What was found stays text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from harvester.report.blocks import Link
from harvester.report.language import ENGLISH
from harvester.report.page import page
from harvester.text import shown
from harvester.urls import is_web_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harvester.report.blocks import Cell, Page, Section, Table
    from harvester.report.build import Report
    from harvester.report.language import Language

# Backslashes before what emphasis, links, headings, tables and mathematics are made of, and inside bare addresses,
# short names of emoji and `www.`. Markup's own characters become entities: those hold in every renderer.
_MEANS_SOMETHING: Final = re.compile(r"[\\`*_{}\[\]#|~$@]|:(?=//|[\w+-]+:)|/(?=/)|(?<=www)\.", re.IGNORECASE)
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_MARKUP: Final = re.compile('[&<>"]')


def render(report: Report, say: Language = ENGLISH) -> str:
    """The whole report."""
    return "\n".join(_lines(page(report, say))).rstrip() + "\n"


def text(raw: str) -> str:
    """Found text as Markdown that shows it and does nothing."""
    escaped = _MEANS_SOMETHING.sub(lambda match: "\\" + match[0], shown(raw))
    return _MARKUP.sub(lambda match: _ENTITIES[match[0]], escaped)


def link(cell: Link) -> str:
    """A link where the address is a clean one, else the text; the note after it."""
    words = text(cell.text)
    if is_web_url(cell.url):
        words = f"[{words}](<{cell.url.replace('&', '&amp;')}>)"
    return f"{words} ({text(cell.note)})" if cell.note else words


def _lines(found: Page) -> Iterator[str]:
    yield f"# {text(found.title)}"
    yield ""
    yield text(found.subtitle)
    yield ""
    if found.headline:
        yield f"**{text(found.headline)}**"
        yield ""
    for warning in found.warnings:
        yield f"> {text(warning)}"
        yield ""
    for section in found.sections:
        yield from _section(section)
    yield "---"
    yield ""
    yield text(found.footer)


def _section(section: Section) -> Iterator[str]:
    yield f"## {text(section.title)}"
    yield ""
    if section.lead:
        yield text(section.lead)
        yield ""
    if section.facts:
        yield from (f"- {text(name)}: {_cell(what)}" for name, what in section.facts)
        yield ""
    for table in section.tables:
        yield from _table(table)


def _table(table: Table) -> Iterator[str]:
    yield f"**{text(table.caption)}**"
    yield ""
    yield _row([text(column.name) for column in table.columns])
    yield _row(["---:" if column.numeric else "---" for column in table.columns])
    yield from (_row([_cell(cell) for cell in row]) for row in table.rows)
    yield ""
    if table.note:
        yield text(table.note)
        yield ""


def _cell(cell: Cell) -> str:
    return link(cell) if isinstance(cell, Link) else text(cell)


def _row(found: list[str]) -> str:
    return f"| {' | '.join(found)} |"
