"""A list of addresses, one a line: pages to fetch at the next crawl. `#` begins a remark, a bullet is ignored.

The address of an X post is refused as `no_text`: X shows posts to no program that does not pay.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harvester.importers import Found, Refused
from harvester.importers.columns import field_of
from harvester.importers.files import text_lines
from harvester.model import Link

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_LINE = re.compile(r"""\s*(?:[-*・]\s+)?[<"']?(https?://[^\s<>"',]+(?:,[!-~]+)*?)[>"']?[,;]?\s*""", re.IGNORECASE)
_X_STATUS = re.compile(r"https?://(?:\w+\.)?(?:x|twitter)\.com/(?:i/web|[^/?#]+)/status(?:es)?/(\d+)", re.IGNORECASE)


def share_of_urls(lines: Iterable[str]) -> float:
    """How many of the lines that are neither blank nor remarks are one address."""
    lines = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    return sum(bool(_LINE.fullmatch(line)) for line in lines) / len(lines) if lines else 0.0


def read(path: Path, encoding: str) -> Iterator[Found]:
    """Every line that is not blank, a remark or a column's name."""
    for number, line in enumerate(text_lines(path, encoding), 1):
        text = line.strip().lstrip("\ufeff")
        if not text or text.startswith("#") or (number == 1 and field_of(text) == "url"):
            continue
        found = _LINE.fullmatch(line.lstrip("\ufeff"))
        if found is None:
            yield Refused("bad_link", f"line {number}", text[:120])
        elif status := _X_STATUS.match(found[1]):
            yield Refused("no_text", f"line {number}", f"post {status[1]}: its words are had from the X API only")
        else:
            yield Link(url=found[1])
