"""The sentence around a phrase, in a form in which one pattern can look at both sides of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harvester.classify.rules import words

if TYPE_CHECKING:
    from collections.abc import Iterator

_BREAK = re.compile(r"[。!?\n]|\. ")
_BEFORE = 60  # characters before a phrase in which its subject, object or quotation mark stands
_AFTER = 40
_AROUND = 16  # characters shown on each side of what was found
_MOST = 500  # phrases looked at in one text: no honest one holds so many


def marked(folded: str, match: re.Match[str]) -> str:
    """The sentence up to a match, the match between ⟦ and ⟧, and the characters that follow it."""
    before = folded[max(0, match.start() - _BEFORE) : match.start()]
    breaks = list(_BREAK.finditer(before))
    if breaks:
        before = before[breaks[-1].end() :]
    return f"{before}⟦{match[0]}⟧{folded[match.end() : match.end() + _AFTER]}"


def told(folded: str, sections: tuple[str, ...], unless: tuple[str, ...]) -> Iterator[tuple[re.Match[str], str]]:
    """Matches of `sections`, each with its marked sentence, without those that a pattern of `unless` finds in it.

    `folded` is text after `text.fold`; the sections are those of `phrases.toml`, searched one after the other.
    """
    for section in sections:
        for _, match in zip(range(_MOST), words(section).finditer(folded), strict=False):
            sentence = marked(folded, match)
            if not any(words(name).search(sentence) for name in unless):
                yield match, sentence


def around(folded: str, match: re.Match[str]) -> str:
    """The match with its neighbourhood on one line, for a person who asks why."""
    start, end = max(0, match.start() - _AROUND), min(len(folded), match.end() + _AROUND)
    piece = " ".join(folded[start:end].split())
    return f"{'…' if start else ''}{piece}{'…' if end < len(folded) else ''}"
