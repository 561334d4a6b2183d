"""Does a page tell of an event at all, whichever? Forms of titles and addresses, in Japanese and English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvester.classify.attendance import claimed
from harvester.classify.names import slug_words
from harvester.classify.rules import words
from harvester.text import fold

if TYPE_CHECKING:
    from harvester.model import Post

_OPENING = 600


def about_an_event(post: Post) -> str:
    """The words by which a post's title, address or opening tells of some event; "" when nothing does."""
    for text in (fold(post.title), slug_words(post.url).replace("-", " ").replace("_", " ")):
        if found := words("event").search(text):
            return found[0].strip()
    return claimed(fold(f"{post.title}\n{post.text[:_OPENING]}"))
