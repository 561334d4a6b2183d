"""M20, do people move up: where each stood at the edition before, and where now.

0 absent · 1 attended · 2 contributed (posts or articles) · 3 gave a talk · 4 organised. Those are on the ladder who
came or contributed at one of the two editions; who only ever organised did not climb anything. Without both attendance
lists nobody can tell absent from silent: 0 and 1 are one rung.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from harvester.measure import people_sql
from harvester.measure.frame import counted, state_of
from harvester.measure.hidden import hidden
from harvester.measure.metric import Metric
from harvester.measure.people import (
    attendees_of,
    contributors,
    contributors_of,
    gave_a_talk,
    harvested,
    listed,
    previous,
)

if TYPE_CHECKING:
    from harvester.measure.frame import Frame
    from harvester.measure.item import Item
    from harvester.measure.world import Edition

ABSENT, ATTENDED, CONTRIBUTED, TALKED, ORGANISED = range(5)
RUNGS: Final = ("absent", "attended", "contributed", "gave a talk", "organised")
_MOVES: Final = {
    "arrived": "M20.arrived", "climbed": "M20.climbed", "stayed": "M20.stayed", "stepped_back": "M20.stepped_back",
    "not_seen": "M20.not_seen",
}  # fmt: skip

Writers = dict[str, frozenset[str]]
Steps = dict[str, tuple[int, int]]


def rung(edition: Edition, person: str, writers: Writers) -> int:
    """Where a person stood at an edition; `writers` are its contributors with their groups."""
    kind, _ = edition.kinds.get(person, ("", ""))
    status, groups = edition.present.get(person, ""), writers.get(person, frozenset())
    if kind == "organiser" or status == "staff":
        return ORGANISED
    if gave_a_talk(person, edition, groups):
        return TALKED
    return CONTRIBUTED if groups else ATTENDED if person in attendees_of(edition) else ABSENT


def steps(before: Edition, earlier: Writers, now: Edition, writers: Writers) -> Steps:
    """Person → (rung at the edition before, rung now) of everybody who came or contributed at one of them."""
    people = attendees_of(before) | attendees_of(now) | earlier.keys() | writers.keys()
    return {person: (rung(before, person, earlier), rung(now, person, writers)) for person in sorted(people)}


def moves(taken: Steps) -> dict[str, int]:
    """Everybody once: arrived, climbed, stayed, stepped back (came, a rung lower), not seen."""
    found = Counter(_move(*pair) for pair in taken.values())
    return {name: found[name] for name in _MOVES}


def measure(items: list[Item], frame: Frame) -> list[Metric]:
    """M20.transitions by "from→to", then M20.arrived, M20.climbed, M20.stayed, M20.stepped_back, M20.not_seen."""
    own, before = frame.world.edition(frame.event), previous(frame)
    if own is None or before is None:
        return [_none("not_applicable", ("first_event",))]
    writers, merged = contributors(counted(items, frame)), not (listed(before) and listed(own))
    status, flags = state_of("any", len(writers), frame)
    if status == "unmeasured" or not harvested(before):
        return [_none("unmeasured", flags or (f"not_harvested:{before.event}",))]
    taken = steps(before, contributors_of(before), own, writers)
    if merged:
        taken = {person: pair for person, pair in _merged(taken).items() if pair != (ABSENT, ABSENT)}
        flags = ("absent_and_attended_are_one", *flags)
    flags = (*flags, *hidden(items, frame).flags)
    rows = [_transitions(taken, status, flags, (before.event, merged))]
    for name, count in moves(taken).items():
        by = {"wrote_at_once": _wrote_at_once(taken)} if name == "arrived" else {}
        row = Metric(
            metric=_MOVES[name], unit="people", value=count, num=count, den=len(taken), by=by, status=status,
            flags=flags, variants={"previous_event": before.event},
            query=people_sql.on_the_ladder(name, merged=merged),
        )  # fmt: skip
        rows.append(row)
    return rows


def _move(then: int, now: int) -> str:
    if then == ABSENT:
        return "arrived"
    if now == ABSENT:
        return "not_seen"
    return "climbed" if now > then else "stayed" if now == then else "stepped_back"


def _merged(taken: Steps) -> Steps:
    """Rungs without attendance lists: who was silent may have been away."""
    return {
        person: (ABSENT if then <= ATTENDED else then, ABSENT if now <= ATTENDED else now)
        for person, (then, now) in taken.items()
    }


def _transitions(taken: Steps, status: str, flags: tuple[str, ...], compared: tuple[str, bool]) -> Metric:
    before, merged = compared
    found = Counter(taken.values())
    zero = "0/1" if merged else "0"
    names = {ABSENT: zero, **{number: str(number) for number in range(1, len(RUNGS))}}
    by = {f"{names[then]}→{names[now]}": count for (then, now), count in sorted(found.items())}
    return Metric(
        metric="M20.transitions", unit="people", value=len(taken), by=by, status=status, flags=flags,
        variants={"previous_event": before, "rungs": list(RUNGS)}, query=people_sql.on_the_ladder(merged=merged),
    )  # fmt: skip


def _wrote_at_once(taken: Steps) -> int:
    """Of those who arrived, who contributed (or more) at their first time here."""
    return sum(then == ABSENT and now >= CONTRIBUTED for then, now in taken.values())


def _none(status: str, flags: tuple[str, ...]) -> Metric:
    return Metric(metric="M20.transitions", unit="people", status=status, flags=flags)
