"""A written page as chapters, and its tables as parts that an anchor leads to."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from harvester.report.language import later

if TYPE_CHECKING:
    from harvester.report.blocks import Cell, Page, Section, Table
    from harvester.report.language import Language

# Number, title and sections of each chapter. Numbers stay the same in every report: 6 is for organisers only.
_CHAPTERS: Final = (
    ("1", later("Who and how much"), ("who", "volume")),
    ("2", later("When"), ("when",)),
    ("3", later("People"), ("people", "heat", "self-running")),
    ("4", later("How far"), ("reach",)),
    ("5", later("Read these"), ("read",)),
    ("6", later("Leader candidates"), ("leaders",)),
    ("7", later("Topics"), ("topics",)),
    ("8", later("Trend"), ("trend", "typed-in")),
    ("9", later("How this was measured"), ("method", "quality", "left-out")),
    ("", later("Behind the numbers"), ("stories", "by-day", "numbers")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """Sections under one numbered title; `number` is "" outside the numbering, `name` its anchor."""

    number: str
    title: str
    name: str
    sections: tuple[Section, ...]


def chapters(page: Page, say: Language) -> list[Chapter]:
    """The sections of a page in chapters; a page of other sections is as many chapters."""
    known = {section.name: section for section in page.sections}
    placed = {name for _, _, names in _CHAPTERS for name in names}
    if not set(known) <= placed:
        return [Chapter(number="", title=one.title, name="", sections=(one,)) for one in page.sections]
    found = []
    for number, title, names in _CHAPTERS:
        here = tuple(known[name] for name in names if name in known)
        if here:
            found.append(Chapter(number=number, title=say(title), name=f"part-{number or 'behind'}", sections=here))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Rows that belong together. `names` are their anchors, the widest first; () for none."""

    names: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def parts(table: Table) -> list[Body]:
    """The rows of a table in bodies, each from one mark to the next."""
    starts: dict[int, tuple[str, ...]] = {}
    for at, anchor in table.marks:
        starts[at] = (*starts.get(at, ()), anchor)
    edges = [*sorted({0, *starts}), len(table.rows)]
    return [Body(names=starts.get(at, ()), rows=table.rows[at:end]) for at, end in pairwise(edges)]


def anchors_of(page: Page) -> frozenset[str]:
    """Every anchor that a number of the page can lead to."""
    marks = {anchor for section in page.sections for table in section.tables for _, anchor in table.marks}
    return frozenset(marks | {section.name for section in page.sections})
