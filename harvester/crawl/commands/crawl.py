"""`scrapy crawl SOURCE`, whose exit code tells how it went: Scrapy's own is 0 when every page failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.commands.crawl import Command as ScrapysCommand
from scrapy.exceptions import UsageError

if TYPE_CHECKING:
    import argparse


class Command(ScrapysCommand):
    """Scrapy's command; the exit code is that of the source: 0, or 1 when pages failed (docs/operating.md)."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl one source."""
        if len(args) != 1:
            raise UsageError
        assert self.crawler_process is not None
        crawler = self.crawler_process.create_crawler(args[0])
        self.crawler_process.crawl(crawler, **opts.spargs)
        self.crawler_process.start()
        told = crawler.stats.get_value("harvester/exit_code", 0) if crawler.stats is not None else 0
        self.exitcode = 1 if self.crawler_process.bootstrap_failed else int(told)
