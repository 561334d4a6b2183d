"""A human's words, as they are kept: only ever added, each with its moment; a later word wins, a withdrawal takes back.

What a judgement said that an import told, before anybody spoke, becomes a word of its own (`IMPORTED`): so it holds
again when the human's word is taken back. Everything here that writes does so inside the caller's `write_tx`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from harvester import dates
from harvester.classify.said import WITHDRAWN, Word, clash, standing, value_of
from harvester.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harvester.store.connection import Connection, Row

IMPORTED: Final = "import"
# Two words of one moment: the value decides, so that the order of a file's lines does not; a withdrawal is the last.
ORDER: Final = f"at, value = '{WITHDRAWN}', value"
_OF_ONE = f"""SELECT field, value, at, who, why FROM overrides
WHERE event = :event AND post_id IS :post AND (:post IS NOT NULL OR author_id IS :author) ORDER BY {ORDER}"""  # noqa: S608 - constants
_ALL = f"""SELECT o.author_id, o.post_id, o.field, o.value, o.at, o.who, o.why,
  a.platform || ':' || a.handle AS author, p.key AS post
FROM overrides o LEFT JOIN authors a ON a.id = o.author_id LEFT JOIN posts p ON p.id = o.post_id
WHERE o.event = ? AND (o.author_id IS NOT NULL OR o.post_id IS NOT NULL) ORDER BY {ORDER}"""  # noqa: S608 - constants
_INSERT = """INSERT INTO overrides (event, author_id, post_id, field, value, who, why, at)
VALUES (?, ?, ?, ?, ?, nullif(?, ''), nullif(?, ''), ?)"""
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Whom or what a word is about: an author or a post (one of the two ids) at an event; `key` names it."""

    event: str
    key: str
    author_id: int | None = None
    post_id: int | None = None

    @property
    def ids(self) -> tuple[str, int | None, int | None]:
        """As the table has them."""
        return self.event, self.author_id, self.post_id


def log_of(conn: Connection, about: About) -> list[Word]:
    """Every word about a subject, in order."""
    named = dict(zip(("event", "author", "post"), about.ids, strict=True))
    return [_word(row) for row in conn.execute(_OF_ONE, named)]


def _word(row: Row) -> Word:
    return Word(field=row["field"], value=row["value"], at=row["at"], who=row["who"] or "", why=row["why"] or "")


def all_standing(conn: Connection, event: str) -> list[tuple[About, dict[str, Word]]]:
    """Every subject of which anything was ever said at an event, with the words that hold (none: all taken back)."""
    logs: dict[About, list[Word]] = {}
    for row in conn.execute(_ALL, (event,)).fetchall():
        of_post = row["post_id"] is not None
        about = About(
            event=event, key=row["post"] if of_post else row["author"], post_id=row["post_id"],
            author_id=None if of_post else row["author_id"],
        )  # fmt: skip
        logs.setdefault(about, []).append(_word(row))
    return [(about, standing(log)) for about, log in logs.items()]


def say(
    conn: Connection, about: About, fields: Mapping[str, str], *, now: str, who: str = "", why: str = ""
) -> dict[str, str]:
    """Add a human's words about a subject; the fields that were written: those that do not stand already.

    Their moment is later than that of every word there is about the subject, whatever the clock says. Raises
    NotFoundError when the subject is no longer there.
    """
    _must_exist(conn, about)
    log = log_of(conn, about)
    held = standing(log)
    new = {name: value for name, value in fields.items() if not _stands(held, name, value)}
    if not new:
        return {}
    at = _after(log, now)
    if not held and (told := _told(conn, about)):
        conn.executemany(_INSERT, [(*about.ids, *word, IMPORTED, "told by an import", at) for word in told.items()])
        at = dates.iso(dates.parse_iso(at) + _SECOND)
    conn.executemany(_INSERT, [(*about.ids, name, value, who, why, at) for name, value in new.items()])
    return new


def _stands(held: Mapping[str, Word], name: str, value: str) -> bool:
    return name in held and (value_of(name, held[name].value) or held[name].value) == value


def withdraw(conn: Connection, about: About, *, now: str, who: str = "", why: str = "") -> list[Word]:
    """Take back what was said last about a subject, all of one moment; those words, none when nothing stands.

    Where nothing is left that stands, the judgement is marked as the rules' again, for `stages.classify_event`.
    """
    log = log_of(conn, about)
    held = standing(log)
    if not held:
        return []
    last = max(word.at for word in held.values())
    gone = [word for word in held.values() if word.at == last]
    at = _after(log, now)
    conn.executemany(_INSERT, [(*about.ids, word.field, WITHDRAWN, who, why, at) for word in gone])
    release(conn, about)
    return gone


def release(conn: Connection, about: About) -> None:
    """Mark a judgement as the rules' where a human spoke once and no word stands any more."""
    log = log_of(conn, about)
    if not log or standing(log):
        return
    table, column, subject = (
        ("labels", "author_id", about.author_id) if about.post_id is None else ("event_posts", "post_id", about.post_id)
    )
    conn.execute(
        f"UPDATE {table} SET decided_by = 'rules' WHERE event = ? AND {column} = ? AND decided_by = 'human'",  # noqa: S608 - ours
        (about.event, subject),
    )


def _after(log: list[Word], now: str) -> str:
    """A moment later than every word's; stored moments compare as text."""
    latest = max((word.at for word in log), default="")
    return now if now > latest else dates.iso(dates.parse_iso(latest) + _SECOND)


def _must_exist(conn: Connection, about: About) -> None:
    table, subject = ("authors", about.author_id) if about.post_id is None else ("posts", about.post_id)
    if conn.execute(f"SELECT 1 FROM {table} WHERE id = ?", (subject,)).fetchone() is None:  # noqa: S608 - ours
        raise NotFoundError(f"{about.key}: is no longer in the database; it was erased meanwhile")


def _told(conn: Connection, about: About) -> dict[str, str]:
    """What somebody outside said before anybody spoke here, as words; empty for a judgement of the rules."""
    if about.post_id is None:
        sql = "SELECT * FROM labels WHERE event = ? AND author_id = ? AND decided_by IN ('import', 'human')"
        row = conn.execute(sql, (about.event, about.author_id)).fetchone()
        return _label_words(dict(row)) if row else {}
    sql = "SELECT * FROM event_posts WHERE event = ? AND post_id = ? AND decided_by IN ('import', 'human')"
    row = conn.execute(sql, (about.event, about.post_id)).fetchone()
    if row is None or row["relevance"] is None:
        return {}
    counted, paid = ("yes" if row[name] else "no" for name in ("counted", "incentivised"))
    return {"relevance": row["relevance"], "counted": counted, "incentivised": paid}


def _label_words(row: dict[str, Any]) -> dict[str, str]:
    """The fields of a told label that go together; its side follows from its kind."""
    words: dict[str, str] = {}
    for name in ("kind", "subkind", "attendance") if row["kind"] != "unknown" else ():
        if row[name] and not clash(words | {name: str(row[name])}):
            words[name] = str(row[name])
    return words
