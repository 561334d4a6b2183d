"""The report on a terminal: 96 columns, readable without colour, each number with its state and range."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from harvester.model import IDLE
from harvester.report import coverage, words
from harvester.report.layout import WIDTH, cut, folded, labelled, sparkline, width
from harvester.report.rows import named
from harvester.report.words import headline, many, number, warnings
from harvester.text import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harvester.measure.metric import Metric
    from harvester.report.build import Report

_BAR = 36
_NAME: Final = 28  # columns of the name of a number typed in
_REASONS: Final = 3  # of one source; `harvest status` has them all
_HEADS = {"participant": 12, "independent": 13, "media": 7, "owned": 7, "aggregator": 12, "unknown": 9, "total": 8}


def render(report: Report, *, plain: bool = False) -> str:
    """The whole report as text; `plain` avoids block characters."""
    blocks = [_header(report, plain), _who(report, plain), _how_much(report), _when(report, plain)]
    blocks += [_typed_in(report), _quality(report)]
    lines = [line for block in blocks for line in block]
    lines += _next(report.frame.event)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _next(event: str) -> list[str]:
    """What to type now, on two lines where one would be too long; a command is never cut."""
    commands = ("harvest explain POST|AUTHOR   harvest browse", f"harvest report {event} --format html")
    line = f"{'Next':<9}" + "   ".join(commands)
    return [line] if width(line) <= WIDTH else [f"{'Next':<9}{commands[0]}", f"{'':<9}{commands[1]}"]


def lines_of(report: Report, names: tuple[str, ...]) -> str:
    """One line a number of the named measures or metrics."""
    return "".join(f"{line_of(metric)}\n" for metric in report.metrics if named(metric.metric, names))


def line_of(metric: Metric) -> str:
    """One number on one line, for `--metric`: name, group, kind, value, range, state and flags."""
    ratio = metric.metric.endswith("ratio")
    parts = f" ({number(metric.num)} {':' if ratio else 'of'} {number(metric.den)})" if metric.den is not None else ""
    spread = f", {words.between(metric.ci, metric.unit)} by {metric.ci.meaning}" if metric.ci else ""
    flags = f" [{', '.join(metric.flags)}]" if metric.flags else ""
    where = " ".join(word for word in (metric.metric, metric.group, metric.kind) if word)
    unit = "to 1" if ratio and metric.value is not None else metric.unit
    value = f"{words.amount(metric)} {unit}".rstrip()
    return shown(f"{where}: {value}{parts}{spread}, {metric.status}{flags}")


def _header(report: Report, plain: bool) -> list[str]:
    """Name and days at the venue; the headline; what a comparison with another report must share."""
    frame = report.frame
    place = f" · {report.city}" if report.city else ""
    told = words.counting(report)
    universe = f"{told} · days in {frame.timezone} · recipe {frame.recipe} · as of {frame.as_of:%Y-%m-%d}"
    said = [headline(report), *(f"! {warning}" for warning in warnings(report))]
    rule = ("-" if plain else "─") * WIDTH
    title = f"{report.name} · {words.days_of(report)}{place}"
    return [*(cut(line, WIDTH) for line in (title, *said) if line), universe, rule]


def _who(report: Report, plain: bool) -> list[str]:
    ratio = report.get("M02.ratio")
    if ratio is None or ratio.status not in ("ok", "truncated"):
        return []
    p, m = int(ratio.num or 0), int(ratio.den or 0)
    longest = max(p, m, 1)
    bar = "#" if plain else "█"
    rows = [
        f"participant {p:>5} {bar * round(_BAR * p / longest)}  written stories",
        f"media       {m:>5} {bar * round(_BAR * m / longest)}  {_range(ratio, p, m)}",
    ]
    return labelled("WHO", rows + _who_else(report, ratio))


def _range(ratio: Metric, p: int, m: int) -> str:
    ci = ratio.ci
    if not m or not p or not ci:
        return ""
    warning = f"   ! only {many(m, 'media story', 'media stories')}" if "few_media" in ratio.flags else ""
    return f"{number(ratio.value)} : 1   chance {number(ci.lo)}–{number(ci.hi)}{warning}"


def _who_else(report: Report, ratio: Metric) -> list[str]:
    parts = []
    if ratio.bounds:
        unknown = ratio.by["unknown"]
        parts.append(
            f"{unknown} unclassified: {number(ratio.bounds.lo)} if media, {number(ratio.bounds.hi)} if participant"
        )
    if ratio.by["independent"]:
        parts.append(f"broad (with {ratio.by['independent']} independent) {number(ratio.variants['broad'])}")
    parts.append("placements (copies counted) {} : {}".format(*ratio.by["placements"]))
    rows = folded(parts)
    aside = words.not_in_ratio(report)
    return rows + (folded(aside, "not in the ratio: ") if aside else [])


def _how_much(report: Report) -> list[str]:
    people = {group: report.get("M03.contributors", group) for group in ("any", "written", "talk", "micro")}
    per_writer = report.get("M03.stories_per_writer")
    each = f" ({number(float(per_writer.value))} each)" if per_writer and per_writer.value is not None else ""
    spoke = [f"{_people(people['any'], 'participant')} spoke", f"{_count(people['written'])} wrote{each}"]
    spoke += [f"{_count(people['talk'])} gave a deck or video", f"{_count(people['micro'])} posted"]
    unknown = sum(row.by["unknown"] for row in report.all("M01.volume") if row.kind)
    if unknown:
        spoke.append(f"and {many(unknown, 'story', 'stories')} by authors of unknown kind")
    rows = [*folded(spoke), *_table(report)]
    dropped = report.get("M01.not_counted")
    if dropped and dropped.by:
        rows += folded([f"{name} {n}" for name, n in dropped.by.items()], "seen but not counted: ")
    return labelled("HOW MUCH", rows)


def _count(row: Metric | None) -> str:
    return "?" if row is None or row.value is None else str(row.value)


def _people(row: Metric | None, noun: str) -> str:
    return f"? {noun}s" if row is None or row.value is None else many(row.value, noun)


def _table(report: Report) -> list[str]:
    rows = [f"{'':<14}" + "".join(f"{head:>{columns}}" for head, columns in _HEADS.items())]
    for row in report.all("M01.volume"):
        if not row.kind:
            state = "none found" if row.status == "ok" else f"{row.status} ({', '.join(row.flags)})"
            rows.append(f"{row.group:<14}{state}")
            continue
        cells = row.by | {"total": words.amount(row)}
        rows.append(f"{row.kind:<14}" + "".join(f"{cells[head]:>{columns}}" for head, columns in _HEADS.items()))
    return rows


def _when(report: Report, plain: bool) -> list[str]:
    days = _days(report)
    rows = []
    for group, title in (("written", "articles"), ("micro", "posts")):
        lines = [row for row in report.all("M05.timeline") if row.group == group]
        per_day: dict[str, int] = {}
        for day, n in (entry for row in lines for entry in row.series):
            per_day[day] = per_day.get(day, 0) + n
        if not per_day:
            continue
        top = max(per_day, key=lambda day: (per_day[day], day))
        undated = sum(row.by["undated"] for row in lines)
        tail = f" · {undated} undated" if undated else ""
        told = f"{sum(per_day.values())}, most on {top} ({per_day[top]}){tail}"
        rows.append(f"{title:<9}{sparkline(per_day, days, plain=plain)}  {told}")
    if not rows:
        return labelled("WHEN", ["no dated story"])
    rows.append(f"{'':<9}{_axis(days)}days after the start")
    return labelled("WHEN", rows)


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
    for offset in (0, 7, 14, 21, 28):
        at = offset + 2
        if at < len(days):
            label = f"+{offset}" if offset else "0"
            line[at : at + len(label)] = label
    return "".join(line)


def _typed_in(report: Report) -> list[str]:
    """Each number on a line, its name first: nothing of them is compared with what was measured."""
    rows = []
    for row in report.all("M21.typed_in"):
        value = f"{words.amount(row)} {row.unit}".strip()
        source = f" · {row.by['source']}" if row.by["source"] else ""
        name = cut(row.kind, _NAME)
        rows.append(f"{name}{' ' * (_NAME - width(name))}  {value}   as of {str(row.by['as_of'])[:10]}{source}")
    return labelled("TYPED IN", rows)


def _quality(report: Report) -> list[str]:
    rows = _sources(report)
    pages = report.get("M22.fetches")
    if pages and pages.value:
        rows += folded(words.parts(pages.by), "pages: ")
    undated, unknown = report.get("M22.undated"), report.get("M22.unclassified")
    if undated and unknown and undated.den:
        unclassified = f"{unknown.num} of {unknown.den} unclassified"
        rows += folded([f"{undated.num} of {undated.den} undated", unclassified, f"audit: {words.audit(report)}"])
    if corrected := words.corrected(report):
        rows.append(f"ratio corrected by the audit: {corrected}")
    off = report.get("M22.off_topic")
    if off and off.by:
        rows += folded([f"{name} {n}" for name, n in off.by.items()], "not counted as about the event: ")
    dropped = report.get("M22.rejected")
    if dropped and dropped.by:
        rows += folded([f"{name} {n}" for name, n in dropped.by.items()], "refused: ")
    channels = report.get("M22.not_covered")
    if channels:
        rows.append("not covered: " + ", ".join(channels.by["channels"]))
    return labelled("QUALITY", rows)


def _sources(report: Report) -> list[str]:
    """How many sources answered, and each that did not get everything, its reason before its query."""
    sources = report.get("M22.sources")
    if sources is None:
        return []
    rows = ["sources: " + (" · ".join(f"{n} {state}" for state, n in sorted(sources.by.items())) or "no crawl yet")]
    cut = [line for line in sources.variants["lines"] if coverage.lacks(line)]
    idle = [line for line in cut if line["status"] == "skipped" and line["reason"].startswith(IDLE)]
    if idle:  # most of them, in a small event: why each had nothing stands in the other faces
        rows += folded(list(dict.fromkeys(line["source"] for line in idle)), "  had nothing to ask for: ")
        cut = [line for line in cut if line not in idle]
    for source in dict.fromkeys(line["source"] for line in cut):
        rows += _cut_short([line for line in cut if line["source"] == source])
    return rows


def _cut_short(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    """What one source did not get: each reason once, the first few; questions that were only cut short are counted."""
    told = list(dict.fromkeys((line["status"], line["reason"]) for line in lines if line["reason"]))
    silent = sum(not line["reason"] for line in lines)
    rows = [f"{status} {reason}" for status, reason in told[:_REASONS]]
    if len(told) > _REASONS:
        rows.append(f"{len(told) - _REASONS} more reasons, see `harvest status`")
    if silent:
        rows.append(f"{silent} {'question' if silent == 1 else 'questions'} not read to the end")
    return [f"  {lines[0]['source']}: {row}" for row in rows]
