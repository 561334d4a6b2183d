"""What a human can say about authors and posts: fields and their values, what contradicts what, which words stand.

Words are only ever added. A word that was taken back stays in the log, followed by one whose value is `WITHDRAWN`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from harvester.classify.role import SIDE_OF
from harvester.model import ATTENDANCE, AUTHOR_KINDS, RELEVANCE, SIDES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

WITHDRAWN: Final = "withdrawn"
SUBKINDS: Final = ("attendee", "speaker", "corporate")
_FLAG: Final = ("yes", "no")
OF_AUTHORS: Final[Mapping[str, tuple[str, ...]]] = {
    "kind": AUTHOR_KINDS, "side": SIDES, "subkind": SUBKINDS, "attendance": ATTENDANCE,
}  # fmt: skip
OF_POSTS: Final[Mapping[str, tuple[str, ...]]] = {"relevance": RELEVANCE, "counted": _FLAG, "incentivised": _FLAG}
FIELDS: Final = {**OF_AUTHORS, **OF_POSTS}
_FLAGS: Final = {"1": "yes", "true": "yes", "0": "no", "false": "no"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One line of the log: `field` is `value`, or (`WITHDRAWN`) the latest word about it no longer holds."""

    field: str
    value: str
    at: str
    who: str = ""
    why: str = ""


def value_of(field: str, text: str) -> str:
    """A value as it is stored, however it was written; "" for what the field does not know."""
    plain = text.strip().casefold()
    if FIELDS.get(field) is _FLAG:
        plain = _FLAGS.get(plain, plain)
    return plain if plain in FIELDS.get(field, ()) else ""


def clash(fields: Mapping[str, str]) -> str:
    """Why these values cannot hold together, with the repair; "" when they can."""
    kind, side = fields.get("kind", ""), fields.get("side", "")
    if kind and side and SIDE_OF.get(kind, side) != side:
        return f"kind {kind} is on the side {SIDE_OF[kind]}, not {side}; give one of the two"
    return _people(kind, side, fields) or _posts(fields)


def _people(kind: str, side: str, fields: Mapping[str, str]) -> str:
    subkind, attendance = fields.get("subkind", ""), fields.get("attendance", "")
    if subkind and kind not in ("", "participant"):
        return f"subkind {subkind} is one of participants, not of kind {kind}; leave it out"
    if subkind and side not in ("", "community"):
        return f"subkind {subkind} is one of participants, who are on the side community, not {side}; leave it out"
    if kind == "participant" and attendance == "none":
        return "a participant was there: attendance is listed or claimed; who was not there is independent"
    if kind == "independent" and attendance in ("listed", "claimed"):
        return f"independent means that nothing says they were there; with attendance {attendance} it is participant"
    return ""


def _posts(fields: Mapping[str, str]) -> str:
    relevance = fields.get("relevance", "confirmed")
    if relevance != "confirmed" and value_of("counted", fields.get("counted", "")) == "yes":
        return f"a post that is {relevance} is never counted; give relevance confirmed, or leave out counted"
    return ""


def standing(log: Iterable[Word]) -> dict[str, Word]:
    """The words about one subject that hold, by field; the log in order.

    A withdrawal takes back the latest word before it about its field, so that the one before that holds again. A
    later word sets an earlier one aside that contradicts it.
    """
    kept: list[Word] = []
    for word in log:
        if word.value != WITHDRAWN:
            kept.append(word)
            continue
        last = next((i for i in reversed(range(len(kept))) if kept[i].field == word.field), None)
        if last is not None:
            del kept[last]
    found: dict[str, Word] = {}
    for word in kept:
        found = {
            name: held
            for name, held in found.items()
            if name != word.field and not clash({name: held.value, word.field: word.value})
        }
        found[word.field] = word
    return found
