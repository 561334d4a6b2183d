"""Who wrote, how much, and when: the sections of a written report that carry its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvester.measure.volume import COLUMNS
from harvester.report import words
from harvester.report.blocks import Section, Table, columns
from harvester.report.words import many, number

if TYPE_CHECKING:
    from harvester.measure.metric import Metric
    from harvester.report.build import Report

_SPEAKING = (
    ("any", "Spoke at all"), ("written", "Wrote an article"), ("talk", "Gave a deck or video"), ("micro", "Posted"),
)  # fmt: skip
_STATE = {
    "insufficient": "too few to say", "truncated": "incomplete", "unmeasured": "not measured",
    "not_applicable": "does not apply", "ok": "",
}  # fmt: skip


def state(metric: Metric) -> str:
    """A metric's state and flags in words, "" for a plain measured number."""
    flags = ", ".join(metric.flags)
    told = _STATE[metric.status]
    return f"{told} ({flags})" if told and flags else told or flags


def who(report: Report) -> Section:
    """The comparison of participants and media, and everything it could mean instead."""
    ratio = report.get("M02.ratio")
    facts: list[tuple[str, str]] = []
    if ratio is not None and ratio.status in ("ok", "truncated"):
        facts = _compared(ratio)
    elif ratio is not None:
        facts = [("Ratio", state(ratio))]
    aside = words.not_in_ratio(report)
    if aside:
        facts.append(("Not in the ratio", " · ".join(aside)))
    return Section(name="who", title="Who wrote", facts=tuple(facts))


def _compared(ratio: Metric) -> list[tuple[str, str]]:
    facts = []
    if ratio.ci:
        facts.append(("By chance alone", f"{words.between(ratio.ci)}, with {ratio.ci.level:.0%} confidence"))
    if ratio.bounds:
        lo, hi = (number(end) if end is not None else "no ratio" for end in (ratio.bounds.lo, ratio.bounds.hi))
        facts.append((f"{ratio.by['unknown']} unclassified", f"{lo} if all by media, {hi} if all by participants"))
    if ratio.by["independent"]:
        broad = number(ratio.variants["broad"])
        facts.append((f"With {ratio.by['independent']} independent", f"{broad} to 1"))
    facts.append(("Copies counted too", "{} by participants, {} by media".format(*ratio.by["placements"])))
    return facts


def how_much(report: Report) -> Section:
    """Stories by kind and author, and how many people wrote them."""
    facts = [
        (title, many(row.value, "person", "people") if row.value is not None else state(row))
        for group, title in _SPEAKING
        if (row := report.get("M03.contributors", group))
    ]
    each = report.get("M03.stories_per_writer")
    if each and each.value is not None:
        facts.append(("Stories per writer", number(float(each.value))))
    tables = [_volume(report)]
    dropped = report.get("M01.not_counted")
    if dropped and dropped.by:
        facts.append(("Found, not counted again", " · ".join(words.parts(dropped.by))))
    return Section(name="volume", title="How much", lead="Participants who spoke, and every story by kind and author.",
                   facts=tuple(facts), tables=tuple(tables))  # fmt: skip


def _volume(report: Report) -> Table:
    rows = []
    for row in report.all("M01.volume"):
        if row.kind:
            cells = (number(row.by[column]) for column in COLUMNS)
            rows.append((kind_of(row.kind), *cells, words.amount(row), state(row)))
        else:
            total = "not measured" if row.value is None else "0"
            rows.append((f"{row.group}: none found", *("" for _ in COLUMNS), total, state(row)))
    heads = columns("Kind", *(f"#{column.capitalize()}" for column in COLUMNS), "#Total", "State")
    note = "≥ means that a source was cut off or failed: read the number as “at least”."
    return Table(caption="Counted stories by kind and author", columns=heads, rows=tuple(rows),
                 note=note if any("≥" in row[-2] for row in rows) else "")  # fmt: skip


def kind_of(kind: str) -> str:
    """An item kind as a word."""
    return kind.replace("_", " ")


def when(report: Report) -> Section:
    """Stories per local day; what has no day stands beside, never spread."""
    lines = report.all("M05.timeline")
    groups = {"written": "Articles", "talk": "Decks and videos", "micro": "Posts"}
    here = [group for group in groups if any(row.group == group for row in lines)]
    days: dict[str, dict[str, int]] = {}
    for row in lines:
        for day, n in row.series:
            cell = days.setdefault(day, {})
            cell[row.group] = cell.get(row.group, 0) + n
    if not days:
        return Section(name="when", title="When")
    rows = tuple(
        (day, *(str(cell.get(group, "")) for group in here), str(sum(cell.values())))
        for day, cell in sorted(days.items())
    )
    undated = sum(row.by["undated"] for row in lines)
    outside = sum(row.by["outside_days"] for row in lines)
    told = [f"{undated} without a day" if undated else "", f"{outside} on other days" if outside else ""]
    note = f"Not in the table: {' · '.join(word for word in told if word)}." if any(told) else ""
    table = Table(caption=f"Stories per day in {report.frame.timezone}", rows=rows, note=note,
                  columns=columns("Day", *(f"#{groups[group]}" for group in here), "#All"))  # fmt: skip
    top = max(days, key=lambda day: (sum(days[day].values()), day))
    lead = f"Most on {top}: {many(sum(days[top].values()), 'story', 'stories')}."
    return Section(name="when", title="When", lead=lead, tables=(table,))


def typed_in(report: Report) -> Section:
    """Numbers of places that nobody harvests, as somebody typed them in."""
    rows = tuple(
        (row.kind, words.amount(row), row.unit, str(row.by["as_of"])[:10], str(row.by["source"]))
        for row in report.all("M21.typed_in")
    )
    if not rows:
        return Section(name="typed-in", title="Typed in")
    table = Table(caption="Numbers typed in", columns=columns("Name", "#Value", "Unit", "As of", "Source"), rows=rows)
    return Section(
        name="typed-in", title="Typed in", lead="Entered by hand, and in no other number here.", tables=(table,)
    )
