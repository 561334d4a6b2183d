"""Sources as one system: who feeds whom, who starts after whom, and what a month and a host may take at most."""

from __future__ import annotations

import json
import time

import pytest

from harvester.cli import run
from tests.crawling import Site
from tests.engine import Engine
from tests.servers import Answer, Seen, as_json, html, serving

MODULES = ("tests.graph_source", "tests.late_source")


def likes(seen: Seen) -> Answer:
    see = ["https://blog.example/late"] if "post" in seen.query["url"] else []
    return as_json({"likes": 3, "see": see})


def article(title: str) -> Answer:
    text = f"<p>{'At the meetup we talked all day about what we had built. ' * 12}</p>"
    return html(
        f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}</article></body></html>"
    )


@pytest.fixture
def site(tmp_path):
    routes = {
        ("a.example", "/1"): as_json({"id": 1, "links": [], "mentions": ["https://blog.example/post"]}),
        ("a.example", "/2"): as_json({"id": 2, "links": [], "mentions": ["https://blog.example/late"]}),
        ("blog.example", "/post"): article("A post on the meetup"),
        ("blog.example", "/late"): article("A late post on the meetup"),
        ("counts.example", "/"): likes,
    }
    with serving(routes) as server:
        site = Site(tmp_path, server.address, MODULES)
        site.server = server
        site.event(pages=["https://a.example/1"])
        yield site


def test_late_sources_see_what_others_found_and_what_they_find_is_followed(site):
    assert site.crawl().code == 0
    order = [(seen.host, seen.path) for seen in site.server.seen if seen.path != "/robots.txt"]
    assert order.index(("blog.example", "/post")) < order.index(("counts.example", "/"))
    assert order[-1] == ("blog.example", "/late")
    numbers = site.rows("SELECT key, name, value FROM reactions JOIN posts ON id = post_id ORDER BY key")
    assert numbers == [("https://a.example/1", "like", 3), ("https://blog.example/post", "like", 3)]
    fed = site.rows("SELECT key, query FROM sightings JOIN posts ON id = post_id WHERE source = 'blog' ORDER BY key")
    assert fed == [("https://blog.example/late", "via counts"), ("https://blog.example/post", "via graph")]
    asked = len(site.server.hits(host="counts.example"))
    assert site.crawl().code == 0
    again = site.server.hits(host="counts.example")[asked:]
    assert [seen.query["url"] for seen in again] == ["https://blog.example/late"]
    assert site.sources()["counts"][0] == "ok"


def test_what_a_search_names_is_listed_also_when_the_page_is_known(site):
    listed = "SELECT key, query FROM sightings JOIN posts ON id = post_id WHERE source = 'listed' ORDER BY key"
    assert site.crawl().code == 0
    assert site.rows(listed) == [("https://blog.example/post", "")]  # the late one came from who asks about the known
    site.event(pages=["https://a.example/1", "https://a.example/2"])
    for _ in range(2):
        assert site.crawl().code == 0
        assert site.rows(listed) == [("https://blog.example/late", ""), ("https://blog.example/post", "")]
    assert len(site.server.hits(host="blog.example", path="/late")) == 1
    out = site.folder / "out.jsonl"
    assert run(["export", "meetup", "-o", str(out), "--db", str(site.db)]) == 0
    told = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [line for line in told if line.get("edge_type") == "lead"] == []
    assert sorted(line["post"] for line in told if line.get("source") == "listed" and line["type"] == "sighting") == [
        "https://blog.example/late", "https://blog.example/post",
    ]  # fmt: skip


def test_no_host_is_followed_further_than_its_budget(tmp_path):
    mentions = [f"https://big.example/entry/{name}" for name in ("one", "two", "three", "four", "five")]
    routes = {("a.example", "/1"): as_json({"id": 1, "links": [], "mentions": mentions}),
              "/entry/": article("A post on the meetup")}  # fmt: skip
    with serving(routes) as server:
        site = Site(tmp_path, server.address)
        site.event(pages=["https://a.example/1"], crawl={"max_pages_per_host": 3})
        assert site.crawl().code == 0
        assert len(server.hits(host="big.example")) == 3


def test_a_months_requests_are_never_passed_not_even_by_a_killed_crawl(tmp_path):
    pages = {f"/p{n}": as_json({"next": [f"http://h{n + 1}.example/p{n + 1}"]}) for n in range(20)}
    slow = {path: Answer(page.body, page.status, page.headers, delay=0.2) for path, page in pages.items()}
    with serving(slow) as server:
        engine = Engine(tmp_path / "harvest.db", server.address)
        engine.event("http://h0.example/p0", options="max_requests_month = 6")
        engine.new_run()
        child = engine.start()
        until = time.monotonic() + 30
        while len(server.seen) < 3:
            assert child.poll() is None, child.communicate()
            assert time.monotonic() < until, "it asks for too little"
            time.sleep(0.01)
        engine.kill(child)
        code, said = engine.crawl()
        assert code == 0, said
        assert engine.ledger()["status"] == "partial"
        assert engine.ledger()["reason"] == "the month's requests are used up"
        asked = len(server.seen)
        assert 5 <= asked <= 6
        assert engine.rows("SELECT amount FROM spending WHERE name = 'requests'") == [(6.0,)]
        engine.crawl()
        assert len(server.seen) == asked


def test_a_try_again_counts_in_the_month_too(tmp_path):
    with serving({"/p0": Answer(b"", 502)}) as server:
        engine = Engine(tmp_path / "harvest.db", server.address)
        engine.event("http://h0.example/p0", options="max_requests_month = 1")
        engine.crawl()
        assert len(server.seen) == 1
        assert engine.states() == {"/p0": ("todo", "budget")}


def test_pages_whose_terms_forbid_it_are_not_crawled_and_the_interface_is_asked(tmp_path):
    """Links to Qiita and connpass: nobody asks for the page, the article comes from the API in the same crawl."""
    item = {
        "id": "0a1b2c3d4e5f60718293", "url": "https://qiita.com/aoi/items/0a1b2c3d4e5f60718293", "body": "読んだ",
        "title": "The Meetup 2016 参加記", "created_at": "2016-12-02T21:00:00+09:00", "user": {"id": "aoi"},
    }  # fmt: skip
    mentions = [item["url"], "https://meetup.connpass.com/event/1/", "https://blog.example/post"]
    routes = {
        ("a.example", "/1"): as_json({"id": 1, "links": [], "mentions": mentions}),
        ("blog.example", "/post"): html("<title>A post</title><p>at the meetup</p>"),
        ("qiita.com", "/api/v2/items"): as_json([]),
        ("qiita.com", f"/api/v2/items/{item['id']}"): as_json(item),
    }
    with serving(routes) as server:
        site = Site(tmp_path, server.address, ("tests.graph_source", "spiders.qiita"))
        site.event(pages=["https://a.example/1"])
        assert site.crawl().code == 0
        asked = {(seen.host, seen.path) for seen in server.seen if seen.host.endswith(("qiita.com", "connpass.com"))}
    assert asked == {("qiita.com", "/api/v2/items"), ("qiita.com", f"/api/v2/items/{item['id']}")}
    assert site.states("blog")[item["url"]] == ("refused", "terms")
    assert site.states("blog")["https://meetup.connpass.com/event/1/"] == ("refused", "terms")
    assert site.rows("SELECT key FROM posts WHERE platform = 'qiita'") == [(f"qiita:{item['id']}",)]
