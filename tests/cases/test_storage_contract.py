"""S5, after the storage contract of lemon24's `reader`: every public function of the store meets a database that is
locked, read-only, full and damaged, and raises our error for it, never the driver's and never nothing.

The functions are found by looking, so a new one is tried too: one whose arguments are not in SAMPLES fails here.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import pkgutil
import re
import resource
import shutil
import signal
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

import harvester.store
from harvester.errors import Damaged, DiskFull, ForeignDatabase, StorageBusy, StorageError, Unopenable
from harvester.event import load
from harvester.measure.frame import Frame
from harvester.measure.item import Typed
from harvester.model import Attendance, Author, Edge, Post, Reaction, Rejected, When
from harvester.report.build import Report
from harvester.store import (
    archive,
    audits,
    bulk,
    frontier,
    judgements,
    kpis,
    merges,
    posts,
    runs,
    secret,
    snapshots,
    tombstones,
)
from harvester.store.connection import open_as_is, sqlite3, write_tx
from harvester.store.events import save_event
from harvester.store.exchange.read import Intake
from harvester.store.found import look
from harvester.store.merges import Word
from harvester.store.open import open_db
from harvester.store.overrides import About
from harvester.store.subjects import Subject
from tests.crawling import EVENT

pytestmark = pytest.mark.filterwarnings("ignore:SQLite 3.40.1 has the WAL-reset bug")
NOW, LATER = "2016-12-10T00:00:00Z", "2016-12-11T00:00:00Z"
URL = "https://a.example/1"
ALICE = Author(platform="web", handle="a.example", name="Alice", followers=3)


def post(url=URL, **changes):
    values = {
        "key": url, "url": url, "kind": "article", "platform": "web", "host": "a.example", "author": ALICE,
        "title": "Title", "text": "The text.", "language": "en", "links": ("https://b.example/2",),
        "published": When(at=datetime(2016, 12, 2, tzinfo=UTC), precision="day", origin="feed"),
    }  # fmt: skip
    return Post(**values | changes)


def wanted(number):
    url = f"https://h{number}.example/"
    return frontier.Wanted(source="s", fingerprint=str(number), url=url, host=f"h{number}.example")


TIE = dict.fromkeys(judgements.TIE_COLUMNS) | {"counted": 1, "incentivised": 1, "reasons": "[]", "decided_by": "rules"}
LABEL = dict.fromkeys(judgements.LABEL_COLUMNS) | {
    "side": "media", "kind": "media", "attendance": "none", "decided_by": "rules",
}  # fmt: skip
EVIDENCE = (1, "r1", "g", "media", 3.0, "words", URL, "v1")
DECISION = {"event": "meetup", "author_id": 1, "post_id": 1, "value": "v", "posterior": 0.9, "rules_version": "v",
            "config_hash": "c", "at": NOW}  # fmt: skip


ALICE_SUBJECT = Subject(accounts=(("web", "a.example"),))


def alice_found(conn):
    return look(conn, ALICE_SUBJECT)


REPORT = Report(
    name="Meetup", city="", metrics=(), items=(),
    frame=Frame(event="meetup", starts=datetime(2016, 12, 2, tzinfo=UTC), ends=datetime(2016, 12, 2, tzinfo=UTC),
                window=(datetime(2016, 12, 2, tzinfo=UTC), datetime(2016, 12, 30, tzinfo=UTC)), timezone="UTC",
                venue_timezone="UTC", as_of=datetime(2017, 1, 2, tzinfo=UTC), rules="r", recipe="abc",
                media_outlets=None),
)  # fmt: skip


# Arguments by name, by `module.function.name` where one name means several things. A function makes its value from
# a sound connection.
SAMPLES = {
    "event": "meetup", "slug": "meetup", "source": "s", "run_id": 1, "now": NOW, "holder": "me", "until": LATER,
    "alive": lambda _: (lambda holder: False), "row_id": 1, "row_ids": [2], "host": "h2.example", "reason": "ok",
    "state": "done", "not_before": LATER, "url": URL, "since": "2016-01-01T00:00:00Z", "page": "words", "key": "k",
    "author_id": 1, "post_id": 1, "reference": URL, "day": "2016-12-12", "month": "2016-12", "name": "usd",
    "amount": 1.5, "query": "q", "cursor": "7", "status": "ok", "exit_code": 0, "command": "crawl", "payload": "{}",
    "fed_by": "", "horizon_days": 3, "platforms": "[]", "contributes": "", "text": "text", "events": ["meetup"],
    "limit": 5, "unreadable": 1, "charset": "utf-8", "references": [URL], "subject": Subject(keys=(URL,)),
    "wanted": [wanted(9)], "pages": [("h.example", URL)], "links": {}, "rules": "v1",
    "as_of": datetime(2016, 12, 20, tzinfo=UTC), "dropped": Rejected(url=URL, reason="no_date"),
    "counts": Attendance(source="s", registered=9), "reaction": Reaction(url=URL, name="likes", value=5),
    "edge": Edge(type="link", target="https://c.example/", source=URL), "author": Author(platform="x", handle="bob"),
    "series.editions_named.name": "meetup",
    "actor": 1, "src": 1, "dst": "https://d.example/", "at": NOW, "kind": "link", "total": 1,
    "tell": lambda _: (lambda *told: None),
    "copies": [archive.Copy("k2", URL, 200, "[]", b"body", False, NOW)],
    "values": [("post", URL)], "why": "asked",
    "posts.save_post.post": post(text="Another text.", title="Another title"),
    "posts.insert_row.columns": posts.columns_of(post("https://a.example/9"), 1, 3) | {"first_seen_at": NOW},
    "posts.update_row.old": lambda conn: dict(conn.execute("SELECT * FROM posts WHERE id = 1").fetchone()),
    "posts.update_row.new": posts.columns_of(post(text="Another text."), 1, 3),
    "tombstones.remember.key": b"k" * 32, "tombstones.lift.key": b"k" * 32,
    "events.save_event.event": load(EVENT.replace("names", 'city = "Osaka"\nnames'), "e.toml"),
    "judgements.append_decisions.rows": [DECISION], "judgements.drop_labels.authors": [1],
    "judgements.save_days.days": {1: "2016-12-02"}, "judgements.save_evidence.found": {1: [EVIDENCE]},
    "judgements.save_labels.rows": {1: LABEL}, "judgements.save_relations.rows": [("copy", None, 1)],
    "judgements.save_stories.stories": {1: [1, 2]}, "judgements.save_stories.alone": [],
    "judgements.save_targets.found": {"https://b.example/2": 1}, "judgements.save_ties.rows": {1: TIE},
    "frontier.finish.row_id": 2, "frontier.unarchived.row_id": 2, "frontier.postpone.row_id": 2,
    "kpis.save_kpi.kpi": Typed(name="members", value=5.0, as_of="2016-12-03"),
    "judgement_rows.authors_of.ids": [1], "trail.history.author_id": 1, "trail.history.post_id": None,
    "kpis.remove_kpi.name": "seats", "kpis.remove_kpi.as_of": "2016-12-03",
    "moment": NOW, "predicted": "media", "truth": "participant", "auditor": "aoi",
    "rows.upsert.table": "kpis", "rows.upsert.keys": ("event", "name", "as_of"),
    "rows.upsert.values": {"event": "meetup", "name": "n", "value": 1.0, "as_of": NOW},
    "erase.count.found": alice_found, "erase.erase.found": alice_found, "erase_text.clean.found": alice_found,
    "hosts.answered.host": "h3.example", "hosts.hold.host": "new.example",
    "tombstones.remember.values": [("post", "https://z.example/")], "tombstones.lift.kind": "post",
    "archive.delete.keys": ["k"], "archive.delete_older.until": LATER, "retention.expired.limits": {"meetup": LATER},
    "retention.keep_counts.posts": [1], "known.refreshed.keys": [URL],
    "hosts.cap_rests.latest": NOW, "horizon": LATER, "platform": "web",
    "before": LATER, "mark": "edited", "standing.withdraw.key": URL, "standing.confirm.key": URL,
    "standing.confirm.post": post(text="Edited."), "standing.unmark.keys": [URL], "standing.clear.source": "s",
    "posts.save_edges.post": post(links=("https://e.example/",)), "runs.reset_cursor.query": "",
    "about": About(event="meetup", key="web:a.example", author_id=1), "fields": {"kind": "media"}, "field": "counted",
    "overrides.release.about": About(event="meetup", key="https://a.example/2", post_id=2),
    "people.accounts.only": [1], "merges.merge.one": 1, "merges.merge.other": 2, "merges.refuse.one": 1,
    "merges.refuse.other": 3, "merges.split.author": 4, "merges.reopen.one": 2, "merges.reopen.other": 3,
    "merges.keys_of.authors": [1], "merges.merge.word": Word(at=NOW), "merges.refuse.word": Word(at=NOW),
    "number": 1, "report": REPORT, "texts": snapshots.texts_of(REPORT), "snapshots.forget.found": alice_found,
    "subjects.also_known_as.subject": ALICE_SUBJECT, "subjects.reprints.subject": ALICE_SUBJECT,
}  # fmt: skip
# Not tried one by one: they copy or rewrite whole files, ask SQLite alone, read nothing yet, or are parts of Intake,
# which is tried.
LEFT_OUT = {
    "backup.file_of",
    "erase.reapply",
    "backup.backup", "backup.copy", "erase.rewrite", "erase.empty_log", "upgrade.upgrade", "upgrade.mend_search",
    "exchange.contents.begin", "exchange.contents.finish", "exchange.places.begin", "exchange.places.remember",
    "items.shelf_of", "connection.check_application",
}  # fmt: skip
# They begin and end a transaction themselves.
OWN = {
    "archive.save", "archive.delete", "archive.delete_older", "archive.load", "archive.walk", "connection.write_tx",
    "open.checkpoint",
}  # fmt: skip
# What checks a database tells of damage instead of raising it.
CHECKS = {"soundness.content", "soundness.pages", "soundness.references"}
KINDS = {"DROP", "CREATE", "INSERT", "UPDATE", "DELETE"}


def public_functions():
    for found in pkgutil.walk_packages(harvester.store.__path__, "harvester.store."):
        module = importlib.import_module(found.name)
        place = found.name.removeprefix("harvester.store.")
        for name, function in sorted(vars(module).items()):
            bare = inspect.unwrap(function) if callable(function) else None
            if name.startswith("_") or not inspect.isfunction(bare) or bare.__module__ != found.name:
                continue
            if next(iter(inspect.signature(function).parameters), "") == "conn" and f"{place}.{name}" not in LEFT_OUT:
                yield f"{place}.{name}", function


def load_in_bulk(conn):
    with bulk.Loader(conn, event="meetup", source="csv", run_id=1, now=NOW) as loader:
        loader.add(post("https://a.example/8"))


def index_again(conn):
    bulk.drop_indexes(conn)
    bulk.rebuild_indexes(conn)


def take_records(conn):
    intake = Intake(conn, event="meetup", now=NOW)
    intake.take({"type": "author", "author": "x:carol", "platform": "x", "handle": "carol", "name": "Carol"})
    intake.finish()


FUNCTIONS = dict(public_functions()) | {
    "bulk.Loader": load_in_bulk, "bulk.rebuild_indexes": index_again, "exchange.read.Intake": take_records,
}  # fmt: skip


def call(name, conn, arguments):
    """Run a function to its end: generators are read, and a `with` block asks for something inside."""
    made = FUNCTIONS[name](conn, **arguments)
    if inspect.isgenerator(made):
        list(made)
    elif isinstance(made, contextlib.AbstractContextManager) and not isinstance(made, Path):
        with made:
            conn.execute("SELECT count(*) FROM posts").fetchone()


def arguments_of(name, conn):
    needed = list(inspect.signature(FUNCTIONS[name]).parameters.values())[1:]
    made = {}
    for one in needed:
        if one.default is one.empty and one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL):
            known = f"{name}.{one.name}" if f"{name}.{one.name}" in SAMPLES else one.name
            assert known in SAMPLES, f"{name} takes {one.name}: give SAMPLES a value for it"
            made[one.name] = SAMPLES[known](conn) if callable(SAMPLES[known]) else SAMPLES[known]
    return made


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """Databases with a row of most kinds, in rollback mode: there a writer keeps readers out too."""
    folder = tmp_path_factory.mktemp("sound")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "sqlite_version", "3.40.1")
        patch.setattr(archive, "wal_is_safe", lambda version: False)
        with closing(open_db(folder / "h.db", "create")) as conn, write_tx(conn):
            fill(conn)
        with closing(archive.open_archive(folder / "h.archive")) as conn:
            archive.save(conn, [archive.Copy("k", URL, 200, "[]", b"body " * 2000, False, NOW)])
        yield folder


def fill(conn):
    posts_save = {"event": "meetup", "source": "s", "run_id": 1, "now": NOW}
    save_event(conn, load(EVENT, "e.toml"))
    runs.start_run(conn, "crawl", "meetup", now=NOW)
    runs.save_source(conn, 1, "s", event="meetup", status="ok")
    for number in (1, 2):
        posts.save_post(conn, post(f"https://a.example/{number}"), **posts_save)
    judgements.save_labels(conn, "meetup", {1: LABEL | {"side": "unknown"}})
    frontier.add(conn, "meetup", [wanted(number) for number in (1, 2, 3)], run_id=1, now=NOW)
    frontier.lease(conn, "meetup", "s", run_id=1, holder="me", now=NOW, until=LATER, limit=3)
    frontier.add(conn, "meetup", [wanted(4)], run_id=1, now=NOW)
    tombstones.remember(conn, b"k" * 32, [("post", URL)], now=NOW, kind="post")
    posts.save_rejected(conn, Rejected(url=URL, reason="r"), event="meetup", source="s", run_id=1, now=NOW)
    runs.set_cursor(conn, "s", "meetup", "", "1", now=NOW)
    posts.save_edge(conn, Edge(type="lead", target="https://a.example/2"), event="meetup", now=NOW)
    kpis.save_kpi(conn, "meetup", Typed(name="seats", value=40.0, as_of="2016-12-03"))
    snapshots.save(conn, replace(REPORT, name="Earlier"))
    audits.save_answer(conn, "meetup", 1, predicted="media", truth="media", auditor="", at="2016-12-20T00:00:00Z")
    words = ((1, None, "kind", "vendor"), (None, 2, "counted", "yes"), (None, 2, "counted", "withdrawn"))
    sql = "INSERT INTO overrides (event, author_id, post_id, field, value, at) VALUES ('meetup', ?, ?, ?, ?, ?)"
    conn.executemany(sql, [(*word, NOW) for word in words])
    conn.execute("UPDATE event_posts SET decided_by = 'human' WHERE post_id = 2")
    more = [(number, "x", f"u{number}") for number in (2, 3, 4, 5)]
    conn.executemany("INSERT INTO authors (id, platform, handle) VALUES (?, ?, ?)", more)
    merges.refuse(conn, 2, 3, Word(at=NOW))
    merges.merge(conn, 4, 5, Word(at=NOW))
    conn.execute("UPDATE posts SET availability = 'edited' WHERE id = 1")
    conn.execute("UPDATE hosts SET strikes = 2, not_before = '2017-01-01T00:00:00Z' WHERE host = 'h3.example'")


@pytest.fixture
def copy(sound, tmp_path):
    """A fresh copy of the file that a function works on, and how it is opened."""

    def make(name, mode="rw"):
        file = "h.archive" if name.startswith("archive.") else "h.db"
        shutil.copy(sound / file, tmp_path / file)
        if file == "h.archive":
            return tmp_path / file, archive.open_archive(tmp_path / file)
        secret.make_key(secret.key_path(tmp_path / file))
        return tmp_path / file, open_db(tmp_path / file, mode, busy_timeout_ms=1)

    return make


def watched(name, conn, arguments):
    """What a function does to a sound database: whether it asks a table, and whether it changes anything."""
    statements = []
    before = conn.total_changes
    conn.set_trace_callback(statements.append)
    with contextlib.nullcontext() if name in OWN else write_tx(conn):
        call(name, conn, arguments)
    conn.set_trace_callback(None)
    words = [match[0].upper() for line in statements if (match := re.match(r"\w+", line.lstrip()))]
    asked = [word for word in words if word not in ("PRAGMA", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")]
    told_to = (KINDS if name not in OWN else KINDS | {"BEGIN"}).intersection(words)
    changed = conn.total_changes > before or bool(told_to & {"DROP", "CREATE"})
    assert asked or "PRAGMA" in words, f"{name} asks the database nothing: {statements}"
    assert changed or not KINDS.intersection(words), f"the sample of {name} changes nothing: {statements}"
    return SimpleNamespace(asks=bool(asked), told_to_write=bool(told_to), writes=changed)


def meets(error, *, surely):
    """What a call must raise; one that asks only for a PRAGMA may raise an error of ours, and none other."""
    return pytest.raises(error) if surely else contextlib.suppress(StorageError)


@contextlib.contextmanager
def no_room():
    """No file of this process can grow: writes fail as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    assert signal.getsignal(signal.SIGXFSZ) == signal.SIG_IGN
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def damage(path):
    """Every page but the first becomes noise, and SQLite is told that the file has changed."""
    broken = bytearray(path.read_bytes())
    broken[4096:] = b"\xa5" * (len(broken) - 4096)
    broken[24:28] = (int.from_bytes(broken[24:28], "big") + 1).to_bytes(4, "big")
    path.write_bytes(broken)


@pytest.mark.case("S5")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_s5_every_function_of_the_store_names_what_is_wrong(copy, name):
    path, conn = copy(name)
    with closing(conn):
        does = watched(name, conn, arguments_of(name, conn))

    path, conn = copy(name)
    with closing(conn):
        arguments = arguments_of(name, conn)
        with closing(sqlite3.connect(str(path), isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            conn.execute("PRAGMA busy_timeout=1")
            with meets(StorageBusy, surely=does.asks):
                call(name, conn, arguments)

    path, conn = copy(name)
    with closing(conn):
        arguments = arguments_of(name, conn)
        inside = contextlib.nullcontext() if name in OWN or not does.writes else write_tx(conn)
        reads = contextlib.nullcontext() if does.asks else contextlib.suppress(StorageError)
        with pytest.raises(DiskFull) if does.writes else reads, no_room(), inside:
            call(name, conn, arguments)

    if not name.startswith("archive."):
        path, conn = copy(name)
        with closing(conn):
            arguments = arguments_of(name, conn)
        with closing(open_db(path, "ro")) as conn, meets(Unopenable, surely=does.told_to_write):
            call(name, conn, arguments)

    path, conn = copy(name)
    with closing(conn):
        arguments = arguments_of(name, conn)
        damage(path)
        with meets(Damaged, surely=does.asks and name not in CHECKS):
            call(name, conn, arguments)


@pytest.mark.case("S5")
@pytest.mark.parametrize("door", [open_db, open_as_is, archive.open_archive])
def test_s5_opening_names_what_is_wrong(sound, tmp_path, door):
    path = tmp_path / "h"
    source = sound / ("h.archive" if door is archive.open_archive else "h.db")
    shutil.copy(source, path)
    with closing(sqlite3.connect(str(path), isolation_level=None)) as other, pytest.MonkeyPatch.context() as p:
        p.setattr(archive, "BUSY_TIMEOUT_MS", 1)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageBusy):
            door(path, **({} if door is archive.open_archive else {"busy_timeout_ms": 1}))
    (tmp_path / "noise").write_bytes(b"SQLite format 3 it is not" * 400)
    with pytest.raises(ForeignDatabase):
        door(tmp_path / "noise")
    broken = bytearray(source.read_bytes())
    broken[100:4096] = b"\xa5" * 3996
    path.write_bytes(broken)
    with pytest.raises(StorageError) as caught:
        door(path)
    assert caught.value.exit_code == 70
    if door is not open_as_is:  # it makes no file
        with pytest.raises(DiskFull), no_room():
            door(*[tmp_path / "new.db", "create"][: 1 if door is archive.open_archive else 2])


@pytest.mark.case("S5")
def test_s5_an_error_that_is_no_fault_of_the_file_stays_the_drivers(sound, tmp_path):
    shutil.copy(sound / "h.db", tmp_path / "h.db")
    with closing(open_db(tmp_path / "h.db")) as conn:
        for statement in (
            "SELECT json_extract('{', '$.a')",
            "INSERT INTO runs (id) VALUES (1)",
            "SELECT 1 FROM locked",
        ):
            with pytest.raises(conn.DatabaseError) as caught:
                conn.execute(statement)
            assert not isinstance(caught.value, StorageError), statement
