"""One source at work in a process of its own: how it is started, limited, listened to and ended."""

from __future__ import annotations

import os
import time
from collections import deque
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Final

from harvester.crawl.redact import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from harvester.crawl.nursery import Nursery

_STOPS: Final = 900.0  # seconds after which a source stops taking requests
_IN_ORDER: Final = 0.9  # it gets the last tenth of its time to end in order
PATIENCE: Final = 8.0  # seconds from TERM to KILL; 10 is what we promise
_OVERDUE: Final = 2.0  # the same for one that is past its deadline, of which it knew


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What every child is told. Deadlines are seconds of wall clock; `modules` tells where each source is defined,
    `pages` how many requests it may make, if that has a limit.

    A child imports its own source's file alone: another file that cannot be imported costs it nothing.
    """

    db: Path
    event: str
    run_id: int
    deadline: float
    source_deadline: float
    rounds: int
    follows: frozenset[str] = frozenset()
    lenient: frozenset[str] = frozenset()
    connect_to: str = ""
    offline: bool = False
    log_level: str = "ERROR"
    modules: Mapping[str, str]
    pages: Mapping[str, int] = field(default_factory=dict)


class Child:
    """One source at work: its process, when it must be gone, and the last it said."""

    def __init__(self, source: str, orders: Orders, seconds: float, nursery: Nursery) -> None:
        self.source = source
        self.until = time.monotonic() + seconds
        self.told_to_stop: float | None = None
        self.late = False
        self.last_words: deque[str] = deque(maxlen=5)
        # Its stdin is held open; when we die, however, the child reads the end of it and stops.
        self.process = nursery.bear(_arguments(source, orders, seconds))
        self.stderr: IO[bytes] = self.process.stderr
        os.set_blocking(self.stderr.fileno(), False)
        self._rest = b""

    def listen(self, say: Callable[[str], None]) -> bool:
        """Pass on complete lines said since the last call; never waits. False when no more can come."""
        while True:
            try:
                part = os.read(self.stderr.fileno(), 1 << 16)
            except BlockingIOError:
                return True
            *whole, self._rest = (self._rest + (part or b"\n")).split(b"\n")
            for line in whole:
                text = redact(line.decode("utf-8", "replace").rstrip())
                if text:
                    self.last_words.append(text)
                    say(text)
            if not part:
                return False

    def stop(self, now: float) -> None:
        """Ask for an end in order; called again when patience is over, end it."""
        if self.told_to_stop is None:
            self.told_to_stop = now
            self.process.terminate()
        elif now - self.told_to_stop > (_OVERDUE if self.late else PATIENCE):
            self.process.kill()

    def close(self) -> None:
        """Let go of the pipes of a process that has ended."""
        self.process.stdin.close()
        self.stderr.close()


def _arguments(source: str, orders: Orders, seconds: float) -> list[str]:
    command = [
        "--db", str(orders.db), "--event", orders.event,
        "--source", source, "--run-id", str(orders.run_id), "--log-level", orders.log_level,
        "--module", orders.modules[source], "--deadline", str(max(1.0, min(_STOPS, seconds * _IN_ORDER))),
    ]  # fmt: skip
    if orders.connect_to:
        command += ["--connect-to", orders.connect_to]
    if orders.offline:
        command.append("--offline")
    return command
