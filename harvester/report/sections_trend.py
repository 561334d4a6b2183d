"""Better than last time? Changes with their range, and how often and where the events of a year were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from harvester.report import anchors, words
from harvester.report.anchors import led
from harvester.report.blocks import Prose, Ref, Section, Table, columns
from harvester.report.language import later
from harvester.report.states import MEASURED, in_parts, measured, state, told
from harvester.report.words import number

if TYPE_CHECKING:
    from harvester.measure.metric import Metric
    from harvester.report.blocks import Cell
    from harvester.report.build import Report
    from harvester.report.language import Language


_OF: Final = {
    ("M18.change", "written", "participant"): later("Articles by participants"),
    ("M18.change", "written", "media"): later("Articles by media"),
    ("M18.change", "talk", "participant"): later("Decks and videos"),
    ("M18.change", "micro", "participant"): later("Posts"),
    ("M18.contributors", "any", "participant"): later("People who spoke"),
    ("M18.contributors", "written", "participant"): later("People who wrote"),
}  # fmt: skip
_SAID: Final = {
    "more": later("more"), "fewer": later("fewer"), "no_clear_change": later("no clear change"),
    "cannot_tell": later("cannot tell: a source was cut off"),
}  # fmt: skip
_SENTENCE: Final = {
    "more": later("Articles by participants: {now} after {before}, more."),
    "fewer": later("Articles by participants: {now} after {before}, fewer."),
    "cannot_tell": later("Articles by participants: {now} after {before}, cannot tell: a source was cut off."),
}


def trend(report: Report, say: Language) -> Section:
    """Changes from the event before, never called more or fewer unless luck alone could not make them; the cadence."""
    rows = changes(report)
    heads = columns(say("Of"), "#" + say("Before"), "#" + say("Now"), "#" + say("Times"), say("Verdict"),
                    "#" + say("Per attendee"))  # fmt: skip
    lines = tuple(_line(row, say) for row in rows)
    tables = (Table(caption=say("Since the event before"), columns=heads, rows=lines),) if lines else ()
    return Section(name="trend", title=say("Trend"), lead=_sentence(rows, say), facts=tuple(_cadence(report, say)),
                   tables=tables)  # fmt: skip


def changes(report: Report) -> list[Metric]:
    """The rows that compare with the event before, without those where the question makes no sense."""
    aside = ("first_event", "not_begun", "none_either_time")
    found = (row for row in report.metrics if (row.metric, row.group, row.kind) in _OF)
    return [row for row in found if not any(flag in aside for flag in row.flags)]


def _sentence(rows: list[Metric], say: Language) -> str:
    """The articles of participants, first: `7 after 3: no clear change`."""
    first = next((row for row in rows if compares(row)), None)
    if first is None or _OF[first.metric, first.group, first.kind] != _OF["M18.change", "written", "participant"]:
        return ""
    if first.variants["change"] == "no_clear_change":
        return say("No clear change from {prev}.", prev=first.variants["previous_event"])
    text = _SENTENCE[first.variants["change"]]
    sentence = say(text, now=number(first.num), before=number(first.den))
    if aside := left_open(first, say):
        sentence = say("{state} ({why})", state=sentence, why=aside)
    return Prose(sentence, to=anchors.number(first))


def compares(row: Metric) -> bool:
    """Whether it holds a comparison; from nothing to something there is no rate, only a lower end."""
    return row.status in MEASURED and row.ci is not None


def _line(row: Metric, say: Language) -> tuple[Cell, ...]:
    """What is now leads to its posts; the event before has a report of its own."""
    own = anchors.number(row)
    before, now = _counts(row)
    counts = name_of(row, say), Ref(before, own), led(now, row)
    if not compares(row):
        why_not = " · ".join(part for part in (state(row, say), same_recipe(row, say)) if part)
        return *counts, "", Prose(why_not, to=own), ""
    told_text = told(row, say("{now} after {before}: {verdict}", now=number(row.num), before=number(row.den),
                              verdict=verdict(row, say)), say)  # fmt: skip
    head = row.variants.get("per_attendee")
    per_head = "" if not head or head["value"] is None else f"×{head['value']:.1f}"
    told_text = " · ".join(part for part in (told_text, left_open(row, say)) if part)
    return *counts, Ref(times(row, say), own), Prose(told_text, to=own), Ref(per_head, own)


def _counts(row: Metric) -> tuple[str, str]:
    """Before and now; 0 of a time at which nobody looked is no number."""
    earlier = f"not_harvested:{row.variants.get('previous_event')}"
    then = [flag for flag in row.flags if flag == earlier or flag.startswith("before:")]
    unseen = (bool(then), len(then) < len(row.flags)) if row.status == "unmeasured" else (False, False)
    before, now = ("?" if hidden and not n else number(n) for n, hidden in zip((row.den, row.num), unseen, strict=True))
    return before, now


def same_recipe(row: Metric, say: Language) -> str:
    """The comparison over what both recipes would have found, "" without one."""
    same = row.variants.get("same_recipe")
    if not same:
        return ""
    return say("by both recipes: {now} after {before}, {verdict}", now=same["num"], before=same["den"],
               verdict=said(same["change"], say))  # fmt: skip


def name_of(row: Metric, say: Language) -> str:
    """What is compared."""
    return say(_OF[row.metric, row.group, row.kind])


def times(row: Metric, say: Language) -> str:
    """`×2.3 (0.5–10.1)`, or only the lower end where there was nothing before."""
    lo, hi = (row.ci.lo, row.ci.hi) if row.ci else (None, None)
    if row.value is None:
        return say("at least {lo}", lo=f"×{_factor(lo)}")
    if lo is None and hi is None:
        return f"×{number(row.value)}"
    ends = say("at most {hi}", hi=_factor(hi)) if lo is None else words.span(lo, hi, say)
    return say("{value} ({range})", value=f"×{number(row.value)}", range=ends)


def _factor(end: float | None) -> str:
    """One end of a range; a small one that one decimal would print as 0 keeps its first digits."""
    return f"{end:.1g}" if end is not None and 0 < end < 0.05 else number(end)  # what would read 0.0


def verdict(row: Metric, say: Language) -> str:
    """More or fewer where luck alone could not make it, else no clear change."""
    return said(row.variants["change"], say)


def said(change: str, say: Language) -> str:
    """What M18 says of a change, in words."""
    return say(_SAID[change])


def left_open(row: Metric, say: Language) -> str:
    """How far authors of unknown kind could move what is called more or fewer, "" where not to 1."""
    lo, hi = (row.bounds.lo, row.bounds.hi) if row.bounds else (None, None)
    if lo is None or hi is None or row.variants["change"] not in ("more", "fewer") or not lo <= 1 <= hi:
        return ""
    return say("×{range} if the unclassified went one way or the other", range=words.span(lo, hi, say))


def in_short(row: Metric, say: Language) -> tuple[str, list[str]]:
    """`3 → 7` and what may be said of it: `×2.3 (0.5–10.1)   no clear change`, or why the two do not compare."""
    counts = " → ".join(_counts(row))
    if compares(row):
        parts = [f"{times(row, say)}   {told(row, verdict(row, say), say)}", left_open(row, say)]
        return counts, [part for part in parts if part]
    same = same_recipe(row, say)
    return counts, [*in_parts(row, say), *([same] if same else [])]


def _cadence(report: Report, say: Language) -> list[tuple[str, Cell]]:
    """How often, where, and with how many people; of the twelve months up to the event."""
    held, cities, gap = (report.get(f"M21.{name}") for name in ("events", "cities", "gap"))
    facts: list[tuple[str, Cell]] = []
    if held and measured(held):
        count = say.many("{n} event", "{n} events", held.value)
        heads = [say("{event}: {n} people", event=event, n=n)
                 for event, n in held.by.get("attendees", {}).items() if n is not None]  # fmt: skip
        facts.append((say("In twelve months"), led(" · ".join([count, *heads]), held)))
    if cities and measured(cities):
        named = say(", ").join(cities.by["cities"])
        facts.append((say("Cities"), led(f"{number(cities.value)} · {named}", cities)))
    if gap and measured(gap):
        facts.append((say("Days between events, median"), led(number(gap.value), gap)))
    return facts
