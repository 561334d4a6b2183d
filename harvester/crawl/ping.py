"""The dead man's switch: after a crawl that went well, one request to an address of the user's own choice.

A process of its own, because Scrapy starts once per process, and because whatever hangs there (a name server, a
monitor that answers a byte a second) must not hold the crawl. `python -m harvester.crawl.ping SECONDS` reads the
address from stdin: it holds a secret of the user's, and a command line can be read by everybody on the machine.
The address guard does not apply: people run their monitor on their own network, and no stranger names an address.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from twisted.python.failure import Failure

TIMEOUT: Final = 10.0
_START: Final = 10.0  # seconds that a cold interpreter may take on a busy machine


def host_of(url: str) -> str:
    """The only part of an address that may be shown; "" when it is no web address."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    return host if parts.scheme in ("http", "https") and port != 0 else ""


def send(url: str) -> str:
    """Ask for `url` once. "" when it was answered with success, else why not, without the address."""
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "harvester.crawl.ping", str(TIMEOUT)],
            input=url, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8", timeout=TIMEOUT + _START,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return "timeout"
    return done.stdout.strip() if not done.returncode else f"its process ended with exit code {done.returncode}"


def main() -> int:
    """Make the request named on stdin; why it failed, if it did, goes to stdout."""
    import logging

    import scrapy
    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.settings import Settings

    from harvester.crawl.outcome import of_failure

    url, told = sys.stdin.read(), ["connection_error"]

    class Heartbeat(scrapy.Spider):
        """One request."""

        name = "heartbeat"

        async def start(self) -> AsyncIterator[Any]:
            """The address."""
            yield scrapy.Request(url, self.answered, errback=self.failed, dont_filter=True)

        def answered(self, response: Any) -> None:  # noqa: ARG002 - Scrapy's interface
            """It arrived: any answer below 300 will do."""
            told[0] = ""

        def failed(self, failure: Failure) -> None:
            """Name why, in our own words: those of an exception hold the address."""
            assert failure.value is not None
            outcome = of_failure(failure.value)
            told[0] = f"HTTP {outcome.http_status}" if outcome.http_status else outcome.reason

    seconds = {name: float(sys.argv[1]) for name in ("DOWNLOAD_TIMEOUT", "DNS_TIMEOUT")}
    settings = Settings(_SETTINGS | seconds, priority="cmdline")
    process = AsyncCrawlerProcess(settings, install_root_handler=False)
    logging.disable(logging.CRITICAL)
    process.crawl(Heartbeat)
    process.start()
    sys.stdout.write(told[0])
    return 0


_SETTINGS: Final[dict[str, Any]] = {
    "DOWNLOAD_HANDLERS": {"file": None, "data": None, "ftp": None, "s3": None},
    "DOWNLOAD_MAXSIZE": 1 << 16,
    "DOWNLOAD_VERIFY_CERTIFICATES": True,
    "RETRY_ENABLED": False,
    "HTTPPROXY_ENABLED": False,
    "METAREFRESH_ENABLED": False,
    "COOKIES_ENABLED": False,
    "REFERRER_POLICY": "no-referrer",
    "ROBOTSTXT_OBEY": False,
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "USER_AGENT": "harvester (heartbeat)",
}

if __name__ == "__main__":
    sys.exit(main())
