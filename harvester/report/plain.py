"""Our dataclasses as JSON values and back again, exactly: what comes out equals what went in, to the type.

The shape comes from the annotations: tuples become lists, moments text with their zone, and a field that has its
default is left out. Where an annotation says `Any`, what JSON has no word for is tagged (`$tuple`, `$map`, `$float`,
`$moment`, `$day`). A converter that follows the annotations of scalars too would turn the 3 of a `float` field into
3.0, and a number would print otherwise than it did.
"""

from __future__ import annotations

import math
import types
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

from harvester.measure import metric, world


def plain(value: Any, shape: Any = Any, *, without: tuple[str, ...] = ()) -> Any:
    """A value of that shape (an annotation) as JSON values; `without` names fields of it that stay out.

    Raises TypeError for what is no value of a report: an object of another kind.
    """
    if value is None or isinstance(value, bool | int | str):
        return value  # most values are such, and the same under every annotation
    shape = _told(shape, value)
    if is_dataclass(shape) and isinstance(shape, type):
        return {
            field.name: plain(found, _shapes(shape)[field.name])
            for field in fields(shape)
            if field.name not in without and not _same(found := getattr(value, field.name), _default(field))
        }
    if isinstance(value, datetime) and shape is datetime:
        return _moment(value)
    if get_origin(shape) is tuple and isinstance(value, tuple):
        return [plain(entry, one) for entry, one in zip(value, _each(shape, len(value)), strict=True)]
    return _loose(value)


def whole(value: Any, shape: Any = Any) -> Any:
    """The value again. Raises KeyError, TypeError or ValueError for what `plain` did not make."""
    shape = _told(shape, value)
    if is_dataclass(shape) and isinstance(shape, type):
        shapes = _shapes(shape)
        return shape(**{name: whole(found, shapes[name]) for name, found in value.items()})
    if shape is datetime and isinstance(value, str):
        return _when(value)
    if get_origin(shape) is tuple and isinstance(value, list):
        return tuple(whole(entry, one) for entry, one in zip(value, _each(shape, len(value)), strict=True))
    return _exact(value)


@cache
def _shapes(kind: type) -> dict[str, Any]:
    """The annotations of a dataclass; some are imported for type checkers only."""
    return get_type_hints(kind, localns=vars(world) | vars(metric) | {"datetime": datetime})


def _told(shape: Any, value: Any) -> Any:
    """Of `X | None` what holds for this value."""
    if get_origin(shape) in (Union, types.UnionType):
        kinds = [kind for kind in get_args(shape) if kind is not type(None)]
        return kinds[0] if len(kinds) == 1 and value is not None else Any
    return shape


def _each(shape: Any, n: int) -> tuple[Any, ...]:
    kinds = get_args(shape)
    return (kinds[0],) * n if kinds[1:] == (...,) else kinds


def _default(field: Field[Any]) -> Any:
    return field.default_factory() if field.default_factory is not MISSING else field.default


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _loose(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"$float": str(float(value))}
    if isinstance(value, list):
        return [_loose(entry) for entry in value]
    if isinstance(value, tuple):
        return {"$tuple": [_loose(entry) for entry in value]}
    if isinstance(value, dict):
        if all(isinstance(key, str) and not key.startswith("$") for key in value):
            return {key: _loose(entry) for key, entry in value.items()}
        return {"$map": [[_loose(key), _loose(entry)] for key, entry in value.items()]}
    if isinstance(value, datetime):
        return {"$moment": _moment(value)}
    if isinstance(value, date):
        return {"$day": value.isoformat()}
    raise TypeError(f"{type(value).__name__} is nothing that a report holds")


def _exact(value: Any) -> Any:
    if isinstance(value, list):
        return [_exact(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    tag: str
    told: Any
    tag, told = next(iter(value.items()), ("", None))
    match tag:
        case "$float":
            return float(told)
        case "$tuple":
            return tuple(_exact(entry) for entry in told)
        case "$map":
            return {_exact(key): _exact(entry) for key, entry in told}
        case "$moment":
            return _when(told)
        case "$day":
            return date.fromisoformat(told)
    return {key: _exact(entry) for key, entry in value.items()}


def _moment(at: datetime) -> str:
    """`2016-12-22T09:00:00+09:00[Asia/Tokyo]`: ISO 8601, with the zone behind it where it has a name (RFC 9557)."""
    return at.isoformat() + (f"[{at.tzinfo.key}]" if isinstance(at.tzinfo, ZoneInfo) else "")


def _when(text: str) -> datetime:
    told, _, zone = text.removesuffix("]").partition("[")
    at = datetime.fromisoformat(told)
    if not zone:
        return at.replace(tzinfo=UTC) if at.tzinfo == UTC else at
    here = at.replace(tzinfo=ZoneInfo(zone))
    return here if here.utcoffset() == at.utcoffset() else here.replace(fold=1)  # the second of an hour that came twice
