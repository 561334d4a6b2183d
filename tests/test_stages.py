"""Judging a whole event in the database: what is written, that it stays, and that told words win."""

from datetime import UTC, datetime

import pytest

from harvester.event import load
from harvester.model import Draft, DraftAuthor
from harvester.normalise import normalise
from harvester.stages import classify_event
from harvester.store.connection import write_tx
from harvester.store.events import save_event
from harvester.store.open import open_db
from harvester.store.posts import save_post
from harvester.store.runs import start_run

NOW = datetime(2016, 12, 30, tzinfo=UTC)
AT = "2016-12-30T00:00:00Z"
EVENT = load(
    """
name = "Demo Meetup #2"
slug = "demo-2"
names = ["Demo Meetup", "デモミートアップ"]
hashtags = ["demomeetup"]
starts = 2016-12-21T19:00:00+09:00
ends = 2016-12-21T21:30:00+09:00
timezone = "Asia/Tokyo"
vendor_names = ["Democorp"]
official_hosts = ["democorp.example"]
event_urls = ["https://meetup.democorp.example/2/"]
attendees = ["qiita:aoisora"]
[[organisers]]
name = "主催 花子"
handle = "qiita:hanako"
[[media]]
name = "Tech News"
hosts = ["technews.example"]
""",
    "demo-2.toml",
)
LONG = "会場では三つのセッションがあり、それぞれの登壇者が運用の失敗と学びを率直に話していて、とても参考になりました。"


def article(url, title, text, *, day="2016-12-22T10:00:00+09:00", name="", **more):
    return Draft(
        url=url, title=title, text=text, published=day, published_origin="feed", author=DraftAuthor(name=name), **more
    )  # fmt: skip


def tweet(number, text, handle="aoi", **more):
    return Draft(
        url=f"https://x.com/{handle}/status/{number}", native_id=str(number), platform="x", kind="micropost", text=text,
        published=f"2016-12-21T10:{number % 60:02d}:00Z", published_origin="api",
        author=DraftAuthor(handle=handle, platform="x", name=handle), **more,
    )  # fmt: skip


DRAFTS = (
    article("https://qiita.com/aoisora/items/00000000000000000001", "Demo Meetup #2 に参加してきた", LONG * 4),
    article(
        "https://qiita.com/hanako/items/00000000000000000002",
        "Demo Meetup #2 開催レポート",
        "主催として準備した話。" + LONG[:60],
    ),
    article(
        "https://technews.example/articles/1",
        "Demo Meetup #2、200人が参加",
        "取材・文:記者の田中。" + LONG[20:] * 3,
        name="田中",
    ),
    article("https://democorp.example/blog/1", "Demo Meetup #2 ありがとうございました", "新機能を発表しました。" * 20),
    article(
        "https://aoisora.example/copy",
        "Demo Meetup #2 に参加してきた(転載)",
        LONG * 4 + "おまけ。",
        name="aoisora",
        day="2016-12-23T10:00:00+09:00",
    ),
    article("https://other.example/2018", "Demo Meetup #9 のお知らせ", "別の回です。" * 10, day="2018-05-01"),
    tweet(1, "Demo Meetup なう #demomeetup"),
    tweet(2, "続き。セッション2が始まった #demomeetup", relation="thread_part", target="1"),
    tweet(3, "RT Demo Meetup なう #demomeetup", "bob", relation="repost", target="1"),
    tweet(4, "@aoi いいですね", "carol", relation="reply", target="1"),
    tweet(5, "@aoi 私もいます #demomeetup", "dave", relation="reply", target="1"),
)


@pytest.fixture
def conn(tmp_path):
    conn = open_db(tmp_path / "h.db", "create")
    with write_tx(conn):
        save_event(conn, EVENT)
        run = start_run(conn, "test", "demo-2", now=AT)
    store(conn, run, DRAFTS)
    yield conn
    conn.close()


def store(conn, run, drafts):
    with write_tx(conn):
        for draft in drafts:
            save_post(conn, normalise(draft, EVENT, now=NOW), event="demo-2", source="feeds", run_id=run, now=AT)


def judge(conn):
    return classify_event(conn, EVENT, now=NOW)


def ties(conn):
    sql = """SELECT p.key, p.relation, ep.* FROM event_posts ep JOIN posts p ON p.id = ep.post_id"""
    return {row["key"]: row for row in conn.execute(sql)}


def kinds(conn):
    sql = "SELECT a.platform || ':' || a.handle AS author, l.* FROM labels l JOIN authors a ON a.id = l.author_id"
    return {row["author"]: row for row in conn.execute(sql)}


def dump(conn):
    tables = ("posts", "stories", "event_posts", "labels", "evidence", "decisions")
    return {table: [tuple(row) for row in conn.execute(f"SELECT * FROM {table} ORDER BY 1, 2")] for table in tables}


def test_everything_is_judged_and_folded(conn):
    summary = judge(conn)
    found = ties(conn)
    assert summary.relevance == {"confirmed": 10, "rejected": 1}
    assert summary.posts == 11
    original = "qiita:00000000000000000001"
    assert found[original]["counted"] == 1
    copy = found["https://aoisora.example/copy"]
    assert (copy["relation"], copy["not_counted_reason"]) == ("crosspost", f"crosspost of {original}")
    assert found["https://other.example/2018"]["relevance"] == "rejected"
    assert [found[f"x:{n}"]["relation"] for n in range(1, 6)] == ["thread", "thread_part", "repost", "reply", "reply"]
    assert [found[f"x:{n}"]["counted"] for n in range(1, 6)] == [1, 0, 0, 0, 1]
    assert found["x:2"]["not_counted_reason"] == "part of thread x:1"
    assert found["x:3"]["not_counted_reason"] == "repost is a derivative"
    assert found[original]["local_day"] == "2016-12-22"
    assert summary.counted == 6


def test_authors_get_their_kinds_with_evidence(conn):
    judge(conn)
    found = kinds(conn)
    assert (found["qiita:aoisora"]["kind"], found["qiita:aoisora"]["attendance"]) == ("participant", "listed")
    assert found["qiita:hanako"]["kind"] == "organiser"
    assert found["web:technews.example#田中"]["kind"] == "media"
    assert found["web:democorp.example"]["kind"] == "vendor"
    rules = [
        row["rule"]
        for row in conn.execute("SELECT rule FROM evidence WHERE author_id = ?", (found["qiita:aoisora"]["author_id"],))
    ]
    assert sorted(rules) == ["D3", "H2", "T1"]


def test_again_changes_nothing(conn):
    judge(conn)
    before, changes = dump(conn), conn.total_changes
    summary = judge(conn)
    assert summary.changed == {"posts": 0, "labels": 0, "stories": 0, "links": 0}
    assert dump(conn) == before
    assert conn.total_changes == changes


def test_the_order_of_arrival_does_not_matter(conn, tmp_path):
    judge(conn)
    other = open_db(tmp_path / "other.db", "create")
    with write_tx(other):
        save_event(other, EVENT)
        run = start_run(other, "test", "demo-2", now=AT)
    store(other, run, reversed(DRAFTS))
    judge(other)
    told = ("relation", "relevance", "score", "counted", "not_counted_reason", "local_day", "reasons")
    assert {k: [r[c] for c in told] for k, r in ties(conn).items()} == {
        k: [r[c] for c in told] for k, r in ties(other).items()
    }
    assert {k: (r["kind"], r["posterior"]) for k, r in kinds(conn).items()} == {
        k: (r["kind"], r["posterior"]) for k, r in kinds(other).items()
    }
    other.close()


def test_what_arrives_later_joins_and_only_that_is_written(conn):
    judge(conn)
    run = conn.execute("SELECT max(id) FROM runs").fetchone()[0]
    store(conn, run, [article("https://mirror.example/x", "別題", LONG * 4, day="2016-12-25T00:00:00Z", name="写")])
    summary = judge(conn)
    assert ties(conn)["https://mirror.example/x"]["relation"] == "syndicated"
    assert summary.changed["posts"] == 1
    story = conn.execute("SELECT copies FROM stories").fetchall()
    assert sorted(row["copies"] for row in story) == [2, 3]


def test_links_to_the_address_that_a_page_calls_its_own_are_resolved(conn):
    run = conn.execute("SELECT max(id) FROM runs").fetchone()[0]
    linked = article(
        "https://linker.example/1", "Demo Meetup #2 リンク集", "まとめです", links=("https://own.example/post",)
    )
    named = article("https://own.example/p?id=1", "Demo Meetup #2 の話", "x", canonical_url="https://own.example/post")
    store(conn, run, [linked, named])
    assert judge(conn).changed["links"] == 1
    sql = "SELECT p.key FROM links l JOIN posts p ON p.id = l.dst_post_id WHERE l.dst = 'https://own.example/post'"
    assert [row["key"] for row in conn.execute(sql)] == ["https://own.example/p?id=1"]


def override(conn, field, value, *, author=None, post=None, at=AT):
    with write_tx(conn):
        conn.execute(
            """INSERT INTO overrides (event, author_id, post_id, field, value, who, at) VALUES ('demo-2',
                 (SELECT id FROM authors WHERE platform || ':' || handle = ?),
                 (SELECT id FROM posts WHERE key = ?), ?, ?, 'me', ?)""",
            (author, post, field, value, at),
        )


def test_the_latest_word_of_a_human_is_final(conn):
    judge(conn)
    override(conn, "kind", "sponsor", author="qiita:aoisora")
    override(conn, "kind", "media", author="qiita:aoisora", at="2016-12-31T00:00:00Z")
    override(conn, "relevance", "confirmed", post="https://other.example/2018")
    for _ in range(2):
        judge(conn)
        row = kinds(conn)["qiita:aoisora"]
        assert (row["kind"], row["side"], row["decided_by"], row["review"]) == ("media", "media", "human", None)
        tie = ties(conn)["https://other.example/2018"]
        assert (tie["relevance"], tie["counted"], tie["decided_by"]) == ("confirmed", 1, "human")


@pytest.mark.parametrize("who", ["import", "human"])
def test_told_labels_and_judgements_stay(conn, who):
    judge(conn)
    with write_tx(conn):
        conn.execute("UPDATE labels SET kind = 'sponsor', decided_by = ?", (who,))
        conn.execute(
            "UPDATE event_posts SET relevance = 'rejected', counted = 0, local_day = NULL, decided_by = ?", (who,)
        )
    summary = judge(conn)
    assert {row["kind"] for row in kinds(conn).values()} == {"sponsor"}
    assert {row["relevance"] for row in ties(conn).values()} == {"rejected"}
    assert ties(conn)["x:1"]["local_day"] == "2016-12-21"
    assert summary.changed["labels"] == 0


def test_told_copies_keep_their_story_and_parent(conn):
    told = "('qiita:00000000000000000001', 'https://democorp.example/blog/1')"
    with write_tx(conn):
        conn.execute(
            f"UPDATE event_posts SET decided_by = 'import' WHERE post_id IN (SELECT id FROM posts WHERE key IN {told})"
        )
        head = conn.execute("SELECT id FROM posts WHERE key = 'qiita:00000000000000000001'").fetchone()[0]
        story = conn.execute("INSERT INTO stories (post_id) VALUES (?) RETURNING id", (head,)).fetchone()[0]
        conn.execute(f"UPDATE posts SET story_id = ? WHERE key IN {told}", (story,))
        conn.execute("UPDATE posts SET relation = 'crosspost', parent_id = ? WHERE key LIKE '%democorp%'", (head,))
    for _ in range(2):
        judge(conn)
        row = conn.execute("SELECT relation, parent_id, story_id FROM posts WHERE key LIKE '%democorp%'").fetchone()
        assert tuple(row) == ("crosspost", head, story)
        copy = conn.execute("SELECT relation, story_id FROM posts WHERE key LIKE '%aoisora.example%'").fetchone()
        assert tuple(copy) == ("crosspost", story)
    assert conn.execute("SELECT copies FROM stories WHERE id = ?", (story,)).fetchone()[0] == 3


def test_two_events_that_share_posts_agree_on_stories(conn):
    judge(conn)
    other = load(EVENT.text.replace('slug = "demo-2"', 'slug = "demo-3"'), "demo-3.toml")
    with write_tx(conn):
        save_event(conn, other)
        conn.execute(
            "INSERT INTO event_posts (event, post_id) SELECT 'demo-3', id FROM posts WHERE key LIKE '%aoisora.example%'"
        )
    before = conn.execute("SELECT id, relation, story_id, parent_id FROM posts ORDER BY id").fetchall()
    summary = classify_event(conn, other, now=NOW)
    assert [tuple(r) for r in conn.execute("SELECT id, relation, story_id, parent_id FROM posts ORDER BY id")] == [
        tuple(r) for r in before
    ]
    assert (summary.posts, summary.counted) == (1, 1)


def test_decisions_only_grow_and_only_on_change(conn):
    judge(conn)
    first = conn.execute("SELECT count(*) FROM decisions").fetchone()[0]
    judge(conn)
    assert conn.execute("SELECT count(*) FROM decisions").fetchone()[0] == first
    override(conn, "kind", "media", author="qiita:aoisora")
    judge(conn)
    added = conn.execute("SELECT value, posterior FROM decisions WHERE id > ? ORDER BY id", (first,)).fetchall()
    assert [tuple(row) for row in added] == [("media, attendance listed", 1.0)]


def test_a_label_goes_when_no_post_is_left_that_may_be_about_the_event(conn):
    judge(conn)
    override(conn, "relevance", "rejected", post="https://democorp.example/blog/1")
    judge(conn)
    assert "web:democorp.example" not in kinds(conn)
    assert (
        conn.execute("SELECT value FROM decisions ORDER BY id DESC LIMIT 1").fetchone()[0] == "no post about the event"
    )


def test_a_copy_counts_where_its_original_does_not(conn):
    override(conn, "relevance", "rejected", post="qiita:00000000000000000001")
    judge(conn)
    copy = ties(conn)["https://aoisora.example/copy"]
    assert (copy["counted"], copy["relation"]) == (1, "crosspost")


def test_a_list_of_those_who_checked_in_is_a_list(conn):
    with write_tx(conn):
        conn.execute(
            """INSERT INTO attendance (event, person, status, author_id, source)
               SELECT 'demo-2', 'p', 'attended', id, 'csv' FROM authors WHERE handle = 'dave'"""
        )
    judge(conn)
    assert (kinds(conn)["x:dave"]["kind"], kinds(conn)["x:dave"]["attendance"]) == ("participant", "listed")


def test_an_earlier_side_speaks_for_the_same_side(conn):
    with write_tx(conn):
        conn.execute(
            """INSERT INTO events (slug, name, starts_at, ends_at, timezone)
               VALUES ('demo-1', 'Demo 1', '2016-09-14T10:00:00Z', '2016-09-14T12:00:00Z', 'Asia/Tokyo')"""
        )
        conn.execute(
            """INSERT INTO labels (author_id, event, side, kind, decided_by, posterior)
               SELECT id, 'demo-1', 'community', 'participant', 'rules', 0.95 FROM authors WHERE handle = 'dave'"""
        )
    judge(conn)
    evidence = conn.execute("SELECT rule, side, weight, snippet FROM evidence WHERE rule = 'S1'").fetchall()
    assert [tuple(row) for row in evidence] == [("S1", "community", 6.0, "community at demo-1")]
