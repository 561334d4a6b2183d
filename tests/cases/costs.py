"""What a crawl costs: the highest memory and the processor time of its processes, by what they do."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.cases.common import command_of, descendants
from tests.crawling import Run

if TYPE_CHECKING:
    from tests.crawling import Site

MB = 1 << 20
_KINDS = {
    "harvester.cli": "supervisor",
    "harvester.crawl.nursery": "child",
    "harvester.crawl.parse_worker": "parser",
}
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Cost:
    """Of the process of a kind that had most: bytes of memory, seconds of processor time."""

    memory: int = 0
    seconds: float = 0.0


def measured(site: Site, *options: str, timeout: float = 120) -> tuple[Run, dict[str, Cost]]:
    """A whole crawl, and what it cost: `supervisor`, `child` (one a source), `parser` (and its forks)."""
    began = time.monotonic()
    process = site.start(*options)
    costs: dict[int, tuple[str, Cost]] = {}
    over = threading.Event()
    watching = threading.Thread(target=_watch, args=(process.pid, costs, over))
    watching.start()
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise AssertionError("the crawl did not end by itself") from None
    finally:
        over.set()
        watching.join()
    most = {kind: Cost() for kind in _KINDS.values()}
    for kind, cost in costs.values():
        most[kind].memory = max(most[kind].memory, cost.memory)
        most[kind].seconds = max(most[kind].seconds, cost.seconds)
    return Run(process.returncode, out, err, time.monotonic() - began), most


def _watch(root: int, costs: dict[int, tuple[str, Cost]], over: threading.Event) -> None:
    """The kernel keeps the peak of each process while it lives, so looking now and then is enough."""
    while not over.wait(0.02):
        try:
            family = [root, *descendants(root)]
        except OSError:  # one of them has just ended
            continue
        for pid in family:
            command = command_of(pid)
            kind = next((kind for module, kind in _KINDS.items() if f"-m {module} " in command), "")
            if kind and (cost := _cost(pid)):
                costs[pid] = kind, cost


def _cost(pid: int) -> Cost | None:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        times = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return None
    peak = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")), None)
    return peak and Cost(int(peak) << 10, (int(times[11]) + int(times[12])) / _TICKS)
