"""Real pages: our dates, titles, authors and texts beside plain htmldate and trafilatura on the same bytes."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

import pytest

from harvester import article
from harvester.cli.extract import shown_date
from tests.conformance import pages, peers
from tests.conformance.pages import Gold, key

if TYPE_CHECKING:
    from harvester.model import Parsed

NOW = datetime(2026, 11, 22, tzinfo=UTC)
CORPORA = {
    "htmldate": pages.dated, "trafilatura": pages.titled, "japanese blog": pages.japanese_blog, "news": pages.news,
}  # fmt: skip


@cache
def gold(corpus: str) -> list[Gold]:
    return CORPORA[corpus]()


@cache
def ours(page: Gold) -> Parsed:
    return article.parse(page.body, {}, page.url, now=NOW)


@cache
def theirs(corpus: str) -> list[dict[str, str]]:
    return peers.ask(gold(corpus))


def score(corpus: str, right: list[tuple[bool, bool]], what: str, peer: str) -> tuple[int, int]:
    mine, other = sum(a for a, _ in right), sum(b for _, b in right)
    print(f"\n{corpus}: {what} {mine}/{len(right)} right, {peer} {other}/{len(right)}")
    return mine, other


@pytest.mark.parametrize("corpus", list(CORPORA))
def test_dates(corpus: str) -> None:
    found = []
    for page, peer in zip(gold(corpus), theirs(corpus), strict=True):
        if page.day:
            parsed = ours(page)
            shown = shown_date(parsed.drafts[0], NOW, parsed.meta["shown_day"])[0][:10]
            found.append((shown == page.day, peer["date"] == page.day, peer["original"] == page.day))
    mine, other = score(corpus, [(a, b) for a, b, _ in found], "dates", "htmldate")
    _, original = score(corpus, [(a, c) for a, _, c in found], "dates", "htmldate asked for the original date")
    assert mine >= other
    assert mine >= original - 2
    assert mine >= 0.89 * len(found)


@pytest.mark.parametrize("corpus", ["trafilatura", "japanese blog", "news"])
def test_titles(corpus: str) -> None:
    found = [
        (key(ours(page).title) == key(page.title), key(peer["title"]) == key(page.title))
        for page, peer in zip(gold(corpus), theirs(corpus), strict=True)
    ]
    mine, other = score(corpus, found, "titles", "trafilatura")
    assert mine >= other


@pytest.mark.parametrize("corpus", ["trafilatura", "news"])
def test_authors(corpus: str) -> None:
    found = []
    for page, peer in zip(gold(corpus), theirs(corpus), strict=True):
        names = {key(name) for name in (page.author, *page.author.split(";"))} - {""}
        if names:
            first = peer["author"].split(";")[0]
            found.append((key(ours(page).drafts[0].author.name) in names, key(first) in names))
    mine, other = score(corpus, found, "authors", "trafilatura")
    assert mine >= other


def test_articles_are_told_from_listings() -> None:
    right = [ours(page).kind == "article" for page in gold("japanese blog")]
    for path in pages.other_pages_of_the_blog():
        inside = str(path.relative_to(path.parents[len(path.parts) - path.parts.index("site") - 2]))
        url = "https://jurishimizu.github.io/" + inside.replace("index.html", "")
        right.append(article.parse(path.read_bytes(), {}, url, now=NOW).kind == "page")
    print(f"\nkinds: {sum(right)}/{len(right)} right")
    assert sum(right) >= 0.97 * len(right)


def test_text() -> None:
    corpus = pages.articles()
    bodies = [page.body for page in corpus]
    start = time.process_time()
    texts = [article.parse(body, {}, page.url, now=NOW).text for page, body in zip(corpus, bodies, strict=True)]
    spent = time.process_time() - start
    f1, precision, recall = pages.text_f1((page.text, text) for page, text in zip(corpus, texts, strict=True))
    print(
        f"\ntext: F1 {f1:.3f} (P {precision:.3f}, R {recall:.3f}), {1000 * spent / max(1, len(corpus)):.0f} ms a page"
    )
    assert not corpus or f1 >= 0.955
