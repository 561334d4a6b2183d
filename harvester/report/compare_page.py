"""A comparison as the blocks of a written report, which its HTML shell lays out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvester.measure.metric import Metric
from harvester.report import anchors
from harvester.report import compare_words as words
from harvester.report import words as plain
from harvester.report.blocks import Page, Prose, Ref, Section, Table, columns
from harvester.report.day_words import moment
from harvester.report.language import ENGLISH
from harvester.report.names import names
from harvester.report.sections_trend import compares, times
from harvester.report.states import measured, state
from harvester.report.states import told as in_state

if TYPE_CHECKING:
    from harvester.report.blocks import Cell
    from harvester.report.compare import Comparison, Line
    from harvester.report.language import Language


def page(found: Comparison, say: Language = ENGLISH) -> Page:
    """What changed, every number per edition, and what keeps editions from comparing."""
    first, last = found.reports[0], found.reports[-1]
    warnings = tuple(
        say("{event} does not compare with {before}: {why}", event=event, before=before, why=words.broken(flags, say))
        for event, before, flags in zip(found.events[1:], found.events, found.breaks[1:], strict=False)
        if flags
    )
    return Page(
        title=" · ".join(found.events),
        subtitle=say("{first} to {last}", first=plain.days_of(first, say), last=plain.days_of(last, say)),
        headline=Prose(words.headline(found, say), to=_anchor(found.lines[0]) if found.lines else ""),
        warnings=warnings,
        duel=None,
        sections=(_changes(found, say), _numbers(found, say), _editions(found, say)),
        footer=say("harvester · as of {moment} UTC", moment=moment(last.frame.as_of, say)),
        language=say.code, names=frozenset().union(found.events, *map(names, found.reports)),
    )  # fmt: skip


def _changes(found: Comparison, say: Language) -> Section:
    rows = tuple(
        row
        for line in found.lines
        for at in range(1, len(found.reports))
        if (change := line.changes[at]) is not None and (row := _change(found, line, at, change, say))
    )
    heads = columns(
        say("Of"), say("Between"), f"#{say('Before')}", f"#{say('Now')}", f"#{say('Times')}", say("Verdict")
    )
    table = Table(
        caption=say("From one edition to the next"), columns=heads, rows=rows, stacks=True,
        note=say("In brackets the range that luck alone could make. More or fewer is said only where it leaves out 1."),
    )  # fmt: skip
    return Section(name="changes", title=say("What changed"), tables=(table,) if rows else ())


def _change(found: Comparison, line: Line, at: int, row: Metric, say: Language) -> tuple[Cell, ...]:
    between = f"{found.events[at - 1]} → {found.events[at]}"
    name = say(line.name)
    told = " · ".join([words.verdict(row, say), *words.asides(row, say)])
    if not compares(row):
        return name, between, "", "", "", Prose(told, to=_anchor(line))
    before, now, text = (
        Ref(text, _anchor(line)) for text in (plain.number(row.den), plain.number(row.num), times(row, say))
    )
    return name, between, before, now, text, Prose(in_state(row, told, say), to=_anchor(line))


def _numbers(found: Comparison, say: Language) -> Section:
    rows = tuple((say(line.name), *(_cell(row, say) for row in line.rows)) for line in found.lines)
    heads = columns(say("Measure"), *(f"#{event}" for event in found.events))
    note = say("The posts behind a number are in the report of its edition: `harvest report {event}`.",
               event=found.events[-1])  # fmt: skip
    table = Table(
        caption=say("Every number as in the report of its edition"), columns=heads, rows=rows, note=note,
        marks=tuple((at, _anchor(line)) for at, line in enumerate(found.lines)),
    )  # fmt: skip
    return Section(name="numbers", title=say("Numbers by edition"), tables=(table,))


def _anchor(line: Line) -> str:
    """A line of the table of all numbers, which a change of it leads to."""
    return anchors.number(Metric(metric=line.metric, group=line.group, kind=line.kind))


def _cell(row: Metric | None, say: Language) -> str:
    if row is None:
        return ""
    if not measured(row):
        return state(row, say)
    text = in_state(row, words.with_range(row, say), say)
    return f"{text} · {say('only few media stories')}" if "few_media" in row.flags else text


def _editions(found: Comparison, say: Language) -> Section:
    rows = tuple(
        (
            event, report.name, plain.days_of(report, say), plain.counting(report, say), report.frame.rules,
            words.broken(flags, say),
        )
        for event, report, flags in zip(found.events, found.reports, found.breaks, strict=True)
    )  # fmt: skip
    heads = columns(
        say("Edition"), say("Name"), say("Days"), say("Counted"), say("Rules"), say("Break to the one before")
    )  # fmt: skip
    table = Table(caption=say("The editions"), columns=heads, rows=rows, stacks=True)
    lead = say(
        "Editions compare when the same sources were asked for the same things and judged by the same rules, each from"
        " its first day to day 28 after its end."
    )
    return Section(name="editions", title=say("What was compared"), lead=lead, tables=(table,))
