"""Paired rounds: every contender once a round, in turn, so that a noisy neighbour hits them alike."""

import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time


@dataclass(frozen=True)
class Ratio:
    """Median CPU seconds of each contender, and the median, lowest and highest of the round-by-round ratio."""

    first: float
    second: float
    ratio: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, firsts: Sequence[float], seconds: Sequence[float]) -> "Ratio":
        """firsts / seconds, round by round."""
        ratios = [a / b for a, b in zip(firsts, seconds, strict=True)]
        middle = statistics.median
        return cls(middle(firsts), middle(seconds), middle(ratios), min(ratios), max(ratios))

    def line(self, goal: str, what: str, wanted: str, met: bool) -> str:
        """One row of the printed table."""
        digits = 2 if self.ratio >= 1 else 3
        spread = f"{self.lowest:.{digits}f}–{self.highest:.{digits}f}"
        return f"{goal:<5} {what:<62} {self.ratio:7.{digits}f} ({spread}) goal {wanted:<9} {'met' if met else 'MISSED'}"


@dataclass(frozen=True)
class Used:
    """CPU seconds of a process and its children, and what it printed."""

    cpu: float
    output: str


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds (user and system) of one call in this process."""
    start = process_time()
    work()
    return process_time() - start


def peak() -> float:
    """MiB that this process held at most. Not ru_maxrss: that begins with the memory of whoever started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def used(command: list[str], env: Mapping[str, str] | None = None) -> Used:
    """Run a command to its end, which must be a good one."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env, text=True) as process:
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, output)
    return Used(usage.ru_utime + usage.ru_stime, output)


def cpu_of(command: list[str], env: Mapping[str, str] | None = None) -> float:
    """CPU seconds of a whole process and its children."""
    return used(command, env).cpu


def in_turn(contenders: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """What each contender returned in each round; they take turns."""
    spent: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, work in contenders.items():
            spent[name].append(work())
    return spent


def paired(first: Callable[[], float], second: Callable[[], float], rounds: int = 5) -> Ratio:
    """first / second, measured in alternating rounds; each callable returns its own CPU seconds."""
    spent = in_turn({"first": first, "second": second}, rounds)
    return Ratio.of(spent["first"], spent["second"])


PYTHON = sys.executable
