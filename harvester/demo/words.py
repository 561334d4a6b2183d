"""The word lists beside this module, and ways to draw from them that spread repetition evenly."""

from __future__ import annotations

import random
import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


@cache
def table(name: str) -> dict[str, Any]:
    """One word list, by file name without its ending."""
    return tomllib.loads(files("harvester.demo").joinpath(f"{name}.toml").read_text("utf-8"))


def dice(name: str) -> random.Random:
    """Randomness that the same name always repeats; worlds are games, not secrets."""
    return random.Random(name)  # noqa: S311


class Deck(Generic[T]):
    """Cards dealt in random order: every one once before any comes a second time."""

    def __init__(self, cards: Sequence[T], rng: random.Random) -> None:
        if not cards:
            raise ValueError("a deck needs a card")
        self._cards, self._rng, self._left = tuple(cards), rng, list[T]()

    def deal(self) -> T:
        """The next card."""
        if not self._left:
            self._left = list(self._cards)
            self._rng.shuffle(self._left)
        return self._left.pop()

    def hand(self, size: int) -> list[T]:
        """`size` cards that differ from each other; all of them when there are no more than that."""
        if size >= len(self._cards):
            return list(self._cards)
        hand: list[T] = []
        while len(hand) < size:
            card = self.deal()
            if card not in hand:
                hand.append(card)
        return hand


class Slots(dict[str, str]):
    """Fills `{slots}`: what is given stays, `{n}` (11–48) and `{d}` (2–9) are new numbers each time they appear."""

    def __init__(self, rng: random.Random, given: dict[str, str]) -> None:
        super().__init__(given)
        self._rng = rng

    def __missing__(self, key: str) -> str:
        if key == "n":
            return str(self._rng.randint(11, 48))
        if key == "d":
            return str(self._rng.randint(2, 9))
        raise KeyError(key)

    def fill(self, template: str) -> str:
        """The template with every slot filled; KeyError for a slot nobody knows."""
        return template.format_map(self)
