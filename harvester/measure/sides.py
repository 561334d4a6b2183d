"""The two editions that M18 compares: the stories of the time that both have, and how well they were looked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from harvester.measure.frame import counted, frame_of
from harvester.measure.item import lies_in
from harvester.measure.moments import moment_of
from harvester.measure.people import attendees_of, listed
from harvester.measure.recipe import Recipe, recipe_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import timedelta

    from harvester.measure.frame import Frame
    from harvester.measure.item import Item
    from harvester.measure.world import Edition


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One edition's stories of the time that both have, and how well they were looked for."""

    edition: Edition
    frame: Frame
    stories: tuple[Item, ...]
    undated: int = 0
    unjudged: bool = False

    def only(self, kept: Iterable[Item]) -> Side:
        """The same with fewer stories."""
        return replace(self, stories=tuple(kept))

    def of(self, group: str, kind: str) -> list[Item]:
        """Its stories of a group (`any` for all) by a kind of author."""
        return [item for item in self.stories if group in ("any", item.group) and item.author_kind == kind]

    @property
    def attended(self) -> int | None:
        """How many were there, by the list or else the head count."""
        return len(attendees_of(self.edition)) if listed(self.edition) else self.edition.attended

    @property
    def outlets_as_labelled(self) -> bool:
        """Whether its posts came in a file, and no more outlets were checked than it labels: nobody told how many."""
        labelled = sum(kind == "media" for kind, _ in self.edition.kinds.values())
        return not self.edition.asked and (self.frame.media_outlets or 0) <= labelled

    def recipe(self) -> Recipe:
        """What was asked for it."""
        return recipe_of(self.edition.asked, self.edition.words, self.edition.rules, self.edition.told)


def side_now(items: list[Item], frame: Frame, own: Edition, age: timedelta | None) -> Side:
    """The edition of the frame; `age` is how far after its end to look, None for all of its window."""
    return _side(items, counted(items, frame), frame, own, age)


def side_then(frame: Frame, before: Edition, age: timedelta | None) -> Side:
    """The edition before in a frame of its own."""
    its = replace(frame_of(before, frame), asked=before.asked, media_outlets=before.media_outlets)
    stories = [i for i in before.items if i.counted and (before.window is None or lies_in(i, before.window))]
    return _side(before.items, [i for i in stories if i.relevance == "confirmed"], its, before, age)


def _side(
    items: Iterable[Item], stories: Sequence[Item], frame: Frame, edition: Edition, age: timedelta | None
) -> Side:
    """Stories up to an age of the event; those without a day have none and are left out then."""
    unjudged = any(not item.relevance for item in items)
    if age is None:
        return Side(edition=edition, frame=frame, stories=tuple(stories), unjudged=unjudged)
    found = [(item, moment_of(item, ZoneInfo(frame.timezone))) for item in stories]
    kept = tuple(item for item, at in found if at and at.told <= frame.ends + age)
    undated = sum(at is None for _, at in found)
    return Side(edition=edition, frame=frame, stories=kept, undated=undated, unjudged=unjudged)


def other_outlets(now: Side, then: Side) -> bool:
    """Whether another number of outlets was checked. A file that labels some and names no number says nothing of it."""
    told = [side for side in (now, then) if not side.outlets_as_labelled]
    return bool(told) and (now.frame.media_outlets or 0) != (then.frame.media_outlets or 0)
