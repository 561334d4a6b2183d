"""The invented SlideShare: one deck that the event file names, and oEmbed for it. Feeds of accounts are gone here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from harvester.demo import talks
from harvester.demo.exchange import Reply, as_json
from harvester.demo.words import dice

if TYPE_CHECKING:
    from harvester.demo.exchange import Asked
    from harvester.demo.world import World

HOSTS = ("www.slideshare.net",)


def extend(world: World) -> None:
    """A deck of somebody who was there."""
    rng = dice(f"slideshare {world.seed}")
    for report in talks.authors(world, rng, 1):
        person = report.author
        site = talks.site_of(world, person, HOSTS[0], f"/{person.handle}")
        talks.talk(world, rng, report, site, f"https://{HOSTS[0]}/{person.handle}/reinvent-2016-report", "slides")


def event(world: World) -> str:
    """The deck, as somebody would put it into the event file."""
    decks = [doc.url for doc in world.docs if doc.site.host == HOSTS[0]]
    return f"[source.slideshare]\ndecks = {json.dumps(decks)}"


class Service:
    """Answers `/api/oembed/2`."""

    def __init__(self, world: World) -> None:
        self._docs = {doc.url: doc for doc in world.docs if doc.site.host == HOSTS[0]}

    def answer(self, asked: Asked) -> Reply | None:
        """What a deck is; 404 without it."""
        parts = urlsplit(asked.target)
        if parts.path != "/api/oembed/2":
            return None
        doc = self._docs.get(dict(parse_qsl(parts.query)).get("url", ""))
        if doc is None:
            return Reply(404, b"Not Found", (("Content-Type", "text/plain"),))
        key = f"sim{doc.story}"
        return as_json({
            "version": "1.0", "type": "rich", "provider_name": "SlideShare", "title": doc.title,
            "author_name": doc.author.name, "author_url": doc.site.home.rstrip("/"), "slideshow_id": 69_000_001,
            "total_slides": 31, "width": 427, "height": 356,
            "html": f'<iframe src="https://{HOSTS[0]}/slideshow/embed_code/key/{key}"></iframe>',
        })  # fmt: skip
