"""Copies of a live database that can be relied on: whole, checked, private, and there or not there.

A copy is VACUUM INTO of one moment, whatever a crawl writes meanwhile; `cp` of a database in WAL mode misses what
is still in the log, and SQLite's stepwise backup starts again at every commit. It gets its name only when it is on
disk and has passed its check, so that a kill or a full disk leaves the earlier backups and nothing that looks like one.
"""

from __future__ import annotations

import contextlib
import fcntl
import glob
import os
import re
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from harvester.errors import Damaged, DiskFull, Locked, Unopenable
from harvester.store.connection import open_as_is
from harvester.store.health import refuse_empty

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harvester.store.connection import Connection

KEEP: Final = 7
_STAMP: Final = "%Y%m%dT%H%M%SZ"
_LOGS: Final = ("-wal", "-shm", "-journal")  # what SQLite may leave beside a file that somebody opened


def folder_for(db: Path) -> Path:
    """Where the backups of a database go unless told otherwise; links are followed, as for its lock."""
    real = Path(os.path.realpath(db))
    return real.with_name(real.name + ".backups")


def existing(folder: Path, stem: str) -> list[Path]:
    """The finished backups of the database `<stem>.db` in a folder, newest first."""
    pattern = re.compile(rf"{re.escape(stem)}-\d{{8}}T\d{{6}}Z\.db")
    if not folder.is_dir():
        return []
    return sorted((path for path in folder.iterdir() if pattern.fullmatch(path.name)), reverse=True)


def taken_at(path: Path) -> datetime:
    """When a backup was made, by its name."""
    return datetime.strptime(path.stem[-16:], _STAMP).replace(tzinfo=UTC)


def file_of(conn: Connection) -> Path:
    """The file behind a connection."""
    return Path(conn.execute("SELECT file FROM pragma_database_list WHERE name = 'main'").fetchone()[0])


def backup(conn: Connection, folder: Path, now: datetime, *, keep: int | None = KEEP) -> Path:
    """Copy the database as it is now into `folder` (made 0700) as `<stem>-YYYYMMDDTHHMMSSZ.db` (0600); its path.

    Of the backups of this database the newest `keep` stay, the new one always; None removes nothing. `conn` is in
    no transaction and not `query_only`. Raises Locked while another backup is written there, Damaged, DiskFull or
    Unopenable; then every earlier backup is still there.
    """
    refuse_empty(conn)
    stem = file_of(conn).stem
    with _alone_in(folder):
        _sweep(folder, stem)
        target = _free_name(folder, stem, now)
        part = folder / f".{target.name}.part"
        try:
            copy(conn, part)
            part.rename(target)
            sync(folder)
        finally:
            part.unlink(missing_ok=True)
        if keep is not None:
            others = [path for path in existing(folder, stem) if path != target]
            for old in others[max(keep - 1, 0) :]:
                _remove(old)
    return target


def copy(conn: Connection, target: Path) -> None:
    """A checked copy of the database at `target`, a new private file; on disk when this returns."""
    handle = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        conn.execute("VACUUM INTO ?", (str(target.absolute()),))
        os.fsync(handle)
    finally:
        os.close(handle)
    with closing(open_as_is(target)) as made:
        told = made.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if told != "ok":
        raise Damaged(f"{file_of(conn)}: its copy is damaged ({told}); `harvest verify` names what")


def sync(folder: Path) -> None:
    """Put a folder's names on disk. Some shares cannot: then their own promise has to do."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with contextlib.suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Hold a folder against other backups; it is made when missing. The system's errors become ours."""
    handle = -1
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise Locked(f"{folder}: another backup is being written there; wait for it to end") from error
    except (PermissionError, NotADirectoryError, FileExistsError) as error:
        raise Unopenable(f"{folder}: no backup can be written there ({error.strerror}); name another folder") from error
    except OSError as error:
        raise DiskFull(
            f"{folder}: the backup cannot be written ({error.strerror}); free space, earlier backups are untouched"
        ) from error
    finally:
        if handle >= 0:
            os.close(handle)


def _sweep(folder: Path, stem: str) -> None:
    """Remove what a killed backup left: nobody else writes here now."""
    for left in folder.glob(f".{glob.escape(stem)}-*.db.part*"):
        left.unlink()


def _free_name(folder: Path, stem: str, now: datetime) -> Path:
    """The name of a backup made now; two within one second stand a second apart and replace nothing."""
    while (path := folder / f"{stem}-{now:{_STAMP}}.db").exists():
        now += timedelta(seconds=1)
    return path


def _remove(path: Path) -> None:
    path.unlink()
    for log in _LOGS:
        path.with_name(path.name + log).unlink(missing_ok=True)
