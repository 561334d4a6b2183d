"""Which days of creation a question asks for, and where a walk through them goes on. Pure.

For interfaces that show only so many results of a question: days with more are halved and asked one after the other.
A walk is a dictionary, because it travels with its requests and, when it was cut short, waits in the cursor for the
crawl that goes on with it:

- windows      [first day, day after the last] each; the last of the list is being read, at `page`; none: it is over
- since, mark  the first day it covers; where the next walk begins to be new
- seen, left   records met, and of them those about other things
- total        how many there are, as the service says; None when it does not
- capped       a single day held more than is shown
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from harvester.found import Note

if TYPE_CHECKING:
    from datetime import datetime

    from harvester.event import Event

Walk = dict[str, Any]
# In which zone a service's days begin is seldom documented: a day more at both ends.
LEAD: Final = timedelta(days=1)
AFTER: Final = timedelta(days=30)
# What is younger is asked for again in every crawl, for its reactions; what is older, and the rest of the time, after
# as long.
REFRESH: Final = timedelta(days=30)
_DAY: Final = timedelta(days=1)


def days(event: Event, lead: timedelta = LEAD, after: timedelta = AFTER) -> tuple[str, str]:
    """The first day that belongs to an event, and the first one after it."""
    return f"{event.starts - lead:%Y-%m-%d}", f"{event.ends + after:%Y-%m-%d}"


def begin(event: Event, now: datetime, cursor: str, *, lead: timedelta = LEAD) -> Walk | None:
    """The walk of this crawl: the one that was cut short, else one over what is new or young, else over all days.

    None before the event's time, and when all was read a short while ago and nothing can be new.
    """
    known = _read(cursor)
    if walk := known.get("walk"):
        return dict(walk)
    first, end = days(event, lead)
    if f"{now:%Y-%m-%d}" < first:
        return None
    mark, young = str(known.get("mark", "")), f"{now - REFRESH:%Y-%m-%d}"
    since = max(first, min(mark, young)) if mark else first
    if since >= end:
        if mark > young:
            return None
        since = first
    return over(since, end, now)


def over(since: str, end: str, now: datetime) -> Walk:
    """A walk over these days; a day has passed when a mark is set, because services index late."""
    return {
        "windows": [[since, end]], "page": 1, "since": since, "mark": f"{now - _DAY:%Y-%m-%d}", "seen": 0, "left": 0,
        "total": None, "capped": False,
    }  # fmt: skip


def turn(walk: Walk, *, came: int, left: int, total: int | None, more: bool, size: int, pages: int) -> Walk:
    """The walk after a page of `came` records, of which `left` are about other things.

    total  how many the service says there are in the window; when that is more than `pages` of `size` show, the
           window is halved and its first page not counted, for it comes again
    more   whether there is a further page
    """
    *rest, window = walk["windows"]
    walk = walk | {"total": total if walk["total"] is None else walk["total"]}
    halves = _halves(*window) if walk["page"] == 1 and total is not None and total > size * pages else []
    if halves:
        return walk | {"windows": [*rest, *halves]}
    walk |= {"seen": walk["seen"] + came, "left": walk["left"] + left}
    if more and walk["page"] < pages:
        return walk | {"page": walk["page"] + 1}
    return walk | {"windows": rest, "page": 1, "capped": walk["capped"] or more}


def mark_of(cursor: str) -> str:
    """Up to which day a question has been read, "" when it never was."""
    return str(_read(cursor).get("mark", ""))


def is_cut(cursor: str) -> bool:
    """Whether a walk waits in a cursor."""
    return "walk" in _read(cursor)


def waiting(cursor: str) -> Walk:
    """The walk that waits in a cursor."""
    return dict(_read(cursor)["walk"])


def cut(cursor: str, walk: Walk) -> str:
    """The cursor that lets the next crawl go on with a walk."""
    return json.dumps({"mark": mark_of(cursor), "walk": walk})


def note(query: str, walk: Walk, reason: str) -> Note:
    """Where a walk stands, for the ledger; `reason` says why it does not go on."""
    left = walk["left"]
    out = f"left out: {left} results about other things" if left else ""
    return Note(
        query=query, returned=walk["seen"], reported_total=walk["total"], truncated=bool(reason),
        window_start=f"{walk['since']}T00:00:00Z", reason="; ".join(filter(None, (reason, out))),
    )  # fmt: skip


def _read(cursor: str) -> dict[str, Any]:
    """A cursor is a day, or a day with the walk that was cut short."""
    return dict(json.loads(cursor)) if cursor.startswith("{") else {"mark": cursor}


def _halves(first: str, end: str) -> list[list[str]]:
    """The earlier and the later half of a window, nothing for a single day. The later one is read first."""
    start, stop = date.fromisoformat(first), date.fromisoformat(end)
    if stop - start <= _DAY:
        return []
    middle = (start + (stop - start) // 2).isoformat()
    return [[first, middle], [middle, end]]
