"""SQL behind the numbers of people: the rows that a reader gets who asks who they are. `:event` is bound."""

# ruff: noqa: S608 - every part of these texts is ours

from __future__ import annotations

from typing import Final

from harvester.measure.people import THERE


def _line(sql: str) -> str:
    """On one line: a spreadsheet's cell has no other."""
    return " ".join(sql.split())


_STATUSES: Final = ", ".join(f"'{status}'" for status in sorted(THERE))
# Earlier editions of the series, and the one just before.
EARLIER: Final = _line("""SELECT slug FROM events WHERE series = (SELECT series FROM events WHERE slug = :event)
  AND starts_at < (SELECT starts_at FROM events WHERE slug = :event)""")
PREVIOUS: Final = f"{EARLIER} ORDER BY starts_at DESC, slug DESC LIMIT 1"
# The person behind an account `a`, under the name that the view `contributors` gives them.
PERSON: Final = _line("""coalesce((SELECT 'person ' || pa.person_id FROM person_authors pa WHERE pa.author_id = a.id
  AND pa.status = 'confirmed'), a.platform || ':' || a.handle)""")
# The attendance list with such persons. Who opted out is nobody.
_ENTRIES: Final = """FROM attendance t
  LEFT JOIN authors a ON a.id = t.author_id
    OR (t.author_id IS NULL AND a.platform || ':' || a.handle IN (t.person, 'id:' || t.person))
  WHERE ifnull(a.id, 0) NOT IN (SELECT author_id FROM opted_out)"""
# Who was in the room, staff included.
ROOM: Final = _line(f"""SELECT coalesce({PERSON}, t.person) {_ENTRIES} AND t.event = :event
  AND t.status IN ({_STATUSES}, 'staff')""")
# Who was there.
LISTED: Final = _line(f"""(SELECT t.event, group_concat(DISTINCT t.person) AS entries, group_concat(t.status) AS status,
  coalesce({PERSON}, t.person) AS person {_ENTRIES} AND t.status IN ({_STATUSES})
    AND NOT EXISTS (SELECT 1 FROM attendance s WHERE s.event = t.event AND s.person = t.person AND s.status = 'staff')
  GROUP BY 1, 4)""")
TABLES: Final = {"contributors": "contributors", "attendees": LISTED}


def here(kind: str) -> str:
    """Who is here."""
    return f"SELECT * FROM {TABLES[kind]} WHERE event = :event"


def new(kind: str) -> str:
    """Who is here and was at no earlier edition."""
    return f"{here(kind)} AND person NOT IN (SELECT person FROM {TABLES[kind]} WHERE event IN ({EARLIER}))"


def back(kind: str) -> str:
    """Who is here and was at the edition before."""
    return f"{here(kind)} AND person IN (SELECT person FROM {TABLES[kind]} WHERE event = ({PREVIOUS}))"


def cohort(event: str) -> str:
    """Who wrote first at an edition of the series, with the editions they wrote at, up to this one."""
    first = f"{EARLIER} UNION SELECT :event"
    slug = event.replace("'", "''")
    return _line(f"""SELECT person, min(name) AS name, group_concat(event, ' ') AS wrote_at
  FROM (SELECT c.* FROM contributors c JOIN events e ON e.slug = c.event
    WHERE c.event IN ({first}) ORDER BY e.starts_at, e.slug)
  GROUP BY person HAVING substr(wrote_at || ' ', 1, {len(event) + 1}) = '{slug} '""")


def attendees_who_wrote(group: str = "any") -> str:
    """Who is on the attendance list and has a counted story, in a group or any."""
    some = "" if group == "any" else f" AND {group} > 0"
    return f"{here('contributors')}{some} AND person IN (SELECT person FROM {LISTED} WHERE event = :event)"


def not_seen_since(event: str) -> str:
    """Who wrote at an edition and at none after it, up to this one."""
    slug = event.replace("'", "''")
    return _line(f"""SELECT * FROM contributors WHERE event = '{slug}' AND person NOT IN (
  SELECT c.person FROM contributors c JOIN events e ON e.slug = c.event WHERE c.event IN ({EARLIER} UNION SELECT :event)
    AND e.starts_at > (SELECT starts_at FROM events WHERE slug = '{slug}'))""")


def on_the_ladder(move: str = "", *, merged: bool = False) -> str:
    """Who came or contributed at this edition or the one before, with the rung of then and of now.

    move    only who arrived, climbed, stayed, stepped_back or was not_seen
    merged  absent and attended are one rung, and who stood on it both times is left out
    """
    steps, low = f"SELECT person, max(name) AS name, {_rung('<>')}, {_rung('=')} FROM ({_CLAIMS})", int(merged)
    said = f"SELECT * FROM ({steps} GROUP BY person HAVING max(base)) WHERE max(rung_then, rung_now) > {low}"
    return _line(f"{said} AND {_MOVES[move].format(low=low)}" if move else said)


def _rung(side: str) -> str:
    return f"max(iif(event {side} :event, rung, 0)) AS rung_{'now' if side == '=' else 'then'}"


_MOVES: Final = {
    "arrived": "rung_then <= {low} AND rung_now > {low}", "not_seen": "rung_then > {low} AND rung_now <= {low}",
    "climbed": "rung_then > {low} AND rung_now > rung_then", "stayed": "rung_then > {low} AND rung_now = rung_then",
    "stepped_back": "rung_now > {low} AND rung_now < rung_then",
}  # fmt: skip
_BOTH: Final = f"(:event, ({PREVIOUS}))"
# What speaks for a rung; `base` is what brings somebody onto the ladder.
_CLAIMS: Final = f"""SELECT event, person, name, iif(talks > 0, 3, 2) AS rung, 1 AS base FROM contributors
  WHERE event IN {_BOTH}
UNION ALL SELECT event, person, NULL, iif(status LIKE '%speaker%', 3, 1), 1 FROM {LISTED} WHERE event IN {_BOTH}
UNION ALL SELECT l.event, {PERSON}, NULL, iif(l.kind = 'organiser', 4, 3), 0 FROM labels l
  JOIN authors a ON a.id = l.author_id
  WHERE l.event IN {_BOTH} AND (l.kind = 'organiser' OR (l.kind = 'participant' AND l.subkind = 'speaker'))
UNION ALL SELECT t.event, coalesce({PERSON}, t.person), NULL, 4, 0 {_ENTRIES} AND t.status = 'staff'
  AND t.event IN {_BOTH}"""
