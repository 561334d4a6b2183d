"""The report on a terminal: 96 columns, readable without colour, each number with its state and range."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from harvester.report.rows import day_of_28
from harvester.text import shown

if TYPE_CHECKING:
    from harvester.measure.metric import Metric
    from harvester.report.build import Report

WIDTH = 96
_BAR = 36
_LEVELS = "▁▂▃▄▅▆▇█"
_PLAIN_LEVELS = ".:-=+*%#"


def render(report: Report, *, plain: bool = False) -> str:
    """The whole report as text; `plain` avoids block characters."""
    blocks = [_header(report, plain), _who(report, plain), _how_much(report), _when(report, plain), _quality(report)]
    lines = [line for block in blocks for line in block]
    lines.append(f"Next     harvest explain POST|AUTHOR   harvest browse   harvest report {report.frame.event} --json")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def width(text: str) -> int:
    """Terminal columns: East Asian wide and full-width characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c) else 1 for c in text)


def cut(text: str, columns: int) -> str:
    """`text` on one safe line of at most `columns` columns, with … where something was left out."""
    text = shown(text)
    if width(text) <= columns:
        return text
    kept = ""
    for character in text:
        if width(kept + character) > columns - 1:
            break
        kept += character
    return kept + "…"


def _header(report: Report, plain: bool) -> list[str]:
    frame = report.frame
    done = day_of_28(report)
    zone = ZoneInfo(frame.timezone)
    first, last = frame.starts.astimezone(zone).date(), frame.ends.astimezone(zone).date()
    dates = f"{first}" if first == last else f"{first} to {last}"
    place = f" · {report.city}" if report.city else ""
    told = "28 of 28 days" if done == 28 else f"day {done} of 28, still counting"
    universe = f"{told} · {frame.timezone} · recipe {frame.recipe} · as of {frame.as_of:%Y-%m-%d}"
    return [cut(f"{report.name} · {dates}{place}", WIDTH), universe, ("-" if plain else "─") * WIDTH]


def number(value: float | None) -> str:
    """One decimal for a ratio, none for a count, n/a for nothing."""
    if value is None:
        return "n/a"
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def _folded(parts: list[str], lead: str = "") -> list[str]:
    """Parts joined by dots, on as many lines as their block needs."""
    lines: list[str] = []
    line = lead
    for part in parts:
        joined = f"{line} · {part}" if line and line != lead else f"{lead if not lines else ''}{part}"
        if width(joined) > WIDTH - 9 and line not in ("", lead):
            lines.append(line)
            joined = part
        line = joined
    return [cut(text, WIDTH - 9) for text in (*lines, line) if text]


def _label(name: str, rows: list[str]) -> list[str]:
    return [f"{name if i == 0 else '':<9}{line}" for i, line in enumerate(rows)]


def _who(report: Report, plain: bool) -> list[str]:
    ratio = report.get("M02.ratio")
    if ratio is None:
        return []
    if ratio.status == "unmeasured":
        return _label(
            "WHO",
            [
                f"participant {ratio.num} written stories",
                "Media were not checked: no outlet list configured ([[media]]).",
            ],
        )
    if ratio.status == "not_applicable":
        return _label("WHO", ["no written story by participants or media found with these sources"])
    p, m = int(ratio.num or 0), int(ratio.den or 0)
    longest = max(p, m, 1)
    bar = "#" if plain else "█"
    rows = [
        f"participant {p:>5} {bar * round(_BAR * p / longest)}  written stories",
        f"media       {m:>5} {bar * round(_BAR * m / longest)}  {_sentence(ratio, p, m)}",
    ]
    return _label("WHO", rows + _who_else(report, ratio))


def _sentence(ratio: Metric, p: int, m: int) -> str:
    ci = ratio.ci
    at_least = "at least " if ratio.status == "truncated" else ""
    if not m and ci:
        return f"no media story found; at least {number(ci.lo)} : 1 allowing for chance"
    if not p and ci:
        return f"no participant story found; at most {number(ci.hi)} : 1 allowing for chance"
    warning = f"   ! only {m} media stories" if "few_media" in ratio.flags else ""
    spread = f"chance {number(ci.lo)}–{number(ci.hi)}" if ci else ""
    return f"{at_least}{number(ratio.value)} : 1   {spread}{warning}"


def _who_else(report: Report, ratio: Metric) -> list[str]:
    rows = []
    parts = []
    if ratio.bounds:
        unknown = ratio.by["unknown"]
        parts.append(
            f"{unknown} unclassified: {number(ratio.bounds.lo)} if media, {number(ratio.bounds.hi)} if participant"
        )
    if ratio.by["independent"]:
        parts.append(f"broad (with {ratio.by['independent']} independent) {number(ratio.variants['broad'])}")
    parts.append("placements {} : {}".format(*ratio.by["placements"]))
    rows += _folded(parts)
    written = [row for row in report.all("M01.volume") if row.group == "written" and row.kind]
    owned = sum(row.by["owned"] for row in written)
    copies = sum(row.by["aggregator"] for row in written)
    releases = report.get("M01.volume", kind="press_release")
    aside = [f"{owned} owned"] if owned else []
    aside += [f"{copies} aggregator"] if copies else []
    aside += [f"{releases.value} press release" + ("s" if releases.value != 1 else "")] if releases else []
    if aside:
        rows += _folded(aside, "not in the ratio: ")
    return rows


def _how_much(report: Report) -> list[str]:
    people = {group: report.get("M03.contributors", group) for group in ("any", "written", "talk", "micro")}
    per_writer = report.get("M03.stories_per_writer")
    spoke = [f"{_count(people['any'])} people spoke, {_count(people['written'])} wrote"]
    if per_writer and per_writer.value is not None:
        spoke[0] += f" ({number(float(per_writer.value))} each)"
    spoke.append(f"{_count(people['talk'])} gave a deck or video, {_count(people['micro'])} posted")
    rows = [" · ".join(spoke), *_table(report)]
    dropped = report.get("M01.not_counted")
    if dropped and dropped.by:
        rows += _folded([f"{name} {n}" for name, n in dropped.by.items()], "seen but not counted: ")
    return _label("HOW MUCH", rows)


def _count(row: Metric | None) -> str:
    return "?" if row is None or row.value is None else str(row.value)


_HEADS = {"participant": 12, "independent": 13, "media": 7, "owned": 7, "aggregator": 12, "unknown": 9, "total": 8}


def _table(report: Report) -> list[str]:
    rows = [f"{'':<14}" + "".join(f"{head:>{columns}}" for head, columns in _HEADS.items())]
    for row in report.all("M01.volume"):
        if not row.kind:
            state = "none found" if row.status == "ok" else f"{row.status} ({', '.join(row.flags)})"
            rows.append(cut(f"{row.group:<14}{state}", WIDTH - 9))
            continue
        total = ("≥" if row.status == "truncated" else "") + str(row.value)
        cells = row.by | {"total": total}
        rows.append(f"{row.kind:<14}" + "".join(f"{cells[head]:>{columns}}" for head, columns in _HEADS.items()))
    return rows


def _when(report: Report, plain: bool) -> list[str]:
    zone_days = _days(report)
    rows = []
    for group, title in (("written", "articles"), ("micro", "posts")):
        lines = [row for row in report.all("M05.timeline") if row.group == group]
        if not lines:
            continue
        per_day: dict[str, int] = {}
        for row in lines:
            for day, n in row.series:
                per_day[day] = per_day.get(day, 0) + n
        undated = sum(row.by["undated"] for row in lines)
        tail = f"  {undated} undated" if undated else ""
        rows.append(f"{title:<9}{_spark(per_day, zone_days, plain)}  {sum(per_day.values())} dated{tail}")
    if not rows:
        return _label("WHEN", ["no dated story"])
    rows.append(f"{'':<9}{_axis(zone_days)}")
    return _label("WHEN", rows)


def _days(report: Report) -> list[str]:
    """From two days before the event to 28 after, in the report's zone."""
    row = report.get("M05.timeline")
    first, last = (
        (row.variants["first_day"], row.variants["last_day"]) if row else (f"{report.frame.starts:%Y-%m-%d}",) * 2
    )
    start = date.fromisoformat(first) + timedelta(days=26)
    return [(start + timedelta(days=n)).isoformat() for n in range((date.fromisoformat(last) - start).days + 1)]


def _spark(per_day: dict[str, int], days: list[str], plain: bool) -> str:
    levels = _PLAIN_LEVELS if plain else _LEVELS
    top = max(per_day.values(), default=0)
    return "".join(
        levels[min(7, (per_day[day] * 8 - 1) // top)] if per_day.get(day) else " " for day in days
    )  # fmt: skip


def _axis(days: list[str]) -> str:
    """Day offsets under the sparkline, 0 on the event's first day."""
    line = [" "] * (len(days) + 4)
    for offset in (0, 7, 14, 21, 28):
        at = offset + 2
        if at < len(days):
            label = f"+{offset}" if offset else "0"
            line[at : at + len(label)] = label
    return "".join(line) + "days after the start"


def _quality(report: Report) -> list[str]:
    sources = report.get("M22.sources")
    undated, unknown = report.get("M22.undated"), report.get("M22.unclassified")
    rows = []
    if sources:
        states = " · ".join(f"{n} {state}" for state, n in sorted(sources.by.items())) or "no crawl yet"
        rows.append(f"sources: {states}")
        for line in sources.variants["lines"]:
            if line["status"] != "ok" or line["truncated"]:
                what = f"{line['source']}{' ' + line['query'] if line['query'] else ''}: {line['status']}"
                rows.append(cut(f"  {what} {line['reason']}", WIDTH - 9))
    if undated and unknown and undated.den:
        rows.append(
            f"{undated.num} of {undated.den} undated · {unknown.num} of {unknown.den} unclassified · {_audit(report)}"
        )
    off = report.get("M22.off_topic")
    if off and off.by:
        rows += _folded([f"{name} {n}" for name, n in off.by.items()], "not about the event: ")
    dropped = report.get("M22.rejected")
    if dropped and dropped.by:
        rows += _folded([f"{name} {n}" for name, n in dropped.by.items()], "refused: ")
    channels = report.get("M22.not_covered")
    if channels:
        rows.append("not covered: " + ", ".join(channels.by["channels"]))
    return _label("QUALITY", rows)


def _audit(report: Report) -> str:
    audit = report.get("M22.audit")
    if audit is None or audit.status != "ok":
        return "audit: none → labels unchecked"
    return f"audit: {audit.num} of {audit.den} labels right"
