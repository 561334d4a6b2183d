"""Names that are English verbs, used as such: `7 days to #reinvent your kitchen` is about no event.

Told by grammar, not by subject: a verb has an object right after it, and no preposition that would make it a place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harvester.classify.rules import words
from harvester.text import fold, tag_key

if TYPE_CHECKING:
    from collections.abc import Iterable

_BEFORE, _AFTER = 16, 24  # characters that are looked at


def as_verb(name: re.Match[str]) -> bool:
    """Whether a name found in a text or in the words of an address is a verb there; one with a mark (`re:`) is none."""
    word = name[0]
    if not (word.isascii() and word.isalpha()):
        return False
    after = fold(name.string[name.end() : name.end() + _AFTER])
    before = fold(name.string[max(0, name.start() - _BEFORE) : name.start()])
    return bool(words("verb_object").match(after)) and not words("noun_before").search(before)


def tags_as_verbs(tags: Iterable[str], text: str) -> list[str]:
    """Those tags that stand in the folded text as verbs only; a tag that does not stand there is a tag."""
    found = []
    for tag in tags:
        uses = list(re.finditer(rf"(?<=#){re.escape(tag_key(tag))}(?!\w)", text))
        if uses and all(as_verb(use) for use in uses):
            found.append(tag)
    return found
