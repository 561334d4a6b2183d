"""`At least L exist`: does the lower limit of M04 hold, by its formula and as published?"""

import math
from collections.abc import Iterator

from benchmarks.claim import Claim, Verdict
from benchmarks.worlds import Event
from benchmarks.worlds_found import Crawl, Sources, crawled, mixed, searched
from harvester.measure import coverage, unseen
from harvester.measure.sighted import lists_of


def exist(event: Event) -> Verdict:
    """`At least L exist`: the lower limit of the pooled lists, and what M04 publishes."""
    lists = lists_of(event.items, event.frame)
    row = next(row for row in coverage.measure(event.items, event.frame) if row.metric == "M04.at_least")
    if len(lists.scopes) < 2:
        return None, _at_most(row.value, event.truth)
    if len(lists.scopes) > 2:
        found = unseen.many_lists(lists.times)
    else:
        found = unseen.two_lists(*lists.sizes.values(), lists.times[1])
    return found.at_least <= event.truth, _at_most(row.value, event.truth)


def _at_most(value: float | None, truth: float) -> bool | None:
    return None if value is None else math.floor(value) <= truth


def _two() -> Iterator[Claim]:
    def row(world: str, how: Sources, *promise: int, by: str = "formula") -> Claim:
        lowest, highest = (*promise, 100)[:2] if promise else (None, 100)
        return Claim("at least L, 2 lists", world, lambda random: exist(searched(random, how)), lowest, highest, by)

    yield row("independent", Sources(), 97, 97)
    for n, p in ((20, (0.5, 0.3)), (60, (0.5, 0.3)), (60, (0.9, 0.5))):
        yield row(f"independent, N {n}, p {p[0]} and {p[1]}", Sources(n=n, chances=p), 95)
    for odds in (2, 4, 8):
        yield row(f"sources agree, odds ratio {odds}", Sources(odds=odds), 100)
    for sd in (1, 2):
        yield row(f"popular posts are found by all, sd {sd}", Sources(sd=sd), 100)
    for share in (10, 30):
        yield row(f"{share} % invisible to both", Sources(hidden=share / 100), 100)
    for odds, rate in ((1 / 2, 42), (1 / 4, 1)):
        yield row(f"sources avoid each other, odds ratio 1/{round(1 / odds)}", Sources(odds=odds), rate, rate)
    for share, rate in ((50, 90), (80, 50), (95, 9)):
        yield row(f"{share} % visible to one only, nobody says so", Sources(bound=share / 100), rate, rate)
    for share in (50, 80, 95):
        how = Sources(bound=share / 100, told=True)
        yield row(f"{share} % visible to one only, declared", how, 95, 100, by="published")
    for share in (10, 20):
        yield row(f"{share} % of overlaps not merged", Sources(unmerged=share / 100))
        yield row(f"{share} % off-topic in one list", Sources(strange=share / 100))


def _more() -> Iterator[Claim]:
    three, five = (0.5, 0.4, 0.3), (0.5, 0.4, 0.3, 0.2, 0.2)
    for chances in (three, five):
        for n in (60, 150):
            for world, more in (
                ("independent", {}), ("popular posts are found by all, sd 1.5", {"sd": 1.5}),
                ("20 % invisible", {"hidden": 0.2}), ("one copies half of another", {"copied": 0.5}),
            ):  # fmt: skip
                yield _listed(f"{world}, N {n}", Sources(n=n, chances=chances, **more), 94, 100)
    for n in (60, 150):
        bound = Sources(n=n, chances=three, bound=0.8)
        yield _listed(f"80 % bound to one, nobody says so, N {n}", bound, 76, 87)
        declared = Sources(n=n, chances=three, bound=0.8, told=True)
        yield _listed(f"80 % bound to one, declared, N {n}", declared, 94, 100, "published")
    fed = Sources(chances=three, copied=0.5, told=True)
    yield _listed("one copies half of another, declared, N 150", fed, 94, 100, "published")
    for world, told in (("a service and the open web, pooled", False), ("the same, reach declared", True)):
        yield Claim("at least L, 4 lists", world, lambda random, told=told: exist(mixed(random, told=told)),
                    96, 100, "published" if told else "formula")  # fmt: skip


def _listed(world: str, how: Sources, lowest: int, highest: int, by: str = "formula") -> Claim:
    name = f"at least L, {len(how.chances)} lists"
    return Claim(name, world, lambda random: exist(searched(random, how)), lowest, highest, by)


def _unlike() -> Iterator[Claim]:
    for chances in ((0.5, 0.4, 0.1), (0.85, 0.3, 0.1)):
        world = f"independent, p {', '.join(map(str, chances))}: not alike"
        how = Sources(chances=chances)
        yield Claim("at least L, 3 lists", world, lambda random, how=how: exist(searched(random, how)))


def _crawls() -> Iterator[Claim]:
    for world, how in (
        ("independent, N 60", Crawl(n=60)), ("independent, N 150", Crawl()), ("independent, N 400", Crawl(n=400)),
        ("popular posts are found by all, sd 1", Crawl(sd=1.0)),
        ("shared more on the web", Crawl(shared=(0.1, 0.25, 0.4))),
        ("shared more on the web, listed less", Crawl(shared=(0.1, 0.25, 0.4), listed=(0.5, 0.3, 0.1))),
        ("two services with a search, N 400", Crawl(n=400, host=0.6)),
    ):  # fmt: skip
        yield Claim("at least L, a crawl", world, lambda random, how=how: exist(crawled(random, how)), 95, 100,
                    "published")  # fmt: skip
    how = Crawl(n=400, host=0.6, pooled=True)
    yield Claim("at least L, a crawl", "the same, pooled", lambda random: exist(crawled(random, how)))


CLAIMS: tuple[Claim, ...] = (*_two(), *_more(), *_unlike(), *_crawls())
