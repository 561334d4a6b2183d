"""Text on a terminal's grid: widths of Japanese, safe cutting, labelled blocks, sparklines."""

from __future__ import annotations

import unicodedata

from harvester.text import shown

WIDTH = 96
_LABEL = 9
_LEVELS = "▁▂▃▄▅▆▇█"
_PLAIN_LEVELS = ".:-=+*%#"


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


def folded(parts: list[str], lead: str = "") -> list[str]:
    """Parts joined by dots, on as many lines as their block needs."""
    lines: list[str] = []
    line = lead
    for part in parts:
        joined = f"{line} · {part}" if line and line != lead else f"{lead if not lines else ''}{part}"
        if width(joined) > WIDTH - _LABEL and line not in ("", lead):
            lines.append(line)
            joined = part
        line = joined
    return [cut(text, WIDTH - _LABEL) for text in (*lines, line) if text]


def labelled(name: str, rows: list[str]) -> list[str]:
    """A block: its name beside the first row, the others under it, each cut to the page."""
    return [f"{name if i == 0 else '':<{_LABEL}}{cut(line, WIDTH - _LABEL)}" for i, line in enumerate(rows)]


def sparkline(per_day: dict[str, int], days: list[str], *, plain: bool) -> str:
    """One character a day, its height the share of the highest day; a day without posts is blank."""
    levels = _PLAIN_LEVELS if plain else _LEVELS
    top = max(per_day.values(), default=0)
    return "".join(levels[min(7, (per_day[day] * 8 - 1) // top)] if per_day.get(day) else " " for day in days)
