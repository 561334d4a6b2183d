"""The queries of the export: one for each kind of record, its columns in the order of the record's fields.

Every query takes `:events`, a JSON list of slugs. `scope` are those events, `mine` their posts, `whose` the people
that anything exported refers to, `ran` the runs with a key that survives another database's row numbers.
"""

# ruff: noqa: S608 - every piece is a constant of this module; values are bound

from __future__ import annotations

from typing import Final

_SCOPE = """
WITH scope(event) AS (SELECT value FROM json_each(:events)),
mine(post_id) AS MATERIALIZED (SELECT DISTINCT post_id FROM event_posts WHERE event IN (SELECT event FROM scope)),
key_of(author_id, author) AS (SELECT id, platform || ':' || handle FROM authors)
"""
_EDGES = """FROM links l WHERE l.type <> 'lead' AND l.event IN (SELECT event FROM scope)
  AND (l.src_post_id IS NULL OR l.src_post_id IN (SELECT post_id FROM mine))"""
_WHOSE = f"""{_SCOPE}, whose(author_id) AS MATERIALIZED (
  SELECT author_id FROM posts WHERE id IN (SELECT post_id FROM mine)
  UNION SELECT l.actor_id {_EDGES}
  UNION SELECT author_id FROM labels WHERE event IN (SELECT event FROM scope)
  UNION SELECT author_id FROM overrides WHERE event IN (SELECT event FROM scope)
  UNION SELECT author_id FROM attendance WHERE event IN (SELECT event FROM scope))
"""
# A person goes by the name that is theirs alone, else by the first of their accounts that is exported.
_PERSON = """CASE WHEN (SELECT count(*) FROM people o WHERE o.name = pe.name) = 1 THEN pe.name
  ELSE (SELECT min(k.author) FROM person_authors o JOIN key_of k ON k.author_id = o.author_id
    WHERE o.person_id = pe.id AND (o.status = 'confirmed' OR o.author_id = pa.author_id)
      AND o.author_id IN (SELECT author_id FROM whose)) END"""
# A refusal of two accounts names the other one.
_REFUSED = """SELECT k.author FROM person_authors o JOIN key_of k ON k.author_id = o.author_id
  WHERE o.person_id = pa.person_id AND o.author_id <> pa.author_id AND o.author_id IN (SELECT author_id FROM whose)
    AND pa.status = 'refused' AND o.status = 'refused'"""
_RAN = f"""{_SCOPE}, involved(run_id) AS (
  SELECT id FROM runs WHERE event IN (SELECT event FROM scope)
  UNION SELECT run_id FROM run_sources WHERE event IN (SELECT event FROM scope)
  UNION SELECT run_id FROM sightings WHERE event IN (SELECT event FROM scope)),
ran AS MATERIALIZED (SELECT id, started_at || '/' || command || CASE nth WHEN 1 THEN '' ELSE '#' || nth END AS run
  FROM (SELECT *, row_number() OVER (PARTITION BY started_at, command ORDER BY id) AS nth FROM runs
        WHERE id IN (SELECT run_id FROM involved)))
"""
# A story's first post, where that one is exported; else the first of those that are.
_STORY = """(SELECT coalesce(
    (SELECT sp.key FROM stories s JOIN posts sp ON sp.id = s.post_id
       WHERE s.id = p.story_id AND s.post_id IN (SELECT post_id FROM mine)),
    (SELECT min(q.key) FROM posts q WHERE q.story_id = p.story_id AND q.id IN (SELECT post_id FROM mine)))
  WHERE p.story_id IS NOT NULL)"""

_EVENT = f"""{_SCOPE} SELECT slug AS event, name, series, edition, starts_at, ends_at, timezone, report_timezone, city,
  hashtags, names, registered, attended, media_outlets, config, config_hash
FROM events WHERE slug IN (SELECT event FROM scope) ORDER BY starts_at, slug"""

_AUTHOR = f"""{_WHOSE} SELECT a.platform || ':' || a.handle AS author, a.platform, a.handle, a.name, a.url, a.bio,
  a.organisation, a.website, a.is_org, a.followers, a.opted_out,
  (SELECT json_group_array(json_object('person', x.person, 'status', x.status, 'evidence', x.evidence,
     'who', x.who, 'at', x.at) ORDER BY x.person, x.status)
   FROM (SELECT coalesce(({_REFUSED}), {_PERSON}) AS person, pa.* FROM person_authors pa
     JOIN people pe ON pe.id = pa.person_id WHERE pa.author_id = a.id) AS x
   WHERE x.status <> 'refused' OR x.person <> a.platform || ':' || a.handle) AS people
FROM authors a WHERE a.id IN (SELECT author_id FROM whose) ORDER BY a.platform, a.handle"""

_RUN = f"""{_RAN} SELECT ran.run, r.command, r.event, r.started_at, r.ended_at, r.status AS run_status, r.exit_code,
  r.version, r.detail AS run_detail, rs.source, rs.query, rs.event AS source_event, rs.status, rs.reason,
  rs.window_start, rs.window_end, rs.found, rs.new, rs.requests, rs.errors, rs.returned, rs.reported_total,
  rs.truncated, rs.cost_usd, rs.detail, rs.started_at AS source_started_at, rs.ended_at AS source_ended_at,
  s.fed_by, s.horizon_days, s.platforms, s.contributes
FROM ran JOIN runs r ON r.id = ran.id
LEFT JOIN run_sources rs ON rs.run_id = r.id AND (rs.event IS NULL OR rs.event IN (SELECT event FROM scope))
LEFT JOIN sources s ON s.source = rs.source
ORDER BY r.started_at, r.command, r.id, rs.source, rs.query"""

_POST = f"""{_SCOPE} SELECT p.key AS post, p.url, p.kind, p.platform, p.host, p.title, p.text, p.language,
  (SELECT author FROM key_of k WHERE k.author_id = p.author_id) AS author, p.published_at, p.published_precision,
  p.published_origin, p.published_raw, p.updated_at, p.first_seen_at, p.relation, p.target,
  (SELECT q.key FROM posts q WHERE q.id = p.parent_id AND q.id IN (SELECT post_id FROM mine)) AS parent,
  {_STORY} AS story, p.canonical_url, p.native_id, p.conversation, p.hashtags, p.mentions, p.publisher, p.page_type,
  p.bylines, p.flags, p.availability, p.revision, p.content_rank, p.raw_json AS raw,
  (SELECT json_group_array(json_object('event', ep.event, 'relevance', ep.relevance, 'score', ep.score,
     'counted', ep.counted, 'not_counted_reason', ep.not_counted_reason, 'incentivised', ep.incentivised,
     'local_day', ep.local_day, 'reasons', ep.reasons, 'decided_by', ep.decided_by,
     'rules_version', ep.rules_version, 'config_hash', ep.config_hash) ORDER BY ep.event)
   FROM event_posts ep WHERE ep.post_id = p.id AND ep.event IN (SELECT event FROM scope)) AS events
FROM posts p WHERE p.id IN (SELECT post_id FROM mine) ORDER BY p.key"""

_SIGHTING = f"""{_RAN} SELECT g.event, p.key AS post, g.source, g.query, ran.run, g.seen_at AS at
FROM sightings g JOIN posts p ON p.id = g.post_id JOIN ran ON ran.id = g.run_id
WHERE g.event IN (SELECT event FROM scope) AND g.post_id IN (SELECT post_id FROM mine)
ORDER BY g.event, p.key, g.source, g.query, ran.run"""

_EDGE = f"""{_SCOPE} SELECT l.event, l.type AS edge_type,
  (SELECT author FROM key_of k WHERE k.author_id = l.actor_id) AS actor,
  (SELECT key FROM posts WHERE id = l.src_post_id) AS source, l.dst AS target, l.at
{_EDGES} ORDER BY 1, 2, 4, 3, 5, 6"""

_REACTION = f"""{_SCOPE} SELECT p.key AS post, r.name, r.value, r.observed_at, r.source
FROM reactions r JOIN posts p ON p.id = r.post_id WHERE r.post_id IN (SELECT post_id FROM mine)
ORDER BY p.key, r.name, r.observed_at"""

_AUDIENCE = f"""{_WHOSE} SELECT k.author, u.platform, u.followers, u.observed_at
FROM audience u JOIN key_of k ON k.author_id = u.author_id WHERE u.author_id IN (SELECT author_id FROM whose)
ORDER BY k.author, u.platform, u.observed_at"""

_ATTENDANCE = f"""{_SCOPE} SELECT t.event, t.person, t.status, k.author, t.source,
  NULL AS registered, NULL AS attended, NULL AS waiting, NULL AS observed_at
FROM attendance t LEFT JOIN key_of k ON k.author_id = t.author_id WHERE t.event IN (SELECT event FROM scope)
UNION ALL SELECT event, NULL, NULL, NULL, source, registered, attended, waiting, observed_at
FROM head_counts WHERE event IN (SELECT event FROM scope) ORDER BY 1, 2, 3, 5, 9"""

_LABEL = f"""{_SCOPE} SELECT l.event, k.author, l.side, l.kind, l.subkind, l.attendance, l.posterior, l.runner_up,
  l.review, l.decided_by, l.rules_version, l.config_hash, l.organisation
FROM labels l JOIN key_of k ON k.author_id = l.author_id WHERE l.event IN (SELECT event FROM scope)
ORDER BY l.event, k.author"""

_OVERRIDE = f"""{_SCOPE} SELECT o.event, k.author, p.key AS post, o.field, o.value, o.who, o.why, o.at
FROM overrides o LEFT JOIN key_of k ON k.author_id = o.author_id LEFT JOIN posts p ON p.id = o.post_id
WHERE o.event IN (SELECT event FROM scope) AND (o.post_id IS NULL OR o.post_id IN (SELECT post_id FROM mine))
  AND (o.author_id IS NOT NULL OR o.post_id IS NOT NULL)
ORDER BY o.event, o.at, k.author, p.key, o.field, o.value"""

_KPI = f"""{_SCOPE} SELECT event, name, value, unit, source, as_of FROM kpis
WHERE event IN (SELECT event FROM scope) ORDER BY event, name, as_of"""

_AUDIT = f"""{_SCOPE} SELECT t.event, p.key AS post, t.predicted, t.truth, t.auditor, t.at
FROM audits t JOIN posts p ON p.id = t.post_id
WHERE t.event IN (SELECT event FROM scope) AND t.post_id IN (SELECT post_id FROM mine) ORDER BY t.event, p.key"""

QUERIES: Final = {
    "event": _EVENT, "author": _AUTHOR, "run": _RUN, "post": _POST, "sighting": _SIGHTING, "edge": _EDGE,
    "reaction": _REACTION, "audience": _AUDIENCE, "attendance": _ATTENDANCE, "label": _LABEL,
    "override": _OVERRIDE, "kpi": _KPI, "audit": _AUDIT,
}  # fmt: skip
