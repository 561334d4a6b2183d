"""Qiita's API description against the Qiita source, and against the answers that its fixtures invent."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml
from scrapy import Request
from scrapy.http import TextResponse

from harvester import event as events
from harvester.known import Nothing
from harvester.model import Draft, Post
from harvester.normalise import normalise
from harvester.walks import windows
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


class Accounts(Nothing):
    """Two accounts that others found."""

    def handles(self, platform: str, **_: Any) -> list[str]:
        return ["aoi", "bo_1"] if platform == "qiita" else []


def test_requests_of_every_form_are_as_described() -> None:
    options = {"organisations": ["example-inc"], "users": ["chie"], "tags": ["C#", "生成AI"]}
    event = replace(EVENT, sources={"qiita": options})
    made = Qiita(event.slug)
    made.known = Accounts()
    made.prepare(event, datetime(2026, 6, 20, tzinfo=UTC), lambda query: "2026-06-19" * query.startswith("tag:"), {})

    async def started() -> list[Request]:
        return [found async for found in made.start() if isinstance(found, Request)]

    requests = asyncio.run(started())
    walk = windows.over("2026-05-02", "2026-06-03", NOW) | {"page": 100}
    requests.append(made.page("tag:a", walk))
    asked = [parse_qs(urlsplit(request.url).query)["query"][0] for request in requests]
    for form in ('"FooConf 2026" ', "tag:FooConf ", "tag:C# ", "tag:生成AI ", "org:example-inc ", "user:aoi "):
        assert any(query.startswith(form) for query in asked), form
    assert any(" updated:>=" in query for query in asked)
    for request in requests if DESCRIPTION.is_file() else ():
        assert not problems_of_request(description(), request.url), request.url
    print(f"\n{len(requests)} requests checked")


def test_the_described_example_becomes_a_post() -> None:
    examples = (
        [description()["components"]["schemas"]["Item"]["x-examples"]["Example 1"]] if DESCRIPTION.is_file() else []
    )
    for item in examples:
        meta = {"query": "q", "state": windows.over("2000-01-01", "2000-02-01", NOW)}
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
    for name in (
        ("normal", "next_page", "last_page", "throttled", "private", "split", "of_an_account")
        if DESCRIPTION.is_file()
        else ()
    ):
        items = json.loads((FIXTURES / "qiita" / name / "body.json").read_text("utf-8"))
        schema = resolved(description(), description()["components"]["schemas"]["Item"])
        # The second article of `normal` is odd on purpose: nulls and a count that is no number.
        problems = [p for item in items[:1] for p in problems_of_value(description(), schema, item, "item")]
        nullable = ("team_membership", "group", "user.", "organization_url_name", "page_views_count")
        assert not [p for p in problems if not (p.endswith("is null") and any(part in p for part in nullable))], name
        checked += 1
    print(f"\n{checked} invented answers checked")
