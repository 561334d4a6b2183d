"""How far it went: who answered and how soon, how many were not in the room, and a potential audience as a range."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harvester.measure.amplification import LEVELS
from harvester.report import anchors, words
from harvester.report.anchors import led
from harvester.report.blocks import Link, Prose, Section, Table, columns
from harvester.report.day_words import moment
from harvester.report.sections_time import GROUPS
from harvester.report.states import MEASURED, measured, state, told
from harvester.report.vocabulary import platform, word
from harvester.report.words import number

if TYPE_CHECKING:
    from harvester.measure.metric import Metric
    from harvester.report.blocks import Cell
    from harvester.report.build import Report
    from harvester.report.language import Language


def reach(report: Report, say: Language) -> Section:
    """Three numbers that are never added, weakest last; the posts that most people answered; whom nobody answered."""
    facts: list[tuple[str, Cell]] = []
    if (row := report.get("M12.engaged")) and (engaged := answered_by(report, say)):
        facts.append((say("Answered"), led(engaged, row)))
    for group, title in GROUPS.items():
        row = report.get("M11.answered", group)
        if row and row.status != "not_applicable":
            facts.append((say("{group} answered within 72 h", group=say(title)), led(_soon(row, say), row)))
        median = report.get("M11.median_hours", group)
        if median and median.status in MEASURED:
            facts.append(
                (say("{group}, median time to an answer", group=say(title)), led(_median(median, say), median))
            )
    facts += [(say("Potential audience on {platform}", platform=platform(row.kind)), led(_potential(row, say), row))
              for row in report.all("M12.potential") if row.bounds]  # fmt: skip
    tables = [*_most_answered(report, say), *_reactions(report, say), *_times(report, say)]
    tables += [*_unanswered(report, say), *_who(report, say)]
    return Section(name="reach", title=say("How far it went"), lead=_sentence(report, say), facts=tuple(facts),
                   tables=tuple(tables))  # fmt: skip


def _sentence(report: Report, say: Language) -> str:
    """The sentence that may be said instead of a reach."""
    engaged = report.get("M12.engaged")
    ranges = [(row, row.bounds) for row in report.all("M12.potential") if row.bounds]
    if engaged is None or not measured(engaged) or len(ranges) != 1:
        return ""
    ((row, bounds),) = ranges
    lo, hi = (led(f"{end or 0:,.0f}", row) for end in (bounds.lo, bounds.hi))
    told_ends = say.many(
        "Between {lo} and {hi} accounts follow someone who posted; {n} person answered.",
        "Between {lo} and {hi} accounts follow someone who posted; {n} people answered.",
        engaged.value, lo=lo, hi=hi,
    )  # fmt: skip
    return Prose(told_ends, lo, hi, to=anchors.behind(engaged))


def answered_by(report: Report, say: Language) -> str:
    """How many people answered, and how many of them were not in the room."""
    engaged, hop = report.get("M12.engaged"), report.get("M12.one_hop")
    if engaged is None:
        return ""
    if not measured(engaged):
        return say("answers: {state}", state=state(engaged, say))
    text = say.many("{n} person answered", "{n} people answered", engaged.value)
    if hop is None or not engaged.value:
        return text
    if not measured(hop):
        return say("{answered}; how many were not in the room: {state}", answered=text, state=state(hop, say))
    if hop.bounds:
        span = words.span(hop.bounds.lo, hop.bounds.hi, say)
        return say("{answered}, {range} of them were not in the room", answered=text, range=span)
    return say.many("{answered}, {n} was not in the room", "{answered}, {n} were not in the room", hop.value,
                    answered=text)  # fmt: skip


def _soon(row: Metric, say: Language) -> str:
    if not measured(row):
        listed = row.variants.get("stories", [])
        ages = [
            say("{post} after {n} h", post=one["post"], n=number(float(one["hours"])))
            if one["hours"] is not None else say("{post} not yet", post=one["post"])
            for one in listed
        ]  # fmt: skip
        return " · ".join([state(row, say), *ages])
    return told(row, words.by_luck(words.share(row, say), row, say), say)


def soon(report: Report, say: Language) -> str:
    """`2 of 6 articles answered within 72 h`, or that too few say anything."""
    row = report.get("M11.answered", "written")
    if row is None or not measured(row):
        return ""
    text = say("{k} of {n} articles answered within 72 h", k=number(row.num), n=number(row.den))
    return told(row, text, say)


def _median(row: Metric, say: Language) -> str:
    if row.value is None:
        return say("not reached: more than half have no public answer that was seen")
    return told(row, say("{n} h", n=number(float(row.value))), say)


def _potential(row: Metric, say: Language) -> str:
    """From the largest account to the sum of all: the truth lies between, because followers overlap."""
    bounds = row.bounds
    lo, hi = (f"{(end or 0):,.0f}" for end in (bounds.lo, bounds.hi)) if bounds else ("", "")
    text = say("{lo}–{hi} accounts (not deduplicated, and not people reached)", lo=lo, hi=hi)
    unknown = row.by.get("unknown")
    return text + " · " + say.many("{n} account unknown", "{n} accounts unknown", unknown) if unknown else text


def potential(report: Report, say: Language) -> list[str]:
    """One line a platform, which says that nobody was counted as reached."""
    return [
        say(
            "potential audience on {platform} {lo}–{hi} accounts (not people reached)", platform=platform(row.kind),
            lo=f"{row.bounds.lo:,.0f}", hi=f"{row.bounds.hi:,.0f}",
        )
        for row in report.all("M12.potential")
        if row.bounds and row.bounds.lo is not None and row.bounds.hi is not None
    ]  # fmt: skip


def post_link(line: dict[str, Any]) -> Link:
    """A post of a row as text that leads to it."""
    return Link(text=line["title"] or line["url"] or line["post"], url=line["url"])


def _most_answered(report: Report, say: Language) -> list[Table]:
    """What most people answered beside articles, its reactions apart by effort and never one sum."""
    tables = []
    for row in report.all("M13.top"):
        if row.group == "written":
            continue
        lines: tuple[tuple[Cell, ...], ...] = tuple(
            (post_link(line), number(line["people"]),
             *(" · ".join(words.named_parts(line[level], say)) for level in LEVELS))
            for line in row.variants["lines"]
        )  # fmt: skip
        people = "#" + say("How many people")
        heads = columns(say("Post"), people, say("A click"), say("A sentence"), say("Their own text"))
        caption = say("{group} that most people answered", group=say(GROUPS.get(row.group, row.group)))
        tables.append(Table(caption=caption, columns=heads, rows=lines, stacks=True, to=anchors.number(row)))
    return tables


def _reactions(report: Report, say: Language) -> list[Table]:
    """Median and maximum at equal age; few posts have no median."""
    rows: list[tuple[Cell, ...]] = [
        (platform(row.by["platform"]), word(row.by["kind"], say), word(row.by["reaction"], say),
         say("day {n}", n=row.by["age_days"]), led(words.amount(row, say) if measured(row) else state(row, say), row),
         led(number(row.by["max"]), row), led(words.k_of_n(row, say), row))
        for row in report.all("M13.reactions") if row.by
    ]  # fmt: skip
    if not rows:
        return []
    heads = columns(say("Platform"), say("Kind"), say("Reaction"), say("Age"), "#" + say("Median"), "#" + say("Most"),
                    "#" + say("Seen at that age"))  # fmt: skip
    return [Table(caption=say("Reactions to participants' posts"), columns=heads, rows=tuple(rows))]


def _times(report: Report, say: Language) -> list[Table]:
    """One post beside at least five comparable ones."""
    rows: list[tuple[Cell, ...]] = [
        (post_link(row.variants["post"]), word(row.by["reaction"], say), led(number(row.num), row),
         led(number(float(row.den or 0)), row), led(say("{times} times", times=number(row.value)), row),
         led(say("one post; others ranged {lo}–{hi}", lo=row.by["lo"], hi=row.by["hi"]), row))
        for row in report.all("M13.times") if measured(row)
    ]  # fmt: skip
    if not rows:
        return []
    heads = columns(say("Post"), say("Reaction"), "#" + say("It drew"), "#" + say("Median of others"),
                    "#" + say("Compared"), say("Of how many"))  # fmt: skip
    return [Table(caption=say("One post beside others"), columns=heads, rows=tuple(rows), stacks=True)]


def _unanswered(report: Report, say: Language) -> list[Table]:
    """A list of what to reply to; of the internal report only."""
    lines = [line for row in report.all("M11.unanswered") if measured(row) for line in row.variants["lines"]]
    if not lines:
        return []
    rows = tuple((post_link(line), line["author"], word(line["group"], say)) for line in lines)
    heads = columns(say("Post"), say("Author"), say("Kind"))
    note = say("No public answer was seen; private ones are invisible.")
    return [Table(caption=say("Reply to these"), columns=heads, rows=rows, note=note, stacks=True)]


def _who(report: Report, say: Language) -> list[Table]:
    """Who answered whom; of the internal report only."""
    row = report.get("M12.who")
    if row is None or not row.variants.get("lines"):
        return []
    lines = tuple(
        (moment(line["at"], say), line["who"], word(line["did"], say), line["whose"],
         Link(text=line["post"], url=line["url"]))
        for line in row.variants["lines"]
    )  # fmt: skip
    heads = columns(say("When (UTC)"), say("Person"), say("Did"), say("Whose"), say("Post"))
    return [Table(caption=say("Who answered whom"), columns=heads, rows=lines, stacks=True)]
