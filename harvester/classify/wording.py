"""Evidence from what a post says and how it is marked up: presence, bylines, running the event, forms of titles."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harvester import outlets
from harvester.classify import reporters, staffing
from harvester.classify.attendance import claimed
from harvester.classify.clauses import around
from harvester.classify.names import slug_words
from harvester.classify.rules import fire, words
from harvester.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harvester.model import Evidence, Post

_NEWS_TYPES = frozenset({"NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle", "AskPublicNewsArticle"})
_WRITTEN = frozenset({"article", "news"})
_TOLD_AT_LENGTH = _WRITTEN | {"slides", "video"}
_SAID_BY_NOBODY = frozenset({"press_release", "repost", "event_page"})


def of(post: Post, *, outlet: bool = False) -> Iterator[Evidence]:
    """The rules that fire on a post's words. `outlet`: it stands on the pages of a medium, whose reporters title
    their reports as visitors do. Who ran an event also was there: that is then no sign of a visitor.
    """
    if post.kind in _SAID_BY_NOBODY:
        return
    title, text = fold(post.title if post.kind != "bookmark" else ""), fold(post.text)  # its title is the page's
    ran = staffing.organised(title, text) if post.kind in _TOLD_AT_LENGTH else ""
    if ran:
        yield fire("T3", ran, post_key=post.key, url=post.url)
    elif there := claimed(title) or claimed(text):
        yield fire("T1", there, post_key=post.key, url=post.url)
    if post.kind == "video" and post.author and (channel := outlets.shipped().named(post.author.name)):
        yield fire("M2", channel, post_key=post.key, url=post.url)
    if post.kind not in _WRITTEN:
        return
    if post.page_type in _NEWS_TYPES and post.publisher:
        yield fire("M1", f"{post.page_type}, {post.publisher}", post_key=post.key, url=post.url)
    if "newsroom" in post.flags and post.platform == "web":  # platforms mark up everybody's pages alike
        yield fire("M3", post.publisher or post.host, post_key=post.key, url=post.url)
    if paper := _published_by(post):
        yield fire("M2", paper, post_key=post.key, url=post.url)
    if signed := reporters.byline((*post.bylines, post.author.name if post.author else ""), post.text):
        yield fire("T2", signed, post_key=post.key, url=post.url)
    if saying := reporters.observed(text):
        yield fire("T6", saying, post_key=post.key, url=post.url)
    if not ran and not outlet and (form := _report(title, post.url)):
        yield fire("T4", form, post_key=post.key, url=post.url)


def _published_by(post: Post) -> str:
    """The outlet of the registry that a page names as its publisher, or is signed by; "" for none."""
    registry = outlets.shipped()
    signed = post.author.name if post.author and post.author.is_org else ""
    return next(filter(None, (registry.named(name) for name in (post.publisher, signed) if name)), "")


def _report(title: str, url: str) -> str:
    """The words of the title, else of the address, by which people name their own reports; "" without any."""
    for said in (title, re.sub(r"[-_+/]+", " ", slug_words(url))):
        if match := words("report").search(said):
            return around(said, match)
    return ""
