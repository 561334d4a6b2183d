"""Values of X's JSON, whatever stands in their place. Pure."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def dicts(values: object) -> list[Json]:
    """The objects in a list; none where no list is."""
    if not isinstance(values, list):
        return []
    return [value for value in values if isinstance(value, dict)]


def told(value: object) -> str:
    """A text, or a number as one; "" for anything else."""
    if isinstance(value, str):
        return value
    return "" if value is None or isinstance(value, (dict, list, bool)) else str(value)


def unescaped(text: str) -> str:
    """X escapes these three and nothing else; `&copy=1` in an address must stay as it is."""
    if "&" not in text:
        return text
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
