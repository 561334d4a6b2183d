"""Was it written as a reporter writes? Bylines and datelines at the edges of a text, and sayings of others in it."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from harvester.classify.attendance import claimed
from harvester.classify.clauses import around, told
from harvester.classify.rules import words
from harvester.text import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

_EDGE = 200  # characters at the head and foot of a text where a byline stands
_READ = 20_000  # characters of a text in which sayings are counted
_OBSERVER = 3  # sayings that make a text an observer's


def byline(signed: Sequence[str], text: str) -> str:
    """The reporter's byline in what a page names as its authors, or within 200 characters of the head or foot.

    A dateline counts, at the very head. `text` is as stored; the answer is folded, "" when there is none.
    """
    for edge in ("\n".join(signed), text[:_EDGE], text[-_EDGE:]):
        folded = fold(edge)
        for match, _ in told(folded, ("byline",), unless=("not_byline",)):
            return around(folded, match)
    head = unicodedata.normalize("NFKC", text[:_EDGE])
    opened = words("dateline").search(head)
    return fold(opened[0]).strip() if opened else ""


def observed(folded: str) -> str:
    """The first saying of a text that tells at least three of them and never of the writer's own part; else ""."""
    read = folded[:_READ]
    sayings = list(words("attributed").finditer(read))
    if len(sayings) < _OBSERVER or claimed(read):
        return ""
    return around(read, sayings[0])
