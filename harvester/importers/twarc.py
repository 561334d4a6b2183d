"""JSON lines of X posts: twarc2 (flattened or not) and twarc 1; one line may be a page, a post or a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvester.importers.files import json_records
from harvester.importers.x_payload import found_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harvester.importers import Found


def read(path: Path, encoding: str) -> Iterator[Found]:
    """Every record of the file; lines of other shapes are refused by reason."""
    for where, record in json_records(path, encoding):
        yield from found_in(record, where)
