"""The crawls that ours is compared with, each a process of its own: `python -m benchmarks.crawlers MODE PORT PAGES DB`.

bare    Scrapy with CONCURRENT_ITEMS=1 and a callback that only counts: the floor
naive   default Scrapy, trafilatura's defaults and one sqlite-utils insert a page: what one would write first
inline  our parsing and storing without frontier, archive, robots, guards, parsing child and per-page commits

Each prints `[pages fetched, rows stored]`. Besides: `python -m benchmarks.crawlers ours ARGUMENTS`, which is
`harvest ARGUMENTS` without the judging that ends every crawl; none of the others judges.
"""

import json
import sys
from datetime import UTC, datetime
from typing import NoReturn

import scrapy
from scrapy.crawler import AsyncCrawlerProcess

QUIET = {"LOG_LEVEL": "ERROR", "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False}
EVENT = 'name = "The event that no page is about"\nslug = "benchmark"\nstarts = 2016-11-28\ntimezone = "Asia/Tokyo"\n'
HOSTS = 20


def address(number: int) -> str:
    """Where a page is: on twenty hosts, as one entry among others."""
    return f"http://h{number % HOSTS}.example.com/entry/{number}"


class Pages(scrapy.Spider):
    """Asks for every page once; a subclass says what is done with it."""

    name = "pages"
    fetched = stored = 0

    async def start(self):
        port, count, self.db = self.arguments
        for number in range(int(count)):
            url = address(number)
            host = url.split("/")[2]
            local = url.replace(host, f"127.0.0.1:{port}")
            yield scrapy.Request(local, headers={"Host": host}, meta={"url": url})

    def parse(self, response):
        type(self).fetched += response.status == 200 and len(response.body) > 0
        self.read(response)

    def read(self, response):
        """Nothing."""


class Naive(Pages):
    async def start(self):
        import sqlite_utils

        self.table = sqlite_utils.Database(self.arguments[2])["pages"]
        async for request in super().start():
            yield request

    def read(self, response):
        import trafilatura

        url = response.meta["url"]
        found = trafilatura.bare_extraction(response.text, url=url, with_metadata=True)
        if found:
            row = {"url": url, "title": found.title, "author": found.author, "date": found.date, "text": found.text}
            self.table.insert(row, pk="url", replace=True)
            type(self).stored += 1


class Inline(Pages):
    async def start(self):
        from harvester.event import load
        from harvester.store.connection import write_tx
        from harvester.store.events import save_event
        from harvester.store.open import open_db

        self.conn, self.event, self.batch = open_db(self.arguments[2], "create"), load(EVENT, "benchmark.toml"), []
        with write_tx(self.conn):
            save_event(self.conn, self.event)
            self.conn.execute("INSERT INTO runs (command, started_at) VALUES ('benchmark', '2016-12-01T00:00:00Z')")
        async for request in super().start():
            yield request

    def read(self, response):
        from harvester.model import Post
        from harvester.normalise import normalise
        from harvester.parse import parse

        now = datetime.now(UTC)
        headers = {k.decode().lower(): v[-1].decode("latin-1") for k, v in response.headers.items()}
        found = parse(response.body, headers, response.meta["url"], now=now)
        for draft in found.drafts if found.kind == "article" else ():
            post = normalise(draft, self.event, now=now)
            if isinstance(post, Post):
                self.batch.append(post)
        if len(self.batch) >= 100:
            self.store()

    def store(self):
        from harvester.store.connection import write_tx
        from harvester.store.posts import save_post

        with write_tx(self.conn):
            for post in self.batch:
                save_post(self.conn, post, event="benchmark", source="blog", run_id=1, now="2016-12-01T00:00:00Z")
        type(self).stored += len(self.batch)
        self.batch = []

    def closed(self, reason):
        self.store()
        self.conn.close()


MODES = {
    "bare": (Pages, {"CONCURRENT_ITEMS": 1}),
    "naive": (Naive, {}),
    "inline": (Inline, {"CONCURRENT_ITEMS": 1}),
}


def ours(arguments: list[str]) -> NoReturn:
    from harvester import cli, stages

    stages.classify_event = lambda *_, **__: None
    sys.argv[1:] = arguments
    sys.exit(cli.run())


def main() -> None:
    mode, *arguments = sys.argv[1:]
    if mode == "ours":
        ours(arguments)
    spider, settings = MODES[mode]
    spider.arguments = arguments
    process = AsyncCrawlerProcess(QUIET | settings)
    process.crawl(spider)
    process.start()
    print(json.dumps([spider.fetched, spider.stored]))


if __name__ == "__main__":
    main()
