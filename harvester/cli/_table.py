"""Tables and paragraphs for a terminal of `WIDTH` columns: what is too long goes on below itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from harvester.report.layout import cut, width
from harvester.text import shown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

WIDTH: Final = 100
_GAP: Final = "  "
_NARROWEST: Final = 24  # of the last column, however wide the others are


def table(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, right: Collection[str] = (), fold: bool = True,
    indent: int = 0,
) -> list[str]:  # fmt: skip
    """Lines of a table; `right` names columns of numbers. The last column is folded, or cut where `fold` is False.

    Columns in which no row has anything are left out.
    """
    told = [[shown(cell) for cell in row] for row in rows]
    kept = [i for i in range(len(head)) if any(row[i] for row in told)]
    lines = [[head[i] for i in kept], *([row[i] for i in kept] for row in told)]
    numeric = {column for column, i in enumerate(kept) if head[i] in right}
    wide = [max(width(line[column]) for line in lines) for column in range(len(kept))]
    found: list[str] = []
    for line in lines:
        cells = [_padded(cell, wide[i], right=i in numeric) for i, cell in enumerate(line[:-1])]
        lead = " " * indent + "".join(f"{cell}{_GAP}" for cell in cells)
        last = _padded(line[-1], wide[-1], right=True) if len(kept) - 1 in numeric else line[-1]
        found += folded(last, lead) if fold else [cut(lead + last, WIDTH).rstrip()]
    return found


def folded(text: str, lead: str = "", indent: int | None = None, columns: int = WIDTH) -> list[str]:
    """`lead` and a text on as many lines as it needs, its further ones below its beginning or at `indent`."""
    hang = width(lead) if indent is None else indent
    lines, line, room = [], lead, max(columns - width(lead), _NARROWEST)
    for word in _words(shown(text) if text.strip() else text, max(columns - hang, _NARROWEST)):
        if width(word.rstrip()) > room and line.strip() and line != lead:
            lines.append(line.rstrip())
            line, room, word = " " * hang, max(columns - hang, _NARROWEST), word.lstrip()
        line, room = line + word, room - width(word)
    return [*lines, line.rstrip()]


def _words(text: str, most: int) -> list[str]:
    """Words with the space behind them, longer ones (addresses, Japanese) in pieces of `most` columns."""
    pieces: list[str] = []
    for word in text.replace(" ", " \0").split("\0"):
        piece = ""
        for character in word:
            if width(piece + character.strip()) > most:
                pieces.append(piece)
                piece = ""
            piece += character
        pieces.append(piece)
    return pieces


def _padded(text: str, columns: int, *, right: bool) -> str:
    blank = " " * (columns - width(text))
    return blank + text if right else text + blank
