"""Who wrote and how much: the sections of a written report that open it, and the numbers that people typed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvester.measure.volume import COLUMNS
from harvester.report import anchors, words
from harvester.report.anchors import led
from harvester.report.blocks import Prose, Ref, Section, Table, columns
from harvester.report.day_words import day
from harvester.report.language import later
from harvester.report.states import MEASURED, measured, state, told
from harvester.report.vocabulary import word
from harvester.report.words import number

if TYPE_CHECKING:
    from harvester.measure.metric import Metric
    from harvester.report.blocks import Cell
    from harvester.report.build import Report
    from harvester.report.language import Language

_SPEAKING = (
    ("any", later("Spoke at all")), ("written", later("Wrote an article")), ("talk", later("Gave a deck or video")),
    ("micro", later("Posted")),
)  # fmt: skip


def who(report: Report, say: Language) -> Section:
    """The comparison of participants and media, and everything it could mean instead."""
    ratio = report.get("M02.ratio")
    facts: list[tuple[str, Cell]] = []
    if ratio is not None and ratio.status in MEASURED:
        facts = _compared(ratio, say)
    elif ratio is not None:
        facts = [(say("Ratio"), led(state(ratio, say), ratio))]
    aside = words.not_in_ratio(report, say)
    if aside:
        facts.append((say("Not in the ratio"), Prose(" · ".join(aside), to=anchors.ALL)))
    return Section(name="who", title=say("Who wrote"), facts=tuple(facts))


def _compared(ratio: Metric, say: Language) -> list[tuple[str, Cell]]:
    facts: list[tuple[str, Cell]] = []
    if ratio.ci:
        sure = say("{range}, with {level} confidence", range=words.between(ratio.ci, say),
                   level=words.percent(ratio.ci.level, say))  # fmt: skip
        facts.append((say("By chance alone"), Ref(sure, anchors.number(ratio))))
    if ratio.bounds:
        lo, hi = (number(end) if end is not None else say("no ratio") for end in (ratio.bounds.lo, ratio.bounds.hi))
        facts.append((
            Prose(say("{n} unclassified", n=ratio.by["unknown"]), to=anchors.stories("written", "unknown")),
            Ref(say("{lo} if all by media, {hi} if all by participants", lo=lo, hi=hi),
                anchors.stories("written", "unknown")),
        ))  # fmt: skip
    if ratio.by["independent"]:
        broad = number(ratio.variants["broad"])
        facts.append(
            (
                Prose(
                    say("With {n} independent", n=ratio.by["independent"]), to=anchors.stories("written", "independent")
                ),
                Ref(say("{ratio} to 1", ratio=broad), anchors.stories("written", "independent")),
            )
        )
    p, m = ratio.by["placements"]
    facts.append(
        (say("Copies counted too"), Ref(say("{p} by participants, {m} by media", p=p, m=m), anchors.number(ratio)))
    )
    return facts


def how_much(report: Report, say: Language) -> Section:
    """Stories by kind and author, how many people wrote them, and whether few of them wrote most."""
    facts: list[tuple[str, Cell]] = [
        (say(title), led(told(row, say.many("{n} person", "{n} people", row.value), say), row))
        for group, title in _SPEAKING
        if (row := report.get("M03.contributors", group))
    ]
    each = report.get("M03.stories_per_writer")
    if each and each.value is not None and measured(each):
        facts.append((say("Stories per writer"), led(told(each, number(float(each.value)), say), each)))
    facts += _concentration(report, say)
    tables = [_volume(report, say)]
    dropped = report.get("M01.not_counted")
    if dropped and dropped.by:
        told_again = " · ".join(words.named_parts(dropped.by, say))
        facts.append((say("Found, not counted again"), led(told_again, dropped)))
    lead = say("Participants who spoke, and every story by kind and author.")
    return Section(name="volume", title=say("How much"), lead=lead, facts=tuple(facts), tables=tuple(tables))


def _concentration(report: Report, say: Language) -> list[tuple[str, Cell]]:
    """A community, or three busy people: one line for writers and one for employers."""
    facts: list[tuple[str, Cell]] = []
    few, company = report.get("M15.absence_factor"), report.get("M15.elephant_factor")
    if few and (text := half(few, say)):
        facts.append((say("Busy writers"), led(text, few)))
    if company and measured(company) and company.by:
        names = say(", ").join(f"{name} {n}" for name, n in company.by.items())
        held = say.many("half of the stories come from {n} employer or freelancer",
                        "half of the stories come from {n} employers and freelancers", company.value)  # fmt: skip
        facts.append((say("Companies"), led(f"{held} · {names}", company)))
    top, spread = report.get("M15.top_share"), report.get("M15.effective_writers")
    if top and spread and measured(top) and measured(spread):
        facts.append((say("Most by one writer"), led(words.share(top, say), top)))
        facts.append((say("As if equally busy"), led(say("{n} writers", n=number(spread.value)), spread)))
    gini = report.get("M15.gini")
    if gini and measured(gini):
        facts.append((say("Gini coefficient"), led(f"{gini.value:.2f}", gini)))
    return facts


def half(few: Metric, say: Language) -> str:
    """How few writers hold half of the stories; the state where that has no meaning."""
    if not measured(few):
        return state(few, say) if few.status != "not_applicable" else ""
    held = say.many(
        "half of the stories come from {n} writer", "half of the stories come from {n} writers", few.value
    )  # fmt: skip
    return told(few, held, say)


def _volume(report: Report, say: Language) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for row in report.all("M01.volume"):
        if row.kind:
            cells = (_cell(report, row, column) for column in COLUMNS)
            rows.append((word(row.kind, say), *cells, led(words.amount(row, say), row), state(row, say)))
        else:
            total = say("not measured") if row.value is None else "0"
            # Whoever did not look found no "none" either.
            none = word(row.group, say)
            none = none if row.value is None else say("{group}: none found", group=none)
            rows.append((none, *("" for _ in COLUMNS), total, state(row, say)))
    heads = columns(say("Kind"), *(f"#{word(column, say).capitalize()}" for column in COLUMNS), "#" + say("Total"),
                    say("State"))  # fmt: skip
    volume, notes = report.all("M01.volume"), []
    if any(row.status == "truncated" for row in volume):
        notes.append(say("≥ means that a source was cut off or failed: read the number as “at least”."))
    if any(row.kind and words.cell(report, row, "media") == "?" for row in volume):
        notes.append(say("? means that media were not checked: no outlet list configured."))
    return Table(caption=say("Counted stories by kind and author"), columns=heads, rows=tuple(rows),
                 note=words.sentences(say, *notes))  # fmt: skip


def _cell(report: Report, row: Metric, column: str) -> Cell:
    """A count that leads to its posts; nothing leads from zero."""
    text = words.cell(report, row, column)
    return Ref(text, anchors.stories(row.kind, column)) if row.by[column] else text


def typed_in(report: Report, say: Language) -> Section:
    """Numbers of places that nobody harvests, as somebody typed them in, and the score of a survey with its range."""
    title = say("Typed in")
    rows = tuple(
        (row.kind, led(words.amount(row, say), row), row.unit, day(str(row.by["as_of"])[:10], say),
         str(row.by["source"]))
        for row in report.all("M21.typed_in")
    )  # fmt: skip
    if not rows:
        return Section(name="typed-in", title=title)
    heads = columns(say("Name"), "#" + say("Value"), say("Unit"), say("As of"), say("Source"))
    table = Table(caption=say("Numbers typed in"), columns=heads, rows=rows)
    facts = tuple((say("Net promoter score of {day}", day=day(str(row.by["as_of"])[:10], say)), led(nps(row, say), row))
                  for row in report.all("M21.nps"))  # fmt: skip
    lead = say("Entered by hand, and in no other number here.")
    return Section(name="typed-in", title=title, lead=lead, facts=facts, tables=(table,))


def nps(row: Metric, say: Language) -> str:
    """The score with its range or not at all, and who answered: respondents are not the room."""
    if not measured(row) or row.ci is None or row.ci.lo is None or row.ci.hi is None:
        return state(row, say)
    score = say("{score} ({lo} to {hi} by chance)", score=f"{row.value:+.0f}", lo=f"{row.ci.lo:+.0f}",
                hi=f"{row.ci.hi:+.0f}")  # fmt: skip
    asked = say.many("{n} answer", "{n} answers", row.by["answers"])
    if row.by.get("attendees"):
        asked = say("{answers} of {n} attendees", answers=asked, n=row.by["attendees"])
    return f"{score} · {asked}"
