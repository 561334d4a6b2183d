"""Advent Calendars of Qiita and Adventar, in which people of one subject promise an article for each day of December.

Read are the feeds that both offer. A slot that points elsewhere is a participant's blog, and a page to follow. One
that points to Qiita is asked for at Qiita's interface, because Qiita does not want its pages to be crawled.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from harvester.model import Link
from harvester.payloads.qiita import ARTICLES, draft_of
from harvester.source import Cursor, Note, Option, Source

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found

QIITA = "https://qiita.com"
_FORMS = (
    (re.compile(r"https?://qiita\.com(/advent-calendar/\d{4}/[\w-]+)"), QIITA + "{}/feed"),
    (re.compile(r"https?://(?:www\.)?adventar\.org(/calendars/\d+)"), "https://adventar.org{}.rss"),
)
_ARTICLE = re.compile(r"https?://qiita\.com/[^/]+/items/([0-9a-f]{20})")
_HOSTS = frozenset({"qiita.com", "adventar.org", "www.adventar.org"})
CLOSED = [400, 404, 410]  # Adventar answers 400 for a calendar of a past year


class Calendars(Source):
    """The calendars of the option and those among the event's pages, in every run: slots fill day by day."""

    name = "calendars"
    label = "Advent Calendars of Qiita and Adventar (feeds; no key needed)"
    contributes = "participants' blogs and articles that were promised for a day of December"
    optional_keys = ("QIITA_TOKEN",)
    key_from = "qiita.com, Settings, Applications: a personal token with the scope read_qiita; free"
    origins = (QIITA,)
    policy = "feed"
    platforms = ("qiita",)
    fed_by = "the pages of the event file"
    contract = ARTICLES
    nothing = "nothing to read: no Advent Calendar among the event's pages, and none in the option calendars"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "calendars": Option(kind="texts", default=(), doc="Addresses of calendars on qiita.com and adventar.org."),
        "articles": Option(kind="whole number", default=10, doc="Slots on Qiita that are asked for in one crawl."),
    }  # fmt: skip
    asked = 0

    async def start(self) -> AsyncIterator[Found]:
        """The feed of every calendar, each once."""
        seen = set()
        for url in self.option("calendars"):
            if not feed_of(url):
                why = "no Advent Calendar of qiita.com or adventar.org; correct the option calendars"
                yield Note(query=url, truncated=True, reason=why)
        for url in (*self.option("calendars"), *self.event.pages):
            feed = feed_of(url)
            if feed and feed not in seen:
                seen.add(feed)
                yield self.get(feed, query=url, handle_httpstatus_list=CLOSED)

    def authorize(self, request: Request) -> Request:
        """Qiita's interface takes more questions with a personal token; its feeds take none."""
        if (token := self.secret("QIITA_TOKEN")) and urlsplit(request.url).path.startswith("/api/"):
            request.headers["Authorization"] = f"Bearer {token}"
        return request

    def parse(self, response: Response) -> Iterator[Found]:
        """The slots of a calendar: articles on Qiita to ask for, and pages elsewhere to follow."""
        query = response.meta["query"]
        if response.status in CLOSED:
            why = "no such calendar, or one of a past year, which Adventar shows in no feed"
            yield Note(query=query, truncated=True, reason=f"HTTP {response.status}: {why}")
            return
        feed = self.parsed(response)
        if feed.kind != "feed":
            self.refused(response, "a page answered instead of the calendar's feed", "not_a_feed")
        slots = {draft.url: draft.title for draft in feed.drafts if draft.url}
        articles = dict.fromkeys(match[1] for url in slots if (match := _ARTICLE.match(url)))
        elsewhere = {url: title for url, title in slots.items() if urlsplit(url).hostname not in _HOSTS}
        for url, title in elsewhere.items():
            yield Link(url=url, found_on=response.url, text=title)
        known = dict.fromkeys(self.checkpoint(query).split())
        for article in (each for each in articles if each not in known):
            if self.asked < self.option("articles"):
                self.asked += 1
                known[article] = None
                yield self.get(
                    f"{QIITA}/api/v2/items/{article}", self.parse_article, query=query, each_run=False, document=False,
                    policy="api", handle_httpstatus_list=[404],
                )  # fmt: skip
        if known:
            yield Cursor(query, " ".join(known))
        waiting = sum(article not in known for article in articles)
        told = f"{len(articles) + len(elsewhere)} of {len(feed.drafts)} filled slots point to an article"
        later = f"; {waiting} on Qiita are asked for in a later crawl" if waiting else ""
        yield Note(query=query, returned=len(feed.drafts), truncated=bool(waiting), reason=told + later)

    def parse_article(self, response: Response) -> Iterator[Found]:
        """The article of a slot; one that was taken away is none."""
        if response.status == 200:
            articles, drift = self.records(response, [self.json(response)])
            yield from drift
            yield from map(draft_of, articles)


def feed_of(url: str) -> str:
    """The feed of the calendar at an address, "" when it is no calendar's."""
    found = ((form, pattern.match(url.strip())) for pattern, form in _FORMS)
    return next((form.format(match[1]) for form, match in found if match), "")
