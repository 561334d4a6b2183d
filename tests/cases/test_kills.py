"""The named storage cases: killed at any moment, a damaged log, a SQLite that must not be trusted with WAL."""

from __future__ import annotations

import os
import random
import shutil
import signal
import threading
import time
import warnings
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harvester.errors import ForeignDatabase
from harvester.event import load
from harvester.model import Post, When
from harvester.store import open as opening
from harvester.store import runs
from harvester.store.events import save_event
from harvester.store.open import open_db, wal_is_safe, write_tx
from harvester.store.posts import save_post
from tests.crawling import EVENT, Site
from tests.evil import article
from tests.servers import Answer, Server, as_json

# The nightly run: HARVEST_S1_PAGES=3000 HARVEST_S1_KILLS=20.
PAGES = int(os.environ.get("HARVEST_S1_PAGES", "600"))
HOSTS = PAGES // 50  # one host with more than 200 such addresses would be taken for a trap
KILLS = int(os.environ.get("HARVEST_S1_KILLS", "10"))


def graph_of(pages, hosts, seed):
    """Pages that lead to each other across hosts, every one reachable from the first; some mention a blog."""
    dice = random.Random(seed)

    def url(number):
        return f"https://h{number % hosts}.example/{number}"

    routes = {("h0.example", "/robots.txt"): Answer(b"", 404)}
    for number in range(pages):
        links = [url(2 * number + step) for step in (1, 2) if 2 * number + step < pages]
        links += [url(dice.randrange(pages)) for _ in range(2)]
        mentions = [f"https://blog{number % 3}.example/{number}"] if number % 40 == 0 else []
        routes[(f"h{number % hosts}.example", f"/{number}")] = as_json(
            {"id": number, "links": links, "mentions": mentions}
        )
        if mentions:
            routes[(f"blog{number % 3}.example", f"/{number}")] = article(f"A post on the meetup, number {number}")
    return routes, url(0)


@pytest.fixture
def server():
    made = Server().start()
    yield made
    made.stop()


def child_of(pid, source):
    """The process of a crawl that works on a source, None when there is none now."""
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for word in task.read_text().split():
            if f"--source {source}" in Path(f"/proc/{word}/cmdline").read_bytes().replace(b"\0", b" ").decode():
                return int(word)
    return None


def state_of(site):
    """Everything a crawl leaves that does not tell when it ran."""
    queries = {
        "posts": "SELECT key, url, kind, platform, title, text, language, published_at, content_sha256 FROM posts",
        "ties": "SELECT event, key, relevance, counted, reasons FROM event_posts JOIN posts ON posts.id = post_id",
        "links": "SELECT type, dst, p.key FROM links LEFT JOIN posts p ON p.id = src_post_id",
        "frontier": "SELECT source, url, state, reason, depth, http_status FROM frontier",
        "rejected": "SELECT source, url, reason FROM rejected",
        "stories": "SELECT p.key, copies FROM stories JOIN posts p ON p.id = post_id",
        "labels": "SELECT platform, handle, side, kind FROM labels JOIN authors ON authors.id = author_id",
    }
    return {name: sorted(site.rows(query), key=repr) for name, query in queries.items()}


def assert_sound(db):
    with closing(open_db(db)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert conn.execute("PRAGMA foreign_key_check").fetchall() == []
        conn.execute("INSERT INTO posts_fts(posts_fts, rank) VALUES ('integrity-check', 1)")


def kill_in_mid_crawl(site, server, dice, victim):
    """Start a crawl and kill it, or the child at work alone, after a random part of its pages; False if too late."""
    enough = len(server.hits()) + dice.randint(1, PAGES // (2 * KILLS))
    process = site.start()
    drain = threading.Thread(target=process.communicate, daemon=True)
    drain.start()
    until = time.monotonic() + 60
    while len(server.hits()) < enough and process.poll() is None:
        assert time.monotonic() < until, "so many pages were never asked for"
        time.sleep(0.005)
    time.sleep(dice.uniform(0, 0.05))
    child = child_of(process.pid, "graph") if process.poll() is None else None
    if victim == "group" and child:
        os.killpg(process.pid, signal.SIGKILL)
    elif child:
        os.kill(child, signal.SIGKILL)
    drain.join(60)
    assert not drain.is_alive()
    return child is not None


@pytest.mark.crash
@pytest.mark.case("S1")
def test_s1_killed_at_random_moments_nothing_is_lost_or_doubled(tmp_path, server):
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    routes, first = graph_of(PAGES, HOSTS, seed)
    server.routes = routes
    keys = {"pages": [first], "crawl": {"max_depth": 3}, "source.graph": {"each_run": False}}
    undisturbed, killed = Site(tmp_path / "calm", server.address), Site(tmp_path / "killed", server.address)
    for site in (undisturbed, killed):
        site.folder.mkdir()
        site.event(**keys)
    done = undisturbed.crawl()
    assert done.code == 0, done
    calm = len(server.hits())
    server.forget()
    kills = sum(kill_in_mid_crawl(killed, server, dice, victim) for victim in ("group", "child") * (KILLS // 2))
    assert_sound(killed.db)
    last = killed.crawl()
    assert last.code == 0, last
    assert_sound(killed.db)
    assert len(killed.rows("SELECT 1 FROM posts WHERE key LIKE '%.example/%'")) == PAGES + len(range(0, PAGES, 40))
    assert state_of(killed) == state_of(undisturbed)
    assert kills == KILLS
    assert len(server.hits()) - calm <= kills * 2 * 8


def ledger_of_300(path):
    """A database with 300 commits, each a post and the cursor that counts it; all still in the log."""
    conn = open_db(path, "create")
    conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    conn.execute("PRAGMA wal_autocheckpoint=0")
    now = "2016-12-10T00:00:00Z"
    with write_tx(conn):
        save_event(conn, load(EVENT, "e.toml"))
        run = runs.start_run(conn, "crawl", "meetup", now=now)
        runs.set_cursor(conn, "s", "meetup", "", "0", now=now)
    conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for number in range(1, 301):
        post = Post(
            key=f"https://a.example/{number}", url=f"https://a.example/{number}", kind="article", platform="web",
            host="a.example", author=None, title=f"Page {number}", text=f"text {number}", language="en",
            published=When(at=datetime(2016, 12, 2, tzinfo=UTC), precision="day", origin="feed"),
        )  # fmt: skip
        with write_tx(conn):
            save_post(conn, post, event="meetup", source="s", query="", run_id=run, now=now)
            runs.set_cursor(conn, "s", "meetup", "", str(number), now=now)
    return conn


@pytest.mark.case("S2")
def test_s2_the_cursor_is_never_ahead_of_the_data(tmp_path):
    dice = random.Random(20161202)
    whole = tmp_path / "whole.db"
    with closing(ledger_of_300(whole)):
        main, log = whole.read_bytes(), (tmp_path / "whole.db-wal").read_bytes()
    damages = [("cut", 0)] * 250 + [("noise", 512)] * 250 + [("zeros", 4096)] * 100
    found = set()
    for number, (kind, size) in enumerate(damages):
        folder = tmp_path / str(number)
        folder.mkdir()
        db, at = folder / "t.db", dice.randrange(len(log))
        db.write_bytes(main)
        broken = bytearray(log)
        if kind == "cut":
            del broken[at:]
        else:
            broken[at : at + size] = dice.randbytes(size) if kind == "noise" else bytes(size)
        (folder / "t.db-wal").write_bytes(broken)
        with closing(open_db(db)) as conn:
            assert conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            posts = conn.execute("SELECT count(*) FROM posts").fetchone()[0]
            assert runs.get_cursor(conn, "s", "meetup") == str(posts), (kind, at)
        found.add(posts)
        shutil.rmtree(folder)
    assert len(found) > 50
    assert max(found) <= 300


@pytest.mark.parametrize(
    ("version", "journal"),
    [
        ("3.40.1", "delete"), ("3.44.6", "wal"), ("3.50.4", "delete"), ("3.50.7", "wal"), ("3.51.2", "delete"),
        ("3.51.3", "wal"), ("3.53.4", "wal"),
    ],
)  # fmt: skip
@pytest.mark.case("S7")
def test_s7_wal_only_with_a_sqlite_that_has_the_fix(tmp_path, monkeypatch, version, journal):
    monkeypatch.setattr(opening.sqlite3, "sqlite_version", version)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with closing(open_db(tmp_path / "a.db", "create")) as conn:
            assert conn.execute("PRAGMA journal_mode").fetchone()[0] == journal
    assert wal_is_safe(version) is (journal == "wal")
    told = [str(warning.message) for warning in caught if "WAL-reset" in str(warning.message)]
    assert bool(told) is (journal == "delete")
    assert all(version in text for text in told)


@pytest.mark.parametrize(
    ("magic", "name"),
    [
        (0x6969, "NFS"),
        (0x517B, "SMB"),
        (0xFF534D42, "CIFS"),
        (0xFE534D42, "SMB2"),
        (0x01021997, "9p"),
        (0x65735546, "FUSE"),
    ],
)
@pytest.mark.case("S7")
def test_s7_no_database_on_a_network_file_system(tmp_path, monkeypatch, magic, name):
    monkeypatch.setattr("harvester.store.statfs.file_system_type", lambda folder: magic)
    with pytest.raises(ForeignDatabase, match=f"a.db: on {name}; SQLite locks are not safe there") as caught:
        open_db(tmp_path / "a.db", "create")
    assert caught.value.exit_code == 2
    assert not (tmp_path / "a.db").exists()
