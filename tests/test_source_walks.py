"""Sources over many answers: walks through pages that are cut short, killed and taken up again."""

import asyncio
import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from scrapy import Request
from scrapy.http import TextResponse

from harvester import event as events
from harvester.budget import COUNT_ALL, COUNT_RECENT, POST, USER
from harvester.model import Draft
from harvester.payloads.qiita import LONGEST_MARKUP
from harvester.source import Cursor, Note, Spend
from harvester.walks import windows
from spiders.qiita import Qiita
from spiders.x import X

EVENT = events.load((Path(__file__).parent / "fixtures" / "event.toml").read_text("utf-8"), "event.toml")
FIRST = datetime(2026, 5, 4, 3, tzinfo=UTC)
POSTS = 230


def with_options(source, **options):
    return replace(EVENT, sources={source: options})


class PaidX:
    """X's interface over invented posts, with a bill: a post or user once a day, each count."""

    def __init__(self, posts, *, most=POSTS):
        start = EVENT.starts - timedelta(hours=1)
        self.posts = [self.post(n, start + timedelta(minutes=5 * n)) for n in range(posts)][::-1]
        self.charged, self.bill, self.served = set(), 0, []

    @staticmethod
    def post(number, at):
        post_id = (int(at.timestamp() * 1000) - 1288834974657 << 22) + number
        return {"id": str(post_id), "text": f"#FooConf {number}", "author_id": str(number // 2), "at": at,
                "created_at": f"{at:%Y-%m-%dT%H:%M:%S.000Z}"}  # fmt: skip

    def answer(self, url, now):
        parts = urlsplit(url)
        given = dict(parse_qsl(parts.query))
        start = datetime.fromisoformat(given.get("start_time", "2006-01-01T00:00:00Z"))
        since = int(given.get("since_id", 0))
        found = [p for p in self.posts if p["at"] >= start and int(p["id"]) > since and p["at"] < now]
        if "/counts/" in parts.path:
            self.bill += COUNT_ALL if parts.path.endswith("all") else COUNT_RECENT
            return {"data": [], "meta": {"total_tweet_count": len(found)}}
        size, first = int(given["max_results"]), int(given.get("next_token", 0))
        assert 10 <= size <= 500
        page = found[first : first + size]
        self.served.append([p["id"] for p in page])
        authors = {p["author_id"] for p in page}
        for kind, price, ids in (("post", POST, [p["id"] for p in page]), ("user", USER, authors)):
            for own in ids:
                if (kind, own, now.date()) not in self.charged:
                    self.charged.add((kind, own, now.date()))
                    self.bill += price
        meta = {"result_count": len(page)}
        if page:
            meta |= {"newest_id": page[0]["id"], "oldest_id": page[-1]["id"]}
        if first + size < len(found):
            meta["next_token"] = str(first + size)
        data = [{key: value for key, value in p.items() if key != "at"} for p in page]
        return {"data": data, "includes": {"users": [{"id": a, "username": f"u{a}"} for a in authors]}, "meta": meta}


class Killed(Exception):
    """The process is gone."""


class Store:
    """What survives a kill: cursors, spending, the requests to make and the posts, changed together or not at all."""

    def __init__(self):
        self.cursors, self.spent, self.rows, self.posts, self.notes = {}, {}, {}, {}, []

    def remember(self, request, run):
        row = self.rows.get(request.url)
        if row is None or (row["state"] == "done" and row["run"] < run):
            self.rows[request.url] = {"state": "todo", "run": run, "callback": request.callback.__name__,
                                      "meta": dict(request.meta)}  # fmt: skip

    def commit(self, url, run, month, found):
        self.rows[url] |= {"state": "done", "run": run}
        for item in found:
            if isinstance(item, Draft):
                self.posts[item.native_id] = item
            elif isinstance(item, Cursor):
                self.cursors[item.query] = item.value
            elif isinstance(item, Spend):
                names = self.spent.setdefault(month, {})
                names[item.name] = names.get(item.name, 0) + item.amount
            elif isinstance(item, Request):
                self.remember(item, run)
            elif isinstance(item, Note):
                self.notes.append(item)

    def todo(self):
        return next((url for url, row in self.rows.items() if row["state"] == "todo"), None)


def crawl(x, store, run, now, event, kill=lambda: False):
    """One run of the source; raises Killed when `kill` says so, before or after an answer is read."""
    spider, month = X(event.slug), f"{now:%Y-%m}"
    spider.prepare(event, now, lambda query: store.cursors.get(query, ""), dict(store.spent.get(month, {})))

    async def starts():
        return [item async for item in spider.start()]

    for item in asyncio.run(starts()):
        store.remember(item, run) if isinstance(item, Request) else store.notes.append(item)
    while url := store.todo():
        row = store.rows[url]
        request = spider.authorize(Request(url, meta=row["meta"]))
        assert request.headers["Authorization"] == b"Bearer token-of-the-test"
        body = json.dumps(x.answer(url, now)).encode()
        if kill():
            raise Killed
        response = TextResponse(url, body=body, encoding="utf-8", request=Request(url, meta=row["meta"]))
        found = list(getattr(spider, row["callback"])(response))
        if kill():
            raise Killed
        store.commit(url, run, month, found)
    return spider


@pytest.fixture(autouse=True)
def _token(monkeypatch):
    monkeypatch.setenv("X_BEARER_TOKEN", "token-of-the-test")


def recorded(store):
    return round(sum(names.get("usd", 0) for names in store.spent.values()) * 1_000_000)


def test_a_walk_reads_everything_once_and_knows_what_it_cost():
    x, store = PaidX(POSTS), Store()
    crawl(x, store, 1, FIRST, EVENT)
    assert sorted(store.posts) == sorted(p["id"] for p in x.posts)
    assert recorded(store) == x.bill == COUNT_ALL + POSTS * POST + (POSTS // 2) * USER
    assert [len(page) for page in x.served] == [100, 100, 30]
    state = json.loads(next(iter(store.cursors.values())))
    assert state == {"since": x.posts[0]["id"], "until": "2026-05-04T03:00:00Z"}


@pytest.mark.case("C7")
def test_the_next_run_asks_for_what_is_newer_with_an_overlap():
    x, store = PaidX(POSTS), Store()
    crawl(x, store, 1, FIRST, EVENT)
    later = PaidX(POSTS + 20)
    crawl(later, store, 2, FIRST + timedelta(hours=2), EVENT)
    assert len(store.posts) == POSTS + 20
    assert [len(page) for page in later.served] == [22]  # ten minutes of posts are read again
    assert "/recent?" in next(url for url in store.rows if "since_id" in url)


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.case("C7")
def test_killed_crawls_lose_nothing_and_pay_nothing_twice(seed):
    chance, x, store, runs = random.Random(seed), PaidX(POSTS), Store(), 0
    for runs in range(1, 40):
        try:
            crawl(x, store, runs, FIRST, EVENT, lambda: chance.random() < 0.4)
        except Killed:
            continue
        break
    assert sorted(store.posts) == sorted(p["id"] for p in x.posts)
    assert len(x.posts) == POSTS
    assert all(json.loads(value).get("since") == x.posts[0]["id"] for value in store.cursors.values())
    # A count that was answered to a killed crawl left no trace; pages are on record before they are asked for.
    assert recorded(store) <= x.bill <= recorded(store) + (runs - 1) * COUNT_ALL


@pytest.mark.parametrize("seed", range(30))
def test_the_budget_of_a_run_holds_across_kills_of_the_same_day(seed):
    chance, x, store = random.Random(seed), PaidX(900), Store()
    most, posts = chance.choice([0.2, 0.5, 1.3, 2.2]), chance.choice([10, 60, 150, 1_000])
    event = with_options("x", max_usd=most, max_posts=posts)
    for run in range(1, 60):
        try:
            crawl(x, store, run, FIRST, event, lambda: chance.random() < 0.25)
        except Killed:
            continue
        break
    counts = x.bill - sum(POST if kind == "post" else USER for kind, *_ in x.charged)
    assert x.bill - max(0, counts - COUNT_ALL) <= round(most * 1_000_000)
    assert len({own for kind, own, _ in x.charged if kind == "post"}) <= posts
    assert store.notes[-1].truncated
    assert store.notes[-1].reason == "budget used up, goes on in the next run"


@pytest.mark.case("C7")
def test_runs_of_a_small_budget_end_with_everything():
    x, store = PaidX(POSTS), Store()
    event = with_options("x", max_usd=0.6)
    bills = [0]
    for run in range(1, 15):
        crawl(x, store, run, FIRST + timedelta(days=run), event)
        bills.append(x.bill)
        if "walk" not in next(iter(store.cursors.values())):
            break
    assert sorted(store.posts) == sorted(p["id"] for p in x.posts)
    assert max(b - a for a, b in pairwise(bills)) <= 600_000
    assert len(x.served) > 1
    assert not set(x.served[0]) & set(x.served[1])


def test_the_month_is_never_passed_and_the_next_one_goes_on():
    x, store = PaidX(POSTS), Store()
    event = with_options("x", max_usd_month=1.0)
    for run in range(1, 8):
        crawl(x, store, run, FIRST + timedelta(days=run), event)
        assert x.bill <= 1_000_000
    assert store.notes[-1].reason == "budget used up"
    assert store.notes[-1].truncated
    before = len(store.posts)
    crawl(x, store, 9, datetime(2026, 6, 1, 3, tzinfo=UTC), event)
    assert len(store.posts) > before


def test_a_page_left_over_from_another_day_must_fit_the_month_again():
    store = Store()
    with pytest.raises(Killed):
        crawl(PaidX(POSTS), store, 1, FIRST, EVENT, iter([False, False, True]).__next__)
    store.spent["2026-05"]["usd"] = 19.5
    with pytest.raises(ValueError, match="budget"):
        crawl(PaidX(POSTS), store, 2, FIRST + timedelta(days=1), EVENT)


def test_questions_are_split_by_length_and_their_addresses_stay_short():
    tags = tuple(f"とても長いハッシュタグ{number}" for number in range(60))
    spider = X(EVENT.slug)
    spider.prepare(replace(EVENT, hashtags=tags), FIRST, lambda _: "", {})
    questions = spider.queries()
    assert len(questions) > 3
    assert all(len(question) <= 512 for question in questions)
    assert all(f"#{tag} " in "".join(questions).replace(")", " ") for tag in tags)

    async def urls():
        return [request.url async for request in spider.start()]

    walk = spider.walker.fresh("") | {"size": 100, "token": "b26v89c19zqg8o3fosbqrx7wo1u1xsoeqgfg0ogfvvc1tf"}
    assert max(map(len, [*asyncio.run(urls()), *(spider.page(q, walk).url for q in questions)])) <= 2_048


def test_tokens_are_attached_late_and_only_where_they_belong(monkeypatch):
    assert "https://api.x.com" in X.origins
    assert Qiita.origins == ("https://qiita.com",)
    spider = Qiita(EVENT.slug)
    spider.prepare(EVENT, FIRST, lambda _: "", {})
    request = spider.page("q", windows.over("2026-05-02", "2026-06-03", FIRST))
    assert "Authorization" not in spider.authorize(request).headers
    monkeypatch.setenv("QIITA_TOKEN", "0" * 40)
    assert spider.authorize(request).headers["Authorization"] == b"Bearer " + b"0" * 40


def test_a_huge_article_is_kept_as_its_markdown():
    spider = Qiita(EVENT.slug)
    spider.prepare(EVENT, FIRST, lambda _: "", {})
    item = {"id": "1", "url": "https://qiita.com/a/items/1", "body": "本文", "rendered_body": "<p>" * LONGEST_MARKUP}
    meta = {"query": "q", "state": windows.over("2026-05-02", "2026-06-03", FIRST)}
    request = Request("https://qiita.com/api/v2/items", meta=meta)
    answer = TextResponse(request.url, body=json.dumps([item]).encode(), encoding="utf-8", request=request)
    assert next(iter(spider.parse_page(answer))).text == "本文"


def test_tweepy_never_says_a_token_below_warning():
    import logging

    assert logging.getLogger("tweepy.client").getEffectiveLevel() >= logging.WARNING
