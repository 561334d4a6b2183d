"""The questions of `harvest init`: each answer is checked where it is given, so that none is lost at the end."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

_TEXTS = (
    ("name", "Name of the event, edition included", None),
    ("timezone", "Time zone of the venue", "Asia/Tokyo"),
    ("starts", "First day (2026-11-30)", None),
    ("ends", "Last day (Enter: the same)", ""),
)
_LISTS = (
    ("names", "Other spellings, separated by commas"),
    ("hashtags", "Hashtags, separated by commas"),
    ("official_hosts", "Sites of the organiser or vendor, separated by commas"),
    ("organisers", "Organisers: names, platform:handle or addresses, separated by commas"),
    ("event_urls", "Pages of the event, separated by commas"),
    ("feeds", "Feeds to read, separated by commas"),
)
_MEDIA = "Name=host[,feed address]"
_COMMAS = re.compile("[,、，]")


def ask_for(values: dict[str, Any], file: str | None, free: Callable[[Path], None]) -> str:
    """Fill in what is missing: what is required until it is good, the most useful rest by Enter or not.

    `free` raises ConfigError for a path that cannot be written. Returns the file's name.
    """
    for key, question, default in _TEXTS:
        if not values.get(key):
            _ask(values, key, question, _one, default)
    _ask_slug(values, name_of(file or "") or values["name"])
    for key, question in _LISTS:
        if not values.get(key):
            _ask(values, key, question, _several, "")
    if not values.get("media"):
        _ask_media(values)
    if not file:
        file = _ask_file(values, free)
        _ask_slug(values, name_of(file) or values["name"])
    for key in [key for key, value in values.items() if not value]:
        del values[key]
    return file


def name_of(file: str) -> str:
    """What a file's name says, without `.toml`; "" for the terminal."""
    return "" if file == "-" else Path(file).stem


def outlet(entry: str) -> dict[str, Any]:
    """`Name=host[,host][,feed address]` as a [[media]] block. Raises click.BadParameter."""
    name, equals, rest = entry.partition("=")
    parts = [part.strip() for part in rest.split(",") if part.strip()]
    feeds = [part for part in parts if "://" in part]
    hosts = [part for part in parts if "://" not in part]
    if not (name.strip() and equals and hosts):
        example = "Publickey=www.publickey1.jp,https://www.publickey1.jp/atom.xml"
        raise click.BadParameter(f"{entry!r}; write {_MEDIA}, as {example}", param_hint="--media")
    if len(feeds) > 1:
        raise click.BadParameter(f"{entry!r} has more than one feed; add the others with --feed", param_hint="--media")
    return {"name": name.strip(), "hosts": hosts, **({"feed": feeds[0]} if feeds else {})}


def _ask(values: dict[str, Any], key: str, question: str, read: Callable[[str], Any], default: str | None) -> None:
    """Ask for one key until its answer goes with everything answered before."""

    def checked(answer: str) -> Any:
        from harvester.event import faults

        value = read(answer)
        if not value and default != "":
            raise click.BadParameter("it needs one")
        problems = faults({name: told for name, told in {**values, key: value}.items() if told})
        if problems:
            raise click.BadParameter(" ".join(dict.fromkeys(problem for _, problem in problems)))
        return value

    values[key] = click.prompt(question, default=default, value_proc=checked, err=True, show_default=bool(default))


def _one(answer: str) -> str:
    return answer.strip()


def _several(answer: str) -> list[str]:
    return [part.strip() for part in _COMMAS.split(answer) if part.strip()]


def _ask_slug(values: dict[str, Any], source: str) -> None:
    """Ask for a slug where `source` makes none."""
    from harvester.event import slug_from

    if values.get("slug") or slug_from(source):
        return
    made = slug_from(values["name"]) or None
    _ask(values, "slug", "Short name for commands (letters a-z, digits, hyphens)", _one, made)


def _ask_media(values: dict[str, Any]) -> None:
    """Ask for outlets until Enter."""
    question = f"A news outlet as {_MEDIA}; without any, the ratio is unmeasured (Enter: none)"
    known: list[dict[str, Any]] = []

    def with_another(answer: str) -> list[dict[str, Any]]:
        return [*known, outlet(answer)] if answer.strip() else []

    while True:
        _ask(values, "media", question, with_another, "")
        if not values["media"]:
            break
        known[:] = values["media"]
        question = "Another outlet (Enter: no more)"
    values["media"] = known


def _ask_file(values: dict[str, Any], free: Callable[[Path], None]) -> str:
    from harvester.event import slug_from

    def checked(answer: str) -> str:
        try:
            free(Path(answer))
        except ConfigError as error:
            raise click.BadParameter(str(error)) from error
        return answer

    stem = values.get("slug") or slug_from(values["name"])
    file: str = click.prompt("File", default=f"{stem}.toml", value_proc=checked, err=True)
    return file
