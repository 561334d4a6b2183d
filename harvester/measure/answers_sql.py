"""SQL behind the numbers of answers: who gave any, the stories, and of each the one that came first.

`:event` and `:group` are bound.
"""

# ruff: noqa: S608 - every part of these texts is ours

from __future__ import annotations

from typing import Final

from harvester.measure.stories_sql import COUNTED, DATED

ANSWERS: Final = ("quote", "reply", "link", "bookmark", "repost")
# Whose answers are no answer: those behind the event, and machines that copy.
NOBODY: Final = frozenset({"organiser", "vendor", "sponsor", "aggregator"})
_TYPES: Final = ", ".join(f"'{name}'" for name in ANSWERS)
KINDS: Final = ", ".join(f"'{name}'" for name in sorted(NOBODY))
# Answers to participants' posts, by whom they count; whoever opted out is in no number.
ANSWERED: Final = f"""SELECT l.*, i.key, i.url, i.title, i.story, i.grp, a.platform || ':' || a.handle AS actor
FROM links l JOIN event_items i ON i.event = l.event AND i.post_id = l.dst_post_id
LEFT JOIN posts s ON s.id = l.src_post_id JOIN authors a ON a.id = coalesce(l.actor_id, s.author_id)
LEFT JOIN labels k ON k.event = l.event AND k.author_id = a.id
WHERE l.event = :event AND l.type IN ({_TYPES}) AND i.author_kind = 'participant' AND i.relevance = 'confirmed'
  AND i.in_window = 1 AND a.id NOT IN (SELECT author_id FROM opted_out)
  AND ifnull(k.kind, '') NOT IN ({KINDS}) AND a.id <> i.author_id"""

STORIES: Final = f"{COUNTED} AND grp = :group AND author_kind = 'participant'"
DATED_STORIES: Final = f"{STORIES} AND published_at IS NOT NULL AND {DATED}"
# An edge with the moment of a post that only names its day has none.
_AT: Final = (
    "iif(s.published_precision IN ('second', 'minute', 'first_seen') OR l.at IS NOT s.published_at, l.at, NULL)"
)
# Numbers that platforms give grow with time; where there is none, what was stored first was seen first.
_NUMBER: Final = "substr(s.key, instr(s.key, ':') + 1)"
_ORDER: Final = f"iif({_NUMBER} <> '' AND {_NUMBER} NOT GLOB '*[^0-9]*', CAST({_NUMBER} AS INTEGER), l.id)"
# Every answer to a story, to a copy of it or to a part of its thread, by somebody who wrote neither.
_ANSWERS: Final = f"""SELECT st.story, st.key, st.url, st.title, st.published_at, st.published_precision, l.type,
  a.platform || ':' || a.handle AS account, {_AT} AS at, {_ORDER} AS turn,
  CASE WHEN pa.person_id IS NULL THEN a.platform || ':' || a.handle ELSE 'person ' || pa.person_id END AS actor
FROM ({STORIES}) st JOIN event_items i ON i.event = st.event AND i.story = st.story
JOIN links l ON l.event = i.event AND l.dst_post_id = i.post_id AND l.type IN ({_TYPES})
LEFT JOIN posts s ON s.id = l.src_post_id JOIN authors a ON a.id = coalesce(l.actor_id, s.author_id)
LEFT JOIN person_authors pa ON pa.author_id = a.id AND pa.status = 'confirmed'
WHERE a.id NOT IN (SELECT author_id FROM opted_out) AND NOT EXISTS (SELECT 1 FROM labels k
    LEFT JOIN person_authors pk ON pk.author_id = k.author_id AND pk.status = 'confirmed'
    WHERE k.event = l.event AND k.kind IN ({KINDS}) AND (k.author_id = a.id OR pk.person_id = pa.person_id))
  AND actor IS NOT st.person AND actor IS NOT i.person"""
# Stories nobody answered, with or without a moment.
UNANSWERED: Final = f"{STORIES} AND story NOT IN (SELECT story FROM ({_ANSWERS}))"
# Of each answered story the answer that came first, where any has a moment.
FIRST: Final = f"""SELECT story, key, url, title, published_at, actor, account, type, at FROM (
  SELECT *, row_number() OVER (PARTITION BY story ORDER BY at, turn) AS place FROM ({_ANSWERS}) WHERE at IS NOT NULL)
WHERE place = 1"""
FIRST_OF_DATED: Final = f"{FIRST} AND story IN (SELECT story FROM ({DATED_STORIES}))"
