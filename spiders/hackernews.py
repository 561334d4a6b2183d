"""Hacker News through its documented search: what people submitted and said about the event, by its names and sites.

A submission is a link with its points and comments, and the act of who made it; a question or a comment that names
the event is kept as such. It starts after the other sources, because numbers belong to posts that are stored. Hits
come newest first; a search shows 1000 at most, before that it begins anew from the oldest hit that was met.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from harvester import urls
from harvester.contract import count, text
from harvester.payloads.hackernews import HITS, found_in, said_in
from harvester.source import Cursor, Option, Source
from harvester.walks import timeline

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found

PER_PAGE, WINDOW = 100, 1000  # hits of a page, and of a search


class HackerNews(Source):
    """A walk for each name, hashtag and official site."""

    name = "hackernews"
    label = "Hacker News submissions and comments by event name and site (Algolia search; no key needed)"
    contributes = "links with points and comments, and questions and comments that name the event"
    policy = "api"
    platforms = ("hackernews",)
    late = 2
    document = False
    contract = HITS
    nothing = "nothing new to ask for: the event's weeks have been read, or have not begun"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "queries": Option(
            kind="texts", default=(), minimum=1,
            doc="Words to search for, asked in place of the event's names, hashtags and sites.",
        ),
        "max_requests": Option(kind="whole number", default=30, doc="Requests in one crawl, 100 hits each."),
    }  # fmt: skip
    asked = 0

    async def start(self) -> AsyncIterator[Request]:
        """The newest hits of every question, or where an earlier walk was cut short."""
        for query, fields in self.questions().items():
            if walk := timeline.begin(self.event, self.now, self.checkpoint(query)):
                yield self.page(query, {"page": 0, **walk, "fields": fields})

    def questions(self) -> dict[str, dict[str, str]]:
        """What is asked: names as phrases, hashtags as words, and the addresses of the event's sites."""
        both = {"tags": "(story,comment)", "advancedSyntax": "true", "typoTolerance": "false"}
        if chosen := self.option("queries"):
            return {words: both | {"query": words} for words in chosen}
        found = {words: both | {"query": words} for words in timeline.asked_names(self.event)}
        found |= {f"#{tag}": both | {"query": f'"{tag}"'} for tag in timeline.asked_tags(self.event).values()}
        told = (*self.event.official_hosts, *map(urls.host_of, self.event.event_urls))
        only = {"tags": "story", "restrictSearchableAttributes": "url", "typoTolerance": "false"}
        return found | {f"url:{host}": only | {"query": host} for host in dict.fromkeys(filter(None, told))}

    def page(self, query: str, walk: timeline.Walk) -> Request:
        """The next page of a walk, from the moment on at which its hits end."""
        self.asked += 1
        first, last = (timeline.moment(walk[name]) for name in ("stop", "end"))
        window = (first.timestamp() if first else 0, walk["until"] or (last.timestamp() if last else 0))
        fields = {
            **walk["fields"], "numericFilters": "created_at_i>={:.0f},created_at_i<={:.0f}".format(*window),
            "hitsPerPage": PER_PAGE, "page": walk["page"],
        }  # fmt: skip
        return self.get(
            f"https://hn.algolia.com/api/v1/search_by_date?{urlencode(fields)}", self.parse_page, query=query,
            state=walk,
        )  # fmt: skip

    def parse_page(self, response: Response) -> Iterator[Found]:
        """The hits of a page, then the next page of the walk, its end, or why it stops here."""
        query, walk, answer = response.meta["query"], dict(response.meta["state"]), self.json(response)
        if not isinstance(answer, dict) or not isinstance(answer.get("hits"), list):
            self.refused(response, "no hits in the answer to a search", "bad_json")
        hits, drift = self.records(response, answer["hits"])
        yield from drift
        kept = [hit for hit in hits if self.is_ours(hit)]
        for hit in kept:
            yield from found_in(hit)
        walk["seen"] += len(hits)
        walk["other"] = walk.get("other", 0) + len(hits) - len(kept)
        total, reached = count(answer.get("nbHits")), (walk["page"] + 1) * PER_PAGE
        more, reason = bool(hits) and (len(answer["hits"]) >= PER_PAGE if total is None else total > reached), ""
        if more and reached < WINDOW:
            walk["page"] += 1
        elif more:
            oldest = count(hits[-1].get("created_at_i")) or 0
            reason = "" if oldest != walk["until"] else f"Hacker News shows {WINDOW} hits of one second at most"
            walk |= {"page": 0, "until": oldest}
        if more and not reason:
            reason = timeline.why_stop(None, 0, self.asked, self.option("max_requests"))
        left_out = f"left out: {walk['other']} about other things" if walk["other"] else ""
        note = timeline.note(query, walk | {"hidden": 0}, reason, total=total if not walk["until"] else None)
        yield replace(note, reason="; ".join(filter(None, (note.reason, left_out))))
        if reason:
            yield Cursor(query, timeline.cut(self.checkpoint(query), walk))
        elif more:
            yield self.page(query, walk)
        else:
            yield Cursor(query, timeline.ended(walk))

    def is_ours(self, hit: dict[str, Any]) -> bool:
        """Whether a hit names the event or is a page of it: words are found one by one, and parts of addresses."""
        pages = [page.rstrip("/").partition("://")[2] for page in self.event.event_urls]
        address = text(hit.get("url")).partition("://")[2]
        owned = any(f"{address}/".startswith(f"{page}/") for page in pages if page)
        return owned or bool(self.option("queries")) or self.about(said_in(hit))
