"""How alike two texts are: character 5-grams, which need no tokenizer, and a sketch to find whom to compare.

Text is reduced first: NFKC, case folded, addresses, spaces and punctuation gone. A sketch is the 256 smallest
CRC-32 hashes of a text's 5-grams: the same on every machine and in every run.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zlib import crc32

from harvester.text import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

GRAM = 5
SKETCH = 256
_MAX_CHARS = 60_000  # beyond it a text is compared by its beginning
_POSTINGS = 64  # a hash that this many texts share tells nothing more
_FULL_INDEX = 5_000  # texts up to which every hash of a sketch is indexed
_LEAST_INDEXED = 32
_ADDRESS = re.compile(r"https?://\S+|\b[\w.-]+\.(?:com|jp|net|org|io|co)/\S*")
_TAG_OR_NAME = re.compile(r"[#@]\w+")
_NOT_WORD = re.compile(r"[\W_]+")


def reduced(text: str, *, tags: bool = True) -> str:
    """The letters and digits that two copies of a text share; `tags=False` drops #tags and @names as well."""
    folded = _ADDRESS.sub(" ", fold(text[:_MAX_CHARS]))
    return _NOT_WORD.sub("", folded if tags else _TAG_OR_NAME.sub(" ", folded))


def grams(letters: str) -> set[str]:
    """The 5-grams of a reduced text; a shorter one is its own only gram."""
    return {letters[i : i + GRAM] for i in range(max(1, len(letters) - GRAM + 1))} if letters else set()


def jaccard(a: set[str], b: set[str]) -> float:
    """Shared grams over all grams, 0 to 1."""
    shared = len(a & b)
    return shared / (len(a) + len(b) - shared) if shared else 0.0


def containment(a: set[str], b: set[str]) -> float:
    """Shared grams over the grams of the smaller text, 0 to 1."""
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


def sketch(letters: str) -> tuple[int, ...]:
    """The smallest hashes of the 5-grams, ascending, at most `SKETCH`."""
    data = letters.encode("utf-32-le")
    width = GRAM * 4
    hashes = {crc32(data[i : i + width]) for i in range(0, max(4, len(data) - width + 4), 4)} if data else set()
    return tuple(sorted(hashes)[:SKETCH])


def estimate(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[float, float]:
    """(Jaccard, containment) as two sketches tell them; (1, 1) when they hold too little to tell."""
    limits = [s[-1] for s in (a, b) if len(s) == SKETCH]
    limit = min(limits, default=2**32)
    left, right = {h for h in a if h <= limit}, {h for h in b if h <= limit}
    smaller = min(len(left), len(right))
    if smaller < 5:  # a handful of hashes
        return 1.0, 1.0
    shared = len(left & right)
    return shared / (len(left) + len(right) - shared), shared / smaller


class Index:
    """Which earlier texts share hashes with a text. Memory and time grow with the number of texts, not its square."""

    def __init__(self, expected: int) -> None:
        """`expected` texts will be added: above 5,000 only the smallest part of each sketch is indexed."""
        share = min(1.0, _FULL_INDEX / max(1, expected))
        self._indexed = max(_LEAST_INDEXED, int(SKETCH * share))
        self._postings: dict[int, list[int]] = {}

    def candidates(self, found: Sequence[int]) -> list[int]:
        """Numbers of added texts that share hashes, the most alike first; one shared hash of many is chance."""
        counts: dict[int, int] = {}
        postings = self._postings
        for value in found[: self._indexed]:
            for number in postings.get(value, ()):
                counts[number] = counts.get(number, 0) + 1
        least = 2 if len(found) > _LEAST_INDEXED else 1
        return [number for number, shared in sorted(counts.items(), key=lambda i: (-i[1], i[0])) if shared >= least]

    def add(self, number: int, found: Sequence[int]) -> None:
        """Remember text `number` under its hashes."""
        for value in found[: self._indexed]:
            held = self._postings.setdefault(value, [])
            if len(held) < _POSTINGS:
                held.append(number)
