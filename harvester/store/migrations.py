"""The schema, as numbered steps that are never edited once released; a comment says why each exists.

STRICT tables, ids of the outside world as TEXT, times as `YYYY-MM-DDTHH:MM:SSZ`. `docs/schema.md` describes
every table and view for people who browse the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sqlite_utils.migrations import Migrations

from harvester.store import views
from harvester.store.events import set_window
from harvester.store.indexes import FTS, FTS_TRIGGERS, INDEXES

if TYPE_CHECKING:
    from sqlite_utils import Database

    from harvester.store.connection import Connection

migrations: Any = Migrations("harvester")

# What an event is, what was found about it, and who said so.
_CONTENT = """
CREATE TABLE events (
  slug TEXT PRIMARY KEY, name TEXT NOT NULL, series TEXT, edition TEXT,
  starts_at TEXT NOT NULL, ends_at TEXT NOT NULL, timezone TEXT NOT NULL, report_timezone TEXT, city TEXT,
  hashtags TEXT NOT NULL DEFAULT '[]', names TEXT NOT NULL DEFAULT '[]',
  registered INTEGER, attended INTEGER, media_outlets INTEGER,
  config TEXT, config_hash TEXT
) STRICT;
CREATE TABLE authors (
  id INTEGER PRIMARY KEY, platform TEXT NOT NULL, handle TEXT NOT NULL, name TEXT, url TEXT, bio TEXT,
  organisation TEXT, website TEXT, is_org INTEGER NOT NULL DEFAULT 0, followers INTEGER,
  opted_out INTEGER NOT NULL DEFAULT 0, UNIQUE (platform, handle)
) STRICT;
CREATE TABLE audience (
  author_id INTEGER NOT NULL REFERENCES authors(id) ON DELETE CASCADE, platform TEXT NOT NULL,
  followers INTEGER NOT NULL, observed_at TEXT NOT NULL, PRIMARY KEY (author_id, platform, observed_at)
) STRICT, WITHOUT ROWID;
CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT) STRICT;
-- A suggested or confirmed identity of one human; a refusal is a row too, so that it is not suggested again.
CREATE TABLE person_authors (
  person_id INTEGER NOT NULL REFERENCES people(id) ON DELETE CASCADE,
  author_id INTEGER NOT NULL REFERENCES authors(id) ON DELETE CASCADE,
  status TEXT NOT NULL, evidence TEXT, who TEXT, at TEXT, PRIMARY KEY (person_id, author_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE posts (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, url TEXT NOT NULL, kind TEXT NOT NULL, platform TEXT NOT NULL,
  host TEXT NOT NULL, title TEXT, text TEXT, language TEXT, author_id INTEGER REFERENCES authors(id),
  published_at TEXT, published_precision TEXT NOT NULL DEFAULT 'unknown',
  published_origin TEXT NOT NULL DEFAULT 'unknown', published_raw TEXT, updated_at TEXT,
  first_seen_at TEXT NOT NULL, relation TEXT NOT NULL DEFAULT 'original', target TEXT,
  parent_id INTEGER REFERENCES posts(id) ON DELETE SET NULL,
  story_id INTEGER REFERENCES stories(id) ON DELETE SET NULL,
  canonical_url TEXT, native_id TEXT, conversation TEXT, hashtags TEXT NOT NULL DEFAULT '[]',
  mentions TEXT NOT NULL DEFAULT '[]', publisher TEXT, page_type TEXT, bylines TEXT NOT NULL DEFAULT '[]',
  flags TEXT NOT NULL DEFAULT '[]', availability TEXT NOT NULL DEFAULT 'ok', revision INTEGER NOT NULL DEFAULT 1,
  content_rank INTEGER NOT NULL DEFAULT 0,
  content_sha256 TEXT, raw_json TEXT
) STRICT;
CREATE TABLE stories (
  id INTEGER PRIMARY KEY, post_id INTEGER NOT NULL UNIQUE REFERENCES posts(id) ON DELETE CASCADE,
  copies INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE TABLE event_posts (
  event TEXT NOT NULL REFERENCES events(slug) ON DELETE CASCADE,
  post_id INTEGER NOT NULL REFERENCES posts(id) ON DELETE CASCADE,
  relevance TEXT, score REAL, counted INTEGER, not_counted_reason TEXT, incentivised INTEGER NOT NULL DEFAULT 0,
  local_day TEXT, reasons TEXT NOT NULL DEFAULT '[]', decided_by TEXT NOT NULL DEFAULT 'none',
  rules_version TEXT, config_hash TEXT, PRIMARY KEY (event, post_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE links (
  id INTEGER PRIMARY KEY, event TEXT REFERENCES events(slug) ON DELETE CASCADE, type TEXT NOT NULL,
  actor_id INTEGER REFERENCES authors(id), src_post_id INTEGER REFERENCES posts(id) ON DELETE CASCADE,
  dst_post_id INTEGER REFERENCES posts(id) ON DELETE CASCADE, dst TEXT NOT NULL, at TEXT
) STRICT;
CREATE UNIQUE INDEX links_unique ON links(type, ifnull(src_post_id, 0), ifnull(actor_id, 0), dst, ifnull(event, ''));
CREATE TABLE reactions (
  post_id INTEGER NOT NULL REFERENCES posts(id) ON DELETE CASCADE, name TEXT NOT NULL, value INTEGER NOT NULL,
  observed_at TEXT NOT NULL, source TEXT, PRIMARY KEY (post_id, name, observed_at)
) STRICT, WITHOUT ROWID;
CREATE TABLE attendance (
  event TEXT NOT NULL REFERENCES events(slug) ON DELETE CASCADE, person TEXT NOT NULL, status TEXT NOT NULL,
  author_id INTEGER REFERENCES authors(id), source TEXT, PRIMARY KEY (event, person, status)
) STRICT, WITHOUT ROWID;
CREATE TABLE head_counts (
  event TEXT NOT NULL REFERENCES events(slug) ON DELETE CASCADE, source TEXT NOT NULL, registered INTEGER,
  attended INTEGER, waiting INTEGER, observed_at TEXT NOT NULL, PRIMARY KEY (event, source, observed_at)
) STRICT, WITHOUT ROWID;
CREATE TABLE kpis (
  event TEXT NOT NULL REFERENCES events(slug) ON DELETE CASCADE, name TEXT NOT NULL, value REAL NOT NULL,
  unit TEXT, source TEXT, as_of TEXT NOT NULL, PRIMARY KEY (event, name, as_of)
) STRICT, WITHOUT ROWID;
"""

# Who is what, why, and what a human said about it. `decisions` and `overrides` only ever grow.
_JUDGEMENT = """
CREATE TABLE labels (
  author_id INTEGER NOT NULL REFERENCES authors(id) ON DELETE CASCADE,
  event TEXT NOT NULL REFERENCES events(slug) ON DELETE CASCADE, side TEXT NOT NULL, kind TEXT NOT NULL,
  subkind TEXT, attendance TEXT NOT NULL DEFAULT 'none', posterior REAL, runner_up TEXT, review TEXT,
  decided_by TEXT NOT NULL, rules_version TEXT, config_hash TEXT, PRIMARY KEY (event, author_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE evidence (
  id INTEGER PRIMARY KEY, event TEXT NOT NULL REFERENCES events(slug) ON DELETE CASCADE,
  author_id INTEGER REFERENCES authors(id) ON DELETE CASCADE, post_id INTEGER REFERENCES posts(id) ON DELETE CASCADE,
  rule TEXT NOT NULL, grp TEXT NOT NULL, side TEXT NOT NULL, weight REAL NOT NULL, snippet TEXT, source_url TEXT,
  rules_version TEXT
) STRICT;
CREATE INDEX evidence_author ON evidence(event, author_id);
CREATE TABLE decisions (
  id INTEGER PRIMARY KEY, event TEXT NOT NULL, author_id INTEGER, post_id INTEGER, value TEXT NOT NULL,
  posterior REAL, rules_version TEXT, config_hash TEXT, at TEXT NOT NULL
) STRICT;
CREATE INDEX decisions_subject ON decisions(event, author_id, post_id);
CREATE TABLE overrides (
  id INTEGER PRIMARY KEY, event TEXT NOT NULL REFERENCES events(slug) ON DELETE CASCADE,
  author_id INTEGER REFERENCES authors(id), post_id INTEGER REFERENCES posts(id), field TEXT NOT NULL,
  value TEXT NOT NULL, who TEXT, why TEXT, at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX overrides_unique ON overrides(event, ifnull(author_id, 0), ifnull(post_id, 0), field, value, at);
CREATE TABLE audits (
  event TEXT NOT NULL REFERENCES events(slug) ON DELETE CASCADE,
  post_id INTEGER NOT NULL REFERENCES posts(id) ON DELETE CASCADE, predicted TEXT NOT NULL, truth TEXT NOT NULL,
  auditor TEXT, at TEXT NOT NULL, PRIMARY KEY (event, post_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE snapshots (
  id INTEGER PRIMARY KEY, event TEXT NOT NULL REFERENCES events(slug) ON DELETE CASCADE, taken_at TEXT NOT NULL,
  recipe TEXT NOT NULL, rules_version TEXT, numbers TEXT NOT NULL, items TEXT NOT NULL
) STRICT;
"""

# What was asked of whom, what came back, and what is still to do: the crawl's whole state.
_CRAWL = """
CREATE TABLE runs (
  id INTEGER PRIMARY KEY, command TEXT NOT NULL, event TEXT, started_at TEXT NOT NULL, ended_at TEXT, status TEXT,
  exit_code INTEGER, version TEXT, pid INTEGER, detail TEXT
) STRICT;
CREATE TABLE run_sources (
  run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE, source TEXT NOT NULL, query TEXT NOT NULL DEFAULT '',
  event TEXT, status TEXT NOT NULL, reason TEXT, window_start TEXT, window_end TEXT, found INTEGER NOT NULL DEFAULT 0,
  new INTEGER NOT NULL DEFAULT 0, requests INTEGER NOT NULL DEFAULT 0, errors INTEGER NOT NULL DEFAULT 0,
  returned INTEGER, reported_total INTEGER, truncated INTEGER NOT NULL DEFAULT 0, cost_usd REAL, detail TEXT,
  started_at TEXT, ended_at TEXT, PRIMARY KEY (run_id, source, query)
) STRICT, WITHOUT ROWID;
CREATE TABLE sources (
  source TEXT PRIMARY KEY, fed_by TEXT, horizon_days INTEGER, platforms TEXT NOT NULL DEFAULT '[]', contributes TEXT
) STRICT;
CREATE TABLE sightings (
  post_id INTEGER NOT NULL REFERENCES posts(id) ON DELETE CASCADE, event TEXT NOT NULL, source TEXT NOT NULL,
  query TEXT NOT NULL DEFAULT '', run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE, seen_at TEXT NOT NULL,
  PRIMARY KEY (post_id, event, source, query, run_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE frontier (
  id INTEGER PRIMARY KEY, event TEXT NOT NULL, source TEXT NOT NULL, fingerprint TEXT NOT NULL, url TEXT NOT NULL,
  host TEXT NOT NULL, request TEXT NOT NULL DEFAULT '{}', priority INTEGER NOT NULL DEFAULT 0,
  depth INTEGER NOT NULL DEFAULT 0, each_run INTEGER NOT NULL DEFAULT 0, run_id INTEGER,
  state TEXT NOT NULL DEFAULT 'todo', reason TEXT, detail TEXT, http_status INTEGER, tries INTEGER NOT NULL DEFAULT 0,
  found_on TEXT, added_at TEXT NOT NULL, done_at TEXT, UNIQUE (event, source, fingerprint)
) STRICT;
CREATE INDEX frontier_next ON frontier(event, source, state, priority DESC, id);
CREATE TABLE hosts (
  host TEXT PRIMARY KEY, not_before TEXT, reason TEXT, strikes INTEGER NOT NULL DEFAULT 0, holder TEXT, held_until TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoints (
  source TEXT NOT NULL, event TEXT NOT NULL, query TEXT NOT NULL DEFAULT '', cursor TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (source, event, query)
) STRICT, WITHOUT ROWID;
CREATE TABLE spending (
  source TEXT NOT NULL, month TEXT NOT NULL, name TEXT NOT NULL, amount REAL NOT NULL DEFAULT 0,
  PRIMARY KEY (source, month, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE rejected (
  event TEXT NOT NULL, source TEXT NOT NULL, url TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT, run_id INTEGER,
  at TEXT NOT NULL, PRIMARY KEY (event, source, url, reason)
) STRICT, WITHOUT ROWID;
CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY, source TEXT NOT NULL, reason TEXT NOT NULL, payload TEXT, run_id INTEGER, at TEXT NOT NULL
) STRICT;
"""


def script(db: Database, sql: str) -> None:
    """Run several statements inside the caller's transaction (executescript would commit it)."""
    for statement in sql.split(";\n"):
        text = statement.strip()
        if text:
            db.conn.execute(text)


def m001_first_schema(db: Database) -> None:
    """Why: the first release. Everything an event's report needs, and everything a crawl must not forget."""
    for part in (_CONTENT, _JUDGEMENT, _CRAWL, FTS):
        script(db, part)
    for sql in (*INDEXES.values(), *FTS_TRIGGERS.values(), *views.V1):
        db.conn.execute(sql)


# What must outlive an erasure, and what is remembered of pages and hosts that change for the worse.
_TRUST = """
CREATE TABLE tombstones (
  digest TEXT PRIMARY KEY, kind TEXT NOT NULL, why TEXT, at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE expired_counts (
  event TEXT NOT NULL REFERENCES events(slug) ON DELETE CASCADE, local_day TEXT NOT NULL, kind TEXT NOT NULL,
  author_kind TEXT NOT NULL, counted INTEGER NOT NULL, posts INTEGER NOT NULL,
  PRIMARY KEY (event, local_day, kind, author_kind, counted)
) STRICT, WITHOUT ROWID;
ALTER TABLE posts ADD COLUMN gone_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE posts ADD COLUMN checked_at TEXT;
ALTER TABLE hosts ADD COLUMN missing_page TEXT;
ALTER TABLE hosts ADD COLUMN missing_at TEXT;
ALTER TABLE frontier ADD COLUMN charset TEXT;
ALTER TABLE frontier ADD COLUMN charset_source TEXT;
ALTER TABLE frontier ADD COLUMN unreadable INTEGER;
ALTER TABLE checkpoints ADD COLUMN resets INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN follows INTEGER NOT NULL DEFAULT 0
"""


def m002_trust(db: Database) -> None:
    """Why: people may ask to be forgotten for good, and a page may vanish behind an answer of 200."""
    script(db, _TRUST)


# When a source last asked for the reactions of a post, and which sources wait for what others find.
_SOURCES = """
CREATE TABLE reaction_checks (
  post_id INTEGER NOT NULL REFERENCES posts(id) ON DELETE CASCADE, source TEXT NOT NULL, checked_at TEXT NOT NULL,
  PRIMARY KEY (post_id, source)
) STRICT, WITHOUT ROWID;
ALTER TABLE sources ADD COLUMN late INTEGER NOT NULL DEFAULT 0
"""


def m003_sources(db: Database) -> None:
    """Why: reactions of known posts are asked for again on a schedule, by sources that start after the others."""
    script(db, _SOURCES)


# An account is one person's: of several that an import said, the first stays and the others are suggestions again.
_PEOPLE = """
UPDATE person_authors SET status = 'suggested' WHERE status = 'confirmed' AND person_id > (
  SELECT min(o.person_id) FROM person_authors o
  WHERE o.author_id = person_authors.author_id AND o.status = 'confirmed');
CREATE UNIQUE INDEX person_authors_one ON person_authors(author_id) WHERE status = 'confirmed';
CREATE INDEX person_authors_author ON person_authors(author_id);
ALTER TABLE labels ADD COLUMN organisation TEXT
"""


def m004_people(db: Database) -> None:
    """Why: accounts that a human called one person's are counted as one, and corporate writers by their employer."""
    script(db, _PEOPLE)
    for sql in views.V4:
        db.conn.execute(sql)


def m005_behind_numbers(db: Database) -> None:
    """Why: the posts behind a number are those it counts: in the event's window, and nobody's who opted out."""
    for column in ("window_from", "window_until"):
        db.conn.execute(f"ALTER TABLE events ADD COLUMN {column} TEXT")
    for (slug,) in db.conn.execute("SELECT slug FROM events").fetchall():
        set_window(cast("Connection", db.conn), slug)
    for sql in views.V5:
        db.conn.execute(sql)


for _step in (m001_first_schema, m002_trust, m003_sources, m004_people, m005_behind_numbers):
    migrations()(_step)
