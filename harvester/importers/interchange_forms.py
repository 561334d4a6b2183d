"""How the fields of interchange records are written, each read into its stored form.

A form takes the value and the IANA zone of times that name none; ValueError, TypeError and KeyError mean that the
value is not of that form.
"""

from __future__ import annotations

import math
import re
from typing import Any

from harvester import dates

Json = dict[str, Any]

DAY = re.compile(r"\d{4}-\d\d-\d\d")
_STORED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_TRUE = {"true": 1, "yes": 1, "1": 1, "false": 0, "no": 0, "0": 0}
_MAX_INT = 2**63


def _text(value: Any, _: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    raise ValueError(value)


def _whole(value: Any, _: str) -> int | None:
    if value is None or value == "":
        return None
    number = int(value)
    if (isinstance(value, float) and number != value) or not -_MAX_INT <= number < _MAX_INT:
        raise ValueError(value)
    return number


def _real(value: Any, _: str) -> float | None:
    if value is None or value == "":
        return None
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(value)
    return number


def _flag(value: Any, _: str) -> int | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return _TRUE[value.strip().lower()]
    if not isinstance(value, (bool, int)):
        raise TypeError(value)
    return int(bool(value))


def _time(value: Any, zone: str) -> str | None:
    """Any way to write a moment, as stored time text."""
    if value is None or value == "":
        return None
    if isinstance(value, str) and _STORED.fullmatch(value):
        return value
    at = dates.parse(str(value), zone=zone, origin="import").at
    if at is None:
        raise ValueError(value)
    return dates.iso(at)


def _day(value: Any, zone: str) -> str | None:
    """A day as it is; anything finer as a moment."""
    return value if isinstance(value, str) and DAY.fullmatch(value) else _time(value, zone)


def _texts(value: Any, _: str) -> list[str]:
    if value is None or value == "":
        return []
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(entry, str) for entry in values):
        raise ValueError(value)
    return values


def _objects(value: Any, _: str) -> list[Json]:
    values = value if isinstance(value, list) else [value] if value else []
    if not all(isinstance(entry, dict) for entry in values):
        raise ValueError(value)
    return values


def _json(value: Any, _: str) -> Any:
    return value


FORMS = {
    "text": _text, "whole": _whole, "real": _real, "flag": _flag, "time": _time, "day": _day, "texts": _texts,
    "objects": _objects, "json": _json,
}  # fmt: skip
