"""How hosts want to be treated: one request at a time across all children, and none while they rest.

A lease names its holder and runs out by itself; `not_before` outlives runs. Writing functions run inside the
caller's `write_tx`; times are stored text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from harvester.store.connection import Connection


def hold(conn: Connection, host: str, holder: str, until: str) -> None:
    """Take or extend the one-at-a-time lease of a host."""
    conn.execute(
        """INSERT INTO hosts (host, holder, held_until) VALUES (?, ?, ?) ON CONFLICT (host) DO UPDATE
           SET holder = excluded.holder, held_until = excluded.held_until""",
        (host, holder, until),
    )


def let_go(conn: Connection, holder: str, host: str = "", *, until: str = "") -> None:
    """Give a host back (all of `holder`'s without `host`); with `until` others still keep that pause."""
    conn.execute(
        """UPDATE hosts SET held_until = nullif(?, ''), holder = iif(? = '', NULL, holder)
           WHERE holder = ? AND (? = '' OR host = ?)""",
        (until, until, holder, host, host),
    )


def dead_holders(conn: Connection, alive: Callable[[str], bool]) -> list[str]:
    """Who holds a host and is no longer alive; reads only."""
    rows = conn.execute("SELECT DISTINCT holder FROM hosts WHERE holder IS NOT NULL").fetchall()
    return [row["holder"] for row in rows if not alive(row["holder"])]


def drop_dead_holders(conn: Connection, alive: Callable[[str], bool]) -> None:
    """Free the hosts whose holder is no longer alive."""
    for holder in dead_holders(conn, alive):
        let_go(conn, holder)


def rest(conn: Connection, host: str, *, not_before: str, reason: str) -> None:
    """Leave a host alone until `not_before`; strikes count how often that happened since it last answered."""
    conn.execute(
        """INSERT INTO hosts (host, not_before, reason, strikes) VALUES (?, ?, ?, 1) ON CONFLICT (host) DO UPDATE
           SET not_before = max(ifnull(not_before, ''), excluded.not_before), reason = excluded.reason,
             strikes = strikes + 1""",
        (host, not_before, reason),
    )


def cap_rests(conn: Connection, latest: str) -> None:
    """No host rests longer than until `latest`: a pause that is longer was noted under a clock that went wrong."""
    conn.execute("UPDATE hosts SET not_before = ? WHERE not_before > ?", (latest, latest))


def resting_until(conn: Connection, host: str, *, now: str) -> str:
    """When a host may be asked again, "" for now."""
    row = conn.execute("SELECT not_before FROM hosts WHERE host = ? AND not_before > ?", (host, now)).fetchone()
    return str(row["not_before"]) if row else ""


def strikes(conn: Connection, host: str) -> int:
    """How often a host sent us away since it last answered."""
    row = conn.execute("SELECT strikes FROM hosts WHERE host = ?", (host,)).fetchone()
    return int(row["strikes"]) if row else 0


def answered(conn: Connection, host: str) -> None:
    """A host answered: its strikes are forgotten."""
    conn.execute("UPDATE hosts SET strikes = 0, reason = NULL WHERE host = ? AND strikes > 0", (host,))
