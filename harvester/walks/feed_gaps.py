"""What a feed no longer shows of the event's time: one rule, and the same words, for every feed. Pure.

window    what is known of it begins after the event did: older entries had left it before it was first read
overrun   all that it holds is newer than the newest entry of the last reading: what came and went between the two
          was not seen
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from harvester.found import Cursor, Note
from harvester.walks.timeline import iso, moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from harvester.event import Event
    from harvester.model import Draft

OLD: Final = timedelta(days=60)  # further from the event, nothing is missed
WINDOW: Final = "window: feeds that reach back to after the event's start only"
OVERRUN: Final = "overrun: entries since the last reading have left the feed, crawl more often"


class Gap(NamedTuple):
    """`why` is for the source's line, in the same words for every feed; `days` for the line of this one."""

    why: str = ""
    days: str = ""


def window(event: Event, oldest: str) -> Gap:
    """What was older than the oldest entry known of a feed (stored text, "" for its beginning)."""
    return Gap(WINDOW, f"window: back to {oldest[:10]} only") if oldest > iso(event.starts) else Gap()


def overrun(event: Event, read: str, oldest: str) -> Gap:
    """What came after the newest entry that was `read` and before the `oldest` of now, where that can matter."""
    if read > iso(event.ends + OLD) or (oldest and oldest < iso(event.starts - OLD)):
        return Gap()
    days = f"overrun: entries between {read[:10]} and {oldest[:10]} have left the feed, crawl more often"
    return Gap(OVERRUN, days if read and oldest else "")


def told(note: Note, gap: Gap) -> Iterator[Note]:
    """A feed's line with what it lacks, after what the source's own line says of that."""
    if gap.why:
        yield Note(query=note.query, truncated=True, reason=gap.why)
    reason = "; ".join(filter(None, (gap.days or gap.why, note.reason)))
    yield replace(note, truncated=None if gap.why else note.truncated, reason=reason)


def reading(
    event: Event, now: datetime, query: str, cursor: str, drafts: Sequence[Draft], *, left: int, full: int | None = None
) -> Iterator[Note | Cursor]:  # fmt: skip
    """What is told of a feed that shows its newest entries only, and how far it has been read.

    Its cursor is the time that was read without a gap, `from/to`; where that begins after the event did, the ledger
    says so in every crawl, because nothing brings it back.

    left  entries that were not kept
    full  how many entries it holds at most, 0 for all there are; None where nobody knows, so that a window is no news
    """
    dates = sorted(iso(min(at, now)) for draft in drafts if (at := moment(draft.published)))
    since, _, read = cursor.partition("/")
    gap = Gap()
    if dates and (full == 0 or len(drafts) < (full or 0)):
        since, read = "", dates[-1]
    elif dates:
        gap = overrun(event, read, dates[0]) if read and read < dates[0] else gap
        since, read = dates[0] if gap.why or not read else since, max(read, dates[-1])
    if full is not None and not gap.why:
        gap = window(event, since)
    left_out = f"left out: {left} entries about other things" if left else ""
    line = Note(query=query, returned=len(drafts), truncated=False, window_start=since, reason=left_out)
    yield from told(line, gap)
    yield Cursor(query, f"{since}/{read}")
