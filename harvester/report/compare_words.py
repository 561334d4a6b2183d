"""The sentences of a comparison; those of a single change are the ones of a report's trend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from harvester.measure.metric import Metric
from harvester.report import sections_trend, words
from harvester.report.language import later
from harvester.report.sections_trend import compares
from harvester.report.states import state, why

if TYPE_CHECKING:
    from harvester.report.compare import Comparison
    from harvester.report.language import Language

_FIRST: Final = ("M18.change", "written", "participant")
_SENTENCE: Final = {
    "more": later("Articles by participants: {n} at {now} after {m} at {before}, more."),
    "fewer": later("Articles by participants: {n} at {now} after {m} at {before}, fewer."),
    "no_clear_change": later("Articles by participants: {n} at {now} after {m} at {before}, no clear change."),
    "cannot_tell": later(
        "Articles by participants: {n} at {now} after {m} at {before}, cannot tell: a source was cut off."
    ),
}


def value(row: Metric, say: Language) -> str:
    """A number on its own; a share as k of n, where nothing else says of how many."""
    if row.unit == "share" and row.num is not None and row.metric != "M04.found":
        return _limit(row) + words.k_of_n(row, say)
    return words.amount(row, say)


def _limit(row: Metric) -> str:
    """The sign of a share that missed people bias: new ones are at most so many, those who came back at least."""
    return "≤" if "at_most" in row.flags else "≥" if "at_least" in row.flags else ""


def with_range(row: Metric, say: Language) -> str:
    """The same with the range that luck alone could make, where it has one."""
    if row.ci is None:
        return value(row, say)
    if row.ci.lo is None or row.ci.hi is None:
        return say("{value} ({range})", value=value(row, say), range=words.between(row.ci, say, row.unit))
    return say("{value} ({range})", value=value(row, say), range=words.span(row.ci.lo, row.ci.hi, say, row.unit))


def shortest(row: Metric, say: Language) -> str:
    """The same in as few characters as it can be said in: a share in whole per cent."""
    if row.unit == "share" and row.value is not None:
        return _limit(row) + words.percent(row.value, say)
    return words.amount(row, say)


def times(row: Metric, say: Language) -> str:
    """`×2.3` alone, the lower end where there was nothing before."""
    return sections_trend.times(row, say).partition("(")[0].rstrip()


def verdict(row: Metric, say: Language) -> str:
    """More, fewer, no clear change; or why nothing can be said."""
    return sections_trend.verdict(row, say) if compares(row) else state(row, say)


def left_open(row: Metric, say: Language) -> str:
    """How far authors of unknown kind could move what is called more or fewer, "" where not to 1."""
    return sections_trend.left_open(row, say) if compares(row) else ""


def headline(found: Comparison, say: Language) -> str:
    """The newest edition against the one before, over articles of participants: 35 after 25, no clear change."""
    row = next(row for row in found.changes[-1] if (row.metric, row.group, row.kind) == _FIRST)
    before, now = found.events[-2:]
    if not compares(row):
        return say("{now} and {before} do not compare: {why}.", now=now, before=before, why=state(row, say))
    text = _SENTENCE[row.variants["change"]]
    sentence = say(text, n=words.number(row.num), now=now, m=words.number(row.den), before=before)
    aside = left_open(row, say)
    return say("{state} ({why})", state=sentence, why=aside) if aside else sentence


def broken(flags: tuple[str, ...], say: Language) -> str:
    """Why two editions do not compare, "" where they do."""
    return say(", ").join(why(Metric(metric=_FIRST[0], flags=flags), say))


def asides(row: Metric, say: Language) -> list[str]:
    """What else is to be said of a change: what unknown authors leave open, per head, by both recipes."""
    found = (left_open(row, say), _per_attendee(row, say), sections_trend.same_recipe(row, say))
    return [text for text in found if text]


def _per_attendee(row: Metric, say: Language) -> str:
    """The change per head, "" where attendance was the same or is not known."""
    head = row.variants.get("per_attendee")
    if not head or head["value"] is None:
        return ""
    return say(
        "per attendee ×{ratio} ({range}), {verdict}", ratio=words.number(float(head["value"])),
        range=words.span(head["lo"], head["hi"], say), verdict=sections_trend.said(head["change"], say),
    )  # fmt: skip
