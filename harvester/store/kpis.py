"""Numbers that somebody typed in (surveys, Slack, Facebook groups), one for each event, name and day.

The functions that write run inside the caller's `write_tx` and hand back what they replaced or took out, so that a
slip of the hand can be undone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvester.measure.item import Typed

if TYPE_CHECKING:
    from harvester.store.connection import Connection, Row

_ONE = "SELECT name, value, unit, source, as_of FROM kpis WHERE event = ? AND name = ? AND as_of = ?"


def save_kpi(conn: Connection, event: str, kpi: Typed) -> Typed | None:
    """Store a number; the one of the same name and day that it replaces, None when there was none."""
    row = conn.execute(_ONE, (event, kpi.name, kpi.as_of)).fetchone()
    conn.execute(
        """INSERT INTO kpis (event, name, value, unit, source, as_of) VALUES (?, ?, ?, nullif(?, ''), nullif(?, ''), ?)
           ON CONFLICT (event, name, as_of)
           DO UPDATE SET value = excluded.value, unit = excluded.unit, source = excluded.source""",
        (event, kpi.name, kpi.value, kpi.unit, kpi.source, kpi.as_of),
    )
    return None if row is None else _typed(row)


def remove_kpi(conn: Connection, event: str, name: str, as_of: str) -> Typed | None:
    """Take a number out; what it was, None when there is none of that name and day."""
    row = conn.execute(_ONE, (event, name, as_of)).fetchone()
    conn.execute("DELETE FROM kpis WHERE event = ? AND name = ? AND as_of = ?", (event, name, as_of))
    return None if row is None else _typed(row)


def kpis_of(conn: Connection, event: str) -> tuple[Typed, ...]:
    """The numbers typed in for an event, by name and then by day."""
    sql = "SELECT name, value, unit, source, as_of FROM kpis WHERE event = ? ORDER BY name, as_of"
    return tuple(_typed(row) for row in conn.execute(sql, (event,)))


def _typed(row: Row) -> Typed:
    return Typed(
        name=row["name"], value=row["value"], unit=row["unit"] or "", source=row["source"] or "", as_of=row["as_of"]
    )
