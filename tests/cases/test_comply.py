"""P5: what is deleted, protected or edited at X is followed; without an answer nothing is touched."""

import json
import os
import subprocess
import sys
import zlib
from contextlib import closing
from urllib.parse import parse_qs, urlsplit

import pytest

from harvester.crawl.x_comply import BATCH, XComply
from harvester.demo.build import build
from harvester.demo.server import Server as Demo
from harvester.demo.world import BEARER
from harvester.model import DraftAuthor
from harvester.store import archive, events
from harvester.store.connection import write_tx
from harvester.store.open import open_db
from tests.cases.erasing import NOW, events_load, left, rows, save, seeded
from tests.crawling import EVENT, ROOT
from tests.servers import Answer, as_json, html, serving
from tests.test_replica import SMALL

TOKEN = "zZ9-demo-token-of-the-test"
IDS = {name: str(1_800_000_000_000_000_000 + n) for n, name in enumerate(
    ("stands", "deleted", "suspended", "protected", "edited", "revised", "silent")
)}  # fmt: skip
REVISED = "1800000000000000999"


@pytest.fixture
def stored(harvest):
    """Posts that were seen to stand long ago, in every place that may keep them."""
    seeded(harvest.db)
    with closing(open_db(harvest.db)) as conn, write_tx(conn):
        conn.execute("DELETE FROM posts WHERE platform = 'x'")
        conn.execute("DELETE FROM authors WHERE platform = 'x'")
        event = events.load_event(conn, "meetup")
        for name, number in IDS.items():
            save(conn, event, native_id=number, platform="x", url=f"https://x.com/u_{name}/status/{number}",
                 text=f"w_{name} at the meetup", raw=json.dumps({"raw": f"w_{name}_raw"}),
                 author=DraftAuthor(platform="x", handle=f"u_{name}", name=f"Name {name}", bio=f"w_{name}_bio"),
                 )  # fmt: skip
        items = json.dumps([{"key": f"x:{number}", "title": f"s_{name}"} for name, number in IDS.items()])
        conn.execute(
            "INSERT INTO snapshots (event, taken_at, recipe, numbers, items) VALUES ('meetup', '2026', 'r', '{}', ?)",
            (items,),
        )
        conn.execute("UPDATE runs SET ended_at = started_at, status = 'ok'")
    with closing(archive.open_archive(f"{harvest.db}.archive")) as conn:
        pages = {name: json.dumps({"data": [{"id": n, "text": f"w_{name}"}]}).encode() for name, n in IDS.items()}
        archive.save(
            conn,
            [archive.Copy(name, f"https://api.x.com/2/tweets/search/all?query={name}", 200, "[]", zlib.compress(body),
                          True, NOW) for name, body in pages.items()],
        )  # fmt: skip
    assert harvest("backup") == 0
    return harvest


def comply(db, address, *options, token=TOKEN):
    """`harvest comply x` as its users run it."""
    command = [sys.executable, "-m", "harvester.cli", "comply", "x", "--db", str(db), "--connect-to", address, *options]
    environment = {name: value for name, value in os.environ.items() if name != "X_BEARER_TOKEN"}
    environment |= {"X_BEARER_TOKEN": token} if token else {}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)


def post(number, text, author, **more):
    return {"id": number, "text": text, "author_id": author, "created_at": "2016-12-02T00:00:00.000Z",
            "edit_history_tweet_ids": [number], **more}  # fmt: skip


def user(number, name, **more):
    return {"id": number, "username": f"u_{name}", "name": f"Name {name}", **more}


def problem(number, kind, title):
    return {"resource_id": number, "resource_type": "tweet", "parameter": "ids", "value": number, "title": title,
            "detail": "…", "type": f"https://api.x.com/2/problems/{kind}"}  # fmt: skip


def lookup(seen):
    """X as it is today."""
    asked = parse_qs(urlsplit(seen.target).query)["ids"][0].split(",")
    if asked == [REVISED]:
        return as_json({
            "data": [post(REVISED, "w_new_revision", "6", edit_history_tweet_ids=[IDS["revised"], REVISED])],
            "includes": {"users": [user("6", "revised")]},
        })  # fmt: skip
    if asked == [IDS["silent"]]:
        return as_json({"data": []})
    assert set(asked) == set(IDS.values())
    return as_json({
        "data": [
            post(IDS["stands"], "w_stands at the meetup", "1", public_metrics={"like_count": 5}),
            post(IDS["protected"], "w_protected at the meetup", "4"),
            post(IDS["edited"], "w_new_words at the meetup", "5"),
            post(IDS["revised"], "w_revised at the meetup", "6", edit_history_tweet_ids=[IDS["revised"], REVISED]),
        ],
        "includes": {"users": [user("1", "stands"), user("4", "protected", protected=True), user("5", "edited"),
                               user("6", "revised")]},
        "errors": [
            problem(IDS["deleted"], "resource-not-found", "Not Found Error"),
            problem(IDS["suspended"], "not-authorized-for-resource", "Forbidden"),
            {"resource_id": IDS["stands"], "resource_type": "user", "title": "Not Found Error",
             "type": "https://api.x.com/2/problems/resource-not-found"},
        ],
    })  # fmt: skip


@pytest.mark.case("P5")
def test_p5_what_is_gone_goes_everywhere_and_what_was_edited_is_replaced(stored, tmp_path):
    folder, gone = stored.db.parent, ("deleted", "suspended", "protected")
    words = [f"w_{name}{part}" for name in gone for part in ("", "_raw", "_bio")]
    words += [f"{part}{name}" for name in gone for part in ("name ", "s_")]
    old = ["w_edited", "w_edited_raw", "w_revised_raw"]
    marks = rows(stored.db, "SELECT * FROM checkpoints")
    assert len(left(folder, [*words, *old])) == len([*words, *old])
    with serving({("api.x.com", "/2/tweets"): lookup}) as server:
        done = comply(stored.db, server.address, "--json")
        assert done.returncode == 1, done.stderr  # X said nothing about one of them
        told = json.loads(done.stdout)
        assert {seen.headers["authorization"] for seen in server.hits()} == {f"Bearer {TOKEN}"}
        assert all(len(f"https://api.x.com{seen.target}") <= 2048 for seen in server.hits())
        server.forget()
        again = comply(stored.db, server.address, "--json")
        ids = [parse_qs(urlsplit(seen.target).query)["ids"] for seen in server.hits()]
    assert ids == [[IDS["silent"]]], "the others stand for a day"
    assert json.loads(again.stdout)["checked"] == 0
    expected = {"checked": 6, "gone": 3, "edited": 2, "unanswered": 1, "left": 0, "usd": 0.075}
    assert {name: told[name] for name in expected} == expected
    assert left(folder, words) == []
    found = dict(rows(stored.db, "SELECT key, text FROM posts WHERE platform = 'x'"))
    assert found == {
        f"x:{IDS['stands']}": "w_stands at the meetup", f"x:{IDS['edited']}": "w_new_words at the meetup",
        f"x:{IDS['revised']}": "w_new_revision", f"x:{IDS['silent']}": "w_silent at the meetup",
    }  # fmt: skip
    database = stored.db.read_bytes().lower()
    assert not [word for word in old if f"{word} ".encode() in database or f'{word}"'.encode() in database]
    with closing(archive.open_archive(f"{stored.db}.archive")) as conn:
        assert {copy.key for copy in archive.walk(conn)} == {"stands", "silent"}
    kept = "SELECT 1 FROM posts_fts WHERE posts_fts MATCH ?"
    assert [bool(rows(stored.db, kept, f'"{w}"')) for w in ("w_new_words", "w_edited", "w_deleted")] == [
        True,
        False,
        False,
    ]
    ((items,),) = rows(stored.db, "SELECT items FROM snapshots")
    assert {item["key"] for item in json.loads(items)} == set(found)
    assert rows(stored.db, "SELECT name, value FROM reactions") == [("like", 5)]
    assert rows(stored.db, "SELECT DISTINCT kind FROM tombstones") == [("gone",)]
    assert rows(stored.db, "SELECT count(*) FROM frontier") == [(0,)]
    assert rows(stored.db, "SELECT * FROM checkpoints") == marks
    assert rows(stored.db, "SELECT DISTINCT availability FROM posts") == [("ok",)]
    old_export = tmp_path / "old.jsonl"
    old_export.write_text(json.dumps({"data": post(IDS["deleted"], "w_deleted at the meetup", "2")}))
    assert stored("import", "meetup", old_export, "--json") == 0
    assert json.loads(stored.out)["files"][0]["rejected"] == {"gone": 1}
    assert left(folder, words) == []


@pytest.mark.parametrize(
    ("answer", "code", "reason"),
    [
        (Answer(b"", 503), 69, "put off by busy hosts"),
        (Answer(b"", 429, {"x-rate-limit-reset": "4102444800"}), 69, "put off by busy hosts"),
        (as_json({"title": "Unauthorized", "status": 401}, 401), 77, "refused our key"),
        (as_json({"title": "Credits depleted"}, 402), 69, "budget"),
        (as_json({"title": "Invalid Request", "detail": "bad ids"}, 400), 69, "answered with an error"),
        (as_json({"errors": [{"title": "Service Unavailable", "detail": "try later"}]}), 69, "answered with an error"),
        (as_json({"errors": [problem(IDS["deleted"], "unavailable", "Over capacity")]}), 69, "answered with an error"),
        (as_json({"data": "no list"}), 69, "could not be read"),
        (html("<title>Something went wrong</title>"), 69, "could not be read"),
    ],
    ids=["503", "429", "401", "402", "400", "200-errors", "200-other-error", "200-shape", "200-html"],
)  # fmt: skip
@pytest.mark.case("P5")
def test_p5_without_an_answer_nothing_is_erased(stored, answer, code, reason):
    before = rows(stored.db, "SELECT key, text, checked_at FROM posts ORDER BY key")
    with serving({("api.x.com", "/2/tweets"): answer}) as server:
        done = comply(stored.db, server.address)
        assert len(server.hits()) == 1
    assert done.returncode == code, done
    assert reason in done.stdout
    assert rows(stored.db, "SELECT key, text, checked_at FROM posts ORDER BY key") == before
    assert len(left(stored.db.parent, [f"w_{name}_raw" for name in IDS])) == len(IDS)
    assert rows(stored.db, "SELECT count(*) FROM tombstones") == [(0,)]


@pytest.mark.case("P5")
def test_p5_without_a_key_nobody_is_asked(stored):
    with serving({}) as server:
        done = comply(stored.db, server.address, token="")
        assert (done.returncode, server.connections) == (2, 0)
    assert "X_BEARER_TOKEN is not set" in done.stderr


@pytest.mark.case("P5")
def test_p5_a_dry_run_tells_requests_and_cost(stored):
    with closing(open_db(stored.db)) as conn, write_tx(conn):
        event = events.load_event(conn, "meetup")
        for n in range(200):
            save(conn, event, native_id=str(10**18 + n), platform="x", url=f"https://x.com/many/status/{10**18 + n}",
                 text="one of many", author=DraftAuthor(platform="x", handle="many"))  # fmt: skip
    assert stored("comply", "x", "--dry-run", "--json") == 0
    told = json.loads(stored.out)
    assert told == {"posts": 207, "requests": -(-207 // BATCH), "max_usd": 207 * 0.005 + 8 * 0.01, "left": 0}
    assert stored("comply", "x", "--dry-run", "--max-usd", "0.05") == 0
    assert "3 posts" in stored.out
    assert "204 posts for which the money does not reach" in stored.out
    assert stored("comply", "x", "--dry-run", "--hours", "1000000") == 0
    assert "0 posts" in stored.out


@pytest.mark.case("P5")
def test_p5_what_a_killed_check_had_learnt_is_erased_by_the_next(stored):
    with closing(open_db(stored.db)) as conn, write_tx(conn):
        conn.execute("UPDATE posts SET checked_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now')")
        conn.execute("UPDATE posts SET availability = 'withdrawn' WHERE text LIKE 'w_deleted%'")
    with serving({}) as server:
        done = comply(stored.db, server.address)
        assert server.hits() == []
    assert done.returncode == 0, done
    assert "1 gone and erased" in done.stdout
    assert left(stored.db.parent, ["w_deleted", "w_deleted_raw"]) == []


@pytest.mark.case("P5")
def test_p5_the_replica_answers_lookups_and_a_report_lists_no_check(harvest):
    world = build(7, SMALL)
    seeded(harvest.db)
    tweet = world.tweets[0]
    with closing(open_db(harvest.db)) as conn, write_tx(conn):
        event = events.load_event(conn, "meetup")
        for number in (tweet.id, "1"):
            save(conn, event, native_id=number, platform="x", url=f"https://x.com/i/status/{number}", text="old",
                 author=DraftAuthor(platform="x", handle="somebody"))  # fmt: skip
    with Demo(world) as server:
        done = comply(harvest.db, server.address, "--json", token=BEARER)
    assert done.returncode == 0, done
    told = json.loads(done.stdout)
    assert (told["checked"], told["gone"], told["edited"]) == (4, 3, 1)
    assert rows(harvest.db, "SELECT text FROM posts WHERE platform = 'x'") == [(tweet.text,)]
    assert harvest("report", "meetup") == 0
    assert "x-comply" not in harvest.out


@pytest.mark.parametrize("naming", ["tweet", "post"])
def test_an_address_can_name_a_whole_batch(naming):
    source = XComply("meetup")
    source.event = events_load(EVENT + f'[source.x]\nnaming = "{naming}"\n')
    request = source.lookup({str(10**18 * 9 + n): "1" for n in range(BATCH)})
    assert len(request.url) <= 2048
    assert request.meta["dont_cache"]
