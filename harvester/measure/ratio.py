"""M02, participant to media: who told the story, with its chance range, its bounds and what else it could mean."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from harvester.measure.frame import Frame, counted, in_window, state_of
from harvester.measure.metric import Z95, Bounds, Interval, Metric
from harvester.measure.stories_sql import COUNTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harvester.measure.item import Item

FEW_MEDIA = 5
# Copies of a story that readers met elsewhere: they are placements of it, not stories.
PLACEMENTS = ("crosspost", "syndicated")


def chance_range(writers: Sequence[int], outlets: Sequence[int]) -> Interval:
    """95 % range of ΣP/ΣM when posts cluster by author (log-normal, cluster-robust).

    writers/outlets: stories per author and per outlet, each >= 1. s² = Σx²/P² + Σy²/M²; R·exp(±1.96 s).
    With no media: lower bound b/(1−b), b = 0.025^(1/Pₑ), Pₑ = P²/Σx² (exact binomial on the effective number).
    With no participants: upper bound b/(1−b), b = 1 − 0.025^(1/Mₑ). Both empty is the caller's `not_applicable`.
    """
    p, m = sum(writers), sum(outlets)
    if not m:
        effective = p * p / sum(x * x for x in writers)
        b = 0.025 ** (1 / effective)
        return Interval(lo=b / (1 - b), hi=None, method="exact-effective")
    if not p:
        effective = m * m / sum(y * y for y in outlets)
        b = 1 - 0.025 ** (1 / effective)
        return Interval(lo=None, hi=b / (1 - b), method="exact-effective")
    s = math.sqrt(sum(x * x for x in writers) / p**2 + sum(y * y for y in outlets) / m**2)
    ratio = p / m
    return Interval(lo=ratio * math.exp(-Z95 * s), hi=ratio * math.exp(Z95 * s), method="cluster-robust-log")


def per_author(items: Sequence[Item], kind: str) -> list[int]:
    """Stories per person of one kind, largest first; a post without a known author stands alone."""
    return sorted(Counter(i.human or i.key for i in items if i.author_kind == kind).values(), reverse=True)


def per_outlet(items: Sequence[Item]) -> list[int]:
    """Media stories per outlet, largest first: reporters who sign on one site share its desk and its luck."""
    named = (
        i.host if i.host and i.author.startswith("web:") else i.author or i.key
        for i in items
        if i.author_kind == "media"
    )
    return sorted(Counter(named).values(), reverse=True)


def measure(items: list[Item], frame: Frame) -> list[Metric]:
    """The rows M02.ratio and M02.share of the written group."""
    written = [item for item in counted(items, frame) if item.group == "written"]
    writers, outlets = per_author(written, "participant"), per_outlet(written)
    p, m = sum(writers), sum(outlets)
    unknown = sum(item.author_kind == "unknown" for item in written)
    independent = sum(item.author_kind == "independent" for item in written)
    unjudged = sum(not item.relevance for item in items)
    status, flags = _state(p, m, frame, unknown, unjudged)
    if status in ("unmeasured", "not_applicable", "insufficient"):
        by = {"unknown": unknown, "unjudged": unjudged}
        ratio = Metric(
            metric="M02.ratio", group="written", num=p, den=m, by=by, status=status, flags=flags, query=QUERY
        )
        return [ratio, replace(ratio, metric="M02.share", unit="share", den=p + m, by={})]
    variants = {"placements": _placements(items, frame), "broad": _over(p + independent, m)}
    ratio = Metric(
        metric="M02.ratio",
        group="written",
        value=_over(p, m),
        num=p,
        den=m,
        ci=chance_range(writers, outlets),
        bounds=_bounds(p, m, unknown),
        variants=variants,
        by={"independent": independent, "unknown": unknown, "placements": _placement_counts(items, frame)},
        status=status,
        flags=flags,
        query=QUERY,
    )
    # Without media nobody says "100 %": none was found, by these sources.
    share = Metric(
        metric="M02.share", group="written", unit="share", value=p / (p + m) if m else None, num=p, den=p + m,
        status=status, flags=flags, query=QUERY,
    )  # fmt: skip
    return [ratio, share]


QUERY = f"{COUNTED} AND grp = 'written'"


def _state(p: int, m: int, frame: Frame, unknown: int, unjudged: int) -> tuple[str, tuple[str, ...]]:
    """The state of the ratio and why. Posts that nobody judged yet make any number of it a guess."""
    if unjudged and not p and not m:
        return "unmeasured", ("not_judged",)
    if not m and not frame.media_outlets:
        return "unmeasured", ("no_outlet_list",)
    if not p and not m:
        if unknown:
            return "insufficient", ("authors_unknown",)
        status, flags = state_of("written", 0, frame)
        # Who says how many outlets were checked has looked, whatever runs are on record.
        asked = status != "unmeasured" or flags == ("no_source",)
        return ("not_applicable", ("no_stories", *flags)) if asked else ("unmeasured", flags)
    status, flags = state_of("written", p + m, frame)
    extra = ("zero_media",) if not m else ("few_media",) if m < FEW_MEDIA else ()
    return status, extra + (("not_judged",) if unjudged else ()) + flags


def _over(num: int, den: int) -> float | None:
    return num / den if den else None


def _bounds(p: int, m: int, unknown: int) -> Bounds | None:
    if not unknown:
        return None
    why = f"{unknown} unclassified {'story' if unknown == 1 else 'stories'}"
    return Bounds(lo=p / (m + unknown), hi=_over(p + unknown, m), why=why)


def _placement_counts(items: list[Item], frame: Frame) -> list[int]:
    rows = [
        item
        for item in items
        if item.group == "written" and in_window(item, frame) and (item.counted or item.relation in PLACEMENTS)
    ]
    return [sum(item.author_kind == kind for item in rows) for kind in ("participant", "media")]


def _placements(items: list[Item], frame: Frame) -> float | None:
    return _over(*_placement_counts(items, frame))
