"""An event file's text made to stand alone: with its slug, and with the lists of other files written into it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from harvester.event.keys import LISTS_OF_PEOPLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harvester.event.data import Event, Person


def self_contained(text: str, event: Event, given: Mapping[str, Any]) -> str:
    """The text of a sound file; `given` is the document it holds, `event` what was read from it and its lists."""
    if "slug" not in given:
        text = f"slug = {json.dumps(event.slug)}\n{text}"
    for key in LISTS_OF_PEOPLE:
        if f"{key}_file" in given:
            people: tuple[Person, ...] = getattr(event, key)
            entries = "".join(f"  {_inline(person)},\n" for person in people)
            text = _with_line(text, rf"""["']?{key}_file["']?\s*=""", f"{key} = [\n{entries}]")
    if "outlets_file" in given:
        rows = "".join(f"  {{ name = {_quoted(o.name)}, hosts = {json.dumps(o.hosts)} }},\n" for o in event.outlets)
        text = _with_line(text, r"""["']?outlets_file["']?\s*=""", f"outlets = [\n{rows}]")
    return text


def _with_line(text: str, begins: str, made: str) -> str:
    """The text with its first line that begins so replaced."""
    return re.sub(rf"(?m)^\s*{begins}.*$", lambda _: made, text, count=1)


def _inline(person: Person) -> str:
    """A person as an inline TOML table."""
    parts = [f"name = {_quoted(person.name)}"] if person.name else []
    if person.handles:
        parts.append(f"handles = [{', '.join(map(_quoted, person.handles))}]")
    if person.organisation:
        parts.append(f"organisation = {_quoted(person.organisation)}")
    return "{ " + ", ".join(parts) + " }"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
