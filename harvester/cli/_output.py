"""Files that commands write for people: whole or not at all, readable by their owner only."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TextIO

import click

from harvester.errors import DiskFull, InputError


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """A text file that appears under its name only when it is complete. Raises InputError, DiskFull.

    A link stays, and what it points to is replaced. A device or a pipe (/dev/stdout) takes what is written to it.
    """
    if str(path) == "-":
        raise InputError("-: is no file here; name one, or leave the option out")
    if path.is_dir():
        raise InputError(f"{path}: is a folder; name a file")
    if path.exists() and not path.is_file():
        with _into(path) as file:
            yield file
        return
    path = Path(os.path.realpath(path))
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror})") from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            yield file
        Path(name).replace(path)
    except OSError as error:
        raise DiskFull(f"{path}: cannot be written ({error.strerror}); nothing was replaced") from error
    finally:
        Path(name).unlink(missing_ok=True)


@contextlib.contextmanager
def _into(path: Path) -> Iterator[TextIO]:
    """What is no file is written to as it is: replaced, it would be gone for every other program."""
    try:
        with path.open("w", encoding="utf-8", newline="\n") as file:
            yield file
    except OSError as error:
        raise DiskFull(f"{path}: cannot be written ({error.strerror})") from error


@contextlib.contextmanager
def replacing_bytes(path: Path) -> Iterator[BinaryIO]:
    """The same for a file of bytes."""
    with replacing(path) as file:
        yield file.buffer


def put(text: str, output: Path | None, *, mark: bool = False) -> None:
    """Whole lines onto the terminal, or into a file that appears when it is whole; `mark` tells Excel it is UTF-8."""
    if output is None:
        click.echo(text, nl=False)
        return
    with replacing(output) as file:
        file.write(f"\ufeff{text}" if mark else text)  # without it Excel reads Japanese as rubbish
