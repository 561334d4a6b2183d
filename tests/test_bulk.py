"""The fast loader writes what `save_post` writes, leaves every index behind, and takes all of it back on a failure."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvester.model import Author, DraftAuthor, Edge, Post, Rejected, When
from harvester.store import bulk, bulk_rows, posts, runs
from harvester.store.connection import write_tx
from harvester.store.migrations import FTS_TRIGGERS, INDEXES
from harvester.store.open import open_db

NOW = "2016-12-22T00:00:00Z"
TABLES = {
    "authors": "platform, handle, name, url, bio, organisation, website, is_org, followers",
    "audience": "author_id, platform, followers, observed_at",
    "posts": "*",
    "event_posts": "*",
    "sightings": "*",
    "reactions": "*",
    "links": "event, type, actor_id, src_post_id, dst_post_id, dst, at",
    "rejected": "*",
}


@pytest.fixture
def database(tmp_path):
    opened = []

    def fresh():
        conn = open_db(tmp_path / f"{len(opened)}.db", "create")
        opened.append(conn)
        with write_tx(conn):
            conn.execute(
                "INSERT INTO events (slug, name, starts_at, ends_at, timezone) VALUES ('e', 'E', ?, ?, 'UTC')",
                (NOW, NOW),
            )
            runs.start_run(conn, "import", "e", now=NOW)
        return conn

    yield fresh
    for conn in opened:
        conn.close()


def post(number, **changes):
    values = {
        "key": f"x:{number}",
        "url": f"https://x.com/aoi/status/{number}",
        "kind": "micropost",
        "platform": "x",
        "host": "x.com",
        "author": Author(platform="x", handle="aoi", name="葵", followers=10),
        "text": f"参加しました {number}",
        "native_id": str(number),
        "published": When(at=datetime(2016, 12, 21, tzinfo=UTC), precision="second", origin="api", raw="x"),
    }
    return Post(**values | changes)


def one_by_one(conn, found, *, source="twarc2", now=NOW, edges=(), rejected=()):
    with write_tx(conn):
        rank = posts.ENTRY if source == "csv" else posts.RECORD
        told = {"event": "e", "source": source, "query": "f", "run_id": 1, "now": now, "rank": rank}
        saved = [posts.save_post(conn, p, **told) for p in found]
        for edge in edges:
            posts.save_edge(conn, edge, event="e", now=now)
        for dropped in rejected:
            posts.save_rejected(conn, dropped, event="e", source=source, run_id=1, now=now)
    return [sum(s.new for s in saved), sum(s.changed and not s.new for s in saved), sum(not s.changed for s in saved)]


def loaded(conn, found, *, source="twarc2", now=NOW, edges=(), rejected=()):
    with write_tx(conn), bulk.Loader(conn, event="e", source=source, query="f", run_id=1, now=now) as loader:
        for p in found:
            loader.add(p)
        for edge in edges:
            loader.add_edge(edge)
        for dropped in rejected:
            loader.reject(dropped)
    return [loader.new, loader.updated, loader.unchanged]


def dump(conn):
    return {
        table: sorted((tuple(row) for row in conn.execute(f"SELECT {columns} FROM {table}")), key=repr)
        for table, columns in TABLES.items()
    }


def indexed(conn):
    names = {row[0] for row in conn.execute("SELECT name FROM sqlite_schema WHERE type IN ('index', 'trigger')")}
    conn.execute("INSERT INTO posts_fts(posts_fts, rank) VALUES ('integrity-check', 1)")
    return {*INDEXES, *FTS_TRIGGERS} <= names


QIITA = "https://qiita.com/aoi/items/0123456789abcdef0123"


def sample():
    later = datetime(2016, 12, 21, 5, tzinfo=UTC)
    ken = Author(platform="x", handle="ken", name="健", bio="b", is_org=True)
    return [
        post(1, links=("https://aoi.jp/1", QIITA), reactions=(("like", 3),)),
        post(2, author=ken, relation="quote", target="x:1", mentions=("@Aoi", "ken"), hashtags=("fooconf", "葵")),
        post(3, author=ken, relation="reply", target="x:9", reactions=(("like", 0), ("view", 5))),
        post(4, author=None, published=When(raw="?"), text="", title="", flags=("edited",)),
        post(1, text="参加しました 改", author=Author(platform="x", handle="aoi", name="葵", followers=11)),
        post(9, kind="repost", relation="repost", target="x:2", conversation="9"),
        post(5, key="https://aoi.jp/1", platform="web", url="https://aoi.jp/1", native_id="", host="aoi.jp",
             kind="article", title="題", updated_at=later, canonical_url="https://aoi.jp/1", publisher="p",
             page_type="Article", bylines=("葵",), language="ja", raw="{}"),
        post(1, text="参加しました 改"),
        post(2, author=ken, relation="quote", target="x:1", mentions=("@Aoi", "ken"), hashtags=("fooconf", "葵")),
    ]  # fmt: skip


EDGES = [
    Edge(
        type="quote",
        target="https://x.com/i/status/2",
        source="https://x.com/aoi/status/3",
        actor=DraftAuthor(platform="x", handle="ken"),
        at="2016-12-21T01:00:00Z",
    )
]
REJECTED = [Rejected(reason="empty", url="https://a.jp/", detail="d"), Rejected(reason="not_a_post", url="f line 3")]


@pytest.mark.parametrize("batch", [1, 3, 1000])
def test_the_same_rows_as_save_post(database, monkeypatch, batch):
    monkeypatch.setattr(bulk, "BATCH", batch)
    slow, fast = database(), database()
    for now, source in ((NOW, "twarc2"), ("2016-12-23T00:00:00Z", "csv"), ("2016-12-24T00:00:00Z", "urls")):
        told = {"now": now, "source": source, "edges": EDGES, "rejected": REJECTED}
        assert one_by_one(slow, sample(), **told) == loaded(fast, sample(), **told)
        assert dump(slow) == dump(fast)
        assert indexed(fast)
    assert dump(fast)["posts"]


def test_an_edge_may_bring_an_author_between_two_batches(database):
    conn = database()
    stranger = Edge(
        type="bookmark", target="https://x.com/i/status/1", actor=DraftAuthor(platform="hatena", handle="x11")
    )
    with write_tx(conn), bulk.Loader(conn, event="e", source="x", run_id=1, now=NOW) as loader:
        loader.add(post(1))
        loader.add_edge(stranger)
        loader.flush()
        loader.add(post(2, author=Author(platform="x", handle="ken")))
    handles = [row["handle"] for row in conn.execute("SELECT handle FROM authors ORDER BY id")]
    assert handles == ["aoi", "x11", "ken"]


AUTHORS = st.sampled_from([
    None,
    Author(platform="x", handle="aoi", name="葵", followers=3),
    Author(platform="x", handle="aoi", bio="b"),
    Author(platform="web", handle="aoi.jp", name="A", url="https://aoi.jp/"),
])  # fmt: skip
POSTS = st.builds(
    lambda n, **changes: post(n, **changes),
    st.integers(1, 4),
    author=AUTHORS,
    text=st.sampled_from(["", "a", "b"]),
    title=st.sampled_from(["", "t"]),
    relation=st.sampled_from(["original", "quote", "reply", "thread_part"]),
    target=st.sampled_from(["", "x:1", "x:3", "https://x.com/aoi/status/4"]),
    links=st.lists(st.sampled_from(["https://aoi.jp/1", "https://x.com/aoi/status/2", "?"]), max_size=2).map(tuple),
    mentions=st.lists(st.sampled_from(["ken", "@Ken"]), max_size=2).map(tuple),
    hashtags=st.sampled_from([(), ("a",), ("a", "葵")]),
    reactions=st.dictionaries(st.sampled_from(["like", "view"]), st.integers(0, 3)).map(lambda d: tuple(d.items())),
    published=st.builds(
        lambda hours, origin: When(
            at=datetime(2016, 12, 21, tzinfo=UTC) + timedelta(hours=hours), precision="second", origin=origin, raw="r"
        ),
        st.integers(0, 3),
        st.sampled_from(["api", "visible", "import"]),
    )
    | st.just(When()),
)  # fmt: skip


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(
    loads=st.lists(st.tuples(st.sampled_from(["twarc2", "csv", "urls"]), st.lists(POSTS, max_size=6)), max_size=3),
    batch=st.sampled_from([1, 2, 1000]),
)  # fmt: skip
def test_any_series_of_posts_gives_the_same_rows_as_save_post(database, loads, batch):
    slow, fast = database(), database()
    before, bulk.BATCH = bulk.BATCH, batch
    try:
        for day, (source, found) in enumerate(loads):
            told = {"now": f"2016-12-{23 + day}T00:00:00Z", "source": source}
            assert one_by_one(slow, found, **told) == loaded(fast, found, **told)
    finally:
        bulk.BATCH = before
    assert dump(slow) == dump(fast)


def test_the_columns_are_those_of_save_post():
    columns = posts.columns_of(post(1), 7, 3)
    assert tuple(columns) == bulk_rows.COLUMNS
    assert tuple(columns.values()) == bulk_rows.row_of(post(1), 7, 3, columns["published_at"])


def test_words_are_found_after_a_load_and_after_a_second(database):
    conn = database()
    loaded(conn, [post(n, text=f"東京の天気は{n}番目") for n in range(1, 4)])
    loaded(conn, [post(4, text="大阪の天気は晴れ"), post(1, text="京都の天気は雨")])
    hits = conn.execute("SELECT rowid FROM posts_fts WHERE posts_fts MATCH '天気は' ORDER BY rowid").fetchall()
    assert [row[0] for row in hits] == [1, 2, 3, 4]
    assert [r[0] for r in conn.execute("SELECT rowid FROM posts_fts WHERE posts_fts MATCH '京都の'")] == [1]
    assert [r[0] for r in conn.execute("SELECT rowid FROM posts_fts WHERE posts_fts MATCH '東京の'")] == [2, 3]
    assert indexed(conn)


def test_a_load_that_fails_leaves_the_database_as_it_was(database):
    conn = database()

    def failing(found):
        with write_tx(conn), bulk.Loader(conn, event="e", source="x", run_id=1, now=NOW) as loader:
            for p in found:
                loader.add(p)
            loader.flush()
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        failing([post(1)])
    assert dump(conn)["posts"] == []
    assert indexed(conn)
    loaded(conn, [post(1)])
    before = dump(conn)
    with pytest.raises(RuntimeError, match="killed"):
        failing([post(1, text="changed"), post(2)])
    assert dump(conn) == before
    assert indexed(conn)


def test_a_load_that_doubles_the_database_builds_its_indexes_once(database, monkeypatch):
    monkeypatch.setattr(bulk, "_WORTH_REBUILDING", 4)
    monkeypatch.setattr(bulk, "BATCH", 2)
    rebuilt = []
    rebuild = bulk.rebuild_indexes
    monkeypatch.setattr(bulk, "rebuild_indexes", lambda conn: (rebuilt.append(1), rebuild(conn)))
    conn, slow = database(), database()
    one_by_one(conn, [post(1), post(2)])
    one_by_one(slow, [post(1), post(2)])
    many = [post(n, relation="quote", target=f"x:{n + 1}") for n in range(3, 12)]
    assert loaded(conn, many[:2]) == [2, 0, 0]
    assert rebuilt == []
    loaded(conn, many)
    assert rebuilt == [1]
    one_by_one(slow, many[:2])
    one_by_one(slow, many)
    assert dump(conn) == dump(slow)
    assert indexed(conn)


def test_numbers_carry_the_moment_they_were_true(database):
    conn = database()
    with (
        write_tx(conn),
        bulk.Loader(conn, event="e", source="x", run_id=1, now=NOW, observed_at="2016-12-21T09:00:00Z") as loader,
    ):
        loader.add(post(1, reactions=(("like", 3),)))
    assert [row["observed_at"] for row in conn.execute("SELECT * FROM reactions")] == ["2016-12-21T09:00:00Z"]
    assert [row["observed_at"] for row in conn.execute("SELECT * FROM audience")] == ["2016-12-21"]
    assert [row["first_seen_at"] for row in conn.execute("SELECT * FROM posts")] == [NOW]
