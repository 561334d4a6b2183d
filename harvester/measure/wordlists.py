"""The words that measures look for (`words.toml`), read once from the package."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def _lists() -> dict[str, Any]:
    return tomllib.loads(files("harvester.measure").joinpath("words.toml").read_text("utf-8"))


@cache
def pattern(section: str, key: str = "patterns") -> re.Pattern[str]:
    """The regular expressions of one list as one alternation; texts are matched after `text.fold`."""
    return re.compile("|".join(f"(?:{each})" for each in _lists()[section][key]))


@cache
def words(section: str, key: str) -> frozenset[str]:
    """The plain words of one list."""
    return frozenset(_lists()[section][key])
