"""Words of a human in a table: `subject,field,value`, or `subject` and a column for each field; `why` and `who` beside.

Read whole and checked whole: a table with one bad line says nothing at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from harvester.classify.said import FIELDS, value_of
from harvester.cli._subjects import allowed, fault, meant
from harvester.errors import ConfigError, HarvestError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harvester.store.connection import Connection
    from harvester.store.overrides import About

_COLUMNS: Final = ("subject", "field", "value", "why", "who", *FIELDS)
# Other names under which the subject stands in tables of ours.
_SUBJECT: Final = {"author": "subject", "post": "subject", "url": "subject", "key": "subject"}
_LINE: Final = re.compile(r"line (\d+)")
_SHAPE: Final = "the first row names the columns: subject, field, value (or subject and kind, relevance …), why"


@dataclass(slots=True, kw_only=True)
class Told:
    """All that a table says of one subject; `lines` where each field stands."""

    about: About
    fields: dict[str, str] = field(default_factory=dict)
    lines: dict[str, str] = field(default_factory=dict)
    why: str = ""
    who: str = ""


def read(conn: Connection, event: str, path: Path) -> list[Told]:
    """What each subject is said to be, in the table's order. Raises ConfigError with every problem, by its line."""
    found: dict[tuple[str, int | None, int | None], Told] = {}
    problems: list[str] = []
    for where, row in _rows(path):
        try:
            _take(conn, event, found, where, row)
        except _Problems as wrong:
            problems += [f"{path}: {where}: {text}" for text in wrong.texts]
    for told in found.values():
        if text := fault(conn, told.about, told.fields):
            where = ", ".join(dict.fromkeys(told.lines.values()))
            problems.append(f"{path}: {where}: {text}")
    problems.sort(key=lambda problem: int(_LINE.findall(problem.removeprefix(f"{path}: "))[0]))
    if not found and not problems:
        problems.append(f"{path}: no row below the header says anything; {_SHAPE}")
    if problems:
        raise ConfigError("\n".join(problems), (*problems, "Nothing was stored; mend the file and give it again."))
    return list(found.values())


class _Problems(Exception):
    """All that is wrong with one row."""

    def __init__(self, *texts: str) -> None:
        super().__init__(*texts)
        self.texts = texts


def _rows(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """(`line 3`, cells by column) of each row that is not blank."""
    from harvester.importers import Refused
    from harvester.importers.files import encoding_of, head_of
    from harvester.importers.sheet import layout_of, rows_of, sample_of

    def known(row: list[str]) -> int:
        return sum(_name(cell) in _COLUMNS for cell in row)

    encoding = encoding_of(path, head_of(path))
    layout = layout_of(sample_of(path, encoding), known)
    names = [_name(cell) for cell in layout.header] if layout else []
    if "subject" not in names or not {"field", *FIELDS} & set(names):
        raise InputError(f"{path}: no header row that we know; {_SHAPE}")
    unknown = [
        cell
        for cell, name in zip(layout.header if layout else (), names, strict=True)
        if cell.strip() and name not in _COLUMNS
    ]
    if unknown:
        raise InputError(f"{path}: no column {unknown[0]!r}; columns are {', '.join(_COLUMNS)}")
    for where, row in rows_of(path, encoding, known)[1]:
        if isinstance(row, Refused):
            raise InputError(f"{path}: {where}: {row.detail}; save it as CSV again")
        yield where, {name: cell.strip() for name, cell in zip(names, row, strict=False) if name}


def _name(header: str) -> str:
    from harvester.importers.sheet import plain_name

    plain = plain_name(header)
    return _SUBJECT.get(plain, plain)


def _take(
    conn: Connection, event: str, found: dict[tuple[str, int | None, int | None], Told], where: str, row: dict[str, str]
) -> None:
    """One row into what is told of its subject. Raises _Problems."""
    fields, texts = _fields(row)
    try:
        if not row.get("subject"):
            raise InputError("subject is empty; name a post or an author")
        about = meant(conn, event, row["subject"])
    except HarvestError as error:
        raise _Problems(*texts, str(error)) from error
    told = found.setdefault(about.ids, Told(about=about))
    for name, value in fields.items():
        if told.fields.setdefault(name, value) != value:
            texts.append(f"{name} {value}, but {told.lines[name]} says {told.fields[name]} of {about.key}; keep one")
        told.lines.setdefault(name, where)
    told.why, told.who = told.why or row.get("why", ""), told.who or row.get("who", "")
    if texts:
        raise _Problems(*texts)


def _fields(row: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """(fields with good values, what is wrong with the others)."""
    told = {name: row[name] for name in FIELDS if row.get(name)}
    if name := row.get("field", "").casefold():
        told[name] = row.get("value", "")
    good, texts = {}, []
    for name, text in told.items():
        if name not in FIELDS:
            texts.append(f"no field {name!r}; fields are {', '.join(FIELDS)}")
        elif value := value_of(name, text):
            good[name] = value
        else:
            texts.append(f"{name} cannot be {text!r}; it is one of {allowed(name)}")
    if not told:
        texts.append("says nothing; give a field and its value")
    return good, texts
