"""What is taken out of stored documents that stay: frozen reports and the event files' lists of people."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

from harvester.errors import ConfigError
from harvester.event import identity_of, load
from harvester.text import fold
from harvester.traces import account_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from harvester.store.found import Found
    from harvester.store.open import Connection
    from harvester.traces import Account, Traces

FORGOTTEN = "forgotten"
_GONE = object()
_QUOTED = re.compile(r'"((?:[^"\\\n]|\\.)*)"|\'([^\'\n]*)\'')


def clean(conn: Connection, found: Found) -> Counter[str]:
    """Inside the caller's `write_tx`: items out of snapshots, people out of stored event files; rows changed by table.

    The numbers of a frozen report stay.
    """
    changed: Counter[str] = Counter()
    traces, posts, event = found.traces, set(found.posts), found.subject.event
    for row in conn.execute("SELECT id, numbers, items FROM snapshots").fetchall():
        kept = {name: _without(row[name], traces, posts if name == "items" else set()) for name in ("numbers", "items")}
        if any(kept[name] != row[name] for name in kept):
            conn.execute("UPDATE snapshots SET numbers = ?, items = ? WHERE id = ?", (*kept.values(), row["id"]))
            changed["snapshots"] += 1
    changed["posts"] += _clean_mentions(conn, found)
    files = conn.execute("SELECT slug, config FROM events WHERE config IS NOT NULL AND ? IN ('', slug)", (event,))
    for row in files.fetchall():
        config = without_people(row["config"], found.subject.accounts, found.persons)
        if config != row["config"]:
            conn.execute("UPDATE events SET config = ? WHERE slug = ?", (config, row["slug"]))
            changed["events"] += 1
    return changed


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


def _without(text: str, traces: Traces, posts: set[int]) -> str:
    """A JSON text without the entries of its lists that name what is erased."""
    try:
        value = json.loads(text)
    except ValueError:
        return "[]" if traces.mentioned(text) else text
    kept = _pruned(value, traces, posts)
    return text if kept == value else json.dumps([] if kept is _GONE else kept, ensure_ascii=False)


def _pruned(value: Any, traces: Traces, posts: set[int]) -> Any:
    if isinstance(value, list):
        return [kept for entry in value if (kept := _pruned(entry, traces, posts)) is not _GONE]
    if isinstance(value, dict):
        if value.get("post_id") in posts and posts:
            return _GONE
        kept = {name: _pruned(entry, traces, set()) for name, entry in value.items()}
        # An object that says something of what is erased is about it: nothing of it stays.
        return _GONE if any(entry is _GONE for entry in kept.values()) else kept
    if isinstance(value, str):
        return _GONE if traces.theirs(value) or traces.mentioned(value) else value
    return _GONE if type(value) is int and value in posts else value


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
