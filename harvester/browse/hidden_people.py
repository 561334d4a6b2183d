"""Whoever opted out is on no page of Datasette: a condition for every table and view that refers to people or posts.

Views leave them out themselves; what they wrote stays stored, as the wish may be taken back, and a page of one row
shows it to who knows its number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from datasette import hookimpl
from datasette.filters import FilterArguments

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_AUTHORS: Final = "SELECT author_id FROM opted_out"
_POSTS: Final = f"SELECT id FROM posts WHERE author_id IN ({_AUTHORS})"  # noqa: S608 - ours
_PEOPLE: Final = f"SELECT person_id FROM person_authors WHERE author_id IN ({_AUTHORS})"  # noqa: S608 - ours
_WHOSE: Final = {"authors": _AUTHORS, "posts": _POSTS, "people": _PEOPLE}
# What names people without a declared reference to their row.
_NAMED: Final = {
    "attendance": f"""person NOT IN (SELECT handle FROM authors WHERE id IN ({_AUTHORS})
      UNION SELECT platform || ':' || handle FROM authors WHERE id IN ({_AUTHORS}))""",  # noqa: S608 - ours
    "decisions": f"ifnull(author_id, 0) NOT IN ({_AUTHORS}) AND ifnull(post_id, 0) NOT IN ({_POSTS})",
    "posts_fts": f"rowid NOT IN ({_POSTS})",
}


class OptedOut:
    """Datasette's plugin hook."""

    @staticmethod
    @hookimpl  # type: ignore[untyped-decorator] # it publishes no types
    def filters_from_request(database: str, table: str, datasette: Any) -> Callable[[], Awaitable[FilterArguments]]:
        """Conditions beside those that the reader asked for."""

        async def conditions() -> FilterArguments:
            found = await datasette.get_database(database).execute_fn(lambda conn: _conditions(conn, table))
            return FilterArguments(found)

        return conditions


def _conditions(conn: Any, table: str) -> list[str]:
    """One a column that refers to an author or a post, and one for texts that name people."""
    refers = [(row["from"], row["table"]) for row in conn.execute("SELECT * FROM pragma_foreign_key_list(?)", (table,))]
    own = [("id", table)] if table in _WHOSE else []
    found = [f'ifnull("{column}", 0) NOT IN ({_WHOSE[whose]})' for column, whose in refers + own if whose in _WHOSE]
    return found + ([_NAMED[table]] if table in _NAMED else [])
