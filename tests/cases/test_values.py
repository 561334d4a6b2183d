"""H13 to H15, H19 to H21: odd values, changed interfaces, tags, dates, guids, and what a terminal is shown."""

import json
import subprocess
import sys
from html import escape
from types import SimpleNamespace

import pytest

from harvester.store.open import open_db
from harvester.text import tag_key
from tests.cases.common import HEALTHY, page
from tests.crawling import ROOT, Site
from tests.servers import Answer, as_json, serving

# H13: odd values never lose a batch

QIITA = ("spiders", "tests.graph_source")
ITEMS = ("qiita.com", "/api/v2/items")
LONG = "長い話" * 800_000  # 7 MB; a body beyond 8 MiB is refused as a whole


def qiita(number, **odd):
    told = {
        "id": f"{number:020x}", "url": f"https://qiita.com/aoi/items/{number:020x}", "title": f"The meetup {number}",
        "body": f"story {number} of the meetup", "rendered_body": "", "created_at": "2016-12-02T10:00:00+09:00",
        "updated_at": "2016-12-02T10:00:00+09:00", "likes_count": number, "stocks_count": 0, "comments_count": 0,
        "tags": [{"name": "meetup"}], "private": False, "user": {"id": "aoi", "followers_count": 3},
    }  # fmt: skip
    return told | odd


def asked(answers):
    """Answers by a word in the question."""
    return lambda seen: next(answer for word, answer in answers.items() if word in seen.query["query"])


def nested(depth):
    value = "deep"
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.case("H13")
def test_h13_odd_values_lose_nothing_and_what_is_no_json_is_named(site):
    odd = [
        qiita(1), qiita(2, title="The meetup \ud83d 2"), qiita(3, body="a\0b of the meetup"),
        qiita(4, likes_count=2**63), qiita(5, stocks_count=float("nan")), qiita(6, comments_count=float("inf")),
        qiita(7, tags=nested(300)), qiita(8, body=LONG), qiita(9, user=[1, {"id": nested(90)}]), qiita(10),
    ]  # fmt: skip
    body = json.dumps(odd, ensure_ascii=False).replace("\ud83d", "\\ud83d").replace("Infinity", "1e999").encode()
    made = site(
        {
            ITEMS: asked({
                "odd": Answer(body), "brackets": Answer(b"[" * 100_000), "digits": Answer(b"[" + b"1" * 5000 + b"]"),
                "page": Answer(b"<html><title>Sign in</title></html>"),
                "huge": as_json([qiita(11, body="x" * 10_000_000)]),
            }),
        },
        modules=QIITA,
        pages=[HEALTHY],
        **{"source.qiita": {"queries": ["odd", "brackets", "digits", "page", "huge"]}},
    )  # fmt: skip
    done = made.crawl("--source", "qiita", "--source", "graph")
    assert done.code == 1, done
    assert len(made.rows("SELECT 1 FROM posts WHERE platform = 'qiita'")) == 10
    assert {"The meetup 1", "The meetup 2", "The meetup 10", "Page healthy"} <= made.titles()
    stored = made.rows("SELECT native_id, title, text, raw_json FROM posts WHERE platform = 'qiita' ORDER BY native_id")
    assert stored[2][2] == "ab of the meetup"
    assert stored[7][2] == LONG
    for row in stored:
        json.loads(row[3])
    likes = made.rows("SELECT value FROM reactions WHERE name = 'like' ORDER BY value")
    assert likes == [(1,), (2,), (3,), (5,), (6,), (7,), (8,), (9,), (10,)]
    states = [reason for (reason,) in made.rows("SELECT reason FROM frontier WHERE source = 'qiita' ORDER BY reason")]
    assert states == ["bad_json", "bad_json", "bad_json", "ok", "too_large"]
    assert made.sources()["qiita"][0] == "partial"
    assert made.rows("SELECT 1 FROM quarantine") == []  # odd, and yet nothing that could not be kept


POISON = {
    "text": {"not": "a text"}, "title": ["not a title"], "reactions": [["like", "1.2k"]], "conversation": {"a": 1},
    "links": 5, "hashtags": [{"a": 1}], "author": "nobody", "published": 20161202, "raw": {"no": "text"},
}  # fmt: skip


@pytest.mark.case("H13")
def test_h13_the_poison_row_alone_is_set_aside(site):
    def draft(name, **odd):
        return {"url": f"https://a.example/post/{name}", "title": f"The meetup {name}", "text": f"of {name}"} | odd

    rows = [draft("first"), *(draft(f"odd-{name}", **{name: value}) for name, value in POISON.items()), draft("last")]
    made = site(
        {("a.example", "/p"): as_json({"drafts": rows})}, modules=("tests.engine_spiders", "tests.graph_source"),
        pages=[HEALTHY], **{"source.pages": {"seeds": ["https://a.example/p"]}},
    )  # fmt: skip
    done = made.crawl("--source", "pages", "--source", "graph")
    assert done.code == 1, done
    assert made.titles() == {"The meetup first", "The meetup last", "Page healthy"}
    kept = "\n".join(payload for (payload,) in made.rows("SELECT payload FROM quarantine WHERE source = 'pages'"))
    assert kept.count("Draft(url=") == len(POISON)
    assert [name for name in POISON if f"https://a.example/post/odd-{name}" not in kept] == []
    assert made.states()["https://a.example/p"] == ("done", "ok")


# H14: a changed or hostile API cannot change our schema, and is noticed

HOSTILE = ("ID", "", "rowid", "a]b", "x] , (select k from secrets) as [y")
NEW = HOSTILE + tuple(f"column_{number}" for number in range(2500))


def x_answers(**odd):
    post = {
        "id": "805000000000000001", "text": "at the meetup", "author_id": "7", "created_at": "2016-12-02T01:00:00Z",
        "public_metrics": {"like_count": "1.2k", "reply_count": 4}, "surprise": True,
    }  # fmt: skip
    answer = {"data": [{key: value for key, value in (post | odd).items() if value is not None}]}
    answer |= {"meta": {"result_count": 1, "newest_id": post["id"]}}
    return {
        ("api.x.com", "/2/tweets/counts/all"): as_json({"data": [], "meta": {"total_tweet_count": 1}}),
        ("api.x.com", "/2/tweets/search/all"): as_json(answer),
    }


def schema(conn):
    rows = conn.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
    return sorted(row[0] for row in rows)


@pytest.mark.case("H14")
def test_h14_new_and_changed_fields_are_told_and_change_no_column(site, tmp_path):
    routes = {ITEMS: as_json([qiita(1, likes_count="1.2k", **dict.fromkeys(NEW, "drop table posts")), qiita(2)])}
    made = site(
        routes | x_answers(), modules=QIITA, pages=[HEALTHY], **{"source.qiita": {"queries": ["q"]}},
    )  # fmt: skip
    made.environment = {"X_BEARER_TOKEN": "any-token-at-all"}
    done = made.crawl("--source", "qiita", "--source", "graph", "--source", "x", "-v")
    assert done.code == 0, done
    assert {"The meetup 1", "The meetup 2", "Page healthy"} <= made.titles()
    with open_db(tmp_path / "fresh.db", "create") as fresh, open_db(made.db, "ro") as ours:
        assert schema(ours) == schema(fresh)
    ((raw,),) = made.rows("SELECT raw_json FROM posts WHERE title = 'The meetup 1'")
    assert set(NEW) <= set(json.loads(raw))
    reactions = made.rows("SELECT key, name, value FROM reactions JOIN posts ON id = post_id ORDER BY 1, 2")
    assert [(name, value) for key, name, value in reactions if key.startswith("x:")] == [("reply", 4)]
    likes = [(key[-1], value) for key, name, value in reactions if name == "like"]
    assert likes == [("2", 2)]
    ledger = made.sources()
    qiita_told = "the interface has changed: likes_count is a text and no whole number (1 record)"
    x_told = "the interface has changed: public_metrics.like_count is a text and no whole number (1 record)"
    assert ledger["qiita"] == ("ok", qiita_told)
    assert ledger["x"] == ("ok", x_told)
    assert qiita_told in " ".join(done.out.split())
    news = [line for line in done.err.splitlines() if "fields that nobody here reads yet" in line]
    assert len(news) == 2, done
    assert any("'ID', '', 'rowid', 'a]b', 'x] , (select k from secrets) as [y'" in line for line in news)
    assert any("and 2495 more" in line for line in news)
    assert any("'surprise'" in line for line in news)


@pytest.mark.case("H14")
def test_h14_a_renamed_id_fails_the_source_and_keeps_its_cursor(site):
    made = site(
        {ITEMS: as_json([qiita(1)])} | x_answers(id=None, rest_id="805000000000000001"),
        modules=QIITA, pages=[HEALTHY], **{"source.qiita": {"queries": ["q"], "accounts": 0, "refresh": 0}},
    )  # fmt: skip
    made.environment = {"X_BEARER_TOKEN": "any-token-at-all"}
    assert made.crawl("--source", "qiita").code == 0
    cursors = "SELECT source, query, cursor FROM checkpoints"
    before = made.rows(cursors)
    assert [row[0] for row in before] == ["qiita"]
    renamed = {key: value for key, value in qiita(2).items() if key != "id"} | {"uuid": "2"}
    made.server.routes[ITEMS] = as_json([renamed])
    with open_db(made.db) as conn:  # a month ago, so that moving it would show
        conn.execute("UPDATE checkpoints SET cursor = '2016-12-03'")
    done = made.crawl("--source", "qiita", "--source", "graph", "--source", "x")
    assert done.code == 1, done
    ledger = made.sources()
    assert ledger["qiita"] == ("failed", "2 answers that could not be read (bad_json)")  # of news and of edits
    assert ledger["x"] == ("partial", "1 answer that could not be read (bad_json)")  # its count was answered
    assert made.titles() == {"The meetup 1", "Page healthy"}
    details = made.rows("SELECT detail FROM frontier WHERE reason = 'bad_json'")
    assert [detail.partition(" (")[0] for (detail,) in details] == ["records without id"] * 3
    kept = {(source, json.loads(cursor).get("since", "") if source == "x" else cursor)
            for source, _, cursor in made.rows(cursors)}  # fmt: skip
    assert kept == {("qiita", "2016-12-03"), ("x", "")}


# H15, H19, H20, H21: one crawl of a feed that has it all, twice

DATES = {
    "Fri, 02 Dec 2016 09:00:00 JST": "2016-12-02T00:00:00Z", "2016/12/02 09:00": "2016-12-02T00:00:00Z",
    "2016年12月2日 09:00": "2016-12-02T00:00:00Z", "1480636800": "2016-12-02T00:00:00Z",
    "0000-00-00 00:00:00": None, "9999-12-31": None, "2099-01-01": None, "30 Feb 2016 09:00:00 +0900": None, "": None,
}  # fmt: skip
TAGS = {
    "Python": ("Python", "＃Python", "python", "ＰＹＴＨＯＮ", "\u200bPython"),
    "パイソン": ("ﾊﾟｲｿﾝ", "パイソン", "ハ\u309aイソン"),
}
EVIL = "a\nERROR fake \x1b]0;pwn\x07\x1b[2J\u202eevil\u2028\x9b2J"
GUIDS = (
    ("同じ一", "https://feed.example/same", "1", "02 Dec 2016 10:00:00 +0900"),
    ("同じ一", "https://feed.example/same", "1", "02 Dec 2016 10:00:00 +0900"),
    ("古い方", "", "urn:twice", "02 Dec 2016 10:00:00 +0900"),
    ("新しい方", "", "urn:twice", "03 Dec 2016 10:00:00 +0900"),
    ("名無し", "", "", "02 Dec 2016 10:00:00 +0900"),
    ("名無し", "", "", "02 Dec 2016 10:00:00 +0900"),
    ("別の頁一", "https://feed.example/one", "7", "02 Dec 2016 10:00:00 +0900"),
    ("別の頁二", "https://feed.example/two", "7", "02 Dec 2016 10:00:00 +0900"),
)


def item(title, link, guid="", date="", tags=()):
    parts = {"title": title, "link": link, "guid": guid, "pubDate": date, "author": "\u202eevil author"}
    body = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in parts.items() if value)
    body += "".join(f"<category>{escape(tag)}</category>" for tag in tags)
    return f"<item>{body}<description>{escape(title)} at the meetup</description></item>"


def rss(items):
    head = '<?xml version="1.0"?><rss version="2.0"><channel><title>f</title><language>ja</language>'
    body = f"{head}{''.join(items)}</channel></rss>"
    return Answer(body.encode(), 200, {"Content-Type": "application/rss+xml; charset=utf-8"})


def feed_of(first_title):
    items = [
        item(f"日付{number}", f"https://feed.example/date/{number}", date=date) for number, date in enumerate(DATES)
    ]
    items += [item(title, link, guid, f"Fri, {date}") for title, link, guid, date in GUIDS]
    items += [item(f"札 {tag}", f"https://feed.example/word/{ord(tag_key(tag)[0])}/{number}", tags=[tag])
              for tags in TAGS.values() for number, tag in enumerate(tags)]  # fmt: skip
    items += [item(first_title, "https://feed.example/p/9", "9", "Fri, 02 Dec 2016 10:00:00 +0900")]
    items += [item(EVIL, "https://feed.example/evil")]
    return rss(items)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """The database after three crawls of the feed, the second of which met an edited title; and what was said."""
    folder = tmp_path_factory.mktemp("values")
    routes = {
        ("feed.example", "/feed"): [feed_of("はじめの題"), feed_of("直した題"), feed_of("直した題")],
        ("chatty.example", "/"): as_json(EVIL),
        ("healthy.example", "/1"): page("healthy"),
    }
    with serving(routes) as server:
        site = Site(folder, server.address, ("tests.graph_source", "tests.watching_source"))
        site.event(
            pages=[HEALTHY], feeds=["https://feed.example/feed"], hashtags=["python", "パイソン"],
            **{"source.chatty": {"page": "https://chatty.example/"}},
        )  # fmt: skip
        names = ("graph", "feeds", "chatty")
        runs = [site.crawl("-v", *(word for name in names for word in ("--source", name))) for _ in range(3)]
    assert "Page healthy" in site.titles(), runs[0]
    return SimpleNamespace(site=site, runs=runs, rows=site.rows)


@pytest.mark.case("H15")
def test_h15_a_tag_is_one_tag_and_stays_as_it_was_written(crawled):
    for key, spellings in TAGS.items():
        stored = crawled.rows(
            "SELECT p.hashtags, ep.reasons FROM posts p JOIN event_posts ep ON ep.post_id = p.id WHERE p.url LIKE ?",
            f"https://feed.example/word/{ord(tag_key(key)[0])}/%",
        )
        assert len(stored) == len(spellings)
        written = {json.loads(tags)[0] for tags, _ in stored}
        assert {tag_key(tag) for tag in written} == {tag_key(key)}
        assert (
            len(written) >= len(spellings) - 1
        )  # as written, but for what nobody sees and how a letter is put together
        for tags, reasons in stored:  # and each of them is the event's hashtag
            assert "R2" in {reason["rule"] for reason in json.loads(reasons)}, tags
    assert tag_key("#①") == "1"


@pytest.mark.case("H19")
def test_h19_bad_dates_are_no_dates_and_stand_last(crawled):
    rows = crawled.rows(
        "SELECT url, published_at, published_raw, published_origin FROM posts WHERE url LIKE '%/date/%' ORDER BY id"
    )
    for number, (raw, at) in enumerate(DATES.items()):
        found = next(row for row in rows if row[0] == f"https://feed.example/date/{number}")
        assert found[1:] == (at, raw or None, "feed" if at else "unknown"), raw
    listed = harvest(crawled, "export", "meetup", "--format", "csv").splitlines()
    urls = [line.split(",")[2] for line in listed if "/date/" in line]
    undated = {f"https://feed.example/date/{number}" for number, at in enumerate(DATES.values()) if at is None}
    assert set(urls[-len(undated) :]) == undated


@pytest.mark.case("H20")
def test_h20_guids_that_repeat_change_or_lack_are_stable(crawled):
    titles = crawled.rows("SELECT title, revision FROM posts WHERE host = 'feed.example' OR url = '' ORDER BY title")
    mine = {title: revision for title, revision in titles if title in {"直した題", *(guid[0] for guid in GUIDS)}}
    # What has an address is that page, whatever guid it shares with another one.
    assert mine == {"同じ一": 1, "新しい方": 1, "名無し": 1, "別の頁一": 1, "別の頁二": 1, "直した題": 2}
    assert len([title for title, _ in titles if title in mine]) == len(mine)
    assert crawled.rows("SELECT count(*) FROM posts WHERE title IN ('はじめの題', '古い方')") == [(0,)]


def harvest(crawled, *words):
    command = [sys.executable, "-m", "harvester.cli", *words, "--db", str(crawled.site.db)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert done.returncode in (0, 3), done.stderr.decode()
    return (done.stdout + done.stderr).decode()


@pytest.mark.case("H21")
def test_h21_nothing_a_stranger_wrote_steers_a_terminal_or_fakes_a_line(crawled, tmp_path):
    records = [
        {"type": "event", "event": "meetup", "name": "The Meetup 2016"},
        {"type": "author", "author": "qiita:evil", "name": EVIL, "bio": EVIL},
        {"type": "post", "event": "meetup", "post": "qiita:evil1", "url": "https://qiita.com/evil/items/1",
         "kind": "article", "title": EVIL, "text": EVIL, "author": "qiita:evil", "publisher": EVIL},
    ]  # fmt: skip
    file = tmp_path / "evil.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    said = [harvest(crawled, "import", "meetup", str(file)), harvest(crawled, "classify", "meetup")]
    said += [run.out + run.err for run in crawled.runs]
    said += [harvest(crawled, *words) for words in (
        ("status",), ("report", "meetup"), ("explain", "qiita:evil"), ("explain", "qiita:evil1"), ("search", "meetup"),
    )]  # fmt: skip
    as_data = [harvest(crawled, *words) for words in (
        ("status", "--json"), ("report", "meetup", "--json"), ("explain", "qiita:evil", "--json"),
    )]  # fmt: skip
    exported, sheet = harvest(crawled, "export", "meetup"), harvest(crawled, "export", "meetup", "--format", "csv")
    for output in (*said, *as_data, exported, sheet):
        assert not set("\x1b\x07\x9b\u202e\u2028") & set(output), output
    for output in (*said, *as_data, exported):  # a cell of a sheet may have several lines, in quotes
        assert not [line for line in output.splitlines() if line.startswith("ERROR fake")], output
    log = crawled.runs[0].err.splitlines()
    assert len([line for line in log if line.startswith("chatty: WARNING chatty: read: a\\nERROR fake")]) == 1
    assert len([line for line in log if line.startswith("chatty: RuntimeError: a\\nERROR fake")]) == 1
    assert sum("ERROR fake" in output for output in said) >= 6
    told = json.loads(as_data[2])
    assert told[0]["author"]["name"] == EVIL
    assert EVIL in {json.loads(line).get("title") for line in exported.splitlines()}
