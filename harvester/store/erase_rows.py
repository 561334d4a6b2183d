"""Which rows go, and what is taken out of rows that stay, when posts and authors are erased.

Conditions know `:posts`, `:authors` (JSON lists of row ids that go whole), `:ties`, `:whose` (ids whose place at
`:event` only goes), `:names` (targets of edges), `:persons` (entries of attendance lists, folded), `:sites` (hosts),
and the functions `theirs`, `addressed`, `quoted`, `mentioned` of `harvester.traces.Traces` and `folded`.
"""

# ruff: noqa: S608 - every piece is a constant of this module; values are bound

from __future__ import annotations

from typing import Final

_POSTS: Final = "IN (SELECT value FROM json_each(:posts))"
_AUTHORS: Final = "IN (SELECT value FROM json_each(:authors))"
_TIES: Final = "IN (SELECT value FROM json_each(:ties))"
_WHOSE: Final = "IN (SELECT value FROM json_each(:whose))"
# A question names an account by its address, as `@handle`, or, put to the account's own platform, by the bare handle.
_ASKED: Final = (
    "theirs(query) OR mentioned(query)"
    " OR folded(source || ':' || query) IN (SELECT value FROM json_each(:persons)) AND :event = ''"
)

# In this order: what refers to a row goes before it.
DELETED: Final[tuple[tuple[str, str], ...]] = (
    ("event_posts", f"event = :event AND post_id {_TIES} OR post_id {_POSTS}"),
    ("sightings", f"event = :event AND post_id {_TIES} OR post_id {_POSTS}"),
    ("audits", f"event = :event AND post_id {_TIES} OR post_id {_POSTS}"),
    ("reactions", f"post_id {_POSTS}"),
    ("reaction_checks", f"post_id {_POSTS}"),
    (
        "links",
        (
            f"event = :event AND (src_post_id {_TIES} OR actor_id {_WHOSE}) OR src_post_id {_POSTS}"
            f" OR dst_post_id {_POSTS} OR actor_id {_AUTHORS} OR dst IN (SELECT value FROM json_each(:names))"
            " OR dst_post_id IS NULL AND theirs(dst)"
        ),
    ),
    (
        "evidence",
        (
            f"event = :event AND (post_id {_TIES} OR author_id {_WHOSE}) OR post_id {_POSTS} OR author_id {_AUTHORS}"
            " OR theirs(source_url) OR quoted(snippet)"
        ),
    ),
    ("labels", f"event = :event AND author_id {_WHOSE} OR author_id {_AUTHORS}"),
    ("audience", f"author_id {_AUTHORS}"),
    (
        "people",
        (
            f"id IN (SELECT person_id FROM person_authors WHERE author_id {_AUTHORS}) AND NOT EXISTS"
            f" (SELECT 1 FROM person_authors o WHERE o.person_id = people.id AND NOT o.author_id {_AUTHORS}"
            " AND o.status <> 'refused')"
        ),
    ),
    ("person_authors", f"author_id {_AUTHORS}"),
    (
        "attendance",
        (
            f"event = :event AND author_id {_WHOSE} OR author_id {_AUTHORS}"
            " OR folded(person) IN (SELECT value FROM json_each(:persons)) AND :event IN ('', event)"
        ),
    ),
    ("stories", f"post_id {_POSTS}"),
    ("rejected", "theirs(url) OR addressed(url) OR quoted(detail)"),
    ("quarantine", "mentioned(payload) OR mentioned(reason)"),
    ("frontier", "theirs(url) OR addressed(url) OR addressed(request) OR addressed(detail)"),
    ("checkpoints", _ASKED),
    ("hosts", "host IN (SELECT value FROM json_each(:sites))"),
    ("posts", f"id {_POSTS}"),
    ("authors", f"id {_AUTHORS}"),
)

# What only ever grows keeps its rows and loses whom they were about. (table, condition, assignments)
CLEANED: Final[tuple[tuple[str, str, str], ...]] = (
    (
        "overrides",
        f"event = :event AND (author_id {_WHOSE} OR post_id {_TIES}) OR author_id {_AUTHORS} OR post_id {_POSTS}",
        "author_id = NULL, post_id = NULL, why = NULL",
    ),
    (
        "overrides",
        "mentioned(who) OR mentioned(why)",
        "who = iif(mentioned(who), NULL, who), why = iif(mentioned(why), NULL, why)",
    ),
    (
        "decisions",
        f"event = :event AND (author_id {_WHOSE} OR post_id {_TIES}) OR author_id {_AUTHORS} OR post_id {_POSTS}",
        "author_id = NULL, post_id = NULL",
    ),
    ("frontier", "theirs(found_on) OR addressed(found_on)", "found_on = NULL"),
    ("sightings", _ASKED, "query = 'erased ' || hex(randomblob(4))"),
    ("run_sources", _ASKED, "query = 'erased ' || hex(randomblob(4))"),
    ("run_sources", "quoted(reason) OR quoted(detail)", "reason = NULL, detail = NULL"),
    ("runs", "quoted(detail)", "detail = NULL"),
    (
        "person_authors",
        "mentioned(evidence) OR mentioned(who)",
        "evidence = iif(mentioned(evidence), NULL, evidence), who = iif(mentioned(who), NULL, who)",
    ),
    ("people", "mentioned(name)", "name = NULL"),
    (
        "event_posts",
        f"NOT post_id {_POSTS} AND addressed(reasons)",
        (
            "reasons = (SELECT json_group_array(json(r.value)) FROM json_each(event_posts.reasons) r"
            " WHERE NOT addressed(r.value))"
        ),
    ),
    ("posts", f"NOT id {_POSTS} AND quoted(raw_json)", "raw_json = NULL"),
    ("posts", f"NOT id {_POSTS} AND target IN (SELECT value FROM json_each(:names))", "target = NULL"),
)

# Who goes with erased posts: authors of nothing else, of whom nobody said anything and whose wishes need no keeping.
ORPHANS: Final = f"""
SELECT DISTINCT a.id, a.platform, a.handle, a.name, a.url FROM authors a JOIN posts p ON p.author_id = a.id
WHERE p.id {_POSTS} AND NOT a.id {_AUTHORS} AND NOT a.opted_out
  AND NOT EXISTS (SELECT 1 FROM posts o WHERE o.author_id = a.id AND NOT o.id {_POSTS})
  AND NOT EXISTS (SELECT 1 FROM attendance t WHERE t.author_id = a.id)
  AND NOT EXISTS (SELECT 1 FROM overrides w WHERE w.author_id = a.id)
  AND NOT EXISTS (SELECT 1 FROM person_authors r WHERE r.author_id = a.id AND r.status <> 'suggested')
  AND NOT EXISTS (SELECT 1 FROM links l WHERE l.actor_id = a.id AND l.src_post_id IS NULL)
"""
POSTS: Final = """
SELECT p.id, p.key, p.url, p.canonical_url, p.native_id, p.title, p.text, p.relation, p.target, p.author_id,
  a.platform, a.handle FROM posts p LEFT JOIN authors a ON a.id = p.author_id
"""
BY_SUBJECT: Final = f"""{POSTS} WHERE p.key IN (SELECT value FROM json_each(:keys)) OR p.author_id {_AUTHORS}"""
# The same words under another key: reposts of an erased post, and pages that call its address their own.
COPIES: Final = f"""{POSTS} WHERE NOT p.id {_POSTS} AND (p.relation = 'repost'
    AND p.target IN (SELECT value FROM json_each(:keys))
  OR p.canonical_url IN (SELECT value FROM json_each(:urls)))"""
ELSEWHERE: Final = f"SELECT DISTINCT post_id FROM event_posts WHERE post_id {_POSTS} AND event <> :event"
ACCOUNTS: Final = """
SELECT id, platform, handle, name, url FROM authors
WHERE platform = :platform AND (handle IN (:handle, 'www.' || :handle) COLLATE NOCASE
  OR (:site AND substr(handle, 1, length(:handle) + 1) = :handle || '#')
  OR (:site AND substr(handle, 1, length(:handle) + 5) = 'www.' || :handle || '#'))
"""
