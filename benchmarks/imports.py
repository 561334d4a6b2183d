"""G9, G10, G11: X exports and posts into SQLite, against raw executemany of the very same rows, ready made.

The floor writes all tables that an import fills and builds the same indexes and search table; it reads, checks and
cleans nothing. A second floor is the textbook one: posts and authors only, two indexes, no search.
"""

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import sqlite_utils

from benchmarks.made import NOW, articles, pages
from benchmarks.pairs import PYTHON, cpu, paired
from harvester.event import Event, load
from harvester.importers import detect
from harvester.importers.load import load as import_file
from harvester.store import bulk, runs
from harvester.store.bulk import Loader, drop_indexes, rebuild_indexes
from harvester.store.connection import Connection, sqlite3, write_tx
from harvester.store.events import save_event
from harvester.store.migrations import FTS_TRIGGERS, INDEXES
from harvester.store.open import open_db

TWEETS, POSTS, MANY, ROUNDS = 10_000, 10_000, 100_000, 5
STORED_NOW = "2016-12-24T00:00:00Z"
TABLES = ("events", "runs", "authors", "audience", "posts", "event_posts", "sightings", "links", "reactions")
EVENT = 'slug = "bench"\nname = "Bench"\nhashtags = ["bench"]\nstarts = 2016-12-21\ntimezone = "Asia/Tokyo"\n'


def run() -> list[str]:
    """One row a goal; needs no network and no data."""
    with tempfile.TemporaryDirectory(prefix="harvest-bench-") as folder:
        return [*_tweets(Path(folder)), _memory(Path(folder)), *_posts(Path(folder)), _search(Path(folder))]


def fresh(folder: Path, event: Event) -> Connection:
    """An empty database with the event and a run in it."""
    for path in folder.glob("bench.db*"):
        path.unlink()
    conn = open_db(folder / "bench.db", "create")
    with write_tx(conn):
        save_event(conn, event)
        runs.start_run(conn, "import", event.slug, now=STORED_NOW)
    return conn


def raw(folder: Path, event: Event, rows: dict[str, list[tuple[object, ...]]]) -> float:
    """CPU seconds of writing ready rows into the same tables, with the same indexes and search table."""
    conn = fresh(folder, event)

    def work() -> None:
        with write_tx(conn):
            drop_indexes(conn)
            for table, values in rows.items():
                if values and table not in ("events", "runs"):
                    marks = ", ".join("?" * len(values[0]))
                    conn.executemany(f"INSERT INTO {table} VALUES ({marks})", values)
            rebuild_indexes(conn)

    seconds = cpu(work)
    conn.close()
    return seconds


def textbook(folder: Path, rows: dict[str, list[tuple[object, ...]]]) -> float:
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


def _tweets(folder: Path) -> list[str]:
    event = load(EVENT, "bench.toml")
    file = folder / "tweets.jsonl"
    file.write_text("\n".join(pages(TWEETS)), encoding="utf-8")

    def ours(conn: Connection) -> None:
        with write_tx(conn):
            import_file(conn, detect.look(file), event, run_id=1, now=NOW, zone="Asia/Tokyo", progress=lambda _: None)

    def timed() -> float:
        conn = fresh(folder, event)
        seconds = cpu(lambda: ours(conn))
        conn.close()
        return seconds

    timed()
    rows = _rows(folder)
    first = paired(lambda: raw(folder, event, rows), timed, ROUNDS)
    second = paired(lambda: textbook(folder, rows), timed, ROUNDS)
    speed = f"{TWEETS / first.second:,.0f} posts a CPU second"
    return [
        first.line("G9", f"X import of the speed of its own rows, raw ({speed})", ">= 0.45", first.ratio >= 0.45),
        second.line("G9", "X import of the speed of two bare tables", "told only", met=True),
    ]


def _rows(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    conn = open_db(folder / "bench.db", "ro")
    rows = {table: [tuple(row) for row in conn.execute(f"SELECT * FROM {table}")] for table in TABLES}
    conn.close()
    return rows


# VmHWM and not ru_maxrss: that one begins with the memory of the process that started this one.
_CHILD = """import sys
from pathlib import Path
from harvester.cli import run
code = run(sys.argv[1:])
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
sys.exit(code) if code else print(int(peak.split()[1]) // 1024)
"""


def _memory(folder: Path) -> str:
    """Peak memory of `harvest import` of a file ten times as long."""
    event, file = folder / "bench.toml", folder / "many.jsonl"
    event.write_text(EVENT, encoding="utf-8")
    file.write_text("\n".join(pages(MANY)), encoding="utf-8")
    command = [PYTHON, "-c", _CHILD, "import", str(event), str(file), "--db", str(folder / "many.db")]
    peak = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
    file.unlink()
    (folder / "many.db").unlink()
    verdict = "met" if peak <= 150 else "MISSED"
    return (
        f"{'G9':<5} {f'MiB at the peak of importing {MANY:,} posts':<62} {peak:7d} {'':11} goal {'<= 150':<9} {verdict}"
    )


def _posts(folder: Path) -> list[str]:
    event, posts = load(EVENT, "bench.toml"), articles(POSTS)

    def store(conn: Connection) -> Callable[[], None]:
        def work() -> None:
            with write_tx(conn), Loader(conn, event="bench", source="csv", run_id=1, now=STORED_NOW) as loader:
                for post in posts:
                    loader.add(post)

        return work

    def first() -> float:
        conn = fresh(folder, event)
        seconds = cpu(store(conn))
        conn.close()
        return seconds

    def again() -> float:
        conn = open_db(folder / "bench.db")
        seconds = cpu(store(conn))
        conn.close()
        return seconds

    first()
    rows = _rows(folder)
    floor = paired(lambda: raw(folder, event, rows), first, ROUNDS)
    with unsearched():
        peer = paired(lambda: _with_sqlite_utils(folder, event, rows), first, ROUNDS)
    twice = paired(first, again, ROUNDS)
    return [
        floor.line("G10", "storing posts, of the speed of raw executemany", ">= 0.75", floor.ratio >= 0.75),
        peer.line("G10", "storing posts, times as fast as sqlite-utils insert_all", ">= 3", peer.ratio >= 3),
        twice.line("G10", "storing unchanged posts again, times as fast as at first", ">= 2", twice.ratio >= 2),
    ]


@contextmanager
def unsearched() -> Iterator[None]:
    """Rows and indexes alone: what the search table costs is the same for everybody and hides the rest."""

    def rebuild(conn: Connection) -> None:
        for sql in INDEXES.values():
            conn.execute(sql)

    with mock.patch.object(bulk, "rebuild_indexes", rebuild):
        yield


def _with_sqlite_utils(folder: Path, event: Event, rows: dict[str, list[tuple[object, ...]]]) -> float:
    """CPU seconds of insert_all of the same rows into the same tables, indexes in place."""
    conn = fresh(folder, event)
    for name in FTS_TRIGGERS:
        conn.execute(f"DROP TRIGGER {name}")
    columns = {table: [row[1] for row in conn.execute(f"PRAGMA table_info({table})")] for table in TABLES}
    records = {
        table: [dict(zip(columns[table], row, strict=True)) for row in values]
        for table, values in rows.items()
        if table not in ("events", "runs")
    }
    db = sqlite_utils.Database(conn, recursive_triggers=False)

    def work() -> None:
        for table, values in records.items():
            db[table].insert_all(values)

    seconds = cpu(work)
    conn.close()
    return seconds


def _search(folder: Path) -> str:
    """Triggers as a crawl fires them, a page of posts a transaction, against one rebuild at the end."""
    event = load(EVENT, "bench.toml")
    rows = [(n, post.key, post.title, post.text) for n, post in enumerate(articles(POSTS), 1)]
    insert = """INSERT INTO posts (id, key, url, kind, platform, host, title, text, first_seen_at)
        VALUES (?, ?, '', 'article', 'web', '', ?, ?, '')"""

    def by_triggers(conn: Connection) -> None:
        for start in range(0, len(rows), 20):
            with write_tx(conn):
                conn.executemany(insert, rows[start : start + 20])

    def at_the_end(conn: Connection) -> None:
        with write_tx(conn):
            drop_indexes(conn)
            conn.executemany(insert, rows)
            rebuild_indexes(conn)

    def timed(work: Callable[[Connection], None]) -> float:
        conn = fresh(folder, event)
        seconds = cpu(lambda: work(conn))
        conn.close()
        return seconds

    ratio = paired(lambda: timed(by_triggers), lambda: timed(at_the_end), ROUNDS)
    return ratio.line("G11", "search built after a load, times as fast as by triggers", ">= 2", ratio.ratio >= 2)
