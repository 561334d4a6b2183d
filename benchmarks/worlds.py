"""Made-up events whose truth is known: how often each side writes, when half are out.

A world is what `measure` of a family reads. Everything is drawn from the `Random` it is given. What these worlds cannot
say is how often a violation happens outside.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from random import Random
from statistics import NormalDist

from harvester.measure.frame import Frame
from harvester.measure.item import Item
from harvester.measure.world import World

START, END = datetime(2016, 12, 21, 10, tzinfo=UTC), datetime(2016, 12, 21, 12, 30, tzinfo=UTC)
DAYS = 28
LIVE, SPREAD, MIDDLE = 0.1, 1.6, 1.5  # share said while it is on; then log-normal, this median in days


@dataclass(frozen=True)
class Event:
    """Items and frame as a measure gets them, and what is true of the world behind them."""

    items: list[Item]
    frame: Frame
    truth: float


@lru_cache(maxsize=8192)
def item(number: int, kind: str = "participant", author: int | None = None, platform: str = "web") -> Item:
    """A counted story of the morning after, by an author of its own unless told."""
    who = number if author is None else author
    return Item(
        post_id=number, key=f"s{number}", url=f"https://{kind}.example/{number}", title="t", kind="article",
        group="written", platform=platform, relation="original", story=f"s{number}", author_id=who,
        author=f"id:{kind}{who}", author_name="n", host="", author_kind=kind, author_subkind="",
        published_at=END + timedelta(hours=12), precision="second", local_day="2016-12-22", relevance="confirmed",
        counted=True, not_counted_reason="", incentivised=False,
    )  # fmt: skip


def frame(world: World | None = None) -> Frame:
    """The frame of a report made when everything is over, with media outlets checked."""
    return Frame(
        event="e", starts=START, ends=END, window=(START, END + timedelta(days=DAYS)), timezone="UTC",
        venue_timezone="UTC", as_of=END + timedelta(days=40), rules="r", recipe="0", media_outlets=48,
        world=world or World(),
    )  # fmt: skip


def poisson(random: Random, mean: float) -> int:
    """A Poisson number, by Knuth's product in parts that do not underflow."""
    total = 0
    while mean > 0:
        part, mean = min(mean, 30.0), mean - 30.0
        limit, product = math.exp(-part), random.random()
        while product > limit:
            total, product = total + 1, product * random.random()
    return total


def geometric(random: Random, mean: float) -> int:
    """1, 2, 3 … with this mean; variance over mean of the sum of a Poisson number of them is 2·mean − 1."""
    if mean <= 1:
        return 1
    return 1 + int(math.log(1 - random.random()) / math.log(1 - 1 / mean))


def sizes(random: Random, expected: float, each: float) -> list[int]:
    """Stories by author: a Poisson number of authors, `each` stories by one on average, `expected` in all."""
    return [geometric(random, each) for _ in range(poisson(random, expected / each))]


def written(random: Random, participants: float, media: float, each: float = 1, desk: float = 1) -> Event:
    """An event by expected stories of both sides; `each` and `desk` are stories by one writer and one outlet."""
    items = []
    for kind, expected, mean in (("participant", participants, each), ("media", media, desk)):
        for author, count in enumerate(sizes(random, expected, mean)):
            items += [item(len(items) + n, kind, author) for n in range(count)]
    return Event(items, frame(), participants / media)


def age(random: Random) -> float:
    """Days after the end at which a story is out: log-normal within 28 days, some while the event is on."""
    if random.random() < LIVE:
        return 0.0
    while (days := MIDDLE * math.exp(random.gauss(0, SPREAD))) > DAYS:
        pass
    return days


def half() -> float:
    """The hours after which half of all such stories are out."""
    normal = NormalDist(math.log(MIDDLE), SPREAD)
    share = (0.5 - LIVE) / (1 - LIVE) * normal.cdf(math.log(DAYS))
    return math.exp(normal.inv_cdf(share)) * 24


def published(random: Random, n: int, make: Callable[[int], Item] = item) -> Event:
    """An event of n stories with their hours."""
    items = []
    for number in range(n):
        at = END + timedelta(seconds=round(age(random) * 86_400))
        items.append(replace(make(number), published_at=at, local_day=at.date().isoformat()))
    return Event(items, frame(), half())
