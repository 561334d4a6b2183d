"""The timeline as a chart: a column a day by author, posts as a line, the undated apart, unsearched days marked."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from harvester.measure.volume import COLUMNS
from harvester.report import anchors
from harvester.report.blocks import Ref, Table, columns
from harvester.report.day_words import day, short
from harvester.report.drawings import Chart, Days, Part
from harvester.report.vocabulary import word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harvester.measure.metric import Metric
    from harvester.report.build import Report
    from harvester.report.language import Language

_WEEK: Final = 7


def timeline(report: Report, say: Language) -> Chart | None:
    """Articles as columns, by whose they are; all posts as one thin line on a scale of its own."""
    rows = report.all("M05.timeline")
    if not any(row.series or row.by.get("undated") for row in rows) or not rows[0].variants.get("first_day"):
        return None
    marks = rows[0].variants
    first, last = (date.fromisoformat(marks[end]) for end in ("first_day", "last_day"))
    days = [(first + timedelta(days=at)).isoformat() for at in range((last - first).days + 1)]
    written = {row.kind: row for row in rows if row.group == "written" and row.kind}
    parts = tuple(
        Part(name=word(column, say), look=column, values=_daily([written[column]], days))
        for column in COLUMNS if column in written
    )  # fmt: skip
    posts = [row for row in rows if row.group == "micro" and row.series]
    line = Part(name=say("posts (own scale)"), look="participant", values=_daily(posts, days)) if posts else None
    drawing = Days(
        count=len(days), parts=parts, line=line,
        undated=tuple(written[part.look].by.get("undated", 0) for part in parts), undated_name=say("undated"),
        live=_spans([(on, on) for on, _, _ in marks["live"]], days), gaps=_spans(marks.get("gaps") or [], days),
        gaps_name=say("nobody searched"), ticks=_ticks(report, days, first, say),
    )  # fmt: skip
    title = say("Articles per day, by author, and posts")
    told = say("Columns of articles per day from {first} to {last}, and a line of posts.", first=day(first, say),
               last=day(last, say))  # fmt: skip
    return Chart(name="timeline", title=title, told=told, drawing=drawing, table=_table(title, drawing, days, say))


def _daily(rows: Sequence[Metric], days: list[str]) -> tuple[int, ...]:
    found: dict[str, int] = {}
    for row in rows:
        for at, n in row.series:
            found[at] = found.get(at, 0) + n
    return tuple(found.get(at, 0) for at in days)


def _spans(told: Sequence[Sequence[str]], days: list[str]) -> tuple[tuple[int, int], ...]:
    """(first, last) days as indices, cut to the days drawn."""
    found = []
    for first, last in told:
        inside = [at for at, day in enumerate(days) if first <= day <= last]
        if inside:
            found.append((inside[0], inside[-1]))
    return tuple(found)


def _ticks(report: Report, days: list[str], first: date, say: Language) -> tuple[tuple[int, str], ...]:
    """A label a week, counted from the event's first day; that one carries a star, to be kept where few fit."""
    live = report.all("M05.timeline")[0].variants["live"]
    start = days.index(live[0][0]) if live and live[0][0] in days else len(days) // 2
    places = range(start % _WEEK, len(days), _WEEK)
    return tuple((at, short(first + timedelta(days=at), say) + ("*" if at == start else "")) for at in places)


def _table(title: str, drawn: Days, days: list[str], say: Language) -> Table:
    """Days on which somebody wrote, and the undated."""
    line = drawn.line.values if drawn.line else (0,) * drawn.count
    rows: list[tuple[str, ...]] = [
        (
            day(here, say),
            *(_count(part.values[at], here, "written") for part in drawn.parts),
            _count(line[at], here, "micro"),
        )
        for at, here in enumerate(days)
        if line[at] or any(part.values[at] for part in drawn.parts)
    ]
    if any(drawn.undated):
        sides = zip(drawn.undated, drawn.parts, strict=True)
        cells = (Ref(str(n), anchors.stories("written", part.look)) if n else str(n) for n, part in sides)
        rows.append((drawn.undated_name, *cells, ""))
    heads = columns(say("Day"), *(f"#{part.name}" for part in drawn.parts), "#" + say("Posts"))
    return Table(caption=say("In the chart: {title}", title=title), columns=heads, rows=tuple(rows))


def _count(n: int, at: str, group: str) -> str:
    """A count that leads to the stories of that day and group; nothing leads from zero."""
    return Ref(str(n), anchors.day(at, group)) if n else str(n)
