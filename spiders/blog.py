"""Pages behind links that others found, and the pages of the event file that collect them.

An article is a draft whatever it is about: something relevant pointed to it, and the judgement with its reasons is
made later. A page that lists articles gives their addresses: one of the event file all of them and never itself,
another one only when it names the event. A list of the event file is followed to its older pages. The crawl decides
how deep and how many.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from harvester.addresses import is_single
from harvester.model import Link
from harvester.source import Note, Option, Source
from harvester.walks.feed_pages import is_of_comments

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found

WRITING = 100  # characters for each link: below, a page points at things more than it tells


class Blog(Source):
    """`[crawl]` of the event file says how deep and how many."""

    name = "blog"
    label = "pages behind found links, and the start pages of the event file"
    contributes = "the articles that posts, feeds and lists point to, with author and date"
    policy = "page"
    follows = True
    nothing = "nothing to follow: no start pages in the event file, and no links found"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "list_pages": Option(
            kind="whole number", default=5, minimum=1, doc="Pages of one list of the event file in one crawl."
        ),
    }

    async def start(self) -> AsyncIterator[Request]:
        """The start pages, read in every run: lists grow."""
        for url in self.event.pages:
            yield self.get(url, self.parse, state={"start": True})

    def parse(self, response: Response) -> Iterator[Found]:
        """One page: an article, a list of articles, or a feed that somebody linked to."""
        found, start = self.parsed(response), response.meta.get("state") or {}
        if found.kind == "feed" and is_of_comments(found, response.url):
            return  # what readers wrote is none of the reports
        if found.kind == "feed":
            yield Link(url=response.url, found_on=response.meta.get("found_on", ""), as_feed=True)
        elif found.kind == "article" and not start:
            yield from found.drafts
        elif start or self.about(f"{found.title}\n{found.text}"):
            if not start and is_single(response.url) and len(found.text) >= WRITING * (len(found.links) + 1):
                yield from found.drafts  # short and plain, but somebody wrote it
            for url, words in found.links:
                if start or is_single(url) or self.about(words):
                    yield Link(url=url, found_on=response.url, text=words)
            if start and found.next_url:
                yield from self.older(found.next_url, response.meta.get("query") or response.url, start)

    def older(self, url: str, query: str, start: dict[str, Any]) -> Iterator[Found]:
        """The older page of a list, or that it is too long."""
        page, most = start.get("page", 1), self.option("list_pages")
        if page < most:
            yield self.get(url, self.parse, query=query, state={"start": True, "page": page + 1})
        else:
            yield Note(query=query, truncated=True, reason=f"{most} pages of a list read, it has more (list_pages)")
