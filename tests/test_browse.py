import asyncio

import pytest

from harvester.browse.serve import application, metadata
from harvester.store.open import open_db, write_tx


@pytest.fixture
def db(tmp_path):
    path = tmp_path / "harvest.db"
    conn = open_db(path, "create")
    with write_tx(conn):
        conn.execute("INSERT INTO events (slug, name, starts_at, ends_at, timezone) VALUES ('e', 'E', 'x', 'x', 'UTC')")
        conn.execute(
            """INSERT INTO posts (id, key, url, kind, platform, host, title, text, first_seen_at)
               VALUES (1, 'k', 'https://a.example/', 'article', 'web', 'a.example', '<script>alert(1)</script>',
               '東京都の天気は晴れです', 'x')"""
        )
        conn.execute("INSERT INTO event_posts (event, post_id, relevance, counted) VALUES ('e', 1, 'confirmed', 1)")
    conn.close()
    return path


def get(db, path):
    async def fetch():
        return await application(db).client.get(path)

    return asyncio.run(fetch())


def test_every_described_table_and_query_exists_and_answers(db):
    described = metadata("harvest")["databases"]["harvest"]
    for table in described["tables"]:
        assert get(db, f"/harvest/{table}.json?_size=1").status_code == 200, table
    for query in described["queries"]:
        assert get(db, f"/harvest/{query}.json?event=e&author=a&words=x").status_code == 200, query


@pytest.mark.parametrize("words", ["天気", "天気は", '"', "AND", "*", "a:b"])
def test_search_finds_two_japanese_characters_and_no_query_crashes_it(db, words):
    answer = get(db, f"/harvest/search.json?words={words}&_shape=array")
    assert answer.status_code == 200
    assert len(answer.json()) == (1 if "天気" in words else 0)


def test_pages_show_titles_and_escape_what_was_found(db):
    page = get(db, "/harvest/event_items").text
    assert "One row per event and post" in page
    assert "<script>alert(1)" not in page


def test_nothing_can_be_written(db):
    answer = get(db, "/harvest.json?sql=delete+from+posts")
    assert answer.status_code == 400
