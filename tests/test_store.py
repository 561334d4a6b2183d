"""The store on real SQLite: opening refuses what is not ours, writing twice gives the same rows."""

import contextlib
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from harvester import dates
from harvester.cli import run
from harvester.errors import ConfigError, ForeignDatabase, NewerDatabase, StorageBusy, StorageError, Unopenable
from harvester.event import load
from harvester.measure.item import lies_in
from harvester.measure.world import window_of
from harvester.model import Author, DraftAuthor, Edge, Post, Reaction, When
from harvester.store import exchange, posts, runs
from harvester.store.connection import sqlite3, wal_is_safe, write_tx
from harvester.store.events import list_events, save_event, set_window
from harvester.store.items import load_items
from harvester.store.open import open_db
from harvester.store.version import LATEST

NOW = "2016-12-22T00:00:00Z"


@pytest.fixture
def conn(tmp_path):
    conn = open_db(tmp_path / "h.db", "create")
    with write_tx(conn):
        conn.execute(
            "INSERT INTO events (slug, name, starts_at, ends_at, timezone) VALUES ('e', 'E', ?, ?, 'UTC')", (NOW, NOW)
        )
        runs.start_run(conn, "crawl", "e", now=NOW)
    yield conn
    conn.close()


def post(**changes):
    values = {
        "key": "https://a.example/1", "url": "https://a.example/1", "kind": "article", "platform": "web",
        "host": "a.example", "author": Author(platform="web", handle="a.example", name="Aoi", followers=10),
        "title": "参加しました", "text": "本文です", "links": ("https://b.example/2",), "reactions": (("likes", 3),),
        "published": When(at=datetime(2016, 12, 21, tzinfo=UTC), precision="second", origin="feed", raw="x"),
    }  # fmt: skip
    return Post(**values | changes)


def save(conn, found, source="feeds", now=NOW):
    with write_tx(conn):
        rank = {"feeds": posts.ENTRY, "blog": posts.PAGE}.get(source, posts.RECORD)
        return posts.save_post(
            conn, found, event="e", source=source, run_id=1, now=now, rank=rank, once=rank == posts.RECORD
        )


def dump(conn):
    tables = ("authors", "audience", "posts", "event_posts", "links", "reactions", "sightings")
    return {t: [tuple(r) for r in conn.execute(f"SELECT * FROM {t} ORDER BY 1, 2, 3")] for t in tables}


@pytest.mark.case("C6")
def test_writing_twice_gives_the_same_rows(conn):
    assert save(conn, post()).new
    before = dump(conn)
    again = save(conn, post())
    assert (again.new, again.changed) == (False, False)
    assert dump(conn) == before


def test_a_null_never_overwrites_a_value(conn):
    save(conn, post())
    save(conn, post(text="", title="", author=None, published=When()))
    row = conn.execute("SELECT * FROM posts").fetchone()
    assert (row["text"], row["title"], row["published_at"]) == ("本文です", "参加しました", "2016-12-21T00:00:00Z")
    assert row["author_id"] == 1


def test_a_feed_summary_never_replaces_the_page(conn):
    save(conn, post(text="全文" * 50), source="blog")
    save(conn, post(text="要約"), source="feeds")
    assert conn.execute("SELECT text FROM posts").fetchone()["text"] == "全文" * 50


def test_the_better_date_wins_whatever_the_order(conn):
    page = post(published=When(at=datetime(2016, 12, 20, 3, tzinfo=UTC), precision="second", origin="jsonld", raw="y"))
    save(conn, page, source="blog")
    save(conn, post(), source="feeds")
    assert conn.execute("SELECT published_at FROM posts").fetchone()[0] == "2016-12-20T03:00:00Z"


@pytest.mark.case("C6")
def test_two_views_of_a_post_do_not_take_turns(conn):
    page = post(
        author=Author(platform="web", handle="a.example", name="AOI", url="https://a.example/aoi"), text="全文" * 9
    )
    page = replace(page, published=When(at=datetime(2016, 12, 20, 3, tzinfo=UTC), precision="day", origin="visible"))
    save(conn, post(), source="feeds")
    save(conn, page, source="blog")
    before = dump(conn)
    save(conn, post(), source="feeds")
    save(conn, page, source="blog")
    assert dump(conn) == before
    assert conn.execute("SELECT name, url FROM authors").fetchone()[:] == ("Aoi", "https://a.example/aoi")
    assert conn.execute("SELECT at FROM links").fetchone()[0] == "2016-12-21T00:00:00Z"


@pytest.mark.case("H20")
def test_an_edit_is_a_revision_and_the_search_index_follows(conn):
    save(conn, post())
    save(conn, post(title="天気は晴れ"))
    row = conn.execute("SELECT revision, title FROM posts").fetchone()
    assert tuple(row) == (2, "天気は晴れ")
    found = conn.execute("SELECT count(*) FROM posts_fts WHERE posts_fts MATCH '天気は'").fetchone()[0]
    gone = conn.execute("SELECT count(*) FROM posts_fts WHERE posts_fts MATCH '参加し'").fetchone()[0]
    assert (found, gone) == (1, 0)
    conn.execute("INSERT INTO posts_fts(posts_fts, rank) VALUES ('integrity-check', 1)")


def test_a_link_finds_its_target_when_that_arrives_later(conn):
    save(conn, post())
    save(conn, post(key="https://b.example/2", url="https://b.example/2", links=()))
    assert conn.execute("SELECT dst_post_id FROM links WHERE type = 'link'").fetchone()[0] == 2


def test_edges_and_reactions_repeat_safely(conn):
    save(conn, post())
    edge = Edge(
        type="bookmark", target="https://a.example/1", actor=DraftAuthor(platform="hatena", handle="u1"), at=NOW
    )
    for _ in range(2):
        with write_tx(conn):
            posts.save_edge(conn, edge, event="e", now=NOW)
            assert posts.save_reaction(
                conn, Reaction(url="https://a.example/1", name="bookmarks", value=5), source="s", now=NOW
            )
    rows = conn.execute("SELECT dst_post_id, at FROM links WHERE type = 'bookmark'").fetchall()
    assert [tuple(r) for r in rows] == [(1, NOW)]
    assert conn.execute("SELECT count(*) FROM reactions WHERE name = 'bookmarks'").fetchone()[0] == 1


def test_large_ids_stay_text(conn):
    save(conn, post(key="x:1850000000000000001", native_id="1850000000000000001", platform="x"))
    assert conn.execute("SELECT native_id FROM posts").fetchone()[0] == "1850000000000000001"


def test_a_failed_write_leaves_nothing(conn):
    with pytest.raises(ZeroDivisionError), write_tx(conn):
        posts.save_post(conn, post(), event="e", source="feeds", run_id=1, now=NOW)
        1 / 0  # noqa: B018
    assert conn.execute("SELECT count(*) FROM posts").fetchone()[0] == 0


def test_a_second_writer_waits_and_then_says_so(tmp_path, conn):
    other = open_db(tmp_path / "h.db", busy_timeout_ms=200)
    with write_tx(conn), pytest.raises(StorageBusy, match="locked"), write_tx(other):
        raise AssertionError("two writers at once")
    other.close()


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda p: p.mkdir(), ForeignDatabase, "is a folder"),
        (lambda p: p.write_bytes(b"hello, not a database " * 99), ForeignDatabase, "not an SQLite database"),
        (
            lambda p: sqlite3.connect(p).execute("CREATE TABLE t (x)").connection.close(),
            ForeignDatabase,
            "another program",
        ),
    ],
)
def test_opening_refuses_what_is_not_ours(tmp_path, make, error, says):
    path = tmp_path / "f.db"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(error, match=says):
        open_db(path, "create")
    assert before is None or path.read_bytes() == before


def test_opening_refuses_a_newer_schema(tmp_path, conn):
    conn.execute("PRAGMA user_version = 99")
    with pytest.raises(NewerDatabase, match="upgrade harvester"):
        open_db(tmp_path / "h.db")


def test_opening_names_the_repair_for_a_missing_file_or_folder(tmp_path):
    with pytest.raises(ForeignDatabase, match="harvest crawl"):
        open_db(tmp_path / "none.db", "ro")
    with pytest.raises(StorageError, match="create"):
        open_db(tmp_path / "no" / "none.db", "create")


def test_a_read_only_connection_cannot_write(tmp_path, conn):
    reader = open_db(tmp_path / "h.db", "ro")
    with pytest.raises(StorageError), write_tx(reader):
        reader.execute("DELETE FROM events")
    reader.close()


@pytest.fixture
def lying_still(tmp_path, monkeypatch):
    """A database at rest in a folder that this user may not write to."""
    open_db(tmp_path / "h.db", "create").close()
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, how: how != os.W_OK and access(path, how))
    return tmp_path / "h.db"


def test_a_read_only_copy_is_read_as_it_lies(lying_still):
    conn = open_db(lying_still, "ro")
    assert list_events(conn) == []
    conn.close()
    assert [path.name for path in lying_still.parent.iterdir()] == ["h.db"]
    with pytest.raises(Unopenable, match="not writable by this user"):
        open_db(lying_still)


@pytest.mark.parametrize("suffix", ["-wal", "-journal"])
def test_a_copy_with_a_journal_beside_it_is_not_taken_as_it_lies(lying_still, monkeypatch, suffix):
    seen = []
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda name, **how: seen.append(name) or connect(name, **how))
    journal = lying_still.with_name("h.db" + suffix)
    journal.write_bytes(b"")
    open_db(lying_still, "ro").close()
    journal.write_bytes(b"something")
    with contextlib.suppress(Unopenable):  # a rollback journal must be played back, which takes a writer
        open_db(lying_still, "ro").close()
    assert [uri.partition("?")[2] for uri in seen] == ["mode=ro&immutable=1", "mode=ro"]


def test_old_and_empty_files_opened_to_read_are_the_users_to_repair(tmp_path, conn, monkeypatch):
    (tmp_path / "empty.db").touch()
    with pytest.raises(Unopenable, match="nothing is stored yet") as caught:
        open_db(tmp_path / "empty.db", "ro")
    assert caught.value.exit_code == 2
    monkeypatch.setattr("harvester.store.open.LATEST", LATEST + 1)
    with pytest.raises(Unopenable, match="schema is older"):
        open_db(tmp_path / "h.db", "ro")


def test_a_file_that_sqlite_may_not_open_is_exit_2(tmp_path, monkeypatch):
    def refused(*_, **__):
        error = sqlite3.OperationalError("unable to open database file")
        error.sqlite_errorname = "SQLITE_CANTOPEN"
        raise error

    open_db(tmp_path / "h.db", "create").close()
    monkeypatch.setattr(sqlite3, "connect", refused)
    with pytest.raises(Unopenable, match="check permissions of the file and its folder"):
        open_db(tmp_path / "h.db", "ro")


def edition(slug="osaka", name="Osaka Meetup", starts="2026-11-30", more=""):
    text = f'slug = "{slug}"\nname = "{name}"\nstarts = {starts}\ntimezone = "Asia/Tokyo"\n{more}'
    return load(text, f"{slug}.toml")


def test_a_slug_never_names_two_events(conn):
    with write_tx(conn):
        save_event(conn, edition())
        save_event(conn, edition(name="Osaka Meetup 1"))
        save_event(conn, edition(name="Osaka Meetup 1", starts="2026-12-01"))
    told = r"osaka.toml: \[slug\]: slug 'osaka' already names 'Osaka Meetup 1' \(starting 2026-11-30T15:00:00Z\); give"
    with pytest.raises(ConfigError, match=told), write_tx(conn):
        save_event(conn, edition(name="Tokyo Meetup", starts="2027-01-01"))
    assert [row["name"] for row in list_events(conn)] == ["Osaka Meetup 1", "E"]


def test_a_file_may_name_an_event_that_an_import_brought_without_a_name(conn):
    with write_tx(conn):
        conn.execute("UPDATE events SET name = 'e'")
        save_event(conn, edition(slug="e"))
    assert [row["name"] for row in list_events(conn)] == ["Osaka Meetup"]


def test_listed_attendees_who_wrote_survive_a_round_trip_exactly(conn, tmp_path):
    with write_tx(conn):
        save_event(conn, edition(slug="e", name="E", more='attendees = ["qiita:aoi", "Sato", "x:@later"]\n'))
    save(conn, post(author=Author(platform="qiita", handle="aoi")))
    with write_tx(conn):
        conn.execute(
            """INSERT INTO attendance (event, person, status, author_id, source)
               VALUES ('e', 'qiita:aoi', 'remote', 1, 's')"""
        )
    first = list(exchange.lines(conn, ["e"]))
    (tmp_path / "e.jsonl").write_text("\n".join(first) + "\n", encoding="utf-8")
    copies = []
    for _ in range(2):  # a second reading changes nothing
        assert run(["import", "e", str(tmp_path / "e.jsonl"), "--db", str(tmp_path / "copy.db")]) == 0
        copy = open_db(tmp_path / "copy.db", "ro")
        copies.append(list(exchange.lines(copy, ["e"])))
        copy.close()
    assert copies == [first, first]
    assert sum('"type":"attendance"' in line for line in first) == 4


def test_our_file_is_private_and_uses_wal(tmp_path, conn):
    assert (tmp_path / "h.db").stat().st_mode & 0o077 == 0
    assert conn.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert conn.execute("PRAGMA synchronous").fetchone()[0] == 2


@pytest.mark.parametrize(
    ("version", "safe"),
    [("3.40.1", False), ("3.44.6", True), ("3.50.4", False), ("3.50.7", True), ("3.51.2", False), ("3.51.3", True),
     ("3.53.4", True)],
)  # fmt: skip
def test_wal_only_on_a_fixed_sqlite(version, safe):
    assert wal_is_safe(version) is safe


def test_ledger_lines_are_upserted(conn):
    with write_tx(conn):
        runs.save_source(conn, 1, "qiita", "tag:x", status="running", event="e")
        runs.save_source(conn, 1, "qiita", "tag:x", status="ok", found=3)
    row = runs.sources_of(conn, 1)[0]
    assert (row["status"], row["found"], row["event"]) == ("ok", 3, "e")
    with pytest.raises(ValueError, match="no column"):
        runs.save_source(conn, 1, "qiita", colour="red")


def test_cursor_and_spending_add_up(conn):
    with write_tx(conn):
        runs.set_cursor(conn, "x", "e", "q", "1", now=NOW)
        runs.set_cursor(conn, "x", "e", "q", "2", now=NOW)
        runs.spend(conn, "x", "2016-12", "usd", 0.25)
        runs.spend(conn, "x", "2016-12", "usd", 0.5)
    assert runs.get_cursor(conn, "x", "e", "q") == "2"
    assert runs.spent(conn, "x", "2016-12") == {"usd": 0.75}


ZONES = ("UTC", "Asia/Tokyo", "America/Los_Angeles", "Pacific/Kiritimati", "Pacific/Pago_Pago")


def test_the_view_s_window_is_that_of_the_measures(conn):
    """SQL and Python say the same rule: at each edge of a window, and of months and years begun in any zone."""
    spans = (("2016-12-31T10:00:00Z", "2016-12-31T12:30:00Z"), ("2016-02-28T00:00:00Z", "2016-03-03T23:59:59Z"))
    editions = [(f"{zone} {start[:7]}", "E", start, end, zone) for zone in ZONES for start, end in spans]
    begun = [(zone, 2015 + n // 12, n % 12 + 1) for zone in ZONES for n in range(36)]
    dated = [
        (dates.iso(datetime(year, month, 1, tzinfo=ZoneInfo(zone))), precision)
        for zone, year, month in begun
        for precision in ("month", "year")[: 2 if month == 1 else 1]
    ]
    with write_tx(conn):
        conn.executemany(
            "INSERT INTO events (slug, name, starts_at, ends_at, timezone) VALUES (?, ?, ?, ?, ?)", editions
        )
        for slug, _, start, end, zone in editions:
            set_window(conn, slug)
            edges = window_of(dates.parse_iso(start), dates.parse_iso(end), zone)
            dated += [(dates.iso(at + timedelta(seconds=n)), "second") for at in edges for n in (-1, 0, 1)]
        for n, (at, precision) in enumerate([*dict.fromkeys(dated), (None, "unknown")]):
            conn.execute(
                """INSERT INTO posts
                     (id, key, url, kind, platform, host, first_seen_at, published_at, published_precision)
                   VALUES (?1, ?1, '', 'article', 'web', '', ?2, ?3, ?4)""",
                (n + 1, NOW, at, precision),
            )
        conn.execute("""INSERT INTO event_posts (event, post_id, relevance, counted)
            SELECT slug, posts.id, 'confirmed', 1 FROM events, posts WHERE slug <> 'e'""")  # fmt: skip
    said = set()
    for slug, _, start, end, zone in editions:
        window = window_of(dates.parse_iso(start), dates.parse_iso(end), zone)
        view = dict(conn.execute("SELECT key, in_window FROM event_items WHERE event = ?", (slug,)).fetchall())
        for item in load_items(conn, slug):
            assert bool(view[item.key]) == lies_in(item, window), (slug, item.published_at, item.precision)
            said.add((item.precision, view[item.key]))
    assert said == {(precision, inside) for precision in ("second", "month", "year") for inside in (0, 1)} | {
        ("unknown", 1)
    }
