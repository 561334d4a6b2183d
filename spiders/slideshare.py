"""SlideShare: what its oEmbed answers say of decks that others linked to. It offers little else today.

Keys for its interface are no longer given out. Whether its feeds of accounts still exist nobody has seen lately, so
they are asked for only when the event file says so; one that is not there is told as that, not as an empty one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

from harvester.deck_source import DeckSource
from harvester.payloads import decks
from harvester.source import Note, Option

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy.http import Response

    from harvester.source import Found

SITE = "https://www.slideshare.net"


class SlideShare(DeckSource):
    """An oEmbed question for each deck that is known; feeds of accounts when asked to."""

    name = "slideshare"
    label = "SlideShare decks that others linked to (oEmbed; no key needed)"
    contributes = "title and author of slides; not the day, which it does not tell"
    view = "record"  # of its own decks: only it knows a player's address
    platforms = ("slideshare",)
    fed_by = "decks and accounts in the event file, and decks that other sources found"
    nothing = "nothing to ask for: no deck on SlideShare is known, or all have been asked about"
    oembed = f"{SITE}/api/oembed/2"
    embed_fields = {"format": "json"}  # noqa: RUF012 - declared in the base
    not_there = [401, 404, 410]  # noqa: RUF012 - 401 is what oEmbed has for a private one
    option_specs: ClassVar[Mapping[str, Option]] = {
        "decks": DeckSource.option_specs["decks"],
        "users": Option(kind="texts", default=(), doc="More accounts to read when `feeds` is true."),
        "feeds": Option(
            kind="yes/no", default=False,
            doc="`true` also reads the feeds of known accounts, an old interface that may be gone.",
        ),
        "max_requests": DeckSource.option_specs["max_requests"],
    }  # fmt: skip

    async def start(self) -> AsyncIterator[Found]:
        """Every deck; every account's feed when the event file wants it."""
        known = {post.url: post.key for post in self.known.due(platforms=("slideshare",)) if post.kind == "slides"}
        asked = dict.fromkeys((*self.option("decks"), *known))
        todo = [self.embed(url, known.get(url, "")) for url in asked if not self.checkpoint(url)]
        users = (*self.option("users"), *self.known.handles("slideshare")) if self.option("feeds") else ()
        todo += [
            self.get(f"{SITE}/rss/user/{quote(user)}", query=user, handle_httpstatus_list=self.not_there)
            for user in self.turn(users)
        ]
        for item in self.within(todo):
            yield item

    def parse(self, response: Response) -> Iterator[Found]:
        """The decks of an account that name the event; whatever is no feed leaves the account unread, not empty."""
        user = response.meta["query"]
        found = self.parsed(response) if response.status == 200 else None
        if found is None or found.kind != "feed":
            why = "SlideShare has no feed of this account (any more): nothing is known of its decks"
            yield Note(query=user, truncated=True, reason=why)
            return
        kept = self.naming(found)
        yield from (decks.from_feed(draft, f"{SITE}/{user}", self.checkpoint(draft.url)) for draft in kept)
        yield from self.read(user, found, kept)
