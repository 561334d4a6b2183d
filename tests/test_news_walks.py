"""Searches for news that show only so much of an answer: their time is cut until everything has been met."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from scrapy import Request
from scrapy.http import TextResponse

from harvester import event as events
from harvester.model import Draft, Link, Parsed
from harvester.payloads import gdelt as gdelt_payload
from harvester.source import Cursor, Note
from harvester.walks.phrases import phrases, searches, specific_tags
from spiders.gdelt import NEW, Gdelt
from spiders.google_news import GoogleNews, halves
from spiders.hatena_search import PER_PAGE, HatenaSearch
from tests.test_sources import case_of

EVENT = events.load((Path(__file__).parent / "fixtures" / "event.toml").read_text("utf-8"), "event.toml")
NOW = datetime(2026, 5, 10, 3, tzinfo=UTC)
ITEM = "<item><title>FooConf 2026 {n} - Example</title><link>https://news.google.com/rss/articles/{n}</link><guid>{n}</guid></item>"


def made(kind, **options):
    spider = kind(EVENT.slug)
    event = events.load(EVENT.text, "event.toml")
    event.sources[kind.name] = options
    spider.prepare(event, NOW, lambda _: "", {})
    return spider


def walked(spider, request, answer):
    """Everything that is yielded while `answer(url)` gives the body of each request, and how many there were."""
    found, todo, asked = [], [request], 0
    while todo:
        request, asked = todo.pop(0), asked + 1
        body = answer(parse_qs(urlsplit(request.url).query))
        response = TextResponse(request.url, body=body.encode(), encoding="utf-8", request=request)
        for item in request.callback(response):
            (todo if isinstance(item, Request) else found).append(item)
    return found, asked


def of(kind, found):
    return [item for item in found if isinstance(item, kind)]


class Index:
    """An index of `count` pages, one a minute from the event's first day on."""

    def __init__(self, count, first=datetime(2026, 5, 3, tzinfo=UTC)):
        begins = int(first.timestamp())
        self.pages = {begins + 60 * number: f"https://news.example/{number}" for number in range(count)}

    def __call__(self, asked):
        start, end = (
            datetime.strptime(asked[name][0], "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp()
            for name in ("startdatetime", "enddatetime")
        )
        found = [url for at, url in self.pages.items() if start <= at <= end][-gdelt_payload.FULL :]
        return json.dumps({"articles": [{"url": url, "title": "FooConf"} for url in found]}) if found else "{}"


def gdelt(**options):
    spider = made(Gdelt, **options)
    query = '"FooConf 2026"'
    walk = {"began": "2026-05-10T03:00:00Z", "stop": "2026-05-02T01:00:00Z", "end": "2026-06-03T09:00:00Z"}
    walk |= NEW | {"until": "", "seen": 0, "hidden": 0, "slices": [["20260502010000", "20260510030000"]]}
    return spider, spider.page(query, walk)


def test_gdelt_is_asked_in_slices_until_all_was_met():
    index = Index(900)
    found, asked = walked(*gdelt(), index)
    assert {link.url for link in of(Link, found)} == set(index.pages.values())
    last = of(Note, found)[-1]
    assert (last.returned, last.truncated) == (900, False)
    assert [json.loads(cursor.value) for cursor in of(Cursor, found)] == [{"mark": "2026-05-10T03:00:00Z"}]
    assert 5 < asked <= 20


def test_gdelt_stops_at_its_budget_and_goes_on_where_it_stopped():
    index = Index(900)
    found, asked = walked(*gdelt(max_requests=4), index)
    assert asked == 4
    assert "request budget of 4 used up" in of(Note, found)[-1].reason
    walk = json.loads(of(Cursor, found)[-1].value)["walk"]
    spider = made(Gdelt)
    more, _ = walked(spider, spider.page('"FooConf 2026"', walk), index)
    assert {link.url for link in of(Link, [*found, *more])} == set(index.pages.values())


def test_what_gdelt_cannot_show_is_told():
    first = datetime(2026, 5, 3, tzinfo=UTC)
    crowd = Index(0)
    crowd.pages = {int(first.timestamp()) + number: f"https://news.example/{number}" for number in range(400)}
    found, asked = walked(*gdelt(max_requests=60), crowd)
    assert asked < 40
    last = of(Note, found)[-1]
    assert last.truncated
    assert "half an hour holds more articles than GDELT shows" in last.reason


def test_an_answer_of_gdelt_is_full_though_an_address_stands_in_it_twice():
    pages = [{"url": f"https://news.example/{number // 2}", "title": "FooConf"} for number in range(gdelt_payload.FULL)]
    assert gdelt_payload.read(json.dumps({"articles": pages}).encode()).full
    assert not gdelt_payload.read(json.dumps({"articles": pages[1:]}).encode()).full


def test_answers_of_gdelt_that_are_none():
    assert gdelt_payload.read(b"").silent
    assert gdelt_payload.read(b"{}").silent
    assert gdelt_payload.read(b'{"articles": []}') == gdelt_payload.Answer([])
    assert gdelt_payload.read(b'{"articles": 3}').refusal
    assert gdelt_payload.read(b'{"articles": [{"title": "x"}]}').refusal == "articles without addresses"
    assert gdelt_payload.read(b"<html><body><p>Your query was too <b>short</b>.</p></body></html>").refusal.startswith(
        "Your query"
    )
    assert gdelt_payload.read(b"[" * 100_000).refusal
    assert gdelt_payload.read(b'{"articles": [{"url": "u", "title": "a\\q \\\\ \\u00e9 \x01"}]}').articles == [
        ("u", "a\\q \\ \u00e9  ")
    ]


def test_names_become_questions():
    assert phrases(EVENT) == ["FooConf 2026", "フーコンフ 2026"]
    assert specific_tags(EVENT) == []
    named = replace(EVENT, name="re:Foo 2026", names=("Re Foo2026", "The re:Foo 2026"), hashtags=("foo2026", "foo"))
    assert (phrases(named), searches(named)) == (["re:Foo 2026", "Re Foo2026"], ['"re:Foo 2026"'])
    assert specific_tags(named) == ["foo2026"]
    assert gdelt_payload.question(["a"]) == '"a"'
    assert gdelt_payload.question(["a", "b c"]) == '("a" OR "b c")'
    assert [word for word in ("re:Invent", "foo", "フーコンフ 2026") if gdelt_payload.askable(word)] == ["re:Invent"]


def test_google_news_is_asked_for_fewer_days_until_it_shows_all():
    spider = made(GoogleNews)
    state = {"words": '"FooConf 2026"', "edition": "ja", "days": [["2026-05-02", "2026-05-10"]], "since": "2026-05-02",
             "mark": "2026-05-09", "met": 0, "left": 0, "cut": False}  # fmt: skip

    def answer(asked):
        since, until = (asked["q"][0].split(name)[1].split()[0] for name in ("after:", "before:"))
        days = (datetime.fromisoformat(until) - datetime.fromisoformat(since)).days
        items = "".join(ITEM.format(n=f"{since}-{n}") for n in range(min(100, 40 * days)))
        return f'<rss version="2.0"><channel><title>x</title>{items}</channel></rss>'

    found, asked = walked(spider, spider.page("ja", state), answer)
    assert len({draft.native_id for draft in of(Draft, found) if draft.kind == "bookmark"}) >= 320
    assert (of(Note, found)[-1].returned, of(Note, found)[-1].truncated, asked) == (320, False, 7)
    assert of(Cursor, found)[0].value == "2026-05-09"
    assert halves(["2026-05-03", "2026-05-04"]) == []

    spider = made(GoogleNews, max_requests=3)
    found, asked = walked(spider, spider.page("ja", state), answer)
    last, cursor = of(Note, found)[-1], of(Cursor, found)[-1].value
    assert (asked, last.truncated) == (3, True)
    assert last.reason.startswith("request budget of 3 used up, goes on in the next run")
    later = made(GoogleNews, editions=["ja"])
    later.checkpoint = lambda _: cursor
    request = asyncio.run(anext(later.start()))
    more, _ = walked(later, request, answer)
    assert len({draft.native_id for draft in of(Draft, [*found, *more])}) >= 320
    assert of(Cursor, more)[-1].value == "2026-05-09"


def test_numbers_of_several_batches_of_videos_add_up():
    case = case_of("youtube/numbers")
    answers = [list(case.spider.parse_numbers(case.response())) for _ in range(2)]
    once, twice = (of(Note, answer)[0] for answer in answers)
    assert once.returned
    assert twice.returned == 2 * once.returned


@pytest.mark.parametrize(
    ("read", "lost", "goes_on"), [(PER_PAGE - 1, 1, True), (PER_PAGE - 2, 1, False), (PER_PAGE, 0, True)]
)
def test_a_page_of_hatena_is_full_though_an_entry_of_it_could_not_be_read(read, lost, goes_on):
    spider = made(HatenaSearch)
    walk = {"began": "2026-05-10T03:00:00Z", "stop": "2026-05-02T01:00:00Z", "end": "2026-06-03T09:00:00Z", "until": ""}
    walk |= {"seen": 0, "hidden": 0, "page": 1, "first": "", "other": 0}
    walk |= {"words": "FooConf", "target": "text", "host": ""}
    drafts = tuple(Draft(url=f"https://a.example/{number}", title="FooConf") for number in range(read))
    request = spider.page("FooConf", walk)
    request.meta["parsed"] = Parsed(kind="feed", drafts=drafts, meta={"entries_lost": lost} if lost else {})
    found = list(spider.parse(TextResponse(request.url, request=request)))
    assert bool(of(Request, found)) == goes_on
    assert bool(of(Cursor, found)) != goes_on
