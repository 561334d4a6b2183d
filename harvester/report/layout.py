"""Text on a terminal's grid: widths of Japanese, safe cutting, labelled blocks, sparklines."""

from __future__ import annotations

import unicodedata

from harvester.text import shown

WIDTH = 96
LABEL = 9  # columns of a block's name
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
        if width(joined) > WIDTH - LABEL and line not in ("", lead):
            lines.append(line)
            joined = part
        line = joined
    return [cut(text, WIDTH - LABEL) for text in (*lines, line) if text]


def labelled(name: str, rows: list[str]) -> list[str]:
    """A block: its name beside the first row, the others under it, each cut to the page."""
    return [pad(name if i == 0 else "", LABEL) + cut(line, WIDTH - LABEL) for i, line in enumerate(rows)]


def pad(text: str, columns: int) -> str:
    """`text` filled with blanks at its right to so many columns; a longer one stays whole."""
    return text + " " * (columns - width(text))


def beside(left: str, parts: list[str], columns: int) -> list[str]:
    """`left` in `columns` columns with the parts beside it, joined by dots, on as many lines as they need."""
    room = WIDTH - LABEL - columns
    lines = [""]
    for part in parts:
        joined = f"{lines[-1]} · {part}" if lines[-1] else part
        if width(joined) > room and lines[-1]:
            lines.append(part)
        else:
            lines[-1] = joined
    return [pad(left if i == 0 else "", columns) + cut(line, room) for i, line in enumerate(lines)]


def sparkline(per_day: dict[str, int], days: list[str], *, plain: bool, top: int) -> str:
    """One character a day, its height the share of `top`, the scale of its group; a day without posts is blank."""
    levels = _PLAIN_LEVELS if plain else _LEVELS
    return "".join(levels[min(7, (per_day[day] * 8 - 1) // top)] if per_day.get(day) else " " for day in days)
