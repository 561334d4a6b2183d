"""G3 and G7: what we read from a page against trafilatura with its metadata, on the article extraction benchmark."""

import json
import logging
import subprocess
import sys
from datetime import UTC, datetime
from time import process_time

from benchmarks.pairs import PYTHON, paired, peak
from tests.conformance import pages

ROUNDS = 3
F1_GOAL = 0.955
CPU_GOAL = 0.6
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def ours(body: bytes, url: str) -> str:
    from harvester import article

    return article.parse(body, {}, url, now=NOW).text


def theirs(body: bytes, url: str) -> str:
    from trafilatura import bare_extraction

    document = bare_extraction(body, url=url, with_metadata=True, include_comments=False)
    return str(document.text or "") if document is not None else ""


def work(which: str) -> None:
    """Print CPU seconds of reading every page once, the texts' F1, and peak memory in MB."""
    logging.disable(logging.CRITICAL)
    corpus = pages.articles()
    bodies = [page.body for page in corpus]
    read = {"ours": ours, "theirs": theirs}[which]
    for page, body in zip(corpus[:20], bodies, strict=False):
        read(body, page.url)
    start = process_time()
    texts = [read(body, page.url) for page, body in zip(corpus, bodies, strict=True)]
    spent = process_time() - start
    f1 = pages.text_f1((page.text, text) for page, text in zip(corpus, texts, strict=True))[0]
    print(json.dumps([spent, f1, peak()]))


def measured(which: str, scores: dict[str, float], memory: dict[str, float]) -> float:
    """CPU seconds of one contender in a process of its own."""
    done = subprocess.run([PYTHON, "-m", "benchmarks.extraction", which], capture_output=True, text=True, check=True)
    spent, scores[which], most = json.loads(done.stdout)
    memory[which] = max(memory.get(which, 0.0), most)
    return float(spent)


def run() -> list[str]:
    """Two rows: the quality of the text, and CPU a page (text, date, author, links) as a ratio."""
    count = len(pages.articles())
    if not count:
        return ["G3    no pages: the shared data is not here"]
    scores: dict[str, float] = {}
    memory: dict[str, float] = {}
    found = paired(lambda: measured("ours", scores, memory), lambda: measured("theirs", scores, memory), rounds=ROUNDS)
    met = "met" if scores["ours"] >= F1_GOAL else "MISSED"
    what = f"text F1 on {count} pages (trafilatura {scores['theirs']:.3f})"
    return [
        f"{'G3':<5} {what:<62} {scores['ours']:7.3f}             goal {'>= 0.955':<9} {met}",
        found.line(
            "G7",
            f"page CPU, ours / trafilatura + metadata ({1000 * found.first / count:.0f} ms; "
            f"{memory['ours']:.0f} / {memory['theirs']:.0f} MB)",
            "<= 0.6",
            found.ratio <= CPU_GOAL,
        ),
    ]


if __name__ == "__main__":
    work(sys.argv[1])
