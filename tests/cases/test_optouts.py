"""P7: what people and sites ask not to do is not done, and nothing is kept longer than was said."""

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from harvester import privacy
from harvester.article import parse
from harvester.cli import run
from harvester.model import Draft, DraftAuthor
from harvester.normalise import normalise
from harvester.store import events, retention
from harvester.store.connection import write_tx
from harvester.store.open import open_db
from tests.cases.erasing import entry, events_load, left, rows, save, seeded
from tests.crawling import EVENT
from tests.servers import Answer, html


@pytest.mark.parametrize("word", ["unlisted", "private", "direct", "followers", "limited", "home", "protected", 7, []])
@pytest.mark.case("P7")
def test_p7_only_what_everybody_may_see_is_public(word):
    assert not privacy.is_public(word)
    assert all(privacy.is_public(told) for told in (None, "", "public", " Public "))


@pytest.mark.case("P7")
def test_p7_unlisted_private_direct_and_noindex_leave_no_text(harvest, tmp_path):
    hidden = ["unlisted", "private", "direct"]
    lines = [
        {"type": "author", "author": "mastodon:noah@m.example", "name": "w_noah", "bio": "w_bio", "noindex": True},
        {"type": "author", "author": "mastodon:iris@m.example", "name": "w_iris", "indexable": False},
        {"type": "author", "author": "mastodon:olga@m.example", "name": "Olga", "indexable": True, "noindex": False},
        *({"type": "post", "url": f"https://m.example/@{who}/{n}", "kind": "micropost", "text": f"w_{who}_{n} words",
           "author": f"mastodon:{who}@m.example", "visibility": "public"}
          for n, who in enumerate(("noah", "iris", "olga"))),
        *({"type": "post", "url": f"https://m.example/@olga/{word}", "kind": "micropost", "text": f"w_{word} words",
           "author": "mastodon:olga@m.example", "visibility": word} for word in hidden),
    ]  # fmt: skip
    file = tmp_path / "mastodon.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in lines))
    seeded(harvest.db)
    assert harvest("import", "meetup", file, "--json") == 0
    (told,) = json.loads(harvest.out)["files"]
    assert told["rejected"] == {"noindex": 4, "private": 3}
    assert rows(harvest.db, "SELECT text FROM posts WHERE host = 'm.example'") == [("w_olga_2 words",)]
    words = ["w_noah", "w_bio", "w_iris", *(f"w_{word}" for word in hidden)]
    assert left(harvest.db.parent, words) == []
    assert left(harvest.db.parent, ["w_olga_2"]) == ["w_olga_2"]


@pytest.mark.case("P7")
def test_p7_an_account_that_changes_its_mind(harvest, tmp_path):
    seeded(harvest.db)

    def told(**wish):
        file = tmp_path / "wish.jsonl"
        post = {"type": "post", "post": "x:1234567890", "kind": "micropost", "text": "w_later", "author": "x:mara_q"}
        lines = [{"type": "author", "author": "x:mara_q", **wish}, post]
        file.write_text("\n".join(json.dumps(line) for line in lines))
        assert harvest("import", "meetup", file) == 0
        return {key for (key,) in rows(harvest.db, "SELECT key FROM posts WHERE platform = 'x'")}

    assert told(noindex=True) == {"x:2222222222"}, "what was stored of it goes"
    assert told() == {"x:2222222222"}, "silence is no word"
    assert told(noindex=False) == {"x:2222222222", "x:1234567890"}


@pytest.mark.case("P7")
def test_p7_drafts_that_are_not_public_are_rejected_by_name():
    event, now = events_load(EVENT), datetime(2026, 11, 20, tzinfo=UTC)
    made = {"url": "https://m.example/1", "text": "words"}
    assert normalise(Draft(**made, visibility="direct"), event, now=now).reason == "private"
    assert normalise(Draft(**made, author=DraftAuthor(protected=True)), event, now=now).reason == "private"
    assert normalise(Draft(**made, author=DraftAuthor(noindex=True)), event, now=now).reason == "noindex"
    assert normalise(Draft(**made, visibility="public"), event, now=now).text == "words"


@pytest.mark.parametrize(
    ("metas", "header", "flags"),
    [
        ([], "", ()),
        (["index, follow"], "all", ()),
        (["noindex"], "", ("noindex",)),
        (["NoIndex, NOARCHIVE"], "", ("noarchive", "noindex")),
        (["none"], "", ("noindex",)),
        (["nocache"], "", ("noarchive",)),
        ([], "noindex, nofollow", ("noindex",)),
        ([], "googlebot: noindex", ()),
        ([], "googlebot: nofollow, noindex", ("noindex",)),
        ([], "harvester: noarchive", ("noarchive",)),
        ([], "max-snippet:20, unavailable_after: 25 Jun 2010 15:00:00 PST, noarchive", ("noarchive",)),
    ],
)
@pytest.mark.case("P7")
def test_p7_what_robots_are_told_is_a_flag(metas, header, flags):
    assert privacy.robots_flags(metas, header) == flags


@pytest.mark.case("P7")
def test_p7_a_page_carries_its_flags_whichever_view_wins(harvest):
    page = b"""<html lang=en><head><title>Report of the meetup</title><meta name="robots" content="max-snippet:-1">
      <meta name="ROBOTS" content="noarchive"></head><body><article><h1>Report</h1><p>A long report of the meetup, in
      whole sentences, so that it is an article for everybody who reads it.</p></article></body></html>"""
    found = parse(page, {"content-type": "text/html", "x-robots-tag": "noindex"}, "https://b.example/2016/12/report")
    assert set(found.drafts[0].flags) >= {"noindex", "noarchive"}
    seeded(harvest.db)
    with closing(open_db(harvest.db)) as conn, write_tx(conn):
        event = events.load_event(conn, "meetup")
        for source, flags in (("blog", ("noindex",)), ("record", ("slide_mode",)), ("feeds", ())):
            save(conn, event, source, url="https://b.example/2016/12/report", title="Report", text="t", flags=flags)
        ((kept,),) = conn.execute("SELECT flags FROM posts WHERE host = 'b.example'").fetchall()
    assert set(json.loads(kept)) == {"noindex", "slide_mode"}


@pytest.mark.case("P7")
def test_p7_a_crawl_keeps_no_copy_of_what_it_may_not_store(site, tmp_path):
    item = {
        "id": "0" * 20, "url": f"https://qiita.com/aoi/items/{'0' * 20}", "title": "The Meetup 2016 w_private",
        "body": "the meetup", "created_at": "2016-12-02T00:00:00+09:00", "user": {"id": "aoi"}, "private": True,
    }  # fmt: skip
    fine = item | {"id": "1" * 20, "title": "The Meetup 2016 w_public", "user": {"id": "ben"}, "private": False}
    fine["url"] = f"https://qiita.com/ben/items/{'1' * 20}"
    answer = Answer(json.dumps([item, fine]).encode(), 200, {"Content-Type": "application/json", "Total-Count": "2"})
    page = html(
        "<title>The Meetup 2016</title><article><h1>The Meetup 2016</h1><p>" + "w_flagged words. " * 40,
        X_Robots_Tag="noindex",
    )
    made = site(
        {("qiita.com", "/api/v2/items"): answer, ("b.example", "/2016/12/03/report"): page}, ("spiders",),
        pages=["https://b.example/2016/12/03/list"], **{"source.qiita": {"queries": ["meetup"]}},
    )  # fmt: skip
    made.server.routes["b.example", "/2016/12/03/list"] = html(
        '<main><a href="/2016/12/03/report">the meetup 2016</a></main>'
    )
    assert made.crawl("--source", "qiita", "--source", "blog").code == 0
    assert made.rows("SELECT url FROM posts WHERE platform = 'qiita'") == [(fine["url"],)]
    ((flags,),) = made.rows("SELECT flags FROM posts WHERE host = 'b.example'")
    assert "noindex" in json.loads(flags)
    assert left(tmp_path, ["w_private"]) == []
    assert set(left(tmp_path, ["w_public", "w_flagged"])) == {"w_public", "w_flagged"}
    assert made.rows("SELECT count(*) FROM rejected") == [(0,)]


@pytest.mark.case("P7")
def test_p7_keep_days_is_enforced_by_each_crawl(site, tmp_path):
    words = {days: [f"word{days}{n}x" for n in range(30)] for days in (89, 90, 91)}
    items = "".join(entry("writer", days, words[days]) for days in words)
    feed = Answer(f'<rss version="2.0"><channel><title>N</title>{items}</channel></rss>'.encode(), 200,
                  {"Content-Type": "application/rss+xml"})  # fmt: skip
    made = site({("n.example", "/feed"): feed}, ("spiders",), feeds=["https://n.example/feed"])
    assert made.crawl("--source", "feeds").code == 0
    assert run(["backup", "--db", str(made.db)]) == 0
    now = datetime.now(UTC)
    for db in (made.db, *(tmp_path / "test.db.backups").glob("*.db")):
        with closing(open_db(db)) as conn:
            with write_tx(conn):
                for days in words:
                    conn.execute(
                        "UPDATE posts SET first_seen_at = ? WHERE text LIKE ?",
                        (f"{now - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}", f"%{words[days][0]}%"),
                    )
            conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    made.event(feeds=["https://n.example/feed"], keep_days=90)
    done = made.crawl("--source", "feeds")
    assert done.code == 0, done
    assert left(tmp_path, words[91]) == []
    assert len(left(tmp_path, words[90] + words[89])) == 60
    assert made.rows("SELECT kind FROM tombstones GROUP BY 1") == [("expired",)]
    assert made.rows("SELECT local_day, kind, posts FROM expired_counts") == [("2016-12-02", "article", 1)]
    again = made.crawl("--source", "feeds")
    assert again.code == 0, again
    assert made.rows("SELECT count(*) FROM posts") == [(2,)], "the feed still has it; it does not begin a new life"
    ((detail,),) = made.rows("SELECT detail FROM run_sources WHERE query = '' ORDER BY run_id DESC LIMIT 1")
    assert json.loads(detail)["rejected/expired"] == 1
    assert made.rows("SELECT sum(posts) FROM expired_counts") == [(1,)]
    assert left(tmp_path, words[91]) == []


@pytest.mark.case("P7")
def test_p7_a_post_lives_as_long_as_the_longest_of_its_events(harvest):
    seeded(harvest.db)
    now = datetime(2027, 11, 20, tzinfo=UTC)
    with closing(open_db(harvest.db)) as conn:
        with write_tx(conn):
            events.save_event(conn, events_load(EVENT + "keep_days = 90\n"))
            conn.execute("UPDATE posts SET first_seen_at = '2026-11-20T00:00:00Z'")
            longer = EVENT.replace('slug = "meetup"', 'slug = "later"').replace("2016", "2017")
            events.save_event(conn, events_load(longer + "keep_days = 1000\n"))
            conn.execute("INSERT INTO event_posts (event, post_id) VALUES ('later', 2)")
            events.save_event(conn, events_load(longer.replace("later", "ever").replace("2017", "2018")))
            conn.execute("INSERT INTO event_posts (event, post_id) VALUES ('ever', 3)")
        limits = retention.limits(conn, now)
        assert retention.expired(conn, "meetup", limits) == ["x:1111111111"]
        assert retention.expired(conn, "ever", limits) == []
