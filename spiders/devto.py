"""dev.to through the documented API of Forem: articles by tag and by account, with reactions and comments.

A tag's articles come by popularity and no question takes a date, so a tag is read to its end and what is of another
time is left out; an account's come newest first and are read back to the event. `canonical_url` names the original of
an article that stands elsewhere too: both are one story.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from harvester.model import Link
from harvester.payloads.devto import ARTICLES, draft_of
from harvester.source import Cursor, Note, Option, Source
from harvester.walks import service_feed
from harvester.walks.timeline import AROUND, LEAD, around, asked_tags, iso, moment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found

ACCEPT = {"Accept": "application/vnd.forem.api-v1+json"}
PER_PAGE = 100
LEAST_PAGE = 30  # a site may hand out fewer than asked for; a page with fewer than its default is the last
REFRESH = timedelta(days=30)  # younger articles are asked for again: their reactions come with the list


class DevTo(Source):
    """A question for each tag and each account; on request also for all that is new."""

    name = "devto"
    label = "dev.to articles by tag and account (Forem API v1; no key needed)"
    contributes = "participants' articles with reactions and comments, and where their originals are"
    policy = "api"
    platforms = ("devto",)
    late = 1
    fed_by = "accounts in the event file, and authors that other sources found"
    document = False
    contract = ARTICLES
    option_specs: ClassVar[Mapping[str, Option]] = {
        "tags": Option(kind="texts", default=(), doc="More tags to read, besides the event's hashtags."),
        "users": Option(kind="texts", default=(), doc="More accounts and organisations to read, besides those known."),
        "latest": Option(kind="yes/no", default=False, doc="`true` also reads all that is new, hundreds a day."),
        "max_requests": Option(
            kind="whole number", default=50, doc="Requests in one crawl, for a list of 100 titles or one text each.",
        ),
    }  # fmt: skip
    asked = unread = 0

    async def start(self) -> AsyncIterator[Request]:
        """The first page of every question."""
        tags = {re.sub(r"[\W_]+", "", tag): None for tag in asked_tags(self.event, self.option("tags"))}
        for tag in filter(None, tags):
            yield self.page(f"#{tag}", {"given": {"tag": tag}, "page": 1, "seen": 0, "left": 0})
        if self.option("latest") and self.event.starts - LEAD <= self.now <= self.ends:
            yield self.page("latest", {"given": {}, "page": 1, "seen": 0, "left": 0})
        known, room = (*self.option("users"), *self.known.handles("devto")), self.option("max_requests") - self.asked
        accounts, self.unread = service_feed.in_turn(known, self.checkpoint, room, self.now)
        for user in accounts:
            yield self.page(f"@{user}", {"given": {"username": user}, "page": 1, "seen": 0, "left": 0})

    @property
    def ends(self) -> Any:
        """When nothing more about the event is looked for among what is new."""
        return self.event.ends + AROUND

    def spent(self) -> bool:
        """Whether this crawl has made all the requests it may."""
        return bool(self.asked >= self.option("max_requests"))

    def page(self, query: str, state: dict[str, Any]) -> Request:
        """One page of a question."""
        self.asked += 1
        fields = urlencode(state["given"] | {"per_page": PER_PAGE, "page": state["page"]})
        url = f"https://dev.to/api/articles{'' if state['given'] else '/latest'}?{fields}"
        return self.get(url, self.parse_page, query=query, state=state, headers=ACCEPT)

    def parse_page(self, response: Response) -> Iterator[Found]:
        """The articles that belong to the event, then the next page or the end of the question."""
        query, state, items = response.meta["query"], dict(response.meta["state"]), self.json(response)
        if not isinstance(items, list):
            self.refused(response, "no list of articles", "bad_json")
        articles, drift = self.records(response, items)
        yield from drift
        by_tag = state["given"].get("tag", "")
        since = "" if by_tag else self.since(query)
        kept = [item for item in articles if self.keeps(item, by_tag)]
        for item in kept:
            yield from self.article(item, query)
        dates = (moment(item.get("published_at")) for item in articles)
        over = len(items) < LEAST_PAGE or any(at is not None and iso(at) < since for at in dates)
        seen, left = state["seen"] + len(items), state["left"] + len(articles) - len(kept)
        state |= {"seen": seen, "left": left, "page": state["page"] + 1}
        cut = not over and self.spent()
        reasons = [f"request budget of {self.option('max_requests')} used up"] if cut else []
        reasons += [f"left out: {state['left']} articles about other things"] if state["left"] else []
        yield Note(query=query, returned=state["seen"], truncated=cut, window_start=since, reason="; ".join(reasons))
        yield from service_feed.unread(self.unread, self.option("max_requests"))
        if over and not by_tag:
            yield Cursor(query, iso(self.now - timedelta(days=1)))
        elif not over and not cut:
            yield self.page(query, state)

    def since(self, query: str) -> str:
        """How far back an account or all that is new is read; of an account, also what is young enough to change."""
        first = iso(self.event.starts - LEAD)
        mark = self.checkpoint(query) or first
        return max(first, mark if query == "latest" else min(mark, iso(self.now - REFRESH)))

    def keeps(self, item: dict[str, Any], tag: str) -> bool:
        """Whether an article's title or beginning names the event, or it bears its tag around its time."""
        draft = draft_of(item)
        if self.about(f"{draft.title}\n{item.get('description')}"):
            return True
        return self.about("", (tag, *draft.hashtags)) and around(self.event, moment(draft.published))

    def article(self, item: dict[str, Any], query: str) -> Iterator[Found]:
        """An article of a list, the request for its text (once for ever), and the page that is its original.

        Texts are not counted here, or those of earlier crawls would end the walks of this one. They come after the
        lists; one that this crawl has no request left for waits for the next.
        """
        draft = draft_of(item)
        yield draft
        url = f"https://dev.to/api/articles/{item['id']}"
        yield self.get(url, self.parse_article, query=query, headers=ACCEPT, each_run=False, priority=-1)
        if draft.canonical_url != draft.url:
            yield Link(url=draft.canonical_url, found_on=draft.url, text=draft.title)

    def parse_article(self, response: Response) -> Iterator[Found]:
        """An article with its text."""
        item = self.json(response)
        if not isinstance(item, dict) or ARTICLES.missing(item):
            self.refused(response, "no article", "bad_json")
        yield draft_of(item)
