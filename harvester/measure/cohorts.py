"""M09, do people stay beyond one event: cohorts by the edition of their first contribution, up to the event.

Who wrote nothing for a while is "not seen since" an edition (CHAOSS calls people without a contribution for a set time
inactive), never lost: missed posts and handles that nobody linked lower every cell.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harvester.measure import people_sql
from harvester.measure.frame import counted, state_of
from harvester.measure.hidden import hidden
from harvester.measure.metric import Metric
from harvester.measure.people import contributors, contributors_of, harvested

if TYPE_CHECKING:
    from harvester.measure.frame import Frame
    from harvester.measure.item import Item

# Edition → who contributed; None where nobody looked.
Columns = dict[str, frozenset[str] | None]


def measure(items: list[Item], frame: Frame) -> list[Metric]:
    """M09.cohort, a row an edition; M09.not_seen_since, a row an earlier edition (`kind` is the edition)."""
    columns = _columns(items, frame)
    if len(columns) < 2:
        return [Metric(metric="M09.cohort", unit="people", status="not_applicable", flags=("first_event",))]
    here = columns[frame.event]
    status, lacks = state_of("any", len(here or ()), frame)
    flags = hidden(items, frame).flags + lacks
    rows = [_cohort(event, columns, flags) for event in columns] + _not_seen(columns, flags)
    cut = status == "truncated"
    return [replace(row, status="truncated") if cut and row.status == "ok" else row for row in rows]


def _columns(items: list[Item], frame: Frame) -> Columns:
    found: Columns = {
        one.event: frozenset(contributors_of(one)) if harvested(one) else None
        for one in frame.world.before(frame.event)
    }
    own = frozenset(contributors(counted(items, frame)))
    found[frame.event] = None if state_of("any", len(own), frame)[0] == "unmeasured" else own
    return found


def _cohort(event: str, columns: Columns, flags: tuple[str, ...]) -> Metric:
    """`value` people wrote first here; `by` how many of them wrote at each later edition, None where nobody looked."""
    order = list(columns)
    place, people = order.index(event), columns[event]
    if people is None:
        return Metric(metric="M09.cohort", kind=event, unit="people", status="unmeasured", flags=("not_harvested",))
    earlier = [columns[slug] or frozenset() for slug in order[:place]]
    gaps = tuple(f"not_harvested:{slug}" for slug in order if columns[slug] is None)
    first = people.difference(*earlier)
    by = {slug: None if (later := columns[slug]) is None else len(first & later) for slug in order[place + 1 :]}
    return Metric(
        metric="M09.cohort", kind=event, unit="people", value=len(first), den=len(first), by=by,
        flags=(*flags, *gaps), query=people_sql.cohort(event),
    )  # fmt: skip


def _not_seen(columns: Columns, flags: tuple[str, ...]) -> list[Metric]:
    """How many wrote at an edition and at none since; the event itself has to be known for that."""
    order = list(columns)
    if columns[order[-1]] is None:
        return []
    rows = []
    for place, event in enumerate(order[:-1]):
        people = columns[event]
        if people is not None:
            gone = people.difference(*(columns[slug] or frozenset() for slug in order[place + 1 :]))
            rows.append(
                Metric(
                    metric="M09.not_seen_since",
                    kind=event,
                    unit="people",
                    value=len(gone),
                    num=len(gone),
                    den=len(people),
                    flags=flags,
                    query=people_sql.not_seen_since(event),
                )
            )
    return rows
