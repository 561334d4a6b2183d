"""What Qiita is asked in a crawl, as questions in its search syntax with the walks that answer them. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from harvester.text import tag_key
from harvester.walks import windows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from harvester.event import Event

_HANDLE: Final = re.compile(r"[\w@-]+")


def queries(
    event: Event, chosen: Iterable[str], tags: Iterable[str], organisations: Iterable[str]
) -> dict[str, bool]:  # fmt: skip
    """Each name as a phrase, each tag once however it is spelled, each organisation.

    True where articles must be checked: a search for words in Japanese finds parts of them too, and an organisation
    writes about everything. `chosen` are asked in place of the event's names and hashtags.
    """
    asked = dict.fromkeys(chosen, False)
    found: dict[str, str] = {}
    for tag in (*(() if asked else event.hashtags), *tags):
        found.setdefault(tag_key(tag), tag.strip().lstrip("#＃"))
    if not asked:
        names = {tag_key(name): name.replace('"', " ") for name in (event.name, *event.names)}
        asked = {f'"{name}"': True for name in names.values()}
    asked |= dict.fromkeys((f"tag:{tag}" for tag in found.values()), False)
    return asked | dict.fromkeys((f"org:{name.strip()}" for name in organisations), True)


def edits_of(query: str) -> str:
    """The name of the question for edits of what another one has read."""
    return f"{query} (edited)"


def walks(
    event: Event, now: datetime, query: str, cursor_of: Callable[[str], str]
) -> list[tuple[str, windows.Walk]]:  # fmt: skip
    """What is to be asked of a question now: what is new or young, and edits of what is older."""
    cursor, edits = cursor_of(query), edits_of(query)
    walk = windows.begin(event, now, cursor)
    found = [(query, walk)] if walk is not None else []
    first, end = windows.days(event)
    upto, mark = walk["since"] if walk is not None else end, windows.mark_of(cursor)
    if windows.is_cut(cursor) or not mark or upto <= first:
        return found
    again = windows.begin(event, now, cursor_of(edits)) if windows.is_cut(cursor_of(edits)) else None
    if again is None:
        since = cursor_of(edits) or mark
        again = windows.over(first, upto, now) | {"since": since, "updated": since, "asks": query}
    return [*found, (edits, again)]


def accounts(
    event: Event, now: datetime, handles: Iterable[str], cursor_of: Callable[[str], str]
) -> list[tuple[str, windows.Walk]]:  # fmt: skip
    """The articles of accounts that there is something to ask about, those not asked for longest first."""
    asked = dict.fromkeys(f"user:{handle.strip()}" for handle in handles if _HANDLE.fullmatch(handle.strip()))
    found = [(query, walk) for query in asked if (walk := windows.begin(event, now, cursor_of(query))) is not None]
    return sorted(found, key=lambda entry: windows.mark_of(cursor_of(entry[0])))


def request_of(query: str, walk: windows.Walk) -> str:
    """The question as it is asked for the days of a walk."""
    since, until = walk["windows"][-1]
    asked = f"{walk.get('asks', query)} created:>={since} created:<{until}"
    return f"{asked} updated:>={walk['updated']}" if "updated" in walk else asked
