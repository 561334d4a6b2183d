"""Bytes on disk as JSON values or lines of text, whatever the encoding; bounded in memory.

Encodings: UTF-8, UTF-16 (with or without a byte order mark), CP932 and EUC-JP, which is what exports made in Japan
come in. Anything else is refused with the repair, never read as mojibake.
"""

from __future__ import annotations

import codecs
import json
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import msgspec

from harvester.errors import InputError
from harvester.importers import Refused
from harvester.text import safe_json_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HEAD = 64 << 10
MAX_LINE = 64 << 20
MAX_DOCUMENT = 256 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What Python makes of bytes that cp932 does not assign.
_NO_CP932 = frozenset("\x80\xa0\uf8f1\uf8f2\uf8f3")
_CONTROL = bytes(set(range(32)) - {9, 10, 12, 13, 26, 27})


def head_of(path: Path) -> bytes:
    """The first 64 KiB. Raises InputError for what is missing, a folder, unreadable or empty."""
    if path.is_dir():
        raise InputError(f"{path}: is a folder; name the files in it")
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    if not head.strip(b" \t\r\n\0"):
        raise InputError(f"{path}: empty file" if not head else f"{path}: holds nothing but blanks")
    return head


def encoding_of(path: Path, head: bytes) -> str:
    """The encoding of the whole file, by decoding all of it strictly. Raises InputError for binary or unknown."""
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    if wide := _wide(head):
        return wide
    if b"\0" in head or len(head.translate(None, _CONTROL)) < len(head) * 0.98:
        raise InputError(f"{path}: a binary file, not text")
    if b"\x1b$" in head and decodes(path, "iso2022_jp_ext"):
        return "iso2022_jp_ext"
    if head.lstrip()[:1] in (b"{", b"[") or decodes(path, "utf-8"):
        return "utf-8"  # JSON is UTF-8 by definition: a line that is not is refused by itself
    found = [name for name in ("cp932", "euc_jis_2004") if decodes(path, name)]
    if not found:
        raise InputError(f"{path}: neither UTF-8, UTF-16, CP932 nor EUC-JP; save it as UTF-8")
    # EUC-JP bytes often pass for CP932, then as a run of half-width katakana that nobody writes.
    return found[-1] if _half_width_share(head) > 0.2 else found[0]


def _wide(head: bytes) -> str:
    """UTF-16 without a mark: ASCII markup leaves every other byte zero."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) / 2
    if odd > half * 0.2 and even < half * 0.01:
        return "utf-16-le"
    return "utf-16-be" if even > half * 0.2 and odd < half * 0.01 else ""


def _half_width_share(head: bytes) -> float:
    text = head.decode("cp932", "ignore")
    wide = [c for c in text if c > "\x7f"]
    return sum("｡" <= c <= "ﾟ" for c in wide) / max(1, len(wide))


def decodes(path: Path, encoding: str) -> bool:
    """Whether every byte of the file is text in `encoding`; reads it once, in pieces."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            for piece in iter(partial(file.read, 1 << 20), b""):
                text = decoder.decode(piece)
                if encoding == "cp932" and not _NO_CP932.isdisjoint(text):
                    return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def text_lines(path: Path, encoding: str) -> Iterator[str]:
    """Lines with their ends kept, NULs taken out (csv refuses them)."""
    with path.open(encoding=encoding, newline="") as file:
        for line in file:
            yield line.replace("\0", "") if "\0" in line else line


def whole_text(path: Path, encoding: str, limit: int = MAX_DOCUMENT) -> str:
    """A file that only makes sense as a whole. Raises InputError above `limit` bytes."""
    if path.stat().st_size > limit:
        raise InputError(f"{path}: larger than {limit >> 20} MiB in one piece; give one record a line")
    return path.read_bytes().decode(encoding, "replace")


def json_records(path: Path, encoding: str) -> Iterator[tuple[str, Any]]:
    """(where, value) for each value of a JSON-lines file, each element of an array, or the one object.

    A line that cannot be read comes as (where, Refused).
    """
    with path.open("rb") as file:
        first = _first_line(file, encoding)
    if first[-1:] in (b"{", b"[", b","):  # a value that goes on over the line's end: one document
        values: Iterable[tuple[str, Any]] = [("", loads(whole_text(path, encoding).encode("utf-8", "replace")))]
    else:
        values = ((f"line {n}", loads(line)) for n, line in _lines(path, encoding))
    for where, value in values:
        if isinstance(value, list):
            yield from ((f"{where} record {n}".strip(), element) for n, element in enumerate(value, 1))
        else:
            yield where or "the file", value


def loads(line: bytes) -> Any:
    """One JSON value, or Refused. Odd but readable JSON (lone surrogates, NaN, raw control characters) is read."""
    if len(line) > MAX_LINE and line.count(b"\n") <= 1:
        return Refused("too_large", detail=f"over {MAX_LINE >> 20} MiB")
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return safe_json_value(json.loads(line, strict=False))
    except RecursionError:
        return Refused("bad_json", detail="nested too deeply")
    except ValueError as error:
        return Refused("bad_json", detail=str(error)[:120])


def _first_line(file: IO[bytes], encoding: str) -> bytes:
    """The first line that is not blank, without its end; empty when it is too long to be the start of more lines."""
    if encoding.startswith("utf-8"):
        for line in iter(partial(file.readline, HEAD), b""):
            if text := line.removeprefix(codecs.BOM_UTF8).strip():
                return text if line.endswith(b"\n") else b""  # a line of more than 64 KiB is whole in itself
        return b""
    return next((line.strip() for _, line in _lines(Path(file.name), encoding)), b"")


def _lines(path: Path, encoding: str) -> Iterator[tuple[int, bytes]]:
    """(line number, UTF-8 bytes) of lines that are not blank; an endless line comes cut, and once."""
    if not encoding.startswith("utf-8"):
        lines = (line.encode("utf-8", "surrogatepass") for line in text_lines(path, encoding))
        yield from ((n, line) for n, line in enumerate(lines, 1) if not line.isspace())
        return
    with path.open("rb") as file:
        number, line = 0, file.readline(MAX_LINE + 1)
        while line:
            number += 1
            if number == 1:
                line = line.removeprefix(codecs.BOM_UTF8)
            if line and not line.isspace():
                yield number, line
            while len(line) > MAX_LINE and not line.endswith(b"\n"):
                line = file.readline(MAX_LINE + 1)
            line = file.readline(MAX_LINE + 1)
