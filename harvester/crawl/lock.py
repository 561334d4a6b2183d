"""One writing command per database: a lock file beside it that a crash, too, gives back."""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path
from typing import TYPE_CHECKING

from harvester.errors import Locked, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


def lock_path(db: Path) -> Path:
    """The lock file of a database; links are followed, so that two names of one file meet."""
    real = Path(os.path.realpath(db))
    return real.with_name(real.name + ".lock")


@contextlib.contextmanager
def hold(db: Path, *, now: datetime) -> Iterator[None]:
    """Hold the database's lock for a `with` block. Raises Locked at once, naming who holds it.

    The lock is flock(2)'s on a descriptor that no child inherits: killed with SIGKILL we hold it no longer,
    whatever still runs. The file stays; it says `pid <n> since <UTC time>` of its last holder.
    """
    path = lock_path(db)
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StorageError(f"{path}: cannot be created ({error.strerror}); check the folder's permissions") from error
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(fd, 200, 0).decode("utf-8", "replace").strip() or "unknown"
            raise Locked(f"{db}: another harvest command works on it ({holder}); wait for it to end") from error
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"pid {os.getpid()} since {now:%Y-%m-%dT%H:%M:%SZ}\n".encode(), 0)
        yield
    finally:
        os.close(fd)
