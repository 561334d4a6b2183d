"""A feed that a service makes of a tag or an account: what of it belongs to the event, and what it cannot show. Pure.

Such a feed holds the newest entries only. Its cursor is the time that has been read without a gap, `from/to`; where
that begins after the event did, the ledger says so in every crawl, because nothing brings it back.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from harvester.found import Cursor, Note
from harvester.model import Link
from harvester.text import tag_key
from harvester.walks.timeline import iso

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from harvester.event import Event
    from harvester.model import Draft, Parsed

SUMMARY: Final = 600  # characters; an entry with fewer is the beginning of a page that is worth fetching
AROUND: Final = timedelta(days=28)
LEAD: Final = timedelta(days=1)
WINDOW: Final = "window: feeds that reach back to after the event's start only"
OVERRUN: Final = "overrun: entries since the last reading have left the feed, crawl more often"
PAGES_OF_AN_ACCOUNT: Final = 10  # looked at though neither title nor summary names the event


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a feed was asked for.

    query   the question in the ledger        cursor  its cursor
    tag     the tag whose feed it is, "" for that of an account or a collection
    own     the tag is one of the event
    full    how many entries such a feed holds at most, 0 for all there are
    """

    query: str
    cursor: str = ""
    tag: str = ""
    own: bool = False
    full: int = 0


def in_turn(accounts: Iterable[str], cursor_of: Callable[[str], str]) -> list[str]:
    """Each account once, without @; those whose question `@name` was never answered first."""
    names = dict.fromkeys(name for account in accounts if (name := account.strip().removeprefix("@")))
    return sorted(names, key=lambda name: bool(cursor_of(f"@{name}")))


def unread(accounts: int, most: int) -> Iterator[Note]:
    """What to tell of accounts for which `most` requests were not enough."""
    if accounts:
        yield Note(
            query="accounts", truncated=True, reason=f"max_requests ({most}) used up, accounts not read: {accounts}"
        )


def moment(draft: Draft) -> datetime | None:
    """An entry's date where it is written by the rules, only to leave entries out; posts get theirs elsewhere."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        with suppress(ValueError, TypeError, IndexError, OverflowError):
            at = read(draft.published)
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    return None


def around(event: Event, at: datetime | None) -> bool:
    """Whether something of that moment may be about the event: four weeks before to four weeks after it, or undated."""
    return at is None or event.starts - AROUND <= at <= event.ends + AROUND


def found(
    feed: Parsed, event: Event, about: Callable[[str, Iterable[str]], bool], asked: Asked, url: str
) -> Iterator[Draft | Link | Note | Cursor]:
    """What is kept of a feed, the pages behind mere summaries, and how far back it goes.

    Kept is what names the event, and what bears its tag around its time. Of an account's other entries a few of that
    time are looked at, because a summary need not name the event.
    """
    left, unsure = 0, list[tuple[datetime, Link]]()
    for draft in feed.drafts:
        at, page = moment(draft), _page_of(draft, url)
        if about(f"{draft.title}\n{draft.text}", draft.hashtags) or (asked.own and around(event, at)):
            yield tagged(draft, asked.tag)
            if page:
                yield page
        elif page and not asked.tag and at and event.starts - LEAD <= at <= event.ends + AROUND:
            unsure.append((at, page))
        else:
            left += 1
    unsure.sort(key=lambda pair: pair[0])
    yield from (page for _, page in unsure[:PAGES_OF_AN_ACCOUNT])
    left += len(unsure[PAGES_OF_AN_ACCOUNT:])
    yield from _told(feed.drafts, event, asked, left)


def tagged(draft: Draft, tag: str) -> Draft:
    """An entry with the tag in whose feed it stood: many services do not say so in the entry itself."""
    known = not tag or tag_key(tag) in map(tag_key, draft.hashtags)
    return draft if known else replace(draft, hashtags=(*draft.hashtags, tag))


def _page_of(draft: Draft, url: str) -> Link | None:
    return Link(url=draft.url, found_on=url, text=draft.title) if draft.url and len(draft.text) < SUMMARY else None


def _told(drafts: Sequence[Draft], event: Event, asked: Asked, left: int) -> Iterator[Note | Cursor]:
    """First what the source's own line says, in the same words for every feed, then what is told of this one."""
    dates = sorted(iso(at) for draft in drafts if (at := moment(draft)))
    begins, ends, why = _covered(dates, len(drafts), asked, iso(event.ends + AROUND))
    late = begins > iso(event.starts)
    days = f"nothing is known of what is older than {begins[:10]}" if late else ""
    if late:
        yield Note(query=asked.query, truncated=True, reason=why)
    left_out = f"left out: {left} entries about other things" if left else ""
    reason = "; ".join(filter(None, (days, left_out)))
    yield Note(query=asked.query, returned=len(drafts), truncated=None if late else False, reason=reason)
    yield Cursor(asked.query, f"{begins}/{ends}")


def _covered(dates: Sequence[str], entries: int, asked: Asked, last: str) -> tuple[str, str, str]:
    """The time read without a gap, with this reading, "" from the beginning; and why it begins where it does.

    What is later than `last` is no matter.
    """
    begins, _, ends = asked.cursor.partition("/")
    if not dates:
        return begins, ends, WINDOW
    if not asked.full or entries < asked.full:
        return "", dates[-1], ""
    if ends and ends < dates[0] and ends < last:
        return dates[0], dates[-1], OVERRUN
    return (begins if ends else dates[0]), max(ends, dates[-1]), WINDOW
