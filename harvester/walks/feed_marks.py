"""What a feed tells about the time between two readings: whether entries came and went unseen. Pure.

The mark of a reading is its moment, kept only when the feed held something: what is on a later page of a feed that
was empty cannot have been pushed out of it.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from harvester.found import Note

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harvester.model import Draft


def mark(now: datetime) -> str:
    """The cursor of a reading."""
    return f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def overrun(drafts: Iterable[Draft], marked: str) -> str:
    """What to tell when the oldest entry is younger than the reading before, else ""; only dated entries count."""
    dates = [at for draft in drafts if (at := moment(draft.published or draft.updated))]
    last = moment(marked)
    if not dates or last is None or min(dates) <= last:
        return ""
    return f"overrun: its oldest entry is newer than the reading of {marked}, what came between may be lost"


def note(query: str, drafts: Sequence[Draft], kept: int, marked: str, *, left: str = "about other things") -> Note:
    """What a reading of a feed amounts to, for the ledger."""
    gap, gone = overrun(drafts, marked), len(drafts) - kept
    told = filter(None, (gap, f"left out: {gone} entries {left}" if gone else ""))
    dates = [at for draft in drafts if (at := moment(draft.published or draft.updated))]
    since = mark(min(dates)) if dates else ""
    return Note(query=query, returned=len(drafts), truncated=bool(gap), reason="; ".join(told), window_start=since)


def moment(told: str) -> datetime | None:
    """A date that is written by the rules of RSS or Atom, only to compare readings; posts get theirs elsewhere."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        with suppress(ValueError, TypeError, IndexError, OverflowError):
            at = read(told)
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    return None
