"""One row written only where it differs: the upsert that interchange records share."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harvester.store.connection import Connection


def upsert(conn: Connection, table: str, values: Mapping[str, Any], keys: tuple[str, ...], guard: str = "") -> str:
    """Insert a row, or change what differs in the one that has the same `keys`: "new", "updated" or "unchanged".

    A None is no news and leaves the column alone. `guard` is a condition under which a stored row may be changed.
    Table, column names and guard are code, never data.
    """
    told = {name: value for name, value in values.items() if value is not None}
    held = conn.execute(_find(table, keys), tuple(told[name] for name in keys)).fetchone()
    done = conn.execute(_write(table, tuple(told), keys, guard), tuple(told.values())).rowcount
    return "unchanged" if not done else "updated" if held else "new"


@lru_cache(maxsize=256)
def _find(table: str, keys: tuple[str, ...]) -> str:
    return f"SELECT 1 FROM {table} WHERE {' AND '.join(f'{key} = ?' for key in keys)}"  # noqa: S608 - names are ours


@lru_cache(maxsize=512)
def _write(table: str, columns: tuple[str, ...], keys: tuple[str, ...], guard: str) -> str:
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    insert = f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT ({', '.join(keys)})"  # noqa: S608 - names are ours
    rest = [name for name in columns if name not in keys]
    if not rest:
        return f"{insert} DO NOTHING"
    changes = ", ".join(f"{name} = excluded.{name}" for name in rest)
    differs = " OR ".join(f"{table}.{name} IS NOT excluded.{name}" for name in rest)
    return f"{insert} DO UPDATE SET {changes} WHERE ({differs}){f' AND ({guard})' if guard else ''}"
