"""What a human's word changed: the judgements and the ratio of an event before and after."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from harvester.classify.queue import Counts
from harvester.cli._table import table

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from harvester.measure.item import Item
    from harvester.store.connection import Connection

_MANY = 20  # changed lines that are shown
_GONE: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class State:
    """What holds at one moment: labels and posts as `store.review.judged` tells them, and the published ratio."""

    labels: Mapping[str, Mapping[str, Any]]
    posts: Mapping[str, Mapping[str, Any]]
    counts: Counts


class Change(NamedTuple):
    """One field of one author or post; a label that is not there has no values."""

    subject: str
    field: str
    before: Any
    after: Any


def written_stories(conn: Connection, event: str, items: list[Item], now: datetime) -> list[Item]:
    """Of an event's items the stories that the published ratio counts, whoever wrote them: those of measure M02."""
    from harvester.classify import RULES_VERSION
    from harvester.measure.frame import counted
    from harvester.store.items import load_frame

    frame = load_frame(conn, event, as_of=now, rules=RULES_VERSION)
    return [item for item in counted(items, frame) if item.group == "written"]


def counts_of(items: list[Item]) -> Counts:
    """Participants' and media's stories."""
    kinds = Counter(item.author_kind for item in items)
    return Counts(kinds["participant"], kinds["media"])


def look(conn: Connection, event: str, now: datetime) -> State:
    """The state of an event now."""
    from harvester.store.items import load_items
    from harvester.store.review import judged

    stories = written_stories(conn, event, load_items(conn, event), now)
    return State(*judged(conn, event), counts_of(stories))


def difference(before: State, after: State) -> list[Change]:
    """Every field that changed, by subject; authors before posts."""
    found = []
    for old, new in ((before.labels, after.labels), (before.posts, after.posts)):
        for subject in sorted(old.keys() | new.keys()):
            was, now = old.get(subject, _GONE), new.get(subject, _GONE)
            names = dict.fromkeys((*was, *now))
            found += [
                Change(subject, name, was.get(name), now.get(name)) for name in names if was.get(name) != now.get(name)
            ]
    return found


def lines(changes: list[Change], before: Counts, after: Counts, spoken_of: Collection[str]) -> list[str]:
    """A line for each change, those of `spoken_of` first, then what became of the ratio."""
    ordered = sorted(changes, key=lambda change: change.subject not in spoken_of)
    rows = [(c.subject, c.field, _value(c.field, c.before), f"→ {_value(c.field, c.after)}") for c in ordered[:_MANY]]
    found = table(("changed", "", "before", "after"), rows, indent=2) if rows else ["  changed  nothing"]
    if len(changes) > _MANY:
        found.append(f"  … and {len(changes) - _MANY} more")
    moved = f"{ratio(before)} → {ratio(after)}" if before != after else f"{ratio(after)}, as before"
    return [*found, f"  written stories, participant : media  {moved}"]


def ratio(counts: Counts) -> str:
    """`12 : 5 (2.40)`; the quotient only where there is one."""
    told = f"{counts.participant} : {counts.media}"
    return f"{told} ({counts.participant / counts.media:.2f})" if counts.media else told


def _value(field: str, value: Any) -> str:
    if value is None:
        return "none"
    return ("yes" if value else "no") if field in ("counted", "incentivised") else str(value)
