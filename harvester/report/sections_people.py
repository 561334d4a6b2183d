"""People: who is new and who came back, who stays, what share of the room spoke, and who moved up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from harvester.report import anchors, words
from harvester.report.anchors import led
from harvester.report.blocks import Prose, Ref, Section, Table, columns
from harvester.report.language import later
from harvester.report.states import measured, state, told, why
from harvester.report.vocabulary import word

if TYPE_CHECKING:
    from harvester.measure.metric import Metric
    from harvester.report.blocks import Cell
    from harvester.report.build import Report
    from harvester.report.language import Language

KINDS: Final = ("contributors", "attendees")
_MOVES: Final = (
    ("M20.arrived", later("{n} arrived")), ("M20.climbed", later("{n} climbed")), ("M20.stayed", later("{n} stayed")),
    ("M20.stepped_back", later("{n} stepped back")), ("M20.not_seen", later("{n} not seen")),
)  # fmt: skip
# Shares of people as k of n, and the same where hidden people can only move them one way.
_AT_MOST: Final = (later("{k} of {n}"), later("at most {k} of {n}"))
_AT_LEAST: Final = (later("{k} of {n}"), later("at least {k} of {n}"))
_NEW: Final = (later("{k} of {n} new"), later("at most {k} of {n} new"))
_BACK: Final = (
    later("{k} of {n} of last time's came back"), later("at least {k} of {n} of last time's came back"),
)  # fmt: skip
_RETURNED: Final = {
    "attendees": (
        later("{k} of {n} of last time's attendees returned"),
        later("at least {k} of {n} of last time's attendees returned"),
    ),
    "contributors": (
        later("{k} of {n} of last time's contributors returned"),
        later("at least {k} of {n} of last time's contributors returned"),
    ),
}


def people(report: Report, say: Language) -> Section:
    """Two rates with two denominators, never one called retention; the cohorts; the ladder; the room."""
    facts: list[tuple[str, Cell]] = []
    for kind in KINDS:
        new, back = report.get("M08.new_share", kind=kind), report.get("M08.return_rate", kind=kind)
        name = word(kind, say)
        if new:
            facts.append((say("New {people}", people=name), led(_rate(new, say), new)))
        if back:
            facts.append((say("Of last time's {people}, came back", people=name), led(_rate(back, say), back)))
    facts += _room(report, say)
    tables = [table for table in (_cohorts(report, say), _ladder(report, say)) if table]
    moved = moves(report, say)
    if moved:
        facts.append((say("Since the event before"), Prose(" · ".join(moved), *moved)))
    return Section(name="people", title=say("People"), lead=_sentence(report, say), facts=tuple(facts),
                   tables=tuple(tables))  # fmt: skip


def _sentence(report: Report, say: Language) -> str:
    """Both rates of the attendees, else of the contributors, in one sentence."""
    for kind in ("attendees", "contributors"):
        new, back = report.get("M08.new_share", kind=kind), report.get("M08.return_rate", kind=kind)
        if new and back and measured(new) and measured(back):
            first, second = led(_limited(new, say, _NEW), new), led(_limited(back, say, _RETURNED[kind]), back)
            return Prose(say("{new}, and {back}.", new=first, back=second), first, second)
    return ""


def _limited(row: Metric, say: Language, texts: tuple[str, str]) -> str:
    """One of two phrases of k and n: the second with "at most" or "at least", where hidden people move it one way."""
    one_way = "at_most" in row.flags or "at_least" in row.flags
    return say(texts[one_way], k=words.number(row.num), n=words.number(row.den))


def _rate(row: Metric, say: Language) -> str:
    if not measured(row):
        return state(row, say)
    text = _limited(row, say, _AT_MOST if row.metric == "M08.new_share" else _AT_LEAST)
    if row.value is not None and "few_people" not in row.flags:
        text = say("{share} ({pct})", share=text, pct=words.percent(row.value, say, row.den))
        text = words.by_luck(text, row, say)
    reasons = why(row, say)
    return told(row, f"{text} · {' · '.join(reasons)}" if reasons else text, say)


def returning(report: Report, kind: str, say: Language) -> str:
    """Both rates of one sort of people on a line; their state where neither can be told."""
    new, back = report.get("M08.new_share", kind=kind), report.get("M08.return_rate", kind=kind)
    if new is None or back is None:
        return ""
    if not measured(new) and not measured(back) and new.flags == back.flags:
        return state(new, say)
    first = _limited(new, say, _NEW) if measured(new) else say("new: {state}", state=state(new, say))
    if not measured(back):
        return f"{first} · " + say("came back: {state}", state=state(back, say))
    return f"{first} · {_limited(back, say, _BACK)}"


def moves(report: Report, say: Language) -> list[Ref]:
    """The ladder in words: arrived (and wrote at once), climbed, stayed, stepped back, not seen."""
    told_moves = []
    for metric, text in _MOVES:
        row = report.get(metric)
        if row is None or not measured(row) or (metric == "M20.stepped_back" and not row.value):
            continue
        moved = say(text, n=row.value)
        if at_once := row.by.get("wrote_at_once"):
            moved = say("{moved} ({n} of them wrote at once)", moved=moved, n=at_once)
        told_moves.append(led(moved, row))
    return told_moves


def _room(report: Report, say: Language) -> list[tuple[str, Cell]]:
    """What share of the room spoke, and wrote; beside it the same number of the event before."""
    facts: list[tuple[str, Cell]] = []
    for group, title in (("any", later("Of the room, spoke")), ("written", later("Of the room, wrote"))):
        row = report.get("M10.contribution_rate", group)
        if row is None:
            continue
        text = room(row, say)
        if last := row.variants.get("previous"):
            text += " · " + say("last time {k} of {n}", k=last["num"], n=last["den"])
        facts.append((say(title), led(text, row)))
    return facts


def room(row: Metric, say: Language) -> str:
    """`6 of 12 (50 %); luck alone 25–75 %`, or why there is none; an approximation says so."""
    if not measured(row):
        return state(row, say)
    text = words.by_luck(words.share(row, say), row, say)
    if "approximation" in row.flags:
        text = say("{share}, an approximation from the head count", share=text)
    if unmatched := row.by.get("unmatched_writers"):
        text += " · " + say("{n} more wrote who are not on the list", n=unmatched)
    return told(row, text, say)


def _cohorts(report: Report, say: Language) -> Table | None:
    """The triangle: by the event of their first contribution, how many still wrote later."""
    rows = [row for row in report.all("M09.cohort") if row.kind]
    if not rows:
        return None
    events = [row.kind for row in rows]
    lost = {row.kind: row for row in report.all("M09.not_seen_since")}
    lines = []
    for row in rows:
        cells = [_cell(row, later_event, say) for later_event in events[1:]]
        gone = lost.get(row.kind)
        unseen = led(words.k_of_n(gone, say), gone) if gone and measured(gone) else ""
        lines.append((row.kind, led(words.amount(row, say), row), *cells, unseen))
    heads = columns(say("Wrote first at"), "#" + say("How many people"), *(f"#{event}" for event in events[1:]),
                    "#" + say("Not seen since"))  # fmt: skip
    note = say("k of n: still writing there. Unlinked handles and missed posts lower every cell.")
    return Table(caption=say("Who stays beyond one event"), columns=heads, rows=tuple(lines), note=note)


def _cell(row: Metric, event: str, say: Language) -> str:
    if event not in row.by or not measured(row):
        return ""
    k = row.by[event]
    return say("not measured") if k is None else led(say("{k} of {n}", k=k, n=row.den), row)


def _ladder(report: Report, say: Language) -> Table | None:
    """Where people stood at the event before, and where now."""
    row = report.get("M20.transitions")
    if row is None or not measured(row) or not row.by:
        return None
    rungs: dict[str, Any] = {str(i): word(name, say) for i, name in enumerate(row.variants["rungs"])}
    rungs["0/1"] = say("absent or silent")
    lines = []
    for step, n in row.by.items():
        then, now = step.split("→")
        lines.append((rungs.get(then, then), rungs.get(now, now), str(n)))
    heads = columns(say("At {event}", event=row.variants["previous_event"]), say("Now"), "#" + say("How many people"))
    return Table(caption=say("Steps on the ladder"), columns=heads, rows=tuple(lines), note=state(row, say),
                 to=anchors.number(row))  # fmt: skip
