"""Ranges and words that are published of a number: the ratio, T50, a change, a second wave, counts after an audit."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from random import Random

from benchmarks import worlds
from benchmarks.claim import Claim, Verdict
from benchmarks.worlds import Event
from harvester.measure import audit, bursts, halflife, rates, ratio

WAVE, WAVE_DAY = 5, 14  # posts of a planted second wave, and its day
# What the rules make of 100 stories of a class: about 80 right, the others wrong or unknown. The errors of media go to
# every side, or most of them to where few will find them: among the many participants, of whom 50 are asked.
LABELLED = {
    "participant": {"participant": 80, "media": 6, "owned": 7, "unknown": 7},
    "owned": {"owned": 80, "participant": 12, "unknown": 8},
}
SPREAD, HIDDEN = (
    LABELLED | {"media": {"media": 80, "participant": 4, "owned": 8, "unknown": 8}},
    LABELLED | {"media": {"media": 80, "participant": 12, "unknown": 8}},
)
TRULY = {"participant": 150, "media": 30, "owned": 25}


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


def _ratios() -> Iterator[Claim]:
    for each, desk, world in ((1, 1, "one post per author"), (5, 1, "clustered, variance/mean 9"),
                              (9, 2, "clustered, variance/mean 17")):  # fmt: skip
        for media in (3, 5, 20):
            yield Claim(
                "range of the ratio", f"{world}, E[M] {media}",
                lambda random, e=each, d=desk, m=media: between(worlds.written(random, 120, m, e, d)),
                94 if media == 3 else 92, 97,
            )  # fmt: skip
    for each in (1, 5):
        for media in (1, 2):
            make = no_media(lambda random, e=each, m=media: worlds.written(random, 20, m, e))
            world = f"{'one post per author' if each == 1 else 'clustered'}, E[M] {media}, none came"
            yield Claim("bound without media", world, lambda random, make=make: between(make(random)), 100)


def _halves() -> Iterator[Claim]:
    for n in (8, 15, 30, 60, 120):
        yield Claim("T50 interval", f"{n} posts", lambda random, n=n: half(worlds.published(random, n)), 96, 99)


def unchanged(random: Random, expected: float, each: float) -> Verdict:
    """Whether nothing is called more or fewer where nothing changed."""
    now, before = worlds.sizes(random, expected, each), worlds.sizes(random, expected, each)
    if not now and not before:
        return None, None
    said = rates.change(now, before).said == rates.NO_CLEAR_CHANGE
    return said, said


def wave(random: Random, n: int, *, planted: bool) -> Verdict:
    """Whether exactly the planted second wave is seen, and nothing where there is none."""
    daily = [0] * (worlds.DAYS + 1)
    for _ in range(n):
        daily[int(worlds.age(random))] += 1
    if planted:
        daily[WAVE_DAY] += WAVE
    days = [burst.day for burst in bursts.lit_again(daily)]
    right = WAVE_DAY in days if planted else not days
    return right, right


def audited(random: Random, labelled: Mapping[str, Mapping[str, int]]) -> Verdict:
    """Whether the range after an audit of all media and unknown ones and 50 participants holds the true ratio."""
    strata: dict[str, list[str]] = {}
    for truth, n in TRULY.items():
        made = labelled[truth]
        for label in random.choices(list(made), list(made.values()), k=n):
            strata.setdefault(label, []).append(truth)
    found = []
    for label, truths in strata.items():
        random.shuffle(truths)
        asked = {"participant": 50, "owned": 20}.get(label, len(truths))
        found.append(audit.Stratum(label, len(truths[asked:]), Counter(truths[:asked])))
    ci = audit.correct(found).ci
    true = ci is not None and ci.lo <= TRULY["participant"] / TRULY["media"] <= ci.hi
    return true, true


def _others() -> Iterator[Claim]:
    for each, world in ((1.0, "one post per author"), (1.6, "repeat authors"), (5.0, "few authors, variance/mean 9")):
        for n in (20, 50, 120):
            promise = () if each > 2 else (94,)  # a range over four authors cannot be right
            yield Claim("no clear change", f"{world}, {n} stories, nothing changed",
                        lambda random, n=n, e=each: unchanged(random, n, e), *promise)  # fmt: skip
    for n in (30, 500):
        yield Claim(
            "no second wave", f"{n} posts, none planted", lambda random, n=n: wave(random, n, planted=False), 99
        )
    # What was said the week before is what it must rise above: a slower curve than the specification's 99.5 % has more.
    yield Claim("second wave", f"30 posts, {WAVE} planted", lambda random: wave(random, 30, planted=True), 95)
    name = "ratio after an audit"
    yield Claim(name, "a fifth of the labels wrong or missing", lambda random: audited(random, SPREAD), 95)
    yield Claim(name, "the same, media hidden among participants", lambda random: audited(random, HIDDEN))


CLAIMS: tuple[Claim, ...] = (*_ratios(), *_halves(), *_others())
