"""Files that commands write for people: whole or not at all, readable by their owner only."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from harvester.errors import DiskFull, InputError


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[IO[str]]:
    """A text file that appears under its name only when it is complete. Raises InputError, DiskFull."""
    if str(path) == "-":
        raise InputError("-: is no file here; name one, or leave the option out")
    if path.is_dir():
        raise InputError(f"{path}: is a folder; name a file")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.absolute().parent)
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
