"""The invented Google News: headlines of a search, whose links lead nowhere by a plain request."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

from harvester.demo.exchange import Reply
from harvester.demo.markup import to_words
from harvester.text import fold

if TYPE_CHECKING:
    from harvester.demo.exchange import Asked
    from harvester.demo.world import Doc, World

HOSTS = ("news.google.com",)
_CAP = 100


def event(world: World) -> str:  # noqa: ARG001 - every service is asked in the same way
    """It runs only when the event file has its table."""
    return "[source.google_news]\nenabled = true"


class Service:
    """Answers `/rss/search` in the language of its edition."""

    def __init__(self, world: World) -> None:
        docs = [d for d in world.docs if d.author.kind == "media" and not d.copy_of]
        self._docs = sorted(docs, key=lambda doc: doc.published, reverse=True)

    def answer(self, asked: Asked) -> Reply | None:
        """A feed of at most a hundred headlines."""
        parts = urlsplit(asked.target)
        if parts.path != "/rss/search":
            return None
        given = dict(parse_qsl(parts.query))
        query, language = given.get("q", ""), given.get("hl", "en")[:2]
        words = [fold(word) for word in re.findall(r'"([^"]+)"', query)]
        since, until = (re.search(rf"{name}:(\S+)", query) for name in ("after", "before"))
        first, end = since[1] if since else "", until[1] if until else "~"
        found = [d for d in self._docs if d.language == language and first <= _day(d) < end and _matches(d, words)]
        body = (
            '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><generator>synthetic</generator>'
            f"<title>{escape(query)}</title><language>{language}</language><copyright>For personal, non-commercial use "
            f"in a feed reader.</copyright>{''.join(map(_item, found[:_CAP]))}</channel></rss>"
        )
        return Reply(200, body.encode(), (("Content-Type", "application/xml; charset=utf-8"),))


def _matches(doc: Doc, words: list[str]) -> bool:
    text = fold(f"{doc.title}\n{to_words(doc.blocks)}")
    return any(word in text for word in words)


def _day(doc: Doc) -> str:
    return f"{doc.published.astimezone(UTC):%Y-%m-%d}"


def _item(doc: Doc) -> str:
    name = f"CBMi{hashlib.sha256(doc.url.encode()).hexdigest()[:40]}"
    title, publisher = escape(f"{doc.title} - {doc.site.title}"), escape(doc.site.title)
    return (
        f"<item><title>{title}</title><link>https://{HOSTS[0]}/rss/articles/{name}?oc=5</link>"
        f'<guid isPermaLink="false">{name}</guid>'
        f"<pubDate>{format_datetime(doc.published.astimezone(UTC), usegmt=True)}</pubDate>"
        f'<description>{title}</description><source url="{doc.site.home}">{publisher}</source></item>'
    )
