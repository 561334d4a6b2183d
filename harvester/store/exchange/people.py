"""The people behind accounts in interchange records: whom a file says to be one, as far as nobody here refused it.

`person` is an account of the human (`qiita:aoi`), or a name or id of the file's own. With the status `refused` and an
account it says that the two are two people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvester.errors import InputError
from harvester.store.exchange.refs import Unresolved, is_key
from harvester.store.merges import Word, merge, refuse
from harvester.store.people import persons
from harvester.store.rows import upsert

if TYPE_CHECKING:
    from harvester.store.exchange.refs import Json, Refs

_ROW = ("person_id", "author_id")


def take_person(refs: Refs, author_id: int, entry: Json) -> str:
    """One entry of an author's `people`. What a human decided here stands; whom nobody may store is left out."""
    name, status = str(entry["person"]), str(entry.get("status") or "confirmed")
    try:
        if status == "refused" and is_key(name):
            done = refuse(refs.conn, author_id, refs.author_id(name), _word(entry))
            return "new" if done else "unchanged"
        if status != "confirmed":
            return _said(refs, _named(refs, name), author_id, status, entry)
        return _confirmed(refs, author_id, name, entry)
    except (InputError, Unresolved):
        return "unchanged"


def _confirmed(refs: Refs, author_id: int, name: str, entry: Json) -> str:
    conn = refs.conn
    other = refs.author_id(name) if is_key(name) else _member(refs, name)
    joined = other is not None and other != author_id and merge(conn, other, author_id, _word(entry))
    person = persons(conn).get(author_id)
    if person is None:
        person = _new(refs) if is_key(name) else _named(refs, name)
    elif not is_key(name):
        conn.execute("UPDATE people SET name = ? WHERE id = ? AND name IS NULL", (name, person))
    told = _said(refs, person, author_id, "confirmed", entry)
    return "new" if joined else told


def _said(refs: Refs, person: int, author_id: int, status: str, entry: Json) -> str:
    values = {name: entry.get(name) for name in ("evidence", "who", "at")}
    return upsert(
        refs.conn, "person_authors", values | {"person_id": person, "author_id": author_id, "status": status}, _ROW
    )


def _member(refs: Refs, name: str) -> int | None:
    """An account of the person that is called so."""
    sql = """SELECT pa.author_id FROM people pe JOIN person_authors pa ON pa.person_id = pe.id
      WHERE pe.name = ? AND pa.status = 'confirmed' ORDER BY pe.id, pa.author_id LIMIT 1"""
    row = refs.conn.execute(sql, (name,)).fetchone()
    return int(row["author_id"]) if row else None


def _named(refs: Refs, name: str) -> int:
    row = refs.conn.execute("SELECT id FROM people WHERE name = ? ORDER BY id", (name,)).fetchone()
    return int(row["id"]) if row else _new(refs, name)


def _new(refs: Refs, name: str | None = None) -> int:
    return int(refs.conn.execute("INSERT INTO people (name) VALUES (?) RETURNING id", (name,)).fetchone()["id"])


def _word(entry: Json) -> Word:
    return Word(evidence=entry.get("evidence") or "", who=entry.get("who") or "", at=entry.get("at") or "")
