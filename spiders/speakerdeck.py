"""Speaker Deck: the feeds of people's accounts, and what its oEmbed answers say of a deck.

A deck's address changes with its title; its player's does not, and only oEmbed tells it. It is asked for once, kept
in a cursor, and given to the deck as its canonical address, so that two addresses of one deck are found to be one.
Views and stars stand on its pages only and are not read.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlencode

from harvester.payloads import decks
from harvester.source import Cursor, Note, Option, Refreshed, Source
from harvester.walks import feed_gaps

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found

SITE = "https://speakerdeck.com"
NOT_THERE = [404, 410]


class SpeakerDeck(Source):
    """A feed for each account, an oEmbed question for each deck."""

    name = "speakerdeck"
    label = "Speaker Deck slides of known accounts (feeds and oEmbed; no key needed)"
    contributes = "slides of talks, with title, author and day"
    policy = "feed"
    view = "record"  # of its own decks: only it knows a player's address
    platforms = ("speakerdeck",)
    late = 1
    fed_by = "accounts in the event file, and authors that other sources found"
    nothing = "nothing to ask for: no account and no deck on Speaker Deck is known"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "users": Option(kind="texts", default=(), doc="More accounts to read, besides those that are known."),
        "decks": Option(kind="texts", default=(), doc="Addresses of decks that are about the event."),
        "max_requests": Option(kind="whole number", default=200, doc="Requests in one crawl."),
    }  # fmt: skip
    asked = 0

    async def start(self) -> AsyncIterator[Found]:
        """Every account's feed; decks whose player is not known yet and that no feed is about to show us."""
        users = decks.in_turn(decks.accounts(self.option("users"), self.known.handles("speakerdeck")), self.checkpoint)
        todo = [self.get(f"{SITE}/{quote(user)}.atom", query=user, handle_httpstatus_list=NOT_THERE) for user in users]
        new = {user.lower() for user in users if not self.checkpoint(user)}
        due = (post for post in self.known.due(platforms=("speakerdeck",)) if post.kind == "slides")
        known = {post.url: post.key for post in due if post.handle not in new}
        asked = dict.fromkeys((*self.option("decks"), *known))
        todo += [self.embed(url, known.get(url, "")) for url in asked if not self.checkpoint(url)]
        most = self.option("max_requests")
        self.asked = len(todo[:most])
        for request in todo[:most]:
            yield request
        for note in decks.waiting(todo, most):
            yield note

    def free(self) -> bool:
        """Whether one more request may be made in this crawl, which is then counted."""
        self.asked += 1
        return bool(self.asked <= self.option("max_requests"))

    def embed(self, url: str, key: str = "", **known: str) -> Request:
        """What a deck is, asked for once; `known` is what its feed said and oEmbed does not."""
        state: dict[str, Any] = {"url": url, "key": key, **known}
        return self.get(
            f"{SITE}/oembed.json?{urlencode({'url': url})}", self.parse_embed, query="oembed", state=state,
            each_run=False, document=False, handle_httpstatus_list=NOT_THERE,
        )  # fmt: skip

    def parse(self, response: Response) -> Iterator[Found]:
        """The decks of an account that name the event; those that are new are asked about."""
        user = response.meta["query"]
        if response.status in NOT_THERE:
            yield Note(query=user, reason="Speaker Deck shows no such account")
            return
        found = self.parsed(response)
        if found.kind != "feed":
            self.refused(response, "a page answered instead of the feed of an account", "not_a_feed")
        kept = [d for d in found.drafts if d.url and self.about(f"{d.title}\n{d.text}", d.hashtags)]
        for draft in kept:
            player = self.checkpoint(draft.url)
            yield decks.from_feed(draft, f"{SITE}/{user}", player)
            if not player and self.free():
                yield self.embed(draft.url, text=draft.text, language=draft.language)
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
        yield replace(draft, text=state.get("text", ""), language=state.get("language", ""))
        if draft.canonical_url:
            yield Cursor(state["url"], draft.canonical_url)
