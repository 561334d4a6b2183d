"""Every Scrapy setting that is not Scrapy's default, each with its reason, on one screen.

Plain Scrapy settings: `scrapy list` and `scrapy crawl SPIDER -a event=SLUG` use them from the repository root.
`build` makes the same from anywhere, with what one crawl was told.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from typing import TYPE_CHECKING, Any

from harvester import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy.settings import Settings

BOT_NAME = "harvester"
SPIDER_MODULES = ["spiders"]
COMMANDS_MODULE = "harvester.crawl.commands"  # `scrapy crawl` ends with 0 whatever happened; ours tells

# Ours. HARVEST_RUN 0: the scheduler opens a run of its own. CONNECT_TO: every request goes to that address.
HARVEST_DB = os.environ.get("HARVEST_DB") or "harvest.db"
HARVEST_RUN = 0
HARVEST_PAGES = 5000  # requests of one source in one run; the event file limits followed links further
CONNECT_TO = ""
OFFLINE = False
PARSE_WORKERS = 1
PARSE_DEADLINE = 5.0

# Who we are. A site must be able to tell us to stop.
_CONTACT = os.environ.get("HARVEST_CONTACT", "")
USER_AGENT = f"harvester/{__version__} (who wrote about a community event{'; contact: ' if _CONTACT else ''}{_CONTACT})"
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "harvester"
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "ja,en;q=0.8",  # the default "en" gets the English front page of Japanese sites
}
COOKIES_ENABLED = False  # we are nobody in particular, and jars are shared across ports of a host
REFERRER_POLICY = "no-referrer"  # a referrer with its query string went to other hosts

# The crawl's state is in the database; a page's results are stored with it in one transaction.
SCHEDULER = "harvester.crawl.scheduler.Scheduler"
SPIDER_MIDDLEWARES = {
    "harvester.crawl.commit.Commit": 10,
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,  # paging is not depth; the frontier row knows it
}
DOWNLOAD_HANDLERS = {
    "http": "harvester.crawl.handler.GuardedHandler",
    "https": "harvester.crawl.handler.GuardedHandler",
    "file": None,  # a link to file:///etc/passwd was fetched
    "data": None,
    "ftp": None,
    "s3": None,
}
DOWNLOADER_MIDDLEWARES = {
    "harvester.crawl.missing.Missing": 10,  # outermost: needs what was read
    "harvester.crawl.parsing.Parse": 20,  # outside the rest: what it reads is the final body
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,  # takes an unreadable file for a yes
    "harvester.crawl.robots.StrictRobots": 100,
    "harvester.crawl.backoff.RetryAfter": 540,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,  # takes half a body for a whole
    "harvester.crawl.compression.Decompress": 590,
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,  # answers a dead host with an old page
    "harvester.crawl.archive.Archive": 900,
}
TWISTED_DNS_RESOLVER = "harvester.crawl.resolver.GuardResolver"
HTTPPROXY_ENABLED = False  # behind a proxy the address guard would see only the proxy

# Archive: the policy is Scrapy's RFC 2616 with our own rules on top, the storage is SQLite without pickle.
HTTPCACHE_ENABLED = True
HTTPCACHE_POLICY = "harvester.crawl.archive.Policy"
HTTPCACHE_STORAGE = "harvester.crawl.archive.Storage"
HTTPCACHE_ALWAYS_STORE = True  # the archive is read again by --offline, whatever validators there were
HTTPCACHE_IGNORE_RESPONSE_CACHE_CONTROLS = ["no-store"]

# What one answer may cost.
DOWNLOAD_MAXSIZE = 8 << 20  # four bombs below the default of 1 GiB took 6 GB of memory
DOWNLOAD_WARNSIZE = 2 << 20
DOWNLOAD_TIMEOUT = 30
DNS_TIMEOUT = 10
REACTOR_THREADPOOL_MAXSIZE = 32  # a look-up that hangs keeps its thread when we have stopped waiting: ten ran out
DOWNLOAD_VERIFY_CERTIFICATES = True  # default: any certificate will do
DOWNLOAD_TLS_MIN_VERSION = "TLSv1.2"
REDIRECT_MAX_TIMES = 5
METAREFRESH_ENABLED = False
RETRY_TIMES = 1
RETRY_HTTP_CODES = [408, 500, 502, 504, 522, 524]  # 429 and 503 are RetryAfter's
RETRY_EXCEPTIONS = [  # without names that do not resolve: the next run asks for them
    "scrapy.exceptions.DownloadConnectionRefusedError",
    "scrapy.exceptions.DownloadFailedError",
    "scrapy.exceptions.DownloadTimeoutError",
    "scrapy.exceptions.ResponseDataLossError",
]
RETRY_GIVE_UP_LOG_LEVEL = "INFO"  # the scheduler tells each failure once
URLLENGTH_LIMIT = 2048

# How hard we knock, and when we stop.
CONCURRENT_REQUESTS = 8
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1.0
DOWNLOAD_DELAY_JITTER = 0.0  # the default goes down to half of what a service asks for
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 1.0
AUTOTHROTTLE_MAX_DELAY = 60.0
CLOSESPIDER_TIMEOUT = 900
MEMUSAGE_LIMIT_MB = 1024
MEMUSAGE_CHECK_INTERVAL_SECONDS = 5.0
CONCURRENT_ITEMS = 1  # the default starts 100 tasks for every answer, a quarter of a page's cost
WARN_ON_GENERATOR_RETURN_VALUE = False  # reads the callback's source text again for every answer

# No listening sockets, no code from outside, nothing said that nobody reads.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
LOG_LEVEL = "INFO"  # libraries print credentials at DEBUG
LOGSTATS_INTERVAL = 0
STATS_DUMP = False
FEED_EXPORT_ENCODING = "utf-8"


def build(
    *,
    db: str = "",
    run_id: int = 0,
    connect_to: str = "",
    offline: bool = False,
    delay: float | None = None,
    deadline: float | None = None,
    contact: str = "",
    log_level: str = "",
    extra: Mapping[str, Any] | None = None,
) -> Settings:
    """These settings for one crawl, wherever it is started from.

    `connect_to` HOST:PORT sends every request there; `delay` (seconds between requests to a host) and
    `deadline` (seconds) replace the defaults; `contact` is named to the sites; `extra` overrides last.
    """
    from scrapy.settings import Settings

    settings = Settings()
    settings.setmodule(sys.modules[__name__], priority="project")
    told: dict[str, Any] = {"CONNECT_TO": connect_to, "OFFLINE": offline, "HARVEST_RUN": run_id}
    if db:
        told["HARVEST_DB"] = db
    if is_loopback(connect_to):
        told |= {"DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_ENABLED": False}  # nobody to be polite to
    if offline:
        # Nothing is asked for, so there is nobody to ask for leave, and no reason to wait.
        told |= {"ROBOTSTXT_OBEY": False, "DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_ENABLED": False}
        told |= {"HTTPCACHE_IGNORE_MISSING": True}
    if delay is not None:
        told["DOWNLOAD_DELAY"] = delay
    if deadline is not None:
        told["CLOSESPIDER_TIMEOUT"] = deadline
    if contact:
        told["USER_AGENT"] = f"harvester/{__version__} (who wrote about a community event; contact: {contact})"
    if log_level:
        told["LOG_LEVEL"] = log_level
    settings.setdict(told | dict(extra or {}), priority="cmdline")
    return settings


def is_loopback(connect_to: str) -> bool:
    """Whether HOST:PORT (or [V6]:PORT) is this machine."""
    host = connect_to.rpartition(":")[0].strip("[]")
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
