"""G14: `harvest --help` against the interpreter's own start."""

from pathlib import Path

from benchmarks.pairs import PYTHON, cpu_of, paired


def run() -> list[str]:
    """One row: CPU of `harvest --help` over `python -c pass`."""
    harvest = str(Path(PYTHON).parent / "harvest")
    found = paired(lambda: cpu_of([harvest, "--help"]), lambda: cpu_of([PYTHON, "-c", "pass"]), rounds=15)
    return [found.line("G14", "harvest --help / python -c pass", "<= 5", found.ratio <= 5)]
