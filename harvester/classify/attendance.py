"""Did the writer take part? Phrases of presence in Japanese and English, third persons kept out where cheap."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harvester import text as texts
from harvester.classify.rules import words

if TYPE_CHECKING:
    from collections.abc import Iterator

_BREAK = re.compile(r"[。!?\n]|\. ")
_BEFORE = 30  # characters before a phrase that can hold its subject
_AROUND = 16  # characters shown on each side of what was found


def claims(text: str) -> bool:
    """Whether the phrase pattern of the measurement specification occurs, whoever its subject is."""
    return bool(words("attend").search(texts.fold(text)))


def claimed(folded: str) -> str:
    """The first phrase by which the writer says they took part, with a little around it; "" when none.

    `folded` is text after `text.fold`. A phrase whose subject is somebody else (12名が…, 田中さんが…) is passed over.
    """
    for match in _phrases(folded):
        if not _somebody_else(folded, match.start()):
            return around(folded, match)
    return ""


def _phrases(folded: str) -> Iterator[re.Match[str]]:
    yield from words("attend").finditer(folded)
    yield from words("attend_more").finditer(folded)


def _somebody_else(folded: str, start: int) -> bool:
    before = folded[max(0, start - _BEFORE) : start]
    breaks = list(_BREAK.finditer(before))
    clause = before[breaks[-1].end() :] if breaks else before
    return bool(words("third_person").search(clause))


def around(folded: str, match: re.Match[str]) -> str:
    """The match with its neighbourhood on one line, for a person who asks why."""
    start, end = max(0, match.start() - _AROUND), min(len(folded), match.end() + _AROUND)
    piece = " ".join(folded[start:end].split())
    return f"{'…' if start else ''}{piece}{'…' if end < len(folded) else ''}"
