"""Searches with a small allowance, crawl after crawl: nothing is asked too often, everything in the end."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from scrapy import Request
from scrapy.http import TextResponse

from harvester import event as events
from harvester.crawl import redact
from harvester.crawl.signing import signed
from harvester.model import Draft
from harvester.source import Cursor, Note
from spiders.calendars import Calendars
from spiders.devto import DevTo
from spiders.github import GitHub
from spiders.qiita import Qiita
from spiders.stackexchange import StackExchange

EVENT = events.load((Path(__file__).parent / "fixtures" / "event.toml").read_text("utf-8"), "event.toml")
FIRST = datetime(2026, 6, 20, 3, tzinfo=UTC)


class Crawls:
    """Crawls of one source against an answer made by `answer(fields) -> (JSON value, headers)`, with its cursors."""

    def __init__(self, kind, answer, **options):
        self.kind, self.answer = kind, answer
        self.event = replace(EVENT, sources={kind.name: options})
        self.cursors, self.found, self.cut, self.asked = {}, set(), {}, []

    def run(self, now):
        spider, before = self.kind(self.event.slug), len(self.asked)
        spider.prepare(self.event, now, lambda query: self.cursors.get(query, ""), {})
        todo = self.took(asyncio.run(_gathered(spider.start())))
        while todo:
            request = todo.pop(0)
            fields = dict(parse_qsl(urlsplit(request.url).query))
            self.asked.append((now, fields))
            value, headers = self.answer(now, fields)
            body = json.dumps(value).encode()
            answer = TextResponse(request.url, body=body, headers=headers, encoding="utf-8", request=request)
            todo += self.took(request.callback(answer))
        return len(self.asked) - before

    def took(self, items):
        """Keep what is stored; the requests."""
        requests = []
        for item in items:
            match item:
                case Request():
                    requests.append(item)
                case Draft():
                    self.found.add(item.url)
                case Cursor():
                    self.cursors[item.query] = item.value
                case Note() if item.truncated is not None:
                    self.cut[item.query] = item.truncated
        return requests


async def _gathered(items):
    return [item async for item in items]


def qiita_of(many, hour):
    """Qiita with `many` articles on each of ten days, and `hour` requests in an hour of the clock."""
    spent = {}

    def answer(now, fields):
        terms = fields["query"].split()
        first, end = (
            next(t for t in terms if t.startswith(op)).removeprefix(op) for op in ("created:>=", "created:<2")
        )
        there = [
            f"{n:018x}{day:02d}"
            for day in range(3, 13)
            if first <= f"2026-05-{day:02d}" < f"2{end}"
            for n in range(many)
        ]
        size, page = int(fields["per_page"]), int(fields["page"])
        shown = there[(page - 1) * size : page * size]
        window = f"{now:%Y-%m-%dT%H}"
        spent[window] = spent.get(window, 0) + 1
        assert spent[window] <= hour - 5, "more than the hour has"
        items = [{"id": i, "url": f"https://qiita.com/a/items/{i}", "title": "t", "body": "b"} for i in shown]
        reset = now.replace(minute=0, second=0) + timedelta(hours=1)
        rate = {"Rate-Remaining": hour - spent[window], "Rate-Reset": int(reset.timestamp()), "Total-Count": len(there)}
        return items, {name: str(value) for name, value in rate.items()}

    return answer


@pytest.mark.parametrize(("many", "hour", "minutes"), [(3, 60, 20), (12, 12, 15), (70, 60, 35)])
def test_qiita_keeps_to_the_hour_across_crawls_and_meets_every_article(monkeypatch, many, hour, minutes):
    monkeypatch.setattr("spiders.qiita.PER_PAGE", 5)  # so that 70 a day are more than a question shows
    crawls = Crawls(Qiita, qiita_of(many, hour), queries=["tag:FooConf"])
    for number in range(80):
        crawls.run(FIRST + timedelta(minutes=minutes * number))
        if not crawls.cut["tag:FooConf"]:
            break
    assert len(crawls.found) == 10 * many
    assert crawls.cursors["tag:FooConf"] >= "2026-06-19"


def test_stack_exchange_is_left_alone_when_it_wants_and_asked_everything_in_the_end():
    free = {"at": FIRST}

    def answer(now, fields):
        assert now >= free["at"], "asked while it wanted to be left alone"
        free["at"] = now + timedelta(seconds=30)
        link = f"https://ja.stackoverflow.com/questions/{len(fields['q'])}{fields['page']}/{fields['site']}"
        item = {"question_id": 1, "link": link, "title": fields["q"], "tags": []}
        more = fields["page"] == "1" and fields["site"] == "stackoverflow"
        return {"items": [item], "has_more": more, "quota_remaining": 200, "backoff": 30}, {}

    crawls = Crawls(StackExchange, answer)
    made = [crawls.run(FIRST + timedelta(seconds=20 * number)) for number in range(12)]
    assert made == [1, 0] * 6  # each asks for one page, those in between for none
    assert len(crawls.found) == 6
    assert {told for query, told in crawls.cursors.items() if query != "allowance"} == {"2026-06-19"}


def test_github_reads_days_with_too_many_results_in_parts():
    def answer(_now, fields):
        first, last = fields["q"].partition("created:")[2].split("..")
        days = (datetime.fromisoformat(last) - datetime.fromisoformat(first)).days + 1
        total = days * 20
        start, page = datetime.fromisoformat(first), int(fields["page"])
        numbers = range((page - 1) * 100, min(total, page * 100))
        items = [
            {
                "html_url": f"https://github.com/a/{start + timedelta(days=n // 20):%Y-%m-%d}-{n % 20}",
                "created_at": first,
            }
            for n in numbers
        ]
        return {"total_count": total, "incomplete_results": False, "items": items}, {}

    crawls = Crawls(GitHub, answer, topics=["foo"], issues=False, max_requests=500)
    crawls.run(FIRST)
    assert len({url for url in crawls.found if "2026" in url}) == 61 * 20
    assert crawls.cursors["topic:foo"] == "2026-06-19"
    assert not any(crawls.cut.values())


@pytest.mark.parametrize(
    ("kind", "url", "name", "secret"),
    [
        (GitHub, "https://api.github.com/search/issues?q=a", "GITHUB_TOKEN", b"Bearer ghp_0123456789abcdef"),
        (Calendars, "https://qiita.com/api/v2/items/00000000000000000001", "QIITA_TOKEN", b"Bearer 0123456789abcdef"),
        (Calendars, "https://qiita.com/advent-calendar/2026/a/feed", "QIITA_TOKEN", None),
    ],
)
def test_tokens_go_into_the_header_of_the_interface_only(monkeypatch, kind, url, name, secret):
    monkeypatch.setenv(name, (secret or b"Bearer 0123456789abcdef").partition(b" ")[2].decode())
    assert signed(Request(url), kind(EVENT.slug)).headers.get("Authorization") == secret


def test_a_key_that_belongs_into_the_address_is_added_last_and_never_told(monkeypatch):
    monkeypatch.setenv("STACKEXCHANGE_KEY", "U4DMV*8nvpm3EOpvf69Rxw((")
    request = Request("https://api.stackexchange.com/2.3/search/advanced?q=a")
    made = signed(request, StackExchange(EVENT.slug))
    assert made.url.endswith("q=a&key=U4DMV%2A8nvpm3EOpvf69Rxw%28%28")
    assert made.meta["public_url"] == request.url
    assert "U4DMV" not in redact.redact(f"got {made.url} and said so")
    other = Request("https://ja.stackoverflow.com/questions/1")
    assert signed(other, StackExchange(EVENT.slug)).url == other.url


def test_texts_that_were_read_before_do_not_end_a_walk_through_dev_to():
    """Every crawl meets the articles of a tag again, and each text is asked for once for ever."""
    spider = DevTo(EVENT.slug)
    spider.prepare(replace(EVENT, sources={"devto": {"max_requests": 5}}), FIRST, lambda _: "", {})
    items = [
        {
            "id": n,
            "url": f"https://dev.to/aoi/fooconf-{n:04}",
            "title": "FooConf 2026",
            "published_at": "2026-05-04T00:00:00Z",
        }
        for n in range(100)
    ]
    request = spider.page("#fooconf", {"given": {"tag": "fooconf"}, "page": 1, "seen": 0, "left": 0})
    found = list(spider.parse_page(TextResponse(request.url, body=json.dumps(items).encode(), request=request)))
    asked = [item for item in found if isinstance(item, Request)]
    texts = [item for item in asked if item.callback == spider.parse_article]
    assert [item.meta["each_run"] for item in texts] == [False] * len(items)
    assert [parse_qsl(urlsplit(item.url).query)[-1] for item in asked if item not in texts] == [("page", "2")]
    assert all(item.priority < 0 for item in texts), "a text goes before a list"
    assert [item.truncated for item in found if isinstance(item, Note)] == [False]
