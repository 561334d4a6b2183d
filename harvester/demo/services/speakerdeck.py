"""The invented Speaker Deck: feeds of accounts, and oEmbed for the decks that the world has there."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from harvester.demo import talks
from harvester.demo.exchange import as_json

if TYPE_CHECKING:
    from harvester.demo.exchange import Asked, Reply
    from harvester.demo.world import Doc, World

HOSTS = ("speakerdeck.com",)


class Service:
    """Answers `/:user.atom` and `/oembed.json`."""

    def __init__(self, world: World) -> None:
        self._docs = [doc for doc in world.docs if doc.site.host == HOSTS[0]]

    def answer(self, asked: Asked) -> Reply | None:
        """A feed, or what a deck is; 404 for a deck that does not exist, pages answer for all else."""
        parts = urlsplit(asked.target)
        if parts.path == "/oembed.json":
            url = dict(parse_qsl(parts.query)).get("url", "")
            found = next((doc for doc in self._docs if doc.url == url), None)
            return as_json(_oembed(found)) if found else as_json({"error": "not found"}, 404)
        user, dot, _ = unquote(parts.path).strip("/").partition(".atom")
        theirs = [doc for doc in self._docs if doc.author.handle == user]
        return talks.feed(theirs[0].site, theirs, "atom", ".atom") if dot and theirs else None


def _oembed(doc: Doc) -> dict[str, object]:
    player = hashlib.sha256(doc.url.encode()).hexdigest()[:32]
    frame = f'<iframe class="speakerdeck-iframe" src="https://speakerdeck.com/player/{player}" width="710"></iframe>'
    return {
        "type": "rich", "version": "1.0", "provider_name": "Speaker Deck", "provider_url": "https://speakerdeck.com/",
        "title": doc.title, "author_name": doc.author.name, "author_url": doc.site.home.rstrip("/"), "html": frame,
        "width": 710, "height": 399, "ratio": 1.77,
    }  # fmt: skip
