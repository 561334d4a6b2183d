"""Qiita's Atom feeds of tags, accounts and organisations: no key, and none of the API's requests of the hour.

An entry tells the first words of an article, neither tags nor likes, so it is stored as a part that the API's record
completes, under the same key. Qiita does not want its pages to be crawled: none is asked for.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

from harvester.model import PARTIAL, Draft, DraftAuthor, Link
from harvester.source import Note, Option, Source
from harvester.walks import service_feed
from harvester.walks.timeline import asked_tags

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found

SITE = "https://qiita.com"
SHOWN = 4  # entries in the shortest feeds; a wrong number only changes when a gap is told
GONE = [404, 410]


class QiitaFeeds(Source):
    """A feed for each tag, organisation and known account."""

    name = "qiita_feeds"
    label = "Qiita articles by tag and author on the day they appear (feeds; no key needed)"
    contributes = "participants' articles when the API's requests of the hour are used up"
    policy = "feed"
    platforms = ("qiita",)
    late = 1
    fed_by = "accounts in the event file, and authors that other sources found"
    horizon_days = 30
    nothing = "nothing to read: no hashtags in the event file, and no account on Qiita is known"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "tags": Option(kind="texts", default=(), doc="More tags to read, besides the event's hashtags."),
        "users": Option(kind="texts", default=(), doc="More accounts to read, besides those that are known."),
        "organisations": Option(kind="texts", default=(), doc="Organisations to read, by the name in their address."),
        "max_requests": Option(kind="whole number", default=60, doc="Requests in one crawl, one for each feed."),
    }  # fmt: skip
    asked = 0

    async def start(self) -> AsyncIterator[Found]:
        """Feeds of tags and organisations, then of as many accounts as there are requests for."""
        for tag in asked_tags(self.event, self.option("tags")).values():
            yield self.feed(f"/tags/{quote(tag, safe='')}/feed", f"#{tag}", tag)
        for name in self.option("organisations"):
            yield self.feed(f"/organizations/{quote(name.strip(), safe='')}/activities.atom", f"organisation {name}")
        known, most = (*self.option("users"), *self.known.handles("qiita")), self.option("max_requests")
        users, left = service_feed.in_turn(known, self.checkpoint, most - self.asked, self.now)
        for user in users:
            yield self.feed(f"/{quote(user, safe='')}/feed", f"@{user}")
        for note in service_feed.unread(left, most):
            yield note

    def feed(self, path: str, query: str, tag: str = "") -> Request:
        """A feed; a tag or account that has gone is an answer too."""
        self.asked += 1
        return self.get(f"{SITE}{path}", query=query, state=tag, handle_httpstatus_list=GONE)

    def parse(self, response: Response) -> Iterator[Found]:
        """The entries that name the event or stand in the feed of its tag."""
        query, tag = response.meta["query"], response.meta["state"] or ""
        if response.status in GONE:
            yield Note(query=query, reason="Qiita has no such tag, account or organisation")
            return
        feed = self.parsed(response)
        if feed.kind != "feed":
            self.refused(response, "a page answered instead of a feed", "not_a_feed")
        own = bool(tag) and self.about("", (tag,))
        cursor = self.checkpoint(query)
        asked = service_feed.Asked(query=query, now=self.now, cursor=cursor, tag=tag, own=own, full=SHOWN)
        kept, unsure = set[str](), 0
        for item in service_feed.found(feed, self.event, self.about, asked, response.url):
            if isinstance(item, Draft):
                kept.add(item.url)
                yield replace(item, author=DraftAuthor(), flags=(*item.flags, PARTIAL))  # the address tells the account
            elif isinstance(item, Link):
                unsure += item.url not in kept
            elif isinstance(item, Note) and item.returned is not None and unsure:
                told = f"left to the API: {unsure} entries of the time whose first words do not name the event"
                yield replace(item, reason="; ".join(filter(None, (item.reason, told))))
            else:
                yield item
