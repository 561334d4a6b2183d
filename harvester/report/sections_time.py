"""When they wrote: days, how fast half was out and what stayed, and days on which something lit it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from harvester.report import anchors, words
from harvester.report.anchors import led
from harvester.report.blocks import Prose, Ref, Section, Table, columns
from harvester.report.day_words import day, spans
from harvester.report.language import later
from harvester.report.states import measured, state, told
from harvester.report.vocabulary import word
from harvester.report.words import number, stories

if TYPE_CHECKING:
    from harvester.measure.metric import Metric
    from harvester.report.blocks import Cell
    from harvester.report.build import Report
    from harvester.report.language import Language

GROUPS: Final = {"written": later("Articles"), "talk": later("Decks and videos"), "micro": later("Posts")}
_DAYS: Final = 72  # hours from which days are easier to read


def when(report: Report, say: Language) -> Section:
    """Stories per local day; what has no day stands beside, never spread."""
    days = _by_day(report)
    if not days:
        return Section(name="when", title=say("When"))
    top = max(days, key=lambda at: (sum(days[at].values()), at))
    most = Ref(stories(sum(days[top].values()), say), anchors.day(top))
    lead = say("Most on {day}: {stories}.", day=day(top, say), stories=most)
    lead = Prose(words.sentences(say, lead, _half_sentence(report, say)), most,
                 to=anchors.stories("written", "participant"))  # fmt: skip
    return Section(
        name="when", title=say("When"), lead=lead,
        facts=tuple(_facts(report, say)), tables=(_table(report, days, say), *_reignited(report, say)),
    )  # fmt: skip


def _by_day(report: Report) -> dict[str, dict[str, int]]:
    days: dict[str, dict[str, int]] = {}
    for row in report.all("M05.timeline"):
        for at, n in row.series:
            cell = days.setdefault(at, {})
            cell[row.group] = cell.get(row.group, 0) + n
    return days


def _table(report: Report, days: dict[str, dict[str, int]], say: Language) -> Table:
    lines = report.all("M05.timeline")
    here = [group for group in GROUPS if any(row.group == group for row in lines)]
    rows = tuple(
        (day(at, say), *(_count(at, group, cell) for group in here), Ref(str(sum(cell.values())), anchors.day(at)))
        for at, cell in sorted(days.items())
    )
    undated = sum(row.by["undated"] for row in lines)
    outside = sum(row.by["outside_days"] for row in lines)
    aside = [say("{n} without a day", n=undated)] if undated else []
    aside += [say("{n} on other days", n=outside)] if outside else []
    notes = [say("Not in the table: {what}.", what=" · ".join(aside))] if aside else []
    gaps = next((row.variants.get("gaps") for row in lines if row.variants.get("gaps")), None)
    if gaps:
        notes.append(say("Nobody searched on {days}.", days=spans(gaps, say)))
    heads = columns(say("Day"), *(f"#{say(GROUPS[group])}" for group in here), "#" + say("All"))
    caption = say("Stories per day in {zone}", zone=report.frame.timezone)
    return Table(caption=caption, rows=rows, note=words.sentences(say, *notes), columns=heads, to=anchors.ALL)


def _count(at: str, group: str, cell: dict[str, int]) -> Cell:
    return Ref(str(cell[group]), anchors.day(at, group)) if group in cell else ""


def _half_sentence(report: Report, say: Language) -> str:
    row = report.get("M06.t50", "written", "participant")
    if row is None or not measured(row) or not row.value or "so_far" in row.flags:
        return ""
    time = _time(float(row.value), say)
    if row.status == "truncated":
        return say("Half of the articles found, of the first 28 days, were out after {time} (incomplete).", time=time)
    return say("Half of the articles of the first 28 days were out after {time}.", time=time)


def _facts(report: Report, say: Language) -> list[tuple[str, Cell]]:
    """How fast and what stays, of participants: one fact a group and number."""
    facts: list[tuple[str, Cell]] = []
    for group, title in GROUPS.items():
        row = report.get("M06.t50", group, "participant")
        if row is None or row.status == "not_applicable":
            continue
        name = say(title)
        facts.append((name, led(" · ".join([half_out(row, say), *_listed(row, say)]), row)))
        for metric, what in (("M06.first_day", later("{group} within a day of the end")),
                             ("M06.afterglow", later("{group} after day 7"))):  # fmt: skip
            share = report.get(metric, group, "participant")
            if share and measured(share):
                text = words.k_of_n(share, say) + _if_undated(share, say) if share.bounds else words.share(share, say)
                facts.append((say(what, group=name), led(text, share)))
        lift = report.get("M06.baseline_lift", group, "participant")
        if lift and measured(lift) and lift.ci:
            ranged = words.between(lift.ci, say)
            fact = say("{times} times as many as in the weeks before ({range} by chance)", times=number(lift.value),
                       range=ranged)  # fmt: skip
            facts.append((say("{group} of weeks 2 to 4", group=name), led(told(lift, fact, say), lift)))
    return facts


def half_out(row: Metric, say: Language) -> str:
    """When half was out, as a phrase; the state where too few posts say."""
    if not measured(row) or row.value is None:
        return state(row, say)
    if "half_while_live" in row.flags:
        phrase = say("half out before the doors closed")
    elif row.bounds and row.bounds.lo is not None and row.bounds.hi is not None:
        phrase = say("half out after {time}", time=_times(row.bounds.lo, row.bounds.hi, say))
    elif row.ci and row.ci.lo is not None and row.ci.hi is not None:
        about, ends = _time(float(row.value), say), _times(row.ci.lo, row.ci.hi, say)
        phrase = say("half out after {time} ({range})", time=about, range=ends)
    else:
        phrase = say("half out after {time}", time=_time(float(row.value), say))
    if "so_far" in row.flags:
        phrase = say("{phrase} so far", phrase=phrase)
    return told(row, phrase, say)


def after_week(row: Metric, say: Language) -> str:
    """What came after day 7, as a phrase; "" where that is not known yet."""
    if not measured(row):
        return ""
    if not row.num and not row.bounds:
        return say("nothing after day 7")
    return say("{share} after day 7", share=words.k_of_n(row, say)) + _if_undated(row, say)


def _if_undated(row: Metric, say: Language) -> str:
    """` (29–43 % with 1 undated)`: where the share would lie if every undated post went one way or the other."""
    if row.bounds is None:
        return ""
    spread = words.span(row.bounds.lo, row.bounds.hi, say, "share")
    if row.by.get("undated"):
        return say(" ({range} with {n} undated)", range=spread, n=row.by["undated"])
    return say(" ({range}, as only the day is known of some)", range=spread)


def _listed(row: Metric, say: Language) -> list[str]:
    """The ages of few posts instead of a statistic."""
    posts = row.variants.get("posts", [])
    return [say("{post} after {time}", post=one["post"], time=_time(24 * one["days"], say)) for one in posts]


def _time(hours: float, say: Language) -> str:
    return say("{n} h", n=number(float(hours))) if hours < _DAYS else say("{n} days", n=number(hours / 24))


def _times(lo: float, hi: float, say: Language) -> str:
    """A range of times: `2.5 h to 11.0 h`, `6.0 h to 4.2 days`."""
    if hi < _DAYS:
        return say("{lo} h to {hi} h", lo=number(float(lo)), hi=number(float(hi)))
    return say("{lo} to {hi}", lo=_time(lo, say), hi=_time(hi, say))


def _reignited(report: Report, say: Language) -> list[Table]:
    """Days that were lit again, with the posts that may tell why."""
    rows = [
        (day(lit["day"], say), word(row.group, say), Ref(number(lit["stories"]), anchors.day(lit["day"], row.group)),
         Ref(number(float(lit["mean_before"])), anchors.number(row)), say(", ").join(lit["posts"]))
        for row in report.all("M07.reignition")
        if row.kind == "earned" and measured(row)
        for lit in row.variants["days"]
    ]  # fmt: skip
    if not rows:
        return []
    heads = columns(say("Day"), say("Of"), "#" + say("That day"), "#" + say("A day before"), say("Post"))
    note = say("After day 7, at least three posts, and less than one chance in a thousand after the week before.")
    return [Table(caption=say("Something lit it again"), columns=heads, rows=tuple(rows), note=note)]
