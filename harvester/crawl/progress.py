"""How a running crawl shows itself: lines that update on a terminal, a few plain lines in a log, nothing for cron."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from typing import IO, TYPE_CHECKING, Final

from harvester.crawl import words
from harvester.store import crawl_state
from harvester.text import shown

if TYPE_CHECKING:
    from harvester.crawl.verdict import Result
    from harvester.store.connection import Connection

_EVERY: Final = 0.5  # seconds between two looks at the database
_WIDTH: Final = 96


class Silent:
    """A watcher for --cron: keeps what children complain about until it is known whether something went wrong."""

    def __init__(self, out: IO[str], *, verbose: bool = False) -> None:
        self._out = out
        self._verbose = verbose
        self._kept: deque[str] = deque(maxlen=200)
        self._told: set[tuple[str, str]] = set()

    def started(self, source: str) -> None:
        """Nothing to say."""

    def said(self, source: str, line: str) -> None:
        """Keep a child's own words: at its log level, so an error."""
        if self._wanted(line):
            self._kept.append(f"{source}: {shown(line)}")

    def _wanted(self, line: str) -> bool:
        """The frames of a traceback are for those who asked for more; its last line says what happened."""
        return self._verbose or not line.startswith((" ", "Traceback (most recent call last)"))

    def _put(self, text: str, end: str = "\n") -> None:
        """Write. That nobody reads on is no reason to end a crawl."""
        with contextlib.suppress(OSError):
            print(text, end=end, file=self._out, flush=True)

    def warned(self, line: str) -> None:
        """Say it at once: it is something going wrong."""
        self._put(f"Warning: {shown(line)}")

    def tick(self) -> None:
        """Nothing to say."""

    def ended(self, result: Result) -> None:
        """Tell what is odd although nothing failed; of failures the summary tells."""
        for told in words.warnings(result.reason):
            if (result.source, told) not in self._told:
                self._told.add((result.source, told))
                self.warned(f"{result.source}: {told}")

    def complain(self) -> None:
        """Something went wrong: tell what was kept."""
        for line in self._kept:
            self._put(line)
        self._kept.clear()


class Lines(Silent):
    """A watcher for pipes and files: one line when a source starts and one when it ends."""

    def started(self, source: str) -> None:
        """Name the source."""
        self._put(f"{source}: started")

    def said(self, source: str, line: str) -> None:
        """Pass it on."""
        if self._wanted(line):
            self._put(f"{source}: {shown(line)}")

    def ended(self, result: Result) -> None:
        """Say how it ended."""
        self._put(summary(result))


class Live(Lines):
    """A watcher for terminals: below what has been said, a line for each source at work."""

    def __init__(
        self, out: IO[str], conn: Connection, event: str, run_id: int, *, width: int = _WIDTH, verbose: bool = False
    ) -> None:
        super().__init__(out, verbose=verbose)
        self._conn, self._event, self._run_id = conn, event, run_id
        self._width = max(20, width - 1)
        self._running: dict[str, float] = {}
        self._drawn = 0
        self._looked = 0.0

    def started(self, source: str) -> None:
        """Give the source a line."""
        self._running[source] = time.monotonic()
        self._looked = 0.0

    def said(self, source: str, line: str) -> None:
        """Put a child's words above the moving lines."""
        self._clear()
        super().said(source, line)

    def warned(self, line: str) -> None:
        """Put it above the moving lines."""
        self._clear()
        super().warned(line)

    def ended(self, result: Result) -> None:
        """Replace the source's line by its end."""
        self._running.pop(result.source, None)
        self._clear()
        super().ended(result)

    def tick(self) -> None:
        """Draw the moving lines again, twice a second."""
        now = time.monotonic()
        if now - self._looked < _EVERY:
            return
        self._looked = now
        self._clear()
        for source, since in self._running.items():
            stand = crawl_state.tally(self._conn, self._event, source, self._run_id)
            text = (
                f"{source}: {stand.done} pages done, {stand.todo} to do, {stand.found} posts"
                f" ({stand.new} new), {now - since:.0f} s"
            )
            self._put(text[: self._width])
            self._drawn += 1

    def _clear(self) -> None:
        if self._drawn:
            self._put(f"\x1b[{self._drawn}F\x1b[J", end="")
            self._drawn = 0


def summary(result: Result) -> str:
    """One line on how a source ended."""
    why = f" ({shown(result.reason)})" if result.reason else ""
    if result.status == "skipped" and not result.requests:
        return f"{result.source}: {result.status}{why}"
    return f"{result.source}: {result.status}{why}, {result.requests} requests, {result.found} posts, {result.new} new"
