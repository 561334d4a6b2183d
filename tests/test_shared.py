"""What short posts link to is a list of its own: every sighting counts, although each page is fetched once."""

from __future__ import annotations

import json

import pytest

from harvester.cli import run
from harvester.store.connection import write_tx
from harvester.store.open import open_db
from harvester.store.shared import note_pointers

SIGHTED = """SELECT p.key, s.source, s.query FROM sightings s JOIN posts p ON p.id = s.post_id
WHERE s.source IN ('shared', 'listed') ORDER BY 1, 2, 3"""
NOW = "2017-01-20T00:00:00Z"


def lines():
    """An article that posts of X, Mastodon, a fed source and another article link to; a micropost that one quotes."""
    yield {"type": "event", "event": "e", "name": "E", "starts_at": "2016-12-21T10:00:00Z",
           "ends_at": "2016-12-21T12:30:00Z", "timezone": "UTC"}  # fmt: skip
    for source, platforms in (("x", ["x"]), ("mastodon", ["mastodon"]), ("x_oembed", ["x"]), ("qiita", ["qiita"])):
        fed = {"fed_by": "x"} if source == "x_oembed" else {}
        yield {"type": "run", "run": "r", "event": "e", "source": source, "platforms": platforms, **fed}
    posts = {
        "https://blog.example/1": ("article", "web", ()), "https://blog.example/2": ("article", "web", ()),
        "x:1": ("micropost", "x", ("https://blog.example/1", "x:2")),
        "x:2": ("micropost", "x", ("https://blog.example/2",)),
        "https://m.example/@a/1": ("micropost", "mastodon", ("https://blog.example/1",)),
        "https://qiita.com/a/items/1": ("article", "qiita", ("https://blog.example/2",)),
    }  # fmt: skip
    for key, (kind, platform, links) in posts.items():
        yield {"type": "post", "post": key, "url": key, "kind": kind, "platform": platform,
               "published_at": "2016-12-22T00:00:00Z", "events": [{"event": "e"}]}  # fmt: skip
        for target in links:
            yield {"type": "edge", "event": "e", "edge_type": "link", "source": key, "target": target}
    seen = (("x:1", "x"), ("x:2", "x_oembed"), ("https://m.example/@a/1", "mastodon"),
            ("https://qiita.com/a/items/1", "qiita"))  # fmt: skip
    for key, source in seen:
        yield {"type": "sighting", "event": "e", "post": key, "source": source, "query": "q", "run": "r"}


@pytest.fixture
def held(tmp_path, capsys):
    file, db = tmp_path / "held.jsonl", tmp_path / "held.db"
    file.write_text("\n".join(map(json.dumps, lines())), encoding="utf-8")
    assert run(["import", "e", str(file), "--db", str(db)]) == 0, capsys.readouterr()
    conn = open_db(db, "rw")
    yield conn
    conn.close()


def test_what_short_posts_link_to_is_shared(held):
    """By those that a search found itself: neither a fed source's posts nor articles make anything shared."""
    run_id = held.execute("SELECT max(id) FROM runs").fetchone()[0]
    for _ in range(2):
        with write_tx(held):
            note_pointers(held, "e", run_id=run_id, now=NOW)
        found = [tuple(row) for row in held.execute(SIGHTED)]
        assert found == [("https://blog.example/1", "shared", "mastodon"), ("https://blog.example/1", "shared", "x")]


def test_an_import_alone_makes_no_list(held):
    """Who brings sightings in a file has said who saw what."""
    assert [tuple(row) for row in held.execute(SIGHTED)] == []
