"""G8: feeds into SQLite, ours against feedparser; one feed in twenty is broken and takes the tolerant road."""

import io
import json
import random
import sqlite3
import subprocess
import sys
from time import process_time

from benchmarks.pairs import PYTHON, paired, peak

FEEDS = 20
ENTRIES = 50
ROUNDS = 3
GOAL = 10.0


def body(chance: random.Random) -> str:
    """About 5 KB of what a blog engine writes: headings, lists, links, pictures and highlighted code."""
    words = [
        "re:Invent",
        "ラスベガス",
        "keynote",
        "に",
        "参加",
        "して",
        "きました",
        "serverless",
        "の",
        "話",
        "を",
        "聞いた",
    ]
    parts = []
    for section in range(5):
        line = " ".join(chance.choices(words, k=25))
        spans = "".join(
            f'<span class="line"><span class="kw">let</span> x{n} = <b>{n}</b>;</span><br>' for n in range(5)
        )
        items = "".join(f'<li><a href="https://x.example/{chance.random()}">{word}</a></li>' for word in words[:5])
        parts.append(
            f'<h2 id="s{section}">{words[section]}</h2><p>{line}<br>{line}<strong>{words[0]}</strong></p>'
            f'<ul>{items}</ul><p><img src="/img/{section}.png" alt=""></p><pre><code>{spans}</code></pre>'
        )
    return "".join(parts)


def feed(number: int, broken: bool) -> bytes:
    """One RSS feed of 50 entries; broken ones use a prefix nobody declared."""
    chance = random.Random(number)
    items = [
        f"<item><title>Entry {entry} of {number}</title><link>https://b{number}.example/{entry}</link>"
        f"<guid>https://b{number}.example/{entry}</guid><pubDate>Mon, 05 Dec 2016 21:{entry % 60:02}:00 +0900</pubDate>"
        f"<category>AWS</category><description><![CDATA[{body(chance)}]]></description></item>"
        for entry in range(ENTRIES)
    ]
    extra = "<x:odd/>" if broken else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>b</title><link>https://b.example/</link>'
        f"{extra}{''.join(items)}</channel></rss>"
    ).encode()


def ours(body: bytes) -> list[tuple[str, ...]]:
    from harvester import feed as reader

    return [
        (d.native_id, d.url, d.title, d.text, d.published, d.author.name)
        for d in reader.parse(body, {}, "https://b.example/feed").drafts
    ]


def theirs(body: bytes) -> list[tuple[str, ...]]:
    import feedparser

    return [
        (e.get("id", ""), e.get("link", ""), e.get("title", ""), e.get("summary", ""), e.get("published", ""), "")
        for e in feedparser.parse(io.BytesIO(body)).entries
    ]


def work(which: str) -> None:
    """Print CPU seconds of parsing and storing all feeds, entries stored, and peak memory in MB.

    Ours also turns every body into text and collects its links; feedparser hands over sanitised HTML.
    """
    bodies = [feed(number, broken=number == 7) for number in range(FEEDS)]
    read = {"ours": ours, "theirs": theirs}[which]
    # Both roads are loaded before the clock runs.
    read(bodies[0])
    read(feed(99, broken=True))
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE posts (id TEXT PRIMARY KEY, url, title, text, published, author)")
    start = process_time()
    for body in bodies:
        connection.executemany("INSERT INTO posts VALUES (?, ?, ?, ?, ?, ?)", read(body))
    connection.commit()
    spent = process_time() - start
    stored = connection.execute("SELECT count(*) FROM posts").fetchone()[0]
    print(json.dumps([spent, stored, peak()]))


def measured(which: str, memory: dict[str, float]) -> float:
    """CPU seconds of one contender in a process of its own."""
    done = subprocess.run([PYTHON, "-m", "benchmarks.feeds", which], capture_output=True, text=True, check=True)
    spent, stored, most = json.loads(done.stdout)
    assert stored == FEEDS * ENTRIES
    memory[which] = max(memory.get(which, 0.0), most)
    return float(spent)


def run() -> list[str]:
    """One row: feedparser's CPU over ours, with both peaks."""
    memory: dict[str, float] = {}
    found = paired(lambda: measured("theirs", memory), lambda: measured("ours", memory), rounds=ROUNDS)
    rate = FEEDS * ENTRIES / found.second
    what = f"feedparser / ours, 5 % broken ({rate:,.0f} entries/s; {memory['theirs']:.0f} / {memory['ours']:.0f} MB)"
    return [found.line("G8", what, ">= 10", found.ratio >= GOAL)]


if __name__ == "__main__":
    work(sys.argv[1])
