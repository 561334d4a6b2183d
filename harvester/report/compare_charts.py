"""A comparison as drawings: small multiples over the editions, and the changes to the newest one around 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from harvester.report import compare_words as words
from harvester.report.drawings import Chart, Dot, Multiples, Panel, Ranges
from harvester.report.figures import factors
from harvester.report.states import measured

if TYPE_CHECKING:
    from harvester.measure.metric import Metric
    from harvester.report.compare import Comparison, Line
    from harvester.report.language import Language

# The lines that are drawn; the table holds all.
_DRAWN: Final = frozenset({
    ("M01.volume", "written", "participant"), ("M01.volume", "written", "media"), ("M02.ratio", "written", ""),
    ("M01.volume", "micro", "participant"), ("M03.contributors", "any", ""),
    ("M06.afterglow", "written", "participant"), ("M08.return_rate", "", "contributors"),
    ("M10.contribution_rate", "any", ""),
})  # fmt: skip


def charts(found: Comparison, say: Language) -> dict[str, tuple[Chart, ...]]:
    """What can be drawn, by the section of the page whose table holds the numbers."""
    made = {"numbers": _multiples(found, say), "changes": _changes(found, say)}
    return {section: (chart,) for section, chart in made.items() if chart}


def _multiples(found: Comparison, say: Language) -> Chart | None:
    breaks = tuple(at for at, flags in enumerate(found.breaks) if flags)
    lines = [line for line in found.lines if (line.metric, line.group, line.kind) in _DRAWN]
    panels = tuple(_panel(line, breaks, say) for line in lines if any(row and measured(row) for row in line.rows))
    if not panels:
        return None
    drawn = Multiples(labels=found.events, panels=panels, breaks=breaks)
    told = say("A dot an edition, its range where luck alone could move it; a broken line where they do not compare.")
    return Chart(name="editions", title=say("Numbers by edition"), told=told, drawing=drawn)


def _panel(line: Line, breaks: tuple[int, ...], say: Language) -> Panel:
    whole = all(isinstance(row.value, int) for row in line.rows if row and measured(row))
    share = any(row and row.unit == "share" for row in line.rows)
    scale = "{:.0%}" if share else "{:.0f}" if whole else "{:.1f}"
    return Panel(name=say(line.name), dots=tuple(map(_dot, line.rows)), breaks=breaks, scale=scale)


def _dot(row: Metric | None) -> Dot:
    if row is None or not measured(row):
        return Dot(value=None, lo=None, hi=None)
    return Dot(value=row.value, lo=row.ci.lo if row.ci else None, hi=row.ci.hi if row.ci else None)


def _changes(found: Comparison, say: Language) -> Chart | None:
    rows = factors(found.changes[-1], say)
    if not rows:
        return None
    return Chart(
        name="changes", title=say("From {before} to {now}", before=found.events[-2], now=found.events[-1]),
        told=words.headline(found, say), drawing=Ranges(rows=rows, one_name=say("no change")),
    )  # fmt: skip
