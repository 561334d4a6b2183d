"""The one door through which fetched bytes go: what is it, and what is in it. Called inside the parsing child.

The content decides, never the Content-Type: feeds are served as text/html, pages as image/png. What the caller
expected only decides how a disappointment is called.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from harvester import article, feed
from harvester import text as texts
from harvester.errors import ParseFailed
from harvester.model import Parsed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_HEAD: Final = 4096
# Looked at when a licence text or the like fills the head.
_LONG_HEAD: Final = 65_536
# First bytes of what people link to that is no text.
_MAGIC: Final = (
    b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"%PDF", b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ",
    b"7z\xbc\xaf", b"Rar!", b"\x00\x00\x01\x00", b"OggS", b"ID3", b"\x1aE\xdf\xa3", b"wOF", b"\x7fELF", b"MZ",
    b"SQLite format 3", b"\xd0\xcf\x11\xe0", b"\x28\xb5\x2f\xfd",
)  # fmt: skip
_WIDE_BOMS: Final = (b"\xff\xfe", b"\xfe\xff")
# Control bytes that no text encoding we read uses (ESC, tab, line ends and form feed are used).
_CONTROL: Final = bytes(set(range(32)) - {9, 10, 12, 13, 27})
_FEED_ROOT: Final = re.compile(
    r"<(?:[\w.-]+:)?(?:rss|rdf|feed|channel)\b|<!doctype\s+(?:rss|rdf:rdf|feed)\b", re.IGNORECASE
)
# The same behind the warnings that a broken server prints first.
_FEED_BEHIND: Final = re.compile(
    r"\A(?:(?!<html|<body|<!doctype).)*?<(?:rss\s|rdf:RDF\s|feed\s+xmlns)", re.IGNORECASE | re.DOTALL
)
_PROLOGUE: Final = re.compile(
    r"(?:\s|\ufeff|<\?(?:(?!\?>).)*\?>|<!--(?:(?!-->).)*-->|<!DOCTYPE(?!\s+html\b)[^>\[]*(?:\[[^\]]*\]\s*)?>)*",
    re.IGNORECASE | re.DOTALL,
)
_XML_ROOT: Final = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)")
# Roots of XML documents that are neither pages nor feeds.
_OTHER_ROOTS: Final = frozenset(
    {"urlset", "sitemapindex", "opml", "kml", "svg", "opensearchdescription", "error", "plist"}
)


def parse(
    body: bytes, headers: Mapping[str, str], url: str, *, expect: str = "", now: datetime | None = None
) -> Parsed:
    """What `body`, fetched from `url` with `headers` (lower-case names), turned out to be.

    expect  `feed` or `page` when the caller asked for one, else ""; a feed is returned as a feed either way
    now     the moment after which dates on a page are impossible
    Raises ParseFailed with state `not_a_feed` or `not_html`; XML and JSON of other kinds are kind `other`.
    """
    found = sniff(body, headers)
    if found == "feed":
        try:
            return feed.parse(body, headers, url)
        except ParseFailed:
            if expect == "feed":
                raise
            found = "other"
    if expect == "feed":
        # A broken feed may not look like one; a page certainly is none.
        if found in {"html", "binary", "empty"}:
            raise ParseFailed("not_a_feed", f"{url}: {found}")
        return feed.parse(body, headers, url)
    if found in {"binary", "empty"} or (expect == "page" and found == "other"):
        raise ParseFailed("not_html", f"{url}: {found}")
    if found == "other":
        return Parsed(kind="other")
    return article.parse(body, headers, url, now=now)


def sniff(body: bytes, headers: Mapping[str, str]) -> str:
    """`feed`, `html`, `other` (JSON, XML), `binary` or `empty`, by the first bytes."""
    if not body.strip():
        return "empty"
    if is_binary(body[:_HEAD]):
        return "binary"
    text, rest = _opening(body[:_HEAD], headers)
    if rest.startswith(("<!--", "<?")) and len(body) > _HEAD:
        text, rest = _opening(body[:_LONG_HEAD], headers)
    if rest.startswith(("{", "[")):
        return "feed" if "jsonfeed.org/version" in text or '"items"' in text else "other"
    if _FEED_ROOT.match(rest) or (not rest.startswith("<") and _FEED_BEHIND.match(text)):
        return "feed"
    root = _XML_ROOT.match(rest)
    name = root[1].lower() if root else ""
    declared = text.lstrip("\ufeff \r\n\t").startswith("<?xml")
    return "other" if name in _OTHER_ROOTS or (declared and name not in {"html", ""}) else "html"


def _opening(head: bytes, headers: Mapping[str, str]) -> tuple[str, str]:
    """(the text, the text from its first element on)."""
    text = texts.decode(head, headers.get("content-type", ""))[0]
    start = _PROLOGUE.match(text)
    return text, text[start.end() :] if start else text


def is_binary(head: bytes) -> bool:
    """Whether these first bytes are an image, archive, document or the like and no text in any charset."""
    if head.startswith(_WIDE_BOMS):
        return False
    if head.startswith(_MAGIC) or head[4:8] == b"ftyp":
        return True
    # UTF-16 without a mark has a NUL beside nearly every character; binaries have them here and there. Of random
    # bytes one in ten is a control, of text hardly one in a hundred.
    wide = max(head[0::2].count(0), head[1::2].count(0)) * 3 > len(head)
    controls = len(head) - len(head.translate(None, _CONTROL))
    return not wide and controls * 20 > len(head)
