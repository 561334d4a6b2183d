"""S10, S12: the search table says what the posts say, and a migration is whole or not at all."""

from __future__ import annotations

import random
import re
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from harvester.cli import run
from harvester.store.backup import existing, folder_for
from harvester.store.connection import sqlite3, write_tx
from harvester.store.indexes import FTS_TRIGGERS, search_follows
from harvester.store.open import open_db
from harvester.store.search import search
from harvester.store.version import LATEST
from tests import storage_work
from tests.crawling import ROOT
from tests.syscalls import calls_of

POINTS = 20
POSTS = 300


def raw(path):
    """The file as SQLite finds it: nothing of ours looks at it or changes it."""
    return closing(sqlite3.connect(str(path), isolation_level=None))


def schema_of(conn):
    return sorted(map(tuple, conn.execute("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'")))


def columns_of(conn):
    """Table to columns, of every table that holds what was found; not what the search table is made of."""
    names = [name for (name,) in conn.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    kept = [name for name in names if not name.startswith(("sqlite_", "_sqlite", "posts_fts"))]
    return {name: [row[1] for row in conn.execute(f"PRAGMA table_info({name})")] for name in kept}


def rows_of(conn, columns):
    return {
        table: sorted(map(tuple, conn.execute(f"SELECT {', '.join(names)} FROM {table}")), key=repr)
        for table, names in columns.items()
    }


def assert_searchable(conn):
    """The index agrees with the table (without rank 1 SQLite would not compare them), and follows it."""
    conn.execute("INSERT INTO posts_fts(posts_fts, rank) VALUES ('integrity-check', 1)")
    triggers = (
        "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'posts' AND name LIKE 'posts_fts_%'"
    )
    assert conn.execute(triggers).fetchone()[0] == len(FTS_TRIGGERS) == 3
    assert search_follows(conn)


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    """A database of the first schema."""
    path = tmp_path_factory.mktemp("old") / "h.db"
    storage_work.first_schema(path, POSTS)
    return path


@pytest.mark.crash
@pytest.mark.case("S12")
def test_s12_killed_at_any_write_a_migration_is_whole_or_not_at_all(old, tmp_path):
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    with raw(old) as conn:
        columns, first = columns_of(conn), schema_of(conn)
        rows = rows_of(conn, columns)
    whole = tmp_path / "whole.db"
    shutil.copy(old, whole)
    calls = calls_of("tests.storage_work:open_it", whole)
    with raw(whole) as conn:
        newest = schema_of(conn)
        assert rows_of(conn, columns) == rows
    saved = next(n for n, name in enumerate(calls, 1) if name.startswith("rename"))  # from here on there is a copy
    dice = random.Random(seed)
    half = min(POINTS // 2, len(calls) - saved)
    points = dice.sample(range(1, saved + 1), POINTS - half) + dice.sample(range(saved + 1, len(calls)), half - 1)
    points.append(len(calls))  # the last one comes after the commit
    found = set()
    for point in points:
        folder = tmp_path / str(point)
        folder.mkdir()
        db = folder / "h.db"
        shutil.copy(old, db)
        assert len(calls_of("tests.storage_work:open_it", db, kill_at=point)) == point
        found.add(check_killed(db, first, newest, columns, rows))
        shutil.rmtree(folder)
    assert found == {1, LATEST}, "kills before and after the commit were meant to be among them"


def check_killed(db, first, newest, columns, rows):
    """The schema of a file whose migration was killed; it must be sound, and the next opening must end the work."""
    with raw(db) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        version = conn.execute("PRAGMA user_version").fetchone()[0]
        assert schema_of(conn) == {1: first, LATEST: newest}[version]
        assert rows_of(conn, columns) == rows
    copies = existing(folder_for(db), db.stem)
    assert copies or version == 1
    open_db(db).close()
    for copy in existing(folder_for(db), db.stem):
        with raw(copy) as conn:
            assert conn.execute("PRAGMA user_version").fetchone()[0] == 1
            assert rows_of(conn, columns) == rows
    assert [path for path in folder_for(db).iterdir() if path.name.startswith(".")] == []
    with raw(db) as conn:
        assert schema_of(conn) == newest
        assert rows_of(conn, columns) == rows
        assert_searchable_raw(conn)
    return version


def assert_searchable_raw(conn):
    conn.execute("INSERT INTO posts_fts(posts_fts, rank) VALUES ('integrity-check', 1)")


@pytest.mark.case("S12")
@pytest.mark.parametrize("command", [["status"], ["classify", "e"], ["report", "e"], ["search", "天気"]])
def test_s12_a_newer_database_is_refused_and_left_as_it_is(old, tmp_path, capsys, command):
    db = tmp_path / "h.db"
    shutil.copy(old, db)
    open_db(db).close()
    with raw(db) as conn:
        conn.execute(f"PRAGMA user_version = {LATEST + 1}")
    before = db.read_bytes()
    assert run([*command, "--db", str(db)]) == 2
    told = capsys.readouterr().err
    assert f"h.db: written by a newer harvester (schema {LATEST + 1}, we know {LATEST}); upgrade harvester" in told
    assert db.read_bytes() == before
    assert not db.with_name("h.db-wal").exists() or db.with_name("h.db-wal").stat().st_size == 0


@pytest.mark.case("S12")
def test_s12_without_a_copy_nothing_is_migrated(old, tmp_path, capsys):
    db = tmp_path / "h.db"
    shutil.copy(old, db)
    folder_for(db).write_text("in the way")
    assert run(["classify", "e", "--db", str(db)]) == 2
    assert "no backup can be written there" in capsys.readouterr().err
    with raw(db) as conn:
        assert conn.execute("PRAGMA user_version").fetchone()[0] == 1


@pytest.mark.case("S10")
def test_s10_the_search_table_follows_every_kind_of_write(tmp_path):
    conn, run_id = storage_work.begin(tmp_path / "h.db")
    with closing(conn):
        for number in (1, 2, 3):
            storage_work.store_unit(conn, run_id, number)
        assert_searchable(conn)
        storage_work.store_unit(conn, run_id, 2)  # an upsert that changes nothing
        assert_searchable(conn)
        with write_tx(conn):
            conn.execute("UPDATE posts SET title = '東京都の天気' WHERE id = 3")
            conn.execute("DELETE FROM posts WHERE id = 1")
        assert_searchable(conn)
        found = {word: search(conn, word)[0] for word in ("Page 1", "Page 2", "Page 3", "の天気")}
        assert found == {"Page 1": 0, "Page 2": 1, "Page 3": 0, "の天気": 1}


@pytest.mark.case("S10")
@pytest.mark.parametrize("version", [1, LATEST])
def test_s10_a_table_rebuilt_by_another_tool_is_searchable_again_at_the_next_opening(old, tmp_path, version):
    db = tmp_path / "h.db"
    shutil.copy(old, db)
    if version == LATEST:
        open_db(db).close()
    with raw(db) as conn:
        Database(conn)["posts"].transform()
        assert conn.execute("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'").fetchone()[0] == 0
        conn.execute(
            """INSERT INTO posts (key, url, kind, platform, host, title, text, first_seen_at)
               VALUES ('k', 'u', 'article', 'web', 'h', '後から来た記事', 'written without triggers', 'x')"""
        )
        conn.execute("DELETE FROM posts WHERE id = 1")
        with pytest.raises(sqlite3.DatabaseError):
            assert_searchable_raw(conn)
    with closing(open_db(db)) as conn:
        assert_searchable(conn)
        assert [hit.key for hit in search(conn, "後から来た")[1]] == ["k"]
        with write_tx(conn):
            conn.execute("UPDATE posts SET title = '新しい題名' WHERE key = 'k'")
        assert (search(conn, "後から来た")[0], search(conn, "新しい題名")[0]) == (0, 1)
        assert_searchable(conn)


@pytest.mark.case("S10")
def test_s10_nothing_is_replaced():
    """REPLACE deletes a row without a word to the triggers of those who did not ask for them."""
    replaces = re.compile(r"\bREPLACE\s+INTO\s+(?!temp\.)|\breplace=True\b")
    found = [path for path in Path(ROOT / "harvester").rglob("*.py") if replaces.search(path.read_text("utf-8"))]
    assert found == []
