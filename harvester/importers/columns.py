"""Which column of a foreign table means what, by the names in `columns.toml` and those the user maps."""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from typing import Final

from harvester.importers.sheet import plain_name

_NAMES: Final[dict[str, list[str]]] = tomllib.loads(
    resources.files("harvester.importers").joinpath("columns.toml").read_text(encoding="utf-8")
)
FIELDS: Final = tuple(_NAMES)
REACTIONS: Final = ("like", "repost", "reply", "quote", "bookmark", "comment", "view")
_FIELD_OF: Final = {name: field for field, names in _NAMES.items() for name in names}
# Columns that make a table one of posts: without any of them nothing in it can be told apart.
_SUBSTANCE: Final = frozenset({"url", "x_id", "id", "title", "text"})
_ZONES: Final = (
    (re.compile(r"\b(?:jst|asia/tokyo|日本時間)\b|日本時間|\+0?9(?::?00)?\b", re.IGNORECASE), "Asia/Tokyo"),
    (re.compile(r"\b(?:utc|gmt|z)\b(?![+-])", re.IGNORECASE), "UTC"),
)


def field_of(header: str) -> str:
    """The field a column name means, "" for one that we do not read."""
    return _FIELD_OF.get(plain_name(header), "")


def fields_of(header: tuple[str, ...], mapping: dict[str, str]) -> dict[str, int]:
    """{field: column index}: what the user mapped, then the first column of each known name."""
    found: dict[str, int] = {}
    wanted = {plain_name(column): field for column, field in mapping.items()}
    for index, column in enumerate(header):
        if field := wanted.get(plain_name(column)):
            found[field] = index
    for index, column in enumerate(header):
        field = field_of(column)
        if field and field not in found and plain_name(column) not in wanted:
            found[field] = index
    return found


def score(row: list[str], mapping: dict[str, str]) -> int:
    """How many known columns a row names; 0 unless one of them says what or where the post is."""
    found = fields_of(tuple(row), mapping)
    return len(found) if _SUBSTANCE & found.keys() else 0


def zone_in(header: str) -> str:
    """The IANA zone that a column name tells (`投稿日時(JST)`, `Date (UTC)`), "" for none."""
    return next((zone for pattern, zone in _ZONES if pattern.search(header)), "")
