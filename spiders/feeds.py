"""RSS, Atom and JSON feeds: those of the event file, of its media outlets, of OPML lists, and those others found.

Which entries are kept: one that names the event, always; of the event's own feeds (`feeds`, `opml`) also one that
appeared within four weeks of it or has no date, because a report need not name the event in the few words a feed
shows. An outlet's feed is mostly about other things: what is left out is counted in the ledger, not stored.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from harvester.model import Link
from harvester.source import Cursor, Note, Option, Source
from harvester.text import decode
from harvester.walks import feed_pages
from harvester.walks.feed_state import Mark, Walk
from harvester.walks.feed_walk import Reading
from harvester.walks.timeline import around, moment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.model import Draft, Parsed
    from harvester.source import Found

ADVERTISED = 3  # feeds taken from one page
_OUTLINE = re.compile(r"""\bxmlUrl\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)


class Feeds(Source):
    """Every feed is read in every run; a site whose feed nobody named is asked at the usual places."""

    name = "feeds"
    label = "RSS, Atom and JSON feeds of the event file, outlets and OPML lists (no key needed)"
    contributes = (
        "articles of blogs and media on the day they appear, and those before as far as a feed has older pages"
    )
    policy = "feed"
    fed_by = "the feeds of the event file and its outlets"
    nothing = "nothing to read: no feeds, media feeds or OPML in the event file"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "pages": Option(
            kind="whole number", default=10, minimum=1, doc="Pages of one feed in one crawl; the next crawl goes on."
        ),
    }

    async def start(self) -> AsyncIterator[Request]:
        """Every feed of the event file; where it had to be found, what was found."""
        for url in self.event.feeds:
            yield self.feed(self.found_at(url), url, own=True)
        for outlet in self.event.media_outlets:
            if outlet.feed:
                yield self.feed(self.found_at(outlet.feed), outlet.feed, own=False)
        for url in self.event.opml:
            yield self.get(url, self.parse_opml, query=url, document=False)

    def found_at(self, url: str) -> str:
        """Where the feed was that an address led to, else the address: its cursor may be a feed's own mark."""
        known = self.checkpoint(url)
        return known if known.startswith(("http://", "https://")) else url

    def feed(self, url: str, query: str, *, own: bool, **state: Any) -> Request:
        """A feed to read in every run. Where an address is only tried, that it does not exist is an answer too."""
        tried = state.get("guessed") or (feed_pages.is_tried(url) and "feed" in state)
        missing: dict[str, Any] = {"handle_httpstatus_list": list(feed_pages.NOT_THERE)} if tried else {}
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
        elif state.get("feed"):
            yield from self.no_older_page(response, query, state)
        elif feeds := feed_pages.worth_reading(found.feeds if found and "guesses" not in state else (), ADVERTISED):
            for url in feeds:  # a question each: one may be cut short and another not
                yield self.feed(url, query if len(feeds) == 1 else url, own=state["own"], guesses=[])
        else:
            front = urlsplit(response.url).path in ("", "/")
            guesses = state.get("guesses", list(feed_pages.GUESSES) if front else [])
            if not guesses:
                self.refused(response, "neither a feed nor a page that names one", "not_a_feed")
            url = response.urljoin(guesses[0])
            yield self.feed(url, query, own=state["own"], guesses=guesses[1:], guessed=True)

    def entries(self, response: Response, found: Parsed, query: str, state: dict[str, Any]) -> Iterator[Found]:
        """What is kept of a feed, the pages behind mere summaries, and the feed's older page."""
        if feed_pages.is_of_comments(found, response.url) and query not in self.event.feeds:
            yield Note(query=query, reason="left out: a feed of comments")
            return
        walk = Walk.of(state) if state.get("feed") else Walk(feed=response.url)
        if not state.get("feed") and (current := feed_pages.current(found, response.url)):
            yield Cursor(query, current)  # an archive was named: what is written from now on stands there
            yield self.feed(current, query, own=state["own"], guesses=[])
            walk = Walk(feed=current)  # whose older pages lead here
        url = asked_for(response) if state.get("feed") else response.url
        page = self.reading(query, walk).page(walk, found, url, lambda draft: self.keeps(draft, own=state["own"]))
        yield from page.found
        if page.older:
            yield self.feed(page.older, query, own=state["own"], guesses=[], **page.walk.told())

    def no_older_page(self, response: Response, query: str, state: dict[str, Any]) -> Iterator[Found]:
        """The end of a walk: an older page was tried that is not there, or that is not for us."""
        if not feed_pages.is_tried(asked_for(response)):
            self.refused(response, "the older page of a feed is no feed", "not_a_feed")
        walk = Walk.of(state)
        yield from self.reading(query, walk).over(walk, "whole" if response.status in (404, 410) else "refused")

    def reading(self, query: str, walk: Walk) -> Reading:
        """What holds for all pages of a feed."""
        mark = Mark.read(self.checkpoint(walk.feed), self.event)
        return Reading(event=self.event, now=self.now, query=query, pages=self.option("pages"), mark=mark)

    def keeps(self, draft: Draft, *, own: bool) -> bool:
        """Whether an entry is kept; `own` says whose feed it is of."""
        named = self.about(f"{draft.title}\n{draft.text}", draft.hashtags)
        return named or (own and around(self.event, moment(draft.published)))


def asked_for(response: Response) -> str:
    """The address of an older page before any redirect, which may lead back to the first page."""
    return str((response.meta.get("redirect_urls") or [response.url])[0])
