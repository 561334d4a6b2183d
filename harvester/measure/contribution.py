"""M10, what share of the room spoke: attendees with a counted story among all attendees.

Writers count where the attendance list has them; those it lacks stand beside (they may be attendees under another
handle). With a head count alone it is writers by heads, an approximation: some writers were not in the room, some
attendees write under handles that cannot be matched. Missed posts make it too low. Its only benchmark is the edition
before: the 90-9-1 rule is about open online communities.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harvester.measure import people_sql
from harvester.measure.frame import counted, state_of
from harvester.measure.metric import Metric
from harvester.measure.people import attendees_of, chance, contributors, contributors_of, few, harvested, listed
from harvester.measure.people import previous as edition_before
from harvester.measure.stories_sql import writers_of

if TYPE_CHECKING:
    from harvester.measure.frame import Frame
    from harvester.measure.item import Item
    from harvester.measure.world import Edition

GROUPS = ("any", "written")


@dataclass(frozen=True, slots=True)
class Rate:
    """k of n: attendees who wrote (or, without a list, writers) of a room; n is 0 where nobody knows the room."""

    k: int
    n: int
    unmatched: int = 0
    approximate: bool = False

    @property
    def value(self) -> float | None:
        """The share; None without a room, and where more wrote than were counted in it."""
        return self.k / self.n if self.n and self.k <= self.n else None


def rate(edition: Edition, writers: frozenset[str]) -> Rate:
    """The rate of those writers at an edition: by its attendance list, else by its head count."""
    if listed(edition):
        room = attendees_of(edition)
        return Rate(len(writers & room), len(room), len(writers - room))
    return Rate(len(writers), edition.attended or 0, approximate=True)


def measure(items: list[Item], frame: Frame) -> list[Metric]:
    """M10.contribution_rate of any kind of story and of written ones."""
    own, before = frame.world.edition(frame.event), edition_before(frame)
    people = contributors(counted(items, frame))
    rows = []
    for group in GROUPS:
        writers = _writers(people, group)
        status, flags = state_of(group, len(writers), frame)
        if not writers and any(not item.relevance for item in items):
            status, flags = "unmeasured", ("not_judged", *flags)
        rows.append(_row(group, own, writers, (status, flags), _last_time(before, group)))
    return rows


def _writers(people: dict[str, frozenset[str]], group: str) -> frozenset[str]:
    return frozenset(person for person, groups in people.items() if group == "any" or group in groups)


def _row(
    group: str, own: Edition | None, writers: frozenset[str], state: tuple[str, tuple[str, ...]], last: dict[str, Any]
) -> Metric:
    found = rate(own, writers) if own else Rate(len(writers), 0)
    by = {"unmatched_writers": found.unmatched, "writers": len(writers)}
    registered = _registered(own, writers) if own else {}
    shared: dict[str, Any] = {"by": by, "variants": last | registered, "unit": "share", "group": group}
    status, flags = state
    if not found.n:
        why = ("registered_only",) if registered else ("no_attendance_list",)
        return Metric(metric="M10.contribution_rate", status="not_applicable", flags=why, **shared)
    if status == "unmeasured":
        return Metric(metric="M10.contribution_rate", status=status, flags=flags, **shared)
    query = writers_of(group) if found.approximate else people_sql.attendees_who_wrote(group)
    told = (*(("approximation",) if found.approximate else few(found.n)), *flags)
    if found.value is None:
        status, told = "insufficient", ("more_writers_than_heads", *told)
    return Metric(
        metric="M10.contribution_rate", value=found.value, num=found.k, den=found.n, status=status, flags=told,
        ci=None if found.value is None else chance(found.k, found.n), query=query, **shared,
    )  # fmt: skip


def _registered(own: Edition, writers: frozenset[str]) -> dict[str, Any]:
    """Who registered and wrote, where nobody says who came: a number of its own, for registered is not attended."""
    people = frozenset(person for person, status in own.present.items() if status == "registered")
    if listed(own) or not (people or own.registered):
        return {}
    return {"registered": {"wrote": len(writers & people) if people else None, "of": len(people) or own.registered}}


def _last_time(before: Edition | None, group: str) -> dict[str, Any]:
    """The same number of the edition before, the only one to compare with."""
    if before is None or not harvested(before):
        return {}
    found = rate(before, _writers(contributors_of(before), group))
    if found.value is None:
        return {}
    told = {"event": before.event, "value": found.value, "num": found.k, "den": found.n}
    return {"previous": told | {"approximation": found.approximate}}
