"""Medium: the feeds of tags, accounts and publications. It offers nothing else to people without its app.

A feed holds the newest entries only (about ten) and tells no claps. Addresses come with `?source=rss…`, which goes.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from harvester.source import Note, Option, Source
from harvester.walks import service_feed
from harvester.walks.timeline import asked_tags

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found

FEED = 10  # entries, as far as anybody has seen; a wrong number only changes when a gap is told
GONE = [404, 410]
_SOURCE = re.compile(r"\?source=[^#]*")


class Medium(Source):
    """A feed for each tag and each account, and for the publications of the event file."""

    name = "medium"
    label = "Medium stories by tag and account (feeds; no key needed)"
    contributes = "articles with their whole text, on the day they appear"
    policy = "feed"
    platforms = ("medium",)
    late = 1
    fed_by = "accounts in the event file, and authors that other sources found"
    nothing = "nothing to read: no hashtags in the event file, and no account on Medium is known"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "tags": Option(kind="texts", default=(), doc="More tags to read, besides the event's hashtags."),
        "users": Option(kind="texts", default=(), doc="More accounts to read, besides those that are known."),
        "publications": Option(kind="texts", default=(), doc="Publications to read, as in medium.com/<publication>."),
        "max_requests": Option(kind="whole number", default=50, doc="Requests in one crawl."),
    }  # fmt: skip
    asked = unread = 0

    async def start(self) -> AsyncIterator[Request]:
        """Every feed, tags first."""
        for tag, written in asked_tags(self.event, self.option("tags")).items():
            slug = re.sub(r"[\W_]+", "-", tag).strip("-")
            yield self.feed(f"tag/{quote(slug)}", f"#{written}", tag=written)
        for name in self.option("publications"):
            yield self.feed(quote(name.strip("/")), f"publication {name}")
        known, room = (*self.option("users"), *self.known.handles("medium")), self.option("max_requests") - self.asked
        accounts, self.unread = service_feed.in_turn(known, self.checkpoint, room, self.now)
        for user in accounts:
            yield self.feed(f"@{quote(user)}", f"@{user}")

    def feed(self, path: str, query: str, **state: Any) -> Request:
        """A feed; an account that has gone is an answer too."""
        self.asked += 1
        return self.get(f"https://medium.com/feed/{path}", query=query, state=state, handle_httpstatus_list=GONE)

    def parse(self, response: Response) -> Iterator[Found]:
        """The entries of a feed."""
        query, tag = response.meta["query"], response.meta["state"].get("tag", "")
        if response.status in GONE:
            yield Note(query=query, reason="Medium has no such tag, publication or account")
            return
        feed = self.parsed(response)
        if feed.kind != "feed":
            self.refused(response, "a page answered instead of a feed", "not_a_feed")
        entries = tuple(replace(draft, url=_SOURCE.sub("", draft.url)) for draft in feed.drafts)
        own = bool(tag) and self.about("", (tag,))
        cursor = self.checkpoint(query)
        asked = service_feed.Asked(query=query, now=self.now, cursor=cursor, tag=tag, own=own, full=FEED)
        yield from service_feed.found(replace(feed, drafts=entries), self.event, self.about, asked, response.url)
        yield from service_feed.unread(self.unread, self.option("max_requests"))
