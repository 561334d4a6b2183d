"""`python -m tests.probe`: fetch URLs through the guards in a real Scrapy, without a database.

Reads one JSON object from standard input, {"urls": [[url, meta], …], "settings": {…}}, and prints one JSON line
per URL: {"url", "state", "detail", "status", "size", "flags", "final", "parsed", "seconds"}. The reactor cannot
be started twice in one process, so tests run this one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    from scrapy import Request, Spider
    from scrapy.crawler import AsyncCrawlerProcess

    from harvester.settings import build

    asked = json.load(sys.stdin)

    class Probe(Spider):
        name = "probe"
        policy = "page"
        document = False
        now = datetime(2016, 12, 10, tzinfo=UTC)

        async def start(self):
            for url, meta in asked["urls"]:
                known = {"asked": url, "began": time.monotonic()} | meta
                yield Request(url, self.told, errback=self.failed, meta=known, dont_filter=True)

        def told(self, response):
            parsed = response.meta.get("parsed")
            self.say(
                response.meta,
                state="ok",
                status=response.status,
                size=len(response.body),
                flags=response.flags,
                final=response.url,
                parsed=parsed and {"kind": parsed.kind, "title": parsed.title, "flags": parsed.flags},
            )

        def failed(self, failure):
            error = failure.value
            self.say(
                failure.request.meta,
                state=getattr(error, "state", type(error).__name__),
                detail=str(error),
                again=getattr(error, "again", None),
            )

        def say(self, meta, **told):
            seconds = round(time.monotonic() - meta["began"], 2)
            print(json.dumps({"url": meta["asked"], "seconds": seconds} | told), flush=True)

    extra: dict[str, Any] = {
        "SCHEDULER": "scrapy.core.scheduler.Scheduler",
        "SPIDER_MIDDLEWARES": {},
        "HTTPCACHE_ENABLED": False,
        "HTTPERROR_ALLOW_ALL": True,
        "LOG_LEVEL": "WARNING",
    }
    settings = build(**asked.get("build", {}), extra=extra | asked.get("settings", {}))
    if not asked.get("backoff"):
        settings["DOWNLOADER_MIDDLEWARES"].pop("harvester.crawl.backoff.RetryAfter", None)
    for needs_the_frontier in ("harvester.crawl.archive.Archive", "harvester.crawl.missing.Missing"):
        settings["DOWNLOADER_MIDDLEWARES"].pop(needs_the_frontier, None)
    process = AsyncCrawlerProcess(settings)
    process.crawl(Probe)
    process.start()


def fetch(urls: list[Any], *, timeout: float = 60, **asked: Any) -> dict[str, dict[str, Any]]:
    """URL to what became of it; `urls` holds URLs or (url, meta) pairs."""
    pairs = [(url, {}) if isinstance(url, str) else url for url in urls]
    done = subprocess.run(
        [sys.executable, "-m", "tests.probe"],
        input=json.dumps({"urls": pairs} | asked),
        capture_output=True,
        text=True,
        timeout=timeout,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(told) == len(pairs), done.stdout + done.stderr
    return {line["url"]: line for line in told}


if __name__ == "__main__":
    main()
