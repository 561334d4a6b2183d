"""Running `harvest crawl` in a subprocess against a server of the test, and looking at what it left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from harvester.store.open import open_db

ROOT = Path(__file__).resolve().parent.parent
EVENT = """
name = "The Meetup 2016"
slug = "meetup"
names = ["the meetup"]
starts = 2016-12-01
ends = 2016-12-03
timezone = "Asia/Tokyo"
"""


@dataclass
class Site:
    """A folder with an event file and a database, crawled against one server address."""

    folder: Path
    address: str
    modules: tuple[str, ...] = ("tests.graph_source",)
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def db(self) -> Path:
        return self.folder / "test.db"

    def event(self, **keys) -> None:
        """Write the event file with these keys; tables (`crawl`, `source`) as dicts."""
        tables = {name: value for name, value in keys.items() if isinstance(value, dict)}
        lines = [f"{name} = {json.dumps(value)}" for name, value in keys.items() if name not in tables]
        text = EVENT + "\n".join(lines) + "\n"
        for name, table in tables.items():
            body = "\n".join(f"{key} = {json.dumps(value)}" for key, value in table.items())
            text += f"\n[{name}]\n{body}\n"
        (self.folder / "meetup.toml").write_text(text, encoding="utf-8")

    def command(self, *options: str) -> list[str]:
        spiders = [word for module in self.modules for word in ("--spiders", module)]
        return [
            sys.executable, "-m", "harvester.cli", "crawl", str(self.folder / "meetup.toml"), "--db", str(self.db),
            "--connect-to", self.address, *spiders, *options,
        ]  # fmt: skip

    def start(self, *options: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(*options),
            cwd=ROOT,
            env=os.environ | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def crawl(self, *options: str, timeout: float = 120) -> Run:
        began = time.monotonic()
        process = self.start(*options)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            raise AssertionError(f"the crawl did not end by itself:\n{out}\n{err}") from None
        return Run(process.returncode, out, err, time.monotonic() - began)

    def rows(self, sql: str, *values) -> list[tuple]:
        with closing(open_db(self.db, "ro")) as conn:
            return [tuple(row) for row in conn.execute(sql, values)]

    def states(self, source: str = "") -> dict[str, tuple[str, str]]:
        """URL to (state, reason) of every request."""
        rows = self.rows("SELECT url, state, reason FROM frontier WHERE ? IN ('', source)", source)
        return {url: (state, reason) for url, state, reason in rows}

    def reasons(self) -> dict[str, str]:
        return {url: reason for url, (_, reason) in self.states().items()}

    def titles(self) -> set[str]:
        return {title for (title,) in self.rows("SELECT title FROM posts")}

    def sources(self) -> dict[str, tuple[str, str]]:
        """Source to (status, reason) in the newest run."""
        sql = "SELECT source, status, reason FROM run_sources WHERE query = '' AND run_id = (SELECT max(id) FROM runs)"
        return {source: (status, reason or "") for source, status, reason in self.rows(sql)}

    def wait_until(self, true, seconds: float = 30) -> None:
        """Wait for a condition on this site."""
        until = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < until, "waited in vain"
            time.sleep(0.05)


@dataclass
class Run:
    code: int
    out: str
    err: str
    seconds: float

    def __str__(self) -> str:
        return f"exit {self.code} after {self.seconds:.1f} s\n{self.out}\n{self.err}"
