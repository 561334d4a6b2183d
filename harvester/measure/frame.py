"""The frame of one report, and what follows from it: which posts count, and what state a volume is in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from harvester.measure.item import Asked, Checked, Fetched, Item, Typed, lies_in
from harvester.measure.world import Edition, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every measure of one report shares: the event, its window, its universe and its moment.

    event_file  a hash of the event file
    """

    event: str
    starts: datetime
    ends: datetime
    window: tuple[datetime, datetime]
    timezone: str
    venue_timezone: str
    as_of: datetime
    rules: str
    recipe: str
    media_outlets: int | None
    event_file: str = ""
    asked: tuple[Asked, ...] = ()
    fetched: tuple[Fetched, ...] = ()
    unlinked: int = 0
    attendance_listed: bool = False
    audits: tuple[Checked, ...] = ()
    never_counted: tuple[tuple[str, int], ...] = ()
    typed: tuple[Typed, ...] = ()
    world: World = field(default_factory=World)


def frame_of(edition: Edition, frame: Frame) -> Frame:
    """A report's frame set to another edition's time; what was asked and seen for it is the caller's to say."""
    return replace(
        frame, event=edition.event, starts=edition.starts, ends=edition.ends, window=edition.window or frame.window
    )


def in_window(item: Item, frame: Frame) -> bool:
    """Confirmed, and published between the event's first local day and 28 days after its end, or undated."""
    return lies_in(item, frame.window)


def counted(items: Iterable[Item], frame: Frame) -> list[Item]:
    """The stories every volume counts: confirmed, in the window, one row a story."""
    return [item for item in items if item.counted and in_window(item, frame)]


def _came_in_a_file(frame: Frame) -> bool:
    own = frame.world.edition(frame.event)
    return not frame.asked and (own is None or bool(own.items))


def state_of(group: str, found: int, frame: Frame) -> tuple[str, tuple[str, ...]]:
    """The state of a volume in `group` given what the sources that can fill it answered, and the flags why.

    The group `any` is filled by all of them. Where no source asked for the group, posts of it came in a file; none of
    it is then a 0 only if no source is on record at all and the file held other posts of the event.
    """
    asked = [line for line in frame.asked if group == "any" or group in line.groups]
    if not asked:
        return ("ok", ()) if found or _came_in_a_file(frame) else ("unmeasured", ("no_source",))
    failed = [line for line in asked if line.status in ("failed", "skipped")]
    cut = [line for line in asked if line.truncated or line.status == "partial"]
    told = [line for line in failed if not line.idle] if any(not line.idle for line in asked) else failed
    flags = tuple(sorted({f"{line.status}:{line.source}" for line in told} | {f"truncated:{x.source}" for x in cut}))
    if not found and len(failed) == len(asked):
        return "unmeasured", flags
    broken = [line for line in failed if line.status == "failed"]
    return ("truncated" if cut or broken else "ok"), flags
