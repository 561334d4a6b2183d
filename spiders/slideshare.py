"""SlideShare: what its oEmbed answers say of decks that others linked to. It offers little else today.

Keys for its interface are no longer given out. Whether its feeds of accounts still exist nobody has seen lately, so
they are asked for only when the event file says so; one that is not there is told as that, not as an empty one.
"""

from __future__ import annotations

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

SITE = "https://www.slideshare.net"
NOT_THERE = [401, 404, 410]  # 401 is what oEmbed has for a private one


class SlideShare(Source):
    """An oEmbed question for each deck that is known; feeds of accounts when asked to."""

    name = "slideshare"
    label = "SlideShare decks that others linked to (oEmbed; no key needed)"
    contributes = "title and author of slides; not the day, which it does not tell"
    policy = "feed"
    view = "record"  # of its own decks: only it knows a player's address
    platforms = ("slideshare",)
    late = 1
    fed_by = "decks and accounts in the event file, and decks that other sources found"
    nothing = "nothing to ask for: no deck on SlideShare is known, or all have been asked about"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "decks": Option(kind="texts", default=(), doc="Addresses of decks that are about the event."),
        "users": Option(kind="texts", default=(), doc="More accounts to read when `feeds` is true."),
        "feeds": Option(
            kind="yes/no", default=False,
            doc="`true` also reads the feeds of known accounts, an old interface that may be gone.",
        ),
        "max_requests": Option(kind="whole number", default=200, doc="Requests in one crawl."),
    }  # fmt: skip

    async def start(self) -> AsyncIterator[Found]:
        """Every deck; every account's feed when the event file wants it."""
        known = {post.url: post.key for post in self.known.due(platforms=("slideshare",)) if post.kind == "slides"}
        asked = dict.fromkeys((*self.option("decks"), *known))
        todo = [self.embed(url, known.get(url, "")) for url in asked if not self.checkpoint(url)]
        users = (*self.option("users"), *self.known.handles("slideshare")) if self.option("feeds") else ()
        todo += [
            self.get(f"{SITE}/rss/user/{quote(user)}", query=user, handle_httpstatus_list=NOT_THERE)
            for user in decks.in_turn(decks.accounts(users), self.checkpoint)
        ]
        most = self.option("max_requests")
        for request in todo[:most]:
            yield request
        for note in decks.waiting(todo, most):
            yield note

    def embed(self, url: str, key: str) -> Request:
        """What a deck is, asked for once."""
        state: dict[str, Any] = {"url": url, "key": key}
        return self.get(
            f"{SITE}/api/oembed/2?{urlencode({'url': url, 'format': 'json'})}", self.parse_embed, query="oembed",
            state=state, each_run=False, document=False, handle_httpstatus_list=NOT_THERE,
        )  # fmt: skip

    def parse(self, response: Response) -> Iterator[Found]:
        """The decks of an account that name the event; whatever is no feed leaves the account unread, not empty."""
        user = response.meta["query"]
        found = self.parsed(response) if response.status == 200 else None
        if found is None or found.kind != "feed":
            why = "SlideShare has no feed of this account (any more): nothing is known of its decks"
            yield Note(query=user, truncated=True, reason=why)
            return
        kept = [d for d in found.drafts if d.url and self.about(f"{d.title}\n{d.text}", d.hashtags)]
        yield from (decks.from_feed(draft, f"{SITE}/{user}", self.checkpoint(draft.url)) for draft in kept)
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
        yield draft
        if draft.canonical_url:
            yield Cursor(state["url"], draft.canonical_url)
