"""The write-ahead log beside the database: how large it is, and who makes it grow.

SQLite folds it into the database every thousand pages, but never past what somebody still reads: one reader that
never ends its transaction (a query left open in another tool) lets it grow for as long as we write.
"""

from __future__ import annotations

from pathlib import Path

LARGE = 256 << 20  # bytes; a crawl's own log stays below 5 MB


def size_of(db: str | Path) -> int:
    """Bytes in the log of a database, 0 when it has none."""
    try:
        return Path(f"{db}-wal").stat().st_size
    except OSError:
        return 0


def warning(db: str | Path) -> str:
    """What to tell a user about a log that has grown too large, "" while it has not."""
    size = size_of(db)
    if size < LARGE:
        return ""
    return (
        f"{db}-wal: {size >> 20} MB and growing; another program has been reading the database since before "
        "this was written, end it (`harvest browse`, a database tool) and the file shrinks"
    )
