"""What the slide services have in common: feeds of accounts, and oEmbed answers about single decks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from harvester.payloads import decks
from harvester.source import Cursor, Option, Refreshed, Source
from harvester.walks import feed_gaps, service_feed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.model import Draft, Parsed
    from harvester.source import Found


class DeckSource(Source):
    """Base of the sources of slides.

    oembed     the address of the oEmbed interface        embed_fields   its parameters besides the deck's address
    not_there  statuses that say that there is no such account or deck: answers, and no errors
    keeps_player  whether a deck is known by its player's address, which outlives its own
    """

    policy = "feed"
    late = 1
    oembed: ClassVar[str]
    embed_fields: ClassVar[Mapping[str, str]] = {}
    not_there: ClassVar[list[int]] = [404, 410]
    keeps_player: ClassVar[bool] = True
    option_specs: ClassVar[Mapping[str, Option]] = {
        "users": Option(kind="texts", default=(), doc="More accounts to read, besides those that are known."),
        "decks": Option(kind="texts", default=(), doc="Addresses of decks that are about the event."),
        "max_requests": Option(kind="whole number", default=200, doc="Requests in one crawl."),
    }
    asked = 0

    def turn(self, *accounts: Iterable[str]) -> list[str]:
        """Account names in the order in which they are read; where they are too many they take turns, day by day."""
        names, most = decks.accounts(*accounts), self.option("max_requests")
        chosen, left = service_feed.in_turn(names, self.checkpoint, most, self.now, named="{}")
        return chosen + [name for name in names if left and name not in chosen]

    def within(self, todo: list[Request]) -> Iterator[Found]:
        """The requests that `max_requests` allows, and what is told of the others."""
        most = self.option("max_requests")
        self.asked = len(todo[:most])
        yield from todo[:most]
        yield from decks.waiting(todo, most)

    def embed(self, url: str, key: str = "", **known: str) -> Request:
        """What a deck is, asked for once; `known` is what its feed said and oEmbed does not."""
        fields = urlencode({"url": url, **self.embed_fields})
        state: dict[str, Any] = {"url": url, "key": key, **known}
        return self.get(
            f"{self.oembed}?{fields}", self.parse_embed, query="oembed", state=state, each_run=False, document=False,
            handle_httpstatus_list=self.not_there,
        )  # fmt: skip

    def naming(self, found: Parsed) -> list[Draft]:
        """The decks of a feed that name the event."""
        return [d for d in found.drafts if d.url and self.about(f"{d.title}\n{d.text}", d.hashtags)]

    def read(self, user: str, found: Parsed, kept: Iterable[Draft]) -> Iterator[Found]:
        """What is told of an account's feed and remembered for the next reading."""
        left = len(found.drafts) - len(list(kept))
        yield from feed_gaps.reading(self.event, self.now, user, self.checkpoint(user), found.drafts, left=left)

    def parse_embed(self, response: Response) -> Iterator[Found]:
        """One deck; a private or removed one is an answer too."""
        state = response.meta["state"]
        if state["key"]:
            yield Refreshed((state["key"],))
        if response.status in self.not_there:
            return
        draft = decks.from_oembed(state["url"], self.json(response))
        if draft is None:
            self.refused(response, "no deck in the answer", "bad_json")
        yield decks.with_feed(draft, state, player=self.keeps_player)
        if self.keeps_player and draft.canonical_url:
            yield Cursor(state["url"], draft.canonical_url)
