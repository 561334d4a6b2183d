"""The report's sentences: what a number may claim, in words. Every face of a report says the same."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from harvester.report.day_words import day
from harvester.report.rows import day_of_28
from harvester.report.states import MEASURED, measured, state
from harvester.report.vocabulary import word

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from harvester.measure.metric import Interval, Metric
    from harvester.report.build import Report
    from harvester.report.language import Language

_HUNDRED = 100  # of as many and more, a percentage has a decimal
_FEW = 6  # of fewer, k of n says it without a percentage


def number(value: float | None) -> str:
    """One decimal for a ratio, none for a count, n/a for nothing."""
    if value is None:
        return "n/a"
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def percent(value: float, say: Language, n: float | None = None) -> str:
    """A share in per cent: whole ones, and with one decimal where it is of a hundred (`n`) or more."""
    return say("{pct} %", pct=f"{100 * value:.{1 if (n or 0) >= _HUNDRED else 0}f}")


def span(lo: float | None, hi: float | None, say: Language, unit: str = "") -> str:
    """A range of a share in per cent or of numbers, closely set: 25–75 %."""
    if unit == "share" and lo is not None and hi is not None:
        return say("{lo}–{hi} %", lo=f"{100 * lo:.0f}", hi=f"{100 * hi:.0f}")
    return say("{lo}–{hi}", lo=number(lo), hi=number(hi))


def amount(metric: Metric, say: Language) -> str:
    """A metric's value as people read it: a share in per cent, "≥" before a count that was cut off.

    A state that allows no value gives none. What was typed in stands as it was typed.
    """
    if metric.value is None or metric.status not in MEASURED:
        return number(None)
    if metric.metric == "M21.typed_in":
        return f"{metric.value:,.10g}" if isinstance(metric.value, float) else f"{metric.value:,}"
    if metric.unit == "share":
        return percent(metric.value, say, metric.den)
    cut_off = metric.status == "truncated" and isinstance(metric.value, int)
    return ("≥" if cut_off else "") + number(metric.value)


def k_of_n(metric: Metric, say: Language) -> str:
    """A share as `3 of 6`."""
    return say("{k} of {n}", k=number(metric.num), n=number(metric.den))


def share(metric: Metric, say: Language) -> str:
    """A share as `3 of 6 (50 %)`, of fewer than six without the percentage, which would say more than is known."""
    if metric.value is None or (metric.den or 0) < _FEW:
        return k_of_n(metric, say)
    return say("{share} ({pct})", share=k_of_n(metric, say), pct=percent(metric.value, say, metric.den))


def by_luck(text: str, metric: Metric, say: Language) -> str:
    """`3 of 6 (50 %); luck alone 25–75 %`: a share in words, with its range where it has both ends."""
    if metric.ci is None or metric.ci.lo is None or metric.ci.hi is None:
        return text
    return say("{share}; luck alone {range}", share=text, range=span(metric.ci.lo, metric.ci.hi, say, "share"))


def between(ci: Interval, say: Language, unit: str = "") -> str:
    """A range in words, a share's in per cent; an open end is named."""
    lo, hi = (percent(end, say) if unit == "share" and end is not None else number(end) for end in (ci.lo, ci.hi))
    if ci.hi is None:
        return say("at least {lo}", lo=lo)
    if ci.lo is None:
        return say("at most {hi}", hi=hi)
    return say("{lo} to {hi}", lo=lo, hi=hi)


def parts(by: dict[str, Any]) -> list[str]:
    """A breakdown as `name n` in the words of the data, without what is zero or no number."""
    return [f"{name} {number(n)}" for name, n in by.items() if isinstance(n, int | float) and n]


def named_parts(by: dict[str, Any], say: Language, called: Callable[[str, Language], str] = word) -> list[str]:
    """The same in the reader's words; `called` translates a name."""
    found: defaultdict[str, float] = defaultdict(int)  # two words of the data may be one of the reader's
    for name, n in by.items():
        if isinstance(n, int | float) and n:
            found[called(name, say)] += n
    return [f"{name} {number(n)}" for name, n in found.items()]


def states_of(by: dict[str, int], say: Language) -> str:
    """How many sources ended in which state: `30 ok · 8 partial`."""
    return " · ".join(say("{n} {state}", n=n, state=word(state, say)) for state, n in sorted(by.items()))


# Nothing to compare: sources that see every platform are missing.
_ALONE = frozenset({"one_source", "no_source", "sources_apart"})


def stories(n: float | None, say: Language) -> str:
    """`1 story`, `2 stories`."""
    return say.many("{n} story", "{n} stories", n)


def microposts(n: float | None, say: Language) -> str:
    """`1 micropost`, `2 microposts`."""
    return say.many("{n} micropost", "{n} microposts", n)


def posts(n: float | None, say: Language) -> str:
    """`1 post`, `2 posts`."""
    return say.many("{n} post", "{n} posts", n)


def sentences(say: Language, *told: str) -> str:
    """Sentences one after the other, as the language spaces them."""
    found = [one for one in told if one]
    while len(found) > 1:
        found[:2] = [say("{one} {two}", one=found[0], two=found[1])]
    return "".join(found)


def coverage(report: Report, say: Language) -> str:
    """How many posts exist at least: "" where that was not asked, and what to crawl where it cannot be told."""
    row = report.get("M04.at_least")
    if row is None:
        return ""
    limit, held = row.value, row.num
    if not measured(row) or limit is None or held is None:
        text = state(row, say)
        if not _ALONE.intersection(row.flags):
            return text
        return say("{state}; to tell, also crawl hatena_search, and x, bluesky, mastodon or misskey", state=text)
    text = say(
        "At least {L} posts exist; we hold {S} (at most {pct} %).",
        L=int(limit), S=number(held), pct=f"{100 * held / limit:.0f}",
    )  # fmt: skip
    unlike = say("Some sources found far more than others: it may be fewer.") if "lists_unlike" in row.flags else ""
    return sentences(say, text, unlike)


def audit(report: Report, say: Language) -> str:
    """How far the labels were checked by a human."""
    row = report.get("M22.audit")
    if row is None or row.status != "ok":
        return say("none, labels unchecked")
    asked = say(
        "{n} of {all} written stories asked about", n=number(row.value), all=row.variants["stories"]
    )  # fmt: skip
    return say("{k} of {n} labels right, {asked}", k=row.num, n=row.den, asked=asked) if row.den else asked


def corrected(report: Report, say: Language) -> str:
    """The ratio after an audit beside the one of the labels; "" without an audit."""
    row = report.get("M22.corrected_ratio")
    if row is None or row.status == "unmeasured":
        return ""
    if row.status == "insufficient":
        lacking = (say("{n} more of {name}", n=n, name=word(name, say)) for name, n in row.by.items())
        return say("too few answers: {lacking}", lacking=say(", ").join(lacking))
    if row.ci is None:
        return say("no ratio: one side has no story")
    return say(
        "{ratio} to 1 ({range}); by the labels {plain}", ratio=number(row.value), range=between(row.ci, say),
        plain=number(row.variants["uncorrected"]),
    )  # fmt: skip


def days_of(report: Report, say: Language) -> str:
    """The days of the event at the venue."""
    first, last = (day(at, say) for at in venue_days(report))
    return first if first == last else say("{first} to {last}", first=first, last=last)


def venue_days(report: Report) -> tuple[date, date]:
    """The first and the last day of the event at the venue."""
    frame = report.frame
    zone = ZoneInfo(frame.venue_timezone)
    return frame.starts.astimezone(zone).date(), frame.ends.astimezone(zone).date()


def counting(report: Report, say: Language) -> str:
    """How much of the time in which posts are counted is over."""
    if report.frame.as_of < report.frame.starts:
        return say("before the event, counting")
    done = day_of_28(report)
    return say("28 of 28 days") if done == 28 else say("day {n} of 28, still counting", n=done)


def cell(report: Report, row: Metric, column: str) -> str:
    """A count of `M01.volume` by one kind of author; none by media is no count where nobody had a list of them."""
    ratio = report.get("M02.ratio")
    unlooked = column == "media" and ratio is not None and "no_outlet_list" in ratio.flags
    return "?" if unlooked and not row.by[column] else number(row.by[column])


def not_in_ratio(report: Report, say: Language) -> list[str]:
    """What was written and enters neither side."""
    written = [row for row in report.all("M01.volume") if row.group == "written" and row.kind]
    owned = sum(row.by["owned"] for row in written)
    copies = sum(row.by["aggregator"] for row in written)
    releases = report.get("M01.volume", kind="press_release")
    told = [say("{n} owned (organiser, vendor, sponsor)", n=owned)] if owned else []
    told += [say("{n} aggregator", n=copies)] if copies else []
    return told + ([say.many("{n} press release", "{n} press releases", releases.value)] if releases else [])
