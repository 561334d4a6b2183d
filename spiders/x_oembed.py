"""X without a key: single posts whose addresses are known, through the oEmbed interface of publish.x.com.

It shows one post to anybody who asks for its address. Addresses of the event file become posts; posts that are stored
are asked for again, and what is not found on two different days is gone (that 404 means so is not documented: it is
believed only in a crawl in which another post was shown, or a closed interface would look like so many deletions).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from harvester.payloads.x import post_url
from harvester.payloads.x_oembed import ANSWER, draft_of, number_of
from harvester.source import Cursor, Note, Option, Refreshed, Source, Standing
from harvester.urls import canonical

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping
    from datetime import datetime

    from scrapy import Request
    from scrapy.http import Response

    from harvester.event import Event
    from harvester.source import Found

SERVICE = "https://publish.x.com/oembed"
STORED, LISTED = "posts that are stored", "posts in the event file"


class XOembed(Source):
    """One post a request: those of the event file once, those that are stored again and again."""

    name = "x_oembed"
    label = "single X posts by their addresses (oEmbed; no key needed)"
    contributes = "the words of X posts that are listed by address, and which stored X posts are gone"
    policy = "api"
    view = "page"
    platforms = ("x",)
    fed_by = "x"
    late = 2
    document = False
    contract = ANSWER
    nothing = "nothing to ask for: no X posts are known that are due"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "posts": Option(kind="texts", default=(), doc="Addresses of X posts to read, each once."),
        "max_requests": Option(kind="whole number", default=60, doc="Posts that one crawl asks for."),
    }

    def prepare(self, event: Event, now: datetime, cursor_of: Callable[[str], str], used: dict[str, float]) -> None:
        """Also: nothing has been shown yet."""
        super().prepare(event, now, cursor_of, used)
        self.shown: Counter[str] = Counter()
        self.refusing: Counter[str] = Counter()
        self.absent: list[tuple[str, str]] = []  # (key, address) of stored posts that were not found
        self.lost = 0  # of those, how many were believed

    async def start(self) -> AsyncIterator[Found]:
        """The posts of the event file, then those that are due.

        All that are listed: what is asked for once waits for its crawl, and later costs those that are due nothing.
        """
        most, listed = self.option("max_requests"), {number_of(url): url for url in self.option("posts")}
        if other := listed.pop("", ""):
            yield Note(query=LISTED, truncated=True, reason=f"{other} is no address of an X post")
        for url in listed.values():
            yield self.post(canonical(url), LISTED, "")
        for post in self.known.due(platforms=("x",), limit=most):
            if number_of(post.url) and number_of(post.url) not in listed:
                yield self.post(post.url, STORED, post.key)

    def post(self, url: str, query: str, key: str) -> Request:
        """A request for one post; `key` is that of a stored one, of which no copy is kept: it is asked for today's."""
        asked = urlencode({"url": url, "omit_script": "1", "dnt": "true"})
        how: dict[str, Any] = {"dont_cache": True} if key else {"each_run": False}
        state = {"key": key, "url": url}
        return self.get(f"{SERVICE}?{asked}", query=query, state=state, handle_httpstatus_list=[403, 404], **how)

    def parse(self, response: Response) -> Iterator[Found]:
        """The post, or that it is not there."""
        query, key, url = response.meta["query"], response.meta["state"]["key"], response.meta["state"]["url"]
        if response.status == 200:
            (record, *_), drift = self.records(response, [self.json(response)])
            yield from drift
            draft = draft_of(record)
            if draft is None or draft.native_id != number_of(url):
                self.refused(response, "no post, or another one than was asked for", "bad_json")
            self.shown[query] += 1
            if key and self.checkpoint(mark_of(url)):
                yield Cursor(mark_of(url), "")
            yield Refreshed((key,)) if key else draft
        elif response.status == 404 and key:
            self.absent.append((key, url))
        else:  # 403: of an account that shows its posts to some only, which says nothing of the post itself
            self.refusing[query] += 1
            if key:
                yield Refreshed((key,))
        if self.shown.total():
            yield from self.missing()
        yield self.told(query)

    def missing(self) -> Iterator[Found]:
        """What was not found, now that another post was shown: gone if it was not there on an earlier day either."""
        today = f"{self.now:%Y-%m-%d}"
        for key, url in self.absent:
            first = self.checkpoint(mark_of(url))
            self.lost += 1
            if first and first < today:
                yield Standing(key=key, gone="not found")
            elif not first:
                yield Cursor(mark_of(url), today)
        self.absent.clear()

    def told(self, query: str) -> Note:
        """How many posts were shown, and why not all."""
        reasons = [f"{self.refusing[query]} not shown to guests or not found"] if self.refusing[query] else []
        if query == STORED and self.lost:
            reasons.append(f"{self.lost} not found; gone when they are not found on another day either")
        if query == STORED and self.absent:
            reasons.append(f"{len(self.absent)} not found, which is not believed while no post is shown")
        return Note(query=query, returned=self.shown[query] or None, reason="; ".join(reasons))


def mark_of(url: str) -> str:
    """The question after a post's absence, by its address so that an erasure finds it."""
    return post_url(number_of(url))
