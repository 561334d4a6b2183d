"""Paired rounds: every contender once a round, in turn, so that a noisy neighbour hits them alike."""

import resource
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import process_time


@dataclass(frozen=True)
class Ratio:
    """Median CPU seconds of each contender, and the median, lowest and highest of the round-by-round ratio."""

    first: float
    second: float
    ratio: float
    lowest: float
    highest: float

    def line(self, goal: str, what: str, wanted: str, met: bool) -> str:
        """One row of the printed table."""
        spread = f"{self.lowest:.2f}–{self.highest:.2f}"
        return f"{goal:<5} {what:<62} {self.ratio:7.2f} ({spread}) goal {wanted:<9} {'met' if met else 'MISSED'}"


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds (user and system) of one call in this process."""
    start = process_time()
    work()
    return process_time() - start


def cpu_of(command: list[str], env: Mapping[str, str] | None = None) -> float:
    """CPU seconds of a whole process and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def paired(first: Callable[[], float], second: Callable[[], float], rounds: int = 5) -> Ratio:
    """first / second, measured in alternating rounds; each callable returns its own CPU seconds."""
    pairs = [(first(), second()) for _ in range(rounds)]
    ratios = [a / b for a, b in pairs]
    return Ratio(
        statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs), statistics.median(ratios),
        min(ratios), max(ratios),
    )  # fmt: skip


PYTHON = sys.executable
