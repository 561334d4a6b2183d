"""What is taken out of stored documents that stay: frozen reports and the event files' lists of people."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from harvester.errors import ConfigError
from harvester.event import identity_of, load
from harvester.store import snapshots
from harvester.text import fold
from harvester.traces import account_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from harvester.store.found import Found
    from harvester.store.open import Connection
    from harvester.traces import Account

FORGOTTEN = "forgotten"
_QUOTED = re.compile(r'"((?:[^"\\\n]|\\.)*)"|\'([^\'\n]*)\'')


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


def without_people(config: str, accounts: Collection[Account], persons: Collection[str]) -> str:
    """An event file's text in which the people of its lists are called `forgotten`: they stay a number.

    An address that also stands where only an address may stand is left alone; so is a file that would not be one.
    """
    for addresses in (True, False):
        renamed = partial(_renamed, accounts=accounts, persons=persons, addresses=addresses)
        made = _QUOTED.sub(renamed, config)
        if made == config:
            continue
        try:
            load(made, "stored")
        except ConfigError:
            continue
        return made
    return config


def _renamed(match: re.Match[str], *, accounts: Collection[Account], persons: Collection[str], addresses: bool) -> str:
    text = match[1] if match[1] is not None else match[2]
    if "://" in text and not addresses:
        return match[0]
    platform, handle = identity_of(text)
    if platform and account_of(platform, handle) in accounts:
        return f'"{FORGOTTEN}"' if "://" in text else f'"{platform}:{FORGOTTEN}"'
    return f'"{FORGOTTEN}"' if fold(text) in persons else match[0]
