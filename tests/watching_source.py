"""A source that reads its pages again in every run, as a list of articles worth watching would."""

from __future__ import annotations

from harvester.model import Draft
from harvester.source import Note, Option, Source


class Watched(Source):
    """The articles of `[source.watched] pages`."""

    name = "watched"
    label = "Pages read in every run"
    policy = "page"
    option_specs = {"pages": Option(kind="texts", default=(), doc="What to read.")}  # noqa: RUF012

    async def start(self):
        for url in self.option("pages"):
            yield self.get(url)

    def parse(self, response):
        yield from self.parsed(response).drafts


class Chatty(Source):
    """Repeats what it reads wherever a source can say something: in a post, in the ledger, in the log, as a fault."""

    name = "chatty"
    label = "Repeats what it reads"
    document = False
    option_specs = {"page": Option(kind="text", doc="What to read.")}  # noqa: RUF012

    async def start(self):
        if page := self.option("page"):
            yield self.get(page, query="all")
            yield self.get(f"{page}?raise", query="all")

    def parse(self, response):
        words = self.json(response)
        if response.url.endswith("raise"):
            raise RuntimeError(words)
        self.logger.warning("read: %s", words)
        yield Note(query=words, returned=1, truncated=True, reason=words)
        yield Draft(url=response.url, title=words, text=f"{words} at the meetup", kind="article")
