"""What the answers of all interfaces are taken apart with: nothing in them is what it should be until it was looked at.

Pure. What a record must hold says its contract (`harvester.contract`); here are the pieces around and inside it.
"""

from __future__ import annotations

import json
from typing import Any

from harvester.contract import text

Json = dict[str, Any]


def part(value: object) -> Json:
    """A JSON value where an object is expected; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def parts(value: object) -> list[Json]:
    """The objects in a JSON value where a list of them is expected."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def header_number(value: bytes | None) -> int | None:
    """A whole number in a header; None for anything else, and without one."""
    told = (value or b"").strip()
    return int(told) if told.isdigit() and len(told) < 19 else None


def refusal(body: bytes, status: int) -> str:
    """What an error answer says in a word or a line, its status when it is none of the interface's."""
    try:
        error = part(json.loads(body)).get("error")
    except (ValueError, RecursionError):
        error = ""
    told = text(part(error).get("code")) or text(part(error).get("message")) or text(error)
    return told[:80] or f"HTTP {status}"
