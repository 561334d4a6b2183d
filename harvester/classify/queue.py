"""The order in which a human should look at doubtful judgements: first what can move the published ratio most.

A case's value is its doubt (how likely the judgement is wrong, as far as the evidence tells) times its move: how far
the logarithm of participant : media lies apart between the outcomes, `ln((p + ½) / (m + ½))` over written stories.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

NEAR: Final = 0.95  # a posterior below it passed the threshold of 0.90 only just
_CONFLICT: Final = 0.5  # two strong sides: whatever the sum says, it could be either
PROBABLE: Final = 0.5  # doubt of a post that is probably about the event
_TWO_STEPS: Final = 0.5  # a story whose author is unknown moves the ratio only with a second decision
_DIGITS: Final = 6


class Counts(NamedTuple):
    """Written stories in the published ratio."""

    participant: int
    media: int

    def log(self) -> float:
        """The logarithm of the ratio; half a story on each side keeps it finite."""
        return math.log((self.participant + 0.5) / (self.media + 0.5))

    def moved(self, kind: str, stories: int) -> Counts:
        """With so many stories of a kind more (or, below zero, less); other kinds are in neither number."""
        p, m = (stories if kind == name else 0 for name in ("participant", "media"))
        return Counts(max(0, self.participant + p), max(0, self.media + m))


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question to a human.

    what      author (who is it?), post (is it about the event?) or pair (is `key` the same text as `other`?)
    key       the author as `platform:handle`, or the post's key; `post` is the post to show
    kind      what the author is held to be        stories   written stories in the ratio that hang on the answer
    posts     all posts that hang on it            doubt     0 to 1
    """

    what: str
    key: str
    kind: str
    stories: int
    posts: int
    doubt: float
    reasons: tuple[str, ...]
    post: str = ""
    other: str = ""
    value: float = 0.0


def doubt_of(kind: str, posterior: float | None, review: str) -> tuple[float, tuple[str, ...]]:
    """(doubt, reasons) of an author's label; (0, ()) when nobody needs to look."""
    sure = 0.0 if posterior is None else posterior
    reasons, doubt = [], 0.0
    if kind == "unknown":
        reasons.append("unknown author")
        doubt = 1.0
    if review.startswith("conflict"):
        reasons.append(review)
        doubt = max(doubt, _CONFLICT, 1 - sure)
    if kind != "unknown" and sure < NEAR:
        reasons.append(f"posterior {sure:.3f} is below {NEAR:.2f}")
        doubt = max(doubt, 1 - sure)
    return doubt, tuple(reasons)


def outcomes(case: Case, counts: Counts) -> list[tuple[str, Counts]]:
    """What the ratio becomes by the answer: (answer, counts), for the answers that lie furthest apart."""
    if case.what == "author":
        without = counts.moved(case.kind, -case.stories)
        return [(kind, without.moved(kind, case.stories)) for kind in ("participant", "media", "other")]
    if case.what == "post":
        return [("yes", counts.moved(case.kind, case.stories)), ("no", counts)]
    return [("yes", counts.moved(case.kind, -case.stories)), ("no", counts)]


def move(case: Case, counts: Counts) -> float:
    """How far the outcomes lie apart."""
    if case.what != "author" and case.kind == "unknown":
        sides = (counts.moved(kind, case.stories).log() for kind in ("participant", "media"))
        return _TWO_STEPS * max(abs(log - counts.log()) for log in sides)
    logs = [found.log() for _, found in outcomes(case, counts)]
    return max(logs) - min(logs)


def valued(case: Case, counts: Counts) -> float:
    """Doubt times move."""
    return round(case.doubt * move(case, counts), _DIGITS)


def ordered(cases: Iterable[Case]) -> list[Case]:
    """Most valuable first, then more posts, then by key: the same cases give the same order."""
    return sorted(cases, key=lambda case: (-case.value, -case.posts, case.key, case.what))
