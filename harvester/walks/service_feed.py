"""A feed that a service makes of a tag or an account: what of it belongs to the event. Pure.

Such a feed holds the newest entries only; what it cannot show any more is told by `harvester.walks.feed_gaps`.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from harvester.found import Cursor, Note
from harvester.text import tag_key
from harvester.walks import feed_gaps
from harvester.walks.feed_pages import page_of
from harvester.walks.timeline import AROUND, LEAD, around, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from harvester.event import Event
    from harvester.model import Draft, Link, Parsed

PAGES_OF_AN_ACCOUNT: Final = 10  # looked at though neither title nor summary names the event


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a feed was asked for.

    query   the question in the ledger        cursor  its cursor
    now     the moment of this crawl
    tag     the tag whose feed it is, "" for that of an account or a collection
    own     the tag is one of the event
    full    how many entries such a feed holds at most, 0 for all there are
    """

    query: str
    now: datetime
    cursor: str = ""
    tag: str = ""
    own: bool = False
    full: int = 0


def in_turn(
    accounts: Iterable[str], cursor_of: Callable[[str], str], room: int, now: datetime, *, named: str = "@{}"
) -> tuple[list[str], int]:  # fmt: skip
    """The accounts to read with the `room` requests left, and how many they do not suffice for.

    Each once, without @; those whose question, `named` after them, was never answered first. The others in another
    order every day, or where there are more than requests the same ones would be left out for ever.
    """
    names = dict.fromkeys(name for account in accounts if (name := account.strip().removeprefix("@")))

    def turn(name: str) -> int:
        return 1 + zlib.crc32(f"{now:%Y-%m-%d} {name}".encode()) if cursor_of(named.format(name)) else 0

    found = sorted(names, key=turn) if len(names) > room else list(names)
    return found[: max(0, room)], len(found[max(0, room) :])


def unread(accounts: int, most: int) -> Iterator[Note]:
    """What to tell of accounts for which `most` requests were not enough."""
    if accounts:
        yield Note(
            query="accounts", truncated=True, reason=f"max_requests ({most}) used up, accounts not read: {accounts}"
        )


def found(
    feed: Parsed, event: Event, about: Callable[[str, Iterable[str]], bool], asked: Asked, url: str
) -> Iterator[Draft | Link | Note | Cursor]:
    """What is kept of a feed, the pages behind mere summaries, and how far back it goes.

    Kept is what names the event, and what bears its tag around its time. Of an account's other entries a few of that
    time are looked at, because a summary need not name the event.
    """
    left = 0
    unsure: list[tuple[datetime, Link]] = []
    for draft in feed.drafts:
        at, page = moment(draft.published), page_of(draft, url)
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
    yield from feed_gaps.reading(event, asked.now, asked.query, asked.cursor, feed.drafts, left=left, full=asked.full)


def tagged(draft: Draft, tag: str) -> Draft:
    """An entry with the tag in whose feed it stood: many services do not say so in the entry itself."""
    known = not tag or tag_key(tag) in map(tag_key, draft.hashtags)
    return draft if known else replace(draft, hashtags=(*draft.hashtags, tag))
