"""What kind of page a post is by its title and address, where that speaks against its being about an event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvester.classify import hosts
from harvester.classify.clauses import around
from harvester.classify.rules import fire_relevance, words
from harvester.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harvester.model import Evidence, Post

# (rule, words of the title): an advertisement for a job, and an announcement of what is still to come.
_TITLES = (("R14", "job"), ("R20", "announcement"))


def of(post: Post) -> Iterator[Evidence]:
    """Job advertisements, announcements, listings, entries of shops, and the paperwork of a code repository."""
    title = fold(post.title)
    for rule, section in _TITLES:
        if found := words(section).search(title):
            yield fire_relevance(rule, around(title, found), post_key=post.key)
    if post.kind in ("article", "news", "repo") and (listing := hosts.listing(post.url)):
        yield fire_relevance("R15", listing, post_key=post.key)
    if entry := hosts.goods(post.url):
        yield fire_relevance("R24", entry, post_key=post.key)
    if paperwork := hosts.paperwork(post.url):
        yield fire_relevance("R21", paperwork, post_key=post.key)
