"""Erasing posts and people from one database: every row, index and copy that tells of them, in one transaction.

`found.look` finds what a subject has in a database, `erase` takes it out, `rewrite` leaves no byte of it in the file.
What stays is a tombstone (`store.tombstones`); `reapply` erases what matches one, after a restore.
"""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Final

from harvester.errors import StorageBusy
from harvester.store import erase_rows as rows
from harvester.store import erase_text, tombstones
from harvester.store.backup import file_of
from harvester.store.connection import open_as_is, write_tx
from harvester.store.found import look
from harvester.store.subjects import Subject
from harvester.text import fold
from harvester.traces import account_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harvester.store.connection import Connection
    from harvester.store.found import Found
    from harvester.traces import Traces

_READERS_MS: Final = 2_000  # for who reads an older moment, which is in the log, to come to an end


@contextlib.contextmanager
def _knowing(conn: Connection, traces: Traces) -> Iterator[None]:
    """The conditions' functions, for a while."""
    functions = {
        "theirs": traces.theirs, "addressed": traces.addressed, "quoted": traces.quoted,
        "mentioned": traces.mentioned, "folded": fold,
    }  # fmt: skip
    for name, function in functions.items():
        conn.create_function(name, 1, lambda text, ask=function: text and ask(str(text)), deterministic=True)
    try:
        yield
    finally:
        for name in functions:
            conn.create_function(name, 1, None)


def count(conn: Connection, found: Found) -> Counter[str]:
    """How many rows of each table `erase` would delete or clean."""
    counted: Counter[str] = Counter()
    with _knowing(conn, found.traces):
        for table, where, *_ in (*rows.DELETED, *rows.CLEANED):
            sql = f"SELECT count(*) FROM {table} WHERE {where}"  # noqa: S608 - constants of erase_rows
            counted[table] += conn.execute(sql, found.parameters).fetchone()[0]
    return +counted


def erase(conn: Connection, found: Found) -> Counter[str]:
    """Delete and clean every row that tells of it, inside the caller's `write_tx`; rows by table."""
    done: Counter[str] = Counter()
    with _knowing(conn, found.traces):
        for table, where, change in rows.CLEANED:
            # Two words that are the same once nobody is named in them are one.
            sql = f"UPDATE OR REPLACE {table} SET {change} WHERE {where}"  # noqa: S608 - constants of erase_rows
            done[table] += conn.execute(sql, found.parameters).rowcount
        done += erase_text.clean(conn, found)
        for table, where in rows.DELETED:
            done[table] += conn.execute(f"DELETE FROM {table} WHERE {where}", found.parameters).rowcount  # noqa: S608
    if conn.execute("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat4'").fetchone():
        conn.execute("DELETE FROM sqlite_stat4")  # the planner's samples are copies of keys
    return +done


def rewrite(conn: Connection) -> None:
    """Write the file anew from what is in it, and empty its log; outside of a transaction.

    `secure_delete` overwrites what is deleted, not what once stood elsewhere on a page that was split: of 500 deleted
    keys, 2 to 5 stayed readable. Needs free space of twice the file. Raises StorageBusy when a reader keeps the log.
    """
    path = file_of(conn)
    part = path.with_name(f".{path.name}.rewrite")
    application = conn.execute("PRAGMA application_id").fetchone()[0]
    part.unlink(missing_ok=True)
    try:
        os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        conn.execute("VACUUM INTO ?", (str(part),))
        with closing(open_as_is(part, application=application)) as clean:
            clean.backup(conn)  # in one step: readers see the file before or after
    finally:
        part.unlink(missing_ok=True)
    empty_log(conn, path)


def empty_log(conn: Connection, path: Path) -> None:
    """Fold the write-ahead log into the file and cut it to nothing. Raises StorageBusy when a reader keeps it."""
    usual = conn.execute("PRAGMA busy_timeout").fetchone()[0]
    conn.execute(f"PRAGMA busy_timeout={min(usual, _READERS_MS)}")
    kept = conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    conn.execute(f"PRAGMA busy_timeout={usual}")
    if kept:
        raise StorageBusy(
            f"{path}: erased, but its log still holds what was erased, because another program reads the database;"
            " end it (`harvest browse`, a database tool) and run the same command again"
        )


def reapply(conn: Connection) -> int:
    """Erase everything that matches a tombstone of this database, and rewrite its file; how many rows that was.

    For a database that was put back from a copy. Raises ConfigError when the key file is missing.
    """
    erased = 0
    with write_tx(conn):
        for subject in _matching(conn):
            erased += erase(conn, look(conn, subject)).total()
    if erased:
        rewrite(conn)
    return erased


def _matching(conn: Connection) -> list[Subject]:
    """What is there and has a tombstone: everywhere, then at each event that somebody wanted to be left out of."""
    guard = tombstones.Guard(conn)
    if not guard.active:
        return []
    scopes = conn.execute("SELECT DISTINCT substr(kind, instr(kind, '@') + 1) FROM tombstones WHERE kind LIKE '%@%'")
    return [_matched(conn, guard, event) for event in ("", *(row[0] for row in scopes))]


def _matched(conn: Connection, guard: tombstones.Guard, event: str) -> Subject:
    accounts = [
        account_of(row["platform"], row["handle"])
        for row in conn.execute("SELECT platform, handle FROM authors")
        if guard.account(row["platform"], row["handle"], event)
    ]
    names = conn.execute("SELECT person AS name FROM attendance UNION SELECT dst FROM links WHERE dst LIKE '%:@%'")
    for name, *_ in names:
        platform, _, handle = name.partition(":")
        if handle and guard.account(platform, handle.removeprefix("@"), event):
            accounts.append(account_of(platform, handle.removeprefix("@")))
    keys = []
    for row in conn.execute(rows.POSTS):
        account = (row["platform"], row["handle"]) if row["handle"] is not None else None
        original = row["target"] if row["relation"] == "repost" and row["target"] else ""
        if guard.why(tombstones.values_of(row["key"], (row["url"], row["canonical_url"]), account, original), event):
            keys.append(row["key"])
    for row in conn.execute("SELECT DISTINCT url FROM frontier WHERE ? = ''", (event,)):
        keys += [value[1] for value in tombstones.values_of_url(row["url"])[:1] if guard.url(row["url"])]
    return Subject(keys=tuple(dict.fromkeys(keys)), accounts=tuple(dict.fromkeys(accounts)), event=event)
