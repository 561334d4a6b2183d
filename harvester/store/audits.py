"""What people answered when they were asked what a post is: one answer for each event and post, and what bears on it.

`at` is when the post was drawn (on a sheet: when the sheet was written), for the answer is about the label of then.
Functions that write run inside the caller's `write_tx`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from harvester.measure.item import Checked
from harvester.model import AUTHOR_KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harvester.store.connection import Connection

_ANSWERS = "SELECT post_id, predicted, truth FROM audits WHERE event = ?"
_SPAN = "SELECT min(at) AS first, max(at) AS last FROM audits WHERE event = ?"
# Posts of authors whom a human overruled, or whose label changed after a moment. A label that an import calls a
# human's is what that file predicted: the audit asks about it.
_MOVED = """
WITH mine AS (SELECT author_id, kind, decided_by = 'human' AND EXISTS (SELECT 1 FROM overrides o
    WHERE o.event = labels.event AND o.author_id = labels.author_id AND o.post_id IS NULL) AS told
  FROM labels WHERE event = :event)
SELECT p.id, p.author_id, m.kind, m.told FROM mine m JOIN posts p ON p.author_id = m.author_id
JOIN event_posts ep ON ep.post_id = p.id AND ep.event = :event
WHERE m.told OR m.author_id IN (
  SELECT author_id FROM decisions WHERE event = :event AND author_id IS NOT NULL AND at > :since)
"""
_LOG = """
SELECT author_id, at, value FROM decisions WHERE event = ? AND author_id IN (
  SELECT author_id FROM decisions WHERE event = ? AND author_id IS NOT NULL AND at > ?) ORDER BY at, id
"""
_KIND = """
SELECT p.author_id, coalesce(l.kind, 'unknown') AS kind FROM posts p
LEFT JOIN labels l ON l.author_id = p.author_id AND l.event = ? WHERE p.id = ?
"""
_CARD = """
SELECT p.id AS post_id, p.key, p.url, p.title, p.text, p.platform, p.host, p.publisher, ep.local_day, a.bio,
  a.platform || ':' || a.handle AS author, coalesce(nullif(a.name, ''), a.handle) AS name
FROM posts p JOIN event_posts ep ON ep.post_id = p.id AND ep.event = ? LEFT JOIN authors a ON a.id = p.author_id
WHERE p.id = ?
"""
_FIRED = """
SELECT t.post_id, e.rule, e.side FROM audits t JOIN posts p ON p.id = t.post_id
JOIN evidence e ON e.event = t.event AND e.author_id = p.author_id WHERE t.event = ?
"""


def checks(conn: Connection, event: str) -> tuple[Checked, ...]:
    """Posts with an answer, and posts whose author a human overruled or whose label changed since the first answer."""
    answers = {row["post_id"]: (row["predicted"], row["truth"]) for row in conn.execute(_ANSWERS, (event,))}
    span = conn.execute(_SPAN, (event,)).fetchone()
    moved = _moved(conn, event, span["first"], span["last"])
    found = []
    for post_id in sorted({*answers, *moved}):
        then, told = moved.get(post_id, ((), False))
        predicted, truth = answers.get(post_id, ("", ""))
        if truth and not then:
            then = (predicted, predicted)
        found.append(Checked(post_id=post_id, predicted=predicted, truth=truth, then=then, told=told))
    return tuple(found)


def _moved(
    conn: Connection, event: str, first: str | None, last: str | None
) -> dict[int, tuple[tuple[str, ...], bool]]:  # fmt: skip
    """Post id → (its author's kinds at the first and at the last answer, whether a human overruled the author)."""
    since = first or "~"  # after every moment
    logs = _logs(conn, event, since)
    found: dict[int, tuple[tuple[str, ...], bool]] = {}
    for row in conn.execute(_MOVED, {"event": event, "since": since}):
        then: tuple[str, ...] = ()
        if first is not None and last is not None:
            log = logs.get(row["author_id"], [])
            then = (_kind_at(log, first, row["kind"]), _kind_at(log, last, row["kind"]))
        found[row["id"]] = (then, bool(row["told"]))
    return found


def _logs(conn: Connection, event: str, since: str) -> dict[int, list[tuple[str, str]]]:
    """By author whose label changed after a moment: (at, kind) of every decision, oldest first."""
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for row in conn.execute(_LOG, (event, event, since)):
        kind = row["value"].partition(",")[0].partition("/")[0]
        found[row["author_id"]].append((row["at"], kind if kind in AUTHOR_KINDS else "unknown"))
    return found


def _kind_at(log: Sequence[tuple[str, str]], moment: str, now: str) -> str:
    """The kind that a log of decisions knows for a moment; before its first line that one's, without a line `now`."""
    before = [kind for at, kind in log if at <= moment]
    return before[-1] if before else log[0][1] if log else now


def predicted_at(conn: Connection, event: str, post_id: int, moment: str) -> str:
    """The kind that the post's author had at a moment, as far as the log of decisions tells; else the one of now."""
    row = conn.execute(_KIND, (event, post_id)).fetchone()
    log = _logs(conn, event, moment).get(row["author_id"], [])
    return _kind_at(log, moment, row["kind"])


def answer_of(conn: Connection, event: str, post_id: int) -> dict[str, Any] | None:
    """The stored answer about a post: predicted, truth, auditor, at."""
    sql = "SELECT predicted, truth, auditor, at FROM audits WHERE event = ? AND post_id = ?"
    row = conn.execute(sql, (event, post_id)).fetchone()
    return None if row is None else dict(row)


def save_answer(
    conn: Connection, event: str, post_id: int, *, predicted: str, truth: str, auditor: str, at: str
) -> None:  # fmt: skip
    """Store an answer; one about the same post is replaced."""
    conn.execute(
        """INSERT INTO audits (event, post_id, predicted, truth, auditor, at) VALUES (?, ?, ?, ?, nullif(?, ''), ?)
           ON CONFLICT (event, post_id) DO UPDATE SET predicted = excluded.predicted, truth = excluded.truth,
           auditor = excluded.auditor, at = excluded.at""",
        (event, post_id, predicted, truth, auditor, at),
    )


def remove_answer(conn: Connection, event: str, post_id: int) -> None:
    """Take an answer back; the post can be asked about again."""
    conn.execute("DELETE FROM audits WHERE event = ? AND post_id = ?", (event, post_id))


def card(conn: Connection, event: str, post_id: int) -> dict[str, Any] | None:
    """What a human needs to judge a post, and nothing of our judgement; None when the post has gone."""
    row = conn.execute(_CARD, (event, post_id)).fetchone()
    return None if row is None else dict(row)


def fired(conn: Connection, event: str) -> dict[int, frozenset[tuple[str, str]]]:
    """By audited post: (rule, side) of the evidence about its author that the newest judging found."""
    found: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for row in conn.execute(_FIRED, (event,)):
        found[row["post_id"]].add((row["rule"], row["side"]))
    return {post_id: frozenset(rules) for post_id, rules in found.items()}
