"""Indexes and the search table: built by the first migration, taken off for bulk loads, put back when somebody else
took them off.

A table that is rebuilt loses its triggers without a word (`sqlite-utils transform` does that), and what is written
afterwards cannot be found: so every opening looks whether the three are there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from harvester.store.connection import Connection

INDEXES: Final = {
    "posts_author": "CREATE INDEX posts_author ON posts(author_id)",
    "posts_story": "CREATE INDEX posts_story ON posts(story_id)",
    "posts_day": "CREATE INDEX posts_day ON posts(substr(published_at, 1, 10), kind)",
    "posts_platform": "CREATE INDEX posts_platform ON posts(platform)",
    "event_posts_post": "CREATE INDEX event_posts_post ON event_posts(post_id)",
    "links_dst": "CREATE INDEX links_dst ON links(dst_post_id)",
    "links_src": "CREATE INDEX links_src ON links(src_post_id)",
    "links_unresolved": "CREATE INDEX links_unresolved ON links(dst) WHERE dst_post_id IS NULL",
}

# trigram, because unicode61 cannot find a word inside Japanese text; secure-delete, because without it
# the index keeps the words of erased posts readable.
FTS: Final = """
CREATE VIRTUAL TABLE posts_fts USING fts5(title, text, content='posts', content_rowid='id', tokenize='trigram');
INSERT INTO posts_fts(posts_fts, rank) VALUES ('secure-delete', 1);
"""
FTS_TRIGGERS: Final = {
    "posts_fts_insert": """CREATE TRIGGER posts_fts_insert AFTER INSERT ON posts BEGIN
      INSERT INTO posts_fts(rowid, title, text) VALUES (new.id, new.title, new.text); END""",
    "posts_fts_delete": """CREATE TRIGGER posts_fts_delete AFTER DELETE ON posts BEGIN
      INSERT INTO posts_fts(posts_fts, rowid, title, text) VALUES ('delete', old.id, old.title, old.text); END""",
    "posts_fts_update": """CREATE TRIGGER posts_fts_update AFTER UPDATE OF title, text ON posts BEGIN
      INSERT INTO posts_fts(posts_fts, rowid, title, text) VALUES ('delete', old.id, old.title, old.text);
      INSERT INTO posts_fts(rowid, title, text) VALUES (new.id, new.title, new.text); END""",
}


def search_follows(conn: Connection) -> bool:
    """Whether the three triggers that keep the search table equal to `posts` stand as they were written."""
    rows = conn.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'posts'")
    found = {row["name"]: row["sql"] for row in rows}
    return all(found.get(name) == sql for name, sql in FTS_TRIGGERS.items())


def drop_triggers(conn: Connection) -> None:
    """Let `posts` change without the search table, inside a transaction that builds it anew."""
    for name in FTS_TRIGGERS:
        conn.execute(f"DROP TRIGGER IF EXISTS {name}")


def rebuild_search(conn: Connection) -> None:
    """Make the search table from `posts` as it is now, and have it follow from now on."""
    drop_triggers(conn)
    conn.execute("INSERT INTO posts_fts(posts_fts) VALUES ('rebuild')")
    for sql in FTS_TRIGGERS.values():
        conn.execute(sql)
