"""The forms in which lists of outlets come, read into records under our names of fields. Pure.

CSV, TSV and semicolons with a line of headings, OPML, JSON (a list of objects, or one object with hosts as keys), JSON
lines, and the registry's own TOML.
"""

from __future__ import annotations

import csv
import html.parser
import io
import json
import tomllib
from typing import TYPE_CHECKING, Any, Final

from harvester.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# What a column, attribute or key may be called, as folded text.
_CALLED: Final = {
    "name": ("name", "title", "outlet", "media", "publisher", "媒体名", "媒体", "名称", "サイト名", "text"),
    "hosts": ("hosts", "host", "domain", "domains", "url", "website", "site", "homepage", "html_url", "htmlurl", "link",
              "ホスト", "ドメイン"),
    "feed": ("feed", "rss", "feed_url", "rss_url", "xmlurl", "フィード"),
    "language": ("language", "lang", "言語"),
    "kind": ("kind",),
}  # fmt: skip
_DELIMITERS: Final = (",", "\t", ";")


def records(text: str) -> Iterator[dict[str, Any]]:
    """The rows of a list: name, hosts, feed, language and kind as found, "" where a row has none.

    Raises ValueError for what begins like JSON and is none.
    """
    start = text.lstrip("\ufeff \r\n\t")
    if start.startswith(("{", "[[")) and (rows := _toml(text)):
        found: Iterable[Any] = rows
    elif start.startswith(("{", "[")):
        found = _json(start)
    elif start.startswith("<"):
        found = _opml(start)
    else:
        found = _toml(text) or _table(start)
    for record in found:
        if isinstance(record, dict):
            folded = {fold(str(key)).strip(): value for key, value in record.items() if value}
            yield {
                ours: next((folded[name] for name in names if name in folded), "") for ours, names in _CALLED.items()
            }


def _toml(text: str) -> list[dict[str, Any]]:
    try:
        rows = tomllib.loads(text).get("outlet", [])
    except tomllib.TOMLDecodeError:
        return []
    return rows if isinstance(rows, list) else []


def _json(text: str) -> Iterator[Any]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        try:
            found = [json.loads(line) for line in text.splitlines() if line.strip()]
        except json.JSONDecodeError as error:
            raise ValueError(f"begins like JSON and is none ({error})") from error
    if isinstance(found, dict):
        inside = next((value for value in found.values() if isinstance(value, list)), None)
        if inside is None:
            found = [{"domain": key, **(value if isinstance(value, dict) else {})} for key, value in found.items()]
        else:
            found = inside
    yield from found


def _table(text: str) -> Iterator[dict[str, Any]]:
    head = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count)
    yield from csv.DictReader(io.StringIO(text), delimiter=delimiter)


class _Outlines(html.parser.HTMLParser):
    """The attributes of each outline; markup is read loosely and no entity is expanded into anything."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[dict[str, Any]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Outlines without an address are folders."""
        held = dict(attrs)
        if tag == "outline" and (held.get("xmlurl") or held.get("htmlurl") or held.get("url")):
            self.found.append({**held, "htmlurl": held.get("htmlurl") or held.get("url") or held.get("xmlurl")})


def _opml(text: str) -> list[dict[str, Any]]:
    parser = _Outlines()
    parser.feed(text)
    parser.close()
    return parser.found
