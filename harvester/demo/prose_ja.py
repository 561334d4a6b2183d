"""Japanese texts of the invented web: many short statements, dealt so that two authors rarely share one.

A text is a tuple of blocks: `# ` a heading, `- ` list items (one a line), else a paragraph; a link inside is
written `[[words|address]]`. `sites` turns blocks into markup.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harvester.demo.words import Deck, Slots, table

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

# What a subject's chapter may be about when the author was not there.
SERVICES = (
    "athena", "lex", "polly", "rekognition", "lightsail", "xray", "stepfunctions", "greengrass", "snowmobile",
    "snowball", "glue", "batch", "codebuild", "shield", "f1", "aurora", "edge", "csharp", "health", "ssm",
    "gpu", "ecs", "org",
)  # fmt: skip
_THERE = re.compile(
    r"ブース|隣|会場|展示|登壇|席|ステージ|拍手|前の列|その場|質問|質疑|持ち上げ|デモ|実演|休憩|帰国|壇|どよめ|引き合い|写真|映画|説明です|聞いた|真顔|だそうです|おける|語られ|手を挙げ|声を上げ|悩みました"
)
_MOST_SHARED = 2  # two texts may have so many subjects in common


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What one author wrote, before any markup."""

    title: str
    blocks: tuple[str, ...]
    subject: str
    language: str = "ja"


class JapaneseWriter:
    """Writes posts; one instance per world, because it remembers what it has already dealt."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._topics: dict[str, Any] = table("topics_ja")
        self._frames: dict[str, Any] = table("reports_ja")
        self._words: dict[str, Deck[str]] = {k: Deck(v, rng) for k, v in table("words_ja").items()}
        self._decks: dict[str, Deck[str]] = {}
        self._subjects = Deck(tuple(self._topics), rng)
        self._services = Deck(SERVICES, rng)
        self._made: list[frozenset[str]] = []

    def slots(self, **given: str) -> Slots:
        """The facts of one text: its author's job, town, companion and so on."""
        return Slots(self._rng, {name: deck.deal() for name, deck in self._words.items()} | given)

    def deal(self, name: str, cards: Sequence[str]) -> str:
        """The next card of a named deck."""
        if name not in self._decks:
            self._decks[name] = Deck(cards, self._rng)
        return self._decks[name].deal()

    def lines(self, topic: str, size: int, slots: Slots, *, there: bool = True) -> list[str]:
        """Statements about one subject; `there=False` leaves out what only somebody on site can say."""
        cards = self._topics[topic]["lines"]
        if not there:
            cards = [line for line in cards if not _THERE.search(line)]
        name = f"{topic}:{there}"
        if name not in self._decks:
            self._decks[name] = Deck(cards, self._rng)
        return [slots.fill(line) for line in self._decks[name].hand(size)]

    def report(self, day: str, *, claims: bool) -> Text:
        """A participant's post. `claims`: says outright that its author was there."""
        slots = self.slots(day=day)
        frames, subjects = self._frames, self._fresh(self._subjects, self._rng.choice((3, 3, 4, 4, 5)))
        opening = self.deal("claims", frames["claims"]) if claims else self.deal("onsite", frames["onsite"])
        first = [opening, *Deck(frames["claims_extra"], self._rng).hand(self._rng.randint(1, 2))]
        blocks = ["".join(slots.fill(line) for line in first)]
        for topic in subjects:
            blocks += self._chapter(topic, slots, there=True)
        blocks.append(slots.fill(self.deal("closings", frames["closings"])))
        return self._text("titles", frames["titles"], subjects, blocks, slots)

    def reading(self, role: str) -> Text:
        """A post by somebody who stayed at home: role `independent`, `staff` or `unknown`."""
        slots, frame = self.slots(), self._frames[role]
        subjects = self._fresh(self._services, self._rng.choice((3, 4)))
        blocks = [slots.fill(self.deal(f"{role}:opens", frame["opens"]))]
        for topic in subjects:
            blocks += self._chapter(topic, slots, there=False)
        blocks.append(slots.fill(self.deal(f"{role}:closings", frame["closings"])))
        return self._text(f"{role}:titles", frame["titles"], subjects, blocks, slots)

    def notice(self) -> Text:
        """A post of the people who run the journey to the event."""
        slots, frame = self.slots(), self._frames["organiser"]
        body = [slots.fill(line) for line in Deck(frame["body"], self._rng).hand(6)]
        blocks = [slots.fill(self.deal("organiser:opens", frame["opens"])), "".join(body[:3]), "".join(body[3:])]
        return Text(
            title=slots.fill(self.deal("organiser:titles", frame["titles"])), blocks=tuple(blocks), subject="office"
        )

    def _chapter(self, topic: str, slots: Slots, *, there: bool) -> list[str]:
        lines = self.lines(topic, self._rng.randint(3, 5) if there else 3, slots, there=there)
        cut = self._rng.randint(1, len(lines) - 1) if len(lines) > 1 else 1
        heading = f"# {self.deal(f'{topic}:heads', self._topics[topic]['heads'])}"
        return [heading, *("".join(part) for part in (lines[:cut], lines[cut:]) if part)]

    def _text(self, deck: str, titles: Sequence[str], subjects: Sequence[str], blocks: list[str], slots: Slots) -> Text:
        head = self._rng.choice(self._topics[subjects[0]]["heads"])
        slots["head"] = head
        return Text(title=slots.fill(self.deal(deck, titles)), blocks=tuple(blocks), subject=subjects[0])

    def _fresh(self, deck: Deck[str], size: int) -> list[str]:
        """A choice of subjects that shares little with every earlier text."""
        for _ in range(400):
            subjects = deck.hand(size)
            if all(len(made.intersection(subjects)) <= _MOST_SHARED for made in self._made):
                break
        self._made.append(frozenset(subjects))
        return subjects
