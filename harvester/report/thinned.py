"""A frozen report without somebody: the posts go from its list, and what names them or their author from its numbers.

The numbers themselves stay. A row about one person goes; in every other row the entries of lists that tell of what is
erased go, and what stands alone says `forgotten`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, Protocol

from harvester.report.freeze import pack, unpack
from harvester.report.rows import as_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FORGOTTEN: Final = "forgotten"
# The parts of a frame that can name people; the others are the event's own.
_TELLING: Final = ("asked", "typed")
# Keys of what a person is called. Elsewhere a name is looked for only in longer texts: "media" is a column of ours.
_CALLED: Final = ("name", "who", "whose", "author", "author_name")
_OUR_WORD: Final = re.compile(r"[A-Za-z0-9_.]*")


class Gone(Protocol):
    """What is erased."""

    def has(self, post: Mapping[str, Any]) -> bool:
        """Whether a post (an object with a key, an address or an author) goes."""

    def called(self, name: str) -> bool:
        """Whether somebody who goes is called exactly so."""

    def named(self, text: str) -> bool:
        """Whether a text names a post or a person that goes."""

    def addressed(self, text: str) -> bool:
        """Whether a text holds an address that goes."""


def thinned(numbers: str, items: str, gone: Gone) -> tuple[str, str]:
    """Both texts without what is erased, the same ones when nothing of it is in them. Raises ValueError."""
    return _rewritten(numbers, gone, _numbers), _rewritten(items, gone, _posts)


def _rewritten(text: str, gone: Gone, change: Callable[[Any, Gone], Any]) -> str:
    value = json.loads(unpack(text))
    made = change(value, gone)
    return text if made == value else pack(as_json(made))


def _posts(posts: list[Any], gone: Gone) -> list[Any]:
    return [_post(post, gone) for post in posts if not gone.has(post)]


def _post(post: dict[str, Any], gone: Gone) -> dict[str, Any]:
    """Somebody else's post: of it only the reasons may point at what is erased."""
    reasons = post.get("reasons")
    if not reasons or not gone.addressed(reasons):
        return post
    try:
        told = json.loads(reasons)
    except ValueError:
        told = None
    kept = [one for one in told if not gone.addressed(as_json(one))] if isinstance(told, list) else []
    return post | {"reasons": as_json(kept)}


def _numbers(head: dict[str, Any], gone: Gone) -> dict[str, Any]:
    made = dict(head)
    if "metrics" in made:
        made["metrics"] = [_row(row, gone) for row in made["metrics"] if not _about(row, gone)]
    if "frame" in made:
        lists = {name: _without(made["frame"][name], gone) for name in _TELLING if name in made["frame"]}
        made["frame"] = made["frame"] | lists
    return made


def _row(row: dict[str, Any], gone: Gone) -> dict[str, Any]:
    internal = "internal" in row.get("flags", ())
    parts = {name: _without(row[name], gone, people=internal) for name in ("by", "variants") if name in row}
    return row | parts


def _about(row: dict[str, Any], gone: Gone) -> bool:
    """Whether a row is about what is erased: its kind is, or what it says of it first."""
    told = [("kind", row.get("kind")), *(pair for part in ("by", "variants") for pair in row.get(part, {}).items())]
    return any(_tells(value, gone, name) for name, value in told if isinstance(value, str))


def _without(value: Any, gone: Gone, name: str = "", *, people: bool = False) -> Any:
    """A value without entries that tell of it. `people`: counts may stand under people's names."""
    if isinstance(value, list):
        return [_without(entry, gone, people=people) for entry in value if not _tells(entry, gone)]
    if isinstance(value, dict):
        counts = people and all(type(entry) is int for entry in value.values())
        return {
            key: _without(entry, gone, key, people=people)
            for key, entry in value.items()
            if not (_tells(key, gone) or (counts and gone.called(key)))
        }
    return FORGOTTEN if _tells(value, gone, name) else value


def _tells(value: Any, gone: Gone, name: str = "") -> bool:
    """Whether a value says anything of it in itself; lists inside have entries of their own."""
    if isinstance(value, dict):
        inside = ((key, entry) for key, entry in value.items() if not isinstance(entry, list))
        return gone.has(value) or any(_tells(entry, gone, key) for key, entry in inside)
    if not isinstance(value, str):
        return False
    return (name in _CALLED and gone.called(value)) or (not _OUR_WORD.fullmatch(value) and gone.named(value))
