"""The feeds of people's own sites: of those on the event file's lists, and of the authors that others have found.

A site is asked once where its feed is: the place that its platform is known for, else what its front page advertises,
else the usual places. What was found, or that there is nothing, is remembered. Of each feed what names the event is
kept, back to the event's time. robots.txt is obeyed on the way to a feed, and by every feed that was only guessed.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from harvester import urls
from harvester.source import Cursor, Note, Option, Source
from harvester.walks import feed_pages
from harvester.walks.feed_state import Mark, Walk
from harvester.walks.feed_walk import Reading

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.model import Draft, Parsed
    from harvester.source import Found

AGAIN = timedelta(days=30)  # until a site without a feed is asked once more
NO_SITE = [401, 403, 404, 410, 451]  # answers of a site, or of a place that was tried, that end the search there
_KNOWN = 5000  # sites from which those are chosen whose turn it is


class Homes(Source):
    """One request for each site in a crawl once its feed is known, and up to a dozen to find it."""

    name = "homes"
    label = "feeds of the sites of speakers, attendees and authors already found (no key needed)"
    contributes = "further reports of people who are known to write about the event"
    policy = "feed"
    late = 1
    follows = True
    fed_by = "people of the event file, authors found by other sources"
    nothing = "nothing to read: nobody's site is known, or none has a feed"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "max_homes": Option(
            kind="whole number", default=200, minimum=1, doc="Sites in one crawl, those read longest ago first."
        ),
        "pages": Option(
            kind="whole number", default=5, minimum=1, doc="Pages of one feed in one crawl; the next crawl goes on."
        ),
    }

    async def start(self) -> AsyncIterator[Request | Note]:
        """Every site whose turn it is: its feed, or where that may be."""
        due, most = self.due(), self.option("max_homes")
        if len(due) > most:
            why = "more sites are known than max_homes, the others in the next crawls"
            yield Note(query="sites", returned=most, reported_total=len(due), truncated=True, reason=why)
        for home, told in due[:most]:
            yield self.look(home, told)

    def due(self) -> list[tuple[str, dict[str, Any]]]:
        """Sites with what is known of them, the one longest ago first, else as they are known; each feed once."""
        sites = [(home, self.remembered(home)) for home in self.known.homes(limit=_KNOWN) if self.is_one(home)]
        long_ago = (self.now - AGAIN).date().isoformat()
        found: dict[str, tuple[str, dict[str, Any]]] = {}
        for home, told in sorted(sites, key=lambda site: str(site[1].get("read", ""))):
            if str(told.get("none", "")) <= long_ago and told.get("feed") not in self.event.feeds:
                found.setdefault(str(told.get("feed") or home), (home, told))  # a company's people share one
        return list(found.values())

    def look(self, home: str, told: dict[str, Any]) -> Request:
        """The first request for a site: for its feed, or on the way there."""
        if feed := str(told.get("feed", "")):
            return self.ask(feed, home, tried=bool(told.get("tried")), known=True)
        if place := feed_pages.place_of(home):
            return self.ask(place, home, tried=True, left=[home])
        return self.ask(home, home, tried=True)

    def is_one(self, home: str) -> bool:
        """Whether an address is a site that may have a feed, and that no feed of the event file is of."""
        at, host = home.rstrip("/") + "/", urls.host_of(home)
        outlets = (name for outlet in self.event.media_outlets if outlet.feed for name in outlet.hosts)
        read = any(feed.startswith(at) or feed == feed_pages.place_of(home) for feed in self.event.feeds)
        read = read or any(host == name or host.endswith(f".{name}") for name in outlets)
        return feed_pages.has_feed(home) and not read

    def remembered(self, home: str) -> dict[str, Any]:
        """What is known of a site: its `feed`, whether only `tried`, on which day `read`; or since when `none`."""
        with suppress(ValueError):
            told = json.loads(self.checkpoint(f"site {home}") or "{}")
            return told if isinstance(told, dict) else {}
        return {}

    def ask(self, url: str, home: str, *, tried: bool = False, **state: Any) -> Request:
        """A request for a feed or for what may lead to one; what nobody advertised is a page like others."""
        state |= {"tried": tried} if tried else {}
        rules: dict[str, Any] = {"policy": "page"} if tried else {}
        return self.get(url, self.parse, query=home, state=state, handle_httpstatus_list=NO_SITE, **rules)

    def parse(self, response: Response) -> Iterator[Found]:
        """The entries of a feed; of what is none, the next place where the feed may be."""
        home, state = response.meta["query"], response.meta.get("state") or {}
        found = self.parsed(response) if response.status == 200 else None
        if found is not None and found.kind == "feed" and not feed_pages.is_of_comments(found, response.url):
            yield from self.entries(response, found, home, state)
        elif state.get("feed"):  # the older page of a feed
            walk = Walk.of(state)
            yield from self.reading(home, walk).over(walk, "whole" if response.status in (404, 410) else "refused")
        else:
            yield from self.further(response, found, home, state)

    def further(self, response: Response, found: Parsed | None, home: str, state: dict[str, Any]) -> Iterator[Found]:
        """What a page leads to: a feed that it advertises, the next place to try, or the end of the search."""
        advertised = feed_pages.worth_reading(found.feeds, 1) if found is not None else []
        if advertised and not state.get("advertised"):
            yield Cursor(f"site {home}", json.dumps({"feed": advertised[0]}))
            if advertised[0] not in self.event.feeds:
                yield self.ask(advertised[0], home, advertised=True)
            return
        if state.get("known"):  # it has moved, or is no more
            yield self.ask(home, home, tried=True)
            return
        left = state.get("left")
        if left is None and found is not None and urlsplit(response.url).path in ("", "/"):
            left = [response.urljoin(place) for place in feed_pages.GUESSES]
        if left:
            more = {"left": left[1:]} if left[0] != home else {}  # the front page has places of its own to try
            yield self.ask(left[0], home, tried=True, **more)
            return
        yield Cursor(f"site {home}", json.dumps({"none": self.now.date().isoformat()}))
        yield Note(query=home, reason="no feed found, asked again after 30 days")

    def entries(self, response: Response, found: Parsed, home: str, state: dict[str, Any]) -> Iterator[Found]:
        """What names the event in a feed, and the feed's older page."""
        tried = bool(state.get("tried"))
        if not state.get("feed"):
            told = {"feed": response.url, "read": self.now.date().isoformat()} | ({"tried": True} if tried else {})
            yield Cursor(f"site {home}", json.dumps(told))
        walk = Walk.of(state) if state.get("feed") else Walk(feed=response.url)
        url = (response.meta.get("redirect_urls") or [response.url])[0] if state.get("feed") else response.url
        page = self.reading(home, walk).page(walk, found, url, self.keeps)
        yield from page.found
        if page.older:
            yield self.ask(page.older, home, tried=tried, **page.walk.told())

    def reading(self, home: str, walk: Walk) -> Reading:
        """What holds for all pages of a feed."""
        mark = Mark.read(self.checkpoint(walk.feed), self.event)
        return Reading(event=self.event, now=self.now, query=home, pages=self.option("pages"), mark=mark)

    def keeps(self, draft: Draft) -> bool:
        """Whether an entry names the event."""
        return self.about(f"{draft.title}\n{draft.text}", draft.hashtags)
