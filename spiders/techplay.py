"""TECH PLAY: the one feed of newly announced events, the newest 50 of the whole site.

There is no search and no history, so it is worth a request only while an event is being announced: opt-in. When and
where an event takes place stands in elements of the feed's own (`tp:`), in Japan's time without saying so; it is kept
with the record as it was found.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING

from harvester.source import Note, Source
from harvester.text import decode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found

FEED = "https://rss.techplay.jp/event/w3c-rss-format/rss.xml"
# Categories that every entry has.
_FILLER = frozenset({"it", "テクノロジー", "イベント"})
_ITEM = re.compile(r"<item[\s>](.{0,50000}?)</item>", re.DOTALL)
_LINK = re.compile(r"<link>\s*([^<]{1,2000}?)\s*</link>")
_OWN = re.compile(r"<tp:(\w{1,40})>([^<]{0,500})</tp:\1>")


class TechPlay(Source):
    """One request in a crawl."""

    name = "techplay"
    label = "TECH PLAY's newly announced events (one feed; no key needed)"
    contributes = "the announcement of the event; it is stored and never counted"
    policy = "feed"
    platforms = ("techplay",)
    horizon_days = 7
    opt_in = True

    async def start(self) -> AsyncIterator[Request]:
        """The feed."""
        yield self.get(FEED, query="new events")

    def parse(self, response: Response) -> Iterator[Found]:
        """The announcements that name the event."""
        feed = self.parsed(response)
        if feed.kind != "feed":
            self.refused(response, "a page answered instead of the feed", "not_a_feed")
        places = _own_elements(response)
        kept = [draft for draft in feed.drafts if self.about(f"{draft.title}\n{draft.text}", draft.hashtags)]
        for draft in kept:
            told = places.get(draft.url)
            yield replace(
                draft, kind="event_page", default_zone=draft.default_zone or "Asia/Tokyo",
                hashtags=tuple(tag for tag in draft.hashtags if tag.lower() not in _FILLER),
                raw=json.dumps(told, ensure_ascii=False) if told else draft.raw,
            )  # fmt: skip
        left = len(feed.drafts) - len(kept)
        yield Note(
            query=response.meta["query"], returned=len(feed.drafts),
            reason=f"left out: {left} announcements of other events" if left else "",
        )  # fmt: skip


def _own_elements(response: Response) -> dict[str, dict[str, str]]:
    """Address of an entry to what its `tp:` elements hold, as found."""
    text = decode(response.body, (response.headers.get("Content-Type") or b"").decode("latin-1"))[0]
    found = {}
    for item in _ITEM.finditer(text):
        link, told = _LINK.search(item[1]), {name: unescape(value).strip() for name, value in _OWN.findall(item[1])}
        if link and told:
            found[unescape(link[1])] = told
    return found
