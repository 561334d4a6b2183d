"""How a tag's timeline is read backwards, page by page, from the newest post to where the last walk began. Pure.

A walk is a dictionary, because it travels with its requests and, when it was cut short, waits in the cursor for the
crawl that goes on with it:

- began, stop, end   when it began; the time it covers: posts from `stop` on, to `end`
- until              where its next page begins, in the interface's own words; "" for the newest
- seen, hidden       posts met, and of them those whose authors do not want to be found
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

from harvester.found import Note
from harvester.text import hashtags, tag_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harvester.event import Event

Walk = dict[str, Any]
LEAD, AFTER = timedelta(days=1), timedelta(days=30)
AROUND: Final = timedelta(days=28)  # before and after the event, what need not name it may be about it
# Before the mark: a post reaches other servers late, and what is young is asked for again for its reactions.
OVERLAP: Final = timedelta(days=3)
_ID_SHIFT: Final = 16  # of ids that begin with the milliseconds of a moment
_CLOSE: Final = timedelta(days=1)


def iso(at: datetime) -> str:
    """A moment as stored text."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def moment(told: object) -> datetime | None:
    """When a record or a feed's entry says it was made, written as in JSON or as in mails; None for anything else.

    Only to know where a walk stands and what to leave out: posts get their dates elsewhere.
    """
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        with suppress(ValueError, TypeError, IndexError, OverflowError):
            at = read(told if isinstance(told, str) else "")
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    return None


def around(event: Event, at: datetime | None) -> bool:
    """Whether something of that moment may be about the event: four weeks before to four weeks after it, or undated."""
    return at is None or event.starts - AROUND <= at <= event.ends + AROUND


def begin(event: Event, now: datetime, cursor: str) -> Walk | None:
    """The walk of this crawl: the one that was cut short, else a new one.

    None before the event's time and when all of it was read after it had closed.
    """
    known = json.loads(cursor or "{}")
    if walk := known.get("walk"):
        return dict(walk)
    first, last, mark = event.starts - LEAD, event.ends + AFTER, moment(known.get("mark"))
    if now < first or (mark is not None and mark > last + OVERLAP):
        return None
    stop = first if mark is None else max(first, mark - OVERLAP)
    return {"began": iso(now), "stop": iso(stop), "end": iso(last), "until": "", "seen": 0, "hidden": 0}


def within(walk: Walk, told: object) -> bool:
    """Whether a post of this moment belongs to what the walk covers; one without a readable moment does."""
    at = moment(told)
    return at is None or walk["stop"] <= iso(at) <= walk["end"]


def is_over(walk: Walk, told: object) -> bool:
    """Whether a page whose oldest post is of this moment has come to the beginning of what the walk covers."""
    at = moment(told)
    return at is not None and iso(at) < walk["stop"]


def leap(walk: Walk, post_id: str, told: object) -> str:
    """The id at which the time of a walk ends, for a page that is still later than that; "" where ids tell no time.

    Some servers' ids begin with a moment. This one's must do so too, or nothing is known of where to leap to.
    """
    at, end = moment(told), moment(walk["end"])
    if at is None or end is None or at < end + _CLOSE or not (post_id.isascii() and post_id.isdigit()):
        return ""
    if abs((int(post_id) >> _ID_SHIFT) - at.timestamp() * 1000) > _CLOSE.total_seconds() * 1000:
        return ""
    return str(int(end.timestamp() * 1000) << _ID_SHIFT)


def cut(cursor: str, walk: Walk) -> str:
    """The cursor that lets the next crawl go on with a walk."""
    return json.dumps({**json.loads(cursor or "{}"), "walk": walk})


def ended(walk: Walk) -> str:
    """The cursor after a walk has met everything."""
    return json.dumps({"mark": walk["began"]})


def note(query: str, walk: Walk, reason: str, *, total: int | None = None) -> Note:
    """Where a walk stands, for the ledger; `reason` says why it does not go on."""
    hidden = walk["hidden"]
    left_out = (
        f"left out: {hidden} posts that are not public or of people who do not want to be found" if hidden else ""
    )
    met = walk["seen"] if walk["seen"] or not reason else None  # nothing met where nothing was shown is no 0
    return Note(
        query=query, returned=met, reported_total=total, truncated=bool(reason), window_start=walk["stop"],
        window_end=min(walk["began"], walk["end"]), reason="; ".join(filter(None, (reason, left_out))),
    )  # fmt: skip


def why_stop(left: int | None, keep_free: int, asked: int, most: int) -> str:
    """Why a walk does not go on in this crawl, "" when it does.

    left   requests left in the service's window, None where it does not say; `keep_free` of them are others'
    asked  requests made in this crawl, of `most`
    """
    if left is not None and left <= keep_free:
        return f"rate limit: {left} requests left, goes on in the next run"
    return f"request budget of {most} used up, goes on in the next run" if asked >= most else ""


def asked_tags(event: Event, more: Iterable[str] = ()) -> dict[str, str]:
    """The tags to ask for, each once however wide or in which case it is written: what servers compare → as written."""
    found: dict[str, str] = {}
    for tag in (*event.hashtags, *more):
        if key := tag_key(tag):
            found.setdefault(key, tag.strip().lstrip("#＃"))
    return found


def asked_names(event: Event) -> list[str]:
    """The event's names as phrases to search for."""
    return ['"{}"'.format(name.replace('"', " ")) for name in dict.fromkeys((event.name, *event.names))]


def all_tags(text: str, told: Iterable[str]) -> tuple[str, ...]:
    """The tags of a post as its author wrote them, then those that only the service tells (it folds them)."""
    found: dict[str, str] = {}
    for tag in (*hashtags(text), *told):
        if key := tag_key(tag):
            found.setdefault(key, tag)
    return tuple(found.values())
