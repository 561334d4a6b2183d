"""S3, S4, S13, S14, S15: power loss, a full disk, a log that grows, numbers that are missing, ids that are large."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import subprocess
import sys
from contextlib import closing
from itertools import pairwise

import pytest

from harvester.cli import run
from harvester.errors import DiskFull
from harvester.store import wal
from harvester.store.connection import write_tx
from harvester.store.open import checkpoint, open_db
from tests import paged_source, storage_work
from tests.crawling import ROOT, Site
from tests.patches import patched
from tests.servers import as_json, serving
from tests.syscalls import MARK, calls_of

# S3: power loss costs at most the last commits


@pytest.mark.case("S3")
def test_s3_every_unit_is_on_the_disk_when_its_commit_returns(tmp_path):
    units = 100
    calls = calls_of("tests.storage_work:store_units", tmp_path / "h.db", units)
    marks = [place for place, name in enumerate(calls) if name == MARK]
    parts = [calls[begin + 1 : end] for begin, end in pairwise(marks)]
    assert len(parts) == units
    assert all(part[0] == "pwrite64" and part[-1] in ("fsync", "fdatasync") for part in parts)
    assert sum(name in ("fsync", "fdatasync") for part in parts for name in part) >= units


# S4: a full disk is a clean, named failure

PAGES = 40
LIST_HOST = paged_source.LIST.removeprefix("https://")


def long_page(seen):
    """Ten posts of some length: about 200 KB in the database, search index included."""
    number = int(seen.path.strip("/"))
    dice = random.Random(number)
    letters = [chr(dice.randrange(0x4E00, 0x9FA0)) for _ in range(8000)]
    items = [{"id": f"{number}-{n}", "text": "the meetup " + "".join(letters[n * 800 :][:800])} for n in range(10)]
    return as_json({"page": number, "items": items, "more": number < PAGES})


@pytest.mark.case("S4")
def test_s4_a_full_disk_ends_with_74_and_what_was_stored_can_be_read(tmp_path, capsys):
    with serving({(LIST_HOST, "*"): long_page}) as server:
        site = Site(tmp_path, server.address, ("tests.paged_source",))
        site.event()
        # As a full disk is to SQLite: from some size on no file takes another byte.
        site.environment = patched(
            tmp_path, "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, 3_000_000))\n"
        )
        done = site.crawl()
        assert done.code == 74, done
        assert "disk full or failing" in done.err
        assert "free space and run again" in done.err
        assert "Traceback" not in done.err
        assert "OperationalError" not in done.err
        stored = rows_and_cursor(site)
        assert stored[0] == 10 * stored[1]
        assert 0 < stored[1] < PAGES
        for command in (["report", "meetup"], ["status"], ["search", "meetup"]):
            assert run([*command, "--db", str(site.db)]) == 0, command
            assert "eetup" in capsys.readouterr().out
        site.environment = {}
        again = site.crawl()
        assert again.code == 0, again
        assert rows_and_cursor(site) == (10 * PAGES, PAGES)


def rows_and_cursor(site):
    with closing(open_db(site.db)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    (rows,) = site.rows("SELECT count(*) FROM posts")[0]
    (cursor,) = site.rows("SELECT cursor FROM checkpoints")[0]
    return rows, int(cursor)


@pytest.mark.case("S4")
@pytest.mark.parametrize("command", [["report", "meetup"], ["status"], ["search", "text"], ["export", "meetup"]])
def test_s4_a_database_at_rest_on_a_full_disk_can_be_read(tmp_path, command):
    """Readers share a file in memory that there is no room for: the database is then read as it lies."""
    storage_work.store_units(tmp_path / "h.db", 3)
    assert not (tmp_path / "h.db-wal").exists()
    full = patched(tmp_path, "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n")
    # Coverage is a writer too, and would complain of the full disk itself.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")} | full

    def harvest(*words):
        command = [sys.executable, "-m", "harvester.cli", *words, "--db", str(tmp_path / "h.db")]
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout, done.stderr

    code, out, err = harvest(*command)
    assert code == 0
    assert err.startswith("no snapshot was written: ") if command[0] == "report" else err == ""
    assert err.count("\n") <= 1
    assert out
    code, out, err = harvest("classify", "meetup")
    assert code == 74, err
    assert "disk full or failing" in err


@pytest.mark.case("S4")
def test_s4_a_crawl_does_not_start_without_room(tmp_path):
    site = Site(tmp_path, "127.0.0.1:9")
    site.event(pages=["https://a.example/1"])
    done = site.crawl("--min-free", str(10**9))
    assert done.code == DiskFull.exit_code == 74, done
    assert "MB free, a crawl wants 1000000000; free space or lower --min-free" in done.err
    assert not site.db.exists()


# S13: the log cannot eat the disk


@pytest.mark.case("S13")
def test_s13_a_reader_that_stays_is_told_of_and_the_log_shrinks_when_it_goes(tmp_path):
    with serving({(LIST_HOST, "*"): long_page}) as server:
        site = Site(tmp_path, server.address, ("tests.paged_source",))
        site.event()
        open_db(site.db, "create").close()
        site.environment = patched(tmp_path, "from harvester.store import wal\nwal.LARGE = 6_000_000\n")
        with closing(open_db(site.db, "ro")) as reader, closing(open_db(site.db, "ro")) as idle:
            reader.execute("BEGIN")
            assert reader.execute("SELECT count(*) FROM posts").fetchone()[0] == 0
            assert idle.execute("SELECT count(*) FROM posts").fetchone()[0] == 0
            done = site.crawl("--cron")
            assert done.code == 0, done
            assert done.err.count("test.db-wal: ") == 1, done
            assert "another program has been reading the database" in done.err
            assert wal.size_of(site.db) > 6_000_000
            assert reader.execute("SELECT count(*) FROM posts").fetchone()[0] == 0
            reader.execute("COMMIT")
            again = site.crawl("--offline")
            assert again.code == 0, again
            assert "-wal" not in again.err
            assert wal.size_of(site.db) == 0
            assert (tmp_path / "test.db-wal").exists(), "an idle connection keeps the file, empty"
        assert site.rows("SELECT count(*) FROM posts") == [(10 * PAGES,)]


@pytest.mark.case("S13")
def test_s13_a_log_is_large_from_256_mb_on(tmp_path):
    assert wal.LARGE == 256 << 20
    db = tmp_path / "h.db"
    assert wal.warning(db) == ""
    with (tmp_path / "h.db-wal").open("wb") as log:
        log.truncate((256 << 20) - 1)
        assert wal.warning(db) == ""
        log.truncate(300 << 20)
        assert "h.db-wal: 300 MB and growing" in wal.warning(db)


@pytest.mark.case("S13")
def test_s13_the_end_of_a_run_does_not_wait_for_a_reader_as_for_a_writer(tmp_path, monkeypatch):
    monkeypatch.setattr("harvester.store.open._READERS_MS", 50)
    conn, run_id = storage_work.begin(tmp_path / "h.db")
    with closing(conn), closing(open_db(tmp_path / "h.db", "ro")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM posts").fetchone()
        storage_work.store_unit(conn, run_id, 1)
        checkpoint(conn)
        assert wal.size_of(tmp_path / "h.db") > 0
        assert conn.execute("PRAGMA busy_timeout").fetchone()[0] == 30_000
        reader.execute("COMMIT")
        checkpoint(conn)
        assert wal.size_of(tmp_path / "h.db") == 0


# S14: updates never destroy knowledge

ARTICLE = {
    "id": "0123456789abcdef0123", "url": "https://qiita.com/aoi/items/0123456789abcdef0123", "title": "The Meetup 2016",
    "body": "I was at the meetup.", "rendered_body": "<p>I was at the meetup.</p>",
    "created_at": "2016-12-02T10:00:00+09:00", "updated_at": "2016-12-02T10:00:00+09:00", "likes_count": 5,
    "stocks_count": 0, "comments_count": 1, "tags": [{"name": "Meetup", "versions": []}], "private": False,
    "slide": False, "organization_url_name": "acme",
    "user": {"id": "aoi", "name": "Aoi", "description": "Writes.", "organization": "Acme", "website_url": "https://aoi.example/",
             "followers_count": 7},
}  # fmt: skip
KEPT = ("title", "body", "rendered_body", "created_at", "updated_at", "likes_count", "organization_url_name")


@pytest.mark.case("S14")
def test_s14_what_is_missing_or_null_later_takes_nothing_away(tmp_path, capsys):
    views = [
        ARTICLE,
        {name: value for name, value in ARTICLE.items() if name not in KEPT} | {"user": {"id": "aoi"}},
        ARTICLE
        | dict.fromkeys(KEPT)
        | {"user": ARTICLE["user"] | dict.fromkeys(("name", "description", "followers_count"))},
    ]
    shown = list(views)
    with serving({("qiita.com", "/api/v2/items"): lambda seen: as_json([shown[0]], Total_Count="1")}) as server:
        site = Site(tmp_path, server.address, ("spiders.qiita",))
        site.event()
        seen = []
        while shown:
            done = site.crawl("--source", "qiita")
            assert done.code == 0, done
            seen.append(known(site, capsys))
            shown.pop(0) if len(shown) > 1 else shown.clear()
    assert seen[0]["likes"] == 5
    assert seen[0]["post"]["title"] == "The Meetup 2016"
    assert seen == [seen[0]] * len(views)


def known(site, capsys):
    """What the database, the records and the sheet say of the article and its author."""
    likes = site.rows("SELECT value FROM reactions WHERE name = 'like' ORDER BY observed_at DESC LIMIT 1")[0][0]
    assert site.rows("SELECT DISTINCT value FROM reactions WHERE name = 'like'") == [(5,)]
    records = exported(site, capsys)
    (post,) = (record for record in records if record["type"] == "post")
    (author,) = (record for record in records if record["type"] == "author")
    (row,) = sheet(site, capsys)
    post.pop("raw", None)  # the source's own words of the last time
    return {"likes": likes, "post": post, "author": author, "row": row}


def exported(site, capsys):
    assert run(["export", "meetup", "--db", str(site.db)]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def sheet(site, capsys):
    assert run(["export", "meetup", "--format", "csv", "--db", str(site.db)]) == 0
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


# S15: ids are text

LARGE_ID, REPLY_ID = "1850000000000000001", "1850000000000000003"


@pytest.mark.case("S15")
def test_s15_a_large_id_is_the_same_from_the_api_to_the_sheet(tmp_path, capsys):
    def tweets(seen):
        user = {"id": "1850000000000000007", "username": "aoi", "name": "Aoi"}
        first = {"id": LARGE_ID, "text": "the meetup", "author_id": user["id"], "conversation_id": LARGE_ID,
                 "created_at": "2016-12-01T00:00:00.000Z"}  # fmt: skip
        reply = first | {"id": REPLY_ID, "text": "the meetup, again", "in_reply_to_user_id": "9",
                         "referenced_tweets": [{"type": "replied_to", "id": LARGE_ID}]}  # fmt: skip
        return as_json(
            {"data": [first, reply], "includes": {"users": [user]}, "meta": {"result_count": 2, "newest_id": REPLY_ID}}
        )

    counts = as_json({"data": [], "meta": {"total_tweet_count": 2}})
    with serving(
        {("api.x.com", "/2/tweets/counts/all"): counts, ("api.x.com", "/2/tweets/search/all"): tweets}
    ) as server:
        site = Site(tmp_path, server.address, ("spiders.x",), {"X_BEARER_TOKEN": "token-of-a-test"})
        site.event()
        done = site.crawl()
        assert done.code == 0, done
    stored = site.rows("SELECT native_id, key, typeof(native_id), conversation FROM posts ORDER BY key")
    assert stored == [(i, f"x:{i}", "text", LARGE_ID) for i in (LARGE_ID, REPLY_ID)]
    assert site.rows("SELECT target FROM posts WHERE key = ?", f"x:{REPLY_ID}") == [(f"x:{LARGE_ID}",)]
    posts = [record for record in exported(site, capsys) if record["type"] == "post"]
    assert [(post["native_id"], post["post"]) for post in posts] == [(i, f"x:{i}") for i in (LARGE_ID, REPLY_ID)]
    rows = sorted(sheet(site, capsys), key=lambda row: row["key"])
    assert [(row["native_id"], row["key"]) for row in rows] == [(i, f"x:{i}") for i in (LARGE_ID, REPLY_ID)]
    (tmp_path / "again.jsonl").write_text("\n".join(map(json.dumps, exported(site, capsys))))
    assert run(["import", "meetup", str(tmp_path / "again.jsonl"), "--db", str(tmp_path / "copy.db")]) == 0
    with closing(open_db(tmp_path / "copy.db", "ro")) as conn:
        again = conn.execute(
            "SELECT native_id, key, typeof(native_id), conversation FROM posts ORDER BY key"
        ).fetchall()
    assert [tuple(row) for row in again] == stored


@pytest.mark.case("S15")
def test_s15_ids_of_the_outside_world_are_text_and_nothing_is_guessed(tmp_path):
    outside = {
        "posts": {"key", "url", "canonical_url", "native_id", "target", "conversation"},
        "authors": {"platform", "handle"}, "links": {"dst"}, "frontier": {"url", "fingerprint", "host"},
        "checkpoints": {"cursor", "query"},
        "attendance": {"person"}, "hosts": {"host"}, "events": {"slug"},
    }  # fmt: skip
    with closing(open_db(tmp_path / "h.db", "create")) as conn:
        tables = conn.execute(
            "SELECT name, strict FROM pragma_table_list WHERE type = 'table' AND schema = 'main'"
        ).fetchall()
        ours = {row["name"]: row["strict"] for row in tables if not row["name"].startswith(("sqlite_", "_sqlite"))}
        assert [name for name, strict in ours.items() if not strict] == []
        for table, columns in outside.items():
            types = {row["name"]: row["type"] for row in conn.execute(f"PRAGMA table_info({table})")}
            assert {types[column] for column in columns} == {"TEXT"}, table
        with write_tx(conn):
            for handle in ("007", 7, "7"):
                conn.execute("INSERT INTO authors (platform, handle) VALUES ('x', ?) ON CONFLICT DO NOTHING", (handle,))
        assert [row[0] for row in conn.execute("SELECT handle FROM authors ORDER BY 1")] == ["007", "7"]
