"""The editions of a series as measures read them, each read from the database once, however many reports need it."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from harvester import dates
from harvester.classify.names import without_edition
from harvester.event import identity_of
from harvester.event.data import is_whole_series
from harvester.measure.recipe import recipe_of
from harvester.measure.world import Edition, window_of
from harvester.store.events import event_row, told_event
from harvester.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable
    from typing import Any

    from harvester.measure.item import Asked, Item
    from harvester.store.connection import Connection, Row

# The person behind each account, as the view `event_items` names them; who opted out is nobody.
_PEOPLE = """
SELECT a.id, a.platform || ':' || a.handle AS account, coalesce(nullif(a.name, ''), a.handle) AS name,
  CASE WHEN pa.person_id IS NULL THEN a.platform || ':' || a.handle ELSE 'person ' || pa.person_id END AS person
FROM authors a LEFT JOIN person_authors pa ON pa.author_id = a.id AND pa.status = 'confirmed'
WHERE a.id NOT IN (SELECT author_id FROM opted_out) ORDER BY a.id
"""
# What a status on a list is worth when somebody stands there twice: the stronger one holds.
_STATUS = ("registered", "remote", "attended", "checked_in", "speaker", "staff")


class Shelf:
    """What one moment of the database says of its editions, read on demand and kept: for reports on several of them.

    `items_of` gives the posts of an edition, `asked_of` its gap ledger (`store.items` has both). Read all of it in one
    transaction.
    """

    def __init__(
        self, conn: Connection, items_of: Callable[[str], Iterable[Item]], asked_of: Callable[[str], tuple[Asked, ...]]
    ) -> None:
        self.conn, self.asked_of, self._items_of = conn, asked_of, items_of
        self._kept: dict[Hashable, Any] = {}

    def keep(self, key: Hashable, read: Callable[[], Any]) -> Any:
        """What `read` gave the first time."""
        if key not in self._kept:
            self._kept[key] = read()
        return self._kept[key]

    @cached_property
    def people(self) -> dict[int, Row]:
        """Author id → account, name and person, of everybody who has not opted out."""
        return {row["id"]: row for row in self.conn.execute(_PEOPLE)}

    def items(self, slug: str) -> tuple[Item, ...]:
        """The posts of an edition."""
        found: tuple[Item, ...] = self.keep(("items", slug), lambda: tuple(self._items_of(slug)))
        return found

    def sighted(self, slug: str) -> dict[int, tuple[tuple[str, str], ...]]:
        """Post → (source, query) of each question that showed it."""
        found: dict[int, tuple[tuple[str, str], ...]] = self.keep(("seen", slug), lambda: _sighted(self.conn, slug))
        return found

    def edition(self, slug: str) -> Edition:
        """One edition with its posts. Raises NotFoundError for an unknown one."""
        found: Edition = self.keep(("edition", slug), lambda: _edition(self, slug))
        return found


def series_of(conn: Connection, event: str) -> list[str]:
    """The editions of an event's series in order of time; without a series the event alone.

    A file about all editions (`edition = "all"`) stands beside none of them: its posts would count twice.
    """
    series = event_row(conn, event)["series"]
    rows = conn.execute("SELECT slug, edition FROM events WHERE series = ? ORDER BY starts_at, slug", (series,))
    found = [(row["slug"], is_whole_series(row["edition"] or "")) for row in rows]
    if dict(found).get(event, True):
        return [event]
    return [slug for slug, whole in found if not whole]


def editions_named(conn: Connection, name: str) -> list[str]:
    """The editions of a series by its name, or of an event's series by the event. NotFoundError for neither."""
    rows = conn.execute("SELECT slug FROM events WHERE series = ? ORDER BY starts_at, slug", (name,))
    found = [series_of(conn, row["slug"]) for row in rows]
    return max(found, key=len) if found else series_of(conn, name)


def _edition(shelf: Shelf, slug: str) -> Edition:
    conn, people = shelf.conn, shelf.people
    row, told = event_row(conn, slug), told_event(conn, slug)
    starts, ends = dates.parse_iso(row["starts_at"]), dates.parse_iso(row["ends_at"])
    asked, rules = shelf.asked_of(slug), _rules(conn, slug)
    words = tuple(dict.fromkeys((told.name, *told.names, *told.hashtags, *without_edition((told.name, *told.names)))))
    recipe = "" if row["config"] else row["config_hash"] or ""  # a table of events tells its recipe's hash
    return Edition(
        event=slug,
        name=row["name"],
        starts=starts,
        ends=ends,
        window=window_of(starts, ends, row["report_timezone"] or row["timezone"]),
        city=row["city"] or "",
        registered=_heads(conn, slug, "registered") if row["registered"] is None else row["registered"],
        attended=_heads(conn, slug, "attended") if row["attended"] is None else row["attended"],
        media_outlets=row["media_outlets"],
        asked=asked,
        words=words,
        rules=rules,
        told=recipe,
        recipe=recipe_of(asked, words, rules, recipe).hash,
        items=shelf.items(slug),
        sighted=shelf.sighted(slug),
        kinds=_kinds(conn, slug, people),
        present=_present(conn, slug, people),
        vendors=told.vendor_names,
        organisers=tuple((person.name or person.handles[0], person.organisation) for person in told.organisers),
        speakers=tuple((person.name or person.handles[0], person.organisation) for person in told.speakers),
    )


def _heads(conn: Connection, slug: str, column: str) -> int | None:
    """The newest head count that a source told, where the event file says none."""
    row = conn.execute(
        f"""SELECT {column} FROM head_counts WHERE event = ? AND {column} IS NOT NULL
            ORDER BY observed_at DESC, source LIMIT 1""",  # noqa: S608 - the column is ours
        (slug,),
    ).fetchone()
    return None if row is None else int(row[0])


def _rules(conn: Connection, slug: str) -> str:
    """The newest version of our rules that judged a post or an author of it; "" where others did."""
    row = conn.execute(
        """SELECT max(v) FROM (SELECT max(rules_version) AS v FROM event_posts WHERE event = :event
           UNION ALL SELECT max(rules_version) FROM labels WHERE event = :event)""",
        {"event": slug},
    ).fetchone()
    return row[0] or ""


def _kinds(conn: Connection, slug: str, people: dict[int, Row]) -> dict[str, tuple[str, str]]:
    """What each person was; of several accounts the one that is known best speaks."""
    rows = conn.execute(
        "SELECT author_id, kind, subkind FROM labels WHERE event = ? ORDER BY ifnull(posterior, 0), author_id", (slug,)
    )
    found: dict[str, tuple[str, str]] = {}
    for row in rows:
        if row["author_id"] in people and (row["kind"] != "unknown" or people[row["author_id"]]["person"] not in found):
            found[people[row["author_id"]]["person"]] = (row["kind"], row["subkind"] or "")
    return found


def _present(conn: Connection, slug: str, people: dict[int, Row]) -> dict[str, str]:
    """Person → status. An entry that names an account is that account's person; any other is a person of the list."""
    accounts = {row["account"]: row["person"] for row in people.values()}
    found: dict[str, str] = {}
    for row in conn.execute(
        "SELECT person, status, author_id FROM attendance WHERE event = ? ORDER BY person", (slug,)
    ):
        person = _listed(row, people, accounts)
        if person and _rank(row["status"]) >= _rank(found.get(person, "")):
            found[person] = row["status"]
    return found


def _listed(row: Row, people: dict[int, Row], accounts: dict[str, str]) -> str:
    if row["author_id"] is not None:
        return people[row["author_id"]]["person"] if row["author_id"] in people else ""
    named = row["person"]
    for account in (named, f"id:{named}", ":".join(identity_of(named))):
        if account in accounts:
            return accounts[account]
    return f"list:{fold(named)}"


def _rank(status: str) -> int:
    return _STATUS.index(status) if status in _STATUS else -1


def _sighted(conn: Connection, event: str) -> dict[int, tuple[tuple[str, str], ...]]:
    """Post → (source, query) of each question that showed it."""
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for row in conn.execute(
        "SELECT DISTINCT post_id, source, query FROM sightings WHERE event = ? ORDER BY post_id, source, query",
        (event,),
    ):
        found[row["post_id"]].append((row["source"], row["query"]))
    return {post: tuple(asked) for post, asked in found.items()}
