"""The invented Medium: the feeds of tags and accounts, ten whole stories each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from harvester.demo import rss
from harvester.text import tag_key

if TYPE_CHECKING:
    from harvester.demo.exchange import Asked, Reply
    from harvester.demo.world import Doc, World

HOSTS = ("medium.com",)
_NEWEST = 10


class Service:
    """Answers `/feed/tag/:tag` and `/feed/@:user`."""

    def __init__(self, world: World) -> None:
        self._docs = [doc for doc in world.docs if doc.site.host == HOSTS[0]]

    def answer(self, asked: Asked) -> Reply | None:
        """A feed; 404 for an account that does not exist."""
        path = unquote(urlsplit(asked.target).path)
        if match := re.fullmatch(r"/feed/tag/([^/]+)", path):
            tag = tag_key(match[1].replace("-", ""))
            docs, name, source = [doc for doc in self._docs if tag in _tags(doc)], f"tag/{match[1]}", f"{match[1]}-5"
        elif match := re.fullmatch(r"/feed/@([^/]+)", path):
            docs, name, source = [doc for doc in self._docs if doc.author.handle == match[1]], f"@{match[1]}", "0a1b-2"
            if not docs:
                return None
        else:
            return None
        tracked = f"?source=rss------{source}"
        return rss.feed(name, f"https://medium.com/{name}", docs, most=_NEWEST, whole=True, tracked=tracked)


def _tags(doc: Doc) -> tuple[str, ...]:
    return ("aws", "reinvent") if doc.relevant else ("aws",)
