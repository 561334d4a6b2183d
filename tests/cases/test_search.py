"""S11: Japanese search finds two characters, and no query crashes it, on the command line and in Datasette."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import quote

import pytest

from harvester.browse.serve import application
from harvester.cli import run
from harvester.store.connection import write_tx
from harvester.store.open import open_db
from tests.storage_work import NOW

POSTS = {
    "k1": ("参加しました", "東京都の天気は晴れです"),
    "k2": ("AWS の会", "大阪は雨。天気予報は外れ"),
    "k3": ('100%の"確率" a_b', "NOT AND OR NEAR(x) a:b * ^ - ' \\ C++"),
    "k4": ("絵文字", "\N{COLLISION SYMBOL}かった 𠮷野家"),
}
FOUND = {
    "天気": {"k1", "k2"}, "天気は": {"k1"}, "晴": {"k1"}, "京都の": {"k1"}, "天気 雨": {"k2"}, "天気は 晴れ": {"k1"},
    "天気\u3000AWS": {"k2"}, "aws": {"k2"}, "AW": {"k2"}, "天気 蟹": set(), "雪": set(), "𠮷野": {"k4"},
    "\N{COLLISION SYMBOL}": {"k4"}, "100%": {"k3"}, "0%": {"k3"}, "a_b": {"k3"}, "a_": {"k3"},
    "C++": {"k3"}, "AND": {"k3"}, "a:b": {"k3"}, "NEAR(x)": {"k3"}, '"確率"': {"k3"}, "OR": {"k3"}, "\\": {"k3"},
    "'": {"k3"}, "*": {"k3"}, "^": {"k3"},
}  # fmt: skip
ODD = [
    '"', '""', "AND", "NOT", "a:b", "title:天気は", "*", "天気*", "^天気は", "NEAR(", "{a b}", "(", ")", "%", "_", "-",
    "'; DROP TABLE posts", "-天気は", "--json", "+", "\\", "天気 AND", "a" * 5000, "\N{COLLISION SYMBOL}" * 3, "é",
    "\x07天気", "\udcff天気",
]  # fmt: skip


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    path = tmp_path_factory.mktemp("search") / "harvest.db"
    conn = open_db(path, "create")
    with write_tx(conn):
        event = "INSERT INTO events (slug, name, starts_at, ends_at, timezone) VALUES (?, 'E', ?, ?, 'UTC')"
        conn.executemany(event, [("e", NOW, NOW), ("other", NOW, NOW)])
        conn.execute("INSERT INTO authors (id, platform, handle, opted_out) VALUES (1, 'web', 'gone', 1)")
        for number, (key, (title, text)) in enumerate(POSTS.items()):
            conn.execute(
                """INSERT INTO posts (key, url, kind, platform, host, title, text, published_at, first_seen_at)
                   VALUES (?, ?, 'article', 'web', 'a.example', ?, ?, ?, ?)""",
                (key, f"https://a.example/{key}", title, text, f"2016-12-0{number + 1}T00:00:00Z", NOW),
            )
            conn.execute("INSERT INTO event_posts (event, post_id) VALUES ('e', last_insert_rowid())")
        conn.execute(
            """INSERT INTO posts (key, url, kind, platform, host, title, text, author_id, first_seen_at)
               VALUES ('k5', 'u5', 'article', 'web', 'a.example', '参加', '天気', 1, ?)""",
            (NOW,),
        )
    conn.close()
    return path


def searched(db, capsys, *words):
    assert run(["search", *words, "--json", "--db", str(db)]) == 0
    return json.loads(capsys.readouterr().out)


def get(db, path):
    async def fetch():
        return await application(db).client.get(path, follow_redirects=True)

    return asyncio.run(fetch())


@pytest.mark.case("S11")
@pytest.mark.parametrize("words", FOUND)
def test_s11_every_word_is_found_two_characters_are_enough(db, capsys, words):
    assert {post["key"] for post in searched(db, capsys, words)["posts"]} == FOUND[words]
    # Datasette shows its owner people who opted out too.
    rows = get(db, f"/harvest/search.json?words={quote(words)}&_shape=array").json()
    assert {row["url"][-2:] for row in rows} - {"u5"} == FOUND[words]


@pytest.mark.case("S11")
@pytest.mark.parametrize("words", ODD)
def test_s11_no_query_crashes_it(db, capsys, words):
    code = run(["search", "--db", str(db), "--", words])
    told = capsys.readouterr()
    assert code == 0
    assert told.err == ""
    assert "found" in told.out
    sent = quote(words.encode("utf-8", "replace"))
    assert get(db, f"/harvest/search.json?words={sent}").status_code == 200
    assert get(db, f"/harvest/posts.json?_search={sent}").status_code == 200
    assert get(db, f"/harvest/posts?_search={sent}").status_code == 200


@pytest.mark.case("S11")
@pytest.mark.parametrize("words", ["天気", "天気は", "AW", "天気 雨"])
def test_s11_the_search_box_above_the_posts_finds_what_the_command_finds(db, words):
    found = get(db, f"/harvest/posts.json?_search={quote(words)}&_shape=array").json()
    assert {row["url"][-2:] for row in found} - {"u5"} == FOUND[words]
    page = get(db, f"/harvest/posts?_search={quote(words)}").text
    assert all(f"https://a.example/{key}" in page for key in FOUND[words])
    assert 'name="_search"' in get(db, "/harvest/posts").text


@pytest.mark.case("S11")
def test_s11_a_search_tells_what_it_found(db, capsys):
    told = searched(db, capsys, "天気", "e", "--limit", "1")
    assert (told["text"], told["event"], told["total"]) == ("天気", "e", 2)
    assert told["posts"] == [{
        "key": "k2", "url": "https://a.example/k2", "title": "AWS の会", "kind": "article", "platform": "web",
        "author": "", "published_at": "2016-12-02T00:00:00Z", "events": ["e"], "snippet": "大阪は雨。天気予報は外れ",
    }]  # fmt: skip
    assert searched(db, capsys, "天気", "other")["total"] == 0
    assert run(["search", "天気", "--limit", "1", "--db", str(db)]) == 0
    out = capsys.readouterr().out
    assert "2016-12-02  web         AWS の会" in out
    assert "2 posts found, the newest 1 shown; --limit shows more" in out
    assert run(["search", "雪", "--db", str(db)]) == 0
    assert capsys.readouterr().out == "nothing found\n"


@pytest.mark.case("S11")
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (" \u3000", "nothing to search for; give a word"),
        (" ".join(map(str, range(33))), "33 words are too many to search for; give at most 32"),
    ],
)
def test_s11_what_cannot_be_searched_for_is_said(db, capsys, words, says):
    assert run(["search", words, "--db", str(db)]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.case("S11")
def test_s11_a_long_text_is_shown_around_the_word(tmp_path, capsys):
    path = tmp_path / "h.db"
    conn = open_db(path, "create")
    with write_tx(conn):
        text = "前置き。" * 50 + "ここで 天気 の話。" + "あとがき。" * 50
        conn.execute(
            """INSERT INTO posts (key, url, kind, platform, host, text, first_seen_at)
               VALUES ('k', 'u', 'article', 'web', 'h', ?, ?)""",
            (text, NOW),
        )
    conn.close()
    (post,) = searched(path, capsys, "天気")["posts"]
    assert "ここで 天気 の話。" in post["snippet"]
    assert (post["snippet"][0], post["snippet"][-1], len(post["snippet"])) == ("…", "…", 62)
    assert run(["search", "天気", "--db", str(path)]) == 0
    assert "undated     web         (no title)" in capsys.readouterr().out
