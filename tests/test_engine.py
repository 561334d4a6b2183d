"""The engine of a crawl, end to end: real SQLite, real Scrapy in a process of its own, a server on 127.0.0.1."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harvester.crawl import lock
from tests.engine import ROOT, Engine
from tests.servers import Answer, Seen, Server, as_json, html, redirect, serving


@pytest.fixture
def server():
    with serving() as running:
        yield running


@pytest.fixture
def engine(tmp_path: Path, server: Server) -> Engine:
    return Engine(tmp_path / "harvest.db", server.address)


def draft(name: str, host: str = "a.example", **fields):
    return {
        "url": f"http://{host}/post/{name}",
        "title": f"MyConf {name}",
        "text": "読んだ",
        "kind": "article",
        **fields,
    }


def tree(size: int, delay: float = 0.0):
    """Pages 0 … size-1, page n leads to 2n+1 and 2n+2; each holds a draft of its own and one all share."""

    def page(seen: Seen) -> Answer:
        number = int(seen.query["n"])
        below = [f"http://h{n % 5}.example/p?n={n}" for n in (2 * number + 1, 2 * number + 2) if n < size]
        told = as_json({"drafts": [draft(f"{number:03}"), draft("shared")], "next": below})
        return Answer(told.body, told.status, told.headers, delay=delay)

    return page


def wait_for(server: Server, child: subprocess.Popen[str], requests: int) -> None:
    """Until the server has seen so many requests (or the child is gone)."""
    while len(server.seen) < requests and child.poll() is None:
        time.sleep(0.005)


@pytest.mark.case("N6")
@pytest.mark.case("C6")
def test_a_second_crawl_asks_conditionally_and_adds_nothing(engine: Engine, server: Server):
    def page(seen: Seen) -> Answer:
        if seen.headers.get("if-none-match") == '"v1"':
            return Answer(b"", 304, {"ETag": '"v1"'})
        return as_json({"drafts": [draft("1"), draft("2")], "cursor": "2"}, ETag='"v1"')

    server.routes["/p"] = page
    engine.event("http://a.example/p")
    assert engine.crawl()[0] == 0
    ledger = {"status": "ok", "reason": "", "found": 2, "new": 2, "requests": 1, "errors": 0, "truncated": 0}
    assert engine.ledger() == ledger | {"returned": None}
    assert engine.ledger(query="all")["returned"] == 2
    first = engine.dump()
    assert engine.crawl()[0] == 0
    assert [seen.headers.get("if-none-match") for seen in server.seen] == [None, '"v1"']
    assert engine.ledger()["found"] == 2
    assert engine.ledger()["new"] == 0
    second = engine.dump()
    assert second.pop("frontier") == [(*row[:-1], "not_modified") for row in first.pop("frontier")]
    assert second == first
    assert engine.rows("SELECT count(*) FROM sightings") == [(4,)]


@pytest.mark.crash
def test_killed_at_any_moment_the_next_runs_make_it_whole(tmp_path: Path, server: Server):
    server.routes["/p"] = tree(60, delay=0.02)
    whole = Engine(tmp_path / "whole.db", server.address)
    whole.event("http://h0.example/p?n=0", max_depth=0)
    assert whole.crawl()[0] == 0
    engine = Engine(tmp_path / "killed.db", server.address)
    engine.event("http://h0.example/p?n=0", max_depth=0)
    seed = random.randrange(1000)
    print("seed", seed)
    moments = random.Random(seed)
    server.forget()
    for _ in range(8):
        engine.new_run()
        child = engine.start()
        wait_for(server, child, len(server.seen) + moments.randrange(1, 8))
        time.sleep(moments.uniform(0, 0.03))
        assert child.poll() is None
        engine.kill(child)
        assert engine.rows("PRAGMA integrity_check") == [("ok",)]
    assert engine.crawl()[0] == 0
    assert engine.dump() == whole.dump()
    assert len(engine.titles()) == 61
    assert len(server.seen) <= 60 + 8 * 2 * 8  # what was under way at a kill is asked for again, no more


@pytest.mark.crash
def test_a_cursor_is_never_ahead_of_what_it_covers(engine: Engine, server: Server):
    def page(seen: Seen) -> Answer:
        number = int(seen.query["n"])
        return as_json(
            {
                "drafts": [draft(f"{number:03}")],
                "cursor": str(number + 1),
                "next": [f"http://a.example/p?n={number + 1}"],
            }
        )

    server.routes["/p"] = page
    engine.event("http://a.example/p?n=0")
    moments = random.Random(7)
    seen = 0
    for _ in range(3):
        engine.new_run()
        child = engine.start()
        wait_for(server, child, len(server.seen) + moments.randrange(5, 15))
        engine.kill(child)
        ((posts,),) = engine.rows("SELECT count(*) FROM posts")
        # Equal while the walk goes on; the first page, read again in each run, sets it back for a moment.
        ((cursor,),) = engine.rows("SELECT ifnull(max(cast(cursor AS INTEGER)), 0) FROM checkpoints")
        assert cursor in (posts, 1)
        seen = max(seen, posts)
    assert seen > 3


def test_a_write_that_fails_leaves_its_page_to_do(engine: Engine, server: Server):
    pages = {f"/{name}": as_json({"drafts": [draft(name)]}) for name in ("one", "two", "three")}
    server.routes |= pages
    engine.event(*(f"http://a.example{path}" for path in pages))
    engine.write(
        "CREATE TRIGGER broken BEFORE INSERT ON posts WHEN new.title LIKE '%two%' "
        "BEGIN SELECT RAISE(ABORT, 'the disk is odd'); END"
    )
    code, said = engine.crawl()
    assert code == 1
    assert "the disk is odd" in said
    assert engine.titles() == ["MyConf one", "MyConf three"]
    assert engine.states()["/two"][0] == "todo"
    assert len(server.hits("/two")) == 1
    assert engine.ledger()["errors"] == 1
    assert engine.ledger()["status"] == "partial"
    engine.write("DROP TRIGGER broken")
    assert engine.crawl()[0] == 0
    assert engine.titles() == ["MyConf one", "MyConf three", "MyConf two"]
    assert engine.states()["/two"] == ("done", "ok")


@pytest.mark.case("H13")
def test_a_value_no_database_takes_costs_its_draft_only(engine: Engine, server: Server):
    odd = draft("odd", reactions=[["like", 2**63]])
    server.routes["/p"] = as_json({"drafts": [draft("1"), odd, draft("2", title="\ud83d MyConf 2\x00")]})
    engine.event("http://a.example/p")
    assert engine.crawl()[0] == 1
    assert [title.strip(" �") for title in engine.titles()] == ["MyConf 1", "MyConf 2"]
    ((reason, payload),) = engine.rows("SELECT reason, payload FROM quarantine")
    assert reason.startswith("Unstorable")
    assert "http://a.example/post/odd" in payload
    assert engine.states()["/p"] == ("done", "ok")
    assert engine.ledger()["errors"] == 1


def test_a_callback_that_raises_costs_its_page_only(engine: Engine, server: Server):
    server.routes |= {
        "/bad": as_json({"drafts": [draft("bad1"), draft("bad2")], "raise": 1, "cursor": "7"}),
        "/odd": html("<p>kein JSON"),
        "/no": as_json({"drafts": [draft("no")], "refuse": True}),
        "/good": as_json({"drafts": [draft("good")]}),
    }
    engine.event(*(f"http://a.example{path}" for path in ("/bad", "/odd", "/no", "/good")))
    code, said = engine.crawl()
    assert code == 1
    assert engine.titles() == ["MyConf good"]
    assert engine.rows("SELECT * FROM checkpoints") == []
    assert engine.states() == {
        "/bad": ("failed", "callback_error"), "/odd": ("failed", "bad_json"), "/no": ("failed", "not_a_feed"),
        "/good": ("done", "ok"),
    }  # fmt: skip
    ((detail,),) = engine.rows("SELECT detail FROM frontier WHERE reason = 'callback_error'")
    assert detail == "RuntimeError: the callback of http://a.example/bad failed"
    assert said.count("Traceback") == 1
    assert engine.ledger()["errors"] == 3
    assert "1 page that met a fault in the source (callback_error)" in engine.ledger()["reason"]


def test_redirects_and_retries_go_on_under_one_row(engine: Engine, server: Server):
    server.routes |= {
        "/moved": redirect("http://b.example/there"),
        ("b.example", "/there"): as_json({"drafts": [draft("moved")]}),
        "/flaky": [html("try again", 500), as_json({"drafts": [draft("flaky")]})],
        "/broken": html("always", 500),
        "/gone": html("never was", 410),
    }
    engine.event(*(f"http://a.example/{name}" for name in ("moved", "flaky", "broken", "gone")))
    assert engine.crawl()[0] == 1
    good, gone, bad = ("done", "ok"), ("done", "gone"), ("failed", "http_error")
    assert engine.states() == {"/moved": good, "/flaky": good, "/broken": bad, "/gone": gone}
    assert engine.titles() == ["MyConf flaky", "MyConf moved"]
    assert len(server.hits("/broken")) == 2
    assert engine.rows("SELECT max(tries), max(http_status) FROM frontier") == [(1, 500)]
    assert engine.rows("SELECT detail FROM frontier WHERE url LIKE '%moved'") == [("now at http://b.example/there",)]


@pytest.mark.case("H17")
def test_redirects_that_lead_nowhere_end(engine: Engine, server: Server):
    server.routes |= {
        "/self": redirect("/self"),
        "/ping": redirect("/pong"),
        "/pong": redirect("/ping"),
        "/loop": lambda seen: redirect(f"/loop?n={int(seen.query['n']) + 1}"),
        "/inner": redirect("http://169.254.169.254/latest/meta-data"),
        "/file": redirect("file:///etc/passwd"),
        "/good": as_json({"drafts": [draft("good")]}),
    }
    engine.event(*(f"http://a.example/{name}" for name in ("self", "ping", "loop?n=0", "inner", "file", "good")))
    engine.crawl()
    states = engine.states()
    assert states["/self"] == states["/ping"] == states["/loop?n=0"] == ("failed", "redirect_loop")
    assert states["/inner"] == ("refused", "blocked_address")
    assert states["/file"] == ("failed", "http_error")
    assert states["/good"] == ("done", "ok")
    assert len(server.hits("/loop")) == 6
    assert len(server.hits("/self")) == 1
    assert {seen.host for seen in server.seen} == {"a.example"}


def test_a_host_that_says_later_is_left_alone_until_then(engine: Engine, server: Server):
    server.routes |= {
        ("busy.example", "*"): Answer(b"", 429, {"Retry-After": "7200"}),
        ("a.example", "/p"): as_json({"drafts": [draft("1")]}),
    }
    engine.event("http://busy.example/1", "http://busy.example/2", "http://a.example/p")
    assert engine.crawl()[0] == 1
    assert len(server.hits(host="busy.example")) == 1
    assert engine.titles() == ["MyConf 1"]
    assert [state for state, _ in engine.states().values()].count("todo") == 2
    ((not_before, strikes),) = engine.rows("SELECT not_before, strikes FROM hosts WHERE host = 'busy.example'")
    assert not_before > time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 7000))
    assert strikes == 1
    server.forget()
    assert engine.crawl()[0] == 0
    assert server.hits(host="busy.example") == []
    assert f"2 pages wait until {not_before[:10]} {not_before[11:16]} UTC" in engine.ledger()["reason"]
    assert engine.ledger()["truncated"] == 1
    engine.write("UPDATE hosts SET not_before = '2026-01-01T00:00:00Z'")
    server.routes["busy.example", "*"] = as_json({"drafts": [draft("2")]})
    assert engine.crawl()[0] == 0
    assert engine.titles() == ["MyConf 1", "MyConf 2"]
    assert engine.rows("SELECT strikes FROM hosts WHERE host = 'busy.example'") == [(0,)]


def test_offline_heeds_no_host_that_rests_or_is_held(engine: Engine, server: Server):
    server.routes["*"] = as_json({"drafts": [draft("1")]})
    engine.event("http://a.example/1", "http://b.example/2")
    assert engine.crawl()[0] == 0
    engine.write("DELETE FROM posts")
    engine.write("UPDATE hosts SET not_before = '2999-01-01T00:00:00Z', strikes = 3 WHERE host = 'a.example'")
    engine.write(
        "UPDATE hosts SET holder = ?, held_until = '2999-01-01T00:00:00Z' WHERE host = 'b.example'",
        f"{os.getpid()}.1.x",
    )
    server.forget()
    code, said = engine.crawl("pages", "--offline")
    assert code == 0, said
    assert server.connections == 0
    assert engine.titles() == ["MyConf 1"]
    assert engine.ledger()["status"] == "ok"
    assert engine.states() == {"/1": ("done", "ok"), "/2": ("done", "ok")}
    resting = "SELECT not_before, strikes FROM hosts WHERE host = 'a.example'"
    assert engine.rows(resting) == [("2999-01-01T00:00:00Z", 3)]


def test_only_the_host_that_rests_makes_a_source_skipped(engine: Engine, server: Server):
    server.routes["*"] = Answer(b"", 503, {"Retry-After": "600"})
    engine.event("http://busy.example/1")
    engine.crawl()
    server.forget()
    assert engine.crawl()[0] == 0
    assert server.seen == []
    assert engine.ledger()["status"] == "skipped"


def test_a_host_held_by_another_child_is_waited_for(engine: Engine, server: Server):
    server.routes["/p"] = as_json({"drafts": [draft("1")]})
    engine.event("http://a.example/p")
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3))
    engine.write("INSERT INTO hosts (host, holder, held_until) VALUES ('a.example', ?, ?)", f"{os.getpid()}.1.x", until)
    started = time.monotonic()
    assert engine.crawl()[0] == 0
    assert time.monotonic() - started > 2
    assert engine.titles() == ["MyConf 1"]
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], stdout=subprocess.PIPE, check=True)
    engine.write("UPDATE hosts SET holder = ?, held_until = '2999-01-01T00:00:00Z'", f"{int(gone.stdout)}.1.x")
    assert engine.crawl()[0] == 0
    assert len(server.seen) == 2


def test_one_request_per_host_and_several_hosts_at_once(engine: Engine, server: Server):
    server.routes["*"] = Answer(b"{}", delay=0.1)
    engine.event(*(f"http://h{n % 4}.example/{n}" for n in range(24)))
    assert engine.crawl()[0] == 0
    assert set(server.most_at_once.values()) == {1}
    assert server.most_together > 1
    assert len(server.seen) == 24


@pytest.mark.case("H10")
def test_links_are_judged_one_by_one(engine: Engine, server: Server):
    links = ["http://b.example/1", "javascript:void(0)", "http://[::1", "mailto:x", "http://h:99999/", "http://u:p@h/",
             "file:///etc/passwd", "http://2130706433/", "http://[::1]/", "http://b.example/cat.jpg", "http://b.example/2",
             "/relative"]  # fmt: skip
    server.routes |= {"/p": as_json({"drafts": [draft("1", links=links)]}), "*": html("found")}
    engine.event("http://a.example/p")
    code, said = engine.crawl()
    assert code == 0, said
    found = engine.rows("SELECT url, state, reason, depth, found_on FROM frontier WHERE source = 'blog'")
    good = sorted(url for url, state, *_ in found if state == "todo")
    assert good == ["http://a.example/relative", "http://b.example/1", "http://b.example/2"]
    assert {(row[3], row[4]) for row in found} == {(1, "http://a.example/post/1")}
    reasons = [reason for _, state, reason, *_ in found if state == "refused"]
    assert sorted(reasons) == ["bad_link"] * 6 + ["blocked_address"] * 2
    server.forget()
    assert engine.crawl("blog")[0] == 0
    assert sorted(seen.target for seen in server.seen) == ["/1", "/2", "/relative"]


def test_links_of_posts_about_something_else_are_not_followed(engine: Engine, server: Server):
    links = ["http://b.example/1"]
    server.routes["/p"] = as_json({
        "drafts": [draft("1", title="Knitting", text="wool", links=links)], "links": ["http://c.example/asked-for"]
    })  # fmt: skip
    engine.event("http://a.example/p")
    engine.crawl()
    assert engine.rows("SELECT url FROM frontier WHERE source = 'blog'") == [("http://c.example/asked-for",)]


@pytest.mark.case("H16")
def test_links_end_at_the_depth_and_page_budget(engine: Engine, server: Server):
    server.routes |= {"/p": as_json({"links": [f"http://b.example/{name}" for name in "abc"]}), "*": html("found")}
    engine.event("http://a.example/p", max_pages=2)
    assert engine.crawl()[0] == 0
    assert engine.crawl("blog")[0] == 0
    assert engine.ledger("blog")["status"] == "partial"
    assert engine.ledger("blog")["reason"] == "page budget used up"
    assert engine.ledger("blog")["truncated"] == 1
    assert len(server.hits(host="b.example")) == 2
    assert engine.crawl("blog", same_run=True)[0] == 0
    assert len(server.hits(host="b.example")) == 2
    assert engine.crawl("blog")[0] == 0
    assert len(server.hits(host="b.example")) == 3
    other = Engine(engine.db.with_name("deep.db"), server.address)
    other.event("http://a.example/p", max_depth=0)
    other.crawl()
    assert other.rows("SELECT * FROM frontier WHERE source = 'blog'") == []


@pytest.mark.case("H16")
def test_a_site_without_end_ends(engine: Engine, server: Server):
    endless = [f"http://cal.example/{n}/day" for n in range(300)]
    deep = [
        "http://b.example/a/a/a/",
        "http://b.example/?" + "&".join(f"k{n}=1" for n in range(9)),
        "http://b.example/ok",
    ]
    server.routes["/p"] = as_json({"links": endless + deep})
    engine.event("http://a.example/p")
    code, said = engine.crawl("pages", "--log-level", "INFO")
    assert code == 0
    assert engine.rows("SELECT count(*) FROM frontier WHERE host = 'cal.example'") == [(200,)]
    assert engine.rows("SELECT url FROM frontier WHERE host = 'b.example'") == [("http://b.example/ok",)]
    assert said.count("the site makes them up") == 3


def test_secrets_stay_at_their_origin_and_are_written_nowhere(engine: Engine, server: Server, tmp_path: Path):
    token = f"S3cr3t+/{random.getrandbits(64):x}"
    engine.environment["SIGNED_TOKEN"] = token
    server.routes |= {
        "/p": redirect("http://elsewhere.example/q?x=1"),
        "/q": as_json({"drafts": [draft("1")], "next": ["http://api.example/own", "http://api.example/bad"]}),
        "/own": as_json({"drafts": [{"title": "MyConf at the address of its answer", "text": "x"}]}),
        "/bad": as_json({"drafts": [draft("2")], "raise": 1}),
    }
    engine.event("http://api.example/p")
    code, said = engine.crawl("signed", "--log-level", "DEBUG")
    assert code == 1
    at_home, away, *again = server.seen
    assert len(again) == 2
    for seen in (at_home, *again):
        assert seen.headers["authorization"] == f"Bearer {token}"
        assert seen.headers["x-signature"] == token
        assert "key=" in seen.target
    assert not {"authorization", "x-signature", "referer", "cookie"} & set(away.headers)
    assert away.target == "/q?x=1"
    written = said.encode() + b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"http://api.example/p" in written
    for spelling in (token, token.replace("+", "%2B").replace("/", "%2F"), token.replace("+", "%2B")):
        assert spelling.encode() not in written


def test_a_source_without_its_credentials_is_skipped(engine: Engine, server: Server):
    engine.event("http://api.example/p")
    assert engine.crawl("signed")[0] == 0
    assert engine.ledger("signed")["status"] == "skipped"
    assert engine.ledger("signed")["reason"] == "no credentials: set SIGNED_TOKEN"
    assert server.connections == 0


def test_a_refused_key_is_told_apart(engine: Engine, server: Server):
    engine.environment["SIGNED_TOKEN"] = "wrong-key"
    server.routes["*"] = as_json({"error": "who are you?"}, 401)
    engine.event("http://api.example/p")
    assert engine.crawl("signed")[0] == 77
    assert engine.ledger("signed")["status"] == "failed"
    assert engine.states()["/p"] == ("failed", "unauthorized")


def test_offline_reads_everything_again_without_a_request(engine: Engine, server: Server):
    server.routes |= {
        "/p": as_json({"drafts": [draft("1")], "next": ["http://a.example/q"], "cursor": "new"}),
        "/q": redirect("/r"),
        "/r": as_json({"drafts": [draft("2")]}),
        "/lost": html("", 500),
    }
    engine.event("http://a.example/p", "http://a.example/lost")
    engine.crawl()
    before = engine.dump()
    engine.write("DELETE FROM posts")
    engine.write("UPDATE checkpoints SET cursor = 'newer'")
    server.forget()
    code, said = engine.crawl("pages", "--offline")
    assert code == 0, said
    assert server.connections == 0
    after = engine.dump()
    assert after["posts"] == before["posts"]
    assert after["cursors"][0][-1] == "newer"
    assert engine.states()["/lost"] == ("failed", "http_error")
    assert engine.states()["/q"] == ("done", "ok")


def test_an_error_page_never_replaces_a_good_copy(engine: Engine, server: Server):
    good = as_json({"drafts": [draft("1")]}, ETag='"good"')
    server.routes["/p"] = [good, html("<p>please log in", ETag='"login"'), good]
    engine.event("http://a.example/p")
    assert engine.crawl()[0] == 0
    assert engine.crawl()[0] == 1
    assert engine.states()["/p"] == ("failed", "bad_json")
    assert engine.crawl()[0] == 0
    assert [seen.headers.get("if-none-match") for seen in server.seen] == [None, '"good"', '"good"']


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
@pytest.mark.case("C1")
def test_a_signal_ends_it_in_order(engine: Engine, server: Server, number: int, code: int):
    server.routes["/p"] = tree(400, delay=0.05)
    engine.event("http://h0.example/p?n=0", max_depth=0)
    engine.new_run()
    child = engine.start()
    wait_for(server, child, 5)
    child.send_signal(number)
    child.send_signal(number)
    started = time.monotonic()
    child.communicate(timeout=10)
    assert child.returncode == code
    assert time.monotonic() - started < 8
    assert engine.rows("SELECT count(*) FROM frontier WHERE state = 'leased'") == [(0,)]
    assert engine.ledger()["reason"].startswith("interrupted")
    assert engine.ledger()["status"] == "partial"
    assert engine.crawl()[0] == 0
    assert len(engine.titles()) == 401


@pytest.mark.case("C1")
def test_a_server_that_hangs_does_not_hold_up_the_end(engine: Engine, server: Server):
    server.routes["*"] = Answer(hang=True)
    engine.event("http://a.example/p")
    engine.new_run()
    child = engine.start()
    wait_for(server, child, 1)
    child.send_signal(signal.SIGTERM)
    child.communicate(timeout=9)
    assert child.returncode == 143
    assert engine.rows("SELECT state, tries FROM frontier") == [("todo", 0)]
    assert engine.ledger()["reason"] == "interrupted"
    server.routes["*"] = as_json({"drafts": [draft("1")]})
    assert engine.crawl()[0] == 0
    assert engine.rows("SELECT state, tries FROM frontier") == [("done", 1)]


@pytest.mark.case("C2")
def test_it_ends_with_the_process_that_started_it_and_listens_nowhere(engine: Engine, server: Server):
    server.routes["*"] = Answer(hang=True)
    engine.event("http://a.example/p")
    engine.new_run()
    child = engine.start(stdin=subprocess.PIPE)
    wait_for(server, child, 1)
    assert listening(child.pid) == []
    assert child.stdin is not None
    child.stdin.close()
    assert child.wait(3) == 1
    child.stdout.close()


def listening(pid: int) -> list[str]:
    """Lines of /proc/net/tcp* for sockets that a process listens on."""
    own = {str(fd.readlink()) for fd in Path(f"/proc/{pid}/fd").iterdir()}
    lines = [line for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    return [line for line in lines if line.split()[3] == "0A" and f"socket:[{line.split()[9]}]" in own]


def test_scrapy_by_hand_from_the_repository_root(engine: Engine, server: Server, tmp_path: Path):
    server.routes["/p"] = as_json({"drafts": [draft("1")]})
    engine.event("http://a.example/p")
    out = tmp_path / "drafts.jsonl"
    settings = {"HARVEST_DB": engine.db, "CONNECT_TO": server.address, "SPIDER_MODULES": "tests.engine_spiders"}
    command = [sys.executable, "-m", "scrapy", "crawl", "pages", "-a", "event=ev", "-O", str(out)]
    command += [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert '"title": "MyConf 1"' in out.read_text()
    assert "読んだ" in out.read_text()
    assert engine.titles() == ["MyConf 1"]
    assert engine.rows("SELECT command, status, exit_code FROM runs") == [("scrapy", "ok", 0)]
    with lock.hold(engine.db, now=datetime.now(UTC)):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert "another harvest command works on it" in done.stderr
    command[command.index("event=ev")] = "event=nobody"
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert "no event 'nobody' in this database (there: ev)" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "which event? `scrapy crawl pages -a event=SLUG`, or the path of its file"),
        (("-a", "event=ev"), "no database {db} yet; run `harvest crawl EVENT` first, or give the event's file"),
        (("-a", "event=no.toml"), "no.toml: no such event file; `harvest init no.toml` writes one"),
        (("-a", "event={bad}"), "{bad}: line 5: [source.pages.seed]: no such option; did you mean seeds?"),
    ],
)
def test_scrapy_by_hand_tells_what_is_missing_in_one_line(engine: Engine, tmp_path: Path, arguments, told: str):
    bad = tmp_path / "bad.toml"
    bad.write_text('name = "B"\nstarts = 2026-10-01\ntimezone = "Asia/Tokyo"\n[source.pages]\nseed = ["x"]\n')
    names = {"db": engine.db, "bad": bad}
    done = by_hand(engine, *(part.format(**names) for part in arguments))
    assert done.returncode == 2, done.stderr
    assert done.stderr == f"Error: {told.format(**names)}\n"
    assert not engine.db.exists()


def test_scrapy_by_hand_reads_an_event_file(engine: Engine, server: Server, tmp_path: Path):
    server.routes["/p"] = as_json({"drafts": [draft("1")]})
    file = tmp_path / "my.toml"
    file.write_text(
        'name = "MyConf"\nslug = "mine"\nstarts = 2026-10-01\ntimezone = "Asia/Tokyo"\n'
        '[source.pages]\nseeds = ["http://a.example/p"]\n'
    )
    done = by_hand(engine, "-a", f"event={file}")
    assert done.returncode == 0, done.stderr
    assert engine.rows("SELECT event, status FROM runs") == [("mine", "ok")]
    assert engine.titles() == ["MyConf 1"]


@pytest.mark.case("C4")
def test_scrapy_by_hand_tells_by_its_exit_code_that_pages_failed(engine: Engine, server: Server):
    server.routes |= {"/good": as_json({"drafts": [draft("1")]}), "/bad": Answer(b"no json")}
    engine.event("http://a.example/good", "http://a.example/bad")
    done = by_hand(engine, "-a", "event=ev")
    assert done.returncode == 1, done.stderr
    assert engine.titles() == ["MyConf 1"]
    assert engine.rows("SELECT status, exit_code FROM runs") == [("partial", 1)]
    server.routes["/bad"] = as_json({"drafts": [draft("2")]})
    done = by_hand(engine, "-a", "event=ev")
    assert done.returncode == 0, done.stderr
    assert engine.titles() == ["MyConf 1", "MyConf 2"]


def by_hand(engine: Engine, *arguments: str) -> subprocess.CompletedProcess[str]:
    settings = {"HARVEST_DB": engine.db, "CONNECT_TO": engine.connect_to, "SPIDER_MODULES": "tests.engine_spiders"}
    command = [sys.executable, "-m", "scrapy", "crawl", "pages", "-L", "WARNING", *arguments]
    command += [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def feed(*names: str) -> str:
    items = "".join(
        f"<item><title>MyConf {name}</title><link>http://a.example/post/{name}</link>"
        f"<pubDate>Thu, 01 Oct 2026 09:00:00 +0900</pubDate><description>読んだ</description></item>"
        for name in names
    )
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>t</title>{items}</channel></rss>'


@pytest.mark.case("H6")
def test_what_is_no_feed_leaves_the_copy_and_half_a_feed_is_asked_for_whole(engine: Engine, server: Server):
    rss = {"Content-Type": "application/rss+xml"}
    whole = Answer(feed("1", "2").encode(), 200, rss | {"ETag": '"whole"'})
    half = Answer(feed("1", "2", "3").encode()[:-60], 200, rss | {"ETag": '"half"'})
    login = html("<html><body><h1>Log in</h1></body></html>", ETag='"login"')
    server.routes["/feed"] = [whole, login, half, whole]
    engine.event(top='feeds = ["http://a.example/feed"]')
    assert engine.crawl("docs")[0] == 0
    assert engine.titles() == ["MyConf 1", "MyConf 2"]
    assert engine.crawl("docs")[0] == 1
    assert engine.states() == {"/feed": ("refused", "not_a_feed")}
    assert engine.crawl("docs")[0] == 0
    assert engine.rows("SELECT state, detail FROM frontier") == [("done", "partial")]
    assert "MyConf 2" in engine.titles()
    assert engine.crawl("docs")[0] == 0
    assert [seen.headers.get("if-none-match") for seen in server.seen] == [None, '"whole"', '"whole"', None]
    assert [seen.path for seen in server.seen] == ["/feed"] * 4


def test_what_a_source_says_before_asking_is_stored_too(engine: Engine, server: Server):
    engine.event()
    for marks in ("+", "++"):
        assert engine.crawl("eager")[0] == 0
        assert engine.rows("SELECT cursor FROM checkpoints") == [(marks,)]
    assert engine.titles() == ["MyConf known"]
    assert engine.rows("SELECT source, url, depth FROM frontier") == [("blog", "http://b.example/1", 1)]
    assert engine.ledger("eager", "all")["reason"] == "budget used up"
    assert engine.ledger("eager")["truncated"] == 1
    assert engine.ledger("eager")["status"] == "partial"
    assert engine.ledger("eager")["reason"] == "budget used up"
    assert server.connections == 0
