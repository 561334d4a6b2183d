"""G9, G10, G11: X exports and posts into SQLite, against raw executemany of the very same rows, ready made.

The floor writes all tables that an import fills and builds the same indexes and search table; it reads, checks and
cleans nothing. A second floor is the textbook one: posts and authors only, two indexes, no search.
"""

import subprocess
import tempfile
from contextlib import closing
from pathlib import Path

from benchmarks.floors import STORED_NOW, filled, filling, raw, textbook, unsearched, with_sqlite_utils
from benchmarks.made import NOW, articles, pages
from benchmarks.pairs import PYTHON, cpu, paired
from harvester.event import load
from harvester.importers import detect
from harvester.importers.load import load as import_file
from harvester.store.bulk import Loader, drop_indexes, rebuild_indexes
from harvester.store.connection import Connection, write_tx
from harvester.store.open import open_db

TWEETS, POSTS, MANY, ROUNDS = 10_000, 10_000, 100_000, 5
EVENT = 'slug = "bench"\nname = "Bench"\nhashtags = ["bench"]\nstarts = 2016-12-21\ntimezone = "Asia/Tokyo"\n'


def run() -> list[str]:
    """One row a goal; needs no network and no data."""
    with tempfile.TemporaryDirectory(prefix="harvest-bench-") as folder:
        return [*_tweets(Path(folder)), _memory(Path(folder)), *_posts(Path(folder)), _search(Path(folder))]


def _tweets(folder: Path) -> list[str]:
    event = load(EVENT, "bench.toml")
    file = folder / "tweets.jsonl"
    file.write_text("\n".join(pages(TWEETS)), encoding="utf-8")

    def ours(conn: Connection) -> None:
        with write_tx(conn):
            import_file(conn, detect.look(file), event, run_id=1, now=NOW, zone="Asia/Tokyo", progress=lambda _: None)

    def timed() -> float:
        return filling(folder, event, ours)

    timed()
    rows = filled(folder)
    first = paired(lambda: raw(folder, event, rows), timed, ROUNDS)
    second = paired(lambda: textbook(folder, rows), timed, ROUNDS)
    speed = f"{TWEETS / first.second:,.0f} posts a CPU second"
    return [
        first.line("G9", f"X import of the speed of its own rows, raw ({speed})", ">= 0.45", first.ratio >= 0.45),
        second.line("G9", "X import of the speed of two bare tables", "told only", met=True),
    ]


_CHILD = """import sys
from benchmarks.pairs import peak
from harvester.cli import run
code = run(sys.argv[1:])
sys.exit(code) if code else print(round(peak()))
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

    def store(conn: Connection) -> None:
        with write_tx(conn), Loader(conn, event="bench", source="csv", run_id=1, now=STORED_NOW) as loader:
            for post in posts:
                loader.add(post)

    def first() -> float:
        return filling(folder, event, store)

    def again() -> float:
        with closing(open_db(folder / "bench.db")) as conn:
            return cpu(lambda: store(conn))

    first()
    rows = filled(folder)
    floor = paired(lambda: raw(folder, event, rows), first, ROUNDS)
    with unsearched():
        peer = paired(lambda: with_sqlite_utils(folder, event, rows), first, ROUNDS)
    twice = paired(first, again, ROUNDS)
    return [
        floor.line("G10", "storing posts, of the speed of raw executemany", ">= 0.75", floor.ratio >= 0.75),
        peer.line("G10", "storing posts, times as fast as sqlite-utils insert_all", ">= 3", peer.ratio >= 3),
        twice.line("G10", "storing unchanged posts again, times as fast as at first", ">= 2", twice.ratio >= 2),
    ]


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

    ratio = paired(lambda: filling(folder, event, by_triggers), lambda: filling(folder, event, at_the_end), ROUNDS)
    return ratio.line("G11", "search built after a load, times as fast as by triggers", ">= 2", ratio.ratio >= 2)
