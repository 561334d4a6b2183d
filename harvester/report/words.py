"""The report's sentences: what a number may claim, in words. Every face of a report says the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harvester.measure.metric import Metric
    from harvester.report.build import Report


def number(value: float | None) -> str:
    """One decimal for a ratio, none for a count, n/a for nothing."""
    if value is None:
        return "n/a"
    return f"{value:.1f}" if isinstance(value, float) else str(value)


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
        told.append(f"incomplete: {', '.join(cut)} did not get everything (see QUALITY)")
    return told
