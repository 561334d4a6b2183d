"""A clock that went back: what is told about it. Durations are measured by another clock, which cannot."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from harvester import dates
from harvester.store import runs

if TYPE_CHECKING:
    from datetime import datetime

    from harvester.store.connection import Connection

_UNEVEN: Final = timedelta(minutes=1)  # by which clocks are set all the time
_TRUSTED: Final = timedelta(days=2)


def problem(conn: Connection, now: datetime) -> str:
    """What to tell when it is earlier than a run before knew, "" when it is not.

    Which of the two was wrong cannot be known. A clock that was ahead by more than two days is told once.
    """
    run_id, last = runs.latest_moment(conn, dates.iso(now + _TRUSTED))
    if last <= dates.iso(now + _UNEVEN):
        return ""
    return (
        f"the clock says {dates.iso(now)}, but run {run_id} was at work at {last}: one of the two is wrong, check the"
        " clock; nothing is erased by age in this run"
    )
