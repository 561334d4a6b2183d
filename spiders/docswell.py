"""Docswell: the feeds of people's accounts, and what its oEmbed answers say of a deck that others linked to.

A deck's identity is the short number in its address, whatever follows it. Neither feeds nor oEmbed tell views.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from harvester.deck_source import DeckSource
from harvester.payloads import decks
from harvester.source import Note

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.http import Response

    from harvester.source import Found

SITE = "https://www.docswell.com"


class Docswell(DeckSource):
    """A feed for each account, an oEmbed question for each deck that is not from a feed."""

    name = "docswell"
    label = "Docswell slides of known accounts (feeds and oEmbed; no key needed)"
    contributes = "slides of talks, with title, author and day"
    platforms = ("docswell",)
    fed_by = "accounts in the event file, and authors that other sources found"
    nothing = "nothing to ask for: no account and no deck on Docswell is known"
    oembed = f"{SITE}/service/oembed"
    embed_fields = {"format": "json"}  # noqa: RUF012 - declared in the base
    keeps_player = False  # the number in its address stays, whatever follows it

    async def start(self) -> AsyncIterator[Found]:
        """Every account's feed; decks that are known by their address only."""
        users = self.turn(self.option("users"), self.known.handles("docswell"))
        todo = [
            self.get(f"{SITE}/user/{quote(user)}/feed", query=user, handle_httpstatus_list=self.not_there)
            for user in users
        ]
        known = {post.url: post.key for post in self.known.due(platforms=("docswell",)) if not post.handle}
        todo += [self.embed(url, known.get(url, "")) for url in dict.fromkeys((*self.option("decks"), *known))]
        for item in self.within(todo):
            yield item

    def parse(self, response: Response) -> Iterator[Found]:
        """The decks of an account that name the event."""
        user = response.meta["query"]
        if response.status in self.not_there:
            yield Note(query=user, reason="Docswell shows no such account")
            return
        found = self.parsed(response)
        if found.kind != "feed":
            self.refused(response, "a page answered instead of the feed of an account", "not_a_feed")
        kept = self.naming(found)
        yield from (decks.from_feed(draft, f"{SITE}/user/{user}") for draft in kept)
        yield from self.read(user, found, kept)
