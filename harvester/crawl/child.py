"""One source crawled in a process of its own: `python -m harvester.crawl.child --db … --event … --source … --run-id …`.

Ends by itself when there is nothing left to ask for, within seconds of SIGTERM or SIGINT, and at once when the
process that started it is gone. What it did is in its `run_sources` line; the exit code is that of the source.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import stat
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from harvester.crawl import catalogue, redact
from harvester.errors import HarvestError, NotFoundError
from harvester.store import runs
from harvester.store.connection import write_tx
from harvester.store.events import load_event
from harvester.store.open import open_db

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy.crawler import AsyncCrawlerProcess, Crawler
    from scrapy.settings import Settings

    from harvester.source import Source

GRACE: Final = 7.0  # seconds for requests under way to end after a signal; the supervisor kills after eight
_BROKEN: Final = 70


def run_source(
    db: str, event_slug: str, source_name: str, run_id: int, *, connect_to: str = "", offline: bool = False,
    log_level: str = "WARNING", deadline: float | None = None, modules: Sequence[str] = (),
) -> int:  # fmt: skip
    """Crawl one source for one event; its exit code. Needs a process without a reactor.

    A source whose credentials are not set is `skipped` and no request is made. Raises HarvestError for a
    database, event or source that is not there.
    """
    from scrapy.spiderloader import get_spider_loader

    from harvester.settings import build

    conn = open_db(db, "rw")
    try:
        event = load_event(conn, event_slug)
        extra: dict[str, Any] = {"SPIDER_MODULES": list(modules)} if modules else {}
        settings = build(
            db=db, run_id=run_id, connect_to=connect_to, offline=offline, deadline=deadline, log_level=log_level,
            contact=event.crawl.contact, extra=extra,
        )  # fmt: skip
        try:
            kind: Any = get_spider_loader(settings).load(source_name)
        except KeyError as error:
            raise NotFoundError(f"no source {source_name!r}; `harvest sources` lists them") from error
        if why := catalogue.lacking(kind, os.environ) if not offline else "":
            _skip(conn, run_id, source_name, event_slug, why)
            return 0
        verifies = kind.keyed() or event.sources.get(source_name, {}).get("verify_tls", True)
        if settings.getfloat("DOWNLOAD_DELAY"):  # nobody is waited for offline and at a replica
            settings.set("DOWNLOAD_DELAY", max(kind.pause, settings.getfloat("DOWNLOAD_DELAY")), priority="cmdline")
        settings.set("DOWNLOAD_VERIFY_CERTIFICATES", verifies, priority="cmdline")
    finally:
        conn.close()
    return _crawl(kind, event_slug, settings)


def _skip(conn: Any, run_id: int, source: str, event: str, reason: str) -> None:
    from harvester import dates
    from harvester.crawl.session import utcnow

    now = dates.iso(utcnow())
    with write_tx(conn):
        told = {"status": "skipped", "reason": reason, "started_at": now, "ended_at": now}
        runs.save_source(conn, run_id, source, event=event, **told)


def _crawl(kind: type[Source], event_slug: str, settings: Settings) -> int:
    from scrapy.crawler import AsyncCrawlerProcess

    redact.know_environment((*kind.needs, *kind.optional_keys))
    settings.set("LOG_INSTALL_ROOT_HANDLER", value=False, priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    _log_to_stderr(settings.get("LOG_LEVEL"))
    crawler = process.create_crawler(kind)
    task = process.crawl(crawler, event=event_slug)
    stopped = _Stop(process, crawler)
    process.start(install_signal_handlers=True)
    if not task.done() or task.cancelled():
        return 128 + stopped.signal if stopped.signal else _BROKEN
    if error := task.exception():
        if isinstance(error, HarvestError):
            raise error
        logging.getLogger(__name__).error("the crawl could not start", exc_info=error)
        return _BROKEN
    code = crawler.stats.get_value("harvester/exit_code", _BROKEN)
    return 128 + stopped.signal if stopped.signal else int(code)


def _log_to_stderr(level: str) -> None:
    """Scrapy's own handler would be made anew several times, each time without our formatter."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    for name in ("", "scrapy"):  # Scrapy asks for DEBUG: every draft would be turned into text, then dropped
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(capture=True)
    redact.install()


class _Stop:
    """Ends the crawl in order on the first SIGTERM or SIGINT; more of them change nothing."""

    def __init__(self, process: AsyncCrawlerProcess, crawler: Crawler) -> None:
        import asyncio

        self.signal = 0
        self._process, self._crawler = process, crawler
        self._loop = asyncio.get_event_loop()
        # In the loop, because Twisted and Scrapy put their own handlers in place when it starts.
        self._loop.call_soon(self._install)

    def _install(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._handle)

    def _handle(self, number: int, _: Any) -> None:
        if self.signal:
            return
        self.signal = number
        timer = threading.Timer(GRACE, os._exit, (128 + number,))  # should the loop be stuck
        timer.daemon = True
        timer.start()
        self._loop.call_soon_threadsafe(self._stop)

    def _stop(self) -> None:
        self._stopping = self._loop.create_task(self._process.stop())
        self._loop.call_later(GRACE - 1, self._abandon)

    def _abandon(self) -> None:
        """Requests that do not end: give their leases back and write the ledger without waiting for them."""
        scheduler = self._crawler.engine.scheduler
        if scheduler is not None:
            scheduler.close("shutdown")
        os._exit(128 + self.signal)


def _die_with_parent() -> None:
    """When stdin is a pipe, whoever holds its other end started us; its end is ours."""
    if not stat.S_ISFIFO(os.fstat(0).st_mode):
        return

    def wait() -> None:
        while os.read(0, 1 << 10):
            pass
        os._exit(1)

    threading.Thread(target=wait, name="parent", daemon=True).start()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line of a child; errors become one line on stderr."""
    parser = argparse.ArgumentParser(prog="python -m harvester.crawl.child")
    for name in ("--db", "--event", "--source"):
        parser.add_argument(name, required=True)
    parser.add_argument("--run-id", type=int, required=True)
    parser.add_argument("--connect-to", default="")
    parser.add_argument("--offline", action="store_true")
    parser.add_argument("--log-level", default="WARNING")
    parser.add_argument("--deadline", type=float)
    parser.add_argument("--module", action="append", default=[])
    told = parser.parse_args(arguments)
    _die_with_parent()
    try:
        return run_source(
            told.db, told.event, told.source, told.run_id, connect_to=told.connect_to, offline=told.offline,
            log_level=told.log_level, deadline=told.deadline, modules=told.module,
        )  # fmt: skip
    except HarvestError as error:
        sys.stderr.write(redact.redact(f"{error}\n"))
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
