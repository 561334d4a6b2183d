"""The invented Docswell: slides that some participants showed at home, with the feeds of their accounts and oEmbed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from harvester.demo import talks
from harvester.demo.exchange import as_json
from harvester.demo.words import dice

if TYPE_CHECKING:
    from harvester.demo.exchange import Asked, Reply
    from harvester.demo.world import Doc, World

HOSTS = ("www.docswell.com",)
_DECKS = 3
_LETTERS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def extend(world: World) -> None:
    """Decks of people on the attendee list, which names their accounts."""
    rng = dice(f"docswell {world.seed}")
    for report in talks.authors(world, rng, _DECKS):
        person = report.author
        site = talks.site_of(world, person, HOSTS[0], f"/s/{person.handle}")
        person.homes.append(f"https://{HOSTS[0]}/user/{person.handle}")
        number = "".join(rng.choice(_LETTERS) for _ in range(6))
        talks.talk(world, rng, report, site, f"https://{HOSTS[0]}/s/{person.handle}/{number}-reinvent", "slides")


class Service:
    """Answers `/user/:user/feed` and `/service/oembed`."""

    def __init__(self, world: World) -> None:
        self._docs = [doc for doc in world.docs if doc.site.host == HOSTS[0]]

    def answer(self, asked: Asked) -> Reply | None:
        """A feed, or what a deck is; 404 in the service's own words."""
        parts = urlsplit(asked.target)
        if parts.path == "/service/oembed":
            url = dict(parse_qsl(parts.query)).get("url", "")
            found = next((doc for doc in self._docs if doc.url == url), None)
            if found is None:
                return as_json({"status": 404, "errors": "Slide not found or private"}, 404)
            return as_json(_oembed(found))
        if not (match := re.fullmatch(r"/user/([^/]+)/feed", unquote(parts.path))):
            return None
        theirs = [doc for doc in self._docs if doc.author.handle == match[1]]
        return talks.feed(theirs[0].site, theirs, "rss2", "/feed") if theirs else None


def _oembed(doc: Doc) -> dict[str, object]:
    number = doc.url.rpartition("/")[2].partition("-")[0]
    embed = f"https://{HOSTS[0]}/slide/{number}/embed"
    return {
        "version": 1, "type": "rich", "provider_name": "Docswell", "title": doc.title, "url": embed,
        "author_name": doc.author.name, "author_url": f"https://{HOSTS[0]}/user/{doc.author.handle}",
        "html": f'<iframe src="{embed}" class="docswell-iframe"></iframe>', "width": 620, "height": 349,
    }  # fmt: skip
