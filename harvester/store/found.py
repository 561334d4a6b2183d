"""What one database holds of the subject of an erasure: its rows, their copies, and what they are called elsewhere."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harvester.store import erase_rows as rows
from harvester.store import tombstones
from harvester.store.subjects import Subject
from harvester.text import fold
from harvester.traces import Traces, Who, Words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harvester.store.connection import Connection, Row
    from harvester.store.tombstones import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one database holds of a subject.

    posts, authors   rows that go whole           ties, whose   posts and authors that only leave `subject.event`
    values           what tombstones must stand for            traces        finds it in other texts
    names            what edges call it: keys, addresses, `platform:@handle`
    persons          what attendance lists may call the authors, folded
    """

    subject: Subject
    posts: tuple[int, ...]
    authors: tuple[int, ...]
    ties: tuple[int, ...]
    whose: tuple[int, ...]
    values: tuple[Value, ...]
    names: tuple[str, ...]
    persons: tuple[str, ...]
    traces: Traces

    @property
    def parameters(self) -> dict[str, Any]:
        """The values of the conditions in `erase_rows`."""
        lists = {
            "posts": self.posts, "authors": self.authors, "ties": self.ties, "whose": self.whose, "names": self.names,
            "persons": self.persons, "sites": _sites(self.subject),
        }  # fmt: skip
        return {name: json.dumps(values) for name, values in lists.items()} | {"event": self.subject.event}


def look(conn: Connection, subject: Subject) -> Found:
    """What a database holds of a subject, copies and authors who wrote nothing else included. Writes nothing."""
    authors = {row["id"]: row for account in subject.accounts for row in _authors(conn, *account)}
    posts = {
        row["id"]: row
        for row in conn.execute(rows.BY_SUBJECT, {"keys": _list(subject.keys), "authors": _list(authors)})
    }
    names = {name for row in posts.values() for name in (row["key"], row["url"], row["canonical_url"]) if name}
    copies = {"posts": _list(posts), "keys": _list([*subject.keys, *names]), "urls": _list(_web(names))}
    posts |= {row["id"]: row for row in conn.execute(rows.COPIES, copies)}
    asked = tuple(authors)
    whole = dict(posts)
    if subject.event:
        shared = conn.execute(rows.ELSEWHERE, {"posts": _list(posts), "event": subject.event})
        for row in shared.fetchall():
            del whole[row["post_id"]]
        authors = {}
    orphans = conn.execute(rows.ORPHANS, {"posts": _list(whole), "authors": _list(authors)})
    named = list(authors.values())
    authors |= {row["id"]: row for row in orphans}
    return Found(
        subject=subject, posts=tuple(whole), authors=tuple(authors), ties=tuple(posts.keys() - whole.keys()),
        whose=asked if subject.event else (), values=_values(subject, posts.values()),
        names=_names(subject, whole.values()), persons=_persons(subject, named),
        traces=_traces(subject, whole.values(), named),
    )  # fmt: skip


def _authors(conn: Connection, platform: str, handle: str) -> list[Row]:
    named = {"platform": platform, "handle": handle, "site": platform == "web" and "#" not in handle}
    return conn.execute(rows.ACCOUNTS, named).fetchall()


def _list(values: Iterable[object]) -> str:
    return json.dumps(list(values), ensure_ascii=False)


def _web(names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith("https://")]


def _sites(subject: Subject) -> list[str]:
    hosts = [handle for platform, handle in subject.accounts if platform == "web" and "#" not in handle]
    return [*hosts, *(f"www.{host}" for host in hosts)] if not subject.event else []


def _values(subject: Subject, posts: Iterable[Row]) -> tuple[Value, ...]:
    found = [tombstones.author_value(*account) for account in subject.accounts]
    found += map(tombstones.post_value, subject.keys)
    for row in posts:
        found += [tombstones.post_value(name) for name in (row["key"], row["url"], row["canonical_url"]) if name]
    return tuple(dict.fromkeys(found))


def _names(subject: Subject, posts: Iterable[Row]) -> tuple[str, ...]:
    found = [value[1] for row in posts for value in _values(Subject(), [row])]
    if not subject.event:
        found += [*subject.keys, *(f"{platform}:@{handle}" for platform, handle in subject.accounts)]
    return tuple(dict.fromkeys(found))


def _persons(subject: Subject, authors: Iterable[Row]) -> tuple[str, ...]:
    """The accounts that go in the ways lists write them, and their names."""
    found = {fold(f"{platform}:{at}{handle}") for platform, handle in subject.accounts for at in ("", "@")}
    found |= {fold(told) for row in authors for told in (row["name"], row["url"]) if told}
    return tuple(sorted(found - {""}))


def _traces(subject: Subject, posts: Iterable[Row], authors: Iterable[Row]) -> Traces:
    words = [
        Words(
            addresses=tuple(url for url in (row["url"], row["canonical_url"]) if url), native_id=row["native_id"] or "",
            title=row["title"] or "", text=row["text"] or "",
        )
        for row in posts
    ]  # fmt: skip
    words += [Words(addresses=tuple(_web([key]))) for key in subject.keys]
    words += [Words(native_id=key.partition(":")[2]) for key in subject.keys if not key.startswith("https://")]
    who = [Who(platform=r["platform"], handle=r["handle"], name=r["name"] or "", url=r["url"] or "") for r in authors]
    if not subject.event:
        who += [Who(platform=platform, handle=handle) for platform, handle in subject.accounts]
    return Traces(words, who)
