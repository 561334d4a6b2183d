"""Cells and lines of CSV that a spreadsheet shows and never executes."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

# What a reader does not see before a sign: white space, control, zero-width and other characters that print nothing.
_UNSEEN: Final = (
    "\\s\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff"
)
# = + - @ in every width that Unicode has for them, and the minus sign of typography.
_SIGNS: Final = "=+\\-@⁺⁼₊₌⩵⩶﬩﹢﹣﹦﹫＋－＝＠−"
_FORMULA: Final = re.compile(f"[{_UNSEEN}]*(?:[{_SIGNS}]|[\t\r\n])")
_NUMBER: Final = re.compile(r"[-−]?\d+(?:\.\d+)?", re.ASCII)


def inert(value: Any) -> Any:
    """A cell that no spreadsheet executes: text that could be a formula gets an apostrophe; numbers stay."""
    if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value


def line(cells: Iterable[Any]) -> str:
    """One CSV line without its end, every cell inert; None is an empty cell."""
    out = io.StringIO()
    # Its own line end, taken off again: only the characters of that are quoted inside a cell.
    csv.writer(out, lineterminator="\r\n").writerow([inert(cell) for cell in cells])
    return out.getvalue().removesuffix("\r\n")
