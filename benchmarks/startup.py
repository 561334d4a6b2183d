"""G14: `harvest --help` and `harvest status` against the interpreter's own start."""

import tempfile
from pathlib import Path

from benchmarks.pairs import PYTHON, cpu_of, paired
from harvester.store.open import open_db

ROUNDS = 15


def run() -> list[str]:
    """Two rows: CPU over `python -c pass`; the database that status opens is new and empty."""
    harvest = str(Path(PYTHON).parent / "harvest")

    def start() -> float:
        return cpu_of([PYTHON, "-c", "pass"])

    with tempfile.TemporaryDirectory() as folder:
        db = Path(folder) / "empty.db"
        open_db(db, "create").close()
        told = paired(lambda: cpu_of([harvest, "--help"]), start, ROUNDS)
        status = paired(lambda: cpu_of([harvest, "status", "--db", str(db)]), start, ROUNDS)
    return [
        told.line("G14", "harvest --help / python -c pass", "<= 5", told.ratio <= 5),
        status.line("G14", "harvest status on an empty database / python -c pass", "<= 6", status.ratio <= 6),
    ]
