"""English posts of the invented web, in the blocks that `prose_ja` describes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harvester.demo.prose_ja import Text
from harvester.demo.words import Deck, Slots, table

if TYPE_CHECKING:
    import random


class EnglishWriter:
    """Writes trip reports; one instance per world."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._frame: dict[str, Any] = table("reports_en")
        self._subjects = Deck(tuple(self._frame["topics"]), rng)
        self._decks = {name: Deck(self._frame[name], rng) for name in ("claims", "titles", "closings")}
        self._made: list[frozenset[str]] = []
        self._words = {name: Deck(self._frame[name], rng) for name in ("work", "mate", "lang", "event")}

    def report(self) -> Text:
        """A participant's post that says its author attended."""
        slots = Slots(self._rng, {name: deck.deal() for name, deck in self._words.items()})
        subjects = self._fresh()
        slots["head"] = self._frame["topics"][subjects[0]]["head"]
        blocks = [slots.fill(self._decks["claims"].deal())]
        for topic in subjects:
            lines = [slots.fill(line) for line in Deck(self._frame["topics"][topic]["lines"], self._rng).hand(4)]
            blocks += [f"# {self._frame['topics'][topic]['head'].capitalize()}", " ".join(lines)]
        blocks.append(slots.fill(self._decks["closings"].deal()))
        title = slots.fill(self._decks["titles"].deal())
        return Text(title=title[:1].upper() + title[1:], blocks=tuple(blocks), subject=subjects[0], language="en")

    def _fresh(self) -> list[str]:
        """Three subjects of which no earlier text has two."""
        for _ in range(400):
            subjects = self._subjects.hand(3)
            if all(len(made.intersection(subjects)) < 2 for made in self._made):
                break
        self._made.append(frozenset(subjects))
        return subjects
