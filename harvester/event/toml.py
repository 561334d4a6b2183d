"""The TOML of an event file: read with every problem that leaves it readable, else the one place where it breaks."""

from __future__ import annotations

import re
import tomllib
from typing import Any, Final

from harvester.errors import ConfigError

_AT_LINE = re.compile(r"(.*) \(at line (\d+), column \d+\)$|(.*) \(at end of document\)$", re.DOTALL)
_TWICE: Final = re.compile(r"Cannot declare \(.*\) twice \(at line (\d+), column \d+\)$")
_HEADER: Final = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")
_CURLY: Final = re.compile("[“”„‟‘’‚「」『』＂＇«»]")
_SET_ASIDE: Final = "said twice"


def read(text: str, path: str) -> tuple[dict[str, Any], list[str]]:
    """The document and what is wrong with it already: tables that stand twice, of which the first one counts.

    Raises ConfigError for what is no TOML in any other way.
    """
    problems: list[str] = []
    lines = text.split("\n")
    while True:
        try:
            document = tomllib.loads("\n".join(lines))
        except tomllib.TOMLDecodeError as error:
            problem = _set_aside(lines, str(error))
            if not problem:
                raise _not_toml(path, text, str(error)) from error
            problems.append(f"{path}: {problem}")
        except RecursionError as error:
            raise ConfigError(f"{path}: brackets are nested too deep to be an event file") from error
        else:
            document.pop(_SET_ASIDE, None)
            return document, problems


def _set_aside(lines: list[str], message: str) -> str:
    """The problem of a table header that stands twice, which is renamed in `lines`; "" for any other message."""
    found = _TWICE.match(message)
    number = int(found[1]) if found else 0
    header = _HEADER.match(lines[number - 1]) if number else None
    if header is None:
        return ""
    lines[number - 1] = f'["{_SET_ASIDE}".{number}]'
    return f"line {number}: [{header[1]}]: stands twice; merge the two"


def _not_toml(path: str, text: str, message: str) -> ConfigError:
    found = _AT_LINE.match(message)
    if found and found[2]:
        line, what = int(found[2]), found[1]
    else:
        line, what = text.count("\n") + 1, found[3] if found else message
    what = what.replace("\n", "\\n")
    curly = _CURLY.search(text.split("\n")[line - 1])
    repair = f'use straight quotes (") instead of {curly[0]}' if curly else "check quotes, commas and brackets there"
    problem = f"{path}: line {line}: not valid TOML: {what}; {repair}"
    return ConfigError(problem, (problem,))
