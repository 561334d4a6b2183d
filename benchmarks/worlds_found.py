"""Made-up events for M04: how many stories exist, and which of several lists found which.

Nothing here knows the estimate: a list finds a story by its own chance, and what breaks the estimate is put in by hand.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from benchmarks.worlds import Event, frame, item
from harvester.measure.sighted import LISTED, SHARED
from harvester.measure.world import Scope, World


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


@dataclass(frozen=True, kw_only=True)
class Crawl:
    """A crawl's lists: one service asked by its own search, and what was shared and listed, which see every platform.

    n          stories that exist: three in ten on the service, a quarter on a blog host, the others on sites
    shared, listed   for each of these three the chance that the list has a story
    host       chance that a second search of its own finds one of the blog host, 0 without such a search
    sd         how differently findable stories are, as in `Sources`
    pooled     whether nobody tells the lists' platforms and kinds: they are names like any others
    """

    n: int = 150
    service: float = 0.85
    shared: tuple[float, float, float] = (0.25, 0.25, 0.25)
    listed: tuple[float, float, float] = (0.3, 0.3, 0.3)
    host: float = 0.0
    sd: float = 0.0
    pooled: bool = False


def crawled(random: Random, how: Crawl) -> Event:
    """An event as a crawl of several sources leaves it."""
    rows: list[tuple[str, tuple[str, ...]]] = []
    for number in range(how.n):
        place = 0 if number < how.n * 0.3 else 1 if number < how.n * 0.55 else 2
        shift = random.gauss(0, how.sd) if how.sd else 0.0
        chances = {
            "service": how.service * (place == 0), "host": how.host * (place == 1),
            SHARED: how.shared[place], LISTED: how.listed[place],
        }  # fmt: skip
        lists = tuple(name for name, p in chances.items() if p and random.random() < logit(p, shift))
        if lists and how.pooled:
            rows.append(("web", tuple(f"the {name}" for name in lists)))
        elif lists:
            rows.append((("service", "host", "web")[place], lists))
    return sighted(rows, how.n, [Scope(source=name, platforms=(name,)) for name in ("service", "host")])
