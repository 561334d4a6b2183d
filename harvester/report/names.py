"""The names that the sentences of a report may hold: of events, people, companies, places and sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harvester.report.build import Report

_LONGEST: Final = 200  # characters; what is longer is a text and no name


def names(report: Report) -> frozenset[str]:
    """Every short text that came with the data and not from us; more than the names, and all of them."""
    found = {report.name, report.city, *(item.author for item in report.items)}
    for row in report.metrics:
        told = (row.kind, [flag.partition(":")[2] for flag in row.flags], row.by, row.variants)
        found.update(text for part in told for text in _texts(part))
    return frozenset(text for text in found if 1 < len(text) <= _LONGEST and any(map(str.isalpha, text)))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, held in value.items():
            yield str(key)
            yield from _texts(held)
    elif isinstance(value, list | tuple):
        for held in value:
            yield from _texts(held)
