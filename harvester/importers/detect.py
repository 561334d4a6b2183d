"""Which format a file is, by its content alone; names and endings lie."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harvester.errors import InputError
from harvester.importers import Refused, columns, opml, snscrape, table, tags, twarc, twarc_csv, urls, x_archive
from harvester.importers.files import encoding_of, head_of, json_records
from harvester.importers.interchange_fields import is_record
from harvester.importers.sheet import layout_of, sample_of
from harvester.importers.x_payload import is_v1, page_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harvester.importers import Found

FORMATS = {
    "interchange": "harvester's own JSON lines (docs/interchange.md)",
    "twarc2": "X API v2, JSON lines, flattened or not",
    "twarc1": "X API v1.1, JSON lines",
    "twarc-csv": "twarc-csv table",
    "x-archive": "X data archive: zip, tweets.js or a JSON list",
    "tags": "TAGS sheet as CSV",
    "snscrape": "snscrape JSON lines",
    "csv": "any CSV or TSV with a header row",
    "urls": "addresses, one a line",
    "opml": "OPML list of feeds",
}
_KNOWN = "; ".join(FORMATS)
_MAGIC = (
    (b"\x1f\x8b", "gzip; unpack it first (gunzip)"),
    (b"SQLite format 3\0", "an SQLite database; `harvest export` writes what can be imported"),
    (b"%PDF", "a PDF"),
    (b"BZh", "bzip2; unpack it first"),
    (b"\xfd7zXZ", "xz; unpack it first"),
)


@dataclass(frozen=True, slots=True)
class Look:
    """What a file is: a format of FORMATS and its encoding."""

    path: Path
    format: str
    encoding: str = "utf-8"
    mapping: dict[str, str] = field(default_factory=dict)


def look(path: Path, wanted: str = "auto", mapping: dict[str, str] | None = None) -> Look:
    """Decide. `wanted` other than "auto" is believed, but the file must still be readable as text or zip.

    Raises InputError for what is missing, empty, binary or of no format here.
    """
    mapping = mapping or {}
    head = head_of(path)
    for magic, name in _MAGIC:
        if head.startswith(magic):
            raise InputError(f"{path}: {name}")
    if head.startswith(b"PK"):
        x_archive.is_archive(path)
        return Look(path, "x-archive")
    encoding = encoding_of(path, head)
    if wanted != "auto":
        return Look(path, wanted, encoding, mapping)
    start = head.decode(encoding, "ignore").lstrip("\ufeff \t\r\n")
    if start.startswith("window.YTD"):
        found = "x-archive"
    elif start.startswith(("{", "[")):
        found = _json_format(path, encoding)
    elif start.startswith("<"):
        found = _markup_format(path, start)
    else:
        found = _text_format(path, encoding, mapping)
    return Look(path, found, encoding, mapping)


def _json_format(path: Path, encoding: str) -> str:
    """By the first values that can be read: one broken line does not hide what the file is."""
    for number, (_, value) in enumerate(json_records(path, encoding)):
        if found := _shape(value):
            return found
        if number >= 20:
            break
    raise InputError(f"{path}: JSON of no format known here ({_KNOWN})")


def _shape(value: Any) -> str:
    if isinstance(value, Refused) or not isinstance(value, dict):
        return ""
    if str(value.get("_type", "")).startswith("snscrape") or (snscrape.is_tweet(value) and "user" in value):
        return "snscrape"
    if is_record(value):
        return "interchange"
    if isinstance(value.get("tweet"), dict):
        return "x-archive"
    if is_v1(value):
        return "twarc1" if "user" in value else "x-archive"
    return "twarc2" if page_of(value) is not None else ""


def _markup_format(path: Path, start: str) -> str:
    lower = start[:4096].casefold()
    if "<opml" in lower:
        return "opml"
    if any(tag in lower for tag in ("<rss", "<feed", "<rdf:rdf")):
        raise InputError(
            f"{path}: a feed; put its address under feeds in the event file, or read it with `harvest extract`"
        )
    raise InputError(f"{path}: a page, not a list of posts; `harvest extract` reads pages")


def _text_format(path: Path, encoding: str, mapping: dict[str, str]) -> str:
    lines = sample_of(path, encoding)
    if urls.share_of_urls(lines) >= 0.6:
        return "urls"
    scores = (
        ("tags", tags.score),
        ("twarc-csv", twarc_csv.score),
        ("csv", lambda row: columns.score(row, mapping)),
    )
    for name, score in scores:
        if layout_of(lines, score):
            return name
    raise InputError(f"{path}: no format known here ({_KNOWN}); for a table name its columns with --map column=field")


def read(file: Look, *, zone: str) -> Iterator[Found]:
    """The records of a file that is not interchange; `zone` holds for dates in tables that name none."""
    if file.format == "csv":
        return table.read(file.path, file.encoding, zone=zone, mapping=file.mapping)
    readers = {
        "twarc2": twarc.read,
        "twarc1": twarc.read,
        "twarc-csv": twarc_csv.read,
        "x-archive": x_archive.read,
        "tags": tags.read,
        "snscrape": snscrape.read,
        "urls": urls.read,
        "opml": opml.read,
    }
    return readers[file.format](file.path, file.encoding)
