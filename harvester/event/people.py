"""Lists of people in an event file or beside it: strings, tables, CSV with or without a header, one a line."""

from __future__ import annotations

import csv
import difflib
import io
import re
from typing import TYPE_CHECKING, Any, Final

from harvester import platforms
from harvester.event.data import Person, identity_of
from harvester.event.keys import PERSON_KEYS
from harvester.text import clean, fold

if TYPE_CHECKING:
    from collections.abc import Callable

_NAME_COLUMNS: Final = frozenset({"name", "full name", "名前", "氏名", "表示名", "ニックネーム", "display name"})
_ORGANISATION_COLUMNS: Final = frozenset(
    {"organisation", "organization", "company", "employer", "会社", "会社名", "所属"}
)
_REFERENCE_COLUMNS: Final = frozenset({"handle", "handles", "url", "urls", "blog", "website", "ブログ", "アカウント"})
# Columns whose plain values are handles on one platform; connpass exports its members as ユーザー名.
_PLATFORM_COLUMNS: Final = {
    "ユーザー名": "connpass",
    "user name": "connpass",
    "username": "connpass",
    "x アカウント": "x",
}

_ANY_HANDLE: Final = re.compile(r"\S+")
_HANDLES: Final = {"x": re.compile(r"[A-Za-z0-9_]+"), "github": re.compile(r"[A-Za-z0-9_-]+")}


def reference_problem(reference: str) -> str:
    """What is wrong with a reference to an account and how to repair it, "" when it is good."""
    platform, handle = identity_of(reference)
    if not platform:
        return f'{reference!r} names no account; write `platform:handle` ("x:@name", "qiita:name") or an address'
    if platform not in platforms.names():
        known = sorted(platforms.names() | platforms.KNOWN_ALIASES.keys())
        close = difflib.get_close_matches(platform, known, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}"
        return f"{platform!r} in {reference!r} is not a platform harvester knows; {hint}"
    if not _possible(platform, handle):
        return f"{reference!r}: {platform} has no such handles; check it for blanks, signs and missing letters"
    return ""


def _possible(platform: str, handle: str) -> bool:
    """Whether a platform can have such a handle; only what is certain is refused."""
    if platform == "web":
        return bool(handle)
    return bool(_HANDLES.get(platform, _ANY_HANDLE).fullmatch(handle))


def from_entry(entry: Any, tell: Callable[[str, str], None]) -> Person | None:
    """One list entry, a string or a table, as a Person; `tell(value, problem)` and None when it is neither."""
    if isinstance(entry, str):
        return _from_string(clean(entry), tell)
    if not isinstance(entry, dict):
        tell(str(entry), f"{entry!r} is not a person; write a name, `platform:handle`, an address, or a table")
        return None
    for key in entry:
        if key not in PERSON_KEYS:
            close = difflib.get_close_matches(key, PERSON_KEYS, n=1)
            tell(
                key,
                f"unknown key {key!r}; {f'did you mean {close[0]!r}?' if close else 'use ' + ', '.join(PERSON_KEYS)}",
            )
    handles = entry.get("handles", [])
    handles = [handles] if isinstance(handles, str) else handles
    texts = [entry.get("name", ""), entry.get("organisation", ""), entry.get("handle", ""), entry.get("url", "")]
    if not isinstance(handles, list) or not all(isinstance(text, str) for text in [*texts, *handles]):
        tell("", "name, handle, url and organisation are strings, handles a list of strings; quote them")
        return None
    references = [text for text in (*handles, *texts[2:]) if text]
    for reference in references:
        problem = reference_problem(reference)
        if problem:
            tell(reference, problem)
    if not texts[0] and not references:
        tell("", "a person without name or handle; give one of them")
        return None
    return Person(name=clean(texts[0]), handles=tuple(dict.fromkeys(references)), organisation=clean(texts[1]))


def _from_string(text: str, tell: Callable[[str, str], None]) -> Person | None:
    if not text:
        tell("", "an empty name; remove it")
        return None
    if not identity_of(text)[0] and not _looks_like_reference(text):
        return Person(name=text)
    problem = reference_problem(text)
    if problem:
        tell(text, problem)
        return None
    return Person(handles=(text,))


def _looks_like_reference(text: str) -> bool:
    return "://" in text or text.startswith("@")


def from_file(text: str, name: str, tell: Callable[[str, str], None]) -> list[Person]:
    """People of a list file: CSV, TSV or semicolons with a header of known columns, else one person a line."""
    rows = [row for row in _rows(text.removeprefix("\ufeff")) if any(cell.strip() for cell in row)]
    if not rows:
        tell("", f"{name} is empty; remove the key or fill the file")
        return []
    header = [fold(cell.strip()) for cell in rows[0]]
    if not any(_known_column(cell) for cell in header):
        lines = (row[0] for row in rows if row and not row[0].lstrip().startswith("#"))
        people = [from_entry(line, _in_file(name, tell)) for line in lines]
        return [person for person in people if person]
    people = [_from_row(header, row, name, tell) for row in rows[1:]]
    return [person for person in people if person]


def _rows(text: str) -> list[list[str]]:
    first = text.partition("\n")[0]
    delimiter = max(",\t;", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error:
        return [[line] for line in text.splitlines()]


def _known_column(cell: str) -> bool:
    columns = _NAME_COLUMNS | _ORGANISATION_COLUMNS | _REFERENCE_COLUMNS | _PLATFORM_COLUMNS.keys()
    return cell in columns or bool(_platform_of(cell))


def _platform_of(column: str) -> str:
    platform = platforms.KNOWN_ALIASES.get(column, column)
    return _PLATFORM_COLUMNS.get(column) or (platform if platform in platforms.names() - {"web"} else "")


def _from_row(header: list[str], row: list[str], name: str, tell: Callable[[str, str], None]) -> Person | None:
    person: dict[str, Any] = {"handles": []}
    for column, cell in zip(header, row, strict=False):
        value = clean(cell)
        if not value:
            continue
        platform = _platform_of(column)
        if column in _NAME_COLUMNS:
            person["name"] = value
        elif column in _ORGANISATION_COLUMNS:
            person["organisation"] = value
        elif column in _REFERENCE_COLUMNS:
            person["handles"] += value.split()
        elif platform:
            reference = value if "://" in value else f"{platform}:{value}"
            if "://" in value or _possible(*identity_of(reference)):  # forms are full of "なし" and "-"
                person["handles"].append(reference)
    if len(person) == 1 and not person["handles"]:
        return None
    return from_entry(person, _in_file(name, tell))


def _in_file(name: str, tell: Callable[[str, str], None]) -> Callable[[str, str], None]:
    return lambda _, problem: tell("", f"{name}: {problem}")
