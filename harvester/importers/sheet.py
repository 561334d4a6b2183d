"""CSV and TSV as people have them: lines of metadata above the header, tabs in a `.csv`, blanks after commas."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from harvester.errors import InputError
from harvester.importers import Refused
from harvester.importers.files import MAX_LINE, text_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# How many of a row's cells are names of columns we know.
Score = Callable[[list[str]], int]

_DELIMITERS = (",", "\t", ";", "|")
_PREAMBLE = 30
_SAMPLE_LINES = 200
_BESIDES_WORDS = re.compile(r"[\s_\-./:#*'\"‐・]+")
_IN_APOSTROPHES = re.compile(r"\s*'[^']*'\s*[,;|\t]")
_IN_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")

csv.field_size_limit(MAX_LINE)


@dataclass(frozen=True, slots=True)
class Layout:
    """How the file is cut up, and where its header stands (counted in CSV records)."""

    header: tuple[str, ...]
    index: int
    delimiter: str
    quote: str


def plain_name(header: str) -> str:
    """A column name without case, width, blanks, punctuation and remarks in brackets: `投稿日時 (JST)` → `投稿日時`."""
    text = unicodedata.normalize("NFKC", header).casefold()
    return _BESIDES_WORDS.sub("", _IN_BRACKETS.sub("", text) or text).strip("\ufeff")


def layout_of(lines: list[str], score: Score) -> Layout | None:
    """The delimiter and header row under which most known column names appear; None when none does."""
    best: tuple[int, int, int] = (0, 0, 0)
    found = None
    quote = "'" if sum(bool(_IN_APOSTROPHES.match(line)) for line in lines[1:]) * 2 > len(lines) - 1 else '"'
    for delimiter in _DELIMITERS:
        reader = csv.reader(iter(lines), delimiter=delimiter, quotechar=quote, skipinitialspace=True)
        try:
            rows = list(islice(reader, _PREAMBLE))
        except csv.Error:
            continue
        for index, row in enumerate(rows):
            points = (score(row), -index, len(row))
            if points[0] and points > best:
                best, found = points, Layout(tuple(row), index, delimiter, quote)
    return found


def sample_of(path: Path, encoding: str) -> list[str]:
    """The first lines, enough to find a header below some metadata."""
    return list(islice(text_lines(path, encoding), _SAMPLE_LINES))


def rows_of(path: Path, encoding: str, score: Score) -> tuple[Layout, Iterator[tuple[str, list[str] | Refused]]]:
    """The layout, and (where, cells) of each row below the header; rows that are blank do not count as records.

    Raises InputError when no row of the first thirty names a column that we know.
    """
    layout = layout_of(sample_of(path, encoding), score)
    if layout is None:
        raise InputError(
            f"{path}: no header row with a known column (url, text, title, date …); name them with --map column=field"
        )
    return layout, _rows(path, encoding, layout)


def _rows(path: Path, encoding: str, layout: Layout) -> Iterator[tuple[str, list[str] | Refused]]:
    reader = csv.reader(
        text_lines(path, encoding), delimiter=layout.delimiter, quotechar=layout.quote, skipinitialspace=True
    )
    index = -1
    while (row := _next(reader)) is not None:
        index += 1
        if index <= layout.index:
            continue
        where = f"line {reader.line_num}"
        if isinstance(row, Refused) or any(cell.strip() for cell in row):
            yield where, row


def _next(reader: Iterator[list[str]]) -> list[str] | Refused | None:
    try:
        return next(reader, None)
    except csv.Error as error:
        return Refused("bad_row", detail=str(error))


def dicts_of(path: Path, encoding: str, score: Score) -> Iterator[tuple[str, dict[str, str] | Refused]]:
    """(where, {column as written: cell}) for formats whose column names are fixed."""
    layout, rows = rows_of(path, encoding, score)
    names = [name.strip().lstrip("\ufeff") for name in layout.header]
    for where, row in rows:
        yield where, row if isinstance(row, Refused) else dict(zip(names, row, strict=False))
