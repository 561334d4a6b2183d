"""The named storage cases: killed at any moment, a damaged log, a SQLite that must not be trusted with WAL."""

from __future__ import annotations

import os
import random
import secrets
import shutil
import time
import warnings
from contextlib import closing

import pytest

from harvester.errors import ForeignDatabase
from harvester.settings import CONCURRENT_REQUESTS
from harvester.store import runs
from harvester.store.connection import sqlite3, wal_is_safe
from harvester.store.open import open_db
from tests import storage_work, test_boundaries
from tests.crawling import Site
from tests.killing import MENTIONS_EVERY, Killer, assert_sound, graph_of, state_of
from tests.servers import serving

# `make crash` kills one crawl of 3,000 pages 200 times.
PAGES = int(os.environ.get("HARVEST_S1_PAGES", "240"))
KILLS = int(os.environ.get("HARVEST_S1_KILLS", "10"))
HOSTS = max(2, PAGES // 50)  # one host with more than 200 such addresses would be taken for a trap


@pytest.mark.crash
@pytest.mark.case("S1")
def test_s1_killed_at_random_moments_nothing_is_lost_or_doubled(tmp_path):
    seed = int(os.environ.get("HARVEST_S1_SEED") or random.randrange(1 << 32))
    print(f"\nS1: {PAGES} pages, {KILLS} kills, seed {seed} (HARVEST_S1_SEED repeats it)", flush=True)
    began = time.monotonic()
    routes, first = graph_of(PAGES, HOSTS, seed)
    keys = {"pages": [first], "crawl": {"max_depth": 3}, "source.graph": {"each_run": False}}
    secret = secrets.token_hex(16)
    tokens = {"X_BEARER_TOKEN": secret, "QIITA_TOKEN": secret}
    with serving(routes) as server:
        undisturbed = Site(tmp_path / "calm", server.address)
        killed = Site(tmp_path / "killed", server.address, environment=tokens)
        for site in (undisturbed, killed):
            site.folder.mkdir()
            site.event(**keys)
        done = undisturbed.crawl(timeout=300)
        assert done.code == 0, done
        calm = len(server.hits())
        server.forget()
        killer = Killer(killed, server, PAGES, KILLS, random.Random(seed))
        while killer.done < KILLS:
            killer.kill()
            assert_sound(killed.db)
            if killer.done % 10 == 0 or killer.done == KILLS:
                asked, seconds = killer.asked(), time.monotonic() - began
                again = len(server.hits()) - asked
                print(f"S1: kill {killer.done}, {asked} pages asked for, {again} again, {seconds:.0f} s", flush=True)
        last = killed.crawl(timeout=300)
        refetched = len(server.hits()) - calm
    assert last.code == 0, last
    assert_sound(killed.db)
    expected = PAGES + len(range(0, PAGES, MENTIONS_EVERY))
    stored, distinct = killed.rows("SELECT count(*), count(DISTINCT title) FROM posts WHERE url LIKE '%.example/%'")[0]
    lost, doubled = expected - distinct, stored - distinct
    allowed = KILLS * 2 * CONCURRENT_REQUESTS
    print(
        f"S1: {killer.done} kills, {lost} lost, {doubled} doubled, {refetched} refetched (at most {allowed}), "
        f"{time.monotonic() - began:.0f} seconds",
        flush=True,
    )
    assert (lost, doubled) == (0, 0)
    assert state_of(killed) == state_of(undisturbed)
    assert refetched <= allowed
    assert [path.name for path in tmp_path.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()] == []
    assert secret not in last.out + last.err


def units_of_300(path):
    """A database with 300 commits, each a post and the cursor that counts it; all still in the log."""
    conn, run = storage_work.begin(path)
    conn.execute("PRAGMA wal_autocheckpoint=0")
    for number in range(1, 301):
        storage_work.store_unit(conn, run, number)
    return conn


@pytest.mark.case("S2")
def test_s2_the_cursor_is_never_ahead_of_the_data(tmp_path):
    dice = random.Random(20161202)
    whole = tmp_path / "whole.db"
    with closing(units_of_300(whole)):
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
            conn.execute("PRAGMA synchronous=OFF")  # seen enough: folding the log in need not wait for the disk
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
    monkeypatch.setattr(sqlite3, "sqlite_version", version)
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


@pytest.mark.case("S7")
@pytest.mark.parametrize("statement", ["import sqlite3", "from sqlite3 import connect", "from pysqlite3 import dbapi2"])
def test_s7_only_one_module_may_name_the_driver(tmp_path, monkeypatch, statement):
    """What the architecture's test says of a module that opens databases on its own."""
    monkeypatch.setattr(test_boundaries, "ROOT", tmp_path)
    module = tmp_path / "harvester" / "report" / "shortcut.py"
    module.parent.mkdir(parents=True)
    module.write_text(f"def read():\n    {statement}\n")
    with pytest.raises(
        AssertionError, match=r"use harvester.store.connection|belongs to \('harvester.store.connection',\)"
    ):
        test_boundaries.test_imports_follow_the_plan(module)
