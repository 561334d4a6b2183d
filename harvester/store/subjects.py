"""Whom or what a user means by an account, a profile's address or a post's: the subject of an erasure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harvester import urls
from harvester.errors import NotFoundError
from harvester.event import identity_of
from harvester.store import trail
from harvester.store.events import load_event
from harvester.traces import account_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harvester.store.connection import Connection
    from harvester.traces import Account

_LONG_ID = 15  # digits: `x:1850000000000000001` is a post, `x:1984` an account


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Posts by key and accounts with all their posts; at one `event` (slug) only, or everywhere."""

    keys: tuple[str, ...] = ()
    accounts: tuple[Account, ...] = ()
    event: str = ""


def subject_of(conn: Connection, references: Iterable[str], event: str = "") -> Subject:
    """All that some references mean, whether it is stored or not. Raises NotFoundError for a mere name."""
    keys: list[str] = []
    accounts: list[Account] = []
    for reference in references:
        key, account = _meant(conn, reference.strip())
        keys += [key] if key else []
        accounts += [account] if account else []
    return Subject(keys=tuple(dict.fromkeys(keys)), accounts=tuple(dict.fromkeys(accounts)), event=event)


def _meant(conn: Connection, reference: str) -> tuple[str, Account | None]:
    """(post key, None) or ("", account)."""
    held = trail.find_post(conn, reference)
    if held is not None:
        return str(held["key"]), None
    if reference.startswith(("http://", "https://")):
        return _at_address(reference)
    platform, handle = identity_of(reference)
    if platform == "x" and handle.isdecimal() and len(handle) >= _LONG_ID:
        return f"x:{handle}", None
    if platform:
        return "", account_of(platform, handle)
    known = [row["author"] for row in trail.find_authors(conn, reference)[:5]]
    meant = f"did you mean {' or '.join(known)}?" if known else "write platform:handle (as x:aoi) or an address"
    raise NotFoundError(f"{reference!r} is a name, and names are shared; {meant}")


def _at_address(reference: str) -> tuple[str, Account | None]:
    """The post at an address; at a profile or a site's front page, who it belongs to."""
    try:
        key, found = urls.key_for(reference), urls.identify(reference)
    except urls.BadUrl as error:
        raise NotFoundError(f"{reference!r} is no address ({error.reason}); copy it from the browser") from error
    if found.handle and not found.native_id:
        return "", account_of(found.platform, found.handle)
    if found.platform == "web" and urlsplit(key).path in ("", "/") and not urlsplit(key).query:
        return "", account_of("web", urls.host_of(reference))
    return key, None


def listed_in(conn: Connection, subject: Subject) -> list[str]:
    """Slugs of the events whose file lists an account of the subject."""
    rows = conn.execute("SELECT slug FROM events WHERE config IS NOT NULL AND ? IN ('', slug)", (subject.event,))
    found = []
    for row in rows.fetchall():
        event = load_event(conn, row["slug"])
        people = (*event.organisers, *event.speakers, *event.attendees, *event.press)
        named = [account_of(*account) for person in people for account in person.identities()]
        named += [account_of(*identity_of(handle)) for handle in event.official_handles]
        if not set(named).isdisjoint(subject.accounts):
            found.append(str(row["slug"]))
    return found


def also_known_as(conn: Connection, subject: Subject) -> list[str]:
    """Other accounts that somebody confirmed to be the same person's."""
    sql = """SELECT DISTINCT o.platform || ':' || o.handle AS author FROM authors a
      JOIN person_authors pa ON pa.author_id = a.id AND pa.status = 'confirmed'
      JOIN person_authors po ON po.person_id = pa.person_id AND po.status = 'confirmed' AND po.author_id <> a.id
      JOIN authors o ON o.id = po.author_id WHERE a.platform = ? AND a.handle = ? COLLATE NOCASE ORDER BY 1"""
    return [row["author"] for account in subject.accounts for row in conn.execute(sql, account)]


def reprints(conn: Connection, subject: Subject) -> list[str]:
    """Addresses of other accounts' posts that were found to be copies of the subject's."""
    sql = """SELECT DISTINCT o.url FROM posts p JOIN posts o ON o.story_id = p.story_id AND o.id <> p.id
      LEFT JOIN authors a ON a.id = p.author_id
      WHERE (p.key IN (SELECT value FROM json_each(:keys))
          OR (a.platform = :platform AND a.handle = :handle COLLATE NOCASE))
        AND o.author_id IS NOT p.author_id AND o.url <> '' ORDER BY 1"""
    asked = [{"keys": json.dumps(subject.keys), "platform": "", "handle": ""}]
    asked += [{"keys": "[]", "platform": platform, "handle": handle} for platform, handle in subject.accounts]
    return list(dict.fromkeys(row["url"] for values in asked for row in conn.execute(sql, values)))
