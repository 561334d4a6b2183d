"""What an import's speed is compared with: the same rows, ready made, written by shorter ways into SQLite."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from unittest import mock

import sqlite_utils

from benchmarks.pairs import cpu
from harvester.event import Event
from harvester.store import bulk, runs
from harvester.store.bulk import drop_indexes, rebuild_indexes
from harvester.store.connection import Connection, sqlite3, write_tx
from harvester.store.events import save_event
from harvester.store.indexes import FTS_TRIGGERS, INDEXES
from harvester.store.open import open_db

STORED_NOW = "2016-12-24T00:00:00Z"
TABLES = ("authors", "audience", "posts", "event_posts", "sightings", "links", "reactions")
Rows = dict[str, list[tuple[object, ...]]]


def fresh(folder: Path, event: Event) -> Connection:
    """An empty database with the event and a run in it."""
    for path in folder.glob("bench.db*"):
        path.unlink()
    conn = open_db(folder / "bench.db", "create")
    with write_tx(conn):
        save_event(conn, event)
        runs.start_run(conn, "import", event.slug, now=STORED_NOW)
    return conn


def filling(folder: Path, event: Event, work: Callable[[Connection], object]) -> float:
    """CPU seconds of what `work` does with such a database."""
    with closing(fresh(folder, event)) as conn:
        return cpu(lambda: work(conn))


def filled(folder: Path) -> Rows:
    """The rows that the newest filling left, by table."""
    with closing(open_db(folder / "bench.db", "ro")) as conn:
        return {table: [tuple(row) for row in conn.execute(f"SELECT * FROM {table}")] for table in TABLES}


def raw(folder: Path, event: Event, rows: Rows) -> float:
    """CPU seconds of writing ready rows into the same tables, with the same indexes and search table."""

    def work(conn: Connection) -> None:
        with write_tx(conn):
            drop_indexes(conn)
            for table, values in rows.items():
                if values:
                    marks = ", ".join("?" * len(values[0]))
                    conn.executemany(f"INSERT INTO {table} VALUES ({marks})", values)
            rebuild_indexes(conn)

    return filling(folder, event, work)


def textbook(folder: Path, rows: Rows) -> float:
    """CPU seconds of upserting twelve columns of each post, and its authors, under two indexes."""
    path = folder / "textbook.db"
    path.unlink(missing_ok=True)
    conn = sqlite3.connect(str(path), isolation_level=None)
    conn.execute("PRAGMA journal_mode=WAL")
    conn.execute("PRAGMA cache_size=-65536")
    names = ", ".join(f"c{n}" for n in range(12))
    conn.execute(f"CREATE TABLE posts (key TEXT PRIMARY KEY, {names})")
    conn.execute("CREATE TABLE authors (id INTEGER PRIMARY KEY, platform, handle, name, url, bio)")
    conn.execute("CREATE INDEX posts_day ON posts(c8)")
    conn.execute("CREATE INDEX posts_author ON posts(c7)")
    posts, authors = [row[1:14] for row in rows["posts"]], [row[:6] for row in rows["authors"]]
    updates = ", ".join(f"c{n} = excluded.c{n}" for n in range(12))
    upsert = f"INSERT INTO posts VALUES ({', '.join('?' * 13)}) ON CONFLICT (key) DO UPDATE SET {updates}"

    def work() -> None:
        conn.execute("BEGIN")
        conn.executemany("INSERT INTO authors VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", authors)
        conn.executemany(upsert, posts)
        conn.execute("COMMIT")

    seconds = cpu(work)
    conn.close()
    for left in folder.glob("textbook.db*"):
        left.unlink()
    return seconds


def with_sqlite_utils(folder: Path, event: Event, rows: Rows) -> float:
    """CPU seconds of insert_all of the same rows into the same tables, indexes in place."""
    with closing(fresh(folder, event)) as conn:
        for name in FTS_TRIGGERS:
            conn.execute(f"DROP TRIGGER {name}")
        columns = {table: [row[1] for row in conn.execute(f"PRAGMA table_info({table})")] for table in rows}
        records = {
            table: [dict(zip(columns[table], row, strict=True)) for row in values] for table, values in rows.items()
        }
        db = sqlite_utils.Database(conn, recursive_triggers=False)

        def work() -> None:
            for table, values in records.items():
                db[table].insert_all(values)

        return cpu(work)


@contextmanager
def unsearched() -> Iterator[None]:
    """Rows and indexes alone: what the search table costs is the same for everybody and hides the rest."""

    def rebuild(conn: Connection) -> None:
        for sql in INDEXES.values():
            conn.execute(sql)

    with mock.patch.object(bulk, "rebuild_indexes", rebuild):
        yield
