"""Timelines are read backwards without holes, go on where they were cut, and tokens go where they belong."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from scrapy import Request
from scrapy.http import TextResponse

from harvester import event as events
from harvester.crawl.signing import signed
from harvester.payloads.mastodon import LIMIT
from harvester.source import Cursor, Note
from harvester.walks import timeline
from spiders.bluesky import HOME, LOGIN, OPEN, Bluesky
from spiders.mastodon import SEARCH_PAGES, Mastodon

EVENT = events.load((Path(__file__).parent / "fixtures" / "event.toml").read_text("utf-8"), "event.toml")
NOW = datetime(2026, 5, 10, 3, tzinfo=UTC)


def mastodon(**cursors):
    made = Mastodon(EVENT.slug)
    made.prepare(EVENT, NOW, lambda query: cursors.get(query, ""), {})
    return made


def started(source):
    async def gathered():
        return [request async for request in source.start()]

    return asyncio.run(gathered())


def answered(source, request, value, **headers):
    request = Request(request.url, meta=request.meta, callback=request.callback)
    answer = TextResponse(request.url, body=json.dumps(value).encode(), headers=headers, request=request)
    return list(request.callback(answer))


def status(number, day):
    account = {"id": "1", "acct": "aoi", "url": "https://mastodon.social/@aoi", "indexable": True}
    return {
        "id": str(number), "uri": f"https://mastodon.social/users/aoi/statuses/{number}", "content": "<p>words</p>",
        "url": f"https://mastodon.social/@aoi/{number}", "created_at": f"2026-05-{day:02}T00:00:00.000Z",
        "visibility": "public", "account": account,
    }  # fmt: skip


def test_a_walk_covers_the_event_then_what_is_new_and_then_nothing():
    first = timeline.begin(EVENT, NOW, "")
    assert (first["stop"], first["end"]) == ("2026-05-02T01:00:00Z", "2026-06-03T09:00:00Z")
    again = timeline.begin(EVENT, NOW, timeline.ended(first))
    assert again["stop"] == "2026-05-07T03:00:00Z", "three days before the last walk began"
    assert timeline.begin(EVENT, datetime(2026, 5, 1, tzinfo=UTC), "") is None, "the event's weeks have not begun"
    late = timeline.begin(EVENT, datetime(2026, 6, 7, tzinfo=UTC), "")
    assert timeline.begin(EVENT, datetime(2027, 1, 1, tzinfo=UTC), timeline.ended(late)) is None


def test_a_walk_that_was_cut_goes_on_and_keeps_the_mark_before_it():
    mark = json.dumps({"mark": "2026-05-09T00:00:00Z"})
    walk = timeline.begin(EVENT, NOW, mark) | {"until": "17", "seen": 40}
    cursor = timeline.cut(mark, walk)
    assert json.loads(cursor)["mark"] == "2026-05-09T00:00:00Z"
    assert timeline.begin(EVENT, datetime(2026, 5, 12, tzinfo=UTC), cursor) == walk
    assert json.loads(timeline.ended(walk)) == {"mark": "2026-05-10T03:00:00Z"}


@pytest.mark.parametrize("told", ["", "yesterday", None, 7, "2026-13-01T00:00:00Z", "9999-12-31T23:59:59-23:00"])
def test_a_moment_nobody_can_read_is_none_and_its_post_is_kept(told):
    assert timeline.moment(told) is None
    assert timeline.within(timeline.begin(EVENT, NOW, ""), told)
    assert not timeline.is_over(timeline.begin(EVENT, NOW, ""), told)


@pytest.mark.parametrize(
    "told",
    ["2026-05-03T01:00:00Z", "2026-05-03T10:00:00+09:00", "2026-05-03T01:00:00", "Sun, 03 May 2026 10:00:00 +0900"],
)
def test_a_moment_is_written_as_in_json_or_as_in_mails(told):
    assert timeline.moment(told) == datetime(2026, 5, 3, 1, tzinfo=UTC)


def test_a_leap_needs_ids_that_tell_the_time():
    walk, at = timeline.begin(EVENT, NOW, ""), "2027-05-05T06:00:00.000Z"
    number = int(datetime(2027, 5, 5, 6, tzinfo=UTC).timestamp() * 1000) << 16
    target = timeline.leap(walk, str(number), at)
    assert int(target) >> 16 == int(datetime(2026, 6, 3, 9, tzinfo=UTC).timestamp() * 1000)
    assert timeline.leap(walk, str(number), "2026-06-04T00:00:00Z") == "", "nearly there"
    for other in ("1234", "9x3k", "", "１２３", str(number << 3)):
        assert timeline.leap(walk, other, at) == ""


def test_a_timeline_is_read_page_by_page_to_its_mark_and_only_then_marked():
    source = mastodon()
    request = started(source)[0]
    found, asked = [], []
    pages = [[status(900 - n, 9) for n in range(3)], [status(800 - n, 5) for n in range(3)], [status(700, 1)]]
    for page in pages:
        asked.append(request.url.partition("?")[2])
        found = answered(source, request, page, Link='<https://mastodon.social/x?max_id=1>; rel="next"')
        request = next((item for item in found if isinstance(item, Request)), None)
        assert bool(request) is (page is not pages[-1])
        assert any(isinstance(item, Cursor) for item in found) is (request is None)
    assert asked == ["limit=40", "limit=40&max_id=898", "limit=40&max_id=798"]
    note = next(item for item in found if isinstance(item, Note))
    assert (note.returned, note.truncated) == (7, False)


def test_the_token_goes_to_its_own_server_and_only_with_a_search(monkeypatch):
    monkeypatch.setenv("MASTODON_TOKEN", "s3cret-token")
    source = mastodon()
    requests = started(source)
    searches = [request for request in requests if "/api/v2/search" in request.url]
    assert [request.meta["query"] for request in searches] == [
        'mastodon.social "FooConf 2026"', 'mastodon.social "フーコンフ 2026"',
    ]  # fmt: skip
    told = {request.url: signed(request, source).headers.get("Authorization") for request in requests}
    assert {url for url, header in told.items() if header} == {request.url for request in searches}
    elsewhere = source.get("https://mstdn.jp/api/v2/search?q=a")
    assert b"Authorization" not in signed(elsewhere, source).headers


def test_a_search_is_read_for_some_pages_and_says_that_it_stops(monkeypatch):
    monkeypatch.setenv("MASTODON_TOKEN", "s3cret-token")
    source = mastodon()
    request = next(request for request in started(source) if "/api/v2/search" in request.url)
    for page in range(SEARCH_PAGES):
        assert f"offset={page * LIMIT}" in request.url
        found = answered(source, request, {"statuses": [status(900 - n, 9) for n in range(LIMIT)]})
        request = next((item for item in found if isinstance(item, Request)), None)
    assert request is None
    note = next(item for item in found if isinstance(item, Note))
    assert (note.returned, note.truncated) == (SEARCH_PAGES * LIMIT, True)
    assert not any(isinstance(item, Cursor) for item in found)


def bluesky(monkeypatch, *, login):
    for name in ("BLUESKY_IDENTIFIER", "BLUESKY_APP_PASSWORD"):
        monkeypatch.setenv(name, f"invented {name}" if login else "")
    made = Bluesky(EVENT.slug)
    made.prepare(EVENT, NOW, lambda _: "", {})
    return made


def post(number, moment):
    record = {"text": "words", "createdAt": moment}
    return {"uri": f"at://did:plc:a/app.bsky.feed.post/{number}", "author": {"handle": "a.example"}, "record": record}


def test_without_a_login_nothing_goes_home_and_one_page_is_asked_for(monkeypatch):
    source = bluesky(monkeypatch, login=False)
    requests = started(source)
    assert {request.url.partition("/xrpc")[0] for request in requests} == {OPEN}
    assert all("Authorization" not in signed(request, source).headers for request in requests)
    found = answered(source, requests[0], {"posts": [post(1, "2026-05-09T00:00:00Z")], "cursor": "100"})
    assert not any(isinstance(item, Request) for item in found)
    (cursor,) = (item for item in found if isinstance(item, Cursor))
    assert json.loads(cursor.value)["walk"]["until"] == "2026-05-09T00:00:01Z"


def test_a_login_is_made_first_and_only_its_own_request_bears_the_password(monkeypatch):
    source = bluesky(monkeypatch, login=True)
    (login,) = started(source)
    assert (login.url, login.body, login.meta["dont_cache"], login.meta["dont_redirect"]) == (LOGIN, b"", True, True)
    sent = signed(login, source)
    assert json.loads(sent.body)["password"] == "invented BLUESKY_APP_PASSWORD"
    assert sent.callback == login.callback
    searches = answered(source, login, {"accessJwt": "invented.token"})
    assert {request.url.partition("/xrpc")[0] for request in searches} == {HOME}
    for request in searches:
        made = signed(request, source)
        assert (made.headers["Authorization"], made.body) == (b"Bearer invented.token", b"")
        assert made.meta["signed"] == ["Authorization"]


def test_a_search_goes_on_by_its_cursor_and_anew_before_the_cursors_end(monkeypatch):
    source = bluesky(monkeypatch, login=True)
    source.token = "invented"
    request = source.page("#FooConf", source.walks()["#FooConf"])
    found = answered(source, request, {"posts": [post(1, "2026-05-09T00:00:00Z")], "cursor": "100"})
    (following,) = (item for item in found if isinstance(item, Request))
    assert "until=2026-05-10T03%3A00%3A00Z&cursor=100" in following.url, "a cursor belongs to its question"
    found = answered(source, following, {"posts": [post(2, "2026-05-08T00:00:00Z")], "cursor": "9000"})
    (anew,) = (item for item in found if isinstance(item, Request))
    assert anew.url.endswith("until=2026-05-08T00%3A00%3A01Z")
    found = answered(source, anew, {"posts": [post(3, "2026-05-07T00:00:00Z")]})
    (cursor,) = (item for item in found if isinstance(item, Cursor))
    assert json.loads(cursor.value) == {"mark": "2026-05-10T03:00:00Z"}
