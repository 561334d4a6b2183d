"""A source for the crawl tests that reads the pages of the event file as documents, in every run."""

from __future__ import annotations

from harvester.source import Note, Source


class Reader(Source):
    """What the parsing process makes of each page or feed."""

    name = "reader"
    label = "The pages of the event file"
    policy = "page"

    async def start(self):
        for url in self.event.pages:
            yield self.get(url, query=url)

    def parse(self, response):
        drafts = self.parsed(response).drafts
        yield from drafts
        yield Note(query=response.meta["query"], returned=len(drafts))
