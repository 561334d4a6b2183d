"""How far a feed is read back: to where the last reading began, the first time to the event's time. Pure.

A walk is over at the newest entry of the last reading, or at the first entry too old for the event. Where that newest
entry has left the feed, what came after it may have left it too: an overrun, which is told. The mark moves when a walk
is over, and never for half a feed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from harvester.found import Cursor, Note
from harvester.model import PARTIAL, Draft, Link
from harvester.walks.feed_pages import LARGEST, is_advert, is_longest, is_tried, older
from harvester.walks.feed_state import Mark, Walk, moment, name_of, sought
from harvester.walks.timeline import iso

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from harvester.event import Event
    from harvester.model import Parsed

AROUND: Final = timedelta(days=28)  # before and after the event: entries of its own feeds are about it
OLD: Final = timedelta(days=60)  # further from the event, nothing is looked for in older pages, nor missed
SUMMARY: Final = 600  # characters; an entry with fewer is the beginning of a page that is worth fetching
FULL: Final = 10  # entries; a feed with fewer is not one from which others were pushed out


class Page(NamedTuple):
    """What a page of a feed holds for us, and the older page to ask for, "" when the walk is over."""

    found: list[Draft | Link | Note | Cursor]
    older: str
    walk: Walk


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What all pages of a reading share; `pages` is how many may be read in this crawl."""

    event: Event
    now: datetime
    query: str
    pages: int
    mark: Mark

    def page(self, walk: Walk, found: Parsed, url: str, keeps: Callable[[Draft], bool]) -> Page:
        """The entries that are to be kept, the pages behind mere summaries, and what there is to tell."""
        whole = (draft for draft in found.drafts if draft.url or PARTIAL not in found.flags)  # none cut in half
        entries = [draft for draft in whole if not is_advert(draft, url)]
        met = walk.seen if is_longest(url) and entries and name_of(entries[0]) == walk.first else 0
        kept = [replace(draft, publisher=draft.publisher or found.title) for draft in entries[met:] if keeps(draft)]
        items: list[Draft | Link | Note | Cursor] = []
        for draft in kept:
            items.append(draft)
            if draft.url and len(draft.text) < SUMMARY:
                items.append(Link(url=draft.url, found_on=url, text=draft.title))
        left = max(0, len(found.drafts) - met - len(kept))
        walk, following, end = self.after(walk, found, entries, url, left)
        if end:
            return Page([*items, *self.over(walk, end, following)], "", walk)
        return Page([*items, self.told(walk)], following, walk)

    def after(
        self, walk: Walk, found: Parsed, entries: Sequence[Draft], url: str, left: int
    ) -> tuple[Walk, str, str]:  # fmt: skip
        """Where a walk stands after a page, the older page that follows, and how the walk ended: "" when it goes on.

        entries  those of the page that are whole and nobody's advertisement; `left` of all there were left out
        """
        if _is_again(walk, entries, url):
            return walk, "", "short"
        whole = _is_whole(walk, found, url)
        walk, following = _met(walk, found, entries, url, self.now, left), older(found, url)
        if not walk.rest and self._reached(entries):
            if not self.mark.rest:
                return walk, "", "read"
            walk, following = replace(walk, rest=True), self.mark.rest
        elif _is_past(entries, self.event):
            return walk, "", "read"
        elif not (following and entries):
            return walk, "", "whole" if whole else "short"
        if walk.page >= self.pages:
            return walk, following, "cut"
        return replace(walk, page=walk.page + 1), following, ""

    def _reached(self, entries: Sequence[Draft]) -> bool:
        """Whether a page holds the newest entry of the last reading, or ends before it."""
        if not self.mark.newest or not entries:
            return False
        last = moment(entries[-1])
        passed = bool(self.mark.at) and last is not None and iso(last) <= self.mark.at
        return passed or any(name_of(entry) == self.mark.newest for entry in entries)

    def told(self, walk: Walk) -> Note:
        """How many entries there were so far."""
        left_out = f"left out: {walk.left} entries about other things" if walk.left else ""
        return Note(query=self.query, returned=walk.seen, reason=left_out)

    def over(self, walk: Walk, end: str, rest: str = "") -> Iterator[Note | Cursor]:
        """What is told at the end of a walk: `read`, `whole`, `short`, `refused` or `cut` with its `rest`."""
        why, more = self._lack(walk, end)
        if end == "short" and not walk.rest:
            rest = self.mark.rest
        since = self.mark.since or (walk.oldest if why.startswith("window") else "")
        note = self.told(walk)
        if why:  # first what the source's own line says, in the same words for every feed, then what this one lacks
            yield Note(query=self.query, truncated=True, reason=why)
        reason = "; ".join(filter(None, (more or why, note.reason)))
        truncated = None if why or walk.half else False
        yield replace(note, truncated=truncated, window_start=since, reason=reason)
        if walk.newest and not walk.half:
            mark = Mark(newest=walk.newest, at=walk.at, since=since, rest=rest, asked=sought(self.event))
            yield Cursor(walk.feed, json.dumps(mark.told()))

    def _lack(self, walk: Walk, end: str) -> tuple[str, str]:
        """Why a walk did not get what it was after, and the same with the days of this feed; "" when it did."""
        if end == "cut":
            return f"page limit of {self.pages} reached, goes on in the next run", ""
        if end == "refused":
            return "older pages are refused", ""
        if end != "short" or walk.half or walk.rest or not walk.newest:
            return "", ""
        back = walk.oldest[:10]
        if self.mark.newest:
            if (self.mark.at or iso(self.now)) > iso(self.event.ends + OLD):
                return "", ""  # whatever has gone appeared too late to matter
            why = "overrun: entries since the last reading have left the feed, crawl more often"
            days = f"overrun: entries between {self.mark.at[:10]} and {back} have left the feed, crawl more often"
            return why, days if self.mark.at and back else ""
        full = walk.seen >= FULL
        if full and self.now >= self.event.starts and walk.oldest > iso(self.event.starts):
            return "window: feeds that reach back to after the event's start only", f"window: back to {back} only"
        return "", ""


def _met(walk: Walk, found: Parsed, entries: Sequence[Draft], url: str, now: datetime, left: int) -> Walk:
    """The walk with the entries of one more page."""
    dated = [(at, entry) for entry in entries if (at := moment(entry))]
    if walk.page == 1 and entries:
        at, newest = max(dated, key=lambda pair: pair[0]) if dated else (None, entries[0])
        walk = replace(walk, newest=name_of(newest), at=iso(min(at, now)) if at else "")
    oldest = min([*(iso(at) for at, _ in dated), *([walk.oldest] if walk.oldest else [])], default="")
    if is_longest(url):
        walk = replace(walk, seen=0)  # it begins with the entries of the page before
    return replace(
        walk, seen=walk.seen + len(found.drafts), left=walk.left + left, oldest=oldest,
        first=name_of(entries[0]) if entries else "", half=walk.half or PARTIAL in found.flags,
    )  # fmt: skip


def _is_past(entries: Sequence[Draft], event: Event) -> bool:
    """Whether all that is dated on a page appeared so long before the event that older pages hold nothing."""
    dates = [at for entry in entries if (at := moment(entry))]
    return bool(dates) and max(dates) < event.starts - OLD


def _is_again(walk: Walk, entries: Sequence[Draft], url: str) -> bool:
    """Whether a page that was only tried is the one before it once more: the program takes no notice of the number."""
    if not is_tried(url) or not entries or walk.first != name_of(entries[0]):
        return False
    return not is_longest(url) or len(entries) <= walk.seen


def _is_whole(walk: Walk, found: Parsed, url: str) -> bool:
    """Whether a feed without an older page than this one holds, with those before it, all there is."""
    if is_longest(url):
        return len(found.drafts) < LARGEST
    return bool(found.meta.get("complete")) or walk.page > 1
