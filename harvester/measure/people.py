"""Who wrote at an edition, who was there, and which edition came before: shared by every measure that counts people.

People are keys (`Item.human`): the confirmed person behind an account, else the account.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from harvester.measure.audit import wilson
from harvester.measure.item import lies_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from harvester.measure.frame import Frame
    from harvester.measure.item import Item
    from harvester.measure.metric import Interval
    from harvester.measure.world import Edition

# What an attendance list says of somebody who was in the room or watched from afar. Who only registered was not there;
# staff run the room and are not its audience.
THERE: Final = frozenset({"attended", "checked_in", "remote", "speaker"})
# A share of fewer people is no statistic.
FEW: Final = 6


def contributors_of(edition: Edition) -> dict[str, frozenset[str]]:
    """Person → volume groups of the counted, confirmed stories they wrote there as a participant, in its window."""
    window = edition.window
    return contributors(item for item in edition.items if window is None or lies_in(item, window))


def contributors(stories: Iterable[Item]) -> dict[str, frozenset[str]]:
    """The same of confirmed posts that lie in the window (`frame.counted` gives them for the event of a frame)."""
    groups: dict[str, set[str]] = {}
    for item in stories:
        if item.counted and item.relevance == "confirmed" and item.author_kind == "participant" and item.human:
            groups.setdefault(item.human, set()).add(item.group)
    return {person: frozenset(found) for person, found in sorted(groups.items())}


def attendees_of(edition: Edition) -> frozenset[str]:
    """Who was there by the attendance list, remote ones included; empty without a list (`listed` tells)."""
    return frozenset(person for person, status in edition.present.items() if status in THERE)


def gave_a_talk(person: str, edition: Edition, groups: Collection[str]) -> bool:
    """Whether they spoke: a talk of theirs was found, or the list or the programme says so. No talk of the vendor's."""
    programme = edition.kinds.get(person) == ("participant", "speaker")
    return "talk" in groups or programme or edition.present.get(person) == "speaker"


def listed(edition: Edition) -> bool:
    """Whether a list says who was there: one of registrations alone does not."""
    return any(status in THERE for status in edition.present.values())


def harvested(edition: Edition) -> bool:
    """Whether anybody looked for posts of it: an edition without any tells nothing about who wrote."""
    return bool(edition.items)


def previous(frame: Frame) -> Edition | None:
    """The edition of the series just before the event; None for the first one."""
    before = frame.world.before(frame.event)
    return before[-1] if before else None


def chance(k: int, n: int) -> Interval | None:
    """Wilson's interval of k of n as what luck alone could make of it; None for n = 0.

    On a full list nothing was sampled: it answers "could this be luck?", not "how many are there?".
    """
    return replace(wilson(k, n), meaning="chance") if n else None


def few(n: int) -> tuple[str, ...]:
    """The flag of a share whose people are better listed than turned into percent."""
    return ("few_people",) if 0 < n < FEW else ()
