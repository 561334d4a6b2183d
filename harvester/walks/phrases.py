"""An event's names as phrases for searches that charge by the question. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvester.text import fold, tag_key

if TYPE_CHECKING:
    from harvester.event import Event


def phrases(event: Event) -> list[str]:
    """Each name once, without quotes, and without those that hold another name: whoever writes them writes that too."""
    names = {fold(name): " ".join(name.replace('"', " ").split()) for name in (event.name, *event.names)}
    return [name for key, name in names.items() if not any(_holds(key, other) for other in names if other != key)]


def searches(event: Event) -> list[str]:
    """The same in quotes, one for all spellings that differ in spaces and signs only: each costs a search."""
    names: dict[str, str] = {}
    for name in phrases(event):
        names.setdefault("".join(char for char in fold(name) if char.isalnum()), name)
    return [f'"{name}"' for name in names.values()]


def specific_tags(event: Event) -> list[str]:
    """The hashtags that are no word of a language, because they hold a digit; each once, without its #."""
    tags = {tag_key(tag): tag.strip().lstrip("#＃") for tag in event.hashtags}
    return [tag for key, tag in tags.items() if any(char.isdigit() for char in key)]


def _holds(name: str, other: str) -> bool:
    return f" {other} " in f" {name} "
