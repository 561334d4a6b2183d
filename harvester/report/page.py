"""A Report as the page that people read: what it says first, then the numbers, their quality, and the posts behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvester.report import (
    coverage,
    listing,
    sections,
    sections_heat,
    sections_leaders,
    sections_people,
    sections_reach,
    sections_read,
    sections_time,
    sections_topics,
    sections_trend,
    words,
)
from harvester.report.blocks import Duel, Page
from harvester.report.headline import headline, warnings
from harvester.report.language import ENGLISH

if TYPE_CHECKING:
    from harvester.report.build import Report
    from harvester.report.language import Language

# In the order of reading: the answer, what it is made of, who and how far, and at the end what it rests on.
SECTIONS = (
    sections.who, sections.how_much, sections_time.when, sections_people.people, sections_reach.reach,
    sections_read.read, sections_heat.heat, sections_heat.self_running, sections_leaders.leaders,
    sections_topics.topics, sections_trend.trend, sections.typed_in, coverage.quality, listing.stories,
    listing.left_out, coverage.method, coverage.numbers,
)  # fmt: skip


def page(report: Report, say: Language = ENGLISH, *, whole: bool = False) -> Page:
    """The page of a report. Sections with nothing to say are left out; `whole`: with lists that only links lead to."""
    frame = report.frame
    found = (section(report, say) for section in (*SECTIONS, *([listing.by_day] if whole else [])))
    return Page(
        title=report.name,
        subtitle=" · ".join(word for word in (words.days_of(report, say), report.city) if word),
        headline=headline(report, say),
        warnings=tuple(warnings(report, say)),
        duel=_duel(report, say),
        sections=tuple(section for section in found if section.lead or section.facts or section.tables),
        footer=say(
            "harvester · {counting} · recipe {recipe} · rules {rules} · as of {moment} UTC",
            counting=words.counting(report, say), recipe=frame.recipe, rules=frame.rules,
            moment=f"{frame.as_of:%Y-%m-%d %H:%M}",
        ),
        language=say.code,
    )  # fmt: skip


def _duel(report: Report, say: Language) -> Duel | None:
    """The two sides, where they were compared at all."""
    ratio = report.get("M02.ratio")
    if ratio is None or ratio.status not in ("ok", "truncated"):
        return None
    told = say("{range} by chance alone", range=words.between(ratio.ci, say)) if ratio.ci and ratio.value else ""
    if "few_media" in ratio.flags:
        told = say("too few media to give a reliable ratio: {doubt}", doubt=told)
    return Duel(
        participants=int(ratio.num or 0),
        media=int(ratio.den or 0),
        ratio=say("{ratio} to 1", ratio=words.number(ratio.value)) if ratio.value else "",
        doubt=told,
    )
