"""A source that starts after the others: it asks for the reactions of what they found."""

from __future__ import annotations

from urllib.parse import quote

from harvester.model import Link, Reaction
from harvester.source import Note, Refreshed, Source


class Counts(Source):
    """`GET http://counts.example/?url=…` for each known post: `{"likes": 3, "see": [addresses]}`."""

    name = "counts"
    label = "Likes of known posts"
    policy = "api"
    late = 1
    document = False
    nothing = "nothing to refresh"

    async def start(self):
        for post in self.known.due():
            yield self.get(f"http://counts.example/?url={quote(post.url, safe='')}", query="likes", state=[post.key])

    def parse(self, response):
        told, keys = self.json(response), response.meta["state"]
        yield Reaction(url="", native_id=keys[0], name="like", value=told["likes"])
        for url in told.get("see", ()):
            yield Link(url=url)
        yield Note(query="likes", returned=1)
        yield Refreshed(tuple(keys))
