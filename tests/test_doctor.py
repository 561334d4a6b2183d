"""`harvest doctor`: what it finds on a machine and beside a database, and what it makes of it."""

from __future__ import annotations

import fcntl
import json
import os
import shlex
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from harvester.cli import run
from harvester.crawl import lock
from harvester.doctor.facts import Contents, Credentials, CredentialsFile, Lock, Machine, Place, Private, Run
from harvester.doctor.judge import judge
from harvester.event import load
from harvester.store import frontier, hosts, runs
from harvester.store.backup import backup, folder_for
from harvester.store.connection import write_tx
from harvester.store.events import save_event
from harvester.store.open import open_db
from tests.crawling import EVENT

NOW = datetime(2016, 12, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
MACHINE = Machine(
    now=NOW, python="Python 3.13.1", packages=(("harvester", "1.0"), ("scrapy", "2.19.0")), sqlite="3.53.4",
    wal_is_safe=True, missing_zones=(), credentials=(Credentials("qiita", (), (), ("QIITA_TOKEN",)),),
    credentials_file=None, broken_sources=(),
)  # fmt: skip
CONTENTS = Contents(
    schema=2, newest_schema=2, journal="wal", log_warning="", newest=NOW - DAY,
    last_crawl=Run("meetup", NOW - DAY, NOW - DAY, "ok"), tombstones=0, dead=(), resting=(),
)  # fmt: skip
PLACE = Place(
    db="h.db", exists=True, key="", trouble="", network="", free_mb=90_000, wanted_mb=200,
    private=(Private("h.db", 0o600), Private("h.db.backups", 0o700, folder=True)), leftovers=(),
    lock=Lock("h.db.lock", held=False, pid=7, since=NOW - DAY, alive=False), backups=(NOW - DAY,), contents=CONTENTS,
)  # fmt: skip


def held(since, *, alive=True):
    return Lock("h.db.lock", held=True, pid=7, since=since, alive=alive)


def test_a_healthy_machine_and_database_are_ok_in_every_line():
    findings = judge(MACHINE, PLACE)
    assert {finding.level for finding in findings} == {"ok"}
    assert {finding.repair for finding in findings} == {""}
    assert {finding.subject for finding in findings} == {
        "python", "sqlite", "time zones", "credentials", "file system", "disk", "permissions", "lock", "backup",
        "database", "clock", "pages", "last crawl",
    }  # fmt: skip


def test_without_a_database_only_the_machine_is_judged():
    nothing = replace(PLACE, exists=False, private=(), lock=None, backups=(), contents=None)
    findings = judge(MACHINE, nothing)
    assert [finding.subject for finding in findings][-3:] == ["database", "file system", "disk"]
    assert {finding.level for finding in findings} == {"ok"}


# What differs from a healthy machine, place or contents; then subject, level, and words of the line and the repair.
CASES = {
    "a package is missing": ({"packages": (("lxml", ""),)}, "python", "problem", "missing: lxml", "install harvester"),
    "SQLite with the WAL-reset bug": (
        {"sqlite": "3.40.1", "wal_is_safe": False, "contents": {"journal": "delete"}},
        "sqlite", "warn", "3.40.1 has the WAL-reset bug", "pysqlite3",
    ),
    "that SQLite on a file with a log": (
        {"wal_is_safe": False}, "database", "problem", "can lose rows", "any writing command",
    ),
    "no zone data": ({"missing_zones": ("Asia/Tokyo",)}, "time zones", "problem", "Asia/Tokyo", "tzdata"),
    "a key that an event asks for": (
        {"credentials": (Credentials("x", ("X_BEARER_TOKEN",), ("X_BEARER_TOKEN",), wanted=True),)},
        "credentials", "warn", "x: X_BEARER_TOKEN not set", "set X_BEARER_TOKEN",
    ),
    "a key that nobody asks for": (
        {"credentials": (Credentials("x", ("X_BEARER_TOKEN",), ("X_BEARER_TOKEN",)),)},
        "credentials", "ok", "x: X_BEARER_TOKEN not set, it will be skipped", "",
    ),
    "credentials that others can read": (
        {"credentials_file": CredentialsFile("/home/me/my keys", 0o644, "others can …")},
        "credentials file", "problem", "others can read", "chmod 600 '/home/me/my keys'",
    ),
    "credentials that are not there": (
        {"credentials_file": CredentialsFile("/home/me/keys", 0, "/home/me/keys: cannot be read")},
        "credentials file", "problem", "cannot be read", "HARVEST_CREDENTIALS",
    ),
    "a source that cannot be loaded": (
        {"broken_sources": ("spiders.x: SyntaxError",)}, "sources", "problem", "SyntaxError", "mend",
    ),
    "a network disk": ({"place": {"network": "NFS"}}, "file system", "problem", "NFS", "local disk"),
    "a full disk": ({"place": {"free_mb": 150}}, "disk", "problem", "150 MB free", "free space"),
    "a disk soon full": ({"place": {"free_mb": 700}}, "disk", "warn", "700 MB free", "free space soon"),
    "a file that others can read": (
        {"place": {"private": (Private("a b.db", 0o640), Private("c.key", 0o604), Private("d.db", 0o600))}},
        "permissions", "problem", "a b.db, c.key", "chmod 600 'a b.db' c.key",
    ),
    "a folder that others can look into": (
        {"place": {"private": (Private("h.db.backups", 0o755, folder=True),)}},
        "permissions", "problem", "h.db.backups", "chmod 700 h.db.backups",
    ),
    "the key of erasures is lost": (
        {"contents": {"tombstones": 3}}, "erasures", "problem", "h.db.key is missing", "put the file back",
    ),
    "the key of erasures is there": (
        {"contents": {"tombstones": 3}, "place": {"key": "h.db.key"}}, "erasures", "ok", "apart from the backups", "",
    ),
    "a damaged file set aside": (
        {"place": {"leftovers": ("h.db.damaged-1",)}}, "leftovers", "warn", "does not reach", "rm -r h.db.damaged-1",
    ),
    "a crawl at work": ({"place": {"lock": held(NOW)}}, "lock", "ok", "held by process 7", ""),
    "a crawl at work for ever": ({"place": {"lock": held(NOW - 3 * DAY)}}, "lock", "warn", "3 days", "kill 7"),
    "a lock left to a child": (
        {"place": {"lock": held(NOW, alive=False)}}, "lock", "problem", "process 7 left", "fuser h.db.lock",
    ),
    "no backup": ({"place": {"backups": ()}}, "backup", "warn", "none", "harvest backup"),
    "an old backup": ({"place": {"backups": (NOW - 9 * DAY,)}}, "backup", "warn", "9 days", "every night"),
    "an unreadable database": (
        {"place": {"trouble": "h.db: damaged (x); `harvest restore latest` helps", "contents": None}},
        "database", "problem", "h.db: damaged (x)", "`harvest restore latest` helps",
    ),
    "an empty database": ({"place": {"contents": None}}, "database", "ok", "h.db is empty", ""),
    "a newer database": ({"contents": {"schema": 9}}, "database", "problem", "schema 9", "upgrade harvester"),
    "an older database": ({"contents": {"schema": 1}}, "database", "warn", "older", "writing command"),
    "a log that grows": ({"contents": {"log_warning": "300 MB"}}, "write-ahead log", "warn", "300 MB", "end what"),
    "a clock that is behind": (
        {"contents": {"newest": NOW + timedelta(hours=2)}}, "clock", "warn", "2 hours later", "timedatectl",
    ),
    "a clock a moment apart": ({"contents": {"newest": NOW + timedelta(minutes=1)}}, "clock", "ok", "2016-12-10", ""),
    "pages given up": ({"contents": {"dead": (("blog", 3),)}}, "pages", "warn", "blog 3", "harvest status"),
    "a host at rest": (
        {"contents": {"resting": (("qiita.com", "2016-12-10T13:00:00Z"),)}},
        "hosts at rest", "ok", "qiita.com until 2016-12-10T13", "",
    ),
    "a host at rest for long": (
        {"contents": {"resting": tuple((f"h{n}.example", "2016-12-12T13:00:00Z") for n in range(7))}},
        "hosts at rest", "warn", "and 2 more", "asked for that",
    ),
    "never crawled": ({"contents": {"last_crawl": None}}, "last crawl", "ok", "none yet", ""),
    "a crawl that was killed": (
        {"contents": {"last_crawl": Run("meetup", NOW, None, "running")}},
        "last crawl", "warn", "was killed", "harvest crawl meetup",
    ),
    "a crawl under way": (
        {"contents": {"last_crawl": Run("meetup", NOW, None, "running")}, "place": {"lock": held(NOW)}},
        "last crawl", "ok", "running", "",
    ),
    "a crawl that failed": (
        {"contents": {"last_crawl": Run("meetup", NOW, NOW, "failed")}}, "last crawl", "warn", "failed", "status",
    ),
    "a crawl long ago": (
        {"contents": {"last_crawl": Run("meetup", NOW - 30 * DAY, NOW, "ok")}},
        "last crawl", "warn", "30 days ago", "crontab -l",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_is_told_with_its_repair(name):
    changes, subject, level, told, repair = CASES[name]
    place_changes, contents_changes = changes.get("place", {}), changes.get("contents", {})
    machine = replace(MACHINE, **{key: value for key, value in changes.items() if key not in ("place", "contents")})
    place = replace(PLACE, **({"contents": replace(CONTENTS, **contents_changes)} | place_changes))
    found = [finding for finding in judge(machine, place) if finding.subject == subject]
    assert [(finding.level, told in finding.told) for finding in found] == [(level, True)]
    assert repair in found[0].repair
    assert bool(found[0].repair) is (level != "ok")


# What it sees for itself


@pytest.fixture
def db(tmp_path):
    path = tmp_path / "h.db"
    with closing(open_db(path, "create")) as conn:
        with write_tx(conn):
            save_event(conn, load(EVENT + "[source.x]\nmax_posts = 10\n", "e.toml"))
            run_id = runs.start_run(conn, "crawl", "meetup", now="2016-12-09T00:00:00Z")
            runs.finish_run(conn, run_id, "ok", 0, now="2016-12-09T00:01:00Z")
        backup(conn, folder_for(path), datetime.now(UTC))
    return path


@pytest.fixture
def doctor(capsys, monkeypatch):
    """Runs the command on a database; (exit code, subject to its findings)."""
    for name in ("X_BEARER_TOKEN", "QIITA_TOKEN", "HARVEST_CREDENTIALS", "HARVEST_MIN_FREE"):
        monkeypatch.delenv(name, raising=False)

    def examine(db):
        code = run(["doctor", "--json", "--db", str(db), "--min-free", "0"])
        told = json.loads(capsys.readouterr().out)
        found = {}
        for finding in told["findings"]:
            found.setdefault(finding["subject"], []).append(finding)
        levels = [finding["level"] for finding in told["findings"]]
        assert told["problems"] == levels.count("problem")
        assert code == (1 if "problem" in levels else 0)
        return code, found

    return examine


def test_before_there_is_a_database_nothing_is_made(tmp_path, doctor):
    code, found = doctor(tmp_path / "no" / "h.db")
    assert code == 0
    assert "only the machine was checked" in found["database"][0]["told"]
    assert "lock" not in found
    assert list(tmp_path.iterdir()) == []
    assert "pysqlite3" in found["python"][0]["told"]


def test_files_that_others_can_read_are_closed_by_the_repair(db, doctor):
    db.with_name("h.db.key").write_text("k")
    archive = db.with_name("h.db.archive")
    archive.write_text("a")
    made = next(folder_for(db).glob("*.db"))
    for path, mode in ((db, 0o644), (archive, 0o640), (db.with_name("h.db.key"), 0o604), (made, 0o666)):
        path.chmod(mode)
    folder_for(db).chmod(0o755)
    code, found = doctor(db)
    assert code == 1
    told = " ".join(finding["told"] for finding in found["permissions"])
    assert all(str(path) in told for path in (db, archive, made, folder_for(db), db.with_name("h.db.key")))
    for finding in found["permissions"]:
        assert finding["repair"].startswith("chmod ")
        subprocess.run(shlex.split(finding["repair"]), check=True)
    assert doctor(db)[1]["permissions"][0]["level"] == "ok"


def of_x(found):
    """What is told of the source x."""
    return [finding for finding in found["credentials"] if finding["told"].startswith("x: ")]


def test_credentials_are_told_by_name_and_never_by_value(db, doctor, monkeypatch, tmp_path, capsys):
    (lacking,) = of_x(doctor(db)[1])
    assert lacking["level"] == "warn"  # the event file has [source.x]
    secret = "s3cret" + os.urandom(8).hex()
    monkeypatch.setenv("X_BEARER_TOKEN", secret)
    _, found = doctor(db)
    assert of_x(found)[0]["told"] == "x: X_BEARER_TOKEN set"
    assert secret not in json.dumps(found)
    monkeypatch.delenv("X_BEARER_TOKEN")
    keys = tmp_path / "keys"
    keys.write_text(f"X_BEARER_TOKEN={secret}\n")
    keys.chmod(0o644)
    monkeypatch.setenv("HARVEST_CREDENTIALS", str(keys))
    code, found = doctor(db)
    assert (code, found["credentials file"][0]["repair"]) == (1, f"chmod 600 {keys}")
    keys.chmod(0o600)
    code, found = doctor(db)
    assert (code, of_x(found)[0]["told"]) == (0, "x: X_BEARER_TOKEN set")
    assert secret not in json.dumps(found)
    assert "X_BEARER_TOKEN" not in os.environ
    keys.write_text(f"{secret}\n")
    code, found = doctor(db)
    assert code == 1
    assert secret not in json.dumps(found)


def test_the_lock_is_told_whoever_holds_it(db, doctor):
    assert doctor(db)[1]["lock"][0]["told"] == "free"
    with lock.hold(db, now=NOW):
        assert f"process {os.getpid()} has worked since 2016-12-10T12:00:00Z" in doctor(db)[1]["lock"][0]["told"]
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    path = lock.lock_path(db)
    path.write_text(f"pid {gone.pid} since 2016-12-10T12:00:00Z\n")
    assert doctor(db)[1]["lock"][0]["told"] == "free"
    with path.open("rb") as inherited:
        fcntl.flock(inherited, fcntl.LOCK_EX)
        code, found = doctor(db)
    assert (code, found["lock"][0]["level"]) == (1, "problem")
    assert str(path) in found["lock"][0]["repair"]


def test_the_state_of_the_crawl_is_read_from_the_database(db, doctor):
    wanted = frontier.Wanted(source="blog", fingerprint="f", url="https://a.example/", host="a.example")
    with closing(open_db(db)) as conn, write_tx(conn):
        frontier.add(conn, "meetup", [wanted], run_id=1, now="2016-12-09T00:00:00Z")
        conn.execute("UPDATE frontier SET state = 'dead', done_at = '2999-01-01T00:00:00Z'")
        hosts.rest(conn, "b.example", not_before="2999-01-02T00:00:00Z", reason="rate_limited")
        runs.start_run(conn, "crawl", "meetup", now="2016-12-10T00:00:00Z")
        conn.execute("UPDATE events SET timezone = 'Asia/Nowhere'")
    code, found = doctor(db)
    assert code == 1
    assert found["pages"][0]["told"].endswith("blog 1")
    assert "b.example until 2999" in found["hosts at rest"][0]["told"]
    assert "2999" not in found["clock"][0]["told"]
    assert found["clock"][0]["level"] == "warn"
    assert "was killed" in found["last crawl"][0]["told"]
    assert found["time zones"][0]["told"] == "no time zone data for Asia/Nowhere"


@pytest.mark.parametrize("content", [b"not a database " * 999, b"SQLite format 3\0" + b"\xff" * 9000])
def test_a_database_that_cannot_be_read_is_one_problem_with_its_repair(db, doctor, content):
    db.write_bytes(content)
    code, found = doctor(db)
    assert code == 1
    assert [(f["level"], bool(f["repair"])) for f in found["database"]] == [("problem", True)]


def test_an_erasure_without_its_key_and_a_set_aside_file(db, doctor):
    with closing(open_db(db)) as conn, write_tx(conn):
        conn.execute("INSERT INTO tombstones (digest, kind, at) VALUES ('d', 'post', '2016-12-09T00:00:00Z')")
    aside = Path(f"{db}.damaged-20161209T000000Z")
    aside.write_bytes(b"")
    aside.chmod(0o600)
    code, found = doctor(db)
    assert code == 1
    assert found["erasures"][0]["level"] == "problem"
    assert str(aside) in found["leftovers"][0]["repair"]


def test_it_reads_only(db, doctor):
    before = db.read_bytes()
    assert doctor(db)[0] == 0
    assert db.read_bytes() == before


def test_for_people_a_line_each_and_the_repair_below(db, capsys, monkeypatch):
    monkeypatch.delenv("X_BEARER_TOKEN", raising=False)
    assert run(["doctor", "--db", str(db), "--min-free", "0"]) == 0
    lines = capsys.readouterr().out.splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("warn     credentials      x: X_BEARER_TOKEN"))
    assert lines[at + 1] == " " * 26 + "-> set X_BEARER_TOKEN in the environment"
    assert all(line.startswith(("ok ", "warn ", "problem ", " ")) for line in lines)
