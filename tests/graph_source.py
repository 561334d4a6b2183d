"""Sources of the crawl tests: a graph of small JSON pages, and the pages behind links.

`python -m harvester.cli crawl EVENT --spiders tests.graph_source`, from the repository root.
"""

from __future__ import annotations

from harvester.model import Draft, Link
from harvester.source import Option, Source


class Graph(Source):
    """Pages `{"id", "text", "links": [addresses of more pages], "mentions": [links for other sources]}`."""

    name = "graph"
    label = "A graph of JSON pages"
    policy = "page"
    document = False
    option_specs = {  # noqa: RUF012
        "each_run": Option(kind="yes/no", default=True, doc="Ask for the start pages in every run."),
    }

    async def start(self):
        for url in self.event.pages:
            yield self.get(url, each_run=self.option("each_run"))

    def parse(self, response):
        page = self.json(response)
        yield Draft(
            url=response.url,
            title=f"Page {page['id']}",
            text=page.get("text") or f"page {page['id']} about the meetup",
            kind="article",
            published="2016-12-02T10:00:00Z",
            published_origin="api",
        )
        for url in page["links"]:
            yield self.get(url, each_run=False)
        for url in page.get("mentions", ()):
            yield Link(url=url)


class Blog(Source):
    """The pages behind links, as the real one reads them."""

    name = "blog"
    label = "Pages behind links"
    follows = True

    async def start(self):
        return
        yield

    def parse(self, response):
        parsed = self.parsed(response)
        yield from parsed.drafts
        for url, _ in parsed.links:
            yield Link(url=url)
        for url in parsed.feeds:
            yield Link(url=url, as_feed=True)


class Feeds(Source):
    """Feeds of the event file and advertised ones."""

    name = "feeds"
    label = "Feeds"
    policy = "feed"

    async def start(self):
        for url in self.event.feeds:
            yield self.get(url, expect="feed")

    def parse(self, response):
        yield from self.parsed(response).drafts
