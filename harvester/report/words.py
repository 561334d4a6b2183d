"""The report's sentences: what a number may claim, in words. Every face of a report says the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from harvester.report.rows import day_of_28

if TYPE_CHECKING:
    from harvester.measure.metric import Interval, Metric
    from harvester.report.build import Report


def number(value: float | None) -> str:
    """One decimal for a ratio, none for a count, n/a for nothing."""
    if value is None:
        return "n/a"
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def amount(metric: Metric) -> str:
    """A metric's value as people read it: a share in per cent, "≥" before a count that was cut off.

    What was typed in stands as it was typed.
    """
    if metric.metric == "M21.typed_in":
        return f"{metric.value:,.10g}" if isinstance(metric.value, float) else f"{metric.value:,}"
    if metric.unit == "share" and metric.value is not None:
        return f"{metric.value:.0%}"
    cut_off = metric.status == "truncated" and isinstance(metric.value, int)
    return ("≥" if cut_off else "") + number(metric.value)


def between(ci: Interval, unit: str = "") -> str:
    """A range in words, a share's in per cent; an open end is named."""
    lo, hi = (f"{end:.0%}" if unit == "share" and end is not None else number(end) for end in (ci.lo, ci.hi))
    if ci.hi is None:
        return f"at least {lo}"
    if ci.lo is None:
        return f"at most {hi}"
    return f"{lo} to {hi}"


def parts(by: dict[str, Any]) -> list[str]:
    """A breakdown as `name n`, without what is zero or no number."""
    return [f"{name} {number(n)}" for name, n in by.items() if isinstance(n, int | float) and n]


def many(n: float | None, one: str, more: str = "") -> str:
    """`1 story`, `2 stories`: a count with its noun."""
    return f"{number(n)} {one if n == 1 else more or one + 's'}"


def headline(report: Report) -> str:
    """What the whole report says, in one sentence that claims no more than was measured."""
    ratio = report.get("M02.ratio")
    if ratio is None:
        return ""
    p, m = int(ratio.num or 0), int(ratio.den or 0)
    unjudged = ratio.by.get("unjudged", 0)
    if "not_judged" in ratio.flags and not p and not m:
        return f"{many(unjudged, 'post')} found and not judged yet: run `harvest classify {report.frame.event}`."
    if "no_outlet_list" in ratio.flags:
        return (
            f"Participants wrote {many(p, 'story', 'stories')}. Media were not checked: the event file names no outlet."
        )
    if ratio.status == "not_applicable":
        return "No written story by participants or media was found with these sources."
    if "authors_unknown" in ratio.flags:
        return f"{many(ratio.by['unknown'], 'written story', 'written stories')} found, by authors of unknown kind."
    return _compared(report, ratio, p, m)


def _compared(report: Report, ratio: Metric, p: int, m: int) -> str:
    ci = ratio.ci
    if not m:
        outlets = many(report.frame.media_outlets, "checked outlet")
        bound = f"; at least {number(ci.lo)} to 1 allowing for chance" if ci else ""
        return f"Participants wrote {many(p, 'story', 'stories')}; no media story found in {outlets}{bound}."
    if not p:
        return f"Media wrote {many(m, 'story', 'stories')}; no story by a participant was found."
    both = f"Participants wrote {many(p, 'story', 'stories')}, media {m}"
    if "few_media" in ratio.flags:
        return f"{both}: too few by media to call a rate."
    spread = f" (chance alone: {number(ci.lo)} to {number(ci.hi)})" if ci else ""
    return f"{both}: {number(ratio.value)} to 1{spread}."


def warnings(report: Report) -> list[str]:
    """What keeps the headline from being final, worst first."""
    ratio = report.get("M02.ratio")
    if ratio is None:
        return []
    told = []
    if "not_judged" in ratio.flags and (ratio.num or ratio.den):
        told.append("some posts are not judged yet: run `harvest classify`")
    if ratio.status == "truncated":
        cut = sorted({flag.partition(":")[2] for flag in ratio.flags if flag.startswith(("failed:", "truncated:"))})
        told.append(f"incomplete: {', '.join(cut)} did not get everything")
    return told


def audit(report: Report) -> str:
    """How far the labels were checked by a human."""
    row = report.get("M22.audit")
    if row is None or row.status != "ok":
        return "none, labels unchecked"
    asked = f"{number(row.value)} of {row.variants['stories']} written stories asked about"
    return f"{row.num} of {row.den} labels right, {asked}" if row.den else asked


def corrected(report: Report) -> str:
    """The ratio after an audit beside the one of the labels; "" without an audit."""
    row = report.get("M22.corrected_ratio")
    if row is None or row.status == "unmeasured":
        return ""
    if row.status == "insufficient":
        return "too few answers: " + ", ".join(f"{n} more of {name}" for name, n in row.by.items())
    if row.ci is None:
        return "no ratio: one side has no story"
    plain = row.variants["uncorrected"]
    return f"{number(row.value)} to 1 ({between(row.ci)}); by the labels {number(plain)}"


def days_of(report: Report) -> str:
    """The days of the event at the venue."""
    frame = report.frame
    zone = ZoneInfo(frame.venue_timezone)
    first, last = frame.starts.astimezone(zone).date(), frame.ends.astimezone(zone).date()
    return f"{first}" if first == last else f"{first} to {last}"


def counting(report: Report) -> str:
    """How much of the time in which posts are counted is over."""
    done = day_of_28(report)
    return "28 of 28 days after it" if done == 28 else f"day {done} of 28 after it, still counting"


def not_in_ratio(report: Report) -> list[str]:
    """What was written and enters neither side."""
    written = [row for row in report.all("M01.volume") if row.group == "written" and row.kind]
    owned = sum(row.by["owned"] for row in written)
    copies = sum(row.by["aggregator"] for row in written)
    releases = report.get("M01.volume", kind="press_release")
    told = [f"{owned} owned (organiser, vendor, sponsor)"] if owned else []
    told += [f"{copies} aggregator"] if copies else []
    return told + ([many(releases.value, "press release")] if releases else [])
