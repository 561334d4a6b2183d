import asyncio
import json

import lxml.html
import pytest

from harvester.browse.serve import application, metadata
from harvester.cli import run
from harvester.store.connection import write_tx
from harvester.store.open import open_db
from tests.test_report import FX


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
    for table, told in described["tables"].items():
        status = 403 if told.get("allow") is False else 200
        assert get(db, f"/harvest/{table}.json?_size=1").status_code == status, table
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


@pytest.fixture(scope="module")
def frozen(tmp_path_factory):
    path = tmp_path_factory.mktemp("fx") / "my fx.db"
    assert run(["import", "E2", str(FX), "--db", str(path)]) == 0
    for event in ("E1", "E2"):
        assert run(["report", event, "--db", str(path)]) == 0
    return path


def rows_of(db, query, **asked):
    words = "&".join(f"{name}={value}" for name, value in asked.items())
    answer = get(db, f"/my~20fx/{query}.json?_shape=array&{words}")
    assert answer.status_code == 200, answer.text[:300]
    return answer.json()


def test_ranges_and_states_come_from_the_frozen_report(frozen):
    lines = {line["event"]: line for line in rows_of(frozen, "ratio")}
    assert (lines["E2"]["participant"], lines["E2"]["media"], lines["E2"]["unknown"]) == (7, 2, 1)
    told = [round(lines["E2"][name], 4) for name in ("ratio", "chance_from", "chance_to", "bounds_from", "bounds_to")]
    assert told == [3.5, 0.66, 18.5603, 2.3333, 4.0]
    assert (lines["E2"]["status"], json.loads(lines["E2"]["flags"])) == ("ok", ["few_media"])
    assert rows_of(frozen, "event", event="nobody") == []
    shared = rows_of(frozen, "overlap", event="E2")
    assert [(line["sources"], line["status"]) for line in shared] == [(None, "not_applicable")]


def test_a_series_stands_side_by_side_with_its_verdicts(frozen):
    lines = rows_of(frozen, "series", event="E1", _size="max")
    wrote = [
        (line["event"], line["value"]) for line in lines if (line["metric"], line["grp"]) == ("M03.contributors", "any")
    ]
    assert wrote == [("E1", 4), ("E2", 6)]
    verdicts = {line["verdict"] for line in lines if line["metric"] == "M18.change" and line["event"] == "E2"}
    assert "no_clear_change" in verdicts


def test_a_number_leads_to_its_list(frozen):
    page = lxml.html.document_fromstring(get(frozen, "/my~20fx/event?event=E2").text)
    links = [link.get("href") for link in page.iter("a") if link.text_content() == "list"]
    assert len(links) > 100
    assert "13 rows" in " ".join(get(frozen, links[0]).text.split())
