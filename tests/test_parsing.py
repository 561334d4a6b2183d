"""Reading fetched bytes in another process: deadlines, crashes, memory, and what the crawl sees of them."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harvester.crawl import parse_worker
from harvester.crawl.parse_pool import ParsePool, Worker, WorkerLost
from harvester.crawl.parse_worker import Answer, Job, frame
from tests.evil import article, attribute_bomb, attribute_feed, comment_feed, evil, feed, many_paragraphs
from tests.probe import fetch
from tests.servers import Answer as Page
from tests.servers import html

NOW = datetime(2016, 12, 10, tzinfo=UTC)
GOOD = article("A fine page").body


def job(body, kind="text/html; charset=utf-8", expect="", deadline=5.0):
    return Job("https://x.example/", body, {"content-type": kind}, expect, NOW, deadline)


@pytest.fixture
def pool():
    made = ParsePool()
    yield made
    made.close()


def children_of(pid):
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_pages_and_feeds_come_back_as_values(pool):
    page = pool.parse_blocking(job(GOOD)).parsed
    assert page.drafts[0].title == "A fine page"
    entries = pool.parse_blocking(job(feed(("one", "https://x.example/1")).body, "application/rss+xml")).parsed
    assert (entries.kind, entries.drafts[0].url) == ("feed", "https://x.example/1")
    assert pool.parse_blocking(job(GOOD, expect="feed")).state == "not_a_feed"
    assert pool.parse_blocking(job(b"\x89PNG\r\n\x1a\n")).state == "not_html"


@pytest.mark.parametrize("body", [attribute_bomb(), attribute_feed()], ids=["page", "feed"])
@pytest.mark.case("H2")
def test_a_page_that_freezes_a_parser_ends_at_its_deadline(pool, body):
    pool.parse_blocking(job(GOOD))
    began = time.monotonic()
    answer = pool.parse_blocking(job(body, deadline=1.0))
    took = time.monotonic() - began
    assert answer.state == "parse_timeout"
    assert 1.0 <= took < 2.5
    began = time.monotonic()
    assert pool.parse_blocking(job(GOOD)).parsed is not None
    assert time.monotonic() - began < 1.0


@pytest.mark.case("H2")
def test_a_feed_of_unended_comments_does_not_stall(pool):
    began = time.monotonic()
    answer = pool.parse_blocking(job(comment_feed(), "application/rss+xml"))
    assert time.monotonic() - began < 7
    assert len(answer.parsed.drafts) == 1


@pytest.mark.case("H2")
def test_a_big_ordinary_page_is_read_the_plain_way(pool):
    answer = pool.parse_blocking(job(many_paragraphs()))
    assert "extract_fallback" in answer.parsed.flags
    assert answer.parsed.title == "A long transcript of re:Invent 2016"


@pytest.mark.parametrize(
    ("number", "detail"), [(signal.SIGSEGV, "killed by SIGSEGV"), (signal.SIGKILL, "killed by SIGKILL")]
)
def test_a_crash_costs_one_page(pool, number, detail):
    pool.parse_blocking(job(GOOD))
    (worker,) = pool._idle
    (fork,) = children_of(worker.pid)

    async def crash():
        reading = asyncio.create_task(pool.parse(job(attribute_bomb())))
        await asyncio.sleep(0.3)
        os.kill(fork, number)
        return await reading

    answer = asyncio.run(crash())
    assert (answer.state, detail in answer.detail) == ("parse_error", True)
    assert pool.parse_blocking(job(GOOD)).parsed is not None
    assert pool._idle == [worker]


def test_a_worker_that_is_gone_is_replaced_without_costing_a_page(pool):
    pool.parse_blocking(job(GOOD))
    (worker,) = pool._idle
    for pid in (worker.pid, *children_of(worker.pid)):
        os.kill(pid, signal.SIGKILL)
    assert pool.parse_blocking(job(GOOD)).parsed is not None
    assert pool._idle[0].pid != worker.pid


def test_a_worker_that_keeps_silent_is_ended(pool, monkeypatch):
    pool.parse_blocking(job(GOOD))
    (worker,) = pool._idle
    monkeypatch.setattr("harvester.crawl.parse_pool._GRACE", 0.2)
    os.kill(worker.pid, signal.SIGSTOP)
    (fork,) = children_of(worker.pid)
    os.kill(fork, signal.SIGSTOP)
    answer = pool.parse_blocking(job(GOOD, deadline=0.3))
    assert answer.state == "parse_timeout"
    assert pool.parse_blocking(job(GOOD)).parsed is not None
    os.kill(fork, signal.SIGKILL)


def test_a_worker_ends_when_its_pipe_closes_and_leaves_no_fork():
    worker = Worker()
    worker.wait_ready()
    worker.ask(job(GOOD))
    (fork,) = children_of(worker.pid)
    worker.close(patience=5)
    assert worker._process.returncode == 0
    assert not Path(f"/proc/{fork}").exists()


def test_the_parser_gets_no_secrets(monkeypatch):
    monkeypatch.setenv("X_BEARER_TOKEN", "very-secret-value")
    worker = Worker()
    worker.wait_ready()
    assert b"very-secret-value" not in Path(f"/proc/{worker.pid}/environ").read_bytes()
    worker.close(patience=5)


def test_two_pages_are_read_at_once_by_two_workers():
    pool = ParsePool(size=2)

    async def both():
        slow = asyncio.create_task(pool.parse(job(attribute_bomb(), deadline=2.0)))
        await asyncio.sleep(0.1)
        good = await pool.parse(job(GOOD))
        return good, slow.done(), await slow

    good, was_done, slow = asyncio.run(both())
    pool.close()
    assert good.parsed is not None
    assert not was_done
    assert slow.state == "parse_timeout"


@pytest.mark.parametrize(
    ("error", "state"),
    [(RecursionError(), "parse_error"), (ZeroDivisionError("a bug"), "parse_error")],
)
def test_a_bug_in_a_parser_is_an_answer(monkeypatch, error, state):
    def broken(*args, **kwargs):
        raise error

    monkeypatch.setattr("harvester.parse.parse", broken)
    answer = parse_worker.run(job(GOOD))
    assert (answer.parsed, answer.state) == (None, state)
    assert answer.detail


@pytest.mark.parametrize(
    ("code", "state", "detail"),
    [
        (-signal.SIGALRM, "parse_timeout", "deadline"),
        (12, "parse_error", "more than 1024 MiB"),
        (-signal.SIGBUS, "parse_error", "SIGBUS"),
        (9, "parse_error", "exit code 9"),
    ],
)
def test_what_is_said_of_a_dead_fork(code, state, detail):
    answer = parse_worker._obituary(code)
    assert answer.state == state
    assert detail in answer.detail


def test_a_worker_that_cannot_start_is_lost(monkeypatch):
    monkeypatch.setattr("harvester.crawl.parse_pool.sys.executable", "/bin/false")
    with pytest.raises(WorkerLost):
        ParsePool().parse_blocking(job(GOOD))


def test_frames_have_a_length():
    sent = frame(Answer(state="ready"))
    assert int.from_bytes(sent[:4], "big") == len(sent) - 4


@pytest.mark.case("H2")
def test_the_crawl_goes_on_while_a_page_is_read():
    routes = {
        "/bomb": html(attribute_bomb().decode()),
        "/feed": Page(attribute_feed(), headers={"Content-Type": "application/rss+xml"}),
        "/big": html(many_paragraphs().decode()),
        "/good": article("good"),
        "/404": html("gone", 404),
        "/raw": html("<title>raw</title>"),
    }
    read = {"document": True}
    with evil(routes) as server:
        urls = [(f"https://bomb.example/{path}", read) for path in ("bomb", "big", "404")]
        urls += [("https://feed.example/feed", read | {"expect": "feed"}), ("https://good.example/good", read)]
        told = fetch([*urls, "https://raw.example/raw"], build={"connect_to": server.address})
    lines = {url.rpartition("/")[2]: line for url, line in told.items()}
    assert lines["bomb"]["state"] == lines["feed"]["state"] == "parse_timeout"
    assert lines["good"]["parsed"]["title"] == "good"
    assert "extract_fallback" in lines["big"]["parsed"]["flags"]
    assert (lines["404"]["status"], lines["404"]["parsed"]) == (404, None)
    assert lines["raw"]["parsed"] is None
    assert lines["raw"]["seconds"] < 3 < min(lines["bomb"]["seconds"], lines["feed"]["seconds"])
