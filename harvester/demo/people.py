"""Invented people. Every handle ends in `sim`, so that none can be taken for a real account."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harvester.demo.words import table

if TYPE_CHECKING:
    import random

AUTHOR_ORDER = (
    "participant", "independent", "media", "organiser", "vendor", "sponsor", "aggregator", "unknown",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody, or a company account, that writes in the invented web.

    kind     what they truly are at the event (`harvester.model.AUTHOR_KINDS`)
    listed   on the attendee list of the event file; `speaker`: on the speaker list
    homes    addresses and `platform:handle` names under which they write, as an attendee list holds them
    """

    id: str
    name: str
    family: str
    given: str
    handle: str
    x_handle: str
    kind: str
    subkind: str = ""
    organisation: str = ""
    language: str = "ja"
    listed: bool = False
    speaker: bool = False
    homes: list[str] = field(default_factory=list, compare=False)

    @property
    def host_label(self) -> str:
        """The handle as a host name's label."""
        return self.handle.replace("_", "-")


class Registry:
    """Makes people, no two with the same name or handle."""

    def __init__(self, rng: random.Random) -> None:
        names = table("names")
        pairs = [(f, g) for f in names["families"] for g in names["givens"]]
        rng.shuffle(pairs)
        self._pairs = pairs
        self._x_handles: set[str] = set()
        self.people: list[Person] = []

    def person(
        self, kind: str, *, subkind: str = "", organisation: str = "", language: str = "ja", listed: bool = False,
        speaker: bool = False,
    ) -> Person:  # fmt: skip
        """A new human being of this kind."""
        (family, family_latin), (given, given_latin) = self._pairs.pop()
        latin = language != "ja"
        made = Person(
            id=f"p{len(self.people) + 1:03d}", kind=kind, subkind=subkind, organisation=organisation,
            name=f"{given_latin.title()} {family_latin.title()}" if latin else f"{family} {given}",
            family=family_latin.title() if latin else family, given=given_latin.title() if latin else given,
            handle=f"{family_latin}_{given_latin}_sim", x_handle=self._x_handle(family_latin, given_latin),
            language=language, listed=listed, speaker=speaker,
        )  # fmt: skip
        self.people.append(made)
        return made

    def account(self, kind: str, name: str, handle: str) -> Person:
        """A company, outlet or robot that signs with its own name."""
        made = Person(
            id=f"p{len(self.people) + 1:03d}", name=name, family=name, given=name, kind=kind, organisation=name,
            handle=f"{handle.replace('-', '_')}_sim", x_handle=self._x_handle(handle.replace("-", ""), ""),
        )  # fmt: skip
        self.people.append(made)
        return made

    def _x_handle(self, family: str, given: str) -> str:
        """At most 15 characters, as X wants it."""
        base = f"{family[:8]}_{given[:1]}" if given else family[:10]
        handle, number = f"{base}_sim", 2
        while handle in self._x_handles:
            handle, number = f"{base}{number}_sim", number + 1
        self._x_handles.add(handle)
        return handle
