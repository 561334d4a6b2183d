"""Frozen reports (`harvester.report.freeze`) in the table `snapshots`: a row is never changed but by an erasure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from harvester import __version__
from harvester.dates import iso
from harvester.errors import NotFoundError
from harvester.report import freeze
from harvester.report.thinned import thinned
from harvester.text import fold
from harvester.traces import Traces, Who, account_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from harvester.report.build import Report
    from harvester.report.freeze import Frozen
    from harvester.store.connection import Connection, Row
    from harvester.store.found import Found
    from harvester.traces import Account

_HEADLINE: Final = "M02.ratio"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """Where a report is frozen: under which number, since when, and whether that is new."""

    number: int
    taken_at: str
    new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A line about a frozen report; `headline` is its row `M02.ratio` as stored ({} when there is none)."""

    number: int
    event: str
    taken_at: str
    recipe: str
    rules: str
    version: str
    items: int
    erased: int
    headline: Mapping[str, Any]


def texts_of(report: Report) -> tuple[str, str]:
    """A report as it is frozen today: (numbers, items)."""
    return freeze.to_json(report, version=__version__)


def same(conn: Connection, event: str, texts: tuple[str, str]) -> Saved | None:
    """The newest frozen report of an event, if that says what these texts say, on the same of the 28 days."""
    newest = conn.execute("SELECT * FROM snapshots WHERE event = ? ORDER BY id DESC LIMIT 1", (event,)).fetchone()
    if newest is None or not freeze.says_the_same(newest["numbers"], newest["items"], *texts):
        return None
    return Saved(number=newest["id"], taken_at=newest["taken_at"], new=False)


def save(conn: Connection, report: Report, texts: tuple[str, str] | None = None) -> Saved:
    """Freeze a report inside the caller's `write_tx`, unless the newest of its event says the same.

    `texts`: its `texts_of`, where they were made before.
    """
    frame, texts = report.frame, texts or texts_of(report)
    if known := same(conn, frame.event, texts):
        return known
    taken_at = iso(frame.as_of)
    cursor = conn.execute(
        "INSERT INTO snapshots (event, taken_at, recipe, rules_version, numbers, items) VALUES (?, ?, ?, ?, ?, ?)",
        (frame.event, taken_at, frame.recipe, frame.rules, *texts),
    )
    return Saved(number=int(cursor.lastrowid or 0), taken_at=taken_at, new=True)


def load(conn: Connection, number: int, *, posts: bool = True) -> Frozen:
    """A frozen report, without people who have opted out since. Raises NotFoundError, NewerDatabase or Damaged.

    Without `posts` it has none: numbers alone are read in a tenth of the time.
    """
    sql = "SELECT numbers, iif(?, items, '[]') AS items FROM snapshots WHERE id = ?"
    row = conn.execute(sql, (posts, number)).fetchone()
    if row is None:
        known = ", ".join(str(r["id"]) for r in conn.execute("SELECT id FROM snapshots ORDER BY id DESC LIMIT 5"))
        there = f"newest: {known}" if known else "none yet; `harvest report EVENT` makes one"
        raise NotFoundError(f"no snapshot {number} in this database ({there})")
    numbers, items = _without_opted_out(conn, row)
    return freeze.from_json(numbers, items, f"snapshot {number}")


def listing(conn: Connection, event: str) -> list[Summary]:
    """The frozen reports of an event, newest first."""
    rows = conn.execute("SELECT * FROM snapshots WHERE event = ? ORDER BY id DESC", (event,))
    return [_summary(row) for row in rows]


def forget(conn: Connection, found: Found) -> int:
    """Take what is erased out of every frozen report, inside the caller's `write_tx`; how many were changed."""
    changed, everywhere, here = 0, _everywhere(conn, found), _here(conn, found)
    for row in conn.execute("SELECT * FROM snapshots").fetchall():
        texts = row["numbers"], row["items"]
        for gone in (everywhere, *([here] if row["event"] == found.subject.event else [])):
            texts = thinned(*texts, gone)
        if texts != (row["numbers"], row["items"]):
            conn.execute("UPDATE snapshots SET numbers = ?, items = ? WHERE id = ?", (*texts, row["id"]))
            changed += 1
    return changed


def _summary(row: Row) -> Summary:
    head = json.loads(freeze.unpack(row["numbers"]))
    there = len(json.loads(freeze.unpack(row["items"])))
    ratio: Mapping[str, Any] = next((metric for metric in head.get("metrics", ()) if metric["metric"] == _HEADLINE), {})
    return Summary(
        number=row["id"], event=row["event"], taken_at=row["taken_at"], recipe=row["recipe"],
        rules=row["rules_version"] or "", version=head.get("version", ""), items=there,
        erased=head.get("items", there) - there, headline=ratio,
    )  # fmt: skip


class _Gone:
    """What an erasure or a wish takes out: posts by key, people by account and name, and their traces in texts."""

    def __init__(
        self, keys: Collection[str], accounts: Collection[Account], names: Collection[str], traces: Traces
    ) -> None:
        self._keys, self._accounts = frozenset(keys), frozenset(accounts)
        self._names, self._traces = frozenset(fold(name) for name in names if name), traces

    def has(self, post: Mapping[str, Any]) -> bool:
        """By key or address, or by whose it is."""
        if any(post.get(name) in self._keys for name in ("key", "post", "url")):
            return True
        platform, _, handle = str(post.get("author") or "").partition(":")
        return account_of(platform, handle) in self._accounts or self._traces.theirs(str(post.get("url") or ""))

    def called(self, name: str) -> bool:
        """By the names that are known."""
        return fold(name) in self._names

    def named(self, text: str) -> bool:
        """By key, account, address, or a stretch of what they wrote."""
        return text in self._keys or self.called(text) or self._traces.theirs(text) or self._traces.mentioned(text)

    def addressed(self, text: str) -> bool:
        """By an address only."""
        return self._traces.addressed(text)


def _everywhere(conn: Connection, found: Found) -> _Gone:
    """Posts and authors that go whole."""
    accounts = {*(() if found.subject.event else found.subject.accounts), *_accounts(conn, found.authors)}
    names = () if found.subject.event else (*found.persons, *_people(conn, found.authors))
    return _Gone({*found.names, *_keys(conn, found.posts)}, accounts, names, found.traces)


def _here(conn: Connection, found: Found) -> _Gone:
    """Posts and authors that leave one event only."""
    who = _who(conn, found.whose)
    accounts = {*found.subject.accounts, *_accounts(conn, found.whose)}
    keys = {*found.subject.keys, *_keys(conn, (*found.posts, *found.ties))}
    return _Gone(keys, accounts, (*(one.name for one in who), *_people(conn, found.whose)), Traces((), who))


def _keys(conn: Connection, posts: Collection[int]) -> list[str]:
    """Keys and addresses of posts."""
    sql = "SELECT key, url, canonical_url FROM posts WHERE id IN (SELECT value FROM json_each(?))"
    return [name for row in conn.execute(sql, (json.dumps(list(posts)),)) for name in row if name]


def _who(conn: Connection, authors: Collection[int]) -> list[Who]:
    sql = "SELECT platform, handle, name, url FROM authors WHERE id IN (SELECT value FROM json_each(?))"
    rows = conn.execute(sql, (json.dumps(list(authors)),))
    return [Who(platform=r["platform"], handle=r["handle"], name=r["name"] or "", url=r["url"] or "") for r in rows]


def _accounts(conn: Connection, authors: Collection[int]) -> list[Account]:
    return [account_of(one.platform, one.handle) for one in _who(conn, authors)]


def _people(conn: Connection, authors: Collection[int]) -> list[str]:
    """What measures call the people of whom no other account is left, and handles that stand for a name."""
    sql = """SELECT DISTINCT person_id FROM person_authors WHERE author_id IN (SELECT value FROM json_each(:ids))
      AND status = 'confirmed' AND NOT EXISTS (SELECT 1 FROM person_authors o
        WHERE o.person_id = person_authors.person_id AND o.status = 'confirmed'
          AND o.author_id NOT IN (SELECT value FROM json_each(:ids)))"""
    rows = conn.execute(sql, {"ids": json.dumps(list(authors))})
    return [*(f"person {row['person_id']}" for row in rows), *(one.handle for one in _who(conn, authors))]


def _without_opted_out(conn: Connection, row: Row) -> tuple[str, str]:
    """The texts of a row without who opted out: they stay stored, as the wish may be taken back."""
    ids = [found["id"] for found in conn.execute("SELECT author_id AS id FROM opted_out")]
    if not ids:
        return row["numbers"], row["items"]
    who = _who(conn, ids)
    names = (*(one.name for one in who), *_people(conn, ids))
    posts = conn.execute("SELECT id FROM posts WHERE author_id IN (SELECT value FROM json_each(?))", (json.dumps(ids),))
    keys = _keys(conn, [found["id"] for found in posts])
    return thinned(row["numbers"], row["items"], _Gone(keys, _accounts(conn, ids), names, Traces((), who)))
