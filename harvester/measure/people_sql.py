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
# Who was there, under the name that the view `contributors` gives the same person. Who opted out is nobody.
LISTED: Final = _line(f"""(SELECT t.event, group_concat(DISTINCT t.person) AS entries, group_concat(t.status) AS status,
  coalesce('person ' || pa.person_id, a.platform || ':' || a.handle, t.person) AS person
  FROM attendance t
  LEFT JOIN authors a ON a.id = t.author_id
    OR (t.author_id IS NULL AND a.platform || ':' || a.handle IN (t.person, 'id:' || t.person))
  LEFT JOIN person_authors pa ON pa.author_id = a.id AND pa.status = 'confirmed'
  WHERE t.status IN ({_STATUSES}) AND ifnull(a.opted_out, 0) = 0
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


def on_the_ladder() -> str:
    """Who came or contributed at this edition or the one before, and what they did there."""
    both = f"(:event, ({PREVIOUS}))"
    return _line(f"""SELECT person, max(name) AS name, group_concat(event || ': ' || did, ' · ') AS steps FROM (
  SELECT event, person, name, iif(talks > 0, 'talk', 'contributed') AS did FROM contributors WHERE event IN {both}
  UNION ALL SELECT event, person, NULL, status FROM {LISTED} WHERE event IN {both}
  ORDER BY event) GROUP BY person""")
