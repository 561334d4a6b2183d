"""Authors of a bulk load: new ones many at a time, known ones only when something about them differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvester.store import posts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harvester.model import Author, Post
    from harvester.store.connection import Connection

_REMEMBERED = 20_000
_BOUND = 400  # pairs bound in one statement
_INSERT = """INSERT INTO authors (id, platform, handle, name, url, bio, organisation, website, is_org, followers)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_AUDIENCE = "INSERT INTO audience VALUES (?, ?, ?, ?)"

Key = tuple[str, str]


class Authors:
    """What this load last wrote of whom; rows as `posts.save_author` writes them."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._known: dict[Key, tuple[Author, str, int]] = {}

    def ids_of(self, batch: Sequence[Post], days: Sequence[str]) -> list[int | None]:
        """The row of each post's author, None where it has none; `days` date the follower counts."""
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._insert_new(batch, days)
        return [self._id(post.author, day) if post.author else None for post, day in zip(batch, days, strict=True)]

    def _id(self, author: Author, day: str) -> int:
        key = (author.platform, author.handle)
        known = self._known.get(key)
        if known and known[1] == day and (known[0] is author or known[0] == author):
            return known[2]
        author_id = posts.save_author(self._conn, author, day=day)
        self._known[key] = (author, day, author_id)
        return author_id

    def _insert_new(self, batch: Sequence[Post], days: Sequence[str]) -> None:
        """Those whom neither this load nor the database knows, as they are met first."""
        met: dict[Key, tuple[Author, str]] = {}
        for post, day in zip(batch, days, strict=True):
            if (author := post.author) and (key := (author.platform, author.handle)) not in self._known:
                met.setdefault(key, (author, day))
        for key in self._stored(met):
            del met[key]
        rows, audience = [], []
        # Asked anew for every batch: an edge between two of them may have made an author of its own.
        first = int(self._conn.execute("SELECT ifnull(max(id), 0) + 1 FROM authors").fetchone()[0])
        for author_id, (key, (author, day)) in enumerate(met.items(), first):
            rows.append((
                author_id, *key, author.name or None, author.url or None, author.bio or None,
                author.organisation or None, author.website or None, int(author.is_org), author.followers,
            ))  # fmt: skip
            if author.followers is not None:
                audience.append((author_id, author.platform, author.followers, day))
            self._known[key] = (author, day, author_id)
        self._conn.executemany(_INSERT, rows)
        self._conn.executemany(_AUDIENCE, audience)

    def _stored(self, keys: Iterable[Key]) -> list[Key]:
        """The keys that the database holds."""
        wanted, found = list(keys), []
        for start in range(0, len(wanted), _BOUND):
            some = wanted[start : start + _BOUND]
            marks = ", ".join(["(?, ?)"] * len(some))
            sql = f"SELECT platform, handle FROM authors WHERE (platform, handle) IN (VALUES {marks})"  # noqa: S608 - marks only
            bound = [part for key in some for part in key]
            found += [(row["platform"], row["handle"]) for row in self._conn.execute(sql, bound)]
        return found
