"""Did the writer take part? Phrases of presence in Japanese and English, and what speaks against them.

Taking part is being there or following live, on site or remotely (視聴しました, "I followed the live stream"). A
recording watched afterwards is not, nor is signing up, planning to come, or telling of somebody else who came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvester import text as texts
from harvester.classify.clauses import around, told
from harvester.classify.rules import words

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator


def claims(text: str) -> bool:
    """Whether the phrase pattern of the measurement specification occurs, whoever its subject is."""
    return bool(words("attend").search(texts.fold(text)))


def claimed(folded: str) -> str:
    """The first phrase by which the writer says they took part, with a little around it; "" when none.

    `folded` is text after `text.fold`. A phrase whose subject is somebody else (12名が…, 田中さんが…), that is quoted,
    or that speaks of another thing than an event is passed over.
    """
    return next((around(folded, match) for match, _ in _presence(folded)), "")


def _presence(folded: str) -> Iterator[tuple[re.Match[str], str]]:
    return told(folded, ("attend", "attend_more"), unless=("third_person", "not_presence"))
