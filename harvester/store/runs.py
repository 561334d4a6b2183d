"""The ledger of what was asked and what came back: runs, their sources, cursors and money."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from harvester import __version__

if TYPE_CHECKING:
    from harvester.store.open import Connection, Row

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


def last_run(conn: Connection, event: str, command: str = "crawl") -> Row | None:
    """The newest finished run of a command for an event."""
    row: Row | None = conn.execute(
        "SELECT * FROM runs WHERE event = ? AND command = ? AND ended_at IS NOT NULL ORDER BY id DESC LIMIT 1",
        (event, command),
    ).fetchone()
    return row


def describe_source(
    conn: Connection, source: str, *, fed_by: str, horizon_days: int | None, platforms: str, contributes: str
) -> None:
    """Keep what a source can see, which the coverage estimate needs; `platforms` is a JSON list."""
    conn.execute(
        """INSERT INTO sources VALUES (?, nullif(?, ''), ?, ?, ?) ON CONFLICT (source) DO UPDATE SET
           fed_by = excluded.fed_by, horizon_days = excluded.horizon_days, platforms = excluded.platforms,
           contributes = excluded.contributes""",
        (source, fed_by, horizon_days, platforms, contributes),
    )


def get_cursor(conn: Connection, source: str, event: str, query: str = "") -> str:
    """Where the last complete walk of a query ended, "" at first."""
    row = conn.execute(
        "SELECT cursor FROM checkpoints WHERE source = ? AND event = ? AND query = ?", (source, event, query)
    ).fetchone()
    return str(row["cursor"]) if row else ""


def set_cursor(conn: Connection, source: str, event: str, query: str, cursor: str, *, now: str) -> None:
    """Advance a cursor, in the transaction that stores what it covers."""
    conn.execute(
        """INSERT INTO checkpoints (source, event, query, cursor, updated_at) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (source, event, query)
           DO UPDATE SET cursor = excluded.cursor, updated_at = excluded.updated_at WHERE cursor <> excluded.cursor""",
        (source, event, query, cursor, now),
    )


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
