"""Writing judgements: only what changed, inside the caller's `write_tx`. `decisions` only ever grows.

What a human or an import said (`decided_by`) is never overwritten here: the caller leaves such rows out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harvester.store.connection import Connection

TIE_COLUMNS = (
    "relevance", "score", "counted", "not_counted_reason", "incentivised", "local_day", "reasons", "decided_by",
    "rules_version", "config_hash",
)  # fmt: skip
LABEL_COLUMNS = (
    "side", "kind", "subkind", "attendance", "posterior", "runner_up", "review", "decided_by", "rules_version",
    "config_hash", "organisation",
)  # fmt: skip
_EVIDENCE = """
INSERT INTO evidence (event, author_id, post_id, rule, grp, side, weight, snippet, source_url, rules_version)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_DECISION = """
INSERT INTO decisions (event, author_id, post_id, value, posterior, rules_version, config_hash, at)
VALUES (:event, :author_id, :post_id, :value, :posterior, :rules_version, :config_hash, :at)
"""


def save_ties(conn: Connection, event: str, rows: Mapping[int, Mapping[str, Any]]) -> None:
    """Replace the judgement of these posts (by id) at the event."""
    marks = ", ".join(f"{name} = :{name}" for name in TIE_COLUMNS)
    sql = f"UPDATE event_posts SET {marks} WHERE event = :event AND post_id = :post_id"  # noqa: S608 - names are ours
    conn.executemany(sql, ({"event": event, "post_id": post_id, **row} for post_id, row in rows.items()))


def save_days(conn: Connection, event: str, days: Mapping[int, str]) -> None:
    """Fill the local day of posts that somebody else judged and left without one."""
    sql = "UPDATE event_posts SET local_day = ? WHERE event = ? AND post_id = ? AND local_day IS NULL"
    conn.executemany(sql, ((day, event, post_id) for post_id, day in days.items()))


def save_labels(conn: Connection, event: str, rows: Mapping[int, Mapping[str, Any]]) -> None:
    """Insert or replace the labels of these authors (by id) at the event."""
    names = ", ".join(LABEL_COLUMNS)
    marks = ", ".join(f":{name}" for name in LABEL_COLUMNS)
    updates = ", ".join(f"{name} = excluded.{name}" for name in LABEL_COLUMNS)
    sql = (
        f"INSERT INTO labels (author_id, event, {names}) VALUES (:author_id, :event, {marks}) "  # noqa: S608 - names are ours
        f"ON CONFLICT (event, author_id) DO UPDATE SET {updates}"
    )
    conn.executemany(sql, ({"event": event, "author_id": author_id, **row} for author_id, row in rows.items()))


def drop_labels(conn: Connection, event: str, authors: Iterable[int]) -> None:
    """Remove labels and evidence of authors who no longer have a post that may be about the event."""
    keys = [(event, author_id) for author_id in authors]
    conn.executemany("DELETE FROM labels WHERE event = ? AND author_id = ?", keys)
    conn.executemany("DELETE FROM evidence WHERE event = ? AND author_id = ?", keys)


def save_evidence(conn: Connection, event: str, found: Mapping[int, Iterable[tuple[Any, ...]]]) -> None:
    """Replace the evidence of these authors: (post_id, rule, grp, side, weight, snippet, source_url, rules_version)."""
    conn.executemany("DELETE FROM evidence WHERE event = ? AND author_id = ?", ((event, author) for author in found))
    conn.executemany(_EVIDENCE, ((event, author, *line) for author, lines in found.items() for line in lines))


def append_decisions(conn: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Add lines to the log of decisions."""
    conn.executemany(_DECISION, rows)


def save_relations(conn: Connection, rows: Iterable[tuple[str, int | None, int]]) -> None:
    """Set (relation, parent_id) of posts, each row (relation, parent_id, post_id)."""
    conn.executemany("UPDATE posts SET relation = ?, parent_id = ? WHERE id = ?", rows)


def save_targets(conn: Connection, event: str, found: Mapping[str, int]) -> None:
    """Tie links of the event that name these targets to the posts (by id) they turned out to be."""
    conn.executemany(
        "UPDATE links SET dst_post_id = ? WHERE dst_post_id IS NULL AND dst = ? AND event = ?",
        ((post_id, target, event) for target, post_id in found.items()),
    )


def save_stories(conn: Connection, stories: Mapping[int, Iterable[int]], alone: Iterable[int]) -> None:
    """Put posts into stories (representative's post id → ids to put there) and those `alone` out of theirs."""
    conn.executemany("UPDATE posts SET story_id = NULL WHERE id = ?", ((post_id,) for post_id in alone))
    for head, members in stories.items():
        row = conn.execute(
            """INSERT INTO stories (post_id) VALUES (?)
               ON CONFLICT (post_id) DO UPDATE SET post_id = post_id RETURNING id""",
            (head,),
        ).fetchone()
        conn.executemany(
            "UPDATE posts SET story_id = ? WHERE id = ? AND story_id IS NOT ?",
            ((row["id"], member, row["id"]) for member in members),
        )
    conn.execute("DELETE FROM stories WHERE NOT EXISTS (SELECT 1 FROM posts WHERE story_id = stories.id)")
    conn.execute(
        """UPDATE stories SET copies = n FROM (SELECT story_id, count(*) AS n FROM posts WHERE story_id IS NOT NULL
           GROUP BY story_id) AS c WHERE c.story_id = stories.id AND copies <> n"""
    )
