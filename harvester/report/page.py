"""A Report as the page that people read: what it says first, then the numbers, their quality, and the posts behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvester.report import coverage, listing, sections, words
from harvester.report.blocks import Duel, Page

if TYPE_CHECKING:
    from harvester.report.build import Report


def page(report: Report) -> Page:
    """The page of a report. Sections with nothing to say are left out."""
    frame = report.frame
    found = (
        sections.who(report), sections.how_much(report), sections.when(report), sections.typed_in(report),
        coverage.quality(report), listing.stories(report), listing.left_out(report), coverage.method(report),
        coverage.numbers(report),
    )  # fmt: skip
    return Page(
        title=report.name,
        subtitle=" · ".join(word for word in (words.days_of(report), report.city) if word),
        headline=words.headline(report),
        warnings=tuple(words.warnings(report)),
        duel=_duel(report),
        sections=tuple(section for section in found if section.lead or section.facts or section.tables),
        footer=f"harvester · {words.counting(report)} · recipe {frame.recipe} · rules {frame.rules} · "
        f"as of {frame.as_of:%Y-%m-%d %H:%M} UTC",
    )


def _duel(report: Report) -> Duel | None:
    """The two sides, where they were compared at all."""
    ratio = report.get("M02.ratio")
    if ratio is None or ratio.status not in ("ok", "truncated"):
        return None
    told = f"{words.between(ratio.ci)} by chance alone" if ratio.ci and ratio.value else ""
    if "few_media" in ratio.flags:
        told = f"too few by media to call a rate: {told}"
    return Duel(
        participants=int(ratio.num or 0),
        media=int(ratio.den or 0),
        ratio=f"{words.number(ratio.value)} to 1" if ratio.value else "",
        doubt=told,
    )
