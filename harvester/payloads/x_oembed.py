"""What publish.x.com's oEmbed answer tells of one post: its words, whose they are, and when by its id. Pure.

It tells no numbers and no relation, shows links as X shortened them, and may end early: a partial view, which takes
nothing away from what the API told.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from harvester import urls
from harvester.contract import Contract, text
from harvester.model import PARTIAL, Draft, DraftAuthor
from harvester.payloads.x import language_of, post_url
from harvester.text import plain
from harvester.walks.timeline import iso
from harvester.walks.x_walk import moment_of, post_id

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWER: Final = Contract(
    required=("url", "html"),
    fields={"url": "text", "html": "text", "author_name": "text", "author_url": "text"},
    unread=frozenset({"width", "height", "type", "cache_age", "provider_name", "provider_url", "version", "title"}),
)
LONGEST: Final = 20_000  # characters of markup; the longest that X shows has some 2,000
# The first paragraph holds the words; what follows is the author's line.
_WORDS: Final = re.compile(r"<p\b([^>]*)>(.*?)</p>", re.IGNORECASE | re.DOTALL)
_LANGUAGE: Final = re.compile(r"""\blang\s*=\s*["']?([\w-]+)""", re.IGNORECASE)
_LINK: Final = re.compile(
    r"""<a\b[^>]*?\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')[^>]*>(.*?)</a>""", re.IGNORECASE | re.DOTALL
)
_MEDIA: Final = re.compile(r"pic\.(?:twitter|x)\.com/", re.IGNORECASE)
_OWN: Final = frozenset({"x.com", "twitter.com", "mobile.twitter.com", "mobile.x.com"})
_FIRST_BY_TIME: Final = 30_000_000_000  # ids below were counted up and tell no time (before November 2010)


def number_of(url: str) -> str:
    """The id of the X post at an address, "" for any other address."""
    found = urls.identify(url)
    return post_id(found.native_id) if found.platform == "x" else ""


def draft_of(answer: dict[str, Any]) -> Draft | None:
    """The post of an answer; None when it holds no words or is about no post."""
    number, markup = number_of(text(answer.get("url"))), text(answer.get("html"))[:LONGEST]
    words = _WORDS.search(markup)
    if not number or words is None:
        return None
    handle = urls.identify(text(answer.get("author_url"))).handle
    spoken = _LANGUAGE.search(words[1])
    links = tuple(dict.fromkeys(_links(words[2])))
    return Draft(
        url=post_url(number, handle), native_id=number, platform="x", kind="micropost", text=plain(words[0]),
        language=language_of(spoken[1]) if spoken else "",
        author=DraftAuthor(
            platform="x", handle=handle, name=text(answer.get("author_name")),
            url=f"https://x.com/{handle}" if handle else "",
        ),
        published=iso(moment_of(int(number))) if int(number) > _FIRST_BY_TIME else "", published_origin="api",
        links=links, flags=(PARTIAL,),
    )  # fmt: skip


def _links(markup: str) -> Iterator[str]:
    """What the words point to; tags, accounts and pictures are X's own."""
    for found in _LINK.finditer(markup):
        url = html.unescape(found[1] or found[2] or "")
        if (urlsplit(url).hostname or "") not in _OWN and not _MEDIA.search(found[3]):
            yield url
