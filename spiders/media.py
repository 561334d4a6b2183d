"""Media: the feeds of the outlets in the registry (`harvester/outlets.toml`), read for articles that name the event.

An outlet's feed is mostly about other things and holds its newest entries only: what is left out is counted, and a
feed in which everything is newer than the last reading is told as overrun. An outlet of the event file goes before
the registry's: with a feed of its own the source `feeds` reads it, without one it lends its name.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlsplit

from harvester import outlets
from harvester.model import Link
from harvester.source import Note, Option, Source
from harvester.walks import feed_gaps
from harvester.walks.feed_pages import SUMMARY
from harvester.walks.timeline import asked_tags

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.model import Draft
    from harvester.outlets import Outlet
    from harvester.source import Found

NOT_THERE = [404, 410]
ENTRIES_PAID_FOR = re.compile(r"^\s*(?:PR\s*[::]|[\[【((]\s*PR\s*[\]】))])", re.IGNORECASE)


class Media(Source):
    """A feed for each outlet, and for each tag where the outlet has feeds for tags."""

    name = "media"
    label = "feeds of Japanese and international IT media that are known to us (no key needed)"
    contributes = "articles of outlets that name the event, on the day they appear"
    policy = "feed"
    lenient = True
    fed_by = "the registry of outlets"
    horizon_days = 7
    nothing = "nothing to read: no outlet of the registry is left that the event file does not read itself"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "outlets": Option(
            kind="texts", default=(), minimum=1,
            doc="Outlets to read, by name or host, in place of those of the languages; also doubtful ones.",
        ),
        "languages": Option(
            kind="texts", default=(), minimum=1,
            doc='Languages of the outlets; without it `["ja", "en"]` where reports count days in Japan, else `["en"]`.',
        ),
    }  # fmt: skip

    async def start(self) -> AsyncIterator[Found]:
        """The feed of every outlet; a name that the registry does not know is told."""
        for word in self.option("outlets"):
            called = [outlet for outlet in outlets.registry() if outlet.called(word)]
            if not any(outlet.feed for outlet in called):
                reason = f"no feed of {word} is known; give one in a [[media]] block" if called else ""
                yield Note(query=word, truncated=True, reason=reason or f"no outlet {word} in the registry")
        for outlet in outlets.registry():
            if self.wanted(outlet) and (name := self.name_of(outlet)):
                yield self.feed(outlet.feed, name, outlet)
                for tag, written in asked_tags(self.event).items() if outlet.search else ():
                    yield self.feed(outlet.search.format(tag=quote(tag, safe="")), f"{name} #{written}", outlet)

    def wanted(self, outlet: Outlet) -> bool:
        """Whether the options ask for an outlet."""
        if named := self.option("outlets"):
            return bool(outlet.feed) and any(outlet.called(word) for word in named)
        home = self.event.report_timezone == "Asia/Tokyo"
        return outlet.trusted and outlet.language in (self.option("languages") or (("ja", "en") if home else ("en",)))

    def name_of(self, outlet: Outlet) -> str:
        """What an outlet is called in this event; "" when the event file has its feed already."""
        if outlet.feed in self.event.feeds:
            return ""
        for own in self.event.media_outlets:
            if any(outlet.keeps(host) or host in outlet.hosts for host in own.hosts) or own.feed == outlet.feed:
                return "" if own.feed else own.name
        return outlet.name

    def feed(self, url: str, query: str, outlet: Outlet) -> Request:
        """A feed to read; a tag without articles has none."""
        state: dict[str, Any] = {"name": query.partition(" #")[0], "hosts": outlet.hosts}
        missing: dict[str, Any] = {"handle_httpstatus_list": NOT_THERE} if url != outlet.feed else {}
        return self.get(url, query=query, state=state, **missing)

    def parse(self, response: Response) -> Iterator[Found]:
        """The entries that name the event, and the pages behind mere summaries."""
        query, state = response.meta["query"], response.meta["state"]
        if response.status in NOT_THERE:
            yield Note(query=query, reason=f"{state['name']} has no feed for this tag")
            return
        found = self.parsed(response)
        if found.kind != "feed":
            self.refused(response, f"a page of {state['name']} answered instead of its feed", "not_a_feed")
        kept = [draft for draft in found.drafts if draft.url and self.keeps(draft)]
        for draft in kept:
            yield from self.article(draft, state, response.url)
        left = len(found.drafts) - len(kept)
        yield from feed_gaps.reading(self.event, self.now, query, self.checkpoint(query), found.drafts, left=left)

    def keeps(self, draft: Draft) -> bool:
        """Whether an entry names the event and nobody paid for it."""
        named = self.about(f"{draft.title}\n{draft.text}", draft.hashtags)
        return named and not ENTRIES_PAID_FOR.match(draft.title)

    def article(self, draft: Draft, state: dict[str, Any], found_on: str) -> Iterator[Found]:
        """An entry as the outlet's article; what leads to another host is the article of whoever is there."""
        host = (urlsplit(draft.url).hostname or "").lower()
        own = any(host == each or host.endswith("." + each) for each in state["hosts"])
        if own:
            yield replace(draft, publisher=state["name"])
        if not own or len(draft.text) < SUMMARY:
            yield Link(url=draft.url, found_on=found_on, text=draft.title)
