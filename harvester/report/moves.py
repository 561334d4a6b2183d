"""Why one post is in a count of one report and not of another: the first reason that is enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from harvester.measure.item import lies_in
from harvester.measure.volume import column_of
from harvester.model import COUNTED_RELATIONS

if TYPE_CHECKING:
    from harvester.measure.frame import Frame
    from harvester.measure.item import Item

_FIELDS: Final = (
    ("author kind", "author_kind"), ("relevance", "relevance"), ("kind", "kind"), ("counted", "counted"),
    ("date", "published_at"),
)  # fmt: skip
_WORDS: Final = (("judged by", "decided_by"), ("labelled by", "labelled_by"))


class Move(NamedTuple):
    """A post that came into a count (+1) or left it (-1)."""

    key: str
    sign: int
    why: str


def left(old: Item, new: Item | None, frame: Frame) -> Move:
    """Why a counted post is no longer in its count; `frame` is the later report's."""
    if new is None:
        why = "no longer held"
    elif new.relevance != "confirmed":
        why = f"no longer about the event ({new.relevance or 'not judged'}{_by(new.decided_by)})"
    elif not lies_in(new, frame.window):
        why = "dated out of the window" if old.published_at != new.published_at else "outside the window, which moved"
    elif not new.counted:
        why = f"counted no more ({_not_counted(new)})"
    else:
        why = _other(old, new, "now", new)
    return Move(old.key, -1, why)


def arrived(old: Item | None, new: Item, frame: Frame) -> Move:
    """Why a counted post was not in its count before; `frame` is the earlier report's."""
    if old is None:
        why = "new"
    elif old.relevance != "confirmed":
        why = f"now about the event (was {old.relevance or 'not judged'}{_by(new.decided_by)})"
    elif not lies_in(old, frame.window):
        why = "dated into the window" if old.published_at != new.published_at else "inside the window, which moved"
    elif not old.counted:
        why = f"counted now (was {_not_counted(old)})"
    else:
        why = _other(new, old, "was", new)
    return Move(new.key, 1, why)


def _not_counted(item: Item) -> str:
    if item.relation not in COUNTED_RELATIONS:
        return item.relation.replace("_", " ")
    return item.not_counted_reason or "not counted"


def _other(here: Item, there: Item, when: str, new: Item) -> str:
    """The other group or kind of author that a post has in the other report; `new` says whose word the change was."""
    if here.group != there.group:
        return f"another kind of post ({when} {there.kind})"
    return f"relabelled ({when} {column_of(there.author_kind)}{_by(new.labelled_by)})"


def _by(whose: str) -> str:
    """Whose word it is, where that is known: reports frozen before it was kept say nothing."""
    return {"human": ", a human's word", "import": ", by an import", "rules": ", by the rules"}.get(whose, "")


def fields_changed(old: Item | None, new: Item | None) -> list[tuple[str, str, str]]:
    """(what, before, after) for what is judged, counted or dated otherwise; `post` for one that came or went."""
    if old is None or new is None:
        return [("post", "" if old is None else "there", "" if new is None else "there")]
    told = [(name, _told(old, field), _told(new, field)) for name, field in _FIELDS]
    # Whose word it was is news only where both reports know it: the older ones do not.
    told += [(name, getattr(old, field) or getattr(new, field), getattr(new, field) or getattr(old, field))
             for name, field in _WORDS]  # fmt: skip
    return [(name, before, after) for name, before, after in told if before != after]


def _told(item: Item, field: str) -> str:
    if field == "counted":
        return "yes" if item.counted else f"no ({_not_counted(item)})"
    if field == "published_at":
        at = item.published_at
        return "undated" if at is None else f"{at:%Y-%m-%d %H:%M} ({item.precision})"
    return str(getattr(item, field)) or "none"
