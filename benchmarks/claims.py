"""Do the published statements hold? Seeded worlds with known truth, through the measures that a report prints.

`python -m benchmarks claims`: 200 worlds a row. A row says how often the statement was true of all worlds by its
formula, and of those in which the measure publishes it: `insufficient` and `not_applicable` publish nothing. Promised
are the rates of the measurement specification's own simulations; a row without one shows what no statement survives,
and why it must not happen (copies that were not merged, posts about something else).
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from benchmarks import whole, worlds
from benchmarks.worlds import Event, Sources
from harvester.measure import coverage, halflife, ratio, unseen
from harvester.measure.sighted import lists_of

WORLDS = 200
SEED = 2016
REPORTED = 3  # worlds that go through a database and `harvest report`
Verdict = tuple[bool | None, bool | None]  # true by the formula, true as published; None: nothing is said


@dataclass(frozen=True)
class Claim:
    """One row: a kind of world, how to judge one, and between which rates (%) the promise lies.

    `by` says which of the two columns was promised: a formula's rate, or what is published by our rules.
    """

    name: str
    world: str
    make: Callable[[Random], Event]
    judge: Callable[[Event], Verdict]
    lowest: int | None = None
    highest: int = 100
    by: str = "formula"


@dataclass(frozen=True)
class Rate:
    """How often a claim was true, of how many worlds in which it was made."""

    true: int
    made: int

    @property
    def percent(self) -> float:
        """The rate, 100 where the claim was never made."""
        return 100 * self.true / self.made if self.made else 100.0

    def within(self, lowest: int, highest: int) -> bool:
        """Whether the rate is one that a true rate in this range gives: 2.6 standard errors are luck, 1 in 100."""
        if not self.made:
            return True
        low, high = (end / 100 for end in (lowest, highest))
        slack = [2.6 * math.sqrt(max(p * (1 - p), 0.005) / self.made) for p in (low, high)]
        return low - slack[0] <= self.true / self.made <= high + slack[1]


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


def between(event: Event) -> Verdict:
    """The chance range of the ratio, or its lower bound where no media story was found."""
    row = ratio.measure(event.items, event.frame)[0]
    if row.ci is None:
        return None, None
    lo, hi = row.ci.lo, row.ci.hi
    true = (lo is None or lo <= event.truth) and (hi is None or event.truth <= hi)
    return true, true


def no_media(make: Callable[[Random], Event]) -> Callable[[Random], Event]:
    """Worlds of this kind in which luck had it that no media wrote."""

    def made(random: Random) -> Event:
        while True:
            event = make(random)
            if all(item.author_kind != "media" for item in event.items):
                return event

    return made


def half(event: Event) -> Verdict:
    """The interval of T50 by order statistics, and what M06 publishes: nothing below 15 posts."""
    found = halflife.median_interval(
        [max(0.0, (item.published_at - event.frame.ends).total_seconds()) for item in event.items]
    )
    rows = halflife.measure(event.items, event.frame)
    ci = next(r.ci for r in rows if (r.metric, r.group, r.kind) == ("M06.t50", "written", "participant"))
    formula = None if found is None else found[0] <= event.truth * 3600 <= found[1]
    return formula, None if ci is None else ci.lo <= event.truth <= ci.hi


def _two() -> Iterator[Claim]:
    def row(world: str, how: Sources, *promise: int, by: str = "formula") -> Claim:
        lowest, highest = (*promise, 100)[:2] if promise else (None, 100)
        return Claim(
            "at least L, 2 lists", world, lambda random: worlds.searched(random, how), exist, lowest, highest, by
        )

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
        yield Claim("at least L, 4 lists", world, lambda random, told=told: worlds.mixed(random, told=told), exist,
                    96, 100, "published" if told else "formula")  # fmt: skip


def _listed(world: str, how: Sources, lowest: int, highest: int, by: str = "formula") -> Claim:
    name = f"at least L, {len(how.chances)} lists"
    return Claim(name, world, lambda random: worlds.searched(random, how), exist, lowest, highest, by)


def _ratios() -> Iterator[Claim]:
    for each, desk, world in ((1, 1, "one post per author"), (5, 1, "clustered, variance/mean 9"),
                              (9, 2, "clustered, variance/mean 17")):  # fmt: skip
        for media in (3, 5, 20):
            yield Claim(
                "range of the ratio", f"{world}, E[M] {media}",
                lambda random, e=each, d=desk, m=media: worlds.written(random, 120, m, e, d), between,
                94 if media == 3 else 92, 97,
            )  # fmt: skip
    for each in (1, 5):
        for media in (1, 2):
            make = no_media(lambda random, e=each, m=media: worlds.written(random, 20, m, e))
            world = f"{'one post per author' if each == 1 else 'clustered'}, E[M] {media}, none came"
            yield Claim("bound without media", world, make, between, 100)


def _halves() -> Iterator[Claim]:
    for n in (8, 15, 30, 60, 120):
        yield Claim("T50 interval", f"{n} posts", lambda random, n=n: worlds.published(random, n), half, 96, 99)


CLAIMS: tuple[Claim, ...] = (*_two(), *_more(), *_ratios(), *_halves())


def rates(claim: Claim, count: int = WORLDS) -> tuple[Rate, Rate]:
    """How often a claim holds by its formula, and as published. Each row has its own seed."""
    told: tuple[list[bool], list[bool]] = ([], [])
    random = Random(f"{SEED} {claim.name} {claim.world}")
    for _ in range(count):
        for column, verdict in zip(told, claim.judge(claim.make(random)), strict=True):
            if verdict is not None:
                column.append(verdict)
    formula, publish = (Rate(sum(column), len(column)) for column in told)
    return formula, publish


def kept(claim: Claim, formula: Rate, publish: Rate) -> bool:
    """Whether the promised column is as promised."""
    rate = publish if claim.by == "published" else formula
    return claim.lowest is None or rate.within(claim.lowest, claim.highest)


def run() -> Iterator[str]:
    """The table, and what a few worlds say that went through a database and `harvest report`."""
    yield f"{WORLDS} worlds a row, seed {SEED}; true of all worlds by the formula, and of those where it is published"
    for claim in CLAIMS:
        formula, publish = rates(claim)
        promised = "-" if claim.lowest is None else f"{claim.lowest}-{claim.highest} %"
        if claim.lowest == claim.highest:
            promised = f"{claim.lowest} %"
        word = "" if claim.lowest is None else "met" if kept(claim, formula, publish) else "MISSED"
        if word and claim.by == "published" and not publish.made:
            word = "silent"
        shown = f"{publish.percent:4.0f} % of {publish.made:3}" if publish.made else "     never   "
        yield (
            f"{claim.name:<21} {claim.world:<47} {promised:>9}  {formula.percent:4.0f} %  {shown}"
            f"  {claim.by if word else '':<9} {word}"
        ).rstrip()
    yield from through_reports()


def through_reports() -> Iterator[str]:
    """A line for each whole world that went through `harvest import` and `harvest report --json`."""
    for seed in range(SEED, SEED + REPORTED):
        event = whole.whole(seed)
        with TemporaryDirectory() as folder:
            rows = whole.reported(event, Path(folder))
        exist, share, half_out = rows
        (low, high), (early, late) = ((row["ci"]["lo"], row["ci"]["hi"]) for row in (share, half_out))
        same = "as measured" if whole.agree(rows, event.measured()) else "NOT AS MEASURED"
        wrong = whole.true(rows, event).count(False)
        yield (
            f"reported, seed {seed}: at least {exist['value']:.1f} exist (true {event.exist}), ratio {low:.2f} to"
            f" {high:.2f} (true {whole.TRUE_RATIO}), T50 {early:.1f} to {late:.1f} h (true {worlds.half():.1f}):"
            f" {same}, {wrong} of 3 statements wrong"
        )
