"""Signals as something to ask about, so that whatever runs ends its step in order."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


class Interruption:
    """Whether a signal asked us to stop: `number` is the first one's, 0 for none."""

    number: int = 0


@contextmanager
def heeding_signals() -> Iterator[Interruption]:
    """Ctrl-C and SIGTERM are noted instead of obeyed at once; a second one changes nothing."""
    interruption = Interruption()

    def note(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - signal's interface
        interruption.number = interruption.number or number

    previous = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield interruption
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
