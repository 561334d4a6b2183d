"""What the X source asks of known posts, their numbers and their answers, and that it spends no more than it may."""

import asyncio
import json
import random
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from scrapy import Request
from scrapy.http import TextResponse

from harvester.budget import COUNT_ALL, POST
from harvester.known import KnownPost, Nothing
from harvester.model import Draft, Reaction
from harvester.source import Cursor, Refreshed
from harvester.traces import Traces, Words
from harvester.walks.x_answers import Met
from harvester.walks.x_walk import BATCH
from harvester.walks.x_walker import KNOWN
from spiders.x import X
from spiders.x_oembed import XOembed, mark_of
from tests.test_source_walks import EVENT, FIRST, Killed, PaidX, Store, recorded, with_options

TALKED_OF = {3: 25, 7: 4, 11: 60, 19: 2}  # number of a post → how many replies it has


@pytest.fixture(autouse=True)
def _token(monkeypatch):
    monkeypatch.setenv("X_BEARER_TOKEN", "token-of-the-test")


class AnsweredX(PaidX):
    """An X where some posts are answered, with the lookup of posts by their ids."""

    def __init__(self, posts, talked_of=TALKED_OF):
        super().__init__(posts)
        self.answers, self.looked_up, self.asked = {}, [], []
        tagged = self.posts[::-1]
        for number, replies in talked_of.items():
            for index in range(replies):
                self.reply(tagged[number], index)

    def reply(self, post, index):
        at = post["at"] + timedelta(seconds=30 * (index + 1))
        author = str(5_000 + sum(map(len, self.answers.values())))
        made = self.post(200 + index, at) | {"text": f"@u me too {index}", "author_id": author,
                                             "conversation_id": post["id"]}  # fmt: skip
        made["referenced_tweets"] = [{"type": "replied_to", "id": post["id"]}]
        self.answers.setdefault(post["id"], []).insert(0, made)

    def numbers(self, post):
        return post | {"public_metrics": {"reply_count": len(self.answers.get(post["id"], ())), "like_count": 3}}

    def answer(self, url, now):
        parts = urlsplit(url)
        given = dict(parse_qsl(parts.query))
        if parts.path == "/2/tweets":
            return self._lookup(given["ids"].split(","), now)
        conversation = given["query"].partition("conversation_id:")[2]
        if not conversation:
            told = super().answer(url, now)
            by_id = {post["id"]: post for post in self.posts}
            told["data"] = [self._plain(self.numbers(by_id[post["id"]])) for post in told["data"]]
            return told
        self.asked.append(conversation)
        tagged, self.posts = self.posts, self.answers[conversation]
        try:
            return super().answer(url, now)
        finally:
            self.posts = tagged

    def _lookup(self, ids, now):
        assert 1 <= len(ids) <= 100
        self.looked_up.append(ids)
        by_id = {post["id"]: post for post in (*self.posts, *(a for many in self.answers.values() for a in many))}
        for own in ids:
            if ("post", own, now.date()) not in self.charged:
                self.charged.add(("post", own, now.date()))
                self.bill += POST
        return {"data": [self._plain(self.numbers(by_id[own])) for own in ids]}

    @staticmethod
    def _plain(post):
        return {key: value for key, value in post.items() if key != "at"}


class Memory(Nothing):
    """The posts of a `Store`, those first that nobody has asked for; each of them once a day."""

    def __init__(self, store, now):
        self.store, self.now = store, now

    def due(self, *, platforms=(), limit=1000):
        assert platforms == ("x",)
        checked = self.store.checked
        never = datetime(2026, 1, 1, tzinfo=UTC)
        due = [key for key in self.store.posts if self.now - checked.get(key, never) >= timedelta(days=1)]
        due.sort(key=lambda key: (checked.get(key, never), key))
        return [KnownPost(key=f"x:{key}", url=self.store.posts[key].url, platform="x") for key in due[:limit]]


class Kept(Store):
    """A `Store` that also keeps when the reactions of a post were asked for, and what they were."""

    def __init__(self):
        super().__init__()
        self.checked, self.reactions = {}, []

    def commit(self, url, run, month, found, now=None):
        super().commit(url, run, month, found)
        for item in found:
            if isinstance(item, Refreshed):
                self.checked |= {key.partition(":")[2]: now for key in item.keys if key.partition(":")[2] in self.posts}
            elif isinstance(item, Reaction):
                self.reactions.append(item)


def crawl(x, store, run, now, event, kill=lambda: False):
    """One run of the source, its start committed piece by piece as the crawl does it."""
    spider, month = X(event.slug), f"{now:%Y-%m}"
    spider.known = Memory(store, now)
    spider.prepare(event, now, lambda query: store.cursors.get(query, ""), dict(store.spent.get(month, {})))

    async def starts():
        async for item in spider.start():
            if isinstance(item, Request):
                store.remember(item, run)
            else:
                store.rows.setdefault("start", {})
                store.commit("start", run, month, [item], now)

    asyncio.run(starts())
    store.rows.pop("start", None)
    while url := store.todo():
        row = store.rows[url]
        request = spider.authorize(Request(url, meta=row["meta"]))
        assert len(request.url) <= 2_048
        body = json.dumps(x.answer(url, now)).encode()
        if kill():
            raise Killed
        response = TextResponse(url, body=body, encoding="utf-8", request=Request(url, meta=row["meta"]))
        found = list(getattr(spider, row["callback"])(response))
        if kill():
            raise Killed
        store.commit(url, run, month, found, now)


def replies_in(store):
    return sum(draft.relation == "reply" for draft in store.posts.values())


def test_the_most_answered_posts_of_a_search_have_their_replies_read_once():
    x, store, event = AnsweredX(40), Kept(), with_options("x", replies=2)
    crawl(x, store, 1, FIRST, event)
    tagged = x.posts[::-1]
    assert x.asked == [tagged[11]["id"], tagged[3]["id"]]
    assert replies_in(store) == TALKED_OF[11] + TALKED_OF[3]
    assert recorded(store) == x.bill
    questions = {query for query in store.cursors if query.startswith("https://x.com/i/status/")}
    assert questions == {f"https://x.com/i/status/{tagged[n]['id']}#replies" for n in (11, 3)}
    assert all("walk" not in json.loads(value) for value in store.cursors.values())


def test_known_posts_are_looked_up_and_only_new_answers_are_read():
    x, store, event = AnsweredX(120, {5: 20}), Kept(), with_options("x", replies=5, reactions_usd=2.0)
    crawl(x, store, 1, FIRST, event)
    assert replies_in(store) == 20
    assert x.looked_up == []  # the search told of their numbers in this run
    for _ in range(3):
        x.reply(x.posts[::-1][5], len(x.answers[x.posts[::-1][5]["id"]]))
    x.asked.clear()
    crawl(x, store, 2, FIRST + timedelta(days=1), event)
    assert sorted(map(len, x.looked_up)) == [140 - BATCH, BATCH]
    assert {own for ids in x.looked_up for own in ids} <= set(store.posts)
    assert replies_in(store) == 23
    assert len(x.asked) == 1
    counted = [r for r in store.reactions if r.native_id == f"x:{x.posts[::-1][5]['id']}" and r.name == "reply"]
    assert [r.value for r in counted] == [23]
    x.asked.clear()
    crawl(x, store, 3, FIRST + timedelta(days=2), event)
    assert x.asked == []


def test_lookups_cost_no_more_than_they_may_and_their_authors_nothing():
    x, store = AnsweredX(90, {}), Kept()
    crawl(x, store, 1, FIRST, EVENT)
    x.charged.clear()
    store.notes.clear()
    crawl(x, store, 2, FIRST + timedelta(days=40), with_options("x", reactions_usd=0.1))
    assert list(map(len, x.looked_up)) == [20]
    assert [note.cost_usd for note in store.notes if note.query == KNOWN] == [0, 20 * POST / 1_000_000]
    searched = {own for page in x.served for own in page}
    authors = {post["author_id"] for post in x.posts if post["id"] in searched}
    assert {own for kind, own, _ in x.charged if kind == "user"} <= authors


@pytest.mark.parametrize("seed", range(8))
def test_no_limit_is_passed_and_nothing_is_forgotten_when_crawls_are_killed(seed):
    chance, x, store = random.Random(seed), AnsweredX(60), Kept()
    limit = chance.choice([1.5, 2.5, 4.0])
    event = with_options("x", max_usd=limit, max_usd_month=100.0, replies=4, reactions_usd=1.0)
    run, day = 0, 0
    while replies_in(store) < sum(TALKED_OF.values()):
        assert day < 40
        before, first, ended = x.bill, run, False
        while not ended:
            run += 1
            try:
                crawl(x, store, run, FIRST + timedelta(days=day), event, lambda: chance.random() < 0.15)
            except Killed:
                continue
            ended = True
        lost = (run - first - 1) * COUNT_ALL  # counts that were answered to a killed crawl leave no trace
        assert x.bill - before - lost <= round(limit * 1_000_000)
        day += 1
    assert recorded(store) >= x.bill - run * COUNT_ALL


def test_a_walk_through_answers_that_the_money_did_not_reach_goes_on():
    x, store = AnsweredX(20, {4: 120}), Kept()
    crawl(x, store, 1, FIRST, with_options("x", replies=1, max_posts=70, reactions_usd=0.5))
    (cut,) = (value for query, value in store.cursors.items() if query.startswith("https://"))
    assert "walk" in json.loads(cut)
    assert 0 < replies_in(store) < 120
    assert store.notes[-1].reason == "budget used up, goes on in the next run"
    for day in (1, 2, 3):
        crawl(x, store, 1 + day, FIRST + timedelta(days=day), with_options("x", replies=1, reactions_usd=0.5))
    assert replies_in(store) == 120


class Shown:
    """The oEmbed source over several answers of one run."""

    def __init__(self, now, cursors):
        self.spider, self.cursors, self.found = XOembed(EVENT.slug), cursors, []
        self.spider.prepare(EVENT, now, lambda query: cursors.get(query, ""), {})

    def answer(self, number, status=200):
        url = f"https://x.com/aoi/status/{number}"
        meta = {"query": "posts that are stored", "state": {"key": f"x:{number}", "url": url}}
        told = {"url": url, "author_url": "https://x.com/aoi", "author_name": "Aoi", "html": "<p>words</p>"}
        body = json.dumps(told if status == 200 else {"error": "no"}).encode()
        response = TextResponse("https://publish.x.com/oembed", status=status, body=body, encoding="utf-8",
                                request=Request("https://publish.x.com/oembed", meta=meta))  # fmt: skip
        found = list(self.spider.parse(response))
        self.cursors |= {item.query: item.value for item in found if isinstance(item, Cursor)}
        return [item for item in found if type(item).__name__ == "Standing"]


HERE, GONE = 2049000000000000001, 2049000000000000002


def test_a_post_is_gone_when_it_is_not_found_on_two_days_and_others_are_shown():
    cursors = {}
    first = Shown(FIRST, cursors)
    assert first.answer(GONE, 404) == []
    assert cursors == {}  # nothing was shown yet: it might be the interface that is gone
    assert first.answer(HERE) == []
    assert cursors == {f"https://x.com/i/status/{GONE}": "2026-05-04"}
    again = Shown(FIRST + timedelta(hours=3), cursors)
    assert again.answer(HERE) + again.answer(GONE, 404) == []
    closed = Shown(FIRST + timedelta(days=1), cursors)
    assert closed.answer(HERE, 404) + closed.answer(GONE, 404) == []
    later = Shown(FIRST + timedelta(days=1), cursors)
    assert later.answer(HERE) == []
    (verdict,) = later.answer(GONE, 404)
    assert (verdict.key, verdict.gone) == (f"x:{GONE}", "not found")


def test_a_post_that_is_back_begins_anew():
    cursors = {f"https://x.com/i/status/{HERE}": "2026-05-01"}
    Shown(FIRST, cursors).answer(HERE)
    assert cursors == {f"https://x.com/i/status/{HERE}": ""}
    later = Shown(FIRST + timedelta(days=1), cursors)
    assert later.answer(GONE) + later.answer(HERE, 404) == []


def test_a_listed_post_is_a_partial_view():
    spider = XOembed(EVENT.slug)
    spider.prepare(EVENT, FIRST, lambda _: "", {})
    url = f"https://x.com/aoi/status/{HERE}"
    told = {"url": url, "author_url": "https://x.com/aoi", "author_name": "Aoi", "html": '<p lang="und">a <b>b</b></p>'}
    meta = {"query": "posts in the event file", "state": {"key": "", "url": url}}
    request = Request("https://publish.x.com/oembed", meta=meta)
    response = TextResponse(request.url, body=json.dumps(told).encode(), encoding="utf-8", request=request)
    (draft,) = (item for item in spider.parse(response) if isinstance(item, Draft))
    assert (draft.text, draft.language, draft.flags) == ("a b", "", ("partial",))


def test_an_erasure_finds_what_is_remembered_of_a_post():
    traces = Traces([Words(addresses=(f"https://x.com/aoi/status/{HERE}",), native_id=str(HERE))])
    post = Met(str(HERE), f"https://x.com/aoi/status/{HERE}", {"reply": 2})
    assert all(traces.theirs(question) for question in (post.name("replies"), post.name("quotes"), mark_of(post.url)))
    assert not traces.theirs(Met(str(GONE), "", {}).name("replies"))
    spider = X(EVENT.slug)
    spider.prepare(EVENT, FIRST, lambda _: "", {})
    walk = spider.walker.answers.begin(EVENT, FIRST, post, "replies", archive=None) | {"size": 10, "queued": ""}
    for request in (spider.page(post.name("replies"), walk), spider.lookup(KNOWN, {"posts": {post.post_id: post.url}})):
        assert traces.addressed(json.dumps(request.meta))
    assert traces.addressed(XOembed(EVENT.slug).post(post.url, "", post.key).url)
