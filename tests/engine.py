"""Runs one source in a child process against a test server, and reads what it left in the database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harvester.event import load
from harvester.store import events, runs
from harvester.store.connection import write_tx
from harvester.store.open import open_db

ROOT = Path(__file__).parent.parent
EVENT = """
slug = "ev"
name = "MyConf"
hashtags = ["myconf"]
starts = 2026-10-01
ends = 2026-10-02
timezone = "Asia/Tokyo"
{top}
[crawl]
max_depth = {max_depth}
max_pages = {max_pages}
[source.pages]
seeds = {seeds}
{options}
[source.signed]
seeds = {seeds}
"""


@dataclass
class Engine:
    """One database and the runs made on it."""

    db: Path
    connect_to: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    run_id: int = 0

    def event(self, *seeds: str, options: str = "", max_depth: int = 2, max_pages: int = 2000, top: str = "") -> None:
        """Create the database with an event whose `pages` source asks for these seeds."""
        text = EVENT.format(
            seeds=list(seeds), options=options, max_depth=max_depth, max_pages=max_pages, top=top
        ).replace("'", '"')
        with closing(open_db(self.db, "create")) as conn, write_tx(conn):
            events.save_event(conn, load(text, "ev.toml"))

    def new_run(self) -> int:
        with closing(open_db(self.db)) as conn, write_tx(conn):
            self.run_id = runs.start_run(conn, "crawl", "ev", now="2026-10-05T00:00:00Z")
        return self.run_id

    def start(self, source: str = "pages", *arguments: str, stdin: Any = subprocess.DEVNULL) -> subprocess.Popen[str]:
        """A child for the current run."""
        command = [sys.executable, "-m", "harvester.crawl.child", "--db", str(self.db), "--event", "ev"]
        command += ["--source", source, "--run-id", str(self.run_id), "--module", "tests.engine_spiders"]
        command += ["--connect-to", self.connect_to, *arguments]
        environment = os.environ | self.environment
        return subprocess.Popen(
            command, cwd=ROOT, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
        )

    def crawl(self, source: str = "pages", *arguments: str, same_run: bool = False) -> tuple[int, str]:
        """A whole crawl of one source in a new run: exit code and what it said."""
        if not same_run:
            self.new_run()
        child = self.start(source, *arguments)
        said, _ = child.communicate(timeout=60)
        return child.returncode, said

    def kill(self, child: subprocess.Popen[str]) -> None:
        child.send_signal(signal.SIGKILL)
        child.communicate(timeout=10)

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with closing(open_db(self.db, "ro")) as conn:
            return [tuple(row) for row in conn.execute(sql, values)]

    def write(self, sql: str, *values: Any) -> None:
        with closing(open_db(self.db)) as conn, write_tx(conn):
            conn.execute(sql, values)

    def states(self) -> dict[str, tuple[str, str | None]]:
        """Path (with the query) to state and reason, of everything in the frontier."""
        found = self.rows("SELECT url, state, reason FROM frontier")
        return {"/" + url.split("/", 3)[-1] if url.count("/") > 2 else url: (state, why) for url, state, why in found}

    def titles(self) -> list[str]:
        return [title for (title,) in self.rows("SELECT title FROM posts ORDER BY title")]

    def ledger(self, source: str = "pages", query: str = "") -> dict[str, Any]:
        """The line of a source in the last run."""
        names = ("status", "reason", "found", "new", "requests", "errors", "truncated", "returned")
        sql = f"SELECT {', '.join(names)} FROM run_sources WHERE run_id = ? AND source = ? AND query = ?"
        return dict(zip(names, self.rows(sql, self.run_id, source, query)[0], strict=True))

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that two crawls of the same web must agree on."""
        return {
            "posts": self.rows(
                "SELECT key, url, kind, title, text, published_at, relation, hashtags, revision FROM posts ORDER BY key"
            ),
            "event_posts": self.rows("SELECT event, key FROM event_posts JOIN posts ON id = post_id ORDER BY key"),
            "links": self.rows(
                "SELECT type, key, dst FROM links LEFT JOIN posts ON posts.id = src_post_id ORDER BY dst, key"
            ),
            "frontier": self.rows(
                "SELECT source, fingerprint, url, host, depth, state, reason FROM frontier ORDER BY source, url"
            ),
            "cursors": self.rows("SELECT source, event, query, cursor FROM checkpoints ORDER BY 1, 2, 3"),
            "rejected": self.rows("SELECT event, source, url, reason FROM rejected ORDER BY url"),
        }
