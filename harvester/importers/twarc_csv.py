"""twarc-csv: one flattened v2 post a row, dotted column names, JSON text in the cells of lists."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from harvester.importers import Found, Refused
from harvester.importers.sheet import dicts_of
from harvester.importers.x_payload import count, found_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NEEDED = frozenset({"id", "text", "author_id", "created_at"})
_LISTS = ("hashtags", "mentions", "urls")
_REFERENCES = ("retweeted", "quoted", "replied_to")


def score(row: list[str]) -> int:
    """Whether a row is the header of a twarc-csv table."""
    names = {cell.strip() for cell in row}
    dotted = any(name.startswith(("public_metrics.", "author.", "entities.")) for name in names)
    return len(names) if dotted and names >= _NEEDED else 0


def read(path: Path, encoding: str) -> Iterator[Found]:
    """Every row; rows without a usable id are refused."""
    for where, row in dicts_of(path, encoding, score):
        if isinstance(row, Refused):
            yield Refused(row.reason, where, row.detail)
        elif not row["id"].strip().isdecimal():
            yield Refused("mangled_id" if row["id"].strip() else "no_address", where, row["id"])
        else:
            yield from found_in(_post(row), where)


def _post(row: dict[str, str]) -> dict[str, Any]:
    references = [
        {"type": kind, "id": _id(row[column])}
        for kind in _REFERENCES
        if _id(row.get(column := f"referenced_tweets.{kind}.id", ""))
    ]
    metrics = {
        name.partition(".")[2]: count(value) for name, value in row.items() if name.startswith("public_metrics.")
    }
    return {
        "id": row["id"].strip(),
        "text": row["text"],
        "author_id": _id(row["author_id"]),
        "author": _author(row),
        "created_at": row["created_at"],
        "lang": row.get("lang", ""),
        "conversation_id": _id(row.get("conversation_id", "")),
        "in_reply_to_user_id": _id(row.get("in_reply_to_user_id", "")),
        "possibly_sensitive": row.get("possibly_sensitive", "").casefold() == "true",
        "public_metrics": metrics,
        "entities": {name: _json(row.get(f"entities.{name}", "")) for name in _LISTS},
        "referenced_tweets": references,
        "note_tweet": {"text": row.get("note_tweet.text", "")},
    }


def _author(row: dict[str, str]) -> dict[str, Any]:
    return {
        "id": _id(row["author_id"]),
        "username": row.get("author.username"),
        "name": row.get("author.name"),
        "description": row.get("author.description"),
        "url": row.get("author.url"),
        "verified_type": row.get("author.verified_type"),
        "protected": row.get("author.protected", "").casefold() == "true",
        "public_metrics": {"followers_count": count(row.get("author.public_metrics.followers_count"))},
    }


def _id(cell: str) -> str:
    """A number cell: pandas writes ids of columns with gaps as `12345.0`, and long ones mangled."""
    text = cell.strip().removesuffix(".0")
    return text if text.isdecimal() else ""


def _json(cell: str) -> Any:
    try:
        return json.loads(cell) if cell else None
    except (ValueError, RecursionError):
        return None
