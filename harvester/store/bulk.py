"""Storing many posts at once: the same rows as `posts.save_post`, several times faster, in constant memory.

A batch costs one statement a table instead of a dozen a post. While most of the database is new, secondary indexes
and the search triggers are dropped and both built once at the end: everything happens inside the caller's
`write_tx`, so a load that is killed leaves neither half a file nor a database without its indexes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

from harvester import dates
from harvester.model import Rejected
from harvester.store import posts, tombstones
from harvester.store.bulk_authors import Authors
from harvester.store.bulk_rows import COLUMNS, INSERT, row_of, ties_of
from harvester.store.indexes import INDEXES, drop_triggers, rebuild_search
from harvester.store.posts import columns_of, update_row

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from harvester.model import Edge, Post
    from harvester.store.connection import Connection

BATCH = 1000
_WORTH_REBUILDING = 10_000
_BOUND = 500  # values bound in one statement

_LINK = """
INSERT INTO links (event, type, actor_id, src_post_id, dst, dst_post_id, at)
VALUES (?, ?, ?, ?, ?, (SELECT id FROM posts WHERE key = ?), ?)
ON CONFLICT DO UPDATE SET at = coalesce(excluded.at, at), dst_post_id = coalesce(excluded.dst_post_id, dst_post_id)
WHERE at IS NOT coalesce(excluded.at, at) OR dst_post_id IS NOT coalesce(excluded.dst_post_id, dst_post_id)
"""
_REJECTED = """INSERT INTO rejected (event, source, url, reason, detail, run_id, at) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING"""
_RESOLVE = """UPDATE links SET dst_post_id = (SELECT id FROM posts WHERE key = links.dst)
WHERE dst_post_id IS NULL AND EXISTS (SELECT 1 FROM posts WHERE key = links.dst)"""


def drop_indexes(conn: Connection) -> None:
    """Take off what makes single writes cheap to find and bulk writes dear; `rebuild_indexes` puts it back."""
    drop_triggers(conn)
    for name in INDEXES:
        conn.execute(f"DROP INDEX IF EXISTS {name}")


def rebuild_indexes(conn: Connection) -> None:
    """Resolve links between posts, then build every index and the search table anew."""
    conn.execute(_RESOLVE)
    for sql in INDEXES.values():
        conn.execute(sql)
    rebuild_search(conn)


@contextlib.contextmanager
def unindexed_while_empty(conn: Connection) -> Iterator[None]:
    """What is written into a database without posts is indexed once, at the end."""
    empty = conn.execute("SELECT 1 FROM posts LIMIT 1").fetchone() is None
    if empty:
        drop_indexes(conn)
    yield
    if empty:
        rebuild_indexes(conn)


class Loader:
    """Adds posts of one source to one event, inside the caller's `write_tx`, as a context manager.

    now          the stored time text of this run
    observed_at  when the numbers in the file were true; `now` where the file does not tell
    new, updated, unchanged   counts of posts so far, up to date after `flush`
    """

    def __init__(
        self,
        conn: Connection,
        *,
        event: str,
        source: str,
        run_id: int,
        now: str,
        query: str = "",
        observed_at: str = "",
    ) -> None:
        self._conn = conn
        self._event, self._source, self._query, self._run_id = event, source, query, run_id
        self._now = now
        self.observed_at = observed_at or now
        self._rank = posts.ENTRY if source == "csv" else posts.RECORD
        self.new = self.updated = self.unchanged = 0
        self._batch: dict[str, tuple[Post, str]] = {}
        self._edges: list[Edge] = []
        self._rejected: list[tuple[Any, ...]] = []
        self._authors = Authors(conn)
        self._guard = tombstones.Guard(conn, event)
        self._deferred = False
        self._held = 0
        self._next_id = 1

    def __enter__(self) -> Self:
        row = self._conn.execute("SELECT count(*) AS held, ifnull(max(id), 0) AS top FROM posts").fetchone()
        self._held, self._next_id = row["held"], row["top"] + 1
        if not self._held:
            self._defer()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.flush()
            if self._deferred:
                rebuild_indexes(self._conn)

    def _defer(self) -> None:
        drop_indexes(self._conn)
        self._deferred = True

    def add(self, post: Post) -> str:
        """Store a post, sooner or later; a key that comes twice is an update of the first.

        What was erased is not stored: the named reason then, else "".
        """
        if self._guard.active:
            sifted = self._guard.sifted(post)
            if isinstance(sifted, Rejected):
                return sifted.reason
            post = sifted
        if post.key in self._batch or len(self._batch) >= BATCH:
            self.flush()
        self._batch[post.key] = (post, self.observed_at)
        return ""

    def add_edge(self, edge: Edge) -> None:
        """Store a tie beside content, once the posts added before it are; none to or of what was erased."""
        if not self._guard.edge(edge):
            self._edges.append(edge)

    def reject(self, dropped: Rejected) -> None:
        """Keep the address and reason of a record that is no post."""
        self._rejected.append(
            (self._event, self._source, dropped.url, dropped.reason, dropped.detail or None, self._run_id, self._now)
        )
        if len(self._rejected) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting."""
        if self._batch:
            self._write([post for post, _ in self._batch.values()], [at for _, at in self._batch.values()])
            self._batch.clear()
            if not self._deferred and self.new >= max(_WORTH_REBUILDING, self._held):
                self._defer()
        for edge in self._edges:
            posts.save_edge(self._conn, edge, event=self._event, now=self._now)
        self._edges.clear()
        self._conn.executemany(_REJECTED, self._rejected)
        self._rejected.clear()

    def _write(self, batch: Sequence[Post], observed: Sequence[str]) -> None:
        conn, event, source = self._conn, self._event, self._source
        times = [dates.iso(post.published.at) if post.published.at else None for post in batch]
        authors = self._authors.ids_of(batch, [at[:10] for at in observed])
        ids = self._save_rows(batch, authors, times)
        conn.executemany(
            "INSERT INTO event_posts (event, post_id) VALUES (?, ?) ON CONFLICT DO NOTHING", [(event, n) for n in ids]
        )
        seen = (event, source, self._query, self._run_id, self._now)
        conn.executemany(
            "INSERT INTO sightings VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", [(n, *seen) for n in ids]
        )
        links = [
            (event, kind, author, post_id, dst, dst, at)
            for post, post_id, author, at in zip(batch, ids, authors, times, strict=True)
            for kind, dst in ties_of(post)
        ]
        conn.executemany(_LINK, links)
        numbers = [
            (post_id, name, value, at, source)
            for post, post_id, at in zip(batch, ids, observed, strict=True)
            for name, value in post.reactions
        ]
        conn.executemany("INSERT INTO reactions VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", numbers)

    def _save_rows(
        self, batch: Sequence[Post], authors: Sequence[int | None], times: Sequence[str | None]
    ) -> list[int]:
        """Insert or merge the posts themselves; their row numbers in order."""
        held = self._stored([post.key for post in batch])
        ids: list[int] = []
        inserts: list[tuple[Any, ...]] = []
        for post, author_id, at in zip(batch, authors, times, strict=True):
            row = row_of(post, author_id, self._rank, at)
            old = held.get(post.key)
            if old is None:
                inserts.append((self._next_id, *row, self._now))
                ids.append(self._next_id)
                self._next_id += 1
            else:
                changed = old[1:] != row and self._merge(old[0], post, author_id)
                self.updated += changed
                self.unchanged += not changed
                ids.append(old[0])
        self._conn.executemany(INSERT, inserts)
        self.new += len(inserts)
        if not self._deferred:
            self._conn.executemany(
                "UPDATE links SET dst_post_id = ? WHERE dst = ? AND dst_post_id IS NULL",
                [(row[0], row[1]) for row in inserts],
            )
        return ids

    def _merge(self, post_id: int, post: Post, author_id: int | None) -> bool:
        """What `save_post` does to a post it knows; whether that changed anything."""
        old = self._conn.execute("SELECT * FROM posts WHERE id = ?", (post_id,)).fetchone()
        return bool(update_row(self._conn, dict(old), columns_of(post, author_id, self._rank)))

    def _stored(self, keys: Sequence[str]) -> dict[str, tuple[Any, ...]]:
        """(id, *COLUMNS) of those keys that the database holds."""
        found: dict[str, tuple[Any, ...]] = {}
        for start in range(0, len(keys), _BOUND):
            some = keys[start : start + _BOUND]
            sql = f"SELECT id, {', '.join(COLUMNS)} FROM posts WHERE key IN ({', '.join('?' * len(some))})"  # noqa: S608
            found.update((row["key"], tuple(row)) for row in self._conn.execute(sql, some))
        return found
