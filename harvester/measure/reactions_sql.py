"""M13's reactions: what each costs, at which age they are compared, and the SQL behind the numbers."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from harvester.measure.answers_sql import ANSWERED
from harvester.measure.stories_sql import COUNTED
from harvester.measure.volume import OWNED

# What a reaction costs whoever gives it; a view costs nothing and is none.
EFFORT: Final = {
    "like": "low", "bookmark": "low", "point": "low", "comment": "medium", "reply": "medium", "repost": "medium",
    "quote": "high", "link": "high",
}  # fmt: skip
# Age in days → how far from it a snapshot may lie: posts are asked about daily for 30 days.
AGES: Final = {7: timedelta(days=1), 28: timedelta(days=3)}
PRECISE: Final = ("second", "minute", "day")
# The snapshot of each post that counts at an age: the one closest to it.
_AT_AGE: Final = f"""SELECT *, min(away) FROM (
  SELECT i.key, i.url, i.title, i.platform, i.kind, i.author_kind, r.name, r.value, r.observed_at,
    abs(julianday(r.observed_at) - julianday(i.published_at) - {{age}}) AS away
  FROM ({COUNTED}) i JOIN reactions r ON r.post_id = i.post_id
  WHERE i.platform = {{platform}} AND i.kind = {{kind}} AND i.published_precision IN {PRECISE} AND r.name = {{name}}
    AND i.author_kind IN {{whose}}
  ORDER BY r.observed_at) WHERE away <= {{slack}} + 1e-6 GROUP BY key"""  # noqa: S608 - the words are ours
# Stories that somebody answered or reacted to.
DREW: Final = f"""{COUNTED} AND grp = :group AND author_kind = 'participant' AND (
  post_id IN (SELECT post_id FROM reactions WHERE name IN {tuple(EFFORT)})
  OR story IN (SELECT story FROM ({ANSWERED})))"""  # noqa: S608 - the words are ours


def snapshots(cell: tuple[str, str, str, str, int], *columns: str) -> str:
    """SQL of the snapshots of a cell, of posts by participants, or by owned accounts as well."""
    _, platform, kind, name, age = cell
    whose = [one for column in columns for one in (OWNED if column == "owned" else (column,))]
    words = {"platform": platform, "kind": kind, "name": name}
    told = {key: "'{}'".format(word.replace("'", "''")) for key, word in words.items()}
    listed = ", ".join(f"'{word}'" for word in sorted(whose))
    return _AT_AGE.format(age=age, slack=AGES[age] / timedelta(days=1), whose=f"({listed})", **told)
