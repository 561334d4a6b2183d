"""A terminal that shows one screen at a time and gives one key at a time.

Screens go to standard error, which takes the codes that standard output would escape: callers make text safe first.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TextIO

import click

from harvester.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

_STOP = "\x03"
_USUAL = (80, 23)


def size(stream: TextIO | None = None) -> tuple[int, int]:
    """(columns, rows to use) of the terminal behind a stream, that of the screens unless told.

    The last row stays free, where the cursor is.
    """
    try:
        # What `shutil` asks is the stream that `_screen` replaced.
        found = os.get_terminal_size((stream or sys.stderr).fileno())
    except OSError:
        return _USUAL
    columns, rows = (found.columns, found.lines) if found.columns and found.lines else _USUAL
    return columns, max(1, rows - 1)


def show(lines: Iterable[str]) -> None:
    """A screen of its own."""
    clear()
    click.echo("\n".join(lines), err=True)


def clear() -> None:
    """Empty the screen; a terminal that knows no codes gets a line instead."""
    if os.environ.get("TERM", "dumb") == "dumb":
        click.echo("-" * 20, err=True)
    else:
        click.echo("\x1b[2J\x1b[H", nl=False, err=True)


def key() -> str:
    """One key, in lower case, full-width letters as plain ones; "" for arrows and other sequences.

    What was typed before is forgotten, by what click does to the terminal: nobody decides a case that was not seen.
    Raises KeyboardInterrupt for Ctrl-C, Ctrl-D and a terminal that is gone.
    """
    try:
        typed = click.getchar()
    except (EOFError, OSError) as error:
        raise KeyboardInterrupt from error
    if not typed or _STOP in typed:
        raise KeyboardInterrupt
    return "" if typed.startswith("\x1b") else fold(typed[0])


def line(question: str) -> str:
    """A line of text, "" when it is left empty. Raises KeyboardInterrupt for Ctrl-C."""
    try:
        answer: str = click.prompt(question, default="", show_default=False, err=True)
    except click.Abort as error:
        raise KeyboardInterrupt from error
    return answer
