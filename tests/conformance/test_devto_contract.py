"""Forem's API description against the dev.to source, and against the answers that its fixtures invent."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from scrapy import Request
from scrapy.http import TextResponse

from harvester import event as events
from harvester.model import Draft, Post
from harvester.normalise import normalise
from spiders.devto import DevTo
from tests.conformance.data import DATA
from tests.conformance.openapi import problems_of_request, problems_of_value

FIXTURES = Path(__file__).parents[1] / "fixtures"
EVENT = events.load((FIXTURES / "event.toml").read_text("utf-8"), "event.toml")
DESCRIPTION = DATA / "api" / "openapi" / "forem" / "api_v1.json"
NOW = datetime(2026, 5, 10, tzinfo=UTC)
LISTS = ("/articles", "/articles/latest")
# The description forgets these in its schemas, and has them in its own examples.
UNDESCRIBED = ("comments_count", "collection_id", "user_id")


@cache
def description() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DESCRIPTION.read_text("utf-8"))
    return found


def examples() -> list[tuple[str, list[dict[str, Any]]]]:
    """(path, the described answer) of every list that the source reads."""
    paths = description()["paths"] if DESCRIPTION.is_file() else {}
    return [
        (path, paths[path]["get"]["responses"]["200"]["content"]["application/json"]["example"])
        for path in LISTS
        if path in paths
    ]


def source() -> DevTo:
    made = DevTo(EVENT.slug)
    made.prepare(EVENT, NOW, lambda _: "", {})
    return made


def read(answer: Any, callback: str, url: str) -> list[Any]:
    meta = {"query": "#discuss", "state": {"given": {"tag": "discuss"}, "page": 1, "seen": 0, "left": 0}}
    request = Request(url, meta=meta)
    response = TextResponse(url, body=json.dumps(answer).encode(), encoding="utf-8", request=request)
    return list(getattr(source(), callback)(response))


def test_requests_are_as_described() -> None:
    spider = source()
    states = [{"given": given, "page": 3} for given in ({"tag": "go"}, {"username": "ben"}, {})]

    async def started() -> list[Request]:
        return [request async for request in spider.start()]

    asked = [*asyncio.run(started()), *(spider.page("q", state) for state in states)]
    checked = asked if DESCRIPTION.is_file() else []
    for request in checked:
        assert request.url.startswith(f"{description()['servers'][0]['url']}/articles")
        assert request.headers["Accept"] == b"application/vnd.forem.api-v1+json"
        described = request.url.replace("/api/", "/", 1)
        assert not problems_of_request(description(), described), request.url
    print(f"\n{len(checked)} requests checked")


def test_described_articles_become_posts() -> None:
    told = [(path, item) for path, items in examples() for item in items]
    for path, item in told:
        url = f"https://dev.to{item['path']}"  # the examples are of somebody's own machine
        known = {"title": f"FooConf 2026: {item['title']}", "published_at": "2026-05-04T14:45:32Z", "url": url}
        found = read([item | known], "parse_page", f"https://dev.to/api{path}")
        (draft,) = [thing for thing in found if isinstance(thing, Draft)]
        post = normalise(draft, EVENT, now=NOW)
        assert isinstance(post, Post)
        assert (post.platform, post.key, post.published.at) == (
            "devto",
            url,
            datetime(2026, 5, 4, 14, 45, 32, tzinfo=UTC),
        )
        assert draft.hashtags == tuple(item["tag_list"])
        assert draft.author.handle == item["user"]["username"]
        assert dict(draft.reactions) == {"like": 0, "comment": 0}
        asked = [thing.url for thing in found if isinstance(thing, Request)]
        assert asked == [f"https://dev.to/api/articles/{item['id']}"]
    print(f"\n{len(told)} articles read")


def test_a_described_article_has_its_text() -> None:
    paths = description()["paths"] if DESCRIPTION.is_file() else {}
    media = paths["/articles/{id}"]["get"]["responses"]["200"]["content"]["application/json"] if paths else {}
    item = media.get("example")
    for whole in [item] if item else []:
        (draft,) = read(whole, "parse_article", f"https://dev.to/api/articles/{whole['id']}")
        assert draft.text
        assert draft.hashtags == tuple(whole["tags"])
    print(f"\n{int(bool(item))} articles with their text read")


def test_invented_articles_have_the_described_shape() -> None:
    checked = 0
    for name in ("normal", "next_page", "account") if DESCRIPTION.is_file() else ():
        schema = description()["components"]["schemas"]["ArticleIndex"]
        items = json.loads((FIXTURES / "devto" / name / "body.json").read_text("utf-8"))
        problems = [problem for item in items for problem in problems_of_value(description(), schema, item, "item")]
        assert not [problem for problem in problems if not any(told in problem for told in UNDESCRIBED)], name
        checked += len(items)
    print(f"\n{checked} invented articles checked")
