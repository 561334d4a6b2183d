"""The invented note: feeds of hashtags; those of accounts are pages of the accounts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from harvester.demo import rss
from harvester.demo.markup import to_words
from harvester.text import hashtags, tag_key

if TYPE_CHECKING:
    from harvester.demo.exchange import Asked, Reply
    from harvester.demo.world import World

HOSTS = ("note.com",)
_NEWEST = 25


def event(world: World) -> str:  # noqa: ARG001 - the same in every world
    """The feeds of hashtags are tried."""
    return "[source.note]\nhashtags = true"


class Service:
    """Answers `/hashtag/:tag/rss`."""

    def __init__(self, world: World) -> None:
        self._docs = [doc for doc in world.docs if doc.site.host == HOSTS[0]]

    def answer(self, asked: Asked) -> Reply | None:
        """The newest texts with a hashtag; everything else is a page, and `/api/` is nobody's business."""
        match = re.fullmatch(r"/hashtag/([^/]+)/rss", unquote(urlsplit(asked.target).path))
        if match is None:
            return None
        wanted = tag_key(match[1])
        docs = [doc for doc in self._docs if wanted in map(tag_key, (*doc.tags, *hashtags(to_words(doc.blocks))))]
        return rss.feed(f"#{match[1]}", f"https://note.com/hashtag/{match[1]}", docs, most=_NEWEST, whole=False)
