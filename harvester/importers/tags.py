"""The CSV of a TAGS sheet (Google Sheets): rows of API v1.1 tweets, with ids that a spreadsheet may have mangled.

`time` is the sheet's own rendering in an unknown zone and day order; only `created_at` is read.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from harvester.importers import Found, Refused
from harvester.importers.sheet import dicts_of
from harvester.importers.x_payload import found_in, page_from_v1

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NEEDED = frozenset({"id_str", "from_user", "text", "created_at"})
_IN_URL = re.compile(r"/status(?:es)?/(\d+)")


def score(row: list[str]) -> int:
    """Whether a row is the header of a TAGS sheet."""
    names = {cell.strip() for cell in row}
    return len(names) if names >= _NEEDED else 0


def read(path: Path, encoding: str) -> Iterator[Found]:
    """Every row; one whose id survives neither in its column nor in its address is refused as `mangled_id`."""
    for where, row in dicts_of(path, encoding, score):
        if isinstance(row, Refused):
            yield Refused(row.reason, where, row.detail)
            continue
        in_url = _IN_URL.search(row.get("status_url", ""))
        post_id = in_url[1] if in_url else row["id_str"].strip().lstrip("'")
        if not post_id.isdecimal():
            yield Refused("mangled_id" if post_id else "no_address", where, post_id)
        else:
            yield from found_in(page_from_v1(_tweet(row, post_id)), where)


def _tweet(row: dict[str, str], post_id: str) -> dict[str, object]:
    try:
        entities = json.loads(row.get("entities_str") or "{}")
    except (ValueError, RecursionError):
        entities = {}  # a cell cut at the sheet's limit; the text still holds the tags
    user_id = row.get("from_user_id_str", "").lstrip("'")
    answered = row.get("in_reply_to_status_id_str", "").lstrip("'")
    return {
        "id_str": post_id,
        "text": row.get("text", ""),
        "created_at": row.get("created_at", ""),
        "entities": entities,
        "in_reply_to_status_id_str": answered if answered.isdecimal() else None,
        "in_reply_to_user_id_str": row.get("in_reply_to_user_id_str", "").lstrip("'"),
        "user": {
            "id_str": user_id if user_id.isdecimal() else row["from_user"],
            "screen_name": row["from_user"].lstrip("@"),
            "followers_count": row.get("user_followers_count"),
        },
    }
