"""Better than last time? Changes with their range, and how often and where the events of a year were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from harvester.report import words
from harvester.report.anchors import led
from harvester.report.blocks import Section, Table, columns
from harvester.report.language import later
from harvester.report.states import MEASURED, in_parts, measured, state, told
from harvester.report.words import number

if TYPE_CHECKING:
    from harvester.measure.metric import Metric
    from harvester.report.blocks import Cell
    from harvester.report.build import Report
    from harvester.report.language import Language


_OF: Final = {
    ("M18.change", "written", "participant"): later("Articles by participants"),
    ("M18.change", "written", "media"): later("Articles by media"),
    ("M18.change", "talk", "participant"): later("Decks and videos"),
    ("M18.change", "micro", "participant"): later("Posts"),
    ("M18.contributors", "any", "participant"): later("People who spoke"),
    ("M18.contributors", "written", "participant"): later("People who wrote"),
}  # fmt: skip
_SAID: Final = {
    "more": later("more"), "fewer": later("fewer"), "no_clear_change": later("no clear change"),
    "cannot_tell": later("cannot tell: a source was cut off"),
}  # fmt: skip


def trend(report: Report, say: Language) -> Section:
    """Changes from the event before, never called more or fewer unless luck alone could not make them; the cadence."""
    rows = changes(report)
    heads = columns(say("Of"), "#" + say("Before"), "#" + say("Now"), "#" + say("Times"), say("Verdict"),
                    "#" + say("Per attendee"))  # fmt: skip
    lines = tuple(_line(row, say) for row in rows)
    tables = (Table(caption=say("Since the event before"), columns=heads, rows=lines),) if lines else ()
    return Section(name="trend", title=say("Trend"), lead=_sentence(rows, say), facts=tuple(_cadence(report, say)),
                   tables=tables)  # fmt: skip


def changes(report: Report) -> list[Metric]:
    """The rows that compare with the event before, without those where the question makes no sense."""
    aside = ("first_event", "not_begun", "none_either_time")
    found = (row for row in report.metrics if (row.metric, row.group, row.kind) in _OF)
    return [row for row in found if not any(flag in aside for flag in row.flags)]


def _sentence(rows: list[Metric], say: Language) -> str:
    """The articles of participants, first: `7 after 3: no clear change`."""
    first = next((row for row in rows if compares(row)), None)
    if first is None or _OF[first.metric, first.group, first.kind] != _OF["M18.change", "written", "participant"]:
        return ""
    if first.variants["change"] == "no_clear_change":
        return say("No clear change from {prev}.", prev=first.variants["previous_event"])
    return say("{what}: {now} after {before}, {verdict}.", what=name_of(first, say), now=number(first.num),
               before=number(first.den), verdict=verdict(first, say))  # fmt: skip


def compares(row: Metric) -> bool:
    """Whether it holds a comparison; from nothing to something there is no rate, only a lower end."""
    return row.status in MEASURED and row.ci is not None


def _line(row: Metric, say: Language) -> tuple[str, ...]:
    counts = name_of(row, say), number(row.den), number(row.num)
    if not compares(row):
        return *counts, "", " · ".join(part for part in (state(row, say), _same_recipe(row, say)) if part), ""
    told_text = told(row, say("{now} after {before}: {verdict}", now=number(row.num), before=number(row.den),
                              verdict=verdict(row, say)), say)  # fmt: skip
    head = row.variants.get("per_attendee")
    return *counts, times(row, say), told_text, "" if not head or head["value"] is None else f"×{head['value']:.1f}"


def _same_recipe(row: Metric, say: Language) -> str:
    """What both recipes would have found, where they differ."""
    same = row.variants.get("same_recipe")
    if not same:
        return ""
    said = _SAID[same["change"]]
    return say("by both recipes: {now} after {before}, {verdict}", now=same["num"], before=same["den"],
               verdict=say(said))  # fmt: skip


def name_of(row: Metric, say: Language) -> str:
    """What is compared."""
    return say(_OF[row.metric, row.group, row.kind])


def times(row: Metric, say: Language) -> str:
    """`×2.3 (0.5–10.1)`, or only the lower end where there was nothing before."""
    lo, hi = (row.ci.lo, row.ci.hi) if row.ci else (None, None)
    if row.value is None:
        return say("at least {lo}", lo=f"×{number(lo)}")
    if lo is None or hi is None:
        return f"×{number(row.value)}"
    return f"×{number(row.value)} ({words.span(lo, hi, say)})"


def verdict(row: Metric, say: Language) -> str:
    """More or fewer where luck alone could not make it, else no clear change."""
    said = _SAID[row.variants["change"]]
    return say(said)


def in_short(row: Metric, say: Language) -> tuple[str, list[str]]:
    """`3 → 7` and what may be said of it: `×2.3 (0.5–10.1)   no clear change`, or why the two do not compare."""
    counts = f"{number(row.den)} → {number(row.num)}"
    if compares(row):
        return counts, [f"{times(row, say)}   {told(row, verdict(row, say), say)}"]
    same = _same_recipe(row, say)
    return counts, [*in_parts(row, say), *([same] if same else [])]


def _cadence(report: Report, say: Language) -> list[tuple[str, Cell]]:
    """How often, where, and with how many people; of the twelve months up to the event."""
    held, cities, gap = (report.get(f"M21.{name}") for name in ("events", "cities", "gap"))
    facts: list[tuple[str, Cell]] = []
    if held and measured(held):
        count = say.many("{n} event", "{n} events", held.value)
        heads = [say("{event}: {n} people", event=event, n=n)
                 for event, n in held.by.get("attendees", {}).items() if n is not None]  # fmt: skip
        facts.append((say("In twelve months"), led(" · ".join([count, *heads]), held)))
    if cities and measured(cities):
        named = say(", ").join(cities.by["cities"])
        facts.append((say("Cities"), led(f"{number(cities.value)} · {named}", cities)))
    if gap and measured(gap):
        facts.append((say("Days between events, median"), led(number(gap.value), gap)))
    return facts
