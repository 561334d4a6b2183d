"""The views that reports, HTML and Datasette read: one definition of each number's rows.

A view is created by a migration; changing one means a new list here and a new migration step.
"""

from __future__ import annotations

# One row per event and post. Windows (live, fresh …) and local days follow the event's own zone.
_EVENT_ITEMS = """
CREATE VIEW event_items AS
SELECT ep.event, p.id AS post_id, p.key, p.url, p.title, p.platform, p.host, p.kind,
  CASE WHEN p.kind IN ('article', 'news') THEN 'written'
       WHEN p.kind IN ('slides', 'video', 'podcast') THEN 'talk'
       WHEN p.kind = 'micropost' THEN 'micro' ELSE 'other' END AS grp,
  p.relation, p.parent_id, p.story_id, coalesce(sp.key, p.key) AS story, p.author_id,
  a.platform || ':' || a.handle AS author, coalesce(nullif(a.name, ''), a.handle) AS author_name,
  coalesce(l.kind, 'unknown') AS author_kind, l.subkind AS author_subkind, l.attendance, l.posterior, a.opted_out,
  p.language, p.published_at, p.published_precision, p.published_origin, ep.local_day,
  (CAST(strftime('%s', p.published_at) AS INTEGER) - CAST(strftime('%s', e.ends_at) AS INTEGER)) / 86400.0 AS age_days,
  ep.relevance, ep.counted, ep.not_counted_reason, ep.incentivised, p.first_seen_at, p.availability,
  e.starts_at, e.ends_at, coalesce(e.report_timezone, e.timezone) AS timezone
FROM event_posts ep
JOIN posts p ON p.id = ep.post_id
JOIN events e ON e.slug = ep.event
LEFT JOIN authors a ON a.id = p.author_id
LEFT JOIN labels l ON l.author_id = p.author_id AND l.event = ep.event
LEFT JOIN stories s ON s.id = p.story_id
LEFT JOIN posts sp ON sp.id = s.post_id
"""

_CONTRIBUTORS = """
CREATE VIEW contributors AS
SELECT event, author_id, author, author_name, count(*) AS stories,
  sum(grp = 'written') AS written, sum(grp = 'talk') AS talks, sum(grp = 'micro') AS microposts
FROM event_items WHERE author_kind = 'participant' AND counted = 1 AND relevance = 'confirmed' AND opted_out = 0
GROUP BY event, author_id
"""

_REVIEW = """
CREATE VIEW review_queue AS
SELECT l.event, a.platform || ':' || a.handle AS author, a.name, l.side, l.kind, l.posterior, l.runner_up, l.review,
  (SELECT count(*) FROM posts p JOIN event_posts ep ON ep.post_id = p.id
    WHERE p.author_id = l.author_id AND ep.event = l.event AND ep.counted = 1) AS posts
FROM labels l JOIN authors a ON a.id = l.author_id
WHERE l.decided_by <> 'human' AND (l.side = 'unknown' OR ifnull(l.review, '') <> '' OR l.posterior < 0.95)
"""

_GAPS = """
CREATE VIEW gap_ledger AS
SELECT r.id AS run_id, rs.event, rs.source, rs.query, rs.status, rs.reason, rs.found, rs.new, rs.requests, rs.errors,
  rs.returned, rs.reported_total, rs.truncated, rs.window_start, rs.window_end, rs.cost_usd, r.started_at
FROM run_sources rs JOIN runs r ON r.id = rs.run_id
"""

_FETCHES = """
CREATE VIEW fetch_states AS
SELECT event, source, state, coalesce(reason, 'ok') AS reason, count(*) AS pages FROM frontier
GROUP BY event, source, state, reason
"""

V1 = (_EVENT_ITEMS, _CONTRIBUTORS, _REVIEW, _GAPS, _FETCHES)

# From here on every post has its person: whom a human confirmed to be one, else the account itself.
_EVENT_ITEMS_4 = _EVENT_ITEMS.replace(
    "coalesce(nullif(a.name, ''), a.handle) AS author_name,",
    """coalesce(nullif(a.name, ''), a.handle) AS author_name,
  CASE WHEN pa.person_id IS NULL THEN a.platform || ':' || a.handle ELSE 'person ' || pa.person_id END AS person,
  l.organisation,""",
).replace(
    "LEFT JOIN labels l",
    "LEFT JOIN person_authors pa ON pa.author_id = p.author_id AND pa.status = 'confirmed'\nLEFT JOIN labels l",
)

_CONTRIBUTORS_4 = """
CREATE VIEW contributors AS
SELECT event, person, min(author_name) AS name, group_concat(DISTINCT author) AS accounts, count(*) AS stories,
  sum(grp = 'written') AS written, sum(grp = 'talk') AS talks, sum(grp = 'micro') AS microposts
FROM event_items WHERE author_kind = 'participant' AND counted = 1 AND relevance = 'confirmed' AND opted_out = 0
GROUP BY event, person
"""

# For whom participants wrote. The employer of corporate writers; who writes for nobody is in no row.
_ORGANISATIONS = """
CREATE VIEW organisations AS
SELECT event, organisation, count(DISTINCT person) AS writers, count(*) AS stories, sum(grp = 'written') AS written,
  sum(grp = 'talk') AS talks, sum(grp = 'micro') AS microposts
FROM event_items WHERE author_kind = 'participant' AND author_subkind = 'corporate' AND organisation IS NOT NULL
  AND counted = 1 AND relevance = 'confirmed' AND opted_out = 0
GROUP BY event, organisation
"""

V4 = (
    "DROP VIEW contributors", "DROP VIEW event_items", _EVENT_ITEMS_4, _CONTRIBUTORS_4, _ORGANISATIONS,
)  # fmt: skip

# Whoever opted out, with every account that a human confirmed to be theirs: reports and Datasette leave them out.
_OPTED_OUT = """
CREATE VIEW opted_out AS
SELECT id AS author_id FROM authors WHERE opted_out = 1
UNION
SELECT mine.author_id FROM authors a
JOIN person_authors theirs ON theirs.author_id = a.id AND theirs.status = 'confirmed'
JOIN person_authors mine ON mine.person_id = theirs.person_id AND mine.status = 'confirmed'
WHERE a.opted_out = 1
"""

# The window as `measure.item.lies_in` has it: a month or a year lies in it when any of it does. Its first moment is
# stored in the zone it was told in, 14 hours before UTC's at most.
_LAST = """strftime('%Y-%m-%dT%H:%M:%SZ', p.published_at, '+' || CAST(
           julianday(p.published_at, '+14 hours', 'start of {0}', '+1 {0}')
           - julianday(p.published_at, '+14 hours', 'start of {0}') AS INTEGER) || ' days', '-1 second')"""
_IN_WINDOW = f"""  CASE WHEN p.published_at IS NULL OR e.window_from IS NULL THEN 1
       ELSE p.published_at <= e.window_until AND e.window_from <= CASE p.published_precision
         WHEN 'month' THEN {_LAST.format("month")}
         WHEN 'year' THEN {_LAST.format("year")}
         ELSE p.published_at END END AS in_window,
"""

_EVENT_ITEMS_5 = (
    _EVENT_ITEMS_4.replace("  ep.relevance, ep.counted,", _IN_WINDOW + "  ep.relevance, ep.counted,")  # noqa: S608 - ours
    + "WHERE ifnull(p.author_id, 0) NOT IN (SELECT author_id FROM opted_out)\n"
)

# People and employers are counted by what lies in the window, as every volume is.
_CONTRIBUTORS_5, _ORGANISATIONS_5 = (
    view.replace("AND opted_out = 0", "AND in_window = 1") for view in (_CONTRIBUTORS_4, _ORGANISATIONS)
)

_REVIEW_5 = _REVIEW + "  AND l.author_id NOT IN (SELECT author_id FROM opted_out)\n"  # noqa: S608 - ours

V5 = (
    "CREATE INDEX authors_opted_out ON authors(id) WHERE opted_out = 1", _OPTED_OUT,
    "DROP VIEW contributors", "DROP VIEW organisations", "DROP VIEW event_items", "DROP VIEW review_queue",
    _EVENT_ITEMS_5, _CONTRIBUTORS_5, _ORGANISATIONS_5, _REVIEW_5,
)  # fmt: skip
