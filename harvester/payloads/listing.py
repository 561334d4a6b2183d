"""Lists of addresses, sitemaps and feeds alike, read by looking for their tags. Pure.

No XML parser: nothing is expanded, fetched or nested here, so a hostile file costs one pass over its bytes, and half a
file still gives its first half. Only addresses, titles and dates are read; what they say is checked by others.
"""

from __future__ import annotations

import re
import zlib
from html import unescape
from typing import Final, NamedTuple

from harvester.text import decode

MOST: Final = 50_000  # addresses, as many as a sitemap may hold
LONGEST: Final = 16 << 20  # bytes after unpacking
_GZIP: Final = b"\x1f\x8b"
_HEAD, _VALUE, _TAGS = 4096, 2048, 8 * MOST
_ROOT: Final = re.compile(r"<(?:[\w.-]{1,30}:)?(sitemapindex|urlset|rss|rdf|feed)\b", re.IGNORECASE)
_TAG: Final = re.compile(
    r"<(?:([\w.-]{1,30}):)?(url|sitemap|item|entry|loc|lastmod|publication_date|title|link|pubDate|date|published|updated)"
    r"(\s[^<>]{0,2000})?/?>"
)
_BEGINS: Final = frozenset({"url", "sitemap", "item", "entry"})
# Tags of these vocabularies speak of pictures and the like, or of other languages' pages.
_OTHERS: Final = frozenset({"image", "video", "xhtml", "media", "itunes", "thr", "geo", "podcast", "mobile"})
_HREF: Final = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_REL: Final = re.compile(r"""\brel\s*=\s*["']?([\w-]+)""")
_FIELD: Final = {
    "loc": "url", "link": "url", "title": "title", "lastmod": "changed", "updated": "changed",
    "publication_date": "published", "pubDate": "published", "date": "published", "published": "published",
}  # fmt: skip


class Listed(NamedTuple):
    """One address with what its list says of it, as found; "" for what it does not say."""

    url: str
    title: str = ""
    published: str = ""
    changed: str = ""


class Listing(NamedTuple):
    """What a file lists. kind: `index` (of sitemaps), `sitemap`, `feed`, or "" for what is no list.

    cut  it is longer than we read
    """

    kind: str
    entries: list[Listed]
    cut: bool = False


def read(body: bytes, content_type: str = "") -> Listing:
    """What a body lists, packed by gzip or not. Never raises; what is no list has the kind ""."""
    body, cut = unpacked(body)
    text = decode(body, content_type)[0]
    root = _ROOT.search(text, 0, _HEAD)
    if root is None:
        lines = _lines(text)
        return Listing("sitemap" if lines else "", lines[:MOST], cut or len(lines) > MOST)
    kind = {"sitemapindex": "index", "urlset": "sitemap"}.get(root[1].lower(), "feed")
    entries, more = _entries(text, root.end())
    return Listing(kind, entries, cut or more)


def unpacked(body: bytes, limit: int = LONGEST) -> tuple[bytes, bool]:
    """(the bytes, whether there are more): decided by the bytes themselves, because `.gz` and headers lie."""
    if not body.startswith(_GZIP):
        return body[:limit], len(body) > limit
    reader = zlib.decompressobj(wbits=31)
    try:
        found = reader.decompress(body, limit)
    except zlib.error:
        return b"", True
    return found, not reader.eof


def _lines(text: str) -> list[Listed]:
    """A sitemap may be a plain text with an address in each line."""
    lines = [line.strip() for line in text[:LONGEST].split("\n", MOST + 1)[: MOST + 1]]
    lines = [line for line in lines if line]
    web = bool(lines) and all(line.startswith(("http://", "https://")) and " " not in line for line in lines)
    return [Listed(line) for line in lines] if web else []


def _entries(text: str, start: int) -> tuple[list[Listed], bool]:
    """The entries, and whether there are more of them."""
    entries: list[Listed] = []
    fields: dict[str, str] | None = None
    for count, tag in enumerate(_TAG.finditer(text, start)):
        if len(entries) >= MOST or count >= _TAGS:
            return entries, True
        prefix, name, inside = tag.groups("")
        if name in _BEGINS and not prefix:
            _add(entries, fields)
            fields = {}
        elif fields is not None and prefix not in _OTHERS:
            field = _FIELD.get(name, "")
            if field and not fields.get(field) and (value := _value(text, tag, inside)):
                fields[field] = value
    _add(entries, fields)
    return entries, False


def _add(entries: list[Listed], fields: dict[str, str] | None) -> None:
    if fields and fields.get("url"):
        entries.append(Listed(**fields))


def _value(text: str, tag: re.Match[str], inside: str) -> str:
    """What a tag holds: the address of a link that leads to the entry's page, else the text behind it."""
    if tag[2] == "link" and (href := _HREF.search(inside)):
        rel = _REL.search(inside)
        return unescape(href[1] or href[2] or "").strip() if rel is None or rel[1] == "alternate" else ""
    said = text[tag.end() : tag.end() + _VALUE].lstrip()
    if said.startswith("<![CDATA["):
        return said[9:].partition("]]>")[0].strip()
    return unescape(said.partition("<")[0]).strip()
