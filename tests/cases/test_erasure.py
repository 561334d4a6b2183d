"""P6: what people ask to have erased is gone from every file, and stays gone."""

import json
import os
import re
import shutil
import zlib
from contextlib import closing
from datetime import UTC, datetime

import pytest

from harvester.cli import run
from harvester.errors import ConfigError
from harvester.model import Draft, DraftAuthor, Edge
from harvester.normalise import normalise
from harvester.store import archive, events, frontier, runs, secret, tombstones
from harvester.store.connection import write_tx
from harvester.store.erase import reapply
from harvester.store.open import open_db
from harvester.traces import Traces, Who, Words
from tests.cases.erasing import (
    GREEK,
    LATIN,
    NOW,
    events_load,
    feed_of,
    greek,
    left,
    random_words,
    rows,
    save,
    seeded,
)
from tests.crawling import EVENT


@pytest.mark.case("P6")
def test_p6_400_rows_100_forgotten_then_fed_again_then_restored(site, tmp_path):
    mine = [random_words(GREEK, n, 12) for n in range(100)]
    others = [random_words(LATIN, 1000 + n, 12) for n in range(300)]
    kept = [ws[0] for ws in others[::10]]
    data = tmp_path / "data"
    data.mkdir()
    made = site({("note.example", "/feed"): feed_of(mine, others)}, ("spiders",), feeds=["https://note.example/feed"])
    made.folder, event = data, made.folder / "meetup.toml"
    shutil.move(event, data / "meetup.toml")
    assert made.crawl("--source", "feeds").code == 0
    assert made.rows("SELECT count(*) FROM posts") == [(400,)]
    assert len(greek(data)) >= 1200, "the test would find them"
    assert run(["backup", "--db", str(made.db)]) == 0
    yesterday = shutil.copy(next((data / "test.db.backups").glob("*.db")), tmp_path / "yesterday.db")

    assert run(["forget", "note:forget_me", "--yes", "--db", str(made.db)]) == 0
    gone_everywhere(made, data, kept)

    again = made.crawl("--source", "feeds")
    assert again.code == 0, again
    ((detail,),) = made.rows("SELECT detail FROM run_sources WHERE query = '' ORDER BY run_id DESC LIMIT 1")
    assert json.loads(detail)["rejected/forgotten"] == 100
    gone_everywhere(made, data, kept)

    stones = made.rows("SELECT digest FROM tombstones")
    assert run(["restore", str(yesterday), "--yes", "--db", str(made.db)]) == 0
    gone_everywhere(made, data, kept)
    assert made.rows("SELECT digest FROM tombstones") == stones != []


def gone_everywhere(made, data, kept):
    assert greek(data) == set()
    assert len(left(data, kept)) == len(kept)
    assert made.rows("SELECT count(*) FROM posts") == [(300,)]
    with closing(open_db(made.db)) as conn:
        conn.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, posts_fts, 'row')")
        terms = "".join(row["term"] for row in conn.execute("SELECT term FROM temp.words"))
        assert len(terms) > 1000
        assert not set(terms) & set(GREEK)
        conn.execute("INSERT INTO posts_fts(posts_fts, rank) VALUES ('integrity-check', 1)")
    assert not list(data.rglob("*-wal")) or not any(path.stat().st_size for path in data.rglob("*-wal"))


# Tables that hold nothing of people: what an erasure must leave alone.
NOT_OF_PEOPLE = {
    "expired_counts", "head_counts", "kpis", "sources", "spending", "tombstones", "_sqlite_migrations",
}  # fmt: skip
# One row a table that tells of the erased account `x:mara_q` (author 1, post 1), with a word of its own to look for.
TELLING = {
    "events": "UPDATE events SET config = replace(config, 'attendees = []', 'attendees = [\"x:@mara_q\", \"Zoe\"]')",
    "authors": "UPDATE authors SET name = 'Mara Quill', bio = 'w_authors w_authors_bio' WHERE id = 1",
    "audience": "INSERT INTO audience VALUES (1, 'x', 7, '2026-01-01')",
    "people": "INSERT INTO people VALUES (1, 'w_people')",
    "person_authors": "INSERT INTO person_authors VALUES (1, 1, 'confirmed', 'w_person_authors', NULL, NULL)",
    "posts": "UPDATE posts SET title = 'w_posts_title', raw_json = '{\"full\": \"w_posts_raw\"}' WHERE id = 1",
    "stories": "INSERT INTO stories VALUES (1, 1, 2)",
    "event_posts": "UPDATE event_posts SET reasons = '[\"w_event_posts\"]' WHERE post_id = 1",
    "links": "INSERT INTO links (event, type, actor_id, src_post_id, dst)"
             " VALUES ('meetup', 'mention', 2, 2, 'x:@mara_q'),"
             " ('meetup', 'lead', NULL, NULL, 'https://mara.example/w_links')",
    "reactions": "INSERT INTO reactions VALUES (1, 'like', 3, '2026-01-01T00:00:00Z', 'w_reactions')",
    "reaction_checks": "INSERT INTO reaction_checks VALUES (1, 'w_reaction_checks', '2026-01-01T00:00:00Z')",
    "attendance": "INSERT INTO attendance VALUES ('meetup', 'Mara Quill', 'attended', NULL, 'w_attendance')",
    "labels": "INSERT INTO labels (author_id, event, side, kind, decided_by, review)"
              " VALUES (1, 'meetup', 'community', 'participant', 'rules', 'w_labels')",
    "evidence": "INSERT INTO evidence (event, author_id, rule, grp, side, weight, snippet)"
                " VALUES ('meetup', 1, 'r', 'g', 'community', 1.0, 'w_evidence')",
    "decisions": "INSERT INTO decisions (event, author_id, value, at) VALUES ('meetup', 1, 'participant', '2026')",
    "overrides": "INSERT INTO overrides (event, author_id, field, value, who, why, at)"
                 " VALUES ('meetup', 1, 'kind', 'participant', 'me', 'w_overrides', '2026')",
    "audits": "INSERT INTO audits VALUES ('meetup', 1, 'participant', 'media', 'w_audits', '2026')",
    "snapshots": "INSERT INTO snapshots (event, taken_at, recipe, numbers, items) VALUES ('meetup', '2026', 'r',"
                 """ '{"n": 2}', '[{"key": "x:1111111111", "title": "w_snapshots"}, {"key": "x:2222222222"}]')""",
    "runs": "UPDATE runs SET detail = 'stopped at https://x.com/mara_q/status/1111111111 w_runs'",
    "run_sources": "INSERT INTO run_sources (run_id, source, status, reason)"
                   " VALUES (1, 'x', 'ok', 'w_run_sources x.com/mara_q/status/1111111111')",
    "sightings": "UPDATE sightings SET query = 'w_sightings' WHERE post_id = 1",
    "frontier": "INSERT INTO frontier (event, source, fingerprint, url, host, added_at) VALUES"
                " ('meetup', 'blog', 'f', 'https://x.com/mara_q?w_frontier', 'x.com', '2026')",
    "hosts": "INSERT INTO hosts (host, missing_page) VALUES ('mara.example', 'w_hosts')",
    "checkpoints": "INSERT INTO checkpoints (source, event, query, cursor, updated_at)"
                   " VALUES ('feeds', 'meetup', 'https://mara.example/w_checkpoints', 'c', '2026')",
    "rejected": "INSERT INTO rejected VALUES"
                " ('meetup', 'blog', 'https://x.com/mara_q/w_rejected', 'empty', NULL, 1, '2026')",
    "quarantine": "INSERT INTO quarantine (source, reason, payload, at)"
                  " VALUES ('x', 'r', '@mara_q w_quarantine', '2026')",
    "posts_fts": "SELECT 1",
}  # fmt: skip


@pytest.mark.case("P6")
def test_p6_every_table_is_cleaned_of_an_account(folder, harvest):
    seeded(harvest.db)
    with closing(open_db(harvest.db)) as conn:
        names = {row["name"] for row in conn.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        ours = {name for name in names if not name.startswith(("posts_fts_", "sqlite_"))}
        assert ours - NOT_OF_PEOPLE == set(TELLING), "a table that can hold people must be in one of the two lists"
        with write_tx(conn):
            for sql in TELLING.values():
                conn.execute(sql)
    words = [word for sql in TELLING.values() for word in re.findall(r"\bw_\w+", sql)]
    words += ["mara_q", "mara quill", "mara.example", "w_text_mara_q", "w_text_site", "1111111111"]
    assert len(left(folder, words)) == len(words)
    assert harvest("forget", "x:mara_q", "https://mara.example/", "--yes", "--why", "asked by mail") == 0
    assert left(folder, words) == []
    assert rows(harvest.db, "SELECT key FROM posts") == [("x:2222222222",)]
    assert rows(harvest.db, "SELECT author_id, post_id, why, who FROM overrides") == [(None, None, None, "me")]
    assert rows(harvest.db, "SELECT author_id, value FROM decisions") == [(None, "participant")]
    ((numbers, items),) = rows(harvest.db, "SELECT numbers, items FROM snapshots")
    assert json.loads(numbers) == {"n": 2}
    assert [item["key"] for item in json.loads(items)] == ["x:2222222222"]
    ((config,),) = rows(harvest.db, "SELECT config FROM events")
    assert events_load(config).attendees[0].handles == ("x:forgotten",)
    assert rows(harvest.db, "SELECT command, status, detail FROM runs WHERE command = 'forget'") == [
        ("forget", "ok", "2 posts, 2 authors")
    ]
    assert rows(harvest.db, "SELECT DISTINCT why FROM tombstones") == [("asked by mail",)]
    assert harvest("export", "meetup") == 0, "what is left can be exported"
    assert '"override"' not in harvest.out


@pytest.mark.case("P6")
def test_p6_dry_run_and_question_change_nothing(folder, harvest):
    seeded(harvest.db)
    before = harvest.db.read_bytes()
    assert harvest("forget", "x:mara_q", "--dry-run") == 0
    assert "would erase 1 post, 1 author\n" in harvest.out
    assert harvest("forget", "https://x.com/mara_q/status/1111111111", "--dry-run", "--json") == 0
    told = json.loads(harvest.out)
    assert (told["posts"], told["authors"], told["erased"]) == (1, 1, False)
    assert harvest("forget", "x:mara_q") == 2
    assert "--yes" in harvest.err
    assert harvest.db.read_bytes() == before
    assert not (folder / "h.db.key").exists()
    assert harvest("forget", "mara_q", "--yes") == 2
    assert "did you mean x:mara_q?" in harvest.err


@pytest.mark.case("P6")
def test_p6_one_post_goes_and_its_author_stays_with_the_others(harvest):
    seeded(harvest.db)
    with closing(open_db(harvest.db)) as conn, write_tx(conn):
        event = events.load_event(conn, "meetup")
        save(conn, event, native_id="3333333333", platform="x", url="https://x.com/mara_q/status/3333333333",
             text="another one", author=DraftAuthor(platform="x", handle="mara_q"))  # fmt: skip
        save(conn, event, native_id="4444444444", platform="x", kind="repost", relation="repost", target="x:1111111111",
             text="w_text_mara_q at the meetup", author=DraftAuthor(platform="x", handle="ben"))  # fmt: skip
        told = [{"rule": rule, "weight": 15, "snippet": snippet} for rule, snippet in
                (("R18", "https://x.com/mara_q/status/1111111111, confirmed"), ("R11", "2016-12-21"))]  # fmt: skip
        conn.execute("UPDATE event_posts SET reasons = ? WHERE post_id = (SELECT id FROM posts WHERE key = ?)",
                     (json.dumps(told), "x:3333333333"))  # fmt: skip
    assert harvest("forget", "https://twitter.com/mara_q/status/1111111111", "--yes") == 0
    reasons = "SELECT reasons FROM event_posts JOIN posts ON id = post_id WHERE key = 'x:3333333333'"
    assert [found["rule"] for found in json.loads(rows(harvest.db, reasons)[0][0])] == ["R11"]
    keys = {key for (key,) in rows(harvest.db, "SELECT key FROM posts")}
    assert keys == {"x:2222222222", "x:3333333333", "https://mara.example/one"}, "its repost is the post once more"
    with closing(open_db(harvest.db)) as conn:
        guard = tombstones.Guard(conn)
        assert guard.url("https://mobile.twitter.com/mara_q/status/1111111111?s=20") == "forgotten"
        assert not guard.account("x", "mara_q")


@pytest.mark.case("P6")
def test_p6_at_one_event_only(harvest, tmp_path):
    seeded(harvest.db)
    with closing(open_db(harvest.db)) as conn, write_tx(conn):
        other = events_load(EVENT.replace('slug = "meetup"', 'slug = "later"').replace("2016", "2017"))
        events.save_event(conn, other)
        conn.execute(
            "INSERT INTO event_posts (event, post_id) SELECT 'later', id FROM posts WHERE key = 'x:1111111111'"
        )
    assert harvest("forget", "x:mara_q", "--event", "meetup", "--yes") == 0
    ties = "SELECT event FROM event_posts JOIN posts ON id = post_id WHERE key = 'x:1111111111'"
    assert rows(harvest.db, ties) == [("later",)]
    file = tmp_path / "again.jsonl"
    file.write_text(
        "\n".join(
            json.dumps(
                {"type": "post", "post": "x:1111111111", "kind": "micropost", "author": "x:mara_q", "event": slug}
            )
            for slug in ("meetup", "later")
        )
    )
    assert harvest("import", "meetup", file, "--json") == 0
    assert json.loads(harvest.out)["files"][0]["rejected"] == {"forgotten": 1}
    assert rows(harvest.db, ties) == [("later",)]


@pytest.mark.case("P6")
def test_p6_the_archive_loses_every_page_that_tells_of_the_account(folder, harvest):
    seeded(harvest.db)
    pages = {
        "https://x.com/mara_q/status/1111111111": b"the post itself",
        "https://x.com/mara_q/status/9999999999": b"another page of the same author, never stored",
        "https://api.x.com/2/tweets/search/all?query=a": b'{"id":"1111111111","text":"\\u0077_text"}',
        "https://list.example/1": b'<a href="https:\\/\\/x.com\\/mara_q\\/status\\/1111111111">',
        "https://list.example/2": b"met &#64;mara_q there",
        "https://list.example/3": "引用 w_text_mara_q at the meetup".encode("euc_jp"),
        "https://list.example/4": b"half a gzip stream, unreadable",
        "https://fine.example/": b"nothing of them; #mara_query and 11111111110 are something else",
    }
    with closing(archive.open_archive(f"{harvest.db}.archive")) as conn:
        broken = {"https://list.example/4"}
        archive.save(
            conn,
            [
                archive.Copy(
                    url, url, 200, json.dumps([["Content-Encoding", ["gzip"]]] if url in broken else []),
                    body if url in broken else zlib.compress(body), url not in broken, NOW,
                )
                for url, body in pages.items()
            ],
        )  # fmt: skip
    assert harvest("forget", "x:mara_q", "--yes", "--json") == 0
    assert json.loads(harvest.out)["archived_pages"] == 7
    with closing(archive.open_archive(f"{harvest.db}.archive")) as conn:
        assert [copy.url for copy in archive.walk(conn)] == ["https://fine.example/"]
    assert left(folder, ["status/9999999999"]) == []


@pytest.mark.case("P6")
def test_p6_nothing_of_the_erased_enters_by_any_door(harvest, tmp_path):
    seeded(harvest.db)
    assert harvest("forget", "x:mara_q", "--yes") == 0
    with closing(open_db(harvest.db)) as conn, write_tx(conn):
        guard, event = tombstones.Guard(conn, "meetup"), events.load_event(conn, "meetup")
        friend = normalise(
            Draft(url="https://x.com/ben/status/5", native_id="5", platform="x", text="hi", mentions=("mara_q", "zoe"),
                  links=("https://x.com/mara_q/status/1111111111", "https://b.example/"), relation="reply",
                  target="x:1111111111", author=DraftAuthor(platform="x", handle="ben")), event,
            now=datetime(2026, 11, 20, tzinfo=UTC),
        )  # fmt: skip
        sifted = guard.sifted(friend)
        assert (sifted.mentions, sifted.links, sifted.target) == (("zoe",), ("https://b.example/",), "")
        mara = DraftAuthor(platform="x", handle="Mara_Q")
        assert guard.edge(Edge(type="bookmark", target="https://b.example/", actor=mara)) == "forgotten"
        assert guard.edge(Edge(type="mention", target="x:@mara_q")) == "forgotten"
        assert guard.draft(Draft(url="https://b.example/", author=mara)) == "forgotten"
        wanted = [
            frontier.Wanted(source="blog", fingerprint=url, url=url, host="x.com")
            for url in ("https://x.com/mara_q", "https://x.com/mara_q/status/77", "https://x.com/ben")
        ]
        assert frontier.add(conn, "meetup", wanted, run_id=1, now=NOW) == 1
    lines = [
        {"type": "author", "author": "x:mara_q", "name": "Mara Quill"},
        {"type": "post", "post": "x:1111111111", "kind": "micropost", "text": "again"},
        {"type": "post", "post": "x:6666666666", "kind": "micropost", "author": "x:mara_q"},
        {"type": "post", "url": "https://mirror.example/", "kind": "article", "title": "copy",
         "canonical_url": "https://x.com/mara_q/status/1111111111"},
        {"type": "edge", "edge_type": "mention", "target": "x:@mara_q", "source": "x:2222222222"},
        {"type": "attendance", "person": "x:mara_q"},
        {"type": "label", "author": "x:mara_q", "kind": "participant"},
        {"type": "post", "post": "x:8888888888", "kind": "micropost", "author": "x:zoe", "text": "fine"},
    ]  # fmt: skip
    file = tmp_path / "all.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in lines))
    assert harvest("import", "meetup", file, "--json") == 0
    (told,) = json.loads(harvest.out)["files"]
    assert (told["rejected"], told["new"]) == ({"forgotten": 7}, 1)
    tweets = tmp_path / "tweets.csv"
    tweets.write_text("url,text,handle\nhttps://x.com/mara_q/status/12345678,again,mara_q\n"
                      "https://x.com/zoe/status/87654321,fine too,zoe\n")  # fmt: skip
    assert harvest("import", "meetup", tweets, "--json") == 0
    (told,) = json.loads(harvest.out)["files"]
    assert (told["rejected"], told["new"]) == ({"forgotten": 1}, 1)
    assert rows(harvest.db, "SELECT url FROM rejected") == [("tweets.csv record 1",)]
    assert left(harvest.db.parent, ["mara_q", "Mara Quill"]) == []


@pytest.mark.case("P6")
def test_p6_an_event_file_does_not_bring_them_back(harvest):
    harvest.event.write_text(EVENT + 'attendees = ["x:@mara_q", "Zoe"]\n', encoding="utf-8")
    seeded(harvest.db)
    assert harvest("classify", harvest.event) == 0
    assert harvest("forget", "x:mara_q", "--yes") == 0
    assert "meetup: its event file lists them" in harvest.out
    harvest.event.write_text(EVENT + 'attendees = ["x:@mara_q", "Zoe"]\ncity = "Tokyo"\n', encoding="utf-8")
    assert harvest("classify", harvest.event) == 0
    assert rows(harvest.db, "SELECT person FROM attendance") == [("Zoe",)]
    assert left(harvest.db.parent, ["mara_q"]) == []


@pytest.mark.case("P6")
def test_p6_the_key_is_private_and_outside_the_database(folder, harvest):
    seeded(harvest.db)
    assert harvest("forget", "x:mara_q", "--yes") == 0
    key = folder / "h.db.key"
    assert key.stat().st_mode & 0o777 == 0o600
    digests = {digest for (digest,) in rows(harvest.db, "SELECT digest FROM tombstones")}
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in digests)
    known = bytes.fromhex(key.read_text())
    assert tombstones.digest(known, ("author", "x:mara_q")) in digests
    assert not digests & {tombstones.digest(b"", ("author", "x:mara_q"))}
    assert left(harvest.db.with_name("h.db"), [key.read_text().strip()]) == [], "no copy of the key in the database"
    key.chmod(0o644)
    assert harvest("forget", "x:ben", "--yes") == 2
    assert f"chmod 600 {key}" in harvest.err
    key.unlink()
    assert harvest("forget", "x:ben", "--yes") == 2, "no new key beside old tombstones"
    assert not key.exists()
    file = folder.parent / "more.jsonl"
    file.write_text(json.dumps({"type": "post", "post": "x:1111111111", "kind": "micropost"}))
    assert harvest("import", "meetup", file) == 2, "what cannot be checked is not stored"
    assert "put the file back" in harvest.err
    assert len(rows(harvest.db, "SELECT 1 FROM posts")) == 2


@pytest.mark.case("P6")
def test_p6_without_the_key_nobody_is_asked_for_what_could_not_be_stored(site):
    made = site({}, pages=["https://healthy.example/1"])
    assert made.crawl().code == 0
    assert run(["forget", "x:mara_q", "--yes", "--db", str(made.db)]) == 0
    key = secret.key_path(made.db)
    kept = key.rename(key.with_name("kept"))
    made.server.forget()
    done = made.crawl()
    assert (done.code, made.server.seen) == (2, [])
    assert "the key of what was erased is missing" in done.err
    kept.rename(key)
    assert made.crawl().code == 0


@pytest.mark.case("P6")
def test_p6_a_run_cut_short_is_finished_by_the_next(folder, harvest, monkeypatch):
    seeded(harvest.db)
    with closing(archive.open_archive(f"{harvest.db}.archive")) as conn:
        archive.save(conn, [archive.Copy("k", "https://x.com/mara_q", 200, "[]", zlib.compress(b"w"), True, NOW)])
    assert harvest("backup") == 0
    with monkeypatch.context() as patch:
        patch.setattr("harvester.crawl.erasure.erase", lambda *_: os.kill(os.getpid(), 0) or 1 / 0)
        assert harvest("forget", "x:mara_q", "--yes") == 70
    assert left(folder, ["w_text_mara_q"]) == ["w_text_mara_q"]
    assert harvest("forget", "x:mara_q", "--yes") == 0
    assert left(folder, ["w_text_mara_q", "mara_q"]) == []


@pytest.mark.case("P6")
def test_p6_a_reader_that_keeps_the_log_is_named(folder, harvest):
    seeded(harvest.db)
    with closing(open_db(harvest.db)) as conn, write_tx(conn):
        conn.execute("UPDATE posts SET title = 'w_log' WHERE id = 1")
    with closing(open_db(harvest.db)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM posts").fetchone()
        assert harvest("forget", "x:mara_q", "--yes") == 75
        assert "another program reads the database" in harvest.err
        reader.execute("ROLLBACK")
    assert harvest("forget", "x:mara_q", "--yes") == 0
    assert left(folder, ["w_text_mara_q", "w_log"]) == []


@pytest.mark.case("P6")
def test_p6_a_backup_that_cannot_be_opened_is_named(folder, harvest):
    seeded(harvest.db)
    assert harvest("backup") == 0
    (backup,) = (folder / "h.db.backups").glob("*.db")
    backup.write_bytes(b"w_text_mara_q " * 1000)
    assert harvest("forget", "x:mara_q", "--yes") == 70
    assert str(backup) in harvest.err
    assert rows(harvest.db, "SELECT count(*) FROM authors WHERE handle = 'mara_q'") == [(0,)]


@pytest.mark.case("P6")
def test_p6_deleted_keys_stay_readable_until_the_file_is_rewritten(folder):
    """Why VACUUM: secure_delete leaves what page splits left behind. Should SQLite change, `rewrite` may go."""
    db = folder / "h.db"
    keys = [f"https://e.example/{word}" for word in random_words(LATIN, 5, 3000)]
    with closing(open_db(db, "create")) as conn:
        with write_tx(conn):
            events.save_event(conn, events_load(EVENT))
            runs.start_run(conn, "crawl", "meetup", now=NOW)
            for key in keys:
                conn.execute(
                    "INSERT INTO posts (key, url, kind, platform, host, first_seen_at, flags) VALUES (?, ?, 'article',"
                    " 'web', 'e.example', ?, '[]')", (key, key, NOW),
                )  # fmt: skip
        with write_tx(conn):
            key = secret.make_key(secret.key_path(db))
            gone = [tombstones.post_value(key) for key in keys[::3]]
            tombstones.remember(conn, key, gone, now=NOW)
            conn.execute("ANALYZE")
        assert reapply(conn) >= 1000
        assert reapply(conn) == 0
        assert conn.execute("SELECT count(*) FROM posts").fetchone()[0] == 2000
    assert left(folder, keys[::3]) == []


def test_a_tombstone_costs_nothing_while_there_is_none(harvest):
    seeded(harvest.db)
    with closing(open_db(harvest.db)) as conn:
        guard = tombstones.Guard(conn, "meetup")
        assert not guard.active
        assert not (harvest.db.parent / "h.db.key").exists()
        post = object()
        assert guard.sifted(post) is post


ESCAPED = json.dumps("わたしはこの会に行って、たくさんの人に会いました。")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://x.com/mara_q/status/1111111111", True),
        ('{"url":"https:\\/\\/x.com\\/mara_q\\/status\\/1111111111"}', True),
        ("u=https%3A%2F%2Fx.com%2Fmara_q%2Fstatus%2F1111111111", True),
        ('{"id": "1111111111"}', True),
        ("Written by @Mara_Q.", True),
        ('{"username":"mara_q"}', True),
        ("by &lt;b&gt;Mara &amp;#81;uill&lt;/b&gt;", True),
        (ESCAPED, True),
        ("mara_quux, 11111111112, x.com/mara_quux and わたしはこの会", False),
    ],
)  # fmt: skip
def test_traces_are_found_however_they_are_escaped(text, found):
    post = Words(addresses=("https://x.com/mara_q/status/1111111111",), native_id="1111111111",
                 text="わたしはこの会に行って、たくさんの人に会いました。")  # fmt: skip
    who = Who(platform="x", handle="mara_q", name="Mara Quill", url="https://x.com/mara_q")
    assert Traces([post], [who]).mentioned(text) is found


def test_the_key_must_be_one(tmp_path):
    path = tmp_path / "h.db.key"
    with pytest.raises(ConfigError, match="missing"):
        secret.read_key(path)
    path.write_text("short\n")
    path.chmod(0o600)
    with pytest.raises(ConfigError, match="no key of harvester's"):
        secret.read_key(path)


def test_traces_of_many_posts_are_found_as_those_of_few():
    texts = [" ".join(random_words(LATIN, n, 6)) for n in range(400)]
    for known in (texts[:3], texts):
        traces = Traces([Words(text=text) for text in known])
        assert traces.quoted(f"somebody quotes: {texts[2].upper()}!")
        assert traces.quoted(f"<p>{texts[1].replace(' ', '<b> </b>', 1)}</p>")
        assert not traces.quoted(" ".join(random_words(LATIN, 999, 50)))
