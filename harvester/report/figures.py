"""Which charts a report has: each from rows that the other faces print, under the section it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from harvester.measure.volume import COLUMNS
from harvester.report import anchors
from harvester.report.anchors import led
from harvester.report.blocks import Cell, Ref, Table, columns
from harvester.report.drawings import Bars, Chart, Curves, Part, Range, Ranges, Rise
from harvester.report.figures_days import timeline
from harvester.report.language import ENGLISH
from harvester.report.sections_people import KINDS
from harvester.report.sections_time import GROUPS
from harvester.report.sections_trend import changes, compares, name_of
from harvester.report.states import MEASURED, measured
from harvester.report.vocabulary import word
from harvester.report.words import number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from harvester.measure.metric import Metric
    from harvester.report.build import Report
    from harvester.report.language import Language


def charts(report: Report, say: Language = ENGLISH) -> dict[str, tuple[Chart, ...]]:
    """Charts by the name of their section; none where there is nothing to draw."""
    found: dict[str, list[Chart]] = {}
    for section, make in _MAKERS:
        chart = make(report, say)
        if chart:
            found.setdefault(section, []).append(chart)
    return {section: tuple(made) for section, made in found.items()}


def ratio(report: Report, say: Language) -> Chart | None:
    """The headline: two bars on one scale, never a pie."""
    row = report.get("M02.ratio")
    if row is None or row.status not in MEASURED:
        return None
    p, m = int(row.num or 0), int(row.den or 0)
    parts = (
        Part(name=word("participant", say), look="participant", values=(p, 0)),
        Part(name=word("media", say), look="media", values=(0, m)),
    )
    labels = (say("by participants"), say("by media"))
    cells = tuple(Ref(number(part.values[at]), anchors.stories("written", part.look)) for at, part in enumerate(parts))
    told = say("Two bars: {p} articles by participants, {m} by media.", p=p, m=m)
    return Chart(name="ratio", title=say("Articles by participants and by media"), told=told,
                 drawing=Bars(labels=labels, parts=parts),
                 table=_plain(say("Articles"), labels, cells, say))  # fmt: skip


def _plain(caption: str, labels: tuple[str, ...], values: tuple[Cell, ...], say: Language) -> Table:
    rows = tuple(zip(labels, values, strict=True))
    return Table(
        caption=say("In the chart: {title}", title=caption), rows=rows, columns=columns(say("Of"), "#" + say("Value"))
    )


def volume(report: Report, say: Language) -> Chart | None:
    """Every counted story by kind and author, as in the table below it."""
    rows = [row for row in report.all("M01.volume") if row.kind and row.by]
    if not rows:
        return None
    parts = tuple(
        Part(name=word(column, say), look=column, values=tuple(row.by[column] for row in rows)) for column in COLUMNS
    )
    labels = tuple(word(row.kind, say) for row in rows)
    told = say("Bars of counted stories: {what}.", what=say(", ").join(
        f"{label} {number(row.value)}" for label, row in zip(labels, rows, strict=True)))  # fmt: skip
    return Chart(name="volume", title=say("Counted stories by kind and author"), told=told,
                 drawing=Bars(labels=labels, parts=parts))  # fmt: skip


def rise(report: Report, say: Language) -> Chart | None:
    """How fast they were out: the share by day, with a dot where half was."""
    rows = [row for group in GROUPS if (row := report.get("M06.t50", group, "participant"))
            and measured(row) and row.by["n"] and row.variants.get("out_by_day")]  # fmt: skip
    if not rows:
        return None
    rises = tuple(
        Rise(name=say("{name} (n = {n})", name=say(GROUPS[row.group]), n=row.by["n"]),
             by_day=tuple(row.variants["out_by_day"]), total=row.by["n"], half=row.variants.get("days"))
        for row in rows
    )  # fmt: skip
    heads = columns(say("Days after the end"), *(f"#{one.name}" for one in rises))
    days = range(len(rises[0].by_day))
    news = [day for day in days if day in (0, days[-1]) or any(one.by_day[day] != one.by_day[day - 1] for one in rises)]
    lines = tuple((str(day), *(led(str(one.by_day[day]), row) for one, row in zip(rises, rows, strict=True)))
                  for day in news)  # fmt: skip
    title = say("How fast they were out")
    told = say("Rising lines: the share that was out by each day after the end, of participants' posts.")
    drawing = Curves(rises=rises, half_name=say("half was out"), late_name=say("after day 7"),
                     percent=say("{pct} %", pct="{:.0f}"))  # fmt: skip
    return Chart(name="half-time", title=title, told=told, drawing=drawing,
                 table=Table(caption=say("In the chart: {title}", title=title), columns=heads, rows=lines))  # fmt: skip


def people(report: Report, say: Language) -> Chart | None:
    """New and back, of those who wrote and of those who were there."""
    rows = [row for kind in KINDS if (row := report.get("M08.new_share", kind=kind)) and measured(row) and row.den]
    if not rows:
        return None
    labels = tuple(word(row.kind, say) for row in rows)
    new = tuple(int(row.num or 0) for row in rows)
    back = tuple(int((row.den or 0) - (row.num or 0)) for row in rows)
    parts = (
        Part(name=say("been there before"), look="participant", values=back),
        Part(name=say("new"), look="new", values=new),
    )
    title = say("New people, and people who were there before")
    lines = tuple((label, *(led(str(n), row) for n in (b, n, b + n)))
                  for label, b, n, row in zip(labels, back, new, rows, strict=True))  # fmt: skip
    heads = columns(say("Of"), *(f"#{part.name}" for part in parts), "#" + say("All"))
    told = say(", ").join(
        f"{label}: {part.name} {part.values[at]}" for at, label in enumerate(labels) for part in parts
    )
    return Chart(name="people", title=title, told=told, drawing=Bars(labels=labels, parts=parts),
                 table=Table(caption=say("In the chart: {title}", title=title), columns=heads, rows=lines))  # fmt: skip


def reach(report: Report, say: Language) -> Chart | None:
    """People who answered, and those of them who were not in the room: never an audience."""
    engaged, hop = report.get("M12.engaged"), report.get("M12.one_hop")
    if engaged is None or not measured(engaged) or not engaged.value:
        return None
    labels, values, found = [say("people who answered")], [int(engaged.value)], [engaged]
    if hop is not None and measured(hop):
        labels.append(say("not in the room"))
        values.append(int(hop.value or 0))
        found.append(hop)
    title = say("People who answered in public")
    told = say(", ").join(f"{label}: {n}" for label, n in zip(labels, values, strict=True))
    parts = (Part(name=title, look="participant", values=tuple(values)),)
    cells = tuple(led(str(n), row) for n, row in zip(values, found, strict=True))
    return Chart(name="reach", title=title, told=told, drawing=Bars(labels=tuple(labels), parts=parts),
                 table=_plain(title, tuple(labels), cells, say))  # fmt: skip


def factors(rows: Iterable[Metric], say: Language) -> tuple[Range, ...]:
    """The changes that compare, as they are drawn around 1."""
    return tuple(
        Range(label=name_of(row, say), value=row.value, lo=row.ci.lo, hi=row.ci.hi)
        for row in rows
        if compares(row) and row.ci
    )


def trend(report: Report, say: Language) -> Chart | None:
    """Each change since the event before with the range that luck alone could make."""
    rows = factors(changes(report), say)
    if not rows:
        return None
    drawing = Ranges(rows=rows, one_name=say("as many as before"))
    told = say("Dots with ranges around one: a range that holds one is no clear change.")
    return Chart(name="trend", title=say("Change since the event before"), told=told, drawing=drawing)


_MAKERS: Final[tuple[tuple[str, Callable[[Report, Language], Chart | None]], ...]] = (
    ("headline", ratio), ("volume", volume), ("when", timeline), ("when", rise), ("people", people), ("reach", reach),
    ("trend", trend),
)  # fmt: skip
