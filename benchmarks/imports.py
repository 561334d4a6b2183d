"""G9, G10, G11: X exports and posts into SQLite, against raw executemany of the very same rows, ready made.

The floor writes all tables that an import fills and builds the same indexes and search table; it reads, checks and
cleans nothing. A second floor is the textbook one: posts and authors only, two indexes, no search.
"""

import json
import random
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from unittest import mock

import sqlite_utils

from benchmarks.pairs import PYTHON, cpu, paired
from harvester.event import Event, load
from harvester.importers import detect
from harvester.importers.load import load as import_file
from harvester.model import Author, Post, When
from harvester.store import bulk, runs
from harvester.store.bulk import Loader, drop_indexes, rebuild_indexes
from harvester.store.events import save_event
from harvester.store.migrations import FTS_TRIGGERS, INDEXES
from harvester.store.open import Connection, open_db, sqlite3, write_tx

TWEETS, POSTS, MANY, ROUNDS = 10_000, 10_000, 100_000, 5
NOW = datetime(2016, 12, 24, tzinfo=UTC)
STORED_NOW = "2016-12-24T00:00:00Z"
TABLES = ("events", "runs", "authors", "audience", "posts", "event_posts", "sightings", "links", "reactions")
WORDS = [
    "参加",
    "しました",
    "発表",
    "資料",
    "公開",
    "登壇",
    "勉強会",
    "クラウド",
    "keynote",
    "Lambda",
    "notes",
    "great",
]
EVENT = 'slug = "bench"\nname = "Bench"\nhashtags = ["bench"]\nstarts = 2016-12-21\ntimezone = "Asia/Tokyo"\n'


def run() -> list[str]:
    """One row a goal; needs no network and no data."""
    with tempfile.TemporaryDirectory(prefix="harvest-bench-") as folder:
        return [*_tweets(Path(folder)), _memory(Path(folder)), *_posts(Path(folder)), _search(Path(folder))]


@cache
def _words() -> tuple[list[str], list[float]]:
    """Words of two to four characters and how often each is used (Zipf), as in any language."""
    dice = random.Random(0)
    signs = [chr(n) for n in (*range(0x3042, 0x3094), *range(0x30A2, 0x30F0), *range(0x4E00, 0x4E00 + 2000))]
    words = ["".join(dice.choices(signs, k=dice.randrange(2, 5))) for _ in range(3000)]
    return words, [1 / (rank + 2) for rank in range(len(words))]


def japanese(dice: random.Random, length: int) -> str:
    """Text whose words come as often as words do: what the search index costs depends on it."""
    words, weights = _words()
    found = dice.choices(words, weights, k=length // 3)
    return "".join(word + dice.choice("はをにがのと。") for word in found)[:length]


def pages(count: int) -> list[str]:
    """API answers of 100 posts with their authors, about 1.5 KB a post: replies, quotes, links to popular pages."""
    dice = random.Random(1)
    found = []
    for start in range(0, count, 100):
        users: dict[str, dict[str, object]] = {}
        posts = [_tweet(dice, start + n, count, users) for n in range(100)]
        page = {"data": posts, "includes": {"users": list(users.values())}, "meta": {"result_count": 100}}
        found.append(json.dumps(page, ensure_ascii=False))
    return found


def _tweet(dice: random.Random, number: int, count: int, users: dict[str, dict[str, object]]) -> dict[str, object]:
    user, post = dice.randrange(count // 3), str(2049 * 10**15 + number)
    users[str(10**9 + user)] = _user(user)
    entities: dict[str, object] = {"hashtags": [{"start": 9, "end": 17, "tag": "bench"}]}
    if dice.random() < 0.45:
        blog, entry = int(dice.paretovariate(0.8)) % 500, int(dice.paretovariate(0.6)) % 9999
        page = f"https://blog{blog}.example.jp/entry/{entry}?utm_source=x"
        entities["urls"] = [
            {"start": 1, "end": 24, "url": "https://t.co/abc", "expanded_url": page, "display_url": "x"}
        ]
    metrics = ("retweet_count", "reply_count", "like_count", "quote_count", "bookmark_count", "impression_count")
    found: dict[str, object] = {
        "id": post,
        "author_id": str(10**9 + user),
        "lang": "ja",
        "source": "Twitter Web App",
        "text": f"{japanese(dice, dice.randrange(30, 110))} {' '.join(dice.choices(WORDS, k=3))} #bench",
        "created_at": (NOW - timedelta(seconds=dice.randrange(300_000))).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "conversation_id": post,
        "reply_settings": "everyone",
        "possibly_sensitive": False,
        "edit_history_tweet_ids": [post],
        "public_metrics": {name: dice.randrange(50) for name in metrics},
        "entities": entities,
        "context_annotations": [{"domain": {"id": "10", "name": "Person"}, "entity": {"id": "1", "name": "X"}}],
    }
    if (kind := dice.random()) < 0.3:
        other = str(2048 * 10**15 + dice.randrange(10**6))
        found["referenced_tweets"] = [{"type": "quoted" if kind < 0.15 else "replied_to", "id": other}]
    return found


def _user(number: int) -> dict[str, object]:
    metrics = ("followers_count", "following_count", "tweet_count", "listed_count")
    return {
        "id": str(10**9 + number),
        "username": f"user{number}",
        "name": f"名前{number}",
        "description": f"エンジニア {WORDS[number % 12]}",
        "created_at": "2010-01-01T00:00:00.000Z",
        "protected": False,
        "verified": False,
        "url": "",
        "location": "Tokyo",
        "profile_image_url": "https://pbs.example/profile_images/1/normal.jpg",
        "public_metrics": dict.fromkeys(metrics, number % 9999),
    }


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


def articles() -> list[Post]:
    """Posts with a title, a text of 300 characters and one link."""
    dice = random.Random(2)
    return [
        Post(
            key=f"https://blog{n % 800}.example/entry/{n}",
            url=f"https://blog{n % 800}.example/entry/{n}",
            kind="article",
            platform="web",
            host=f"blog{n % 800}.example",
            author=Author(platform="web", handle=f"blog{n % 800}.example", name=f"名前{n % 800}"),
            title=japanese(dice, 20),
            text=japanese(dice, 300),
            language="ja",
            hashtags=("bench",),
            published=When(at=NOW - timedelta(minutes=n), precision="second", origin="feed", raw="x"),
            canonical_url=f"https://blog{n % 800}.example/entry/{n}",
            links=(f"https://aoi.example/{n % 50}",),
        )
        for n in range(POSTS)
    ]


def _posts(folder: Path) -> list[str]:
    event, posts = load(EVENT, "bench.toml"), articles()

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
    rows = [(n, post.key, post.title, post.text) for n, post in enumerate(articles(), 1)]
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
