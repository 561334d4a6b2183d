"""What participants said that media did not: two short word lists, or the titles where there are too few documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from harvester.report.anchors import behind, stories
from harvester.report.blocks import Prose, Ref, Section, Table, columns
from harvester.report.language import later
from harvester.report.states import measured, state
from harvester.report.words import number

if TYPE_CHECKING:
    from harvester.measure.metric import Metric
    from harvester.report.build import Report
    from harvester.report.language import Language

_SIDES: Final = {"participant": later("Participants say"), "media": later("Media say")}
_TITLES: Final = 10  # of a side; every story is listed below anyway


def topics(report: Report, say: Language) -> Section:
    """A list a side; nothing where nobody wrote or nobody looked at media."""
    title, rows = say("Topics"), report.all("M16.topics")
    if not rows or all(row.status == "not_applicable" for row in rows):
        return Section(name="topics", title=title)
    if not any(measured(row) for row in rows):
        why = ((title, state(rows[0], say)),)
        tables = tuple(_titles(row, say) for row in rows if row.variants.get("titles"))
        return Section(name="topics", title=title, facts=why, tables=tables)
    found = [row for row in rows if measured(row)]
    tables = tuple(_terms(row, say) for row in found if row.variants["terms"])
    # A table without a row would leave open whether nobody looked.
    facts = tuple((say(_SIDES[row.kind]), Ref(say("no word more often than chance"), behind(row)))
                  for row in found if not row.variants["terms"])  # fmt: skip
    lead = say("Words that one side's articles hold more often than chance, counted in articles.")
    return Section(name="topics", title=title, lead=lead, facts=facts, tables=tables)


def _terms(row: Metric, say: Language) -> Table:
    other = row.variants["other_documents"]
    theirs = stories(row.group, "media" if row.kind == "participant" else "participant")
    lines = tuple(
        (term["term"], say("{k} of {n}", k=term["documents"], n=row.variants["documents"]),
         Ref(say("{k} of {n}", k=term["elsewhere"], n=other), theirs), number(term["writers"]), f"{term['z']:.1f}")
        for term in row.variants["terms"]
    )  # fmt: skip
    heads = columns(say("Word"), "#" + say("Articles"), "#" + say("On the other side"), "#" + say("Writers"), "#z")
    return Table(caption=say(_SIDES[row.kind]), columns=heads, rows=lines, note=state(row, say), to=behind(row))


def _titles(row: Metric, say: Language) -> Table:
    titles = row.variants["titles"]
    lines = tuple((line["title"] or line["post"],) for line in titles[:_TITLES])
    more = len(titles) - _TITLES
    note = say.many("{n} more.", "{n} more.", more) if more > 0 else ""
    return Table(caption=say(_SIDES[row.kind]), columns=columns(say("Title")), rows=lines, stacks=True,
                 note=Prose(note, to=behind(row)))  # fmt: skip
