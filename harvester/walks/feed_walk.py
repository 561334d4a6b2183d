"""How far a feed is read back: to where the last reading began, the first time to the event's time. Pure.

A walk is over at the newest entry of the last reading, or at the first entry too old for the event. Where that newest
entry has left the feed, what came after it may have left it too (`harvester.walks.feed_gaps`). The mark moves when a
walk is over, and never for half a feed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from harvester.found import Cursor, Note
from harvester.model import PARTIAL, Draft, Link
from harvester.walks import feed_gaps
from harvester.walks.feed_gaps import OLD, Gap
from harvester.walks.feed_pages import LARGEST, is_advert, is_longest, is_tried, older, page_of
from harvester.walks.feed_state import Mark, Walk, name_of, sought
from harvester.walks.timeline import iso, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from harvester.event import Event
    from harvester.model import Parsed

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
            items += [draft, page] if (page := page_of(draft, url)) else [draft]
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
        last = moment(entries[-1].published)
        passed = bool(self.mark.at) and last is not None and iso(last) <= self.mark.at
        return passed or any(name_of(entry) == self.mark.newest for entry in entries)

    def told(self, walk: Walk) -> Note:
        """How many entries there were so far."""
        left_out = f"left out: {walk.left} entries about other things" if walk.left else ""
        return Note(query=self.query, returned=walk.seen, reason=left_out)

    def over(self, walk: Walk, end: str, rest: str = "") -> Iterator[Note | Cursor]:
        """What is told at the end of a walk: `read`, `whole`, `short`, `refused` or `cut` with its `rest`."""
        gap = self._gap(walk, end)
        if end == "short" and not walk.rest:
            rest = self.mark.rest
        since = self.mark.since or (walk.oldest if gap.why == feed_gaps.WINDOW else "")
        line = replace(self.told(walk), truncated=None if walk.half else False, window_start=since)
        yield from feed_gaps.told(line, gap)
        if walk.newest and not walk.half:
            mark = Mark(newest=walk.newest, at=walk.at, since=since, rest=rest, asked=sought(self.event))
            yield Cursor(walk.feed, json.dumps(mark.told()))

    def _gap(self, walk: Walk, end: str) -> Gap:
        """Why a walk did not get what it was after."""
        if end == "cut":
            return Gap(f"page limit of {self.pages} reached, goes on in the next run")
        if end == "refused":
            return Gap("older pages are refused")
        if end != "short" or walk.half or walk.rest or not walk.newest:
            return Gap()
        if self.mark.newest:
            gap = feed_gaps.overrun(self.event, self.mark.at or iso(self.now), walk.oldest)
            return gap if self.mark.at else Gap(gap.why)
        full = walk.seen >= FULL and self.now >= self.event.starts
        return feed_gaps.window(self.event, walk.oldest) if full else Gap()


def _met(walk: Walk, found: Parsed, entries: Sequence[Draft], url: str, now: datetime, left: int) -> Walk:
    """The walk with the entries of one more page."""
    dated = [(at, entry) for entry in entries if (at := moment(entry.published))]
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
    dates = [at for entry in entries if (at := moment(entry.published))]
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
