"""Copies, excerpts, translations and look-alikes made of real pages, whose stories are known by how they were made.

Every class is a small world. Its posts carry the truth beside them (`Made.story`); `score` compares all pairs. The
real texts come through the same door as in a crawl; nothing of them is kept.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from harvester import article
from harvester.relate.inputs import StoryInput
from harvester.relate.shingles import reduced
from harvester.relate.stories import Folded, fold
from harvester.text import plain
from harvester.urls import host_of
from tests.conformance import pages

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable

    from tests.conformance.pages import Gold

NOW = datetime(2026, 11, 22, tzinfo=UTC)
HOUR, DAY = 3600.0, 86_400.0
BEGAN = 1_700_000_000.0
_PIECE = re.compile(r"[^。.!?\n]*[。.!?\n]*\n*")
_WORD = re.compile(r"\w+")
ADS = (
    "スポンサーリンク",
    "Advertisement - story continues below",
    "[PR] 今すぐ無料で登録",
    "Read more at the source",
    "関連記事",
)
INTROS = ("以下、気になった記事からの抜粋です。", "Seen today and worth a read:", "メモ。")


@dataclass(frozen=True)
class Source:
    """A real article: its text as we extract it, and what else stands on its page."""

    url: str
    title: str
    text: str
    language: str
    around: str

    @property
    def japanese(self) -> bool:
        return self.language == "ja"

    @property
    def host(self) -> str:
        return host_of(self.url)


@cache
def sources() -> tuple[Source, ...]:
    """Distinct articles of 900 to 12,000 letters; Japanese ones are taken from 500."""
    found, seen = [], set()
    for page in (*pages.japanese_blog(), *pages.articles()[::2], *pages.news()[::4]):
        source = _read(page)
        size = len(reduced(source.text))
        if (500 if source.japanese else 900) <= size <= 12_000 and source.text[:200] not in seen:
            seen.add(source.text[:200])
            found.append(source)
    return tuple(found)


def _read(page: Gold) -> Source:
    body = page.body
    parsed = article.parse(body, {}, page.url, now=NOW)
    draft = parsed.drafts[0] if parsed.drafts else None
    around = [line for line in plain(body.decode("utf-8", "replace")).splitlines() if line and line not in parsed.text]
    return Source(
        page.url, parsed.title or page.title, (draft.text if draft else "") or parsed.text, parsed.language,
        "\n".join(around)[-4000:],
    )  # fmt: skip


@dataclass
class Made:
    """A class of the set: posts, the story of each by how it was made, and what relation it must get ("" for any)."""

    name: str
    posts: list[StoryInput] = field(default_factory=list)
    story: dict[str, str] = field(default_factory=dict)
    relation: dict[str, str] = field(default_factory=dict)
    counts: dict[str, bool] = field(default_factory=dict)
    number: int = 0

    def add(self, story: str, text: str, *, relation: str = "", counts: bool | None = None, **more: Any) -> str:
        """Put a post into the world; its key."""
        self.number += 1
        host = more.pop("host", f"{self.name.replace('_', '-')}{self.number}.example")
        key = more.pop("key", f"https://{host}/entry/{self.number}")
        more = {"kind": "article", "url": key, "published": BEGAN + HOUR * self.number, **more}
        self.posts.append(StoryInput(key=key, host=host, text=text, **more))
        self.story[key] = story
        if relation:
            self.relation[key] = relation
        if counts is not None:
            self.counts[key] = counts
        return key

    def source(self, source: Source, **more: Any) -> str:
        """A real article as it stands, on a host of its own."""
        more = {"title": source.title, "language": source.language, **more}
        return self.add(source.url, source.text, **more)


@dataclass(frozen=True)
class Score:
    """Pairs of posts: said to be one story and right, said in all, true in all; and posts placed otherwise wrongly."""

    right: int
    said: int
    true: int
    wrong: tuple[str, ...]

    @property
    def precision(self) -> float:
        return self.right / self.said if self.said else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.true if self.true else 1.0

    def __add__(self, other: Score) -> Score:
        return Score(self.right + other.right, self.said + other.said, self.true + other.true, self.wrong + other.wrong)


def score(made: Made, folded: Iterable[Folded]) -> Score:
    """How right a folding is."""
    placed = {f.key: f for f in folded if f.key in made.story}
    both = Counter((f.story, made.story[key]) for key, f in placed.items())
    said = Counter(f.story for f in placed.values())
    true = Counter(made.story.values())
    wrong = [f"{key}: {placed[key].relation}" for key, want in made.relation.items() if placed[key].relation != want]
    wrong += [f"{key}: counted" for key, want in made.counts.items() if placed[key].counted != want]
    return Score(*(sum(n * (n - 1) // 2 for n in counts.values()) for counts in (both, said, true)), tuple(wrong))


def folded(made: Made) -> Score:
    """A class by itself."""
    return score(made, fold(made.posts))


def pieces(text: str) -> list[str]:
    """Sentences and lines with their ends."""
    return [piece for piece in _PIECE.findall(text) if piece.strip()]


def part(dice: random.Random, text: str, low: float, high: float) -> str:
    """Whole sentences in a row: this share of a text, and at least 230 letters of it."""
    found, want = pieces(text), dice.uniform(low, high) * len(text)
    for start in (dice.choice((0, 0, dice.randrange(max(1, len(found) // 3)))), 0):
        taken = ""
        for piece in found[start:]:
            taken += piece
            if len(taken) >= want and len(reduced(taken)) >= 230:
                return taken
    return text


def jumbled(dice: random.Random, letters: int, *, japanese: bool) -> str:
    """What somebody else wrote: words of one or two real texts in another order, with lines and full stops."""
    words: list[str] = []
    for source in dice.sample([s for s in sources() if s.japanese == japanese], 2):
        for word in _WORD.findall(source.text):
            step = dice.randrange(2, 6) if not word.isascii() and len(word) > 6 else len(word)
            words += [word[at : at + step] for at in range(0, len(word), step)]
    dice.shuffle(words)
    out, size = [], 0
    while size < letters:
        line = ("" if japanese else " ").join(dice.choices(words, k=dice.randrange(8, 20)))
        out.append(line + ("。" if japanese else "."))
        size += len(reduced(line))
    return "\n".join(" ".join(out[at : at + 3]) for at in range(0, len(out), 3))


def edited(dice: random.Random, text: str, share: float) -> str:
    """A text with this share of its words (in Japanese: of its letters, two to six at a time) replaced."""
    out, other = [], dice.sample(_WORD.findall(text), k=min(200, len(_WORD.findall(text))))
    for word in re.split(r"(\W+)", text):
        if not word.isascii() and len(word) > 6:
            at = 0
            while at < len(word):
                step = dice.randrange(8, 40)
                out.append(word[at : at + step])
                at += step
                if at < len(word) and dice.random() < share * 6:
                    cut = dice.randrange(2, 6)
                    out.append(dice.choice(other)[:cut])
                    at += cut
        elif word.isalnum() and dice.random() < share:
            out.append(dice.choice(other))
        else:
            out.append(word)
    return "".join(out)


def with_ads(dice: random.Random, text: str) -> str:
    """A scraper's page: its own line above and below and advertisements between the paragraphs."""
    lines = text.split("\n")
    for _ in range(max(1, len(lines) // 6)):
        lines.insert(dice.randrange(len(lines) + 1), dice.choice(ADS))
    return "\n".join(["Auto feed 24", *lines, "Source: the original site", dice.choice(ADS)])
