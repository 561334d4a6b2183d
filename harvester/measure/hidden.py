"""Whom we may have overlooked: people whose posts nobody found, and people behind handles that nobody linked.

Both bias who is new and who is back, hard. Observed return rate = true · share found now · share linked; observed new
share = 1 − (1 − true) · share found before · share linked (measurement specification, M08 and simulation S6).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from harvester.measure import coverage
from harvester.measure.frame import frame_of
from harvester.measure.people import previous

if TYPE_CHECKING:
    from harvester.measure.frame import Frame
    from harvester.measure.item import Item

# Found less than this share, a rate of people is only an upper or a lower end.
ENOUGH: Final = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """What is known of that. The shares found are M04's and so at most; None where it cannot tell.

    unlinked  participant handles of the event without a confirmed person
    linked    share of the series' participants who have one, None where nobody wrote
    """

    unlinked: int = 0
    now: float | None = None
    before: float | None = None
    linked: float | None = None

    @property
    def thin(self) -> bool:
        """Whether too little was found, now or then."""
        return any(share is not None and share < ENOUGH for share in (self.now, self.before))

    @property
    def flags(self) -> tuple[str, ...]:
        """Why a rate of contributors is one-sided; nothing where it is not."""
        return (("handles_unlinked",) if self.unlinked else ()) + (("coverage_below_90",) if self.thin else ())

    @property
    def why(self) -> str:
        """The same in words."""
        links = ["handles that nobody linked may be somebody's of before"] if self.unlinked else []
        return ", ".join(links + (["posts that nobody found"] if self.thin else []))


def hidden(items: list[Item], frame: Frame) -> Hidden:
    """What is known of the event of a frame and the edition before it."""
    then, before = None, previous(frame)
    if before is not None:
        its = replace(frame_of(before, frame), world=replace(frame.world, sighted=before.sighted))
        then = coverage.found(list(before.items), its)
    return Hidden(
        unlinked=frame.unlinked, now=coverage.found(items, frame), before=then, linked=frame.world.linked_share
    )


def corrected_new(share: float, *, found_before: float, linked: float) -> float:
    """The new share if people of before were found and linked at these shares (each > 0); never below 0."""
    return max(0.0, 1 - (1 - share) / (found_before * linked))


def corrected_return(rate: float, *, found_now: float, linked: float) -> float:
    """The return rate if people of now were found and linked at these shares (each > 0); never above 1."""
    return min(1.0, rate / (found_now * linked))
