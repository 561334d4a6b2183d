"""Pairs of texts that are somewhat alike: not enough to be called one story, enough to ask a human."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from harvester.relate.pairs import ALIKE
from harvester.relate.shingles import estimate, grams, jaccard, reduced, sketch

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST: Final = 0.50  # Jaccard below which two texts are two; two reports of one event have 0.05 to 0.25
_SLACK: Final = 0.15  # by which a sketch may be wrong
_LETTERS: Final = 120  # shorter texts are stubs: cookie notes, "enable JavaScript"
_COMMON: Final = 64  # a hash that this many texts share tells nothing more
_CANDIDATES: Final = 8  # of which the likeliest are compared


def somewhat_alike(texts: Sequence[tuple[str, str]]) -> list[tuple[str, str, float]]:
    """(earlier key, later key, Jaccard) of texts given as (key, text) in order, where LEAST <= Jaccard < ALIKE.

    A text is paired with that earlier one which it is most like, so there are fewer pairs than texts.
    """
    sharing: dict[int, list[int]] = {}
    sketches: dict[int, tuple[int, ...]] = {}
    found = []
    for number, (key, text) in enumerate(texts):
        letters = reduced(text)
        if len(letters) < _LETTERS:
            continue
        mine = sketches[number] = sketch(letters)
        shared = Counter(other for value in mine for other in sharing.get(value, ()))
        likely = [other for other, _ in sorted(shared.items(), key=lambda entry: (-entry[1], entry[0]))[:_CANDIDATES]
                  if estimate(sketches[other], mine)[0] >= LEAST - _SLACK]  # fmt: skip
        held = grams(letters) if likely else set()
        alike = ((jaccard(grams(reduced(texts[other][1])), held), -other) for other in likely)
        best = max((entry for entry in alike if LEAST <= entry[0] < ALIKE), default=None)
        if best is not None:
            found.append((texts[-best[1]][0], key, best[0]))
        for value in mine:
            if len(held_by := sharing.setdefault(value, [])) < _COMMON:
                held_by.append(number)
    return found
