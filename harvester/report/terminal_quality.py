"""The terminal's block of quality: what was asked, what did not come back, what is unknown and never covered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from harvester.model import IDLE
from harvester.report import coverage, reasons, words
from harvester.report.layout import folded, labelled
from harvester.report.vocabulary import page_end, word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harvester.report.build import Report
    from harvester.report.language import Language

_REASONS: Final = 3  # of one source; `harvest status` has them all


def quality(report: Report, say: Language) -> list[str]:
    """The last block of every report."""
    rows = _sources(report, say)
    pages = report.get("M22.fetches")
    if pages and pages.value:
        rows += folded(words.named_parts(pages.by, say, page_end), say("pages: "))
    undated, unknown = report.get("M22.undated"), report.get("M22.unclassified")
    if undated and unknown and undated.den:
        parts = [say("{share} undated", share=words.k_of_n(undated, say)),
                 say("{share} unclassified", share=words.k_of_n(unknown, say)),
                 say("audit: {told}", told=words.audit(report, say))]  # fmt: skip
        rows += folded(parts)
    if corrected := words.corrected(report, say):
        rows += folded([say("ratio corrected by the audit: {told}", told=corrected)])
    if found := words.coverage(report, say):
        rows += folded([say("posts that nobody found: {told}", told=found)])
    asides = (("M22.off_topic", say("not counted as about the event: ")), ("M22.rejected", say("refused: ")))
    for metric, lead in asides:
        row = report.get(metric)
        if row and row.by:
            rows += folded([f"{word(name, say)} {n}" for name, n in row.by.items()], lead)
    channels = report.get("M22.not_covered")
    if channels:
        rows.append(say("not covered: {channels}", channels=coverage.not_covered(channels, say)))
    return labelled(say("QUALITY"), rows)


def _sources(report: Report, say: Language) -> list[str]:
    """How many sources answered, and each that did not get everything, its reason before its query."""
    sources = report.get("M22.sources")
    if sources is None:
        return []
    rows = [say("sources: {told}", told=words.states_of(sources.by, say) or say("no crawl yet"))]
    cut = [line for line in sources.variants["lines"] if coverage.lacks(line)]
    idle = [line for line in cut if line["status"] == "skipped" and line["reason"].startswith(IDLE)]
    if idle:  # most of them, in a small event: why each had nothing stands in the other faces
        rows += folded(list(dict.fromkeys(line["source"] for line in idle)), say("  had nothing to ask for: "))
        cut = [line for line in cut if line not in idle]
    for source in dict.fromkeys(line["source"] for line in cut):
        rows += cut_short([line for line in cut if line["source"] == source], say)
    return rows


def cut_short(lines: Sequence[Mapping[str, Any]], say: Language) -> list[str]:
    """What one source did not get: each reason once, the first few; questions that were only cut short are counted."""
    told = list(dict.fromkeys((line["status"], line["reason"]) for line in lines if line["reason"]))
    silent = sum(not line["reason"] for line in lines)
    rows = [f"{word(status, say)} {reasons.told(reason, say)}" for status, reason in told[:_REASONS]]
    if len(told) > _REASONS:
        rows.append(say("{n} more reasons, see `harvest status`", n=len(told) - _REASONS))
    if silent:
        rows.append(say.many("{n} question not read to the end", "{n} questions not read to the end", silent))
    return [f"  {lines[0]['source']}: {row}" for row in rows]
