"""The file of credentials: `NAME=value` lines that only their owner can read, named by HARVEST_CREDENTIALS.

Credentials live in the environment; cron has none, and a crontab is no place for keys. What the environment
already holds wins over the file. Values are never part of a message.
"""

from __future__ import annotations

import re
import stat
from typing import TYPE_CHECKING, Final

from harvester.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from pathlib import Path

VARIABLE: Final = "HARVEST_CREDENTIALS"
_LINE: Final = re.compile(r"(?:export\s+)?([A-Z][A-Z0-9_]*)\s*=\s*(.*)")


def read(path: Path) -> dict[str, str]:
    """The credentials in a file. Raises ConfigError when it is not there, not private, or a line is no `NAME=value`."""
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8") if stat.S_ISREG(mode) else None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: credentials cannot be read ({type(error).__name__}); check {VARIABLE}") from error
    if text is None:
        raise ConfigError(f"{path}: credentials must stand in a regular file; check {VARIABLE}")
    if mode & 0o077:
        raise ConfigError(f"{path}: others can read these credentials; run `chmod 600 {path}`")
    found, problems = {}, []
    for number, line in enumerate(text.splitlines(), 1):
        entry = line.strip()
        if not entry or entry.startswith("#"):
            continue
        match = _LINE.fullmatch(entry)
        if match:
            found[match[1]] = _unquoted(match[2].strip())
        else:
            problems.append(f"{path}: line {number}: not NAME=value")
    if problems:
        raise ConfigError(problems[0], tuple(problems))
    return found


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def adopt(environment: MutableMapping[str, str], path: Path) -> None:
    """Put the file's credentials into the environment, where it has none of that name."""
    for name, value in read(path).items():
        if not environment.get(name, "").strip():
            environment[name] = value
