"""Two views of one post as one row: the richer one wins, a poorer one fills gaps, and nothing known is lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from harvester.model import DATE_ORIGINS, MARKS, PARTIAL
from harvester.privacy import UNPUBLISHED

if TYPE_CHECKING:
    from collections.abc import Mapping

_DATE_COLUMNS = ("published_at", "published_precision", "published_origin", "published_raw")
_OF_THEIR_OWN = frozenset({*_DATE_COLUMNS, "key", "content_sha256", "content_rank", "flags"})


def merge(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of `new` that should replace those of `old` (a stored row); empty when nothing changes.

    A poorer view only fills gaps. Dates follow their own order (DATE_ORIGINS), whatever the view. The hash of title
    and text is the caller's.
    """
    poorer = _poorer(old, new)
    changes: dict[str, Any] = {}
    for name, value in new.items():
        if name in _OF_THEIR_OWN or value in (None, "[]"):
            continue
        if name == "relation" and value == "original":
            continue  # the default says nothing; a copy found by comparing stays one
        if old[name] in (None, "[]") or (not poorer and old[name] != value):
            changes[name] = value
    if new["published_at"] and _date_rank(new) <= _date_rank(old):
        changes |= {name: new[name] for name in _DATE_COLUMNS if old[name] != new[name]}
    words = "title" in changes or "text" in changes
    changes |= _flags(old, new, poorer=poorer, filled=words)
    if new["content_rank"] > old["content_rank"] and not poorer:
        changes["content_rank"] = new["content_rank"]
    if words and old["content_rank"] == new["content_rank"]:
        changes["revision"] = old["revision"] + 1
    return changes


def _poorer(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether `new` may only fill gaps: a lower rank, or a body that was cut off, unless it is more than we have."""
    if new["content_rank"] < old["content_rank"]:
        return True
    if PARTIAL not in json.loads(new["flags"]):
        return False
    whole = PARTIAL not in json.loads(old["flags"]) and old["content_rank"] >= new["content_rank"]
    return whole or len(new["text"] or "") < len(old["text"] or "")


def _flags(old: Mapping[str, Any], new: Mapping[str, Any], *, poorer: bool, filled: bool) -> dict[str, str]:
    """The flags of the row: those of the view that won; marks also of one that lent title or text."""
    before, found = json.loads(old["flags"]), json.loads(new["flags"])
    winner, other = (before, found) if poorer else (found, before)
    told = _without_marks(winner) or _without_marks(other)
    told += sorted((UNPUBLISHED & {*before, *found}).difference(told))  # a wish holds, whichever view told it
    marks = [mark for mark in MARKS if mark in winner or (poorer and filled and mark in found)]
    if {*told, *marks} == set(before):
        return {}
    return {"flags": json.dumps([*told, *marks], ensure_ascii=False)}


def _without_marks(flags: list[str]) -> list[str]:
    return [flag for flag in flags if flag not in MARKS]


def _date_rank(row: Mapping[str, Any]) -> int:
    if not row["published_at"]:
        return len(DATE_ORIGINS)
    return DATE_ORIGINS.index(row["published_origin"]) if row["published_origin"] in DATE_ORIGINS else len(DATE_ORIGINS)
