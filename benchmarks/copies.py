"""G18: copies found among 10,000, 30,000 and 100,000 posts: time, memory, and how many, each size in its own child.

The posts are made up, in Japanese and English, of words that are as frequent as words are; their copies are known.
Texts lie in SQLite and are read from there when folding asks for them. Hard on purpose: a tenth of all posts is on a
host that puts 700 letters under each, a twentieth fills in one form, a twentieth pastes one event's description, and
one person wrote a twentieth as microposts. `python -m benchmarks.copies 300000` runs one size.
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections import Counter
from functools import cache
from time import process_time
from typing import TYPE_CHECKING

from benchmarks.made import japanese
from benchmarks.pairs import PYTHON, peak, used
from harvester.relate.inputs import StoryInput
from harvester.relate.stories import fold
from harvester.store.connection import sqlite3

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZES = (10_000, 30_000, 100_000)
COPIES = 0.1
GOAL = 1.1  # exponent of time over the number of posts
DAY = 86_400.0


def run() -> Iterator[str]:
    """A line for each size, and how time grew between the smallest and the largest."""
    seen = []
    for size in SIZES:
        found = json.loads(used([PYTHON, "-m", "benchmarks.copies", str(size)]).output)
        seen.append(found)
        yield (
            f"G18   {size:>7,} posts folded: {found['seconds']:6.1f} s, {1e3 * found['seconds'] / size:.2f} ms a post, "
            f"{found['mib']:.0f} MiB at the peak "
            f"({found['before']:.0f} before folding); precision {found['precision']:.4f}, recall {found['recall']:.4f}"
        )
    power = math.log(seen[-1]["seconds"] / seen[0]["seconds"]) / math.log(SIZES[-1] / SIZES[0])
    yield f"G18   time grows as n^{power:.2f}, goal n^{GOAL} {'met' if power <= GOAL else 'MISSED'}"


@cache
def _words() -> tuple[list[str], list[float]]:
    dice = random.Random(2)
    words = ["".join(dice.choices("etaoinshrdlucmfwypvbgk", k=dice.randrange(2, 10))) for _ in range(6000)]
    return words, [1 / (rank + 2) for rank in range(len(words))]


def english(dice: random.Random, length: int) -> str:
    """Text whose words come as often as words do."""
    words, weights = _words()
    found = dice.choices(words, weights, k=length // 6)
    return " ".join(f"{word}." if n % 14 == 13 else word for n, word in enumerate(found))[:length]


def prose(dice: random.Random, length: int) -> str:
    """Paragraphs in one of the two languages."""
    write = japanese if dice.random() < 0.6 else english
    return "\n".join(write(dice, min(240, length - at)) for at in range(0, length, 240))


class World:
    """Posts and their texts, with the number of the story that each belongs to."""

    def __init__(self, size: int) -> None:
        self.dice = random.Random(size)
        self.texts = sqlite3.connect("")  # a file of SQLite's own, that ends with the connection
        self.texts.execute("CREATE TABLE texts (key TEXT PRIMARY KEY, text TEXT)")
        self.posts: list[StoryInput] = []
        self.truth: dict[str, int] = {}
        self.footer = prose(self.dice, 700)
        self.event = prose(self.dice, 400)
        self.form = prose(self.dice, 500)
        originals = int(size * (1 - COPIES))
        for number in range(originals):
            self.original(number)
        for number in range(originals, size):
            self.copy(number, self.dice.randrange(originals))

    def text(self, key: str) -> str:
        row = self.texts.execute("SELECT text FROM texts WHERE key = ?", (key,)).fetchone()
        return str(row[0])

    def add(self, number: int, story: int, host: str, text: str, **more: object) -> None:
        key = f"https://{host}/posts/{number}"
        self.truth[key] = story
        self.texts.execute("INSERT INTO texts VALUES (?, ?)", (key, text))
        self.posts.append(StoryInput(key=key, url=key, host=host, published=DAY + 60.0 * number, **more))

    def original(self, number: int) -> None:
        dice, chance = self.dice, self.dice.random()
        title = prose(dice, 30)
        if chance < 0.10:
            text = f"{prose(dice, dice.randrange(250, 700))}\n{self.footer}"
            self.add(number, number, "heavy.example", text, kind="news", title=title)
        elif chance < 0.15:
            text = f"{self.form}\n{prose(dice, dice.randrange(200, 400))}"
            self.add(number, number, "form.example", text, kind="article", title=title)
        elif chance < 0.20:
            text = f"{prose(dice, dice.randrange(500, 1200))}\n{self.event}"
            self.add(number, number, self.host(), text, kind="article", title=title)
        elif chance < 0.25:
            self.add(number, number, "x.com", prose(dice, 110), kind="micropost", people=frozenset({"x:one"}))
        elif chance < 0.40:
            who = f"x:p{dice.randrange(1 + len(self.posts) // 10)}"
            self.add(number, number, "x.com", prose(dice, 110), kind="micropost", people=frozenset({who}))
        else:
            text = prose(dice, dice.randrange(400, 1600))
            self.add(number, number, self.host(), text, kind="article", title=title)

    def host(self) -> str:
        return f"site{int(self.dice.paretovariate(0.5)) % 20_000}.example"

    def copy(self, number: int, story: int) -> None:
        dice, source = self.dice, self.posts[story]
        text = self.text(source.key)
        if source.kind == "micropost":
            self.add(number, story, "social.example", text, kind="micropost", people=source.people)
            return
        chance, own = dice.random(), {"kind": "article", "title": source.title}
        host = f"copies{dice.randrange(3000)}.example"
        if chance < 0.3:
            self.add(number, story, host, text, **own)
        elif chance < 0.6:
            self.add(number, story, host, f"{text}\n{prose(dice, len(text) // 8)}", **own)
        elif chance < 0.8:
            self.add(number, story, "scraper.example", f"RSS\n{text}\n{prose(dice, 60)}", **own, copyist=True)
        else:
            own_text = text.removesuffix(self.footer).removesuffix(self.event).removeprefix(self.form)
            share = max(260, int(len(own_text) * dice.uniform(0.3, 0.6)))
            self.add(number, story, host, own_text[:share], **own)


def measure(size: int) -> dict[str, float]:
    """CPU seconds and memory of folding, and how right it was about pairs of one story."""
    world = World(size)
    before = peak()
    start = process_time()
    folded = fold(world.posts, world.text)
    seconds = process_time() - start
    most = peak()
    both = Counter((f.story, world.truth[f.key]) for f in folded)
    right = sum(map(_pairs, both.values()))
    said = sum(map(_pairs, Counter(f.story for f in folded).values()))
    true = sum(map(_pairs, Counter(world.truth.values()).values()))
    return {
        "seconds": seconds,
        "mib": most,
        "before": before,
        "precision": right / max(1, said),
        "recall": right / max(1, true),
    }


def _pairs(members: int) -> int:
    return members * (members - 1) // 2


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
