"""S8, S9: a backup of a live database can be relied on and put back; rot is noticed and named."""

from __future__ import annotations

import fcntl
import io
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
import zlib
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from harvester.cli import run
from harvester.crawl import erasure, lock
from harvester.errors import Locked
from harvester.event import load
from harvester.model import Post, When
from harvester.store import runs
from harvester.store.archive import Copy, open_archive, save
from harvester.store.backup import backup, existing, folder_for
from harvester.store.connection import open_as_is, sqlite3, write_tx
from harvester.store.events import save_event
from harvester.store.migrations import migrations
from harvester.store.open import open_db
from harvester.store.posts import content_hash, save_post
from harvester.store.subjects import Subject
from harvester.store.version import APPLICATION_ID, LATEST
from tests.crawling import EVENT, ROOT

NOW = datetime(2016, 12, 10, tzinfo=UTC)
STORED = "2016-12-10T00:00:00Z"


def token(number):
    """Sixteen letters that stand once in the file: in the middle of one post's text."""
    return f"{number:04d}" + random.Random(number).randbytes(6).hex()


def fill(db, posts=60, size=10):
    """A database with so many posts of the event `meetup`."""
    with closing(open_db(db, "create")) as conn, write_tx(conn):
        save_event(conn, load(EVENT, "e.toml"))
        run_id = runs.start_run(conn, "crawl", "meetup", now=STORED)
        for number in range(1, posts + 1):
            post = Post(
                key=f"https://a.example/{number}", url=f"https://a.example/{number}", kind="article", platform="web",
                host="a.example", author=None, title=f"投稿 {number}", language="ja",
                text="勉強会に参加しました。" * size + token(number) + "とても良かったです。" * size,
                published=When(at=datetime(2016, 12, 2, tzinfo=UTC), precision="day", origin="feed"),
            )  # fmt: skip
            save_post(conn, post, event="meetup", source="blog", run_id=run_id, now=STORED)
        runs.finish_run(conn, run_id, "ok", 0, now=STORED)
    return db


@pytest.fixture
def db(tmp_path):
    return fill(tmp_path / "h.db")


def harvest(*words, db):
    return run([*map(str, words), "--db", str(db)])


def told(capsys):
    return json.loads(capsys.readouterr().out)


def exported(db, capsys):
    assert harvest("export", "meetup", db=db) == 0
    return capsys.readouterr().out


def titles(db):
    with closing(open_as_is(db)) as conn:
        return [row[0] for row in conn.execute("SELECT title FROM posts ORDER BY id")]


def drop_post(db, number):
    with closing(open_db(db)) as conn, write_tx(conn):
        conn.execute("DELETE FROM posts WHERE id = ?", (number,))


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


# S8: a live backup is consistent

# Twenty rows in one commit every 5 ms until its input closes; then when each commit began and how long it took.
WRITER = """
import json, sys, threading, time
from harvester.store.connection import write_tx
from harvester.store.open import open_db
conn, commits, over = open_db(sys.argv[1]), [], threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
insert = "INSERT INTO quarantine (source, reason, payload, at) VALUES ('s', 'r', ?, '2016-12-10T00:00:00Z')"
while not over.wait(0.005):
    began = time.monotonic()
    with write_tx(conn):
        conn.executemany(insert, [("x" * 200,)] * 20)
    commits.append((began, time.monotonic() - began))
    if len(commits) == 1:
        print("writing", flush=True)
print(json.dumps(commits))
"""


def started(code, *words, **how):
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **how,
    )  # fmt: skip


@pytest.mark.case("S8")
def test_s8_backups_under_a_writer_are_whole_and_hold_nobody_up(tmp_path, capsys):
    db = fill(tmp_path / "h.db", posts=400, size=200)
    windows, rows = [], []
    with started(WRITER, db) as writer:
        assert writer.stdout.readline() == "writing\n"
        for number in range(5):
            with closing(open_as_is(db)) as conn:
                began = time.monotonic()
                made = backup(conn, folder_for(db), NOW + timedelta(minutes=number))
                windows.append((began, time.monotonic()))
            with closing(open_as_is(made)) as conn:
                assert [row[0] for row in conn.execute("PRAGMA integrity_check")] == ["ok"]
                rows.append(conn.execute("SELECT count(*) FROM quarantine").fetchone()[0])
                assert conn.execute("SELECT count(*) FROM posts").fetchone()[0] == 400
        assert harvest("verify", db=db) == 0, capsys.readouterr().out
        out, err = writer.communicate()
    assert writer.returncode == 0, err
    assert [count % 20 for count in rows] == [0] * 5
    assert rows == sorted(rows)
    assert 0 < rows[0] < rows[-1]
    commits = json.loads(out)
    worst = [
        max(took for began, took in commits if began < end and began + took > start)
        for start, end in windows
        if any(began < end and began + took > start for began, took in commits)
    ]
    # One commit may meet another program's disk traffic; a backup that blocked writers would show every time.
    assert min(worst) < 0.25
    assert max(worst) < 10


@pytest.mark.case("S8")
def test_s8_what_is_still_in_the_log_is_in_the_backup(db, capsys):
    with closing(open_db(db)) as conn:
        conn.execute("PRAGMA wal_autocheckpoint=0")
        with write_tx(conn):
            conn.execute("UPDATE posts SET title = 'in the log' WHERE id = 1")
        assert b"in the log" not in db.read_bytes()
        assert harvest("backup", "--json", db=db) == 0
    assert titles(told(capsys)["backup"])[0] == "in the log"


@pytest.mark.case("S8")
def test_s8_a_full_disk_leaves_the_earlier_backups(db):
    assert harvest("backup", db=db) == 0
    drop_post(db, 1)
    before = files(folder_for(db))
    with closing(open_db(db)) as conn, write_tx(conn):
        conn.executemany(
            "INSERT INTO quarantine (source, reason, payload, at) VALUES ('s', 'r', ?, 'x')", [("x" * 9000,)] * 200
        )
    code = "import sys; from harvester.cli import main; main(sys.argv[1:])"

    def limit():  # a write beyond it fails as one on a full disk does
        resource.setrlimit(resource.RLIMIT_FSIZE, (700_000, 700_000))

    with started(code, "backup", "--db", db, preexec_fn=limit) as process:
        _, err = process.communicate()
    assert process.returncode == 74, err
    assert "free space" in err
    assert "Traceback" not in err
    assert files(folder_for(db)) == before


# Kills itself once SQLite has worked for a while on the copy; after it, before it has its name; and after that.
KILLED = {
    "while copying": "conn.set_progress_handler(lambda: die() if size() > 100_000 else 0, 10)",
    "before it has its name": "Path.rename = lambda *_: die()",
    "when it has its name": "module.sync = lambda *_: die()",
}
BACKUP = """
import glob, os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from harvester.store import backup as module
from harvester.store.migrations import migrations
from harvester.store.connection import open_as_is
die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
db = Path(sys.argv[1])
folder = module.folder_for(db)
size = lambda: sum(map(os.path.getsize, glob.glob(f"{folder}/.*.part")))
conn = open_as_is(db)
exec(sys.argv[2])
module.backup(conn, folder, datetime(2016, 12, 11, tzinfo=UTC))
"""


@pytest.mark.crash
@pytest.mark.parametrize("moment", KILLED)
@pytest.mark.case("S8")
def test_s8_killed_in_the_middle_the_earlier_backup_is_intact(tmp_path, moment, capsys):
    db = fill(tmp_path / "h.db", posts=400, size=40)
    with closing(open_as_is(db)) as conn:
        first = backup(conn, folder_for(db), NOW)
    before = first.read_bytes()
    with started(BACKUP, db, KILLED[moment]) as process:
        _, err = process.communicate()
    assert process.returncode == -signal.SIGKILL, err
    assert first.read_bytes() == before
    done = existing(folder_for(db), "h")
    left = [path.name for path in folder_for(db).iterdir() if path not in done]
    if moment == "when it has its name":
        assert (len(done), left) == (2, [])
        assert len(titles(done[0])) == 400
    else:
        assert done == [first]
        assert ".h-20161211T000000Z.db.part" in left
    assert harvest("restore", "latest", "--yes", db=db) == 0
    assert harvest("backup", "--json", db=db) == 0
    capsys.readouterr()
    assert [path.name for path in folder_for(db).iterdir() if path.name.startswith(".")] == []


@pytest.mark.case("S8")
def test_s8_seven_stay_and_nothing_else_is_touched(db, tmp_path):
    folder = tmp_path / "copies"
    folder.mkdir()
    strangers = ["other-20161201T000000Z.db", "h-notes.db", "h-20161201T000000Z.db.txt", "notes.txt"]
    for name in strangers:
        (folder / name).write_text("mine")
    with closing(open_as_is(db)) as conn:
        made = [backup(conn, folder, NOW + timedelta(days=day)) for day in range(9)]
        assert existing(folder, "h") == made[:1:-1]
        early = backup(conn, folder, NOW - timedelta(days=400))  # the clock went back
        assert early in existing(folder, "h")
        assert len(existing(folder, "h")) == 7
        twice = [backup(conn, folder, NOW, keep=2) for _ in range(2)]  # within one second: neither replaces the other
    assert len(set(twice)) == 2
    assert len(existing(folder, "h")) == 2
    assert [name for name in strangers if not (folder / name).exists()] == []


@pytest.mark.case("S8")
def test_s8_backups_are_private_and_one_is_made_at_a_time(db, capsys):
    umask = os.umask(0)
    try:
        assert harvest("backup", "--json", db=db) == 0
    finally:
        os.umask(umask)
    made = Path(told(capsys)["backup"])
    assert made.parent == folder_for(db) == db.with_name("h.db.backups")
    assert (made.parent.stat().st_mode & 0o777, made.stat().st_mode & 0o777) == (0o700, 0o600)
    handle = os.open(made.parent, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with closing(open_as_is(db)) as conn, pytest.raises(Locked, match="another backup"):
        backup(conn, made.parent, NOW)
    os.close(handle)
    assert existing(made.parent, "h") == [made]


@pytest.mark.case("S8")
def test_s8_a_folder_that_cannot_be_written_is_named(db, tmp_path, capsys):
    (tmp_path / "taken").write_text("a file")
    assert harvest("backup", "--to", tmp_path / "taken" / "below", db=db) == 2
    assert "name another folder" in capsys.readouterr().err
    assert harvest("backup", db=tmp_path / "none.db") == 2
    (tmp_path / "empty.db").touch()
    for command in ("backup", "verify"):
        assert harvest(command, db=tmp_path / "empty.db") == 2
        assert "nothing is stored yet" in capsys.readouterr().err
    assert not folder_for(tmp_path / "empty.db").exists()


# S8: and it can be put back


@pytest.mark.case("S8")
def test_s8_restore_drill(db, capsys):
    """Back up, lose the database in mid-file, restore, go on: nothing differs and nothing is counted twice."""
    before = exported(db, capsys)
    assert harvest("backup", "--json", db=db) == 0
    made = told(capsys)["backup"]
    raw = bytearray(db.read_bytes())
    raw[4096 : 4096 + 40_000] = random.Random(1).randbytes(40_000)
    db.write_bytes(raw)
    assert harvest("verify", db=db) == 70
    assert "`harvest restore latest` puts a backup back" in capsys.readouterr().out
    assert harvest("restore", "latest", "--yes", "--json", db=db) == 0
    done = told(capsys)
    assert (done["backup"], done["posts"], done["set_aside"]) == (made, 60, True)
    assert Path(done["kept"]).read_bytes() == raw
    assert harvest("verify", db=db) == 0
    capsys.readouterr()
    assert exported(db, capsys) == before
    with closing(open_db(db)) as conn:
        assert conn.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    fill(db)  # the same posts again
    assert len(titles(db)) == 60
    assert db.stat().st_mode & 0o777 == 0o600


@pytest.mark.case("S8")
def test_s8_the_replaced_database_is_kept_and_the_restore_can_be_taken_back(db, capsys):
    assert harvest("backup", db=db) == 0
    drop_post(db, 7)
    capsys.readouterr()
    assert harvest("restore", "latest", "--yes", "--json", db=db) == 0
    done = told(capsys)
    assert len(titles(db)) == 60
    assert (len(titles(done["kept"])), done["set_aside"], done["carried"]) == (59, False, True)
    assert len(existing(folder_for(db), "h")) == 2
    assert harvest("restore", "latest", "--yes", db=db) == 0
    assert len(titles(db)) == 59
    assert [path.name for path in db.parent.iterdir() if "restoring" in path.name or "-wal" in path.name] == []


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.case("S8")
def test_s8_an_existing_database_is_replaced_only_on_a_word(db, capsys, monkeypatch):
    assert harvest("backup", db=db) == 0
    drop_post(db, 7)
    assert harvest("restore", "latest", db=db) == 2
    assert "--yes replaces it" in capsys.readouterr().err
    assert len(titles(db)) == 59
    for answer, code, posts in (("n\n", 130, 59), ("y\n", 0, 60)):
        monkeypatch.setattr(sys, "stdin", Terminal(answer))
        assert harvest("restore", "latest", db=db) == code
        assert "60 posts" in capsys.readouterr().err
        assert len(titles(db)) == posts


@pytest.mark.case("S8")
def test_s8_a_drill_beside_the_real_one(db, tmp_path, capsys):
    assert harvest("restore", "latest", db=tmp_path / "drill.db") == 2
    assert "`harvest backup` makes one" in capsys.readouterr().err
    assert harvest("backup", db=db) == 0
    assert harvest("restore", "latest", "--from", folder_for(db), db=tmp_path / "drill.db") == 0
    assert titles(tmp_path / "drill.db") == titles(db)
    named = existing(folder_for(db), "h")[0].name
    assert harvest("restore", named, "--yes", db=db) == 0
    with closing(open_as_is(db)) as conn:
        backup(conn, folder_for(db), NOW)
        shutil.copy(db, folder_for(db) / "other-20161201T000000Z.db")
    assert harvest("restore", "latest", "--from", folder_for(db), db=tmp_path / "third.db") == 2
    assert "name the file" in capsys.readouterr().err


def of_another_program(path):
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("CREATE TABLE t (x)")


def newer(path):
    fill(path, posts=1)
    with closing(open_db(path)) as conn:
        conn.execute(f"PRAGMA user_version = {LATEST + 1}")


def flipped(path):
    fill(path)
    raw = path.read_bytes()
    path.write_bytes(raw.replace(token(3).encode(), token(4).encode()))


REFUSED = {
    "another program's": (of_another_program, 2, "no harvester database"),
    "text": (lambda path: path.write_text("hello " * 999), 2, "no harvester database"),
    "empty": (lambda path: path.touch(), 2, "choose another backup"),
    "newer": (newer, 2, "upgrade harvester"),
    "rotten": (flipped, 70, "title or text is not what was stored"),
    "missing": (lambda path: None, 2, "no such backup"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.case("S8")
def test_s8_a_backup_is_checked_before_it_replaces_anything(db, tmp_path, capsys, name):
    make, code, message = REFUSED[name]
    make(tmp_path / "b.db")
    before = files(tmp_path)
    assert harvest("restore", tmp_path / "b.db", "--yes", db=db) == code
    assert message in capsys.readouterr().err
    after = files(tmp_path)
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) <= {"h.db.lock", "b.db-shm", "b.db-wal"}
    assert after.get("b.db-wal", b"") == b""
    assert harvest("restore", db, "--yes", db=db) == 2


@pytest.mark.case("S8")
def test_s8_a_rotten_backup_names_the_next_older_one(db, capsys):
    with closing(open_as_is(db)) as conn:
        good, bad = (backup(conn, folder_for(db), NOW + timedelta(days=day)) for day in (0, 1))
    bad.write_bytes(bad.read_bytes().replace(token(3).encode(), token(4).encode()))
    assert harvest("restore", "latest", "--yes", db=db) == 70
    assert f"the next older one is {good}" in capsys.readouterr().err
    assert harvest("restore", good, "--yes", db=db) == 0


@pytest.mark.case("S8")
def test_s8_no_restore_beside_another_command_or_an_open_database(db, capsys, monkeypatch):
    assert harvest("backup", db=db) == 0
    drop_post(db, 7)
    monkeypatch.setattr("harvester.store.restore._WAIT_MS", 200)
    with lock.hold(db, now=NOW):
        assert harvest("restore", "latest", "--yes", db=db) == 75
    with closing(open_db(db, "ro")) as reader:
        reader.execute("SELECT count(*) FROM posts").fetchone()
        assert harvest("restore", "latest", "--yes", db=db) == 75
        assert "another program has it open" in capsys.readouterr().err
        assert reader.execute("SELECT count(*) FROM posts").fetchone()[0] == 59
    assert len(titles(db)) == 59
    assert harvest("restore", "latest", "--yes", db=db) == 0
    assert len(titles(db)) == 60


@pytest.mark.parametrize("gone", [False, True], ids=["present", "gone"])
@pytest.mark.case("S8")
def test_s8_the_log_of_the_replaced_file_is_not_played_into_the_new_one(tmp_path, capsys, gone):
    """A writer was killed: its last commits are in the log alone. They are kept, or set aside, and never mixed in."""
    live = fill(tmp_path / "live.db")
    db = tmp_path / "h.db"
    with closing(open_db(live)) as conn:
        assert harvest("backup", "--to", folder_for(db), db=live) == 0
        conn.execute("PRAGMA wal_autocheckpoint=0")
        with write_tx(conn):
            conn.execute("UPDATE posts SET title = 'after the backup'")
        for suffix in ("", "-wal", "-shm"):
            shutil.copy(f"{live}{suffix}", f"{db}{suffix}")
    if gone:
        db.unlink()
    capsys.readouterr()
    assert harvest("restore", existing(folder_for(db), "live")[0], "--yes", "--json", db=db) == 0
    done = told(capsys)
    assert titles(db) == titles(folder_for(db) / Path(done["backup"]).name)
    assert harvest("verify", db=db) == 0
    if gone:
        assert len([path for path in tmp_path.iterdir() if path.name.startswith("h.db.damaged-")]) == 1
    else:
        assert set(titles(done["kept"])) == {"after the backup"}


@pytest.mark.case("S8")
def test_s8_a_destroyed_database_is_set_aside_and_another_programs_is_not(db, tmp_path, capsys):
    assert harvest("backup", db=db) == 0
    db.write_bytes(b"\0" * 50_000)
    capsys.readouterr()
    assert harvest("restore", "latest", "--yes", "--json", db=db) == 0
    shown = capsys.readouterr()
    done = json.loads(shown.out)
    assert (done["set_aside"], done["carried"]) == (True, False)
    assert "run `harvest forget` again" in shown.err
    assert Path(done["kept"]).read_bytes() == b"\0" * 50_000
    assert len(titles(db)) == 60
    of_another_program(tmp_path / "o.db")
    before = (tmp_path / "o.db").read_bytes()
    assert harvest("restore", existing(folder_for(db), "h")[0], "--yes", db=tmp_path / "o.db") == 2
    assert (tmp_path / "o.db").read_bytes() == before


def first_schema(path):
    """A database as the first release made it, with one post."""
    with closing(sqlite3.connect(path)) as conn:
        migrations.apply(Database(conn), stop_before="m002_trust")
        conn.execute(f"PRAGMA application_id={APPLICATION_ID}")
        conn.execute("PRAGMA user_version=1")
        conn.execute(
            """INSERT INTO posts (key, url, kind, platform, host, title, first_seen_at, content_sha256)
               VALUES ('https://a.example/1', 'https://a.example/1', 'article', 'web', 'a.example', 'old', ?, ?)""",
            (STORED, content_hash("old", "")),
        )
        conn.commit()


@pytest.mark.case("S8")
def test_s8_an_older_backup_is_brought_up_to_date_and_stays_as_it_was(db, tmp_path, capsys):
    first_schema(tmp_path / "old.db")
    before = (tmp_path / "old.db").read_bytes()
    assert harvest("verify", db=tmp_path / "old.db") == 0
    assert harvest("restore", tmp_path / "old.db", "--yes", db=db) == 0, capsys.readouterr().err
    assert (tmp_path / "old.db").read_bytes() == before
    with closing(open_db(db, "ro")) as conn:
        assert conn.execute("SELECT title, gone_count FROM posts").fetchone()[:] == ("old", 0)
    assert harvest("verify", db=db) == 0
    assert harvest("restore", "latest", "--yes", db=db) == 0  # and an old one can be replaced
    assert len(titles(db)) == 60


RESTORE_KILLS = {
    "while copying": "module.copy = lambda conn, target: (conn.execute('VACUUM INTO ?', (str(target),)), die())",
    "before the old one is kept": "module.backup = lambda *_, **__: die()",
    "before the new one has its name": "module._clear_logs = lambda *_: die()",
    "when the new one has its name": "module.sync = lambda *_: die()",
}
RESTORE = """
import os, signal, sys
from harvester.cli import run
from harvester.store import restore as module
die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
exec(sys.argv[2])
run(["restore", "latest", "--yes", "--db", sys.argv[1]])
"""


@pytest.mark.crash
@pytest.mark.parametrize("moment", RESTORE_KILLS)
@pytest.mark.case("S8")
def test_s8_a_restore_that_is_killed_leaves_the_old_database_or_the_new_one(db, moment, capsys):
    with closing(open_as_is(db)) as conn:
        made = backup(conn, folder_for(db), NOW)
    drop_post(db, 7)
    with started(RESTORE, db, RESTORE_KILLS[moment]) as process:
        _, err = process.communicate()
    assert process.returncode == -signal.SIGKILL, err
    assert harvest("verify", db=db) == 0, capsys.readouterr().out
    assert len(titles(db)) == (60 if moment == "when the new one has its name" else 59)
    assert len(titles(made)) == 60
    assert harvest("restore", made, "--yes", db=db) == 0
    assert len(titles(db)) == 60
    assert not db.with_name("h.db.restoring").exists()


@pytest.mark.case("S8")
def test_s8_who_asked_to_be_left_out_since_stays_left_out(db, capsys):
    authors = [("qiita", "aoi"), ("qiita", "midori")]
    with closing(open_db(db)) as conn:
        with write_tx(conn):
            conn.execute("INSERT INTO authors (platform, handle) VALUES (?, ?)", authors[0])
        backup(conn, folder_for(db), NOW)
        with write_tx(conn):
            conn.execute("UPDATE authors SET opted_out = 1")
            conn.execute("INSERT INTO authors (platform, handle, opted_out) VALUES (?, ?, 1)", authors[1])
    assert harvest("restore", "latest", "--yes", db=db) == 0
    with closing(open_db(db, "ro")) as conn:
        rows = conn.execute("SELECT platform, handle FROM authors WHERE opted_out = 1 ORDER BY handle")
        assert [tuple(row) for row in rows] == authors


def forget(db, *accounts):
    """As `harvest forget`, for accounts."""
    with closing(open_db(db)) as conn:
        erasure.everywhere(conn, db, Subject(accounts=accounts), erasure.Stone(now=STORED))


def written_by(db, handle, number):
    with closing(open_db(db)) as conn, write_tx(conn):
        conn.execute("INSERT INTO authors (platform, handle) VALUES ('qiita', ?)", (handle,))
        conn.execute("UPDATE posts SET author_id = last_insert_rowid() WHERE id = ?", (number,))


@pytest.mark.case("S8")
@pytest.mark.case("P6")
def test_s8_what_was_erased_since_is_erased_from_the_restored_database_too(db, tmp_path, capsys):
    written_by(db, "aoi", 7)
    away = tmp_path / "away"
    assert harvest("backup", "--to", away, db=db) == 0  # where `harvest forget` does not reach
    forget(db, ("qiita", "aoi"))
    assert len(titles(db)) == 59
    key, aside = db.with_name("h.db.key"), tmp_path / "key"
    key.rename(aside)
    capsys.readouterr()
    before = db.read_bytes()
    assert harvest("restore", "latest", "--from", away, "--yes", db=db) == 2
    assert "the key of what was erased is missing" in capsys.readouterr().err
    assert db.read_bytes() == before
    aside.rename(key)
    assert harvest("restore", "latest", "--from", away, "--yes", "--json", db=db) == 0
    done = told(capsys)
    assert done["erased"] > 0
    assert (done["posts"], len(titles(db))) == (59, 59)
    for path in [db, *existing(folder_for(db), "h")]:
        assert token(7).encode() not in path.read_bytes()
    with closing(open_db(db)) as conn:
        assert conn.execute("SELECT count(*) FROM tombstones").fetchone()[0] > 0
        assert conn.execute("SELECT count(*) FROM authors").fetchone()[0] == 0
    assert harvest("verify", db=db) == 0
    assert key.stat().st_mode & 0o777 == 0o600
    assert not key.is_symlink()


@pytest.mark.case("S8")
def test_s8_on_a_new_machine_a_backup_that_was_made_after_an_erasure_needs_no_key(db, tmp_path):
    written_by(db, "aoi", 7)
    forget(db, ("qiita", "aoi"))
    assert harvest("backup", db=db) == 0
    there = tmp_path / "there"
    there.mkdir()
    assert harvest("restore", existing(folder_for(db), "h")[0], db=there / "h.db") == 0
    assert len(titles(there / "h.db")) == 59


# S9: rot is noticed, and what rotted is named


def rot(db, tokens, change):
    """Flip all sixteen bytes of each token where it stands in the file, and nothing else."""
    raw = bytearray(db.read_bytes())
    for text in tokens:
        at = raw.find(text.encode())
        assert raw.count(text.encode()) == 1
        raw[at : at + 16] = bytes(byte ^ change for byte in raw[at : at + 16])
    db.write_bytes(raw)


@pytest.mark.parametrize("change", [0x01, 0xFF], ids=["still text", "no text any more"])
@pytest.mark.case("S9")
def test_s9_fifty_flips_inside_texts_are_fifty_named_rows(tmp_path, capsys, change):
    db = fill(tmp_path / "h.db", posts=200)
    struck = sorted(random.Random(20161202).sample(range(1, 201), 50))
    assert harvest("verify", db=db) == 0
    assert "sound (pages, references, search index, 200 posts)" in capsys.readouterr().out
    rot(db, [token(number) for number in struck], change)
    before = db.read_bytes()
    assert harvest("verify", "--json", db=db) == 70
    verdict = told(capsys)
    assert not verdict["sound"]
    found = [(damage["id"], damage["url"]) for damage in verdict["damages"] if damage["kind"] == "content"]
    assert found == [(number, f"https://a.example/{number}") for number in struck]
    assert {damage["kind"] for damage in verdict["damages"]} <= {"content", "search"}
    assert harvest("verify", "--quiet", db=db) == 70
    out = capsys.readouterr().out
    assert all(f"post {number}  https://a.example/{number}  title or text" in out for number in struck)
    assert "Repair: `harvest restore latest`" in out
    assert db.read_bytes() == before


@pytest.mark.case("S9")
def test_s9_a_rotten_address_or_hash_is_named_too(db, capsys):
    rot_of = {b"https://a.example/41": b"https://a.exampl\xff/41", content_hash_of(db, 42).encode(): b"\xfe" * 64}
    raw = db.read_bytes()
    for old, new in rot_of.items():
        raw = raw.replace(old, new)
    db.write_bytes(raw)
    assert harvest("verify", "--json", db=db) == 70
    assert 42 in [damage["id"] for damage in told(capsys)["damages"]]


def content_hash_of(db, number):
    with closing(open_as_is(db)) as conn:
        return conn.execute("SELECT content_sha256 FROM posts WHERE id = ?", (number,)).fetchone()[0]


@pytest.mark.case("S9")
def test_s9_a_search_index_that_does_not_fit_is_found_and_built_again(db, capsys):
    with closing(open_db(db)) as conn, write_tx(conn):
        conn.execute("INSERT INTO posts_fts(posts_fts, rowid, title, text) VALUES ('delete', 5, '投稿 5', '')")
    assert harvest("verify", "--quiet", db=db) == 70
    out = capsys.readouterr().out
    assert "search" in out
    assert "content" not in out
    assert "Repair: `harvest verify --repair-search`" in out
    with lock.hold(db, now=NOW):
        assert harvest("verify", "--repair-search", db=db) == 75
    assert harvest("verify", "--repair-search", db=db) == 0
    with closing(open_db(db)) as conn:
        conn.execute("DROP TRIGGER posts_fts_insert")
    assert harvest("verify", db=db) == 70
    assert "triggers" in capsys.readouterr().out


@pytest.mark.case("S9")
def test_s9_rows_without_what_they_refer_to_and_broken_pages_are_found(db, tmp_path, capsys):
    with closing(open_db(db)) as conn:
        conn.execute("PRAGMA foreign_keys=OFF")
        conn.execute("DELETE FROM posts WHERE id = 5")
    assert harvest("verify", db=db) == 70
    out = capsys.readouterr().out
    assert "event_posts row" in out
    assert "its posts row is missing" in out
    raw = bytearray(db.read_bytes())
    for page in range(3, len(raw) // 4096, 3):
        raw[page * 4096 : page * 4096 + 400] = bytes(400)
    for broken in (raw, raw[: len(raw) // 2], raw[:5000]):
        db.write_bytes(broken)
        assert harvest("verify", db=db) == 70
        shown = capsys.readouterr()
        assert "  pages  " in shown.out
        assert "Repair: `harvest restore latest`" in shown.out
        assert shown.err == ""
    db.write_bytes(b"no database at all" * 999)
    assert harvest("verify", db=db) == 2


@pytest.mark.case("S9")
def test_s9_an_archive_that_cannot_be_read_is_named_by_its_page(db, capsys):
    archive = db.with_name("h.db.archive")
    copies = [Copy(str(n), f"https://a.example/{n}", 200, "[]", deflated(n), True, STORED) for n in range(20)]
    with closing(open_archive(archive)) as conn:
        save(conn, copies)
    assert harvest("verify", db=db) == 0
    assert "archive of 20 copies" in capsys.readouterr().out
    raw = archive.read_bytes()
    archive.write_bytes(raw.replace(deflated(7), deflated(7)[:-3] + b"rot"))
    assert harvest("verify", "--json", db=db) == 70
    assert [(d["kind"], d["url"]) for d in told(capsys)["damages"]] == [("archive", "https://a.example/7")]
    archive.write_bytes(b"rubbish" * 9999)
    assert harvest("verify", db=db) == 70
    assert "Repair: delete the archive; the next crawl fetches again" in capsys.readouterr().out


def deflated(number):
    return zlib.compress(random.Random(number).randbytes(300))


@pytest.mark.case("S9")
def test_s9_a_user_who_may_only_read_is_told_what_was_not_checked(db, capsys, monkeypatch):
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, how: how != os.W_OK and access(path, how))
    assert harvest("verify", db=db) == 0
    out = capsys.readouterr().out
    assert "sound (pages, references, 60 posts)" in out
    assert "not checked: search index: " in out


@pytest.mark.case("S9")
def test_s9_progress_is_for_terminals_and_quiet_means_quiet(db, capsys, monkeypatch):
    assert harvest("verify", "--quiet", db=db) == 0
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert harvest("verify", db=db) == 0
    assert "checking pages" in sys.stderr.getvalue()
    assert sys.stderr.getvalue().endswith("\r\x1b[K")
    assert harvest("backup", db=db) == 0
    assert harvest("restore", "latest", "--yes", db=db) == 0
    assert sys.stderr.getvalue().endswith("\r\x1b[K")
