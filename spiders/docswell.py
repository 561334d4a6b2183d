"""Docswell: the feeds of people's accounts, and what its oEmbed answers say of a deck that others linked to.

A deck's identity is the short number in its address, whatever follows it. Neither feeds nor oEmbed tell views.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlencode

from harvester.payloads import decks
from harvester.source import Note, Option, Refreshed, Source
from harvester.walks import feed_gaps

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found

SITE = "https://www.docswell.com"
NOT_THERE = [404, 410]


class Docswell(Source):
    """A feed for each account, an oEmbed question for each deck that is not from a feed."""

    name = "docswell"
    label = "Docswell slides of known accounts (feeds and oEmbed; no key needed)"
    contributes = "slides of talks, with title, author and day"
    policy = "feed"
    platforms = ("docswell",)
    late = 1
    fed_by = "accounts in the event file, and authors that other sources found"
    nothing = "nothing to ask for: no account and no deck on Docswell is known"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "users": Option(kind="texts", default=(), doc="More accounts to read, besides those that are known."),
        "decks": Option(kind="texts", default=(), doc="Addresses of decks that are about the event."),
        "max_requests": Option(kind="whole number", default=200, doc="Requests in one crawl."),
    }  # fmt: skip

    async def start(self) -> AsyncIterator[Found]:
        """Every account's feed; decks that are known by their address only."""
        users = decks.in_turn(decks.accounts(self.option("users"), self.known.handles("docswell")), self.checkpoint)
        todo = [
            self.get(f"{SITE}/user/{quote(user)}/feed", query=user, handle_httpstatus_list=NOT_THERE) for user in users
        ]
        known = {post.url: post.key for post in self.known.due(platforms=("docswell",)) if not post.handle}
        todo += [self.embed(url, known.get(url, "")) for url in dict.fromkeys((*self.option("decks"), *known))]
        most = self.option("max_requests")
        for request in todo[:most]:
            yield request
        for note in decks.waiting(todo, most):
            yield note

    def embed(self, url: str, key: str) -> Request:
        """What a deck is, asked for once."""
        state: dict[str, Any] = {"url": url, "key": key}
        return self.get(
            f"{SITE}/service/oembed?{urlencode({'url': url, 'format': 'json'})}", self.parse_embed, query="oembed",
            state=state, each_run=False, document=False, handle_httpstatus_list=NOT_THERE,
        )  # fmt: skip

    def parse(self, response: Response) -> Iterator[Found]:
        """The decks of an account that name the event."""
        user = response.meta["query"]
        if response.status in NOT_THERE:
            yield Note(query=user, reason="Docswell shows no such account")
            return
        found = self.parsed(response)
        if found.kind != "feed":
            self.refused(response, "a page answered instead of the feed of an account", "not_a_feed")
        kept = [d for d in found.drafts if d.url and self.about(f"{d.title}\n{d.text}", d.hashtags)]
        yield from (decks.from_feed(draft, f"{SITE}/user/{user}") for draft in kept)
        left = len(found.drafts) - len(kept)
        yield from feed_gaps.reading(self.event, self.now, user, self.checkpoint(user), found.drafts, left=left)

    def parse_embed(self, response: Response) -> Iterator[Found]:
        """One deck; a private or removed one is an answer too."""
        state = response.meta["state"]
        if state["key"]:
            yield Refreshed((state["key"],))
        if response.status in NOT_THERE:
            return
        draft = decks.from_oembed(state["url"], self.json(response))
        if draft is None:
            self.refused(response, "no deck in the answer", "bad_json")
        yield replace(draft, canonical_url="")  # its number in the address stays, whatever follows it
