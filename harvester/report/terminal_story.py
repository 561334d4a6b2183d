"""The terminal's blocks of what happened: when, which people, how far, who could lead, and better than last time?"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from harvester.report import sections_people, sections_reach, sections_time, sections_trend
from harvester.report.day_words import day
from harvester.report.language import later
from harvester.report.layout import beside, folded, labelled, pad, sparkline, width
from harvester.report.sections_leaders import in_short
from harvester.report.states import state
from harvester.report.vocabulary import word

if TYPE_CHECKING:
    from harvester.measure.metric import Metric
    from harvester.report.build import Report
    from harvester.report.language import Language

_TITLE: Final = 10  # columns of the name of a line of days
_WHO: Final = 14  # of a sort of people
_LINES: Final = (
    ("written", "participant", later("articles")), ("written", "media", later("by media")),
    ("talk", "participant", later("decks")), ("micro", "participant", later("posts")),
)  # fmt: skip
_MADE: Final = {"written": later("article"), "talk": later("talk"), "micro": later("post")}
_TIER: Final = 11
_SHOWN: Final = 5  # candidates; the other faces have everybody


def when(report: Report, say: Language, *, plain: bool) -> list[str]:
    """A line of days for participants and media; lines of one group share a scale, groups are never compared."""
    days, rows = _days(report), []
    for group, kind, title in _LINES:
        row = report.get("M05.timeline", group, kind)
        if row is None or not (row.series or row.by["undated"]):
            continue
        scale = max((n for line in report.all("M05.timeline") if line.group == group and line.kind in (
            "participant", "media") for _, n in line.series), default=1)  # fmt: skip
        drawn = sparkline(dict(row.series), days, plain=plain, top=scale)
        parts = _told(report, group, say) if kind == "participant" else []
        if row.by["undated"] and not any(str(row.by["undated"]) in part for part in parts):
            parts.append(say("{n} undated", n=row.by["undated"]))
        rows += beside(f"{pad(say(title), _TITLE)}{drawn}", parts, _TITLE + len(days) + 2)
    if not rows:
        return labelled(say("WHEN"), [_no_days(report, say)])
    axis = " " * _TITLE + _axis(days) + "  " + say("days after the start")
    return labelled(say("WHEN"), [*rows, axis])


def _no_days(report: Report, say: Language) -> str:
    """Why no line of days is drawn: nobody looked, or nobody found one by either side."""
    found = report.all("M05.timeline")
    if found and all(row.status == "unmeasured" for row in found):
        return state(found[0], say)
    return say("no dated story by participants or media")


def _told(report: Report, group: str, say: Language) -> list[str]:
    """How fast half was out, what came after a week, and days that were lit again."""
    t50, after = report.get("M06.t50", group, "participant"), report.get("M06.afterglow", group, "participant")
    parts = []
    if t50 is not None and t50.status != "not_applicable":
        parts.append(sections_time.half_out(t50, say))
    if after is not None and (text := sections_time.after_week(after, say)):
        parts.append(text)
    lit = report.get("M07.reignition", group, "earned")
    if lit is not None and lit.series:
        parts += [say("lit again on {day} ({n})", day=day(at, say), n=n) for at, n in lit.series]
    return parts


def _days(report: Report) -> list[str]:
    """From two days before the event to 28 after, in the report's zone."""
    row = report.get("M05.timeline")
    if row is None:
        return []
    start = date.fromisoformat(row.variants["first_day"]) + timedelta(days=26)
    last = date.fromisoformat(row.variants["last_day"])
    return [(start + timedelta(days=n)).isoformat() for n in range((last - start).days + 1)]


def _axis(days: list[str]) -> str:
    """Day offsets under the sparkline, 0 on the event's first day."""
    line = [" "] * (len(days) + 2)
    for offset in (0, 3, 7, 14, 21, 28):
        at = offset + 2
        if at < len(days):
            label = f"+{offset}" if offset else "0"
            line[at : at + len(label)] = label
    return "".join(line)


def people(report: Report, say: Language) -> list[str]:
    """Who is new and who came back, for both sorts of people; then who moved up."""
    rows = [
        f"{pad(word(kind, say), _WHO)}{text}"
        for kind in sections_people.KINDS
        if (text := sections_people.returning(report, kind, say))
    ]
    moved = sections_people.moves(report, say)
    return labelled(say("PEOPLE"), rows + (folded(moved) if moved else []))


def how_far(report: Report, say: Language) -> list[str]:
    """Who answered, how many of them were not in the room, how soon; a potential audience that is no reach."""
    parts = [sections_reach.answered_by(report, say), sections_reach.soon(report, say)]
    rows = folded([part for part in parts if part])
    return labelled(say("HOW FAR"), rows + sections_reach.potential(report, say))


def leaders(report: Report, say: Language) -> list[str]:
    """Candidates with what says so, those who are rising; a report for everybody has no such rows."""
    tiers: dict[str, list[Metric]] = {"candidate": [], "rising": []}
    for row in report.all("M14.leader"):
        tiers.get(row.by["tier"], []).append(row)
    if not report.all("M14.leader"):
        return []
    names = _names([row for found in tiers.values() for row in found])
    rows = [_candidate(row, names[row.kind], say) for row in tiers["candidate"][:_SHOWN]]
    if more := len(tiers["candidate"][_SHOWN:]):
        rows.append(" " * _TIER + say("and {n} more", n=more))
    if tiers["rising"]:
        near = [say("{who} ({what})", who=names[row.kind], what=say(", ").join(in_short(row, say)))
                for row in tiers["rising"][:_SHOWN]]  # fmt: skip
        if more := len(tiers["rising"][_SHOWN:]):
            near.append(say("and {n} more", n=more))
        rows += beside(word("rising", say), near, _TIER)
    if not rows:
        rows.append(say("no candidate yet"))
    told = report.get("M14.tiers")
    reason = state(told, say) if told else ""
    aside = say("`harvest explain AUTHOR` says why; this list is for organisers")
    return labelled(say("LEADERS"), [*rows, *folded([reason, aside] if reason else [aside])])


def _names(rows: list[Metric]) -> dict[str, str]:
    """What to call each of them: of two with one name the account as well, for `harvest explain` to know them by."""
    called = Counter(row.by["name"] for row in rows)
    return {row.kind: row.by["name"] if called[row.by["name"]] == 1 else f"{row.by['name']} {row.kind}" for row in rows}


def _candidate(row: Metric, name: str, say: Language) -> str:
    """One candidate on a line: at how many events, what kinds of things, what came of it."""
    events = say.many("{n} event", "{n} events", row.by["events"])
    made = "+".join(say(_MADE[kind]) for kind in _MADE if kind in row.by["kinds"])
    told = say(", ").join([events, made, *in_short(row, say)])
    return f"{pad(word('candidate', say), _TIER)}{name}  {told}"


def trend(report: Report, say: Language) -> list[str]:
    """Each change from the event before on a line, with its range and what may be said of it."""
    rows = [(sections_trend.name_of(row, say), *sections_trend.in_short(row, say))
            for row in sections_trend.changes(report)]  # fmt: skip
    longest = max((width(name) for name, _, _ in rows), default=0)
    lefts = [f"{pad(name, longest)} {counts}" for name, counts, _ in rows]
    columns = max(map(width, lefts), default=0) + 3
    lines = [beside(left, parts, columns) for left, (_, _, parts) in zip(lefts, rows, strict=True)]
    return labelled(say("TREND"), [line for found in lines for line in found])
