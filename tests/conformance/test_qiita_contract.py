"""Qiita's API description against the Qiita source, and against the answers that its fixtures invent."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from scrapy import Request
from scrapy.http import TextResponse

from harvester import event as events
from harvester.model import Draft, Post
from harvester.normalise import normalise
from spiders.qiita import Qiita
from tests.conformance.data import DATA
from tests.conformance.openapi import problems_of_request, problems_of_value, resolved

FIXTURES = Path(__file__).parents[1] / "fixtures"
EVENT = events.load((FIXTURES / "event.toml").read_text("utf-8"), "event.toml")
DESCRIPTION = DATA / "api" / "openapi" / "qiita" / "openapi.yml"
NOW = datetime(2026, 5, 10, tzinfo=UTC)


@cache
def description() -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(DESCRIPTION.read_text("utf-8"), Loader=yaml.CSafeLoader)
    return found


def spider() -> Qiita:
    made = Qiita(EVENT.slug)
    made.prepare(EVENT, NOW, lambda _: "", {})
    return made


def test_requests_are_as_described() -> None:
    source = spider()

    async def started() -> list[str]:
        return [request.url async for request in source.start()]

    later = source.page("tag:a", {"page": 100, "since": "2026-05-02"}).url
    urls = [*asyncio.run(started()), later] if DESCRIPTION.is_file() else []
    for url in urls:
        assert not problems_of_request(description(), url), url
    print(f"\n{len(urls)} requests checked")


def test_the_described_example_becomes_a_post() -> None:
    examples = (
        [description()["components"]["schemas"]["Item"]["x-examples"]["Example 1"]] if DESCRIPTION.is_file() else []
    )
    for item in examples:
        meta = {"query": "q", "state": {"page": 1, "seen": 0, "dropped": 0, "mark": "m", "since": "2000-01-01"}}
        request = Request("https://qiita.com/api/v2/items", meta=meta)
        answer = TextResponse(request.url, body=json.dumps([item]).encode(), encoding="utf-8", request=request)
        draft = next(found for found in spider().parse_page(answer) if isinstance(found, Draft))
        post = normalise(draft, EVENT, now=NOW)
        assert isinstance(post, Post)
        assert post.key == f"qiita:{item['id']}"
        assert post.title == item["title"]
        assert post.published.at == datetime(2000, 1, 1, tzinfo=UTC)
        assert dict(post.reactions) == {"like": 100, "stock": 100, "comment": 100}
        assert post.author is not None
        assert (post.author.handle, post.author.organisation) == ("qiita", "Qiita Inc.")
        assert draft.author.website == item["user"]["website_url"]
        assert post.hashtags == ("Ruby",)
    print(f"\n{len(examples)} examples read")


def test_invented_articles_have_the_described_shape() -> None:
    checked = 0
    for name in ("normal", "next_page", "last_page", "throttled", "private") if DESCRIPTION.is_file() else ():
        items = json.loads((FIXTURES / "qiita" / name / "body.json").read_text("utf-8"))
        schema = resolved(description(), description()["components"]["schemas"]["Item"])
        # The second article of `normal` is odd on purpose: nulls and a count that is no number.
        problems = [p for item in items[:1] for p in problems_of_value(description(), schema, item, "item")]
        nullable = ("team_membership", "group", "user.", "organization_url_name", "page_views_count")
        assert not [p for p in problems if not (p.endswith("is null") and any(part in p for part in nullable))], name
        checked += 1
    print(f"\n{checked} invented answers checked")
