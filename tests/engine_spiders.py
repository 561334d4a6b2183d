"""Small sources for the engine's tests: they read links and drafts from JSON pages that a test server makes up."""

from __future__ import annotations

from harvester.model import Draft, Link
from harvester.source import Cursor, Note, Option, Source


class Pages(Source):
    """Asks for `options["seeds"]`; a page is JSON: drafts, next pages, links, a cursor, an exception to raise."""

    name = "pages"
    policy = "api"
    document = False
    needs = ()
    option_specs = {  # noqa: RUF012
        "seeds": Option(kind="texts", default=(), doc="Where to begin."),
        "each_run": Option(kind="yes/no", default=False, doc="Ask for next pages in every run."),
    }

    async def start(self):
        for seed in self.options["seeds"]:
            yield self.get(seed, self.page, query="all")

    def page(self, response):
        told = self.json(response)
        for number, draft in enumerate(told.get("drafts", [])):
            yield Draft(**{"url": response.url, **draft})
            if told.get("raise") == number + 1:
                raise RuntimeError(f"the callback of {response.url} failed")
        for link in told.get("links", []):
            yield Link(url=link)
        for url in told.get("next", []):
            yield self.get(url, self.page, query="all", each_run=self.options.get("each_run", False))
        if "cursor" in told:
            yield Cursor("all", told["cursor"])
        yield Note(query="all", returned=len(told.get("drafts", [])))
        if told.get("refuse"):
            self.refused(response, "as the test wants", "not_a_feed")


class Signed(Pages):
    """Signs its requests to one origin."""

    name = "signed"
    needs = ("SIGNED_TOKEN",)
    origins = ("http://api.example",)

    def authorize(self, request):
        request.headers["Authorization"] = f"Bearer {self.secret('SIGNED_TOKEN')}"
        request.headers["X-Signature"] = self.secret("SIGNED_TOKEN")
        return request.replace(url=f"{request.url}?key={self.secret('SIGNED_TOKEN')}")


class Follower(Source):
    """Reads what others found."""

    name = "blog"
    follows = True
    document = False
    policy = "api"

    def parse(self, response):
        yield Draft(url=response.url, title="リンク先", text=response.text, kind="article")


class Documents(Source):
    """Reads feeds and pages through the parsing process."""

    name = "docs"
    policy = "feed"

    async def start(self):
        for seed in self.event.feeds:
            yield self.get(seed, expect="feed")

    def parse(self, response):
        yield from self.parsed(response).drafts


class Eager(Source):
    """Knows something before it asks for anything."""

    name = "eager"
    policy = "api"
    document = False

    async def start(self):
        yield Draft(url="http://a.example/known", title="MyConf known", text="読んだ", links=("http://b.example/1",))
        yield Cursor("all", self.checkpoint("all") + "+")
        yield Note(query="all", returned=0, truncated=True, reason="budget used up")
