"""The hostile web in full: every hostile site at once among 200 healthy hosts, with the settings a user has.

Prints whether every healthy page was stored, the whole time, and the most memory that all processes held together.
`python -m benchmarks hostile`; about 75 s, most of them the time-outs of servers that never answer.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tests.crawling import Site
from tests.evil import evil
from tests.hostile_web import web

if TYPE_CHECKING:
    from collections.abc import Iterator

HEALTHY = 200


def memory_of(pid: int) -> int:
    """Memory of a process and all below it in KiB, shared pages counted once (proportional set size)."""
    total = 0
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
        for task in Path(f"/proc/{pid}/task").glob("*"):
            total += sum(memory_of(int(child)) for child in (task / "children").read_text().split())
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return total
    return total


class Peak(threading.Thread):
    """Looks ten times a second; `peak` in KiB."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.peak = pid, 0
        self._over = threading.Event()

    def run(self) -> None:
        """Until `stop`."""
        while not self._over.wait(0.1):
            self.peak = max(self.peak, memory_of(self.pid))

    def stop(self) -> int:
        """The peak."""
        self._over.set()
        self.join()
        return self.peak


def run() -> Iterator[str]:
    """One line of figures and one of states."""
    made = web(HEALTHY)
    with tempfile.TemporaryDirectory() as folder, evil(made.routes) as server:
        site = Site(Path(folder), server.address, ("spiders",))
        site.event(pages=made.pages, feeds=made.feeds)
        began = time.monotonic()
        process = site.start()
        watch = Peak(process.pid)
        watch.start()
        _, err = process.communicate(timeout=1800)
        seconds, peak = time.monotonic() - began, watch.stop()
        lost = made.titles - site.titles()
        states = Counter(reason for url, (_, reason) in site.states().items() if "healthy" not in url)
        yield (
            f"hostile web: exit {process.returncode}, {len(made.titles) - len(lost)} of {len(made.titles)} healthy"
            " stored, "
            f"{seconds:.0f} s, {peak / 1024:.0f} MiB at most in all processes together"
        )
        yield f"  {len(made.hostile) + len(made.feeds)} hostile addresses ended as {dict(states.most_common())}"
        if process.returncode not in (0, 1) or lost:
            yield f"  LOST {sorted(lost)[:5]}\n{err[-2000:]}"
