"""The side of `harvest report` that is asked for single measures: their names, and what there is to say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from harvester.measure.names import METRICS
from harvester.report.build import MEASURES
from harvester.report.rows import named

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harvester.report.build import Report

_UNMEASURED: Final = 3  # exit code: nobody looked for something that was asked for by name


def names_of(asked: Iterable[str]) -> tuple[str, ...]:
    """The measures (`M02`) and numbers (`M02.ratio`) that were asked for, one or several to a word (`M02,M03`).

    Raises BadParameter for what is neither, with what there is.
    """
    names = tuple(name.strip() for word in asked for name in word.split(",") if name.strip())
    names = tuple(name[:1].upper() + name[1:] for name in names)
    for name in names:
        measure = name.split(".")[0]
        if measure not in MEASURES:
            there = "\n".join(f"  {known}  {what}" for known, what in MEASURES.items())
            raise click.BadParameter(f"{name}: no such measure; there are\n{there}", param_hint="--metric")
        if name not in METRICS and name != measure:
            there = ", ".join(known for known in METRICS if named(known, (measure,)))
            raise click.BadParameter(f"{name}: no such number; {measure} has {there}", param_hint="--metric")
    return names


def answered(names: tuple[str, ...], report: Report, shown: Report) -> int:
    """Tell on stderr which of the names the output (`shown`) has no row of; the exit code."""
    asked = {name: [row.status for row in report.metrics if named(row.metric, (name,))] for name in names}
    printed = {name for name in names for row in shown.metrics if named(row.metric, (name,))}
    for name, states in asked.items():
        if name not in printed:
            kept = "names people; --internal prints it" if states else "this event has no such row"
            click.echo(f"{name}: {kept}", err=True)
    return _UNMEASURED if any(states and set(states) == {"unmeasured"} for states in asked.values()) else 0
