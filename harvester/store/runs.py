"""The ledger of what was asked and what came back: runs, their sources, cursors and money."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from harvester import __version__

if TYPE_CHECKING:
    from harvester.store.connection import Connection, Row

OFFLINE: Final = "offline"  # the detail of a run that asked nobody
_SOURCE_COLUMNS = frozenset({
    "status", "reason", "window_start", "window_end", "found", "new", "requests", "errors", "returned",
    "reported_total", "truncated", "cost_usd", "detail", "started_at", "ended_at", "event",
})  # fmt: skip


def start_run(conn: Connection, command: str, event: str | None, *, now: str) -> int:
    """A new run row, status `running`; its id."""
    row = conn.execute(
        """INSERT INTO runs (command, event, started_at, status, version, pid)
           VALUES (?, ?, ?, 'running', ?, ?) RETURNING id""",
        (command, event, now, __version__, os.getpid()),
    ).fetchone()
    return int(row["id"])


def finish_run(conn: Connection, run_id: int, status: str, exit_code: int, *, now: str, detail: str = "") -> None:
    """Close a run with its status (ok, partial, failed, interrupted) and exit code."""
    conn.execute(
        "UPDATE runs SET ended_at = ?, status = ?, exit_code = ?, detail = nullif(?, '') WHERE id = ?",
        (now, status, exit_code, detail, run_id),
    )


def save_source(conn: Connection, run_id: int, source: str, query: str = "", **columns: Any) -> None:
    """Upsert one line of the gap ledger: what a source (and query) asked, got and missed in this run."""
    unknown = set(columns) - _SOURCE_COLUMNS
    if unknown:
        raise ValueError(f"run_sources has no column {sorted(unknown)}")
    values = {"status": "running"} | columns
    names = ", ".join(values)
    marks = ", ".join("?" * len(values))
    updates = ", ".join(f"{name} = excluded.{name}" for name in columns) or "status = excluded.status"
    sql = (
        f"INSERT INTO run_sources (run_id, source, query, {names}) VALUES (?, ?, ?, {marks}) "  # noqa: S608 - checked
        f"ON CONFLICT (run_id, source, query) DO UPDATE SET {updates}"
    )
    conn.execute(sql, (run_id, source, query, *values.values()))


def sources_of(conn: Connection, run_id: int) -> list[Row]:
    """The ledger lines of one run, whole sources (query '') first."""
    return list(conn.execute("SELECT * FROM run_sources WHERE run_id = ? ORDER BY source, query", (run_id,)))


def last_requests(conn: Connection, event: str, source: str) -> int | None:
    """How many requests a source made in its last crawl of an event that asked anybody, None before the first."""
    row = conn.execute(
        """SELECT requests FROM run_sources JOIN runs ON runs.id = run_id
           WHERE run_sources.event = ? AND source = ? AND query = '' AND run_sources.status IN ('ok', 'partial')
             AND ifnull(runs.detail, '') <> ? ORDER BY run_id DESC LIMIT 1""",
        (event, source, OFFLINE),
    ).fetchone()
    return int(row["requests"]) if row else None


def returned_before(
    conn: Connection, event: str, source: str, query: str, *, run_id: int, limit: int
) -> list[int]:  # fmt: skip
    """How much a question's answers held in the runs before this one that asked over the same window, newest first."""
    rows = conn.execute(
        """SELECT earlier.returned FROM run_sources now JOIN run_sources earlier USING (event, source, query)
           JOIN runs ON runs.id = earlier.run_id
           WHERE now.run_id = ? AND now.event = ? AND now.source = ? AND now.query = ? AND earlier.run_id < now.run_id
             AND earlier.returned IS NOT NULL AND earlier.window_start IS now.window_start
             AND ifnull(runs.detail, '') <> ? ORDER BY earlier.run_id DESC LIMIT ?""",
        (run_id, event, source, query, OFFLINE, limit),
    )
    return [int(row["returned"]) for row in rows]


def latest_moment(conn: Connection, horizon: str) -> tuple[int, str]:
    """The run made here that knew the latest time, and that time; (0, "") when there is none.

    Only the newest run may have known a time after `horizon`: one clock that was years ahead must not be believed
    for years. Runs that came in a file had another clock, and no process here.
    """
    row = conn.execute(
        """SELECT id, max(started_at, ifnull(ended_at, '')) AS at FROM runs WHERE pid IS NOT NULL
           AND (id = (SELECT max(id) FROM runs WHERE pid IS NOT NULL) OR max(started_at, ifnull(ended_at, '')) <= ?)
           ORDER BY at DESC LIMIT 1""",
        (horizon,),
    ).fetchone()
    return (int(row["id"]), str(row["at"])) if row else (0, "")


def describe_source(
    conn: Connection, source: str, *, fed_by: str, horizon_days: int | None, platforms: str, contributes: str,
    follows: bool = False, late: int = 0,
) -> None:  # fmt: skip
    """Keep what a source can see, which the coverage estimate needs; `platforms` is a JSON list."""
    conn.execute(
        """INSERT INTO sources (source, fed_by, horizon_days, platforms, contributes, follows, late)
           VALUES (?, nullif(?, ''), ?, ?, ?, ?, ?) ON CONFLICT (source) DO UPDATE SET
           fed_by = excluded.fed_by, horizon_days = excluded.horizon_days, platforms = excluded.platforms,
           contributes = excluded.contributes, follows = excluded.follows,
           late = excluded.late""",
        (source, fed_by, horizon_days, platforms, contributes, follows, late),
    )


def get_cursor(conn: Connection, source: str, event: str, query: str = "") -> str:
    """Where the last complete walk of a query ended, "" at first."""
    row = conn.execute(
        "SELECT cursor FROM checkpoints WHERE source = ? AND event = ? AND query = ?", (source, event, query)
    ).fetchone()
    return str(row["cursor"]) if row else ""


def set_cursor(
    conn: Connection, source: str, event: str, query: str, cursor: str, *, now: str, after_reset: bool = False
) -> None:
    """Advance a cursor, in the transaction that stores what it covers.

    Refusals of earlier ones are forgotten, but `after_reset`: what was read without a cursor says nothing of them.
    """
    conn.execute(
        """INSERT INTO checkpoints (source, event, query, cursor, updated_at)
           VALUES (:source, :event, :query, :cursor, :now)
           ON CONFLICT (source, event, query) DO UPDATE SET cursor = excluded.cursor, updated_at = excluded.updated_at,
             resets = resets * :after_reset
           WHERE cursor <> excluded.cursor OR resets > resets * :after_reset""",
        {"source": source, "event": event, "query": query, "cursor": cursor, "now": now, "after_reset": after_reset},
    )


def reset_cursor(conn: Connection, source: str, event: str, query: str) -> int:
    """The service refused a cursor: how often that happened since one was taken last."""
    row = conn.execute(
        """UPDATE checkpoints SET resets = resets + 1 WHERE source = ? AND event = ? AND query = ? RETURNING resets""",
        (source, event, query),
    ).fetchone()
    return int(row["resets"]) if row else 1


def spent(conn: Connection, source: str, month: str) -> dict[str, float]:
    """What a source has used in a month (`YYYY-MM`): name (usd, posts, requests) to amount."""
    rows = conn.execute("SELECT name, amount FROM spending WHERE source = ? AND month = ?", (source, month))
    return {row["name"]: row["amount"] for row in rows}


def spend(conn: Connection, source: str, month: str, name: str, amount: float) -> None:
    """Add to what a source has used; in the transaction of the page that used it."""
    conn.execute(
        """INSERT INTO spending VALUES (?, ?, ?, ?) ON CONFLICT (source, month, name)
           DO UPDATE SET amount = amount + excluded.amount""",
        (source, month, name, amount),
    )
