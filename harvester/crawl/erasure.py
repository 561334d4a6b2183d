"""Erasing from every file we keep: the archive of fetched pages, the backups, the database with its log.

The database comes last: it knows what to look for in the others. Killed on the way, the same command starts again
and finds everything that is left. The caller holds the database's lock.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import zlib
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from harvester import dates
from harvester.crawl.compression import TooLarge, Truncated, decode
from harvester.errors import Damaged, ForeignDatabase, Locked, NewerDatabase, Unopenable
from harvester.store import archive, retention, secret, tombstones
from harvester.store.backup import existing, folder_for
from harvester.store.connection import open_as_is, write_tx
from harvester.store.erase import count, erase, rewrite
from harvester.store.found import look
from harvester.store.open import open_db
from harvester.store.subjects import Subject
from harvester.text import decode as decode_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from harvester.store.archive import Copy
    from harvester.store.connection import Connection
    from harvester.store.found import Found
    from harvester.traces import Traces

_LARGEST: Final = 64 << 20  # decoded bytes of a copy; the crawl takes 8 MiB


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an erasure took out, or would: rows of the database by table, archived copies, backups.

    unopened  backups that could not be opened and may still hold it
    """

    posts: int
    authors: int
    rows: Mapping[str, int]
    copies: int
    backups: int
    unopened: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stone:
    """What is remembered of an erasure: when, why, and which kind of tombstone (that of each value by default)."""

    now: str
    why: str = ""
    kind: str = ""


def survey(conn: Connection, db: Path, subject: Subject) -> Report:
    """What `everywhere` would take out. Writes nothing."""
    found = look(conn, subject)
    return Report(
        posts=len(found.posts) + len(found.ties), authors=len(found.authors) + len(found.whose),
        rows=count(conn, found), copies=len(_archived(_archive_of(db), found.traces)), backups=len(_backups(db)),
    )  # fmt: skip


def everywhere(
    conn: Connection, db: Path, subject: Subject, stone: Stone, *, before: Callable[[Found], None] | None = None
) -> Report:
    """Erase a subject from every file, and remember it as `stone` says, so that it is not stored again.

    A subject that is not stored is remembered all the same. `before` is called in the database's transaction, while
    everything is still there. Raises what the database raises, Locked while a backup
    is being written, and StorageBusy when another program keeps the log from being emptied.
    """
    key = secret.key_for(conn)
    found = look(conn, subject)
    with _no_backup_meanwhile(folder_for(db)):
        copies = purge_archive(db, found.traces)
        cleaned, unopened = _clean_backups(db, found, key, stone)
        with write_tx(conn):
            if before is not None:
                before(found)
            _remember(conn, found, key, stone)
            rows = erase(conn, found)
        rewrite(conn)
    return Report(
        posts=len(found.posts) + len(found.ties), authors=len(found.authors) + len(found.whose), rows=rows,
        copies=copies, backups=cleaned, unopened=unopened,
    )  # fmt: skip


def expire(conn: Connection, db: Path, event: str, now: datetime) -> int:
    """Erase an event's posts that are older than its `keep_days`, everywhere; how many posts that was.

    They leave their number (`expired_counts`) and no trace of their authors. The caller knows that the clock can be
    believed (`crawl.clock`).
    """
    limits = retention.limits(conn, now)
    until = limits.get(event)
    if until is None:
        return 0
    _drop_old_copies(db, list(limits.values()))
    with write_tx(conn):
        retention.drop_remains(conn, event, until)
    keys = retention.expired(conn, event, limits)
    if not keys:
        return 0
    stone = Stone(now=dates.iso(now), why="keep_days", kind="expired")
    done = everywhere(
        conn, db, Subject(keys=tuple(keys)), stone, before=lambda found: retention.keep_counts(conn, found.posts)
    )
    return done.posts


def _drop_old_copies(db: Path, limits: list[str | None]) -> None:
    """Archived pages belong to no event in particular: they go when they are too old for every one."""
    path = _archive_of(db)
    known = [until for until in limits if until is not None]
    if path.exists() and len(known) == len(limits):
        with closing(archive.open_archive(path)) as conn:
            archive.delete_older(conn, min(known))


def _remember(conn: Connection, found: Found, key: bytes, stone: Stone) -> None:
    tombstones.remember(
        conn, key, found.values, now=stone.now, why=stone.why, kind=stone.kind, event=found.subject.event
    )


def purge_archive(db: Path, traces: Traces) -> int:
    """Drop every archived copy that tells of what is erased, and rewrite the archive; how many there were."""
    path = _archive_of(db)
    if not path.exists() or not traces:
        return 0
    gone = _archived(path, traces)
    with closing(archive.open_archive(path)) as conn:
        archive.delete(conn, gone)
        rewrite(conn)  # also when nothing is left to delete: an earlier attempt may have ended between the two
    return len(gone)


def _archive_of(db: Path) -> Path:
    return db.with_name(db.name + ".archive")


def _archived(path: Path, traces: Traces) -> list[str]:
    """Keys of the copies that tell of it, nothing written. A copy is fetched again when needed: in doubt it goes."""
    if not path.exists() or not traces:
        return []
    with closing(open_as_is(path, application=archive.APPLICATION_ID)) as conn:
        return [copy.key for copy in archive.walk(conn) if _tells(copy, traces)]


def _tells(copy: Copy, traces: Traces) -> bool:
    if traces.theirs(copy.url) or traces.mentioned(copy.url) or traces.mentioned(copy.headers):
        return True
    headers = {name.lower(): values for name, values in json.loads(copy.headers)}
    codings = [part.strip().lower() for value in headers.get("content-encoding", ()) for part in value.split(",")]
    try:
        body = zlib.decompress(copy.body) if copy.deflated else decode(copy.body, [c for c in codings if c], _LARGEST)
    except (zlib.error, Truncated, TooLarge):
        return True
    return traces.mentioned(decode_text(body, (headers.get("content-type") or [""])[-1])[0])


def _backups(db: Path) -> list[Path]:
    real = Path(os.path.realpath(db))
    return existing(folder_for(real), real.stem)


def _clean_backups(db: Path, found: Found, key: bytes, stone: Stone) -> tuple[int, tuple[str, ...]]:
    """Erase it from every backup beside the database; (how many were cleaned, names of those that are beyond it)."""
    known = tuple(value[1] for value in found.values if value[0] == "post")
    subject = replace(found.subject, keys=tuple(dict.fromkeys([*found.subject.keys, *known])))
    cleaned, unopened = 0, []
    for path in _backups(db):
        try:
            with closing(open_db(path)) as conn:
                with write_tx(conn):
                    there = look(conn, subject)
                    _remember(conn, there, key, stone)
                    erase(conn, there)
                rewrite(conn)
                conn.execute("PRAGMA journal_mode=DELETE").fetchone()  # one file, as backups are
            cleaned += 1
        except (Damaged, ForeignDatabase, NewerDatabase, Unopenable):
            unopened.append(str(path))
        finally:
            shutil.rmtree(
                folder_for(path), ignore_errors=True
            )  # a copy made while an old schema was brought up to date
    return cleaned, tuple(unopened)


@contextlib.contextmanager
def _no_backup_meanwhile(folder: Path) -> Iterator[None]:
    """Hold the backups' folder, so that no backup of before is finished after. Raises Locked."""
    if not folder.is_dir():
        yield
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise Locked(f"{folder}: a backup is being written there; wait for it to end and run again") from error
    finally:
        os.close(handle)
