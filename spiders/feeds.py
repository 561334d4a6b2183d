"""RSS, Atom and JSON feeds: those of the event file, of its media outlets, of OPML lists, and those others found.

Which entries are kept: one that names the event, always; of the event's own feeds (`feeds`, `opml`) also one that
appeared within four weeks of it or has no date, because a report need not name the event in the few words a feed
shows. An outlet's feed is mostly about other things: what is left out is counted in the ledger, not stored.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import unescape
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from harvester.model import Link
from harvester.source import Cursor, Note, Option, Source
from harvester.text import decode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.model import Draft, Parsed
    from harvester.source import Found

ADVERTISED = 3  # feeds taken from one page
GUESSES = ["/feed", "/rss", "/atom.xml", "/index.xml", "/feed.xml", "/index.rdf"]
SUMMARY = 600  # characters; an entry with fewer is the beginning of a page that is worth fetching
AROUND, OLD = timedelta(days=28), timedelta(days=60)
_OUTLINE = re.compile(r"""\bxmlUrl\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)


class Feeds(Source):
    """Every feed is read in every run; a site whose feed nobody named is asked at the usual places."""

    name = "feeds"
    label = "RSS, Atom and JSON feeds of the event file, outlets and OPML lists"
    contributes = "articles of blogs and media on the day they appear"
    policy = "feed"
    nothing = "nothing to read: no feeds, media feeds or OPML in the event file"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "pages": Option(kind="whole number", default=5, minimum=1, doc="How far a feed with older pages is followed."),
    }

    async def start(self) -> AsyncIterator[Request]:
        """Every feed of the event file; for a site whose feed had to be guessed, that feed."""
        for url in self.event.feeds:
            yield self.feed(self.checkpoint(url) or url, url, own=True)
        for outlet in self.event.media_outlets:
            if outlet.feed:
                yield self.feed(self.checkpoint(outlet.feed) or outlet.feed, outlet.feed, own=False)
        for url in self.event.opml:
            yield self.get(url, self.parse_opml, query=url, document=False)

    def feed(self, url: str, query: str, *, own: bool, **state: Any) -> Request:
        """A feed to read in every run. While guessing, an address that does not exist is an answer too."""
        missing: dict[str, Any] = {"handle_httpstatus_list": [403, 404, 410]} if state.get("guessed") else {}
        return self.get(url, self.parse, query=query, state={"own": own, **state}, **missing)

    def parse_opml(self, response: Response) -> Iterator[Found]:
        """The feeds of a list."""
        text = decode(response.body, (response.headers.get("Content-Type") or b"").decode("latin-1"))[0]
        found = dict.fromkeys(unescape(match[1] or match[2] or "").strip() for match in _OUTLINE.finditer(text))
        if not found:
            self.refused(response, "no OPML list of feeds")
        for url in found:
            if url.startswith(("http://", "https://")):
                yield self.feed(url, url, own=True)
            else:
                yield Link(url=url, found_on=response.url, as_feed=True)  # counted as the broken link it is

    def parse(self, response: Response) -> Iterator[Found]:
        """The entries of a feed; of a page, the feeds it advertises; of a front page without any, the usual places."""
        query, state = response.meta.get("query") or response.url, response.meta.get("state") or {"own": False}
        found = self.parsed(response) if response.status == 200 else None
        if found is not None and found.kind == "feed":
            if state.get("guessed"):
                yield Cursor(query, response.url)
            yield from self.entries(response, found, query, state)
        elif found is not None and found.feeds and "guesses" not in state:
            main = [url for url in found.feeds if "comment" not in url.lower()] or found.feeds
            for url in main[:ADVERTISED]:
                yield self.feed(url, query, own=state["own"], guesses=[])
        else:
            front = urlsplit(response.url).path in ("", "/")
            guesses = state.get("guesses", GUESSES if front else [])
            if not guesses:
                self.refused(response, "neither a feed nor a page that names one", "not_a_feed")
            url = response.urljoin(guesses[0])
            yield self.feed(url, query, own=state["own"], guesses=guesses[1:], guessed=True)

    def entries(self, response: Response, found: Parsed, query: str, state: dict[str, Any]) -> Iterator[Found]:
        """What is kept of a feed, the pages behind mere summaries, and the feed's older page."""
        whole = [draft for draft in found.drafts if draft.url or "partial" not in found.flags]  # not one cut in half
        kept = [draft for draft in whole if self.keeps(draft, own=state["own"])]
        for draft in kept:
            yield replace(draft, publisher=draft.publisher or found.title)
            if draft.url and len(draft.text) < SUMMARY:
                yield Link(url=draft.url, found_on=response.url, text=draft.title)
        seen, left = state.get("seen", 0) + len(found.drafts), state.get("left", 0) + len(found.drafts) - len(kept)
        yield Note(query=query, returned=seen, reason=f"left out: {left} entries about other things" if left else "")
        page, dates = state.get("page", 1), [at for draft in found.drafts if (at := _moment(draft))]
        older = bool(dates) and max(dates) < self.event.starts - OLD
        if found.next_url and page < self.option("pages") and not older:
            yield self.feed(found.next_url, query, own=state["own"], guesses=[], page=page + 1, seen=seen, left=left)

    def keeps(self, draft: Draft, *, own: bool) -> bool:
        """Whether an entry is kept; `own` says whose feed it is of."""
        return self.about(f"{draft.title}\n{draft.text}", draft.hashtags) or (own and self.in_window(draft))

    def in_window(self, draft: Draft) -> bool:
        """Whether an entry may be of the event's time: from four weeks before to four weeks after it, or undated."""
        at = _moment(draft)
        return at is None or self.event.starts - AROUND <= at <= self.event.ends + AROUND


def _moment(draft: Draft) -> datetime | None:
    """An entry's date where it is written by the rules, only to leave entries out; posts get theirs elsewhere."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        with suppress(ValueError, TypeError, IndexError, OverflowError):
            at = read(draft.published)
            return at if at.tzinfo else at.replace(tzinfo=UTC)
    return None
