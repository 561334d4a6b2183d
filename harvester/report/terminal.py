"""The report on a terminal: 96 columns, readable without colour, each number with its state and range."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from harvester.report import words
from harvester.report.day_words import day
from harvester.report.headline import headline, warnings
from harvester.report.language import ENGLISH
from harvester.report.layout import LABEL, WIDTH, cut, labelled, pad, width, wrapped
from harvester.report.rows import named
from harvester.report.sections import nps
from harvester.report.states import measured
from harvester.report.terminal_quality import quality
from harvester.report.terminal_story import how_far, leaders, people, trend, when
from harvester.report.terminal_who import how_much, who
from harvester.report.words import number
from harvester.text import shown

if TYPE_CHECKING:
    from harvester.measure.metric import Metric
    from harvester.report.build import Report
    from harvester.report.language import Language

_NAME: Final = 28  # columns of the name of a number typed in


def render(report: Report, say: Language = ENGLISH, *, plain: bool = False) -> str:
    """The whole report as text; `plain` avoids block characters."""
    blocks = [_header(report, say, plain), who(report, say, plain), how_much(report, say)]
    blocks += [when(report, say, plain=plain), people(report, say), how_far(report, say), leaders(report, say)]
    blocks += [trend(report, say), _typed_in(report, say), quality(report, say)]
    lines = [line for block in blocks for line in block]
    lines += _next(report, say)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _next(report: Report, say: Language) -> list[str]:
    """What to type now, as many to a line as fit; a command is never cut."""
    event = report.frame.event
    audit = report.get("M22.audit")
    written = f"harvest report {event} --format html -o {event}.html"
    commands = ["harvest explain POST|AUTHOR", "harvest browse", written]
    if not report.items:
        commands = [f"harvest crawl {event}", f"harvest import {event} FILE", "harvest status"]
    elif audit is not None and audit.status == "unmeasured":
        commands.insert(0, f"harvest audit {event}")
    lines = [pad(say("Next"), LABEL)]
    for command in commands:
        gap = "   " if lines[-1].strip() and width(lines[-1]) > LABEL else ""
        if gap and width(lines[-1] + gap + command) > WIDTH:
            lines.append(" " * LABEL + command)
        else:
            lines[-1] += gap + command
    return lines


def lines_of(report: Report, names: tuple[str, ...], say: Language = ENGLISH) -> str:
    """One line a number of the named measures or metrics."""
    return "".join(f"{line_of(metric, say)}\n" for metric in report.metrics if named(metric.metric, names))


def line_of(metric: Metric, say: Language = ENGLISH) -> str:
    """One number on one line, for `--metric`: name, group, kind, value, range, state and flags."""
    ratio = metric.metric.endswith("ratio")
    parts = ""
    if metric.den is not None:
        both = f"{number(metric.num)} : {number(metric.den)}" if ratio else words.k_of_n(metric, say)
        parts = f" ({both})"
    spread = ""
    if metric.ci and measured(metric):
        ranged = words.between(metric.ci, say, metric.unit)
        by_chance = metric.ci.meaning == "chance"
        spread = ", " + (say("{range} by chance", range=ranged) if by_chance else f"{ranged} by {metric.ci.meaning}")
    flags = f" [{', '.join(metric.flags)}]" if metric.flags else ""
    where = " ".join(part for part in (metric.metric, metric.group, metric.kind) if part)
    if metric.status in ("unmeasured", "not_applicable"):  # 0 of 0 is no number either
        return shown(f"{where}: {metric.status}{flags}")
    value = words.amount(metric, say)
    value = say("{ratio} to 1", ratio=value) if ratio and measured(metric) else f"{value} {metric.unit}".rstrip()
    return shown(f"{where}: {value}{parts}{spread}, {metric.status}{flags}")


def _header(report: Report, say: Language, plain: bool) -> list[str]:
    """Name and days at the venue; what a comparison with another report must share; the headline."""
    frame = report.frame
    place = f" {report.city}" if report.city else ""
    title = f"{report.name} · {words.days_of(report, say)}{place}"
    universe = say(
        "{counting} · days in {zone} · recipe {recipe} · as of {day}", counting=words.counting(report, say),
        zone=frame.timezone, recipe=frame.recipe, day=day(frame.as_of, say),
    )  # fmt: skip
    room = WIDTH - width(universe)
    heads = [pad(title, room) + universe] if width(shown(title)) + 2 <= room else [cut(title, WIDTH), universe]
    rule = ("-" if plain else "─") * WIDTH
    said = [headline(report, say), *(f"! {warning}" for warning in warnings(report, say))]
    return [*heads, *(line for text in said if text for line in wrapped(text, WIDTH)), rule]


def _typed_in(report: Report, say: Language) -> list[str]:
    """Each number on a line, its name first: nothing of them is compared with what was measured."""
    rows = []
    for row in report.all("M21.typed_in"):
        value = f"{words.amount(row, say)} {row.unit}".strip()
        source = f" · {row.by['source']}" if row.by["source"] else ""
        name = pad(cut(row.kind, _NAME), _NAME)
        rows.append(f"{name}  {value}   " + say("as of {day}", day=day(str(row.by["as_of"])[:10], say)) + source)
    rows += [say("net promoter score: {score}", score=nps(row, say)) for row in report.all("M21.nps")]
    return labelled(say("TYPED IN"), rows)
