"""Pages behind links that others found, and the pages of the event file that collect them.

An article is a draft whatever it is about: something relevant pointed to it, and the judgement with its reasons is
made later. A page that lists articles gives their addresses: one of the event file all of them and never itself,
another one only when it names the event. The crawl decides how deep and how many.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harvester.model import Link
from harvester.source import Source

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found

WRITING = 100  # characters for each link: below, a page points at things more than it tells
_FOLDER = re.compile(r"/(?:entry|entries|articles?|posts?|items?|blog|status|n|event)/[^/]+/?$", re.IGNORECASE)
_LISTING = re.compile(r"/(?:tags?|categor(?:y|ies)|authors?|users?|search|page|login|about)(?:/|$)", re.IGNORECASE)
_TITLE = re.compile(r"\d{3}|[-_].*[-_]|.{16}|\.html?$")  # a number, several words, a long name or a file


class Blog(Source):
    """`[crawl]` of the event file says how deep and how many."""

    name = "blog"
    label = "pages behind found links, and the start pages of the event file"
    contributes = "the articles that posts, feeds and lists point to, with author and date"
    policy = "page"
    follows = True
    nothing = "nothing to follow: no start pages in the event file, and no links found"

    async def start(self) -> AsyncIterator[Request]:
        """The start pages, read in every run: lists grow."""
        for url in self.event.pages:
            yield self.get(url, self.parse, state={"start": True})

    def parse(self, response: Response) -> Iterator[Found]:
        """One page: an article, a list of articles, or a feed that somebody linked to."""
        found, start = self.parsed(response), bool(response.meta.get("state"))
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


def is_single(url: str) -> bool:
    """Whether an address looks like that of one piece of writing and not like that of a list."""
    path = urlsplit(url).path
    if _LISTING.search(path):
        return False
    return bool(_FOLDER.search(path) or _TITLE.search(path.rstrip("/").rpartition("/")[2]))
