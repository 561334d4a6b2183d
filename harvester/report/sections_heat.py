"""Heat as five behaviours side by side and never one score; and whether it would go on without those behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from harvester.measure.people import FEW
from harvester.report import anchors, words
from harvester.report.anchors import led
from harvester.report.blocks import Ref, Section, Table, columns
from harvester.report.language import later
from harvester.report.states import measured, state, told
from harvester.report.vocabulary import word
from harvester.report.words import number

if TYPE_CHECKING:
    from harvester.measure.metric import Metric
    from harvester.report.build import Report
    from harvester.report.language import Language

_PANEL: Final = {
    "M17.contribution_rate": later("Of the room, spoke"),
    "M17.kinds_per_contributor": later("Kinds of things a contributor made"),
    "M17.first_day_share": later("Articles within a day of the end"),
    "M17.conversation": later("Answers among participants, for each contributor"),
    "M17.return_phrases": later("Articles that say they want to come again"),
}
_OTHERS: Final = {
    "M19.community_share": later("Articles by the community"),
    "M19.events_by_others": later("Events of a year with an organiser who is not of the vendor"),
    "M19.talks_by_others": later("Talks by speakers who are not of the vendor"),
}


def heat(report: Report, say: Language) -> Section:
    """Five lines with the value of the event before; no sum of them."""
    rows = [(title, row) for metric, title in _PANEL.items() if (row := report.get(metric))]
    if not rows:
        return Section(name="heat", title=say("Heat"))
    lines = tuple(
        (say(title), led(_value(row, say), row), Ref(_before(row, say), anchors.number(row))) for title, row in rows
    )
    heads = columns(say("Behaviour"), say("This time"), say("Last time"))
    table = Table(caption=say("Five behaviours, side by side"), columns=heads, rows=lines)
    lead = say("What people did, never one score: quantity can be forced, and a sum would hide which of them was.")
    return Section(name="heat", title=say("Heat"), lead=lead, tables=(table, *_phrases(report, say)))


def _value(row: Metric, say: Language) -> str:
    if not measured(row) or row.value is None:
        return state(row, say)
    if row.unit == "share":
        return told(row, words.by_luck(words.share(row, say), row, say), say)
    return told(row, _per(row, say), say)


def _per(row: Metric, say: Language) -> str:
    parts = f"{number(row.num)} / {number(row.den)}"
    return say("{value} ({range})", value=f"{row.value:.2f}", range=parts)


def _before(row: Metric, say: Language) -> str:
    last = row.variants.get("previous")
    if not last:
        return ""
    if row.unit == "share":
        text = say("{k} of {n}", k=number(last["num"]), n=number(last["den"]))
    else:
        text = f"{last['value']:.2f}"
    return say("{value} (other recipe)", value=text) if last.get("other_recipe") else text


def _phrases(report: Report, say: Language) -> list[Table]:
    row = report.get("M17.return_phrases")
    if row is None or not row.variants.get("matches"):
        return []
    lines = tuple((match["post"], f"…{match['words']}…") for match in row.variants["matches"])
    return [Table(caption=say("Who wants to come again"), columns=columns(say("Post"), say("Words")), rows=lines,
                  stacks=True)]  # fmt: skip


def self_running(report: Report, say: Language) -> Section:
    """Three lines k of n, unknown authors and organisers as bounds; there is no target."""
    facts = [
        (_named(title, row, say), led(_bounded(row, say), row))
        for metric, title in _OTHERS.items()
        for row in report.all(metric)
        if row.status != "not_applicable"
    ]
    lead = say("Would it go on without those behind it? There is no target: an early community is carried by them.")
    return Section(name="self-running", title=say("Self-running"), lead=lead if facts else "", facts=tuple(facts))


def _named(title: str, row: Metric, say: Language) -> str:
    where = {"programme": later("by the programme"), "found": later("by the decks found")}.get(row.kind)
    return say("{title}, {where}", title=say(title), where=say(where)) if where else say(title)


def _bounded(row: Metric, say: Language) -> str:
    if not measured(row):
        return state(row, say)
    text = words.share(row, say)
    if row.bounds and (row.den or 0) < FEW:
        text = say("{share}; of others nobody knows", share=text)
    elif row.bounds:
        span = words.span(row.bounds.lo, row.bounds.hi, say, "share")
        text = say("{share}; {range} if all unknown went one way or the other", share=text, range=span)
    sources = row.variants.get("sources")
    if sources:
        text += " · " + say("sources: {sources}", sources=say(", ").join(word(name, say) for name in sources))
    return told(row, text, say)
