"""Writing what humans decided on who is one person: joined, refused, taken out, opened again. Inside `write_tx`.

`evidence` is what the decision rests on in words, `who` decided it, `at` is the stored time text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harvester.errors import InputError, NotFoundError
from harvester.store.people import REFUSED, persons, refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harvester.store.connection import Connection

_JOINED = """UPDATE person_authors SET evidence = nullif(:evidence, ''), who = nullif(:who, ''), at = :at
WHERE person_id = :person AND author_id = :author"""
_SAVE = """INSERT INTO person_authors (person_id, author_id, status, evidence, who, at)
VALUES (:person, :author, :status, nullif(:evidence, ''), nullif(:who, ''), nullif(:at, ''))"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A decision's reasons, who made it, and when (stored time text, "" where a file does not tell)."""

    evidence: str = ""
    who: str = ""
    at: str = ""

    def bound(self, person: int, author: int, status: str = "") -> dict[str, str | int]:
        """The word as values of a row."""
        return {"person": person, "author": author, "status": status, "evidence": self.evidence, "who": self.who,
                "at": self.at}  # fmt: skip


def merge(conn: Connection, one: int, other: int, word: Word) -> bool:
    """Make two accounts one person's, with all that each is already one with; False when they are.

    Raises InputError when that would join two accounts which somebody said are two people's.
    """
    held = persons(conn)
    if one in held and held.get(other) == held[one]:
        return False
    joined = family(held, one) | family(held, other)
    for a, b in refused(conn):
        if a in joined and b in joined:
            first, second = keys_of(conn, (a, b))
            raise InputError(
                f"{first} and {second} were refused as one person, so this cannot join them; "
                f"`harvest merge {first} {second} --split` takes the refusal back"
            )
    person = held.get(one) or held.get(other) or _person(conn)
    for author in sorted(joined - held.keys()):
        conn.execute(_SAVE, word.bound(person, author, "confirmed"))
    if (gone := held.get(other, person)) != person:
        conn.execute("UPDATE person_authors SET person_id = ? WHERE person_id = ?", (person, gone))
        conn.execute(_JOINED, word.bound(person, other))  # the word that joined them, not the one it was held by
        conn.execute("DELETE FROM people WHERE id = ?", (gone,))
    return True


def refuse(conn: Connection, one: int, other: int, word: Word) -> bool:
    """Remember that two accounts are two people's; False when that is known. InputError where they are joined."""
    held = persons(conn)
    if one == other or (one in held and held.get(other) == held[one]):
        first, second = keys_of(conn, (one, other))
        raise InputError(f"{first} and {second} are one person here; `harvest merge {second} --split` takes it out")
    if any({a, b} == {one, other} for a, b in refused(conn)):
        return False
    person = _person(conn)
    for author in (one, other):
        conn.execute(_SAVE, word.bound(person, author, "refused"))
    return True


def split(conn: Connection, author: int) -> list[str]:
    """Take an account out of its person; the keys of those it was one with. Raises NotFoundError when it has none."""
    held = persons(conn)
    rest = family(held, author) - {author}
    if not rest:
        (key,) = keys_of(conn, (author,))
        raise NotFoundError(f"{key} is joined with no other account; `harvest merge --list` shows who is")
    conn.execute("DELETE FROM person_authors WHERE author_id = ? AND status = 'confirmed'", (author,))
    if len(rest) == 1:  # a person of one account says nothing
        conn.execute("DELETE FROM people WHERE id = ?", (held[author],))
    return keys_of(conn, sorted(rest))


def reopen(conn: Connection, one: int, other: int) -> bool:
    """Take a refusal back; False when there is none between these two."""
    found = [row["person_id"] for row in conn.execute(REFUSED) if {row["one"], row["other"]} == {one, other}]
    for person in found:
        sql = "DELETE FROM person_authors WHERE person_id = ? AND status = 'refused' AND author_id IN (?, ?)"
        conn.execute(sql, (person, one, other))
    conn.execute("DELETE FROM people WHERE NOT EXISTS (SELECT 1 FROM person_authors WHERE person_id = people.id)")
    return bool(found)


def family(held: dict[int, int], author: int) -> set[int]:
    """An account with all that are one person's with it, given author id → person."""
    return {other for other, person in held.items() if person == held[author]} if author in held else {author}


def _person(conn: Connection) -> int:
    return int(conn.execute("INSERT INTO people (name) VALUES (NULL) RETURNING id").fetchone()["id"])


def keys_of(conn: Connection, authors: Iterable[int]) -> list[str]:
    """`platform:handle` of authors by id, in the order given."""
    sql = "SELECT platform || ':' || handle AS key FROM authors WHERE id = ?"
    return [conn.execute(sql, (author,)).fetchone()["key"] for author in authors]
