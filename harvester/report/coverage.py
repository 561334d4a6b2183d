"""May I show this to my boss: what was asked and missed, how it was counted, and every number with its state."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from harvester.report import anchors, reasons, words
from harvester.report.anchors import led
from harvester.report.blocks import Ref, Section, Table, columns
from harvester.report.day_words import moment
from harvester.report.language import later
from harvester.report.vocabulary import page_end, word
from harvester.report.words import number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harvester.measure.metric import Metric
    from harvester.report.blocks import Cell
    from harvester.report.build import Report
    from harvester.report.language import Language

_ASIDE = (
    ("M22.off_topic", later("Not counted as about the event")), ("M22.outside_window", later("Outside the window")),
    ("M22.merged", later("Copies and parts, counted once")), ("M22.rejected", later("Refused, no post at all")),
    ("M22.unlinked_handles", later("Accounts of no known person")),
)  # fmt: skip
_CHECKED = (
    ("M22.audit", later("Audit by people"), words.audit),
    ("M22.corrected_ratio", later("Ratio corrected by the audit"), words.corrected),
    ("M04.at_least", later("Posts that nobody found"), words.coverage),
)  # fmt: skip


def quality(report: Report, say: Language) -> Section:
    """Sources, pages and what is unknown: nothing that went wrong is left out."""
    facts: list[tuple[str, Cell]] = [
        (say(title), led(words.k_of_n(row, say), row))
        for metric, title in (
            ("M22.undated", later("Stories without a date")), ("M22.unclassified", later("By unknown authors")),
        )
        if (row := report.get(metric)) and row.den
    ]  # fmt: skip
    for metric, title in _ASIDE:
        row = report.get(metric)
        if row and (row.value or row.by):
            text = " · ".join(words.named_parts(row.by, say)) or number(row.value)
            facts.append((say(title), led(text, row)))
    listed = report.get("M22.attendance_list")
    facts.append((say("Attendance list"), say("used") if listed and listed.value else say("none")))
    for metric, title, phrase in _CHECKED:
        if text := phrase(report, say):
            row = report.get(metric)
            facts.append((say(title), Ref(text, anchors.number(row)) if row else text))
    missing = report.get("M22.not_covered")
    if missing:
        facts.append((say("Not covered at all"), not_covered(missing, say)))
    return Section(
        name="quality", title=say("How complete this is"), lead=say("What was asked, what came back and what did not."),
        facts=tuple(facts), tables=tuple(_tables(report, say)),
    )  # fmt: skip


def not_covered(missing: Metric, say: Language) -> str:
    """The channels that no source of ours sees."""
    return say(", ").join(word(channel, say) for channel in missing.by["channels"])


def _tables(report: Report, say: Language) -> list[Table]:
    sources, pages = report.get("M22.sources"), report.get("M22.fetches")
    tables = [_sources(sources, say)] if sources and sources.variants["lines"] else []
    if pages and pages.value:
        rows = tuple(
            (x["source"], page_end(x["state"], say), page_end(x["reason"], say), number(x["pages"]))
            for x in pages.variants["lines"]
        )
        told = " · ".join(words.named_parts(pages.by, say, page_end))
        heads = columns(say("Source"), say("State"), say("Reason"), "#" + say("Pages"))
        tables.append(Table(caption=say("Pages by what became of them: {told}", told=told), columns=heads, rows=rows))
    return tables + _overlap(report, say)


def _overlap(report: Report, say: Language) -> list[Table]:
    """Which stories are on exactly which lists, and what that says; the estimates that would need independence."""
    row, limit = report.get("M04.overlap"), report.get("M04.at_least")
    if row is None or not row.by:
        return []
    names = list(row.variants["lists"])
    rows = tuple(
        (*("●" if name in held.split(" + ") else "" for name in names), number(n)) for held, n in row.by.items()
    )
    heads = columns(*names, "#" + say("Stories"))
    details = limit.variants.get("if_independent") if limit else None
    note = ""
    if details and details.get("estimate") is not None:
        note = say("If the sources were independent, which they are not: {n} stories.", n=f"{details['estimate']:.0f}")
    return [Table(caption=say("Who found what: stories on exactly these lists"), columns=heads, rows=rows, note=note,
                  to=anchors.number(row))]  # fmt: skip


def lacks(line: Mapping[str, Any]) -> bool:
    """Whether something is missing from a line of the ledger: a question is `partial` as its source is, no news."""
    if line["query"] and line["status"] == "partial":
        return bool(line["truncated"])
    return bool(line["truncated"] or line["status"] != "ok")


def _sources(sources: Metric, say: Language) -> Table:
    """Each source, and each query that did not get everything."""
    lines = sources.variants["lines"]
    shown = [line for line in lines if not line["query"] or lacks(line)]
    full = len(lines) - len(shown)
    note = say.many("{n} query answered in full, not listed.", "{n} queries answered in full, not listed.", full)
    rows = tuple(
        (
            line["source"], line["query"] or say("everything"), _status(line, say), reasons.told(line["reason"], say),
            number(line["found"]), number(line["requests"]), number(line["errors"]), _returned(line, say),
        )
        for line in shown
    )  # fmt: skip
    heads = columns(say("Source"), say("Asked for"), say("Status"), say("Why"), "#" + say("Found"),
                    "#" + say("Requests"), "#" + say("Errors"), "#" + say("Returned"))  # fmt: skip
    told = words.states_of(sources.by, say)
    caption = say("Sources: {told}", told=told) if told else say("Sources")
    return Table(caption=caption, columns=heads, rows=rows, note=note if full else "")


def _status(line: Mapping[str, Any], say: Language) -> str:
    status = word(line["status"], say)
    return say("{status}, cut off", status=status) if line["truncated"] else status


def _returned(line: Mapping[str, Any], say: Language) -> str:
    if line["returned"] is None:
        return ""
    total = line["reported_total"]
    return f"{line['returned']}" if total is None else say("{k} of {n}", k=line["returned"], n=total)


def method(report: Report, say: Language) -> Section:
    """How it was counted, and what a comparison with another report must share."""
    frame = report.frame
    first, last = (f"{moment(at.astimezone(UTC), say)} UTC" for at in frame.window)
    outlets = say("none checked")
    if frame.media_outlets is not None:
        outlets = say.many("{n} outlet checked", "{n} outlets checked", frame.media_outlets)
    facts = (
        (say("A story"),
         say("a post with its copies; reposts, replies, parts of a thread and bookmarks are not counted again")),
        (say("Counted"), say("about the event, and published in the window or without a date")),
        (say("Participant, media"), say("who the author is at this event, judged from evidence; unknown is an answer")),
        (say("Range by chance"), say("luck alone, if the same kind of event ran again; not missed posts, not wrong "
                                     "labels")),
        (say("Window"), say("{first} to {last}; {counting}", first=first, last=last,
                            counting=words.counting(report, say))),
        (say("Days"), say("in {zone}", zone=frame.timezone)),
        (say("Media list"), outlets),
        (say("Compares with"), say("reports of recipe {recipe} and rules {rules} only", recipe=frame.recipe,
                                   rules=frame.rules)),
    )  # fmt: skip
    return Section(name="method", title=say("How it was counted"), facts=facts)


def numbers(report: Report, say: Language) -> Section:
    """Every number of the report as it stands in the other faces, in the words of the data."""
    rows = tuple(
        (
            row.metric, " ".join(part.replace("_", " ") for part in (row.group, row.kind) if part),
            _value(row, say), row.unit, _of(row), words.between(row.ci, say, row.unit) if row.ci else "", row.status,
            ", ".join(row.flags), " · ".join(words.parts(row.by)),
        )
        for row in report.metrics
    )  # fmt: skip
    heads = columns(say("Measure"), say("Of"), "#" + say("Value"), say("Unit"), "#" + say("Parts"), "#" + say("Range"),
                    say("State"), say("Flags"), say("Made up of"))  # fmt: skip
    note = say(
        "ok: measured, and 0 means looked and found none · insufficient: too few to say, the posts are listed instead "
        "· truncated: a source was cut off or failed · unmeasured: nobody looked · not_applicable: the question makes "
        "no sense here"
    )
    marks = tuple((at, anchors.number(row)) for at, row in enumerate(report.metrics))
    table = Table(caption=say("Every number of this report"), columns=heads, rows=rows, note=note, marks=marks)
    return Section(name="numbers", title=say("All numbers"), tables=(table,))


def _value(row: Metric, say: Language) -> Cell:
    """The value, leading to the posts behind it where they are listed together."""
    to = anchors.behind(row)
    return words.amount(row, say) if to == anchors.number(row) else Ref(words.amount(row, say), to)


def _of(row: Metric) -> str:
    return f"{number(row.num)} / {number(row.den)}" if row.den is not None else ""
