"""The invented Qiita's Atom feeds: the newest articles of a tag, an account and an organisation, first words only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote
from xml.sax.saxutils import escape
from zlib import crc32

from harvester.demo.exchange import Reply
from harvester.demo.markup import to_words
from harvester.text import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harvester.demo.exchange import Asked
    from harvester.demo.world import Doc, World

HOSTS = ("qiita.com",)
_SHOWN, _WORDS = 20, 100
_TAG, _USER = re.compile(r"/tags/([^/]+)/feed(?:\.atom)?"), re.compile(r"/([^/]+)/feed(?:\.atom)?")
_FRAME = """<?xml version="1.0" encoding="UTF-8"?>
<feed xml:lang="ja-JP" xmlns="http://www.w3.org/2005/Atom">
<id>tag:qiita.com,2005:{path}</id>
<link rel="alternate" type="text/html" href="https://qiita.com"/>
<link rel="self" type="application/atom+xml" href="https://qiita.com{path}"/>
<title>{title}</title>
<updated>{updated}</updated>
{entries}</feed>
"""
_ENTRY = """<entry>
<id>tag:qiita.com,2005:PublicArticle/{number}</id>
<published>{published}</published><updated>{published}</updated>
<link rel="alternate" type="text/html" href="{url}"/><url>{url}</url>
<title>{title}</title>
<content type="text">{words}…</content>
<author><name>{author}</name></author>
</entry>
"""


class Service:
    """Answers feeds of tags and accounts; no organisation has one."""

    def __init__(self, world: World) -> None:
        docs = [doc for doc in world.docs if doc.site.look == "qiita"]
        self._docs = sorted(docs, key=lambda d: d.published, reverse=True)

    def answer(self, asked: Asked) -> Reply | None:
        """Atom; 404 for a tag or account that nothing is known of, and nothing for what is no feed."""
        path = unquote(asked.target.partition("?")[0])
        if path.endswith("/activities.atom"):
            return Reply(404)
        if match := _TAG.fullmatch(path):
            docs = [doc for doc in self._docs if fold(match[1]) in map(fold, doc.tags)]
            return atom(path, f"{match[1]}タグが付けられた新着記事 - Qiita", docs[:_SHOWN])
        if match := _USER.fullmatch(path):
            docs = [doc for doc in self._docs if doc.author.handle == match[1]]
            return atom(path, f"{match[1]}の記事 - Qiita", docs[:_SHOWN])
        return None


def atom(path: str, title: str, docs: Sequence[Doc]) -> Reply:
    """A feed of these, 404 when there are none."""
    if not docs:
        return Reply(404)
    entries = "".join(
        _ENTRY.format(
            number=crc32(doc.url.encode()), published=doc.published.isoformat(), url=doc.url,
            title=escape(doc.title), words=escape(to_words(doc.blocks)[:_WORDS]), author=doc.author.handle,
        )
        for doc in docs
    )  # fmt: skip
    updated = max(doc.published for doc in docs).isoformat()
    text = _FRAME.format(path=escape(path), title=escape(title), updated=updated, entries=entries)
    return Reply(200, text.encode(), (("Content-Type", "application/atom+xml; charset=utf-8"),))
