"""What htmldate and trafilatura say about pages, in a process of their own so that nothing of ours touches them.

`python -m tests.conformance.peers` reads `{url, path}` lines and answers one `{date, original, title, author}` a line.
"""

from __future__ import annotations

import gzip
import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.conformance.pages import Gold


def ask(pages: list[Gold]) -> list[dict[str, str]]:
    """Their answers, in order."""
    lines = "".join(json.dumps({"url": page.url, "path": str(page.path)}) + "\n" for page in pages)
    done = subprocess.run(
        [sys.executable, "-m", "tests.conformance.peers"],
        input=lines,
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def answer(url: str, path: Path) -> dict[str, str]:
    from htmldate import find_date
    from trafilatura.metadata import extract_metadata

    raw = path.read_bytes()
    raw = gzip.decompress(raw) if path.suffix == ".gz" else raw
    meta: Any = extract_metadata(raw, url)
    title = getattr(meta, "title", None)
    author = getattr(meta, "author", None)
    return {
        "date": find_date(raw, url=url) or "",
        "original": find_date(raw, url=url, original_date=True) or "",
        "title": title if isinstance(title, str) else "",
        "author": author if isinstance(author, str) else "",
    }


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        page = json.loads(line)
        print(json.dumps(answer(page["url"], Path(page["path"]))))
