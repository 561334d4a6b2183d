"""Lists of people in an event file or beside it: strings, tables, CSV with or without a header, one a line."""

from __future__ import annotations

import csv
import difflib
import io
import re
from typing import TYPE_CHECKING, Any, Final

from harvester import platforms
from harvester.event.columns import is_absent, meaning
from harvester.event.data import Person, identity_of
from harvester.event.keys import PERSON_KEYS
from harvester.text import clean, fold

if TYPE_CHECKING:
    from collections.abc import Callable

_ANY_HANDLE: Final = re.compile(r"\S+")
# An address without its scheme, as people type it into a form.
_BARE: Final = re.compile(r"(?:[a-z0-9][\w-]*\.)+[a-z]{2,}(?:/\S*)?", re.IGNORECASE)
_SEPARATORS: Final = re.compile(r"[\s、，,;]+")
_NOTHING: Final = frozenset(
    {"なし", "無し", "無", "ない", "特になし", "未登録", "none", "n/a", "no", "-", "--", "ー", "―", "x", "×"}
)
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
    """People of a list file: CSV, TSV or semicolons with a header of known columns, else one person a line.

    Rows whose status says that somebody cancelled, waits or did not come are left out.
    """
    rows = [row for row in _rows(text.removeprefix("\ufeff")) if any(cell.strip() for cell in row)]
    if not rows:
        tell("", f"{name} is empty; remove the key or fill the file")
        return []
    header = [fold(cell.strip()) for cell in rows[0]]
    if not any(meaning(cell).kind for cell in header):
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


def _from_row(header: list[str], row: list[str], name: str, tell: Callable[[str, str], None]) -> Person | None:
    person: dict[str, Any] = {"handles": []}
    parts: dict[str, str] = {}
    for column, cell in zip(header, row, strict=False):
        value, found = clean(cell), meaning(column)
        if found.kind == "status" and is_absent(fold(value)):
            return None
        if not value or not found.kind:
            continue
        if found.kind in ("name", "organisation"):
            person.setdefault(found.kind, value)
        elif found.kind in ("family", "given"):
            parts.setdefault(found.kind, value)
        elif found.kind == "reference":
            person["handles"] += filter(None, map(_reference, _SEPARATORS.split(value)))
        elif found.kind == "account":
            person["handles"] += _account(found.platform, value)
    if parts and "name" not in person:
        person["name"] = _whole(parts)
    if len(person) == 1 and not person["handles"]:
        return None
    return from_entry(person, _in_file(name, tell))


def _reference(word: str) -> str:
    """An account or address in a cell, "" for what is none: forms are full of "なし" and "-"."""
    if not identity_of(word)[0] and _BARE.fullmatch(word):
        word = f"https://{word}"
    return word if identity_of(word)[0] else ""


def _account(platform: str, value: str) -> list[str]:
    """What a platform's column names: an address as it stands, else a handle that the platform can have."""
    if "://" in value or ("/" in value and _BARE.fullmatch(value)):
        found = _reference(value)
        return [found] if found else []
    reference = f"{platform}:{value}"
    return [reference] if fold(value) not in _NOTHING and _possible(*identity_of(reference)) else []


def _whole(parts: dict[str, str]) -> str:
    """Family and given name as their script puts them together."""
    family, given = parts.get("family", ""), parts.get("given", "")
    order = (given, family) if f"{family}{given}".isascii() else (family, given)
    return " ".join(part for part in order if part)


def _in_file(name: str, tell: Callable[[str, str], None]) -> Callable[[str, str], None]:
    return lambda _, problem: tell("", f"{name}: {problem}")
