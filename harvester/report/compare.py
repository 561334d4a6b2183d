"""Several editions side by side as one Comparison value: the numbers of each one's own report, and what changed.

Nothing is measured anew: `build` with the families of `COMPARED` gives the rows that `harvest report` prints, and M18
says what changed from one chosen edition to the next.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from harvester.measure import (
    answers,
    concentration,
    contribution,
    coverage,
    halflife,
    ratio,
    reach,
    returning,
    trend,
    volume,
)
from harvester.measure.metric import STATES, Metric
from harvester.report.audience import visible
from harvester.report.language import later

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harvester.report.build import Report

# What a comparison needs of a report. Cohorts, leaders and topics look over the whole series by themselves.
COMPARED: Final = (
    ratio.measure, volume.volume, volume.contributors, coverage.measure, halflife.measure, returning.measure,
    contribution.measure, answers.measure, reach.measure, concentration.measure,
)  # fmt: skip
# Name, metric, group, kind. Kinds of M01 are kinds of authors here: its rows of a group added up.
LINES: Final = (
    (later("articles by participants"), "M01.volume", "written", "participant"),
    (later("articles by media"), "M01.volume", "written", "media"),
    (later("participants : media"), "M02.ratio", "written", ""),
    (later("decks by participants"), "M01.volume", "talk", "participant"),
    (later("posts by participants"), "M01.volume", "micro", "participant"),
    (later("people who spoke"), "M03.contributors", "any", ""),
    (later("people who wrote"), "M03.contributors", "written", ""),
    (later("articles held at most"), "M04.found", "", ""),
    (later("half out after, hours"), "M06.t50", "written", "participant"),
    (later("articles after day 7"), "M06.afterglow", "written", "participant"),
    (later("new contributors"), "M08.new_share", "", "contributors"),
    (later("contributors back"), "M08.return_rate", "", "contributors"),
    (later("new attendees"), "M08.new_share", "", "attendees"),
    (later("attendees back"), "M08.return_rate", "", "attendees"),
    (later("of the room, spoke"), "M10.contribution_rate", "any", ""),
    (later("of the room, wrote"), "M10.contribution_rate", "written", ""),
    (later("articles answered in 72 h"), "M11.answered", "written", ""),
    (later("people who answered"), "M12.engaged", "", ""),
    (later("of them not in the room"), "M12.one_hop", "", ""),
    (later("writers of half of it"), "M15.absence_factor", "", ""),
    (later("share of the busiest"), "M15.top_share", "", ""),
)  # fmt: skip
# The changes that stand below a line of counts.
CHANGES: Final = {
    ("M01.volume", "written", "participant"): ("M18.change", "written", "participant"),
    ("M01.volume", "written", "media"): ("M18.change", "written", "media"),
    ("M01.volume", "talk", "participant"): ("M18.change", "talk", "participant"),
    ("M01.volume", "micro", "participant"): ("M18.change", "micro", "participant"),
    ("M03.contributors", "any", ""): ("M18.contributors", "any", "participant"),
    ("M03.contributors", "written", ""): ("M18.contributors", "written", "participant"),
}
_GAPS: Final = ("new_source", "source_gone", "other_queries", "other_rules", "other_recipe", "harvested_otherwise")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One measure over the editions: a row of each one's report, and the change to each from the one before it."""

    name: str
    metric: str
    group: str
    kind: str
    rows: tuple[Metric | None, ...]
    changes: tuple[Metric | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Reports in order of time; `breaks[i]` says why i does not compare with i − 1, `changes[i]` are its M18 rows."""

    reports: tuple[Report, ...]
    breaks: tuple[tuple[str, ...], ...]
    changes: tuple[tuple[Metric, ...], ...]
    lines: tuple[Line, ...]

    @property
    def events(self) -> tuple[str, ...]:
        """The slugs."""
        return tuple(report.frame.event for report in self.reports)

    def rows_of(self, at: int) -> Report:
        """The report of one edition with what is compared alone: its own rows, then M18 against the one before."""
        report = self.reports[at]
        shown = tuple(row for row in report.metrics if _is_shown(row))
        return visible(replace(report, metrics=shown + self.changes[at]), internal=False)


def compared(reports: Iterable[Report]) -> Comparison:
    """Reports made with `build(…, families=COMPARED)`, in any order."""
    found = tuple(sorted(reports, key=lambda report: (report.frame.starts, report.frame.event)))
    changes = ((), *(_changes(before, now) for before, now in pairwise(found)))
    lines = tuple(_line(entry, found, changes) for entry in LINES)
    return Comparison(
        reports=found,
        breaks=tuple(tuple(_breaks(rows)) for rows in changes),
        changes=changes,
        lines=tuple(line for line in lines if any(row and row.status != "not_applicable" for row in line.rows)),
    )


def _changes(before: Report, now: Report) -> tuple[Metric, ...]:
    edition = before.frame.world.edition(before.frame.event)
    return tuple(trend.changes(list(now.items), now.frame, edition))


def _breaks(rows: Sequence[Metric]) -> Iterable[str]:
    """What holds for every number; that other media outlets were checked concerns media alone."""
    return dict.fromkeys(flag for row in rows for flag in row.flags if flag.split(":")[0] in _GAPS)


def _line(entry: tuple[str, str, str, str], reports: Sequence[Report], changes: Sequence[Sequence[Metric]]) -> Line:
    name, metric, group, kind = entry
    rows = tuple(_row(report, metric, group, kind) for report in reports)
    wanted = CHANGES.get((metric, group, kind))
    told = tuple(next((c for c in found if (c.metric, c.group, c.kind) == wanted), None) for found in changes)
    return Line(name=name, metric=metric, group=group, kind=kind, rows=rows, changes=told)


def _row(report: Report, metric: str, group: str, kind: str) -> Metric | None:
    return authors(report, group, kind) if metric == "M01.volume" else report.get(metric, group, kind)


def authors(report: Report, group: str, kind: str) -> Metric:
    """The stories of a group by one kind of author: M01's rows added up, in the worst of their states."""
    rows = [row for row in report.all("M01.volume") if row.group == group]
    status = max((row.status for row in rows), key=STATES.index, default="ok")
    value = None if status == "unmeasured" else sum(row.by.get(kind, 0) for row in rows)
    flags = dict.fromkeys(flag for row in rows for flag in row.flags)
    return Metric(metric="M01.volume", group=group, kind=kind, value=value, status=status, flags=tuple(flags))


def _is_shown(row: Metric) -> bool:
    return any(
        row.metric == metric and group in ("", row.group) and (metric == "M01.volume" or kind in ("", row.kind))
        for _, metric, group, kind in LINES
    )
