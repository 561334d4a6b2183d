"""What a report says first: one sentence that claims no more than was measured, and what keeps it from being final."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvester.report.states import state
from harvester.report.words import number, posts, sentences

if TYPE_CHECKING:
    from harvester.measure.metric import Interval, Metric
    from harvester.report.build import Report
    from harvester.report.language import Language


def headline(report: Report, say: Language) -> str:
    """What the whole report says, in one sentence that claims no more than was measured."""
    ratio = report.get("M02.ratio")
    if ratio is None:
        return ""
    p, m = int(ratio.num or 0), int(ratio.den or 0)
    if "not_judged" in ratio.flags and not p and not m:
        return say(
            "{posts} found and not judged yet: run `harvest classify {event}`.",
            posts=posts(ratio.by.get("unjudged", 0), say), event=report.frame.event,
        )  # fmt: skip
    if "no_outlet_list" in ratio.flags:
        found = say.many("{n} participant story.", "{n} participant stories.", p)
        if not p and _nobody_looked(report):
            found = say("Nobody has looked for articles yet: no source on record.")
        return sentences(say, found, say("Media were not checked: no outlet list configured."))
    if ratio.status == "unmeasured" or "no_source" in ratio.flags:
        return say("Articles and news: {told}.", told=state(ratio, say))
    if ratio.status == "not_applicable":
        return say("No written story by participants or media was found with these sources.")
    if "authors_unknown" in ratio.flags:
        return say.many(
            "{n} written story found, by an author of unknown kind.",
            "{n} written stories found, by authors of unknown kind.",
            ratio.by["unknown"],
        )
    return _compared(report, ratio, say)


def _nobody_looked(report: Report) -> bool:
    """Whether no written story was looked for at all."""
    found = [row for row in report.all("M01.volume") if row.group == "written"]
    return bool(found) and all(row.status == "unmeasured" and "no_source" in row.flags for row in found)


def _compared(report: Report, ratio: Metric, say: Language) -> str:
    p, m, ci = int(ratio.num or 0), int(ratio.den or 0), ratio.ci
    if not m:
        return _zero_media(report, p, ci, say)
    if not p:
        return say.many(
            "Media wrote {n} story; no story by a participant was found.",
            "Media wrote {n} stories; no story by a participant was found.",
            m,
        )
    if "few_media" in ratio.flags or ci is None:
        return say("{P} participant and {M} media stories; too few media to give a reliable ratio.", P=p, M=m)
    return say(
        "Participants {P}, media {M} written stories: {R}:1 (chance alone {lo}–{hi}).",
        P=p, M=m, R=number(ratio.value), lo=number(ci.lo), hi=number(ci.hi),
    )  # fmt: skip


def _zero_media(report: Report, p: int, ci: Interval | None, say: Language) -> str:
    """No ratio where no media story was found, only a lower end of it."""
    n = report.frame.media_outlets or 0
    if p == 1:
        found = say.many(
            "{P} participant story; no media story found in {n} checked outlet.",
            "{P} participant story; no media story found in {n} checked outlets.",
            n, P=p,
        )  # fmt: skip
    else:
        found = say.many(
            "{P} participant stories; no media story found in {n} checked outlet.",
            "{P} participant stories; no media story found in {n} checked outlets.",
            n, P=p,
        )  # fmt: skip
    return sentences(say, found, say("At least {lo} to 1 allowing for chance.", lo=number(ci.lo)) if ci else "")


def warnings(report: Report, say: Language) -> list[str]:
    """What keeps the headline from being final, worst first."""
    ratio = report.get("M02.ratio")
    told = []
    if report.erased:
        told.append(
            say.many(
                "{n} post was taken out since (erased, or opted out): the numbers still count it, the lists do not",
                "{n} posts were taken out since (erased, or opted out): the numbers still count them, the lists do not",
                report.erased,
            )
        )
    if ratio is None:
        return told
    if _nobody_known(report):
        told.append(
            say(
                "all authors are of unknown kind, so numbers about participants read 0: run `harvest review {event}`",
                event=report.frame.event,
            )
        )
    if "not_judged" in ratio.flags and (ratio.num or ratio.den):
        told.append(say("some posts are not judged yet: run `harvest classify`"))
    if ratio.status == "truncated":
        cut = sorted({flag.partition(":")[2] for flag in ratio.flags if flag.startswith(("failed:", "truncated:"))})
        told.append(say("incomplete: {sources} did not get everything", sources=say(", ").join(cut)))
    return told


def _nobody_known(report: Report) -> bool:
    """Whether there are stories, and every one is by an author of unknown kind."""
    found = [row for row in report.all("M01.volume") if row.kind]
    return bool(found) and all(row.by["unknown"] == row.value for row in found)
