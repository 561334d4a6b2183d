"""Which accounts are one person's, as humans decided: read for suggestions and measures, written by `harvest merge`.

A person's accounts are rows of `person_authors` with the status `confirmed`, and no account is two people's. A refusal
is a person of its own with two `refused` accounts: nobody is both. A row as `suggested` comes from an import alone.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from harvester.event import identity_of
from harvester.model import Author
from harvester.relate.accounts import account, tokens_of
from harvester.store.events import load_event

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harvester.relate.accounts import Account
    from harvester.store.connection import Connection, Row

_AUTHOR = "a.id, a.platform, a.handle, a.name, a.url, a.bio, a.organisation, a.website, a.is_org"
_KEY = "a.platform || ':' || a.handle"
_TEXTS = """
SELECT DISTINCT p.author_id AS one, h.author_id AS other, p.url FROM posts p
JOIN stories s ON s.id = p.story_id JOIN posts h ON h.id = s.post_id
WHERE p.relation = 'crosspost' AND p.author_id <> h.author_id ORDER BY p.url
"""
REFUSED = """
SELECT r.person_id, r.author_id AS one, o.author_id AS other FROM person_authors r
JOIN person_authors o ON o.person_id = r.person_id AND o.author_id <> r.author_id
WHERE r.status = 'refused' AND (o.status = 'confirmed' OR (o.status = 'refused' AND o.author_id > r.author_id
  AND NOT EXISTS (SELECT 1 FROM person_authors c WHERE c.person_id = r.person_id AND c.status = 'confirmed')))
ORDER BY 1, 2, 3
"""


def _author(row: Row) -> Author:
    return Author(
        platform=row["platform"], handle=row["handle"], name=row["name"] or "", url=row["url"] or "",
        bio=row["bio"] or "", organisation=row["organisation"] or "", website=row["website"] or "",
        is_org=bool(row["is_org"]),
    )  # fmt: skip


def accounts(conn: Connection, only: Iterable[int] | None = None) -> Iterator[Account]:
    """Every account (or `only` these, by id) as an identity, by id; not of those who opted out."""
    sql = f"""SELECT {_AUTHOR} FROM authors a WHERE NOT a.opted_out
      AND (:only IS NULL OR a.id IN (SELECT value FROM json_each(:only))) ORDER BY a.id"""  # noqa: S608 - columns are ours
    for row in conn.execute(sql, {"only": None if only is None else json.dumps(list(only))}):
        yield account(row["id"], _author(row))


def listed(conn: Connection) -> list[tuple[str, ...]]:
    """Entries of the events' lists that name several accounts, as tokens (`Account.own`)."""
    found = []
    for row in conn.execute("SELECT slug FROM events WHERE config IS NOT NULL ORDER BY slug").fetchall():
        event = load_event(conn, row["slug"])
        for person in (*event.people, *event.press):
            tokens = [_token(handle) for handle in person.handles]
            if len(entry := tuple(dict.fromkeys(filter(None, tokens)))) > 1:
                found.append(entry)
    return list(dict.fromkeys(found))


def _token(reference: str) -> str:
    platform, handle = identity_of(reference)
    if platform != "web":
        return f"{platform}:{handle}" if platform else ""
    return next((token for token in sorted(tokens_of(handle)) if token.startswith("web:")), "")


def texts(conn: Connection) -> list[tuple[int, int, str]]:
    """(author id, author id, address) for each text that was found under two accounts as a cross-post."""
    return [(row["one"], row["other"], row["url"]) for row in conn.execute(_TEXTS)]


def persons(conn: Connection) -> dict[int, int]:
    """Author id → person, as confirmed."""
    rows = conn.execute("SELECT author_id, person_id FROM person_authors WHERE status = 'confirmed'")
    return {row["author_id"]: row["person_id"] for row in rows}


def refused(conn: Connection) -> list[tuple[int, int]]:
    """Pairs of author ids that somebody said are two people."""
    return [(row["one"], row["other"]) for row in conn.execute(REFUSED)]


def families(conn: Connection) -> dict[int, dict[int, Author]]:
    """Person → their accounts by id, for everybody with more than one account."""
    sql = f"""SELECT pa.person_id, {_AUTHOR} FROM person_authors pa JOIN authors a ON a.id = pa.author_id
      WHERE pa.status = 'confirmed' ORDER BY pa.person_id, a.platform, a.handle"""  # noqa: S608 - columns are ours
    found: dict[int, dict[int, Author]] = {}
    for row in conn.execute(sql):
        found.setdefault(row["person_id"], {})[row["id"]] = _author(row)
    return {person: family for person, family in found.items() if len(family) > 1}


def writers_at(conn: Connection, event: str) -> set[int]:
    """Authors with a post at the event that was not rejected."""
    sql = """SELECT DISTINCT p.author_id FROM event_posts ep JOIN posts p ON p.id = ep.post_id
      WHERE ep.event = ? AND ifnull(ep.relevance, '') <> 'rejected' AND p.author_id IS NOT NULL"""
    return {row["author_id"] for row in conn.execute(sql, (event,))}


def decisions(conn: Connection) -> list[dict[str, Any]]:
    """Every standing decision: {status, accounts, name, evidence, who, at}, people first, then refusals."""
    sql = f"""SELECT pa.person_id, pe.name, pa.status, {_KEY} AS author, pa.evidence, pa.who, pa.at
      FROM person_authors pa JOIN people pe ON pe.id = pa.person_id JOIN authors a ON a.id = pa.author_id
      WHERE pa.status IN ('confirmed', 'refused') ORDER BY pa.status, pa.person_id, author"""  # noqa: S608 - columns are ours
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for row in conn.execute(sql):
        entry = found.setdefault(
            (row["status"], row["person_id"]),
            {"status": row["status"], "accounts": [], "name": row["name"], "evidence": None, "who": None, "at": None},
        )
        entry["accounts"].append(row["author"])
        if (row["at"] or "") >= (entry["at"] or ""):
            entry |= {key: row[key] or entry[key] for key in ("evidence", "who", "at")}
    return [entry for entry in found.values() if len(entry["accounts"]) > 1]
