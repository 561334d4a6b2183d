"""M21, what was typed in: numbers of places where nobody harvests, beside the measured ones and never among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvester.measure.metric import Metric

if TYPE_CHECKING:
    from harvester.measure.frame import Frame
    from harvester.measure.item import Item

_QUERY = "SELECT * FROM kpis WHERE event = :event AND name = :kind AND as_of = '{day}'"


def measure(items: list[Item], frame: Frame) -> list[Metric]:  # noqa: ARG001 - every family is asked in one way
    """One row a number, in the order of their names and days; `kind` is its name."""
    return [
        Metric(
            metric="M21.typed_in", kind=typed.name, unit=typed.unit, value=_whole(typed.value),
            by={"as_of": typed.as_of, "source": typed.source},
            query=_QUERY.format(day=typed.as_of.replace("'", "''")),
        )
        for typed in frame.typed
    ]  # fmt: skip


def _whole(value: float) -> float | int:
    """A whole number as one: people typed 412 and not 412.0."""
    return int(value) if value.is_integer() and abs(value) < 2**53 else value
