"""What the cases of erasure share: a database with somebody in it, a feed, and a look into every file."""

import json
import random
import re
import zlib
from contextlib import closing
from datetime import UTC, datetime

from harvester.event import load
from harvester.model import Draft, DraftAuthor
from harvester.normalise import normalise
from harvester.store import archive, events, posts, runs
from harvester.store.connection import write_tx
from harvester.store.open import open_db
from tests.crawling import EVENT
from tests.servers import Answer

NOW = "2026-11-20T00:00:00Z"
GREEK = "αβγδεζηθικλμνξοπρστυφχψω"  # no word of anybody else shares a trigram with these
LATIN = "abcdefghijklmnopqrstuvwxyz"


def rows(db, sql, *values):
    with closing(open_db(db, "ro")) as conn:
        return [tuple(row) for row in conn.execute(sql, values)]


def bytes_of(folder):
    """Everything the files of a folder say, in lower case: their bytes, and what archived bodies unpack to."""
    said = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        said.append(path.read_bytes())
        if path.name.endswith(".archive"):
            with closing(archive.open_archive(path)) as conn:
                said += [zlib.decompress(copy.body) if copy.deflated else copy.body for copy in archive.walk(conn)]
    text = b"\n".join(said)
    return text + text.decode("utf-8", "replace").lower().encode()


def left(folder, words):
    """The words that some file of the folder still holds: as UTF-8 or escaped as in JSON, in any case."""
    said = bytes_of(folder)
    return [w for w in words if w.lower().encode() in said or json.dumps(w).strip('"').lower().encode() in said]


def greek(folder):
    """What is left of words of Greek letters, which nobody else uses: every six in a row, however written."""
    said = bytes_of(folder)
    return {*re.findall(rb"(?:[\xce\xcf][\x80-\xbf]){6}", said), *re.findall(rb"(?:\\u03[0-9a-f]{2}){6}", said)}


def random_words(letters, seed, count):
    chance = random.Random(seed)
    return ["".join(chance.choice(letters) for _ in range(12)) for _ in range(count)]


def entry(account, number, words):
    return (
        f"<item><title>The Meetup {words[0]}</title><link>https://note.com/{account}/n/n{number:012x}</link>"
        f"<guid>https://note.com/{account}/n/n{number:012x}</guid><pubDate>Fri, 02 Dec 2016 00:00:00 GMT</pubDate>"
        f"<description>the meetup {' '.join(words)}</description></item>"
    )


def feed_of(mine, others):
    items = [entry("Forget_Me", n, words) for n, words in enumerate(mine)]
    items += [entry(f"user{n % 5}", 1000 + n, words) for n, words in enumerate(others)]
    body = f'<rss version="2.0"><channel><title>Notes</title>{"".join(items)}</channel></rss>'
    return Answer(body.encode(), 200, {"Content-Type": "application/rss+xml; charset=utf-8", "ETag": '"1"'})


def seeded(db):
    """A database with an account in every table that can hold one, and another account beside it."""
    with closing(open_db(db, "create")) as conn, write_tx(conn):
        event = events_load(EVENT + "attendees = []\n")
        events.save_event(conn, event)
        runs.start_run(conn, "crawl", "meetup", now=NOW)
        for n, handle in ((1, "mara_q"), (2, "ben")):
            save(conn, event, native_id=str(n) * 10, platform="x", url=f"https://x.com/{handle}/status/{str(n) * 10}",
                 text=f"w_text_{handle} at the meetup", author=DraftAuthor(platform="x", handle=handle))  # fmt: skip
        save(conn, event, url="https://mara.example/one", text="w_text_site at the meetup")
        asked = [(query, NOW) for query in ("@mara_q", "mara_q", "https://x.com/mara_q", "#meetup")]
        conn.executemany("""INSERT INTO run_sources (run_id, source, event, status, query, started_at)
            VALUES (1, 'x', 'meetup', 'ok', ?, ?)""", asked)  # fmt: skip
        conn.executemany("""INSERT INTO checkpoints (source, event, cursor, query, updated_at)
            VALUES ('x', 'meetup', '{}', ?, ?)""", asked)  # fmt: skip
    return db


def events_load(text):
    return load(text, "meetup.toml")


def save(conn, event, source="x", **draft):
    made = normalise(Draft(**draft), event, now=datetime(2026, 11, 20, tzinfo=UTC))
    return posts.save_post(conn, made, event="meetup", source=source, run_id=1, now=NOW)
