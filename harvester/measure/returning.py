"""M08, are new people coming and do the others come back: two rates with two denominators, always both.

new share   = |now \\ ever before| / |now|             return rate = |now ∩ previous edition| / |previous edition|

Elsewhere "retention" stands for either denominator, so it is no word of ours. In a series of two editions
return rate · n_previous = (1 − new share) · n_now.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from harvester.measure import people_sql
from harvester.measure.frame import counted, state_of
from harvester.measure.hidden import Hidden, corrected_new, corrected_return, hidden
from harvester.measure.metric import Bounds, Metric
from harvester.measure.people import attendees_of, chance, contributors, contributors_of, few, harvested, listed

if TYPE_CHECKING:
    from harvester.measure.frame import Frame
    from harvester.measure.item import Item

_PERSON: Final = "person "  # keys of confirmed persons begin so


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """People of one sort: now, and at each earlier edition that anybody looked at.

    gaps    flags that name the editions nobody looked at: their people seem new when they come
    status  and flags: how well now is known
    """

    kind: str
    now: frozenset[str]
    earlier: dict[str, frozenset[str]]
    gaps: tuple[str, ...] = ()
    status: str = "ok"
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Returning:
    """People now, at the edition before, and at any earlier one: the counts behind both rates."""

    now: frozenset[str]
    previous: frozenset[str]
    ever: frozenset[str]

    @property
    def new(self) -> frozenset[str]:
        """Who was at no earlier edition."""
        return self.now - self.ever

    @property
    def back(self) -> frozenset[str]:
        """Who was at the edition before, too."""
        return self.now & self.previous

    def new_at_least(self) -> int:
        """How many would be new if every handle that nobody linked were somebody's of before, as far as that can be."""
        return len(self.new) - _pairs(self.new, self.ever - self.now)

    def back_at_most(self) -> int:
        """How many would be back if so."""
        return len(self.back) + _pairs(self.now - self.previous, self.previous - self.now)

    def by(self) -> dict[str, int]:
        """Everybody of now once: new, back from the edition before, back from an earlier one."""
        earlier = len(self.now) - len(self.new) - len(self.back)
        return {"new": len(self.new), "back_from_previous": len(self.back), "back_from_earlier": earlier}


def measure(items: list[Item], frame: Frame) -> list[Metric]:
    """M08.new_share and M08.return_rate, once for contributors and once for attendees (`kind`)."""
    return [
        *_rates(_contributors(items, frame), frame, hidden(items, frame)),
        *_rates(_attendees(frame), frame, Hidden()),
    ]


def _contributors(items: list[Item], frame: Frame) -> Seen:
    now, before = frozenset(contributors(counted(items, frame))), frame.world.before(frame.event)
    status, flags = state_of("any", len(now), frame)
    if not now and any(not item.relevance for item in items):
        status, flags = "unmeasured", ("not_judged", *flags)
    return Seen(
        kind="contributors", now=now, status=status, flags=flags,
        earlier={one.event: frozenset(contributors_of(one)) for one in before if harvested(one)},
        gaps=tuple(f"not_harvested:{one.event}" for one in before if not harvested(one)),
    )  # fmt: skip


def _attendees(frame: Frame) -> Seen:
    own, before = frame.world.edition(frame.event), frame.world.before(frame.event)
    now = attendees_of(own) if own else frozenset()
    status, flags = ("ok", ("full_list",)) if now else ("unmeasured", ("no_attendance_list",))
    if own and now and own.attended is not None and own.attended > len(now):
        flags = ("list_shorter_than_head_count",)
    return Seen(
        kind="attendees", now=now, status=status, flags=flags,
        earlier={one.event: attendees_of(one) for one in before if listed(one)},
        gaps=tuple(f"no_attendance_list:{one.event}" for one in before if not listed(one)),
    )  # fmt: skip


def _rates(seen: Seen, frame: Frame, lacks: Hidden) -> list[Metric]:
    before = frame.world.before(frame.event)
    if not before:
        return _neither(seen.kind, "not_applicable", ("first_event",))
    if seen.status == "unmeasured":
        return _neither(seen.kind, seen.status, seen.flags)
    previous = before[-1].event
    group = Returning(seen.now, seen.earlier.get(previous, frozenset()), frozenset[str]().union(*seen.earlier.values()))
    told: dict[str, Any] = {
        "previous_event": previous, "earlier_events": [one.event for one in before], "now": len(group.now),
        "previous": len(group.previous), "ever_before": len(group.ever),
    }  # fmt: skip
    return [_new_share(seen, group, told, lacks), _return_rate(seen, group, told, lacks)]


def _new_share(seen: Seen, group: Returning, told: dict[str, Any], lacks: Hidden) -> Metric:
    """At most this where somebody of before may be hidden, there or in an edition nobody looked at."""
    k, n = len(group.new), len(group.now)
    if not seen.earlier:
        return _none(seen.kind, "new_share", "unmeasured", seen.gaps)
    if not n:
        return _none(seen.kind, "new_share", "not_applicable", ("nobody_now", *seen.flags))
    one_sided = (*lacks.flags, *seen.gaps)
    low = 0.0 if seen.gaps or lacks.thin else group.new_at_least() / n
    why = ", ".join([*([lacks.why] if lacks.why else []), *(_words(gap) for gap in seen.gaps)])
    if lacks.before and lacks.linked:
        told = told | {"if_found_and_linked": corrected_new(k / n, found_before=lacks.before, linked=lacks.linked)}
    return Metric(
        metric="M08.new_share", kind=seen.kind, unit="share", value=k / n, num=k, den=n, ci=chance(k, n),
        bounds=Bounds(lo=low, hi=k / n, why=why) if one_sided else None, by=group.by(), variants=told,
        status=seen.status, query=people_sql.new(seen.kind),
        flags=(*few(n), *(("at_most",) if one_sided else ()), *one_sided, *seen.flags),
    )  # fmt: skip


def _return_rate(seen: Seen, group: Returning, told: dict[str, Any], lacks: Hidden) -> Metric:
    """At least this where somebody who is back may have been overlooked."""
    k, n = len(group.back), len(group.previous)
    if told["previous_event"] not in seen.earlier:
        missing = tuple(gap for gap in seen.gaps if gap.partition(":")[2] == told["previous_event"])
        return _none(seen.kind, "return_rate", "unmeasured", missing)
    if not n:
        return _none(seen.kind, "return_rate", "not_applicable", ("nobody_before", *seen.flags))
    high = 1.0 if lacks.thin else group.back_at_most() / n
    if lacks.now and lacks.linked:
        told = told | {"if_found_and_linked": corrected_return(k / n, found_now=lacks.now, linked=lacks.linked)}
    return Metric(
        metric="M08.return_rate", kind=seen.kind, unit="share", value=k / n, num=k, den=n, ci=chance(k, n),
        bounds=Bounds(lo=k / n, hi=high, why=lacks.why) if lacks.flags else None, by=group.by(), variants=told,
        status=seen.status, query=people_sql.back(seen.kind),
        flags=(*few(n), *(("at_least",) if lacks.flags else ()), *lacks.flags, *seen.flags),
    )  # fmt: skip


def _words(gap: str) -> str:
    """A gap's flag as words: `not_harvested:E1` is "not harvested: E1"."""
    reason, _, event = gap.partition(":")
    return f"{reason.replace('_', ' ')}: {event}"


def _pairs(some: frozenset[str], others: frozenset[str]) -> int:
    """How many of `some` could be one of `others` at most: each at most once, and never two confirmed persons."""
    free = sum(not person.startswith(_PERSON) for person in (*some, *others))
    return min(len(some), len(others), free)


def _neither(kind: str, status: str, flags: tuple[str, ...]) -> list[Metric]:
    return [_none(kind, name, status, flags) for name in ("new_share", "return_rate")]


def _none(kind: str, name: str, status: str, flags: tuple[str, ...]) -> Metric:
    return Metric(metric=f"M08.{name}", kind=kind, unit="share", status=status, flags=flags)
