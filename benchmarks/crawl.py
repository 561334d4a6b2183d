"""G3 and G20: a whole crawl of real pages against bare Scrapy, a first attempt, and ours without its safety.

Each process is run with few and with many pages; the difference is the cost of pages without the cost of starting.
"""

import gzip
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.pairs import PYTHON, cpu_of, paired
from tests.conformance.data import DATA
from tests.servers import Answer, serving

FEW, MANY = 10, 110
ROUNDS = 3
_EVENT = """name = "Benchmark"
slug = "benchmark"
starts = 2016-11-28
timezone = "Asia/Tokyo"
pages = [{pages}]

[crawl]
max_depth = 0
max_pages = 100000
"""


def bodies() -> list[bytes]:
    """Real pages where the data is, else the event examples repeated as plain pages."""
    found = sorted(DATA.glob("pages/dates_text/html/*.html"))[:MANY] if DATA else []
    texts = [path.read_bytes() for path in found]
    filler = b"<html lang=ja><title>t</title><article><p>" + "本文です。".encode() * 400 + b"</p></article>"
    return [gzip.compress(text) for text in (texts or [filler])]


def run() -> list[str]:
    """Three rows: against the floor, against a first attempt, and what safety costs."""
    pages = bodies()

    def answer(seen):
        if seen.path == "/robots.txt":
            return Answer(status=404)
        body = pages[int(seen.path.rsplit("/", 1)[1]) % len(pages)]
        return Answer(body, headers={"Content-Type": "text/html; charset=utf-8", "Content-Encoding": "gzip"})

    with tempfile.TemporaryDirectory() as folder, serving({"*": answer}) as server:
        port = str(server.port)

        def other(mode: str) -> Callable[[], float]:
            return lambda: per_page(
                lambda n, db: cpu_of([PYTHON, "-m", "benchmarks.crawlers", mode, port, str(n), db]), folder
            )

        def ours() -> float:
            return per_page(lambda n, db: cpu_of(crawl_command(n, db, port)), folder)

        floor = paired(other("bare"), ours, ROUNDS)
        naive = paired(other("naive"), ours, ROUNDS)
        safety = paired(ours, other("inline"), ROUNDS)
    return [
        floor.line("G3", "bare Scrapy / crawl + extract + store (CPU a page)", ">= 0.11", floor.ratio >= 0.11),
        naive.line("G3", "Scrapy + trafilatura + sqlite-utils / ours", ">= 2.2", naive.ratio >= 2.2),
        safety.line("G20", "ours / ours without child, guards, frontier", "<= 1.2", safety.ratio <= 1.2),
    ]


def per_page(cost: Callable[[int, str], float], folder: str) -> float:
    """CPU seconds of the pages alone: many minus few."""
    with tempfile.TemporaryDirectory(dir=folder) as work:
        few = cost(FEW, str(Path(work) / "few.db"))
        many = cost(MANY, str(Path(work) / "many.db"))
    return max(many - few, 1e-3)


def crawl_command(count: int, db: str, port: str) -> list[str]:
    """`harvest crawl` of `count` start pages on twenty hosts."""
    event = Path(db).with_suffix(".toml")
    urls = ", ".join(f'"http://h{n % 20}.example.com/page/{n}"' for n in range(count))
    event.write_text(_EVENT.format(pages=urls), encoding="utf-8")
    arguments = ["crawl", str(event), "--db", db, "--source", "blog", "--connect-to", f"127.0.0.1:{port}", "--cron"]
    return [PYTHON, "-m", "harvester.cli", *arguments]
