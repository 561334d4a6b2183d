"""Frozen reports for canned queries: SQL can neither unpack them nor leave out who opted out since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from datasette import hookimpl
from markupsafe import Markup

from harvester.report.rows import as_json, rows
from harvester.store import snapshots

if TYPE_CHECKING:
    from harvester.store.connection import Connection

# The column of a canned query whose cells lead to the posts behind a number.
BEHIND = "posts"


class Frozen:
    """Datasette's plugin hooks: the function `frozen(number)` of SQL, and links to the posts behind its numbers."""

    @staticmethod
    @hookimpl  # type: ignore[untyped-decorator] # it publishes no types
    def prepare_connection(conn: Connection, database: str, datasette: Any) -> None:
        """`frozen(number)`: the rows of `harvest report --snapshot NUMBER --json`, each with `posts`, its list."""
        conn.create_function("frozen", 1, lambda number: _told(conn, datasette.urls.database(database), number))

    @staticmethod
    @hookimpl  # type: ignore[untyped-decorator]
    def render_cell(value: Any, column: str, database: str, datasette: Any) -> Markup | None:
        """A link for such an address; it stays in this database."""
        place = f"{datasette.urls.database(database)}?sql="
        if column != BEHIND or not isinstance(value, str) or not value.startswith(place):
            return None
        return Markup('<a href="{}">list</a>').format(value)


def _told(conn: Connection, place: str, number: int | None) -> str:
    if number is None:
        return "[]"
    found = rows(snapshots.load(conn, number, posts=False).report)
    return as_json([row | {BEHIND: _address(row, place)} for row in found])


def _address(row: dict[str, Any], place: str) -> str:
    if not row["query"]:
        return ""
    asked = {"sql": row["query"], "event": row["event"], "group": row["group"], "kind": row["kind"]}
    return f"{place}?{urlencode(asked)}"
