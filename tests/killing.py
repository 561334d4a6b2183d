"""Crawls that are killed at random moments: the site they crawl, the moments, the victims, and what is left."""

from __future__ import annotations

import os
import random
import shutil
import signal
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harvester.settings import CONCURRENT_REQUESTS
from harvester.store.open import open_db
from tests.cases.common import command_of
from tests.evil import article
from tests.servers import Answer, Server, as_json

if TYPE_CHECKING:
    from tests.crawling import Site

MENTIONS_EVERY = 40
EARLY = 2.0  # seconds after its start in which a crawl may be killed without regard to what it does
SAFE = 30  # pages: below, one request may be alone under way, and killed with its child five times it would be dead


def graph_of(pages, hosts, seed):
    """Pages that lead to each other across hosts, every one reachable from the first; some mention a blog."""
    dice = random.Random(seed)

    def url(number):
        return f"https://h{number % hosts}.example/{number}"

    routes = {("h0.example", "/robots.txt"): Answer(b"", 404)}
    for number in range(pages):
        links = [url(2 * number + step) for step in (1, 2) if 2 * number + step < pages]
        links += [url(dice.randrange(pages)) for _ in range(2)]
        mentions = [f"https://blog{number % 3}.example/{number}"] if number % MENTIONS_EVERY == 0 else []
        routes[(f"h{number % hosts}.example", f"/{number}")] = as_json(
            {"id": number, "links": links, "mentions": mentions}
        )
        if mentions:
            routes[(f"blog{number % 3}.example", f"/{number}")] = article(f"A post on the meetup, number {number}")
    return routes, url(0)


def state_of(site):
    """Everything a crawl leaves that does not tell when it ran."""
    queries = {
        "posts": "SELECT key, url, kind, platform, title, text, language, published_at, content_sha256 FROM posts",
        "ties": "SELECT event, key, relevance, counted, reasons FROM event_posts JOIN posts ON posts.id = post_id",
        "links": "SELECT type, dst, p.key FROM links LEFT JOIN posts p ON p.id = src_post_id",
        "frontier": "SELECT source, url, state, reason, depth, http_status FROM frontier",
        "rejected": "SELECT source, url, reason FROM rejected",
        "stories": "SELECT p.key, copies FROM stories JOIN posts p ON p.id = post_id",
        "labels": "SELECT platform, handle, side, kind FROM labels JOIN authors ON authors.id = author_id",
    }
    return {name: sorted(site.rows(query), key=repr) for name, query in queries.items()}


def assert_sound(db):
    """The file, its references and its search table; looked at in a copy, so that the next run recovers by itself."""
    if not db.exists():
        return  # killed before it was made
    copy = db.with_name("looked-at.db")
    for suffix in ("", "-wal"):
        if Path(f"{db}{suffix}").exists():
            shutil.copy(f"{db}{suffix}", f"{copy}{suffix}")
    with closing(open_db(copy)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert conn.execute("PRAGMA foreign_key_check").fetchall() == []
        conn.execute("INSERT INTO posts_fts(posts_fts, rank) VALUES ('integrity-check', 1)")
    for left in db.parent.glob("looked-at.db*"):
        left.unlink()


def child_of(pid, source):
    """The process of a crawl that works on a source, None when there is none now."""
    words = [word for task in Path(f"/proc/{pid}/task").glob("*/children") for word in task.read_text().split()]
    return next((int(word) for word in words if f"--source {source}" in command_of(word)), None)


@dataclass
class Killer:
    """Starts crawls of `site` and kills each, so that something is left for the last of `kills` kills.

    A victim is the supervisor, the child that asks for the pages, or both; the moment is a number of pages, or a
    time since the start, which may come before anything has been asked for.
    """

    site: Site
    server: Server
    pages: int
    kills: int
    dice: random.Random
    done: int = 0

    def asked(self):
        """How many pages have been asked for at least once."""
        return len({(seen.host, seen.path) for seen in self.server.hits()})

    def kill(self):
        """One crawl, begun and killed."""
        left = self.pages - self.asked() - 2 * CONCURRENT_REQUESTS  # those come while the kill is on its way
        share = left // (self.kills - self.done + 1)
        enough = len(self.server.hits()) + self.dice.randint(1, max(1, share))
        latest = time.monotonic() + (self.dice.uniform(0, EARLY) if self.dice.random() < 0.5 else 60)
        process = self.site.start()
        said = []
        drain = threading.Thread(target=lambda: said.extend(process.communicate()), daemon=True)
        drain.start()
        while len(self.server.hits()) < enough and time.monotonic() < latest and process.poll() is None:
            time.sleep(0.01)
        time.sleep(self.dice.uniform(0, 0.05))
        if process.poll() is not None:
            drain.join(60)
            raise AssertionError(f"the crawl ended before it was killed: {process.returncode}, {said}")
        self._kill(process.pid)
        drain.join(60)
        assert not drain.is_alive(), "the crawl did not end when it was killed"
        self.done += 1

    def _kill(self, pid):
        child = child_of(pid, "graph")
        victim = self.dice.choice(["supervisor", "child", "both"]) if child and self.asked() >= SAFE else "supervisor"
        if victim != "supervisor":
            os.kill(child, signal.SIGKILL)
        if victim != "child":
            os.killpg(pid, signal.SIGKILL)
        until = time.monotonic() + 30
        while child and "--source graph" in command_of(child):
            assert time.monotonic() < until, "a child outlived its supervisor"
            time.sleep(0.01)
