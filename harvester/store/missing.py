"""What is remembered of pages that are gone, and of what a host shows for a page that cannot exist.

Writing functions run inside the caller's `write_tx`; times are stored text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvester.store.posts import link_key

if TYPE_CHECKING:
    from harvester.store.connection import Connection


def held_text(conn: Connection, url: str) -> str:
    """The text of the post at an address, "" when we hold none."""
    row = conn.execute("SELECT text FROM posts WHERE key = ?", (link_key(url),)).fetchone()
    return str(row["text"] or "") if row else ""


def holds_host(conn: Connection, host: str) -> bool:
    """Whether we hold anything of a host."""
    return conn.execute("SELECT 1 FROM posts WHERE host = ? LIMIT 1", (host,)).fetchone() is not None


def count_gone(conn: Connection, url: str) -> None:
    """The post at an address, if we hold it, was found gone once more."""
    conn.execute("UPDATE posts SET gone_count = gone_count + 1 WHERE key = ?", (link_key(url),))


def shown(conn: Connection, host: str, *, since: str) -> str | None:
    """What a host shows for a page that cannot exist, as it was asked after `since`; None when it was not.

    "" when it could not be learned, or the host says so with a status as it should.
    """
    row = conn.execute("SELECT missing_page FROM hosts WHERE host = ? AND missing_at > ?", (host, since)).fetchone()
    return str(row["missing_page"] or "") if row else None


def save_shown(conn: Connection, host: str, page: str, *, now: str) -> None:
    """Keep what a host shows for a page that cannot exist."""
    conn.execute(
        """INSERT INTO hosts (host, missing_page, missing_at) VALUES (?, nullif(?, ''), ?) ON CONFLICT (host) DO UPDATE
           SET missing_page = excluded.missing_page, missing_at = excluded.missing_at""",
        (host, page, now),
    )
