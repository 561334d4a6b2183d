"""Read these: the articles that most different people answered in public, with author, day and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from harvester.measure.amplification import LEVELS
from harvester.report import anchors, words
from harvester.report.blocks import Section, Table, columns
from harvester.report.day_words import day as day_of
from harvester.report.sections_reach import post_link
from harvester.report.states import measured

if TYPE_CHECKING:
    from harvester.report.blocks import Cell
    from harvester.report.build import Report
    from harvester.report.language import Language

_READ: Final = 10


def read(report: Report, say: Language) -> Section:
    """The articles that most people answered: what to read first, and why."""
    title, row = say("Read these"), report.get("M13.top", "written")
    if row is None or not measured(row) or not row.variants.get("lines"):
        return Section(name="read", title=title)
    known = {item.key: item for item in report.items}
    rows: list[tuple[Cell, ...]] = []
    for line in row.variants["lines"][:_READ]:
        item = known.get(line["post"])
        day = (day_of(item.local_day, say) if item.local_day else say("undated")) if item else ""
        author = (item.author_name or item.author) if item else ""
        did = " · ".join(text for level in LEVELS for text in words.named_parts(line[level], say))
        why = say.many("{n} person answered", "{n} people answered", line["people"])
        rows.append((post_link(line), author, day, f"{why} · {did}" if did else why))
    heads = columns(say("Article"), say("Author"), say("Date"), say("Why"))
    caption = say("Articles that most people answered")
    lead = say("The articles that most different people answered in public, at most ten.")
    return Section(name="read", title=title, lead=lead,
                   tables=(Table(caption=caption, columns=heads, rows=tuple(rows), stacks=True,
                                 to=anchors.number(row)),))  # fmt: skip
