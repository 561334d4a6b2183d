"""Which of many texts are worth comparing: those whose sketches share hashes, found by sorting.

Memory and time grow with the number of texts. A sketch costs a kilobyte at most, and less when there are many; no
text is kept. Its grams are ten letters long: among thousands of English texts, five letters stand in most of them. A
hash that many texts share (a common phrase, a template) leads only to a few of them: copies share rarer ones as well,
or are found through each other.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from harvester.relate.shingles import SKETCH, estimate, hashes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BUDGET = 12_800_000  # hashes kept of all texts together: 50 MB
_LEAST_KEPT = 64
_INDEX_BUDGET = 6_400_000  # hashes that lead from text to text
_INDEXED, _LEAST_INDEXED = 64, 32  # of a text, among many
_FEW = 2_000  # texts of which every hash leads on
_POPULAR = 32  # texts that may share a hash before it leads only to the first of them and the nearest
_NEIGHBOURS = 4
# With 18 % of its 5-grams changed by scattered edits (a Jaccard of 0.70), a text keeps 67 % of its 10-grams.
_WIDTH = 10
_ALIKE, _CONTAINED = 0.38, 0.55  # of sketches, an error of one deviation or two taken off
_SHARE = 0.4  # of the hashes that a copy would share; fewer are chance
_PARTS = 64  # of the index, sorted one by one


class Sketches:
    """The sketches of texts numbered from 0 in the order in which they are added."""

    def __init__(self, expected: int) -> None:
        """`expected` texts at most will be added."""
        self._kept = max(_LEAST_KEPT, min(SKETCH, _BUDGET // max(1, expected)))
        many = max(_LEAST_INDEXED, min(_INDEXED, _INDEX_BUDGET // max(1, expected)))
        self._indexed = self._kept if expected <= _FEW else many
        self._values = array("I")
        self._starts = array("Q", [0])
        self._sizes = array("I")
        self._shared = array("I")  # hashes that lead to two texts or more, ascending, once for each ...
        self._holders = array("I")  # ... of the texts, whose numbers stand here, ascending for each hash

    def add(self, letters: str) -> None:
        """The next text, reduced."""
        found = hashes(letters, _WIDTH)
        self._sizes.append(len(found))
        self._values.extend(sorted(found)[: self._kept])
        self._starts.append(len(self._values))

    def may_match(self, a: int, b: int) -> bool:
        """Whether one of two texts can be a copy or an excerpt of the other, as far as their sketches tell."""
        alike, contained = estimate(self._of(a), self._of(b), self._kept)
        return alike >= _ALIKE or contained >= _CONTAINED

    def candidates(self) -> Iterator[tuple[int, list[int]]]:
        """Each text with earlier ones that it may be a copy of, the most alike first."""
        self._index()
        for number in range(len(self._sizes)):
            counts: dict[int, int] = {}
            leading = self._of(number)[: self._indexed]
            rare = len(leading)
            for value in leading:
                others, popular = self._earlier(value, number)
                rare -= popular
                for other in others:
                    counts[other] = counts.get(other, 0) + 1
            if likely := self._likely(number, counts, rare / max(1, len(leading))):
                yield number, likely

    def _likely(self, number: int, counts: dict[int, int], rare: float) -> list[int]:
        """Those that share enough hashes for one of the two to be a copy or an excerpt of the other.

        `rare` is the part of the text's hashes that lead to all who share them.
        """
        found = []
        size = self._sizes[number]
        for other, shared in counts.items():
            fewer, more = size, self._sizes[other]
            if fewer > more:
                fewer, more = more, fewer
            # Hashes of an excerpt that are as small as those of the whole.
            inside = rare * min(self._indexed, more) * fewer / more
            if shared >= _SHARE * inside and (shared > 1 or inside < 2):  # one shared hash of many is chance
                found.append((-shared, other))
        return [other for _, other in sorted(found)]

    def _of(self, number: int) -> array[int]:
        return self._values[self._starts[number] : self._starts[number + 1]]

    def _earlier(self, value: int, number: int) -> tuple[Sequence[int], bool]:
        """Earlier texts to which a hash leads, and whether they are only some of too many."""
        start = bisect_left(self._shared, value)
        if start == len(self._shared) or self._shared[start] != value:
            return (), False
        end = bisect_right(self._shared, value, start)
        here = bisect_left(self._holders, number, start, end)
        if end - start <= _POPULAR:
            return self._holders[start:here], False
        first = self._holders[start : min(here, start + _NEIGHBOURS)]
        return first + self._holders[max(start + len(first), here - _NEIGHBOURS) : here], True

    def _index(self) -> None:
        """Sort what leads from text to text, part by part, and keep only what two texts share."""
        parts = [array("Q") for _ in range(_PARTS)]
        width = 2**32 // _PARTS
        for number in range(len(self._sizes)):
            for value in self._of(number)[: self._indexed]:
                parts[value // width].append(value << 32 | number)
        for at in range(_PARTS):
            entries = sorted(parts[at])
            parts[at] = array("Q")
            values = [entry >> 32 for entry in entries]
            for before, value, after, entry in zip([-1, *values], values, [*values[1:], -1], entries, strict=False):
                if value in (before, after):
                    self._shared.append(value)
                    self._holders.append(entry & 0xFFFFFFFF)
