"""RSS as services make it of their tags and accounts: the newest entries, with what each of them shows."""

from __future__ import annotations

from datetime import UTC
from email.utils import format_datetime
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from harvester.demo.exchange import Reply
from harvester.demo.markup import to_html, to_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harvester.demo.world import Doc

_SPACES = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'


def feed(title: str, home: str, docs: Iterable[Doc], *, most: int, whole: bool, tracked: str = "") -> Reply:
    """The `most` newest of `docs`, with their whole text or its beginning; `tracked` is added to every address."""
    newest = sorted(docs, key=lambda doc: doc.published, reverse=True)[:most]
    items = "".join(_item(doc, tracked, whole=whole) for doc in newest)
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" {_SPACES}><channel><title>{escape(title)}</title>'
        f"<link>{escape(home)}</link><description>Synthetic</description>\n{items}</channel></rss>\n"
    )
    return Reply(200, text.encode(), (("Content-Type", "text/xml; charset=UTF-8"),))


def _item(doc: Doc, tracked: str, *, whole: bool) -> str:
    body = f"<content:encoded><![CDATA[{to_html(doc.blocks, 'h3')}]]></content:encoded>" if whole else ""
    beginning = "" if whole else f"<description>{escape(to_words(doc.blocks)[:100])}…</description>"
    return (
        f"<item><title>{escape(doc.title)}</title>{beginning}<link>{escape(doc.url + tracked)}</link>"
        f'<guid isPermaLink="true">{escape(doc.url)}</guid><dc:creator>{escape(doc.author.name)}</dc:creator>'
        f"<pubDate>{format_datetime(doc.published.astimezone(UTC), usegmt=True)}</pubDate>{body}</item>\n"
    )
