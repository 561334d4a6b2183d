"""The crawl as a whole: its verdict, its children's ends, its rounds, its options and what it prints."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from contextlib import closing

import pytest

from harvester.crawl.catalogue import chosen, load, missing_keys
from harvester.crawl.outcome import ledger_line
from harvester.crawl.progress import Lines, Live, Silent, summary
from harvester.crawl.run import Summary
from harvester.crawl.verdict import BUDGET_USED, Result, added, cause_of_death, exit_code, overdue
from harvester.event import load as load_event
from harvester.store.connection import write_tx
from harvester.store.open import open_db
from tests.crawling import EVENT, ROOT, Site
from tests.evil import article
from tests.servers import Answer, as_json, serving


def page(number, *links, mentions=()):
    return as_json({"id": number, "links": list(links), "mentions": list(mentions)})


@pytest.fixture
def graph(tmp_path):
    """A site of three pages, one of which leads to a blog post on another host."""
    routes = {
        ("a.example", "/1"): page(1, "https://a.example/2", "https://b.example/3"),
        ("a.example", "/2"): page(2, mentions=["https://blog.example/post"]),
        ("b.example", "/3"): page(3),
        ("blog.example", "/post"): article("A post on the meetup"),
    }
    with serving(routes) as server:
        site = Site(tmp_path, server.address)
        site.server = server
        site.event(pages=["https://a.example/1"])
        yield site


def result(status, errors=0, code=0, lenient=False):
    return Result(source="s", status=status, errors=errors, code=code, lenient=lenient)


@pytest.mark.parametrize(
    ("results", "code"),
    [
        ([], 0),
        ([result("ok"), result("ok")], 0),
        ([result("skipped"), result("skipped")], 0),
        ([result("ok"), result("partial")], 0),
        ([result("ok"), result("partial", errors=2, code=1)], 1),
        ([result("ok"), result("partial", errors=2, code=1, lenient=True)], 0),
        ([result("partial", errors=1, code=1)], 1),
        ([result("ok"), result("failed", code=1), result("skipped")], 1),
        ([result("failed", code=1), result("failed", code=1), result("skipped")], 69),
        ([result("failed", code=77), result("failed", code=77)], 77),
        ([result("ok"), result("failed", code=77)], 77),
        ([result("ok"), result("failed", code=77), result("failed", code=1)], 1),
        ([result("failed", code=74), result("failed", code=75)], 74),
        ([result("ok"), result("failed", code=75)], 75),
        ([result("ok"), result("failed", code=70), result("failed", code=74)], 70),
        ([result("failed", lenient=True, code=1)], 69),
    ],
)
@pytest.mark.case("C4")
def test_exit_code(results, code):
    assert exit_code(results) == code


@pytest.mark.parametrize(
    ("returncode", "words", "reason"),
    [
        (-signal.SIGSEGV, "", "killed by SIGSEGV"),
        (-signal.SIGKILL, "WARNING x: y", "killed by SIGKILL"),
        (1, "MemoryError", "out of memory"),
        (-signal.SIGABRT, "terminate called after throwing 'std::bad_alloc'", "out of memory"),
        (70, "no event", "ended with exit code 70: no event"),
        (3, "", "ended with exit code 3"),
    ],
)
@pytest.mark.case("C3")
def test_cause_of_death(returncode, words, reason):
    assert cause_of_death(returncode, words) == reason


def test_two_rounds_of_a_source_add_up():
    one = Result(source="s", status="ok", reason="2 gone", found=3, new=2, requests=4, errors=0)
    two = Result(source="s", status="failed", reason="2 gone; 1 timeout", found=1, requests=2, errors=1, code=1)
    both = added(one, two)
    assert (both.status, both.reason, both.found, both.new, both.requests, both.errors, both.code) == (
        "partial", "2 gone; 1 timeout", 4, 2, 6, 1, 1,
    )  # fmt: skip
    assert added(two, two).status == "failed"


def test_a_used_up_budget_is_worded_as_we_expect():
    assert BUDGET_USED in ledger_line({"done": 5, "budget": 1}, "finished")["reason"]


def test_catalogue_loads_each_file_by_itself(tmp_path, monkeypatch):
    package = tmp_path / "some_sources"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "good.py").write_text(
        "from harvester.source import Source\n"
        "class Good(Source):\n    name = 'good'\n    needs = ('GOOD_KEY',)\n"
        "class Shy(Source):\n    name = 'shy'\n    opt_in = True\n"
    )
    (package / "bad.py").write_text("import no_such_module\n")
    monkeypatch.syspath_prepend(tmp_path)
    known = load(["some_sources"])
    assert list(known.sources) == ["good", "shy"]
    assert known.broken == {"bad": "some_sources.bad: ModuleNotFoundError: No module named 'no_such_module'"}
    assert missing_keys(known.sources["good"], {"GOOD_KEY": " "}) == ("GOOD_KEY",)
    assert missing_keys(known.sources["good"], {"GOOD_KEY": "x"}) == ()
    event = load_event(EVENT, "e.toml")
    assert chosen(known, event, ()) == ["good"]
    assert chosen(known, event, ("shy",)) == ["shy"]
    assert chosen(known, load_event(EVENT + "\n[source.shy]\n", "e.toml"), ()) == ["good", "shy"]
    assert chosen(known, load_event(EVENT + "\n[source.good]\nenabled = false\n", "e.toml"), ()) == []


def test_watchers_write_what_they_should():
    out = io.StringIO()
    end = Result(source="qiita", status="partial", reason="1 timeout\x1b[2J", requests=7, found=5, new=3)
    quiet = Silent(out)
    quiet.started("qiita")
    quiet.said("qiita", "ERROR bad \x1b]0;title\x07")
    quiet.tick()
    quiet.ended(end)
    assert out.getvalue() == ""
    quiet.complain()
    assert out.getvalue().startswith("qiita: ERROR bad ")
    assert "\x1b" not in out.getvalue()
    lines = Lines(out)
    lines.started("feeds")
    lines.ended(end)
    assert "feeds: started\n" in out.getvalue()
    assert summary(end).startswith("qiita: partial (1 timeout")
    assert summary(end).endswith("7 requests, 5 posts, 3 new")
    assert "\x1b" not in summary(end)


def test_the_summary_as_json():
    told = Summary(run_id=3, event="e", status="partial", exit_code=1, results=(result("ok"), result("failed", 2)))
    read = json.loads(told.as_json())
    assert {name: read[name] for name in ("run", "event", "status", "exit_code", "errors")} == {
        "run": 3, "event": "e", "status": "partial", "exit_code": 1, "errors": 2,
    }  # fmt: skip
    assert [line["status"] for line in read["sources"]] == ["ok", "failed"]


def test_a_crawl_goes_round_by_round_and_a_second_one_adds_nothing(graph):
    first = graph.crawl("--json")
    assert first.code == 0, first
    told = json.loads(first.out)
    assert {line["source"]: (line["status"], line["new"]) for line in told["sources"]} == {
        "blog": ("ok", 1), "feeds": ("skipped", 0), "graph": ("ok", 3),
    }  # fmt: skip
    assert graph.titles() == {"Page 1", "Page 2", "Page 3", "A post on the meetup"}
    second = graph.crawl()
    assert second.code == 0, second
    assert len(graph.rows("SELECT 1 FROM posts")) == 4
    assert f"meetup: ok, 0 new posts; see `harvest report meetup --db {graph.db}`" in second.out
    assert "graph: started" in second.err
    assert [tuple(row) for row in graph.rows("SELECT status, exit_code FROM runs")] == [("ok", 0), ("ok", 0)]
    wal = graph.db.with_name("test.db-wal")
    assert not wal.exists() or wal.stat().st_size == 0


@pytest.mark.case("C4")
def test_cron_is_silent_on_success_and_not_on_failure(graph):
    done = graph.crawl("--cron")
    assert (done.code, done.out, done.err) == (0, "", ""), done
    graph.server.routes[("a.example", "/1")] = Answer(b"not json")
    failed = graph.crawl("--cron", "--source", "graph")
    assert failed.code == 69, failed
    assert failed.out == ""
    assert "graph" in failed.err
    assert "bad_json" in failed.err


def test_only_the_named_source_runs_and_an_unknown_one_is_refused(graph):
    done = graph.crawl("--source", "graph", "--json")
    assert done.code == 0, done
    assert [line["source"] for line in json.loads(done.out)["sources"]] == ["graph"]
    wrong = graph.crawl("--source", "grpah")
    assert wrong.code == 2
    assert wrong.err == "Error: no source grpah; there are blog, feeds, graph\n"


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--connect-to", "nonsense"], 2, "is not HOST:PORT"),
        (["--connect-to", "h:99999"], 2, "is not HOST:PORT"),
        (["--min-free", "999999999"], 74, "MB free, a crawl wants 999999999"),
        (["--db", "/nowhere/at/all.db"], 2, "its folder does not exist"),
        (["--deadline", "0"], 2, "--deadline"),
    ],
)
def test_bad_options_are_one_line(tmp_path, options, code, message):
    site = Site(tmp_path, "127.0.0.1:1")
    site.event()
    done = site.crawl(*options)
    assert done.code == code, done
    assert message in done.err
    assert "Traceback" not in done.err


@pytest.mark.case("C10")
def test_a_bad_event_leaves_no_database(tmp_path):
    site = Site(tmp_path, "127.0.0.1:1")
    done = site.crawl()
    assert done.code == 2, done
    assert "no such event file" in done.err
    (tmp_path / "meetup.toml").write_text("starts = 'x'")
    done = site.crawl()
    assert done.code == 2, done
    assert not site.db.exists()


@pytest.mark.case("C10")
def test_a_misspelled_option_ends_the_crawl_before_it_begins(graph):
    graph.event(pages=["https://a.example/1"], **{"source.graph": {"each_rum": True}, "source.grpah": {"a": 1}})
    done = graph.crawl()
    assert done.code == 2, done
    assert done.err.splitlines() == [
        f"Error: {graph.folder}/meetup.toml: line 11: [source.graph.each_rum]: no such option; did you mean each_run?",
        f"Error: {graph.folder}/meetup.toml: line 13: [source.grpah]: no such source; did you mean graph?",
    ]
    assert graph.server.connections == 0
    assert not graph.db.exists()


@pytest.mark.parametrize("options", [{"max_posts": 3}, {"max_usd": 0.01}, {"max_usd_month": 0}])
def test_a_budget_that_buys_nothing_is_told(tmp_path, options):
    with serving({}) as server:
        site = Site(tmp_path, server.address, modules=("spiders.x",), environment={"X_BEARER_TOKEN": "token-of-a-test"})
        site.event(**{"source.x": options})
        done = site.crawl()
        assert done.code == 0, done
        assert site.sources() == {"x": ("partial", "budget used up")}
        assert "budget used up" in done.out
        assert server.seen == []


def test_a_budget_used_up_on_the_way_is_told(tmp_path):
    def page(seen):
        return as_json({
            "data": [{"id": "8", "text": "the meetup", "author_id": "5", "created_at": "2016-12-01T00:00:00.000Z"}],
            "includes": {"users": [{"id": "5", "username": "aoi", "name": "Aoi"}]},
            "meta": {"result_count": 1, "newest_id": "8", "next_token": "more"},
        })  # fmt: skip

    counts = as_json({"data": [], "meta": {"total_tweet_count": 900}})
    routes = {("api.x.com", "/2/tweets/counts/all"): counts, ("api.x.com", "/2/tweets/search/all"): page}
    with serving(routes) as server:
        site = Site(tmp_path, server.address, modules=("spiders.x",), environment={"X_BEARER_TOKEN": "token-of-a-test"})
        site.event(**{"source.x": {"max_posts": 11}})
        done = site.crawl()
        assert done.code == 0, done
        assert site.sources() == {"x": ("partial", "budget used up, goes on in the next run")}
        assert len(server.hits("/2/tweets/search/all")) == 2
        assert site.rows("SELECT truncated FROM run_sources WHERE query = ''") == [(1,)]


def test_what_has_nothing_to_ask_for_is_no_success(tmp_path):
    site = Site(tmp_path, "127.0.0.1:9", modules=("spiders.feeds", "spiders.qiita"))
    site.event()
    done = site.crawl()
    assert done.code == 69, done
    told = site.sources()
    assert told["feeds"] == ("skipped", "nothing to read: no feeds, media feeds or OPML in the event file")
    assert told["qiita"][0] == "failed"
    assert "connection_error" in told["qiita"][1]


def test_a_source_that_found_work_later_is_not_idle():
    idle = Result(source="s", status="skipped", reason="nothing to read: no feeds")
    work = Result(source="s", status="ok", reason="1 page no longer there (gone)", requests=2)
    assert (added(idle, work).status, added(idle, work).reason) == ("ok", "1 page no longer there (gone)")
    assert added(idle, idle).reason == "nothing to read: no feeds"


@pytest.mark.case("C3")
def test_a_child_that_overran_its_time_was_not_interrupted():
    line = {"status": "partial", "reason": "interrupted; 2 redirects", "errors": 1}
    assert overdue(line) == {"reason": "deadline; 2 redirects", "errors": 2}
    assert overdue({"reason": "deadline", "errors": 1}) == {}


def test_a_deadline_is_called_a_deadline(tmp_path):
    with serving({"*": Answer(hang=True)}) as server:
        site = Site(tmp_path, server.address)
        site.event(pages=["https://a.example/1"])
        done = site.crawl("--deadline", "4", "--source", "graph")
        assert done.code in (1, 69), done
        status, reason = site.sources()["graph"]
        assert status in ("partial", "failed")
        assert reason.startswith("deadline")
        assert "interrupted" not in done.out


FEED = Answer(
    b'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title><item><title>The meetup</title>'
    b"<link>https://a.example/p</link><pubDate>Thu, 01 Dec 2016 09:00:00 +0900</pubDate>"
    b"<description>I went to the meetup</description></item></channel></rss>",
    200, {"Content-Type": "application/rss+xml", "ETag": '"good"'},
)  # fmt: skip


@pytest.mark.parametrize(
    "body", [b"", b" \n", b"{}", b"\x89PNG\r\n\x1a\n", b"<!DOCTYPE html><html><title>Log in</title><p>Log in</html>"]
)
def test_h6_what_is_no_feed_is_an_error_and_changes_nothing(tmp_path, body):
    bad = Answer(body, 200, {"Content-Type": "application/rss+xml", "ETag": '"bad"'})
    routes = {("a.example", "/feed"): [FEED, bad, FEED], ("good.example", "/feed"): FEED}
    with serving(routes) as server:
        site = Site(tmp_path, server.address, modules=("spiders.feeds",))
        site.event(feeds=["https://a.example/feed", "https://good.example/feed"])
        assert site.crawl().code == 0
        before = site.rows("SELECT key, title, text FROM posts"), site.rows("SELECT query, cursor FROM checkpoints")
        done = site.crawl()
        assert done.code == 1, done
        assert site.reasons()["https://a.example/feed"] == "not_a_feed"
        assert site.sources()["feeds"] == ("partial", "1 answer without a feed (not_a_feed)")
        after = site.rows("SELECT key, title, text FROM posts"), site.rows("SELECT query, cursor FROM checkpoints")
        assert after == before
        assert site.crawl().code == 0
        asked = [seen.headers.get("if-none-match") for seen in server.hits("/feed", host="a.example")]
        assert asked == [None, '"good"', '"good"']


def test_h6_half_a_feed_is_stored_and_asked_for_whole(tmp_path):
    half = Answer(FEED.body[:-20], 200, FEED.headers)
    with serving({("a.example", "/feed"): [half, FEED]}) as server:
        site = Site(tmp_path, server.address, modules=("spiders.feeds",))
        site.event(feeds=["https://a.example/feed"])
        assert site.crawl().code == 0
        assert site.rows("SELECT title FROM posts") == [("The meetup",)]
        assert site.rows("SELECT detail FROM frontier WHERE source = 'feeds'") == [("partial",)]
        assert site.crawl().code == 0
        assert [seen.headers.get("if-none-match") for seen in server.hits("/feed")] == [None, None]


def followed(tmp_path, server):
    """A site whose feed leads to one page of another host, and whose event file names no pages."""
    server.routes[("feed.example", "/feed")] = Answer(
        FEED.body.replace(b"I went to the meetup", b"&lt;a href='https://blog.example/post'>The Meetup 2016&lt;/a>"),
        200, {"Content-Type": "application/rss+xml"},
    )  # fmt: skip
    site = Site(tmp_path, server.address)
    site.event(feeds=["https://feed.example/feed"])
    return site


def test_a_page_that_failed_is_asked_for_again_though_nobody_found_anything_new(tmp_path):
    with serving({("blog.example", "/post"): [Answer(b"", 403), article("Back again")]}) as server:
        site = followed(tmp_path, server)
        assert site.crawl().code in (0, 1)
        assert site.reasons()["https://blog.example/post"] == "http_error"
        done = site.crawl()
        assert done.code == 0, done
        assert "Back again" in site.titles()


@pytest.mark.case("N4")
def test_what_robots_forbade_is_asked_for_again_after_a_day(tmp_path):
    closed = Answer(b"User-agent: *\nDisallow: /", 200, {"Content-Type": "text/plain"})
    routes = {("blog.example", "/robots.txt"): [closed, Answer(b"", 404)], ("blog.example", "/post"): article("Open")}
    with serving(routes) as server:
        site = followed(tmp_path, server)
        assert site.crawl().code == 0
        assert site.reasons()["https://blog.example/post"] == "robots"
        assert site.crawl().code == 0
        assert len(server.hits("/robots.txt", "blog.example")) == 1
        conn = open_db(site.db)
        with closing(conn), write_tx(conn):
            conn.execute("UPDATE frontier SET done_at = '2016-12-01T00:00:00Z' WHERE host = 'blog.example'")
        assert site.crawl().code == 0
        assert "Open" in site.titles()


def test_a_source_without_pages_left_is_not_started_again(graph):
    graph.event(pages=["https://a.example/1"], **{"source.blog": {"max_pages": 1}})
    graph.server.routes |= {
        ("a.example", "/1"): page(1, mentions=["https://blog.example/post"]),
        ("blog.example", "/post"): [Answer(b"", 403), article("A post on the meetup")],
    }
    assert graph.crawl().code in (0, 1)
    second = page(2, mentions=["https://blog.example/more"])
    graph.server.routes |= {
        ("a.example", "/1"): page(1, "https://a.example/2"),
        ("a.example", "/2"): Answer(second.body, 200, second.headers, delay=4),
        ("blog.example", "/more"): article("Another post on the meetup"),
    }
    done = graph.crawl()
    assert done.code == 0, done
    assert graph.sources()["blog"] == ("partial", "page budget used up")
    assert done.err.count("blog: started") == 1
    assert graph.rows("SELECT truncated FROM run_sources WHERE source = 'blog' AND query = '' AND run_id = 2") == [(1,)]
    assert graph.server.hits("/more") == []
    assert graph.crawl().code == 0
    assert "Another post on the meetup" in graph.titles()


def test_missing_credentials_are_skipped_not_failed(tmp_path):
    with serving({"/": page(1)}) as server:
        site = Site(tmp_path, server.address, modules=("tests.broken_sources",))
        site.event()
        done = site.crawl("--source", "fine", "--source", "locked")
        assert done.code == 0, done
        assert site.sources()["locked"] == ("skipped", "no credentials: set HARVEST_TEST_KEY_NOBODY_SETS")
        assert not server.hits(host="locked.example")


def test_offline_asks_nobody_and_finds_the_same(graph):
    assert graph.crawl().code == 0
    before = graph.rows("SELECT key, title FROM posts ORDER BY key")
    graph.server.forget()
    done = graph.crawl("--offline")
    assert done.code == 0, done
    assert graph.server.connections == 0
    assert graph.rows("SELECT key, title FROM posts ORDER BY key") == before


def test_status_shows_runs_sources_and_pages(graph):
    assert graph.crawl().code == 0
    command = [sys.executable, "-m", "harvester.cli", "status", "--db", str(graph.db)]
    told = json.loads(subprocess.run([*command, "meetup", "--json"], capture_output=True, check=True).stdout)
    assert [run["status"] for run in told["runs"]] == ["ok"]
    assert {line["source"]: line["new"] for line in told["sources"]} == {"blog": 1, "feeds": 0, "graph": 3}
    assert {(line["source"], line["reason"], line["pages"]) for line in told["fetches"]} == {
        ("graph", "ok", 3), ("blog", "ok", 1),
    }  # fmt: skip
    text = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    assert "Runs\n" in text
    assert "Sources, last time\n" in text
    assert "graph" in text


def test_sources_are_listed_from_anywhere_without_a_database(tmp_path):
    command = [sys.executable, "-m", "harvester.cli", "sources"]
    listed = subprocess.run([*command, "--json"], capture_output=True, check=True, cwd="/").stdout
    rows = json.loads(listed)
    assert "qiita" in {row["name"] for row in rows}
    assert all(row["label"] and row["contributes"] for row in rows)
    by_name = {row["name"]: row["options"] for row in rows}
    assert by_name["x"]["max_usd"] == {
        "kind": "amount", "default": 5.0, "minimum": 0, "choices": [], "doc": "Dollars that one crawl may cost.",
    }  # fmt: skip
    assert "enabled" in by_name["blog"]
    text = subprocess.run([*command, "--long"], capture_output=True, check=True, cwd=tmp_path, text=True).stdout
    assert "adds: " in text
    assert "option max_usd = 5.0: Dollars that one crawl may cost." in text
    short = subprocess.run(command, capture_output=True, check=True, cwd=tmp_path, text=True).stdout.splitlines()
    assert {row["name"] for row in rows} <= {line.split(" ")[0] for line in short}
    assert [line for line in (*short, *text.splitlines()) if len(line) > 100] == []
    assert list(tmp_path.iterdir()) == []


def test_a_source_file_that_does_not_load_is_named(tmp_path):
    package = tmp_path / "half_sources"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "bad.py").write_text("import no_such_module\n")
    (package / "good.py").write_text((ROOT / "tests" / "graph_source.py").read_text())
    environment = {"PYTHONPATH": str(tmp_path)}
    with serving({("a.example", "/1"): page(1)}) as server:
        site = Site(tmp_path, server.address, modules=("half_sources",), environment=environment)
        site.event(pages=["https://a.example/1"])
        done = site.crawl()
        assert done.code == 70, done
        assert site.titles() == {"Page 1"}
        assert site.sources()["bad"][1] == "half_sources.bad: ModuleNotFoundError: No module named 'no_such_module'"
    command = [sys.executable, "-m", "harvester.cli", "sources", "--spiders", "half_sources"]
    listed = subprocess.run(command, capture_output=True, check=False, env=os.environ | environment, text=True)
    assert listed.returncode == 70
    assert "cannot be loaded: half_sources.bad" in listed.stderr


def test_progress_on_a_terminal(graph):
    graph.server.routes[("b.example", "/3")] = Answer(page(3).body, 200, {"Content-Type": "application/json"}, delay=2)
    main, other = pty.openpty()
    process = subprocess.Popen(graph.command(), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=other, close_fds=True)
    os.close(other)
    seen = b""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if select.select([main], [], [], 0.2)[0]:
            try:
                seen += os.read(main, 1 << 16)
            except OSError:
                break
        elif process.poll() is not None:
            break
    os.close(main)
    assert process.wait(10) == 0
    text = seen.decode()
    assert "graph: 2 pages done, 1 to do" in text
    assert re.search(r"\x1b\[\dF\x1b\[J", text), text
    assert "graph: ok" in text


def test_live_progress_fits_the_width(graph):
    from harvester.store.open import open_db

    assert graph.crawl().code == 0
    out = io.StringIO()
    conn = open_db(graph.db, "ro")
    live = Live(out, conn, "meetup", 1, width=40)
    live.started("graph")
    live.tick()
    live.said("graph", "a word")
    live.ended(result("ok"))
    conn.close()
    drawn = out.getvalue()
    assert drawn.startswith("graph: 3 pages done, 0 to do, 3 posts (")
    assert all(len(line) < 40 for line in drawn.splitlines()[:1])
    assert "graph: a word\n" in drawn
