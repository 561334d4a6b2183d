"""Where the data made by others lies: HARVEST_DATA, or `shared/data` beside the checkout. Never part of the project."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

DATA = Path(os.environ.get("HARVEST_DATA") or Path(__file__).parents[3] / "shared" / "data")


def files(*parts: str, pattern: str = "*") -> list[Path]:
    """Every file below a folder of the data, sorted; an empty list where the data is not."""
    folder = DATA.joinpath(*parts)
    return sorted(path for path in folder.rglob(pattern) if path.is_file()) if folder.is_dir() else []


def jsonl(*parts: str) -> list[dict[str, Any]]:
    """The records of a JSON-lines file of the data; an empty list where it is not."""
    path = DATA.joinpath(*parts)
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line] if path.is_file() else []
