"""Texts that newsrooms, vendors, sponsors and press offices of the invented web publish, and unrelated ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harvester.demo.prose_ja import SERVICES, JapaneseWriter, Text
from harvester.demo.words import Deck, Slots, table

if TYPE_CHECKING:
    import random

_MOST_SHARED = 3  # two news items may have so many sentences in common


class NewsDesk:
    """Writes what is not a participant's or reader's own post."""

    def __init__(self, rng: random.Random, writer: JapaneseWriter) -> None:
        self._rng, self._writer = rng, writer
        self._news: dict[str, Any] = table("news_ja")
        self._noise: dict[str, Any] = table("noise_ja")
        names = table("names")
        self._corps, self._products = Deck(names["companies"], rng), Deck(names["products"], rng)
        self._services = Deck(SERVICES, rng)
        self._taken: list[frozenset[str]] = []
        self._english = Deck(tuple(range(len(self._news["news"]["english_heads"]))), rng)

    def news(self, *, english: bool = False) -> Text:
        """An article of a newsroom."""
        slots, frame = self._slots(), self._news["news"]
        prefix = "english_" if english else ""
        deal = self._writer.deal
        title = slots.fill(deal(f"news:{prefix}heads", frame[f"{prefix}heads"]))
        lead = slots.fill(deal(f"news:{prefix}leads", frame[f"{prefix}leads"]))
        body = [slots.fill(line) for line in self._sentences(frame[f"{prefix}body"], 5 if english else 9)]
        glue = " " if english else ""
        third = len(body) // 3
        blocks = (lead, glue.join(body[:third]), glue.join(body[third : 2 * third]), glue.join(body[2 * third :]))
        return Text(title=title, blocks=blocks, subject="news", language="en" if english else "ja")

    def owned(self, role: str, company: str, reporter: str) -> Text:
        """A post of the vendor, a sponsor, or a press release: role `vendor`, `sponsor` or `release`."""
        slots, frame = self._slots(corp=company, reporter=reporter), self._news[role]
        lines = [slots.fill(line) for line in Deck(frame["lines"][1:], self._rng).hand(5)]
        extra = [f"- {line}" for line in self._writer.lines(self._services.deal(), 2, slots, there=False)]
        title = slots.fill(self._writer.deal(f"{role}:heads", frame["heads"]))
        opening = slots.fill(frame["lines"][0]) + (
            f"{slots['event']} に関するお知らせです。" if role == "vendor" else ""
        )
        blocks = (opening, "".join(lines[:3]), "\n".join(extra), "".join(lines[3:]))
        return Text(title=title, blocks=blocks, subject=role)

    def other_year(self, year: int) -> Text:
        """A report about another edition of the event."""
        slots, frame = self._slots(year=str(year)), self._noise["other_year"]
        topics = table("topics_ja")
        chapters: list[str] = []
        for topic in Deck(("travel", "venue", "food", "tips", "english", "party"), self._rng).hand(2):
            chapters += [f"# {self._rng.choice(topics[topic]['heads'])}", "".join(self._writer.lines(topic, 3, slots))]
            slots["head"] = chapters[-2].removeprefix("# ")
        lines = Deck(frame[f"lines_{year}"], self._rng).hand(4)
        opening = slots.fill(self._rng.choice(frame["opens"]))
        title = slots.fill(self._writer.deal("other_year:titles", frame["titles"]))
        return Text(title=title, blocks=(opening, "".join(lines), *chapters), subject="otheryear")

    def local(self, *, naming: bool = False) -> Text:
        """A report about another meeting; `naming`: one that was held about the event."""
        slots, frame = self._slots(), self._noise["local"]
        lines = [self._writer.deal("local:lines", frame["lines"]) for _ in range(6)]
        opening = slots.fill(self._writer.deal("local:opens", frame["opens"]))
        title = slots.fill(self._writer.deal("local:titles", frame["titles"]))
        if naming:
            title, opening = (slots.fill(self._noise["passing"][key]) for key in ("local_title", "local_open"))
        return Text(title=title, blocks=(opening, "".join(lines[:3]), "".join(lines[3:])), subject="local")

    def offtopic(self, *, naming: bool = False) -> Text:
        """Something else altogether; `naming`: with the event mentioned in passing."""
        slots, frame = self._slots(), self._noise["offtopic"]
        lines = [self._writer.deal("offtopic:lines", frame["lines"]) for _ in range(6)]
        title = slots.fill(self._writer.deal("offtopic:titles", frame["titles"]))
        aside = (self._noise["passing"]["aside"],) if naming else ()
        return Text(title=title, blocks=("".join(lines[:3]), *aside, "".join(lines[3:])), subject="other")

    def spam(self) -> Text:
        """An English page that shares a word with the event and nothing else."""
        frame = self._noise["spam"]
        title = self._writer.deal("spam:titles", frame["titles"])
        return Text(title=title, blocks=(" ".join(frame["lines"]),), subject="spam", language="en")

    def _slots(self, **given: str) -> Slots:
        named = {"corp": self._corps.deal(), "product": self._products.deal(), "reporter": "広報担当"}
        return self._writer.slots(**(named | given))

    def _sentences(self, cards: list[str], size: int) -> list[str]:
        deck = Deck(cards, self._rng)
        for _ in range(400):
            hand = deck.hand(size)
            if all(len(taken.intersection(hand)) <= _MOST_SHARED for taken in self._taken):
                break
        self._taken.append(frozenset(hand))
        return hand
