"""What folding compares of a post's text: its own letters, without what sites put under everything.

No text is kept but those compared last: texts come from `text_of`, a post at a time, whenever they are needed.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from harvester.relate.recurring import Recurring
from harvester.relate.shingles import grams, reduced, sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from harvester.relate.inputs import StoryInput

LEAST = 40  # letters by which a text can be told from another
_HELD = 48  # texts kept as grams: 200 KB each at a thousand words
_FEW = 3  # posts of a host below which nothing can recur


@dataclass(frozen=True)
class Letters:
    """A reduced text. `bare`: it holds nothing but what recurs, so these are all its letters."""

    letters: str
    bare: bool

    def __len__(self) -> int:
        return len(self.letters)

    @cached_property
    def grams(self) -> set[str]:
        """Its 5-grams."""
        return grams(self.letters)


class Texts:
    """The texts of posts as they are compared."""

    def __init__(self, posts: Iterable[StoryInput], text_of: Callable[[str], str]) -> None:
        """Reads every text of a host with three posts or more once, to find out what recurs there."""
        self._text_of = text_of
        self._recurring = Recurring()
        self._held: OrderedDict[str, Letters] = OrderedDict()
        hosts: dict[str, list[tuple[str, str]]] = {}
        for post in posts:
            if post.kind == "event_page":
                self._recurring.page(text_of(post.key))
            elif post.kind != "micropost" and not post.derivative:
                hosts.setdefault(post.host, []).append((post.title, post.key))
        for found in hosts.values():
            if len(found) >= _FEW:
                self._recurring.host(found, text_of)

    def plain(self, post: StoryInput) -> str:
        """A post's text as it was found."""
        return self._text_of(post.key)

    def fresh(self, post: StoryInput) -> Letters:
        """A post's own letters, read now and not kept."""
        text = self._text_of(post.key)
        if post.kind == "micropost":
            return Letters(reduced(text, tags=False), bare=False)
        pieces = sentences(text)
        own = self._recurring.own(pieces)
        bare = len(own) < LEAST
        return Letters("".join(pieces) if bare else own, bare)

    def of(self, post: StoryInput) -> Letters:
        """A post's own letters, kept for the next comparisons."""
        if (found := self._held.get(post.key)) is None:
            found = self._held[post.key] = self.fresh(post)
            if len(self._held) > _HELD:
                self._held.popitem(last=False)
        else:
            self._held.move_to_end(post.key)
        return found
