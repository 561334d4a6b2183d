"""Real pages with what is known about them, and the scores they are measured by."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.conformance.data import DATA, files, jsonl

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Gold:
    """One page: the truth that its corpus states; empty where it states nothing."""

    corpus: str
    url: str
    path: Path
    title: str = ""
    author: str = ""
    day: str = ""
    text: str = ""

    @property
    def body(self) -> bytes:
        raw = self.path.read_bytes()
        return gzip.decompress(raw) if self.path.suffix == ".gz" else raw


def key(text: str) -> str:
    """Letters and digits, folded: how titles and names are compared."""
    return re.sub(r"[\W_]+", "", text).casefold()


def dated() -> list[Gold]:
    """htmldate's own pages."""
    home = DATA / "pages" / "dates_text"
    records = jsonl("pages", "dates_text", "gold_dates.jsonl")
    return [Gold("htmldate", r["url"], home / r["html"], day=r["gold_date"]) for r in records]


def titled() -> list[Gold]:
    """trafilatura's own pages."""
    home = DATA / "pages" / "dates_text"
    records = jsonl("pages", "dates_text", "gold_text.jsonl")
    return [
        Gold(
            "trafilatura",
            r["url"],
            home / r["html"],
            title=r["title"],
            author=_names(r.get("author", "")),
            day=r.get("date", ""),
        )
        for r in records
        if r.get("title")
    ]


def _names(author: str | list[str]) -> str:
    return author if isinstance(author, str) else "; ".join(author)


def japanese_blog() -> list[Gold]:
    """A static Japanese blog."""
    home = DATA / "events" / "rendered_blog" / "site"
    pages = []
    for r in jsonl("events", "rendered_blog", "gold.jsonl"):
        inside = r["html"].partition("/")[2]
        url = r["site"] + inside.replace("index.html", "")
        pages.append(
            Gold("japanese blog", url, home / inside, title=r["title"], author=r["author"], day=r["date"][:10])
        )
    return pages


def other_pages_of_the_blog() -> list[Path]:
    """Its front, archive and tag pages."""
    articles = {page.path for page in japanese_blog()}
    return [path for path in files("events", "rendered_blog", "site", pattern="*.html") if path not in articles]


def news() -> list[Gold]:
    """Pages of news sites; of a publisher's layouts, the one whose title the page holds is its truth."""
    return [gold for info in files("pages", "news_fundus", pattern="meta.info") for gold in _news_of(info)]


def _news_of(info: Path) -> Iterator[Gold]:
    for name, about in json.loads(info.read_text("utf-8")).items():
        publisher = info.parent / (re.sub(r"_\d{4}_\d\d_\d\d(?:_\d+)?\.html\.gz$", "", name) + ".json")
        path = info.parent / name
        if not (publisher.is_file() and path.is_file()):
            continue
        shown = key(re.sub("<[^>]+>", "", gzip.decompress(path.read_bytes()).decode("utf-8", "replace")))
        for version in json.loads(publisher.read_text("utf-8")).values():
            title = version.get("title") or ""
            if title and key(title)[:30] in shown:
                author = "; ".join(version.get("authors") or [])
                yield Gold("news", about["url"], path, title, author, (version.get("publishing_date") or "")[:10])
                break


def articles() -> list[Gold]:
    """The article extraction benchmark."""
    truth = DATA / "pages" / "article_extraction" / "ground-truth.json"
    if not truth.is_file():
        return []
    records = json.loads(truth.read_text("utf-8"))
    home = truth.parent / "html"
    return [Gold("aeb", r["url"], home / f"{name}.html.gz", text=r["articleBody"]) for name, r in records.items()]


def shingles(text: str, size: int = 4) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    return Counter(tuple(words[at : at + size]) for at in range(max(1, len(words) - size + 1)))


def text_f1(pairs: Iterable[tuple[str, str]]) -> tuple[float, float, float]:
    """(F1, precision, recall) of (wanted, found) texts over shared four-word shingles, every page counting alike."""
    hit = extra = missed = 0.0
    for wanted, found in pairs:
        want, got = shingles(wanted), shingles(found)
        both = sum((want & got).values())
        total = want.total() + got.total() - both
        hit += both / total
        extra += (got.total() - both) / total
        missed += (want.total() - both) / total
    if not hit:
        return 0.0, 0.0, 0.0
    precision, recall = hit / (hit + extra), hit / (hit + missed)
    return 2 * precision * recall / (precision + recall), precision, recall
