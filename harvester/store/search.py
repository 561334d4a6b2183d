"""Finding posts by the words in their titles and texts, Japanese words of two characters included."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from harvester.errors import InputError
from harvester.text import clean, fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harvester.store.connection import Connection

MOST_WORDS: Final = 32  # one condition each; nobody means more
_INDEXED: Final = 3  # characters: the index is made of trigrams, a shorter word is in none
_BEFORE, _LENGTH = 20, 60  # characters of a snippet before the word, and in all

# instr and not LIKE: it knows no wildcard and no pattern that is too long.
_SHORT = "(instr(lower(p.title), lower(?)) OR instr(lower(p.text), lower(?)))"
_LONG = "p.id IN (SELECT rowid FROM posts_fts WHERE posts_fts MATCH ?)"
_FIND = """
SELECT p.key, p.url, p.title, p.text, p.kind, p.platform, p.published_at,
  a.platform || ':' || a.handle AS author, count(*) OVER () AS total,
  (SELECT json_group_array(event ORDER BY event) FROM event_posts WHERE post_id = p.id) AS events
FROM posts p LEFT JOIN authors a ON a.id = p.author_id
WHERE ifnull(p.author_id, 0) NOT IN (SELECT author_id FROM opted_out)
  AND (? = '' OR EXISTS (SELECT 1 FROM event_posts WHERE post_id = p.id AND event = ?)) AND {conditions}
ORDER BY p.published_at DESC NULLS LAST, p.key LIMIT ?
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A post in which every word stands; `snippet` is its text around the first of them."""

    key: str
    url: str
    title: str
    kind: str
    platform: str
    author: str
    published_at: str
    events: tuple[str, ...]
    snippet: str


def search(conn: Connection, text: str, *, event: str = "", limit: int = 20) -> tuple[int, list[Hit]]:
    """How many posts have every word of `text` in their title or text, and the newest `limit` of them.

    Words are what blanks part, taken letter for letter: no character has a meaning of its own. People who opted
    out are not found. Raises InputError for no word at all, or for too many.
    """
    words = list(dict.fromkeys(clean(text).split()))
    if not words:
        raise InputError("nothing to search for; give a word, for example `harvest search 天気`")
    if len(words) > MOST_WORDS:
        raise InputError(f"{len(words)} words are too many to search for; give at most {MOST_WORDS}")
    conditions, values = [], []
    for word in words:
        if len(word) < _INDEXED:
            conditions.append(_SHORT)
            values += [word, word]
        else:
            conditions.append(_LONG)
            values.append(quoted(word))
    sql = _FIND.format(conditions=" AND ".join(conditions))
    rows = conn.execute(sql, (event, event, *values, limit)).fetchall()
    return (rows[0]["total"] if rows else 0), [_hit(row, words) for row in rows]


def quoted(word: str) -> str:
    """A word as an FTS5 string, in which nothing is an operator."""
    return '"' + word.replace('"', '""') + '"'


def _hit(row: Any, words: Sequence[str]) -> Hit:
    return Hit(
        key=row["key"], url=row["url"], title=row["title"] or "", kind=row["kind"], platform=row["platform"],
        author=row["author"] or "", published_at=row["published_at"] or "", events=tuple(json.loads(row["events"])),
        snippet=_snippet(row["text"] or "", words),
    )  # fmt: skip


def _snippet(text: str, words: Sequence[str]) -> str:
    """The text around the first place where one of the words stands, else its beginning; one line."""
    line = " ".join(text.split())
    folded = fold(line)
    if len(folded) != len(line):  # a character that folds into several: places would not fit
        folded = line
    places = [place for word in words if (place := folded.find(fold(word))) >= 0]
    start = max(0, min(places, default=0) - _BEFORE)
    part = line[start : start + _LENGTH]
    return f"{'…' if start else ''}{part}{'…' if start + _LENGTH < len(line) else ''}"
