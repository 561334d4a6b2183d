"""The crawls that ours is compared with, each a process of its own: `python -m benchmarks.crawlers MODE PORT PAGES DB`.

bare    Scrapy with CONCURRENT_ITEMS=1 and an empty callback: the floor
naive   default Scrapy, trafilatura's defaults and one sqlite-utils insert a page: what one would write first
inline  our parsing and storing without frontier, robots, guards, parsing child and per-page commits
"""

import sys
from datetime import UTC, datetime

import scrapy
from scrapy.crawler import AsyncCrawlerProcess

QUIET = {"LOG_LEVEL": "ERROR", "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False}
EVENT = 'name = "Benchmark"\nslug = "benchmark"\nstarts = 2016-11-28\ntimezone = "Asia/Tokyo"\n'


class Pages(scrapy.Spider):
    """Asks for every page once; a subclass says what is done with it."""

    name = "pages"

    async def start(self):
        port, count, self.db = self.arguments
        for n in range(int(count)):
            yield scrapy.Request(f"http://127.0.0.1:{port}/page/{n}", headers={"Host": f"h{n % 20}.example.com"})

    def parse(self, response):
        return None


class Naive(Pages):
    async def start(self):
        import sqlite_utils

        self.table = sqlite_utils.Database(self.arguments[2])["pages"]
        async for request in super().start():
            yield request

    def parse(self, response):
        import trafilatura

        found = trafilatura.bare_extraction(response.text, url=response.url, with_metadata=True)
        if found:
            row = {
                "url": response.url,
                "title": found.title,
                "author": found.author,
                "date": found.date,
                "text": found.text,
            }
            self.table.insert(row, pk="url", replace=True)


class Inline(Pages):
    async def start(self):
        from harvester.event import load
        from harvester.store.events import save_event
        from harvester.store.open import open_db, write_tx

        self.conn, self.event, self.batch = open_db(self.arguments[2], "create"), load(EVENT, "benchmark.toml"), []
        with write_tx(self.conn):
            save_event(self.conn, self.event)
            self.conn.execute("INSERT INTO runs (command, started_at) VALUES ('benchmark', '2016-12-01T00:00:00Z')")
        async for request in super().start():
            yield request

    def parse(self, response):
        from harvester.model import Post
        from harvester.normalise import normalise
        from harvester.parse import parse

        now = datetime.now(UTC)
        headers = {k.decode().lower(): v[-1].decode("latin-1") for k, v in response.headers.items()}
        url = response.url.replace("127.0.0.1", "h.example.com")
        for draft in parse(response.body, headers, url, now=now).drafts:
            post = normalise(draft, self.event, now=now)
            if isinstance(post, Post):
                self.batch.append(post)
        if len(self.batch) >= 100:
            self.store()

    def store(self):
        from harvester.store.open import write_tx
        from harvester.store.posts import save_post

        with write_tx(self.conn):
            for post in self.batch:
                save_post(self.conn, post, event="benchmark", source="blog", run_id=1, now="2016-12-01T00:00:00Z")
        self.batch = []

    def closed(self, reason):
        self.store()
        self.conn.close()


MODES = {
    "bare": (Pages, {"CONCURRENT_ITEMS": 1}),
    "naive": (Naive, {}),
    "inline": (Inline, {"CONCURRENT_ITEMS": 1}),
}


def main() -> None:
    mode, *arguments = sys.argv[1:]
    spider, settings = MODES[mode]
    spider.arguments = arguments
    process = AsyncCrawlerProcess(QUIET | settings)
    process.crawl(spider)
    process.start()


if __name__ == "__main__":
    main()
