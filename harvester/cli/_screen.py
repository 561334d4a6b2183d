"""Standard output that no stranger's text can steer a terminal through, whoever forgot to escape it."""

from __future__ import annotations

import io
import sys

from harvester.text import printable


class Screen(io.TextIOWrapper):
    """UTF-8 text whose control and bidirectional characters are written as escapes; line ends and tabs stay."""

    def write(self, text: str) -> int:
        """Write `text`; as many characters as were given, whatever became of them."""
        super().write(printable(text))
        return len(text)


def calm() -> None:
    """Put a Screen in the place of sys.stdout. Safe to repeat; a closed or replaced stream is left alone."""
    found = sys.stdout
    if isinstance(found, io.TextIOWrapper) and not isinstance(found, Screen) and not found.closed:
        line_by_line = found.line_buffering
        sys.stdout = Screen(found.detach(), encoding="utf-8", errors="backslashreplace", line_buffering=line_by_line)
