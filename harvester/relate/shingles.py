"""How alike two texts are: character 5-grams, which need no tokenizer, and a sketch to find whom to compare.

Text is reduced first: NFKC, case folded, addresses, spaces and punctuation gone. A sketch is the 256 smallest
CRC-32 hashes of a text's 5-grams: the same on every machine and in every run. `sketches` finds, among many
texts, those worth comparing; `pairs` says what two texts must share to be one.
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
# Only what may stand in an address: Japanese goes on without a space. A host begins where such characters begin, so
# that a long run of them is looked at once.
_ADDRESS = re.compile(
    r"https?://[!-~]+|(?<![A-Za-z0-9_.-])[A-Za-z0-9_.-]+\.(?:com|jp|net|org|io|co)/[!-~]*", re.IGNORECASE
)
_TAG_OR_NAME = re.compile(r"[#@]\w+")
_NOT_WORD = re.compile(r"[\W_]+")
_SENTENCE_END = re.compile(r"[\n。!?]+|\.(?=\s)")  # of folded text: full-width marks are plain ones by then


def reduced(text: str, *, tags: bool = True) -> str:
    """The letters and digits that two copies of a text share; `tags=False` drops #tags and @names as well."""
    return _NOT_WORD.sub("", _folded(text, tags=tags))


def sentences(text: str, *, tags: bool = True) -> list[str]:
    """The reduced text in the pieces that end with a line or a full stop; joined, they are `reduced`."""
    pieces = _SENTENCE_END.split(_folded(text, tags=tags))
    return [letters for piece in pieces if (letters := _NOT_WORD.sub("", piece))]


def _folded(text: str, *, tags: bool) -> str:
    folded = _ADDRESS.sub(" ", fold(text[:_MAX_CHARS]))
    return folded if tags else _TAG_OR_NAME.sub(" ", folded)


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


def hashes(letters: str, size: int = GRAM) -> set[int]:
    """CRC-32 of each gram of `size` letters."""
    data = letters.encode("utf-32-le", "surrogatepass")
    width = size * 4
    return {crc32(data[i : i + width]) for i in range(0, max(4, len(data) - width + 4), 4)} if data else set()


def sketch(letters: str) -> tuple[int, ...]:
    """The smallest hashes of the 5-grams, ascending, at most `SKETCH`."""
    return tuple(sorted(hashes(letters))[:SKETCH])


def estimate(a: Sequence[int], b: Sequence[int], full: int = SKETCH) -> tuple[float, float]:
    """(Jaccard, containment) as two sketches of at most `full` hashes tell them; (1, 1) when they hold too little."""
    limits = [s[-1] for s in (a, b) if len(s) == full]
    limit = min(limits, default=2**32)
    left, right = {h for h in a if h <= limit}, {h for h in b if h <= limit}
    smaller = min(len(left), len(right))
    if smaller < 5:  # a handful of hashes
        return 1.0, 1.0
    shared = len(left & right)
    return shared / (len(left) + len(right) - shared), shared / smaller
