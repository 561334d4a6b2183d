"""A Report as the page that people read: what it says first, then the numbers, their quality, and the posts behind."""

from __future__ import annotations

import re
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
from harvester.report.anchors import QUALITY, number, stories
from harvester.report.blocks import Duel, Page, Prose, Ref
from harvester.report.day_words import moment
from harvester.report.headline import headline, warnings
from harvester.report.language import ENGLISH
from harvester.report.names import names
from harvester.report.states import MEASURED

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
        headline=_headline(report, say),
        warnings=tuple(Prose(warning, to=QUALITY) for warning in warnings(report, say)),
        duel=_duel(report, say),
        sections=tuple(section for section in found if section.lead or section.facts or section.tables),
        footer=say(
            "harvester · {counting} · recipe {recipe} · rules {rules} · as of {moment} UTC",
            counting=words.counting(report, say), recipe=frame.recipe, rules=frame.rules,
            moment=moment(frame.as_of, say),
        ),
        language=say.code, names=names(report),
    )  # fmt: skip


def _headline(report: Report, say: Language) -> Prose:
    """The two counts lead to the stories of their side where the sentence names both, the rest to what it means."""
    ratio, text = report.get("M02.ratio"), headline(report, say)
    if ratio is None:
        return Prose(text)
    counts = (f"{int(ratio.num or 0)}", f"{int(ratio.den or 0)}")
    sides = [Ref(n, stories("written", side)) for n, side in zip(counts, ("participant", "media"), strict=True)]
    both = tuple(re.findall(r"\d+", text)[:2]) == counts
    return Prose(text, *(sides if both else ()), to=number(ratio))


def _duel(report: Report, say: Language) -> Duel | None:
    """The two sides, where they were compared at all."""
    ratio = report.get("M02.ratio")
    if ratio is None or ratio.status not in MEASURED:
        return None
    told = say("{range} by chance alone", range=words.between(ratio.ci, say)) if ratio.ci and ratio.value else ""
    if "few_media" in ratio.flags:
        told = say("too few media to give a reliable ratio: {doubt}", doubt=told)
    return Duel(
        participants=int(ratio.num or 0),
        media=int(ratio.den or 0),
        ratio=Ref(say("{ratio} to 1", ratio=words.number(ratio.value)) if ratio.value else "", number(ratio)),
        doubt=Prose(told, to=number(ratio)),
    )
