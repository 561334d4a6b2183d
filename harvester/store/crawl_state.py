"""How a crawl stands, for people who watch it or ask later: read only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harvester.store.runs import OFFLINE

if TYPE_CHECKING:
    from harvester.store.connection import Connection, Row


@dataclass(frozen=True, slots=True)
class Tally:
    """One source in one run: pages finished in it, pages still to ask for, posts seen, posts nobody knew."""

    done: int = 0
    todo: int = 0
    found: int = 0
    new: int = 0


def tally(conn: Connection, event: str, source: str, run_id: int) -> Tally:
    """Where a source is now; cheap enough to ask every second."""
    pages = conn.execute(
        """SELECT ifnull(sum(state IN ('todo', 'leased')), 0) AS todo,
             ifnull(sum(run_id = ? AND state NOT IN ('todo', 'leased')), 0) AS done
           FROM frontier WHERE event = ? AND source = ?""",
        (run_id, event, source),
    ).fetchone()
    posts = conn.execute(
        """SELECT count(DISTINCT post_id) AS found, count(DISTINCT iif(NOT EXISTS (
             SELECT 1 FROM sightings earlier WHERE earlier.post_id = s.post_id AND earlier.run_id < s.run_id),
             post_id, NULL)) AS new
           FROM sightings s WHERE run_id = ? AND event = ? AND source = ?""",
        (run_id, event, source),
    ).fetchone()
    return Tally(pages["done"], pages["todo"], posts["found"], posts["new"])


def recent_runs(conn: Connection, event: str = "", limit: int = 10) -> list[Row]:
    """The newest runs of any command, of one event or of all, newest first."""
    return list(
        conn.execute(
            "SELECT * FROM runs WHERE ? IN ('', event) ORDER BY id DESC LIMIT ?",
            (event, limit),
        )
    )


def newest_lines(conn: Connection, event: str = "") -> list[Row]:
    """For every event and source the ledger line of its newest run (whole source, not single queries)."""
    return list(
        conn.execute(
            """SELECT rs.*, r.started_at AS run_started FROM run_sources rs JOIN runs r ON r.id = rs.run_id
               WHERE rs.query = '' AND ? IN ('', rs.event) AND rs.run_id = (
                 SELECT max(other.run_id) FROM run_sources other
                 WHERE other.source = rs.source AND other.event IS rs.event AND other.query = '')
               ORDER BY rs.event, rs.source""",
            (event,),
        )
    )


# What a crawl's exit code does not count as a failure, and what a source with nothing left to ask for says of itself.
# One that follows links or asks hosts of a list meets dead ones all the time; one interrupted was not at its end.
_SUCCESS = """(rs.status = 'ok' OR (rs.status = 'skipped' AND rs.reason LIKE 'nothing %')
  OR (rs.status = 'partial' AND (rs.errors = 0 OR ifnull(s.follows, 0))
      AND '; ' || ifnull(rs.reason, '') || ';' NOT LIKE '%; interrupted;%'))"""


def standing(conn: Connection, event: str = "") -> list[Row]:
    """For every event and source that was crawled: event, source, succeeded_at (NULL: never), and how it ended last.

    Runs that asked nobody (offline) say nothing about it.
    """
    sql = f"""
        WITH tried AS (
          SELECT rs.*, iif({_SUCCESS}, ifnull(rs.ended_at, r.started_at), NULL) AS good_at
          FROM run_sources rs JOIN runs r ON r.id = rs.run_id LEFT JOIN sources s ON s.source = rs.source
          WHERE rs.query = '' AND r.command IN ('crawl', 'scrapy') AND r.detail IS NOT '{OFFLINE}'
            AND ? IN ('', rs.event)),
        stands AS (
          SELECT event, source, max(good_at) AS succeeded_at, max(run_id) AS newest FROM tried GROUP BY event, source)
        SELECT event, source, succeeded_at, status, reason FROM stands
        JOIN tried USING (event, source) WHERE run_id = newest ORDER BY event, source"""  # noqa: S608 - constants of ours
    return list(conn.execute(sql, (event,)))


def fetch_states(conn: Connection, event: str = "") -> list[Row]:
    """Pages by event, source, state and reason, most first."""
    return list(
        conn.execute(
            "SELECT * FROM fetch_states WHERE ? IN ('', event) ORDER BY event, source, pages DESC, reason", (event,)
        )
    )


def resting_hosts(conn: Connection, now: str) -> list[Row]:
    """Hosts that asked to be left alone for now: host, not_before, reason."""
    return list(
        conn.execute("SELECT host, not_before, reason FROM hosts WHERE not_before > ? ORDER BY not_before", (now,))
    )
