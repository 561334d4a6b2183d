"""How texts write a name, as patterns for folded text."""

from __future__ import annotations

import re
from typing import Final

from harvester.text import fold

YEAR: Final = r"(?:19|20)\d\d"
_STRICT_LETTERS = 4  # so short a Latin name counts in capitals only: CES, not ces
_LONG_SURNAME = 5  # letters; a shorter one is a word as often as a name


def spellings(base: str) -> list[str]:
    """Patterns for a folded name: words apart, joined, or hyphenated; a one-word name with a mark inside
    (`re:invent`) needs its mark, or its year right after it, because without both it is an English verb."""
    words = base.split()
    tokens = [token for token in re.split(r"[\W_]+", base) if token]
    if not tokens:
        return []
    start = r"(?<![a-z0-9])" if tokens[0][0].isascii() else ""
    end = r"(?![a-z])" if tokens[-1][-1].isascii() else ""
    joined = r"[\W_]{0,3}".join(map(re.escape, tokens))
    if len(tokens) == 1 or len(words) > 1 or "_" in base:
        return [start + joined + end]
    marked = r"[\W_]{1,3}".join(map(re.escape, tokens))
    return [start + marked + end, rf"{start}{''.join(map(re.escape, tokens))}(?=[\W_]{{0,2}}{YEAR})"]


def of_a_person(name: str) -> list[str]:
    """A person's name as texts write it: in full, and a long Latin surname alone."""
    words = fold(name).split()
    surname = words[-1] if len(words) > 1 and words[-1].isascii() and len(words[-1]) >= _LONG_SURNAME else ""
    return [word for word in (fold(name).strip(), surname) if word]


def bounded(term: str) -> str:
    """A literal that does not begin or end inside a Latin word."""
    start = r"(?<![a-z0-9])" if term[:1].isascii() and term[:1].isalnum() else ""
    end = r"(?![a-z])" if term[-1:].isascii() and term[-1:].isalnum() else ""
    return start + re.escape(term) + end


def is_strict(base: str) -> bool:
    """Whether a name is so short that it counts only as it is spelled, in capitals."""
    return base.isascii() and base.isupper() and base.isalpha() and len(base) <= _STRICT_LETTERS


def any_of(patterns: list[str]) -> re.Pattern[str]:
    """One pattern for all; nothing matches it when there are none."""
    return re.compile("|".join(patterns) if patterns else r"(?!)")
