"""Sudden emptiness: a question that brought things run after run and brings nothing is a broken page, not a quiet day.

Watched are questions whose answers say how much they hold (`Note.returned`), each beside its own last runs over the
same window: what a question found between two moments does not vanish from there. One that asks only for what is new
has another window each time and may be empty; an answer of 304 is the old answer, which was not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from harvester.crawl.redact import redact
from harvester.store import runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harvester.store.connection import Connection

ENOUGH: Final = 5  # things in one of the last runs: fewer may well be taken down
RUNS: Final = 5  # so many empty ones, and emptiness is how it is
_TOLD: Final = 3  # questions told by name


class Emptiness(NamedTuple):
    """What a source's line says of questions that are suddenly empty, and how many were so in the run before too."""

    told: str = ""
    again: int = 0


def times_empty(earlier: Sequence[int]) -> int:
    """How often in a row, with this time, a question was empty that had been full; 0 when that is nothing odd.

    `earlier`: what it returned in the runs before, newest first.
    """
    known = earlier[:RUNS]
    if max(known, default=0) < ENOUGH:
        return 0
    return 1 + next(number for number, returned in enumerate(known) if returned)


def look(conn: Connection, event: str, source: str, run_id: int, queries: Iterable[str]) -> Emptiness:
    """Judge the questions that a run found empty."""
    told, again = [], 0
    for query in queries:
        earlier = runs.returned_before(conn, event, source, query, run_id=run_id, limit=RUNS)
        times = times_empty(earlier)
        if times:
            row = f"{times} runs in a row, " if times > 1 else ""
            told.append(f"{redact(query)} ({row}up to {max(earlier)} before)")
            again += int(times > 1)
    more = f" and {len(told) - _TOLD} more" if len(told) > _TOLD else ""
    return Emptiness(f"suddenly empty: {', '.join(told[:_TOLD])}{more}" if told else "", again)
