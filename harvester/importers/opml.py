"""OPML: the feeds somebody reads, as feeds to poll. Read as loose markup: no entity is ever expanded."""

from __future__ import annotations

import html.parser
from typing import TYPE_CHECKING

from harvester.errors import InputError
from harvester.importers import Found, Refused
from harvester.importers.files import whole_text
from harvester.model import Link

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LIMIT = 16 << 20


class _Outlines(html.parser.HTMLParser):
    """Collects the attributes of every outline; folders are outlines without an address."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One outline, whether or not it closes itself."""
        if tag == "outline":
            self.found.append((self.getpos()[0], {name: (value or "").strip() for name, value in attrs}))


def read(path: Path, encoding: str) -> Iterator[Found]:
    """Every outline with an address: feeds (`xmlUrl`) as feeds, plain links as pages."""
    parser = _Outlines()
    parser.feed(whole_text(path, encoding, _LIMIT))
    parser.close()
    if not parser.found:
        raise InputError(f"{path}: an OPML file without outlines")
    for line, outline in parser.found:
        address = outline.get("xmlurl") or outline.get("url") or outline.get("htmlurl")
        if not address:
            continue  # a folder
        if not address.casefold().startswith(("http://", "https://")):
            yield Refused("bad_link", f"line {line}", address[:120])
        else:
            title = outline.get("title") or outline.get("text", "")
            yield Link(url=address, text=title, as_feed=bool(outline.get("xmlurl")))
