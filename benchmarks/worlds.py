"""Made-up events whose truth is known: how many stories there are, how often each side writes, when half are out.

A world is what `measure` of a family reads. Everything is drawn from the `Random` it is given. What these worlds cannot
say is how often a violation happens outside.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from random import Random
from statistics import NormalDist

from harvester.measure.metric import Frame, Item
from harvester.measure.world import Scope, World

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


def logit(p: float, shift: float) -> float:
    """A probability moved on the scale of its log odds."""
    return 1 / (1 + math.exp(-(math.log(p / (1 - p)) + shift)))


def both(p: float, q: float, odds: float) -> float:
    """The probability that two lists hold a story, whose odds ratio is `odds` (Plackett 1965)."""
    if odds == 1:
        return p * q
    s = 1 + (p + q) * (odds - 1)
    return (s - math.sqrt(s * s - 4 * odds * (odds - 1) * p * q)) / (2 * (odds - 1))


@dataclass(frozen=True, kw_only=True)
class Sources:
    """How the lists find the stories of a world.

    n, chances      stories that exist; for each list the chance that it finds one
    odds            odds ratio between the first two lists, 1 when they are independent
    sd              how differently findable stories are, for all lists alike (standard deviation of the log odds)
    hidden          share that no list can see; `bound`: that one list alone can, in equal parts for each list
    copied          share of the first list's finds that the last one takes over
    unmerged        share of the overlaps whose two sightings were not seen to be one story
    strange         stories of no concern in the first list, as a share of those that exist
    told            whether platforms are known, and the lists say which of them they see and what they copy
    """

    n: int = 150
    chances: tuple[float, ...] = (0.5, 0.4)
    odds: float = 1.0
    sd: float = 0.0
    hidden: float = 0.0
    bound: float = 0.0
    copied: float = 0.0
    unmerged: float = 0.0
    strange: float = 0.0
    told: bool = False


def stories(random: Random, how: Sources) -> list[tuple[str, tuple[str, ...]]]:
    """(platform, lists that hold it) of every row the database would have."""
    names = tuple("abcdefgh"[: len(how.chances)])
    found = []
    for number in range(how.n):
        if number < how.hidden * how.n:
            continue
        shift = random.gauss(0, how.sd) if how.sd else 0.0
        chances = [logit(p, shift) if shift else p for p in how.chances]
        own = names[number % len(names)] if number >= (1 - how.bound) * how.n else ""
        held = _held(random, chances, how)
        lists = tuple(name for name, hit in zip(names, held, strict=True) if hit and own in ("", name))
        if len(lists) == 2 and random.random() < how.unmerged:
            found += [(own, lists[:1]), (own, lists[1:])]
        elif lists:
            found.append((own, lists))
    strange = [("", ("a",))] * round(how.strange * how.n)
    return [((own or "open") if how.told else "web", lists) for own, lists in found + strange]


def _held(random: Random, chances: Sequence[float], how: Sources) -> list[bool]:
    """Whether each list holds one story."""
    first = random.random() < chances[0]
    shared = both(chances[0], chances[1], how.odds)
    given = shared / chances[0] if first else (chances[1] - shared) / (1 - chances[0])
    held = [first, random.random() < given, *(random.random() < p for p in chances[2:])]
    if first and random.random() < how.copied:
        held[-1] = True
    return held


def sighted(rows: Iterable[tuple[str, tuple[str, ...]]], truth: float, scopes: Iterable[Scope] = ()) -> Event:
    """An event of found stories, for M04."""
    items, seen = [], {}
    for number, (platform, lists) in enumerate(rows):
        items.append(item(number, platform=platform))
        seen[number] = tuple((name, "") for name in lists)
    return Event(items, frame(World(sighted=seen, scopes=tuple(scopes))), truth)


def searched(random: Random, how: Sources) -> Event:
    """An event with `how.n` stories, as far as the lists found them."""
    scopes = []
    if how.told:
        names = "abcdefgh"[: len(how.chances)]
        platforms = [("open", name) if how.bound else () for name in names]
        fed = ["a" if how.copied and name == names[-1] else "" for name in names]
        rows = zip(names, platforms, fed, strict=True)
        scopes = [Scope(source=name, platforms=seen, fed_by=by) for name, seen, by in rows]
    return sighted(stories(random, how), how.n, scopes)


def mixed(random: Random, *, told: bool = True) -> Event:
    """150 stories, two in five on a service with an interface, the others on the open web with three searches."""
    n, rows = 150, []
    for number in range(n):
        service, shift = number < n * 0.4, random.gauss(0, 1.5)
        chances = {"service": 0.7 * service, "search": 0.35, "links": 0.3, "feeds": 0.45 * (not service)}
        lists = tuple(name for name, p in chances.items() if p and random.random() < logit(p, shift))
        if lists:
            rows.append(("service" if service and told else "web", lists))
    platforms = {"service": ("service",), "search": (), "links": (), "feeds": ("web",)}
    scopes = [Scope(source=name, platforms=seen) for name, seen in platforms.items()]
    return sighted(rows, n, scopes if told else ())


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
