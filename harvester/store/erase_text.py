"""What is taken out of stored documents that stay: frozen reports and the event files' lists of people."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from harvester.event.without import without_people
from harvester.store import snapshots
from harvester.text import fold

if TYPE_CHECKING:
    from harvester.store.connection import Connection
    from harvester.store.found import Found


def clean(conn: Connection, found: Found) -> Counter[str]:
    """Inside the caller's `write_tx`: items out of snapshots, people out of stored event files; rows changed by table.

    The numbers of a frozen report stay.
    """
    changed: Counter[str] = Counter()
    event = found.subject.event
    changed["snapshots"] += snapshots.forget(conn, found)
    changed["posts"] += _clean_mentions(conn, found)
    files = conn.execute("SELECT slug, config FROM events WHERE config IS NOT NULL AND ? IN ('', slug)", (event,))
    for row in files.fetchall():
        config = without_people(row["config"], found.subject.accounts, found.persons)
        if config != row["config"]:
            conn.execute("UPDATE events SET config = ? WHERE slug = ?", (config, row["slug"]))
            changed["events"] += 1
    return +changed


def _clean_mentions(conn: Connection, found: Found) -> int:
    """What others wrote stays; that it names the account is no field of their posts any more."""
    gone = {name for name in found.names if ":@" in name}
    changed = 0
    for row in (
        conn.execute("SELECT id, platform, mentions FROM posts WHERE mentions <> '[]'").fetchall() if gone else ()
    ):
        told = json.loads(row["mentions"])
        kept = [handle for handle in told if f"{row['platform']}:@{fold(handle.lstrip('@'))}" not in gone]
        if kept != told:
            text = json.dumps(kept, ensure_ascii=False)
            conn.execute("UPDATE posts SET mentions = ? WHERE id = ?", (text, row["id"]))
            changed += 1
    return changed
