"""Whether a database is still what was written into it: its pages, its search index, its references, every text.

SQLite's own check sees damaged pages and hardly ever a changed letter inside one: only the hash that was stored with
a post tells that. Everything is read in short pieces, so that a crawl beside it is not held up; the search index
alone is checked under the write lock (about a second for 100 MB), because SQLite offers it only as a write.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from harvester.errors import Damaged, ForeignDatabase, Unopenable
from harvester.store import archive
from harvester.store.connection import open_as_is
from harvester.store.health import refuse_empty
from harvester.store.indexes import search_follows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from harvester.errors import HarvestError
    from harvester.store.connection import Connection

    Tell = Callable[[str, int, int], None]  # what is being read, how many are done, of how many

_BATCH: Final = 500
_MOST: Final = 100  # lines that SQLite may tell of one kind of damage


@dataclass(frozen=True, slots=True)
class Damage:
    """One thing that is not as it was stored.

    kind   pages, references, search, content or archive
    id     the post's row, 0 where none is meant
    url    the post's or the archived page's address, as far as it can be read
    """

    kind: str
    detail: str
    id: int = 0
    url: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was looked at, and every damage. `unchecked` says what could not be looked at and why."""

    posts: int
    copies: int
    damages: tuple[Damage, ...]
    unchecked: tuple[str, ...] = ()


def verify(db: Path, tell: Tell = lambda *_: None) -> Verdict:
    """Check a database of any schema, and the archive beside it. Changes nothing.

    Raises what opening raises (ForeignDatabase, Unopenable …) and StorageBusy.
    """
    damages: list[Damage] = []
    posts = 0
    unchecked: tuple[str, ...] = ()
    try:
        with closing(open_as_is(db)) as conn:
            refuse_empty(conn)
            tell("pages", 0, 0)
            damages += pages(conn)
            damages += references(conn)
            posts = _count(conn, "posts", damages)
            damages += content(conn, posts, tell)
        tell("search index", 0, 0)
        found, unchecked = search(db)
        damages += found
    except Damaged as error:  # not even what its tables are can be read
        damages.append(Damage("pages", _cause(error)))
    copies, found = archived(db.with_name(db.name + ".archive"), tell)
    damages += found
    return Verdict(posts, copies, tuple(damages), unchecked)


def _cause(error: HarvestError) -> str:
    """What SQLite said; our own sentence would send the user here."""
    return str(error.__cause__ or error)


def pages(conn: Connection, kind: str = "pages") -> Iterator[Damage]:
    """What SQLite finds wrong with the file's pages."""
    try:
        for (line,) in conn.execute(f"PRAGMA quick_check({_MOST})"):
            if line != "ok":
                yield Damage("search" if "FTS5" in line else kind, line)
    except Damaged as error:
        yield Damage(kind, _cause(error))


def references(conn: Connection) -> Iterator[Damage]:
    """Rows that refer to rows which are not there."""
    try:
        for number, row in enumerate(conn.execute("PRAGMA foreign_key_check")):
            if number < _MOST:
                yield Damage("references", f"{row['table']} row {row['rowid']}: its {row['parent']} row is missing")
    except Damaged as error:
        yield Damage("references", _cause(error))


def content(conn: Connection, total: int, tell: Tell) -> Iterator[Damage]:
    """Posts whose title and text are not those that were hashed when they were stored."""
    last = seen = 0
    while True:
        try:
            rows = conn.execute(
                """SELECT id, CAST(url AS BLOB), CAST(title AS BLOB), CAST(text AS BLOB), CAST(content_sha256 AS BLOB)
                   FROM posts WHERE id > ? ORDER BY id LIMIT ?""",
                (last, _BATCH),
            ).fetchall()
        except Damaged as error:
            yield Damage("content", f"posts after row {last} cannot be read ({_cause(error)})")
            return
        for post_id, url, title, text, stored in rows:
            if not _is_as_stored(title, text, stored):
                told = "title or text is not what was stored"
                yield Damage("content", told, post_id, (url or b"").decode("utf-8", "replace"))
        if not rows:
            return
        last, seen = rows[-1][0], seen + len(rows)
        tell("posts", seen, total)


def _is_as_stored(title: bytes | None, text: bytes | None, stored: bytes | None) -> bool:
    """As `posts.content_hash`, over the bytes of the file: changed ones need not be text any more."""
    if stored is None:  # nothing was promised of it
        return True
    return hashlib.sha256((title or b"") + b"\n" + (text or b"")).hexdigest().encode() == stored


def search(db: Path) -> tuple[list[Damage], tuple[str, ...]]:
    """What is wrong with the search index; and, where this user may not write the file, that it was not checked."""
    try:
        conn = open_as_is(db, write=True)
    except (Unopenable, ForeignDatabase) as error:
        return [], (f"search index: {error}",)
    with closing(conn):
        if not search_follows(conn):
            return [Damage("search", "what was stored lately cannot be found: its triggers are gone")], ()
        conn.execute("BEGIN IMMEDIATE")
        try:
            conn.execute("INSERT INTO posts_fts(posts_fts, rank) VALUES ('integrity-check', 1)")
        except Damaged:
            return [Damage("search", "the index does not fit the posts")], ()
        finally:
            if conn.in_transaction:  # some faults have ended it already
                conn.execute("ROLLBACK")
    return [], ()


def archived(path: Path, tell: Tell) -> tuple[int, list[Damage]]:
    """How many pages the archive holds, and those that cannot be read again; (0, []) without an archive."""
    if not path.exists():
        return 0, []
    try:
        conn = open_as_is(path, application=archive.APPLICATION_ID)
    except (Damaged, ForeignDatabase) as error:
        return 0, [Damage("archive", _cause(error))]
    with closing(conn):
        damages = list(pages(conn, "archive"))
        total = _count(conn, "copies", damages, "archive")
        damages += _copies(conn, total, tell)
    return total, damages


def _copies(conn: Connection, total: int, tell: Tell) -> Iterator[Damage]:
    last = seen = 0
    while True:
        try:
            rows = conn.execute(
                """SELECT rowid, CAST(url AS BLOB), CAST(headers AS BLOB), body, deflated FROM copies
                   WHERE rowid > ? ORDER BY rowid LIMIT ?""",
                (last, _BATCH // 10),
            ).fetchall()
        except Damaged as error:
            yield Damage("archive", f"copies after row {last} cannot be read ({_cause(error)})")
            return
        for _, url, headers, body, deflated in rows:
            if not _is_readable(headers, body if deflated else b""):
                yield Damage("archive", "this copy cannot be read", url=url.decode("utf-8", "replace"))
        if not rows:
            return
        last, seen = rows[-1][0], seen + len(rows)
        tell("archive", seen, total)


def _is_readable(headers: bytes, deflated: bytes) -> bool:
    try:
        json.loads(headers)
        if deflated:
            zlib.decompress(deflated)
    except (ValueError, zlib.error):
        return False
    return True


def _count(conn: Connection, table: str, damages: list[Damage], kind: str = "pages") -> int:
    try:
        return int(conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - names are ours
    except Damaged as error:
        damages.append(Damage(kind, f"{table} cannot be counted ({_cause(error)})"))
        return 0
