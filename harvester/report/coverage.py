"""May I show this to my boss: what was asked and missed, how it was counted, and every number with its state."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from harvester.report import words
from harvester.report.blocks import Section, Table, columns
from harvester.report.sections import kind_of
from harvester.report.words import number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harvester.measure.metric import Metric
    from harvester.report.build import Report

_STATES = (
    "ok: measured, and 0 means looked and found none · too few to say: the posts are listed instead · incomplete: "
    "a source was cut off or failed · not measured: nobody looked · does not apply: the question makes no sense here"
)


def quality(report: Report) -> Section:
    """Sources, pages and what is unknown: nothing that went wrong is left out."""
    facts = [
        (title, f"{number(row.num)} of {number(row.den)}")
        for metric, title in (("M22.undated", "Stories without a date"), ("M22.unclassified", "By unknown authors"))
        if (row := report.get(metric)) and row.den
    ]
    for metric, title in (
        ("M22.off_topic", "Not counted as about the event"), ("M22.outside_window", "Outside the window"),
        ("M22.merged", "Copies and parts, counted once"), ("M22.rejected", "Refused, no post at all"),
        ("M22.unlinked_handles", "Accounts of no known person"),
    ):  # fmt: skip
        row = report.get(metric)
        if row and (row.value or row.by):
            facts.append((title, " · ".join(words.parts(row.by)) or f"{number(row.value)} {row.unit}"))
    listed = report.get("M22.attendance_list")
    facts.append(("Attendance list", "used" if listed and listed.value else "none"))
    facts.append(("Audit by people", words.audit(report)))
    if corrected := words.corrected(report):
        facts.append(("Ratio corrected by the audit", corrected))
    missing = report.get("M22.not_covered")
    if missing:
        facts.append(("Not covered at all", ", ".join(missing.by["channels"])))
    lead = "What was asked, what came back and what did not."
    return Section(
        name="quality", title="How complete this is", lead=lead, facts=tuple(facts), tables=tuple(_tables(report))
    )


def _tables(report: Report) -> list[Table]:
    sources, pages = report.get("M22.sources"), report.get("M22.fetches")
    tables = [_sources(sources)] if sources and sources.variants["lines"] else []
    if pages and pages.value:
        rows = tuple((x["source"], x["state"], x["reason"], number(x["pages"])) for x in pages.variants["lines"])
        told = " · ".join(words.parts(pages.by))
        heads = columns("Source", "State", "Reason", "#Pages")
        tables.append(Table(caption=f"Pages by what became of them: {told}", columns=heads, rows=rows))
    return tables


def lacks(line: Mapping[str, Any]) -> bool:
    """Whether something is missing from a line of the ledger: a question is `partial` as its source is, no news."""
    if line["query"] and line["status"] == "partial":
        return bool(line["truncated"])
    return bool(line["truncated"] or line["status"] != "ok")


def _sources(sources: Metric) -> Table:
    """Each source, and each query that did not get everything."""
    lines = sources.variants["lines"]
    shown = [line for line in lines if not line["query"] or lacks(line)]
    full = len(lines) - len(shown)
    note = f"{words.many(full, 'query', 'queries')} answered in full, not listed." if full else ""
    rows = tuple(
        (
            line["source"], line["query"] or "everything", line["status"] + (", cut off" if line["truncated"] else ""),
            line["reason"], number(line["found"]), number(line["requests"]), number(line["errors"]), _returned(line),
        )
        for line in shown
    )  # fmt: skip
    heads = columns("Source", "Asked for", "Status", "Why", "#Found", "#Requests", "#Errors", "#Returned")
    told = " · ".join(f"{n} {status}" for status, n in sorted(sources.by.items()))
    return Table(caption=f"Sources: {told}" if told else "Sources", columns=heads, rows=rows, note=note)


def _returned(line: dict[str, Any]) -> str:
    if line["returned"] is None:
        return ""
    total = line["reported_total"]
    return f"{line['returned']}" if total is None else f"{line['returned']} of {total}"


def method(report: Report) -> Section:
    """How it was counted, and what a comparison with another report must share."""
    frame = report.frame
    first, last = (f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC" for moment in frame.window)
    outlets = "none checked" if frame.media_outlets is None else words.many(frame.media_outlets, "outlet") + " checked"
    facts = (
        ("A story", "a post with its copies; reposts, replies, parts of a thread and bookmarks are not counted again"),
        ("Counted", "about the event, and published in the window or without a date"),
        ("Participant, media", "who the author is at this event, judged from evidence; unknown is an answer"),
        ("Range by chance", "luck alone, if the same kind of event ran again; not missed posts, not wrong labels"),
        ("Window", f"{first} to {last}; {words.counting(report)}"),
        ("Days", f"in {frame.timezone}"),
        ("Media list", outlets),
        ("Compares with", f"reports of recipe {frame.recipe} and rules {frame.rules} only"),
    )
    return Section(name="method", title="How it was counted", facts=facts)


def numbers(report: Report) -> Section:
    """Every number of the report as it stands in the other faces."""
    rows = tuple(
        (
            row.metric, " ".join(kind_of(word) for word in (row.group, row.kind) if word),
            words.amount(row), row.unit, _of(row), words.between(row.ci) if row.ci else "", row.status,
            ", ".join(row.flags), " · ".join(words.parts(row.by)),
        )
        for row in report.metrics
    )  # fmt: skip
    heads = columns("Measure", "Of", "#Value", "Unit", "#Parts", "#Range", "State", "Flags", "Made up of")
    table = Table(caption="Every number of this report", columns=heads, rows=rows, note=_STATES)
    return Section(name="numbers", title="All numbers", tables=(table,))


def _of(row: Metric) -> str:
    return f"{number(row.num)} / {number(row.den)}" if row.den is not None else ""
