"""The requests of a crawl: to make, under way, made, never to be made. Nothing of that lives in memory only.

A row is `todo`, `leased` (a child is working on it), `done`, `refused` (never asked, on purpose), `failed`
(asked again in the next run) or `dead` (five tries). `run_id` is the run that leased it last: no row is leased
twice in one run. Writing functions run inside the caller's `write_tx`; `now` and every other time is stored text.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harvester.store import hosts as hosts_table
from harvester.store import tombstones

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from harvester.store.connection import Connection

MAX_TRIES = 5
FREE = ("robots", "terms")  # reasons of requests that were refused before they were made
_SUSPECT = 2  # rows that were under way at so many crashes go last: should one be the cause, the rest is safe


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A request to remember. `state` is `todo`, or `refused` with the reason it is never made."""

    source: str
    fingerprint: str
    url: str
    host: str
    request: str = "{}"
    priority: int = 0
    depth: int = 0
    each_run: bool = False
    found_on: str = ""
    state: str = "todo"
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leased:
    """A request handed out to be made now; `tries` includes this one."""

    id: int
    url: str
    host: str
    request: str
    priority: int
    depth: int
    tries: int
    found_on: str


_ADD = """
INSERT INTO frontier (event, source, fingerprint, url, host, request, priority, depth, each_run, found_on, state,
  reason, detail, run_id, added_at)
VALUES (:event, :source, :fingerprint, :url, :host, :request, :priority, :depth, :each_run, nullif(:found_on, ''),
  :state, nullif(:reason, ''), nullif(:detail, ''), iif(:state = 'todo', NULL, :run_id), :now)
ON CONFLICT (event, source, fingerprint) DO UPDATE SET
  request = excluded.request, priority = excluded.priority, depth = min(depth, excluded.depth),
  each_run = max(each_run, excluded.each_run), tries = iif(state = 'todo', tries, 0), state = 'todo',
  run_id = iif(excluded.depth < depth, NULL, run_id)
WHERE excluded.state = 'todo' AND (
  -- asked for in every run, and this is a newer run than the one that answered
  (excluded.each_run AND state NOT IN ('leased', 'dead') AND ifnull(run_id, 0) < :run_id)
  -- reached on a shorter way: what lies behind it may now be within the depth budget
  OR (excluded.depth < depth AND state IN ('todo', 'done')))
"""


def add(conn: Connection, event: str, wanted: Iterable[Wanted], *, run_id: int, now: str) -> int:
    """Remember requests; how many are new or to be made again. Known ones are left alone otherwise."""
    changed = 0
    guard = tombstones.Guard(conn, event)
    for entry in wanted:
        if guard.url(entry.url):
            continue  # it would be asked for, and then not be stored
        values = {
            "event": event, "run_id": run_id, "now": now, "source": entry.source, "fingerprint": entry.fingerprint,
            "url": entry.url, "host": entry.host, "request": entry.request, "priority": entry.priority,
            "depth": entry.depth, "each_run": int(entry.each_run), "found_on": entry.found_on, "state": entry.state,
            "reason": entry.reason, "detail": entry.detail,
        }  # fmt: skip
        changed += conn.execute(_ADD, values).rowcount
    return changed


# Rows this run may still ask for, and hosts that nobody may be asked for now.
_OPEN = "event = :event AND source = :source AND state = 'todo' AND ifnull(run_id, 0) <> :run_id AND tries < :max"
_RESTING = "EXISTS (SELECT 1 FROM hosts WHERE hosts.host = frontier.host AND not_before > :now)"
_HELD = "EXISTS (SELECT 1 FROM hosts WHERE hosts.host = frontier.host AND held_until > :now AND holder <> :holder)"
_NEXT = f"""
SELECT * FROM frontier WHERE {_OPEN} AND tries >= :least AND host NOT IN (SELECT value FROM json_each(:busy))
  AND NOT {_RESTING} AND NOT {_HELD} ORDER BY priority DESC, id LIMIT 1
"""  # noqa: S608 - put together from the constants above


def lease(
    conn: Connection, event: str, source: str, *, run_id: int, holder: str, now: str, until: str,
    busy: Collection[str] = (), limit: int = 1,
) -> list[Leased]:  # fmt: skip
    """Hand out up to `limit` requests, each of another host that is not in `busy`, not resting, not held elsewhere.

    Their hosts are held by `holder` until `until`.
    """
    taken: list[Leased] = []
    hosts = set(busy)
    values = {"event": event, "source": source, "run_id": run_id, "now": now, "holder": holder}
    while len(taken) < limit:
        values["busy"] = json.dumps(sorted(hosts))
        row = conn.execute(_NEXT, values | {"least": 0, "max": _SUSPECT}).fetchone()
        row = row or conn.execute(_NEXT, values | {"least": _SUSPECT, "max": MAX_TRIES}).fetchone()
        if row is None:
            break
        conn.execute(
            "UPDATE frontier SET state = 'leased', run_id = ?, tries = tries + 1 WHERE id = ?", (run_id, row["id"])
        )
        hosts_table.hold(conn, row["host"], holder, until)
        hosts.add(row["host"])
        names = ("id", "url", "host", "request", "priority", "depth")
        fields = {name: row[name] for name in names}
        taken.append(Leased(**fields, tries=row["tries"] + 1, found_on=row["found_on"] or ""))
    return taken


def available(
    conn: Connection, event: str, source: str, *, run_id: int, holder: str, now: str, busy: Collection[str] = ()
) -> bool:
    """Whether `lease` would find anything, without writing."""
    values = {"event": event, "source": source, "run_id": run_id, "now": now, "holder": holder}
    values |= {"busy": json.dumps(sorted(busy)), "least": 0, "max": MAX_TRIES}
    return conn.execute(_NEXT, values).fetchone() is not None


def ready(conn: Connection, event: str, source: str, *, run_id: int, now: str) -> bool:
    """Whether a request is left for this run whose host does not rest; another child may hold the host."""
    sql = f"SELECT 1 FROM frontier WHERE {_OPEN} AND NOT {_RESTING} LIMIT 1"  # noqa: S608 - constants
    values = {"event": event, "source": source, "run_id": run_id, "now": now, "max": MAX_TRIES}
    return conn.execute(sql, values).fetchone() is not None


def resting(conn: Connection, event: str, source: str, *, now: str) -> tuple[int, str]:
    """How many requests wait for a host that asked us to stay away, and until when the first may go on ("" if none)."""
    row = conn.execute(
        """SELECT count(*) AS n, min(not_before) AS until FROM frontier JOIN hosts USING (host)
           WHERE event = ? AND source = ? AND state = 'todo' AND not_before > ?""",
        (event, source, now),
    ).fetchone()
    return int(row["n"]), row["until"] or ""


def waiting(conn: Connection, event: str, source: str) -> list[tuple[str, str]]:
    """(URL, host) of every request that the next run makes before anything new is found."""
    rows = conn.execute(
        """SELECT url, host FROM frontier WHERE event = ? AND source = ? AND tries < ?
           AND state IN ('todo', 'leased', 'failed')""",
        (event, source, MAX_TRIES),
    )
    return [(row["url"], row["host"]) for row in rows]


def made(conn: Connection, event: str, source: str, *, run_id: int) -> int:
    """How many requests of a source were leased in a run so far; what robots.txt or terms forbade cost nothing."""
    row = conn.execute(
        """SELECT count(*) AS n FROM frontier WHERE event = ? AND source = ? AND run_id = ?
           AND NOT (state = 'refused' AND (tries = 0 OR reason IN (?, ?)))""",
        (event, source, run_id, *FREE),
    ).fetchone()
    return int(row["n"])


def counts(conn: Connection, event: str) -> dict[str, dict[str, int]]:
    """Source to state to number of requests."""
    found: dict[str, dict[str, int]] = {}
    sql = "SELECT source, state, count(*) AS n FROM frontier WHERE event = ? GROUP BY source, state"
    for row in conn.execute(sql, (event,)):
        found.setdefault(row["source"], {})[row["state"]] = row["n"]
    return found


def known(conn: Connection, event: str) -> Iterator[tuple[str, str, str]]:
    """(source, fingerprint, url) of every remembered request of an event, for the guards against endless sites."""
    for row in conn.execute("SELECT source, fingerprint, url FROM frontier WHERE event = ?", (event,)):
        yield row["source"], row["fingerprint"], row["url"]


def finish(
    conn: Connection,
    row_id: int,
    state: str,
    *,
    reason: str,
    now: str,
    detail: str = "",
    http_status: int | None = None,
) -> None:
    """End a lease: `done`, `refused` or `failed` (which becomes `dead` at the fifth try)."""
    conn.execute(
        """UPDATE frontier SET state = iif(? = 'failed' AND tries >= ?, 'dead', ?), reason = ?, detail = nullif(?, ''),
           http_status = ?, done_at = ? WHERE id = ?""",
        (state, MAX_TRIES, state, reason, detail, http_status, now, row_id),
    )


def read_as(conn: Connection, row_id: int, charset: str, source: str, unreadable: int) -> None:
    """Note how the bytes of a page became text, and how many of its characters nobody could read."""
    conn.execute(
        "UPDATE frontier SET charset = ?, charset_source = ?, unreadable = ? WHERE id = ?",
        (charset, source, unreadable, row_id),
    )


def postpone(conn: Connection, row_id: int, *, reason: str, detail: str = "", counts: bool = False) -> None:
    """End a lease without an answer: asked again in the next run. The try `counts` when the row may be to blame."""
    conn.execute(
        """UPDATE frontier SET state = 'todo', tries = max(0, tries - iif(?, 0, 1)), reason = ?,
             detail = nullif(?, '') WHERE id = ?""",
        (counts, reason, detail, row_id),
    )


def put_back(conn: Connection, row_ids: Iterable[int]) -> None:
    """Leases that were never used: as if they had not been taken, also within this run."""
    conn.executemany(
        """UPDATE frontier SET state = 'todo', run_id = NULL, tries = max(0, tries - 1)
           WHERE id = ? AND state = 'leased'""",
        [(row_id,) for row_id in row_ids],
    )


def unarchived(conn: Connection, row_id: int) -> None:
    """End the lease of an offline run that found no copy: the row is what it was before."""
    conn.execute(
        """UPDATE frontier SET tries = max(0, tries - 1), state = CASE WHEN done_at IS NULL THEN 'todo'
             WHEN reason IN ('ok', 'not_modified', 'gone', 'soft_404') THEN 'done' ELSE 'failed' END WHERE id = ?""",
        (row_id,),
    )


def begin(
    conn: Connection, event: str, source: str, *, run_id: int, offline: bool = False, robots_before: str = ""
) -> None:
    """Start of a source: leases a killed child left behind and failures of earlier runs are to do again.

    The try of a lost lease counts only when the child died by itself (its ledger line says `failed`): when
    everything was killed, no request is to blame. Offline, every answered request is to do again. So is, in every
    run, a feed that others found (its request says nothing but where): no source asks for it again. And so is what
    robots.txt forbade before `robots_before`: its owner may have thought better of it.
    """
    conn.execute(
        """UPDATE frontier SET state = 'todo', run_id = NULL, tries = tries - iif(EXISTS (
             SELECT 1 FROM run_sources WHERE run_sources.run_id = frontier.run_id AND status = 'failed'
               AND run_sources.source = frontier.source AND query = ''), 0, 1)
           WHERE event = ? AND source = ? AND state = 'leased'""",
        (event, source),
    )
    states = "('failed', 'done')" if offline else "('failed')"
    conn.execute(
        f"""UPDATE frontier SET state = 'todo', tries = iif(state = 'done', 0, tries) WHERE event = ? AND source = ?
            AND state IN {states} AND ifnull(run_id, 0) <> ?""",  # noqa: S608 - two literals
        (event, source, run_id),
    )
    conn.execute(
        """UPDATE frontier SET state = 'todo', tries = 0 WHERE event = ? AND source = ? AND state = 'done' AND each_run
           AND ifnull(run_id, 0) < ? AND request = '{}'""",
        (event, source, run_id),
    )
    conn.execute(
        """UPDATE frontier SET state = 'todo', tries = 0 WHERE event = ? AND source = ? AND state = 'refused'
           AND reason = 'robots' AND done_at < ?""",
        (event, source, robots_before),
    )
    conn.execute(
        "UPDATE frontier SET state = 'dead' WHERE event = ? AND source = ? AND state = 'todo' AND tries >= ?",
        (event, source, MAX_TRIES),
    )
