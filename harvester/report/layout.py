"""Text on a terminal's grid: widths of Japanese, safe cutting, labelled blocks, sparklines."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from harvester.text import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 96
LABEL = 9  # columns of a block's name
_LEVELS = "▁▂▃▄▅▆▇█"
_PLAIN_LEVELS = ".:-=+*%#"
_NEVER_FIRST = "、。・〜%)」』!?…,.:;"  # of a line, in Japanese


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


def wrapped(text: str, columns: int) -> list[str]:
    """A sentence on as many lines as it needs, broken at blanks, or anywhere where the language has none."""
    text, lines = shown(text), []
    while width(text) > columns:
        fits = next(n for n in range(len(text), 0, -1) if width(text[:n]) <= columns)
        at = text.rfind(" ", 0, fits + 1)
        if at <= fits // 2:
            at = fits
            while at > fits // 2 and text[at] in _NEVER_FIRST:
                at -= 1
        lines.append(text[:at].rstrip())
        text = text[at:].lstrip()
    return [*lines, text]


def folded(parts: Sequence[str], lead: str = "") -> list[str]:
    """Parts joined by dots, on as many lines as their block needs; nothing of them is cut off."""
    lines: list[str] = []
    line = lead
    for part in parts:
        joined = f"{line} · {part}" if line and line != lead else f"{lead if not lines else ''}{part}"
        if width(joined) > WIDTH - LABEL and line not in ("", lead):
            lines.append(line)
            joined = part
        line = joined
    return [piece for text in (*lines, line) if text for piece in wrapped(text, WIDTH - LABEL)]


def labelled(name: str, rows: list[str]) -> list[str]:
    """A block: its name beside the first row, the others under it, each cut to the page."""
    return [pad(name if i == 0 else "", LABEL) + cut(line, WIDTH - LABEL) for i, line in enumerate(rows)]


def pad(text: str, columns: int) -> str:
    """`text` filled with blanks at its right to so many columns; a longer one stays whole."""
    return text + " " * (columns - width(text))


def beside(left: str, parts: list[str], columns: int) -> list[str]:
    """`left` in `columns` columns with the parts beside it, joined by dots, whole, on as many lines as they need."""
    room = WIDTH - LABEL - columns
    lines = [""]
    for part in parts:
        joined = f"{lines[-1]} · {part}" if lines[-1] else part
        if width(joined) > room and lines[-1]:
            lines.append(part)
        else:
            lines[-1] = joined
    pieces = [piece for line in lines for piece in wrapped(line, room)]
    return [pad(left if i == 0 else "", columns) + piece for i, piece in enumerate(pieces)]


def sparkline(per_day: dict[str, int], days: list[str], *, plain: bool, top: int) -> str:
    """One character a day, its height the share of `top`, the scale of its group; a day without posts is blank."""
    levels = _PLAIN_LEVELS if plain else _LEVELS
    return "".join(levels[min(7, (per_day[day] * 8 - 1) // top)] if per_day.get(day) else " " for day in days)
