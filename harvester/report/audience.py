"""Who reads a report: organisers see rows about people, everybody else does not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from harvester.report.build import Report

# The flag of a row that names people for the organisers' eyes.
INTERNAL: Final = "internal"


def visible(report: Report, *, internal: bool) -> Report:
    """The report for one audience: all of it for organisers, else without the rows flagged `internal`."""
    if internal:
        return report
    return replace(report, metrics=tuple(row for row in report.metrics if INTERNAL not in row.flags))
