"""On which line of an event file something stands, so that a message can point there (tomllib does not tell)."""

from __future__ import annotations

import re
from typing import Final

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_QUOTES: Final = ('"""', "'''")


class Lines:
    """Line numbers, from 1, of keys by (table, which block of it, key); 0 when it is not in the text."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._at: dict[tuple[str, int, str], int] = {}
        self._scan()

    def _scan(self) -> None:
        table, block, blocks, inside = "", 0, dict[str, int](), ""
        for number, line in enumerate(self._lines, start=1):
            if inside:
                inside = "" if inside in line else inside
                continue
            header = _HEADER.match(line)
            if header:
                table = _bare(header[2])
                block = blocks[table] = blocks.get(table, -1) + 1
                self._at.setdefault((table, block, ""), number)
                continue
            key = _KEY.match(line)
            if key:
                self._note(table, block, _bare(key[1]), number)
                inside = next((quote for quote in _QUOTES if line.count(quote) == 1), "")

    def _note(self, table: str, block: int, key: str, number: int) -> None:
        self._at.setdefault((table, block, key), number)
        if "." in key and not table:
            head, _, rest = key.partition(".")
            self._at.setdefault((head, 0, rest), number)
            self._at.setdefault((head, 0, ""), number)

    def block(self, table: str, number: int) -> int:
        """The line of the n-th `[[table]]` header, from 0; 0 when there is none."""
        return self._at.get((table, number, ""), 0)

    def of(self, key: str, table: str = "", block: int = 0, value: str = "") -> int:
        """The line of a key, or of one string inside its value; of the table when the key has no line."""
        start = self._at.get((table, block, key)) or self.block(table, block) or self._at.get(("", 0, table))
        if not start:
            above, _, inner = table.rpartition(".")  # written as one line of the table above, if at all
            return self.of(inner, above) if above else self.block(key, block)
        for number in range(start, self._end(start, whole_table=not key)) if value else ():
            if value in self._lines[number - 1]:
                return number
        return start

    def _end(self, start: int, *, whole_table: bool) -> int:
        """The line after a value, or after a whole table: that of the next key or header."""
        later = [line for (_, _, key), line in self._at.items() if line > start and not (whole_table and key)]
        return min(later, default=len(self._lines) + 1)


def _bare(name: str) -> str:
    """A dotted name without quotes and blanks."""
    return ".".join(part.strip().strip("\"'") for part in name.split("."))
