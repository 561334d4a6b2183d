"""The report for a spreadsheet: one line a number, under the names of the output contract.

A key that holds an object with keys of its own has a column for each (`ci.lo`); lists and free objects stand in their
cell as JSON, but for the lines of sources and pages, which have no end: a cell holds 32,767 characters. Every cell is
inert.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from harvester import cells
from harvester.report.rows import as_json, rows
from harvester.text import shown

if TYPE_CHECKING:
    from harvester.report.build import Report

COLUMNS: Final = (
    "metric", "event", "group", "kind", "unit", "value", "num", "den", "ci.lo", "ci.hi", "ci.level", "ci.method",
    "ci.meaning", "bounds.lo", "bounds.hi", "bounds.why", "variants", "by", "status", "flags", "query", "series",
    "window", "report_tz", "day_of_28", "recipe", "rules", "as_of",
)  # fmt: skip


def render(report: Report, only: tuple[str, ...] = ()) -> str:
    """Header and one line a number; `only` names measures or metrics as in `rows`."""
    lines = [cells.line(COLUMNS)]
    lines += [cells.line(_cell(row, column) for column in COLUMNS) for row in rows(report, only)]
    return "\n".join(lines) + "\n"


def _cell(row: dict[str, Any], column: str) -> Any:
    key, _, inner = column.partition(".")
    value = row[key]
    if inner:
        value = value[inner] if value else None
    if isinstance(value, str):
        return shown(value)
    if key == "variants":
        value = {name: entry for name, entry in value.items() if name != "lines"}
    return as_json(value) if isinstance(value, dict | list) else value
