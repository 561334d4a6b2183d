"""G3 and G20: a whole crawl of real pages against bare Scrapy, a first attempt, and ours without its safety.

Every crawler is a process of its own and asks one server for the same pages, once few and once many of them; the
difference is what pages cost without what starting costs. Each says what it fetched and stored, and that is checked:
all fetch every page, and ours stores the posts that the same parsing without a crawl engine stores.
"""

import gzip
import json
import random
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path

from benchmarks.crawlers import HOSTS, address
from benchmarks.pairs import PYTHON, Ratio, in_turn, used
from tests.conformance import pages
from tests.conformance.data import files
from tests.servers import Answer, Seen, serving

FEW, MANY = 20, 260  # at least every host once, so that each robots.txt belongs to the start
ROUNDS = 3
_EVENT = """name = "The event that no page is about"
slug = "benchmark"
starts = 2016-11-28
timezone = "Asia/Tokyo"
pages = ["http://start.example.com/list/{count}"]

[crawl]
max_depth = 1
max_pages = 100000
"""


def bodies() -> list[bytes]:
    """Gzipped real pages, drawn once for all, where the data is; else one made of two paragraphs."""
    found = [path for path in files("pages", pattern="*.html*") if path.name.endswith((".html", ".html.gz"))]
    drawn = random.Random(2016).sample(found, len(found))
    texts = [text for path in drawn if _is_utf8(text := pages.Gold("", "", path).body)][:MANY]
    paragraph = "本文です。" * 200
    made = f"<html lang=ja><title>t</title><article><h1>t</h1><p>{paragraph}</p><p>{paragraph}</p></article>".encode()
    return [gzip.compress(text) for text in texts or [made]]


def _is_utf8(body: bytes) -> bool:
    """Pages in other charsets would make it a comparison of who guesses them."""
    try:
        return bool(body.decode().strip())
    except UnicodeDecodeError:
        return False


def _answers(bodies: list[bytes]) -> Callable[[Seen], Answer]:
    def answer(seen: Seen) -> Answer:
        kind, _, number = seen.path[1:].partition("/")
        if kind == "entry":
            body = bodies[int(number) % len(bodies)]
            return Answer(body, headers={"Content-Type": "text/html; charset=utf-8", "Content-Encoding": "gzip"})
        if kind == "list":
            links = "".join(f'<li><a href="{address(n)}">The page number {n}</a>' for n in range(int(number)))
            body = f"<html lang=en><title>List</title><h1>List</h1><ul>{links}</ul>".encode()
            return Answer(body, headers={"Content-Type": "text/html; charset=utf-8"})
        return Answer(status=404)

    return answer


def run() -> list[str]:
    """Three rows: against the floor, against a first attempt, and what safety costs."""
    with tempfile.TemporaryDirectory() as folder, serving({"*": _answers(bodies())}) as server:
        crawls = Crawls(Path(folder), server.port)
        spent = in_turn({name: crawls.per_page(name) for name in ("bare", "naive", "ours", "inline")}, ROUNDS)
    floor, naive = (Ratio.of(spent[name], spent["ours"]) for name in ("bare", "naive"))
    safety = Ratio.of(spent["ours"], spent["inline"])
    page = 1000 / (MANY - FEW)
    bare_ms, naive_ms, inline_ms = page * floor.first, page * naive.first, page * safety.second
    whole = f"bare Scrapy / crawl + extract + store ({bare_ms:.1f} / {page * floor.second:.1f} ms a page)"
    return [
        floor.line("G3", whole, ">= 0.11", floor.ratio >= 0.11),
        naive.line("G3", f"Scrapy + trafilatura + sqlite-utils ({naive_ms:.1f}) / ours", ">= 2.2", naive.ratio >= 2.2),
        safety.line("G20", f"ours / same without its safety ({inline_ms:.1f} ms)", "<= 1.2", safety.ratio <= 1.2),
    ]


class Crawls:
    """Runs crawlers in fresh folders; `posts` is what ours stored of how many pages."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.posts: dict[int, int] = {}

    def per_page(self, name: str) -> Callable[[], float]:
        """CPU seconds of the pages between FEW and MANY."""
        return lambda: max(1e-3, sum(b - a for a, b in pairwise([self.cost(name, FEW), self.cost(name, MANY)])))

    def cost(self, name: str, count: int) -> float:
        """CPU seconds of one process and its children, after a check that it did its work."""
        with tempfile.TemporaryDirectory(dir=self.folder) as work:
            db = Path(work) / "benchmark.db"
            if name == "ours":
                done = used(self.crawl(count, db))
                fetched, stored = _counted(db)
                fetched -= 1  # the list
            else:
                done = used([PYTHON, "-m", "benchmarks.crawlers", name, str(self.port), str(count), str(db)])
                fetched, stored = json.loads(done.output)
        assert fetched == count, f"{name} fetched {fetched} of {count} pages"
        if name in {"ours", "inline"}:
            assert 0 < stored == self.posts.setdefault(count, stored), f"{name} stored {stored} of {count} pages"
        return done.cpu

    def crawl(self, count: int, db: Path) -> list[str]:
        """`harvest crawl`, but for judging, of a list and the `count` pages it links to."""
        event = db.with_suffix(".toml")
        event.write_text(_EVENT.format(count=count), encoding="utf-8")
        connect = ["--connect-to", f"127.0.0.1:{self.port}"]
        command = [PYTHON, "-m", "benchmarks.crawlers", "ours"]
        return [*command, "crawl", str(event), "--db", str(db), "--source", "blog", *connect]


def _counted(db: Path) -> tuple[int, int]:
    """(pages fetched, posts stored) as a crawled database tells it."""
    with closing(sqlite3.connect(db)) as conn:
        fetched = conn.execute("SELECT count(*) FROM frontier WHERE state = 'done' AND http_status = 200").fetchone()
        return fetched[0], conn.execute("SELECT count(*) FROM posts").fetchone()[0]


assert FEW >= HOSTS
