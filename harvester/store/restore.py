"""Putting a backup back: checked before it replaces anything, and what was erased since stays erased.

The copy is made, migrated and cleaned in a folder beside the database (`<db>.restoring`, swept by the next restore
after a kill) and takes the database's name in one step: whoever looks finds the old one or the new one, whole.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from harvester.errors import Damaged, ForeignDatabase, InputError, NewerDatabase, StorageBusy, Unopenable
from harvester.store import soundness
from harvester.store.backup import backup, copy, file_of, folder_for, sync
from harvester.store.connection import open_as_is, write_tx
from harvester.store.health import post_count, schema
from harvester.store.indexes import rebuild_search
from harvester.store.open import checkpoint, open_db
from harvester.store.secret import key_path
from harvester.store.tombstones import carry
from harvester.store.version import LATEST

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from harvester.store.connection import Connection
    from harvester.store.soundness import Tell

_WAIT_MS: Final = 5_000  # for another program to let go of the database
_HEADER: Final = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did.

    kept         where the replaced database is now, None when there was none
    set_aside    it was too damaged to be copied: `kept` is the file itself, as it was found
    carried      what people asked for since the backup holds in the restored database too
    erased       rows of the backup that people had had erased since
    """

    posts: int
    kept: Path | None
    set_aside: bool
    carried: bool
    erased: int


@contextlib.contextmanager
def staged(source: Path, db: Path, tell: Tell = lambda *_: None) -> Iterator[Connection]:
    """A backup as an open database of today's schema beside `db`, found sound; gone at the end of the block.

    The caller holds the database's lock. Raises InputError, NewerDatabase, Unopenable or Damaged.
    """
    real = Path(os.path.realpath(db))
    folder = real.with_name(real.name + ".restoring")
    _check(source, tell)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        made = folder / real.name
        with closing(open_as_is(source)) as conn:
            copy(conn, made)
        if key_path(real).exists():  # what was erased is known by a hash with the key that lies beside the database
            key_path(made).symlink_to(key_path(real))
        with closing(open_db(made)) as conn:
            found, _ = soundness.search(made)
            if found:
                with write_tx(conn):
                    rebuild_search(conn)
            yield conn
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _check(source: Path, tell: Tell) -> None:
    """Refuse what is no backup of ours, or no longer what was stored. A search index can be made again."""
    try:
        with closing(open_as_is(source)) as conn:
            version = schema(conn)
            if version > LATEST:
                raise NewerDatabase(
                    f"{source}: written by a newer harvester (schema {version}, we know {LATEST}); upgrade harvester"
                )
            if not version:
                raise Unopenable(f"{source}: empty, nothing was ever stored in it; choose another backup")
            tell("pages", 0, 0)
            texts = soundness.content(conn, post_count(conn), tell)
            parts = (soundness.pages(conn), soundness.references(conn), texts)
            damages = [found for part in parts for found in part if found.kind != "search"]
    except ForeignDatabase as error:
        raise InputError(
            f"{source}: no harvester database; `harvest restore latest` takes the newest backup"
        ) from error
    if damages:
        raise Damaged(
            f"{source}: damaged ({len(damages)} findings, the first: {damages[0].detail}), nothing was replaced; "
            f"choose another backup, `harvest verify --db {source}` names all"
        )


def put_in_place(made: Connection, db: Path, now: datetime) -> Restored:
    """Let a `staged` database take the place of `db`, which is kept as a backup. Closes `made`.

    Raises StorageBusy when another program has the present database open; then nothing was replaced.
    """
    real = Path(os.path.realpath(db))
    whole = real.exists() and _is_whole(real)
    before = _tombstones(made)
    carried = not real.exists() or _carried_over(real, made)
    erased = _erased_again(made, real, before)
    posts = post_count(made)
    copied = file_of(made)
    checkpoint(made)
    made.execute("PRAGMA journal_mode=DELETE").fetchone()  # one file, with nothing of it in a log
    made.close()
    kept = (_keep(real, now) if whole else _set_aside(real, now)) if real.exists() else None
    _clear_logs(real, now)
    copied.replace(real)
    sync(real.parent)
    return Restored(posts, kept, kept is not None and not whole, carried, erased)


def _is_whole(real: Path) -> bool:
    """Whether the present file can be read through; ForeignDatabase when it is another program's."""
    try:
        with closing(open_as_is(real)) as conn:
            return not any(found.kind == "pages" for found in soundness.pages(conn))
    except Damaged:
        return False
    except ForeignDatabase:
        with real.open("rb") as file:
            if file.read(len(_HEADER)) == _HEADER:
                raise
        return False


def _carried_over(real: Path, made: Connection) -> bool:
    """Take along what people asked for since the backup: erasures, and to be left out of numbers.

    False when the present file is too damaged to tell.
    """
    try:
        with closing(open_as_is(real)) as present, write_tx(made):
            tables = {row[0] for row in present.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
            if "tombstones" in tables:  # an older schema has none
                carry(present, made)
            if "authors" in tables:
                made.executemany(
                    """INSERT INTO authors (platform, handle, opted_out) VALUES (?, ?, 1)
                       ON CONFLICT (platform, handle) DO UPDATE SET opted_out = 1""",
                    [tuple(row) for row in present.execute("SELECT platform, handle FROM authors WHERE opted_out = 1")],
                )
    except (Damaged, ForeignDatabase):
        return False
    return True


def _erased_again(made: Connection, real: Path, before: int) -> int:
    """Erase from the copy what must not be there; how many rows that were.

    Without the key of the tombstones nobody can tell what they stand for. That is no obstacle while they are the
    backup's own, which were obeyed before it was made.
    """
    held = _tombstones(made)
    if not held or (held == before and not key_path(real).exists()):
        return 0
    from harvester.store.erase import reapply

    return reapply(made)


def _tombstones(conn: Connection) -> int:
    return int(conn.execute("SELECT count(*) FROM tombstones").fetchone()[0])


def _keep(real: Path, now: datetime) -> Path | None:
    """A backup of the present database, which nobody else has open and whose log is folded in when this returns."""
    with closing(open_as_is(real, write=True, busy_timeout_ms=_WAIT_MS)) as present:
        try:
            present.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            alone = present.execute("PRAGMA journal_mode=DELETE").fetchone()[0] == "delete"
        except StorageBusy:
            alone = False
        if not alone:
            raise StorageBusy(
                f"{real}: another program has it open; end it (`harvest browse`, a database tool) and run again"
            )
        if not present.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            return None
        return backup(present, folder_for(real), now, keep=None)


def _set_aside(real: Path, now: datetime) -> Path:
    """Move a file that cannot be copied out of the way, for whoever wants to save something from it."""
    kept = real.with_name(f"{real.name}.damaged-{now:%Y%m%dT%H%M%SZ}")
    real.rename(kept)
    return kept


def _clear_logs(real: Path, now: datetime) -> None:
    """A log of the replaced file would be played into the new one."""
    for suffix in ("-wal", "-journal"):
        log = real.with_name(real.name + suffix)
        if log.exists():
            log.rename(real.with_name(f"{real.name}.damaged-{now:%Y%m%dT%H%M%SZ}{suffix}"))
    real.with_name(real.name + "-shm").unlink(missing_ok=True)
