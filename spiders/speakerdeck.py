"""Speaker Deck: the feeds of people's accounts, and what its oEmbed answers say of a deck.

A deck's address changes with its title; its player's does not, and only oEmbed tells it. It is asked for once, kept
in a cursor, and given to the deck as its canonical address, so that two addresses of one deck are found to be one.
Views and stars stand on its pages only and are not read.
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

SITE = "https://speakerdeck.com"


class SpeakerDeck(DeckSource):
    """A feed for each account, an oEmbed question for each deck."""

    name = "speakerdeck"
    label = "Speaker Deck slides of known accounts (feeds and oEmbed; no key needed)"
    contributes = "slides of talks, with title, author and day"
    view = "record"  # of its own decks: only it knows a player's address
    platforms = ("speakerdeck",)
    fed_by = "accounts in the event file, and authors that other sources found"
    nothing = "nothing to ask for: no account and no deck on Speaker Deck is known"
    oembed = f"{SITE}/oembed.json"

    async def start(self) -> AsyncIterator[Found]:
        """Every account's feed; decks whose player is not known yet and that no feed is about to show us."""
        users = self.turn(self.option("users"), self.known.handles("speakerdeck"))
        todo = [
            self.get(f"{SITE}/{quote(user)}.atom", query=user, handle_httpstatus_list=self.not_there) for user in users
        ]
        new = {user.lower() for user in users if not self.checkpoint(user)}
        due = (post for post in self.known.due(platforms=("speakerdeck",)) if post.kind == "slides")
        known = {post.url: post.key for post in due if post.handle not in new}
        asked = dict.fromkeys((*self.option("decks"), *known))
        todo += [self.embed(url, known.get(url, "")) for url in asked if not self.checkpoint(url)]
        for item in self.within(todo):
            yield item

    def free(self) -> bool:
        """Whether one more request may be made in this crawl, which is then counted."""
        self.asked += 1
        return bool(self.asked <= self.option("max_requests"))

    def parse(self, response: Response) -> Iterator[Found]:
        """The decks of an account that name the event; those that are new are asked about."""
        user = response.meta["query"]
        if response.status in self.not_there:
            yield Note(query=user, reason="Speaker Deck shows no such account")
            return
        found = self.parsed(response)
        if found.kind != "feed":
            self.refused(response, "a page answered instead of the feed of an account", "not_a_feed")
        kept = self.naming(found)
        for draft in kept:
            player = self.checkpoint(draft.url)
            yield decks.from_feed(draft, f"{SITE}/{user}", player)
            if not player and self.free():
                yield self.embed(draft.url, text=draft.text, language=draft.language)
        yield from self.read(user, found, kept)
