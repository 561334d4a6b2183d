"""When somebody looked: which hours of an event the runs of its sources reached, and which no run did.

A source reaches back from each successful run as far as its horizon (a seven-day search: seven days), inside the window
it asked for. Sources of one platform stand in for each other; one of the open web sees its own part of it only.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from harvester.measure.moments import closes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harvester.measure.frame import Frame
    from harvester.measure.moments import Span
    from harvester.measure.world import Reach

_EVER = datetime.min.replace(tzinfo=UTC)
# Before day 28 the last hours wait for the next run: that the count still grows is said anyway.
_NEXT_RUN = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What is known of a span of time.

    known    False where no run is on record, as for posts that came in a file: then nothing is claimed
    nowhere  hours that no run reached
    missing  place → hours that its runs did not reach, of places that were reached at all (of all, when none was)
    blind    places whose runs reached none of it while others did: they weigh no hour more than another
    """

    known: bool = False
    nowhere: tuple[Span, ...] = ()
    missing: dict[str, tuple[Span, ...]] = field(default_factory=dict)
    blind: tuple[str, ...] = ()
    never: bool = False

    @property
    def flags(self) -> tuple[str, ...]:
        """Why hours are missing, in names."""
        told = [f"not_reached:{place}" for place in self.missing]
        return tuple(sorted(told + [f"out_of_reach:{place}" for place in self.blind]))


def look(frame: Frame, group: str, span: Span) -> Looked:
    """What the runs that can fill `group` reached of a span. `never` is True where they reached none of it."""
    places = _places(frame, group)
    if not places or span[0] >= span[1]:
        return Looked(known=bool(places))
    lacks = {place: tuple(gaps(reached, span)) for place, reached in sorted(places.items())}
    blind = tuple(place for place, missing in lacks.items() if missing == (span,))
    never = len(blind) == len(places)
    return Looked(
        known=True,
        nowhere=tuple(gaps([one for reached in places.values() for one in reached], span)),
        missing={place: missing for place, missing in lacks.items() if missing and (never or place not in blind)},
        blind=() if never else blind,
        never=never,
    )


def due(frame: Frame) -> datetime:
    """Until when runs must have looked by the moment of the report."""
    end = closes(frame)
    return end if frame.as_of >= end else frame.as_of.astimezone(UTC) - _NEXT_RUN


def gaps(reached: Iterable[Span], span: Span) -> list[Span]:
    """The parts of a span that none of the reached ones covers, in order."""
    left, at = [], span[0]
    for first, last in sorted(reached):
        if first > at:
            left.append((at, min(first, span[1])))
        at = max(at, last)
        if at >= span[1]:
            break
    if at < span[1]:
        left.append((at, span[1]))
    return [(first, last) for first, last in left if first < last]


def _places(frame: Frame, group: str) -> dict[str, list[Span]]:
    """Platform, or source of the open web → the hours that successful runs reached."""
    world = frame.world
    fills = {line.source for line in frame.asked if group in line.groups}
    named = {line.source for line in frame.asked}
    scopes = {scope.source: scope for scope in world.scopes}
    detailed = {reach.source for reach in world.reaches if reach.query and any(reach.window)}
    found: dict[str, list[Span]] = defaultdict(list)
    for reach in world.reaches:
        if reach.source in named - fills or not _read(reach) or (reach.source in detailed and not reach.query):
            continue
        scope = scopes.get(reach.source)
        hours = _hours(reach, scope.horizon_days if scope else None)
        for place in (scope.platforms if scope else ()) or (reach.source,):
            found[place].append(hours)
    return found


def _read(reach: Reach) -> bool:
    """Whether the question was read to its end. Another question of the same source may not have been."""
    return reach.status == "ok" or (reach.status == "partial" and not reach.truncated)


def _hours(reach: Reach, horizon: int | None) -> Span:
    first, last = (at.astimezone(UTC) if at else None for at in reach.window)
    asked = reach.at.astimezone(UTC)
    back = _EVER if horizon is None else asked - timedelta(days=horizon)
    return max(first or _EVER, back), min(last or asked, asked)
