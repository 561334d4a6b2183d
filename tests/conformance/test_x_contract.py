"""X's published description and recorded answers against the X source."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

import pytest
import yaml
from scrapy import Request
from scrapy.http import TextResponse

from harvester import event as events
from harvester.errors import ParseFailed
from harvester.importers import Refused
from harvester.importers.x_payload import found_in
from harvester.model import FETCH_STATES, Draft
from harvester.payloads.x import is_post
from harvester.source import Refreshed
from harvester.walks.x_answers import ASK, Met
from harvester.walks.x_walk import BATCH
from harvester.walks.x_walker import KNOWN
from spiders.x import X
from tests.conformance.data import DATA, files
from tests.conformance.openapi import problems_of_request, problems_of_value

if TYPE_CHECKING:
    from collections.abc import Iterator

FIXTURES = Path(__file__).parents[1] / "fixtures"
EVENT = events.load((FIXTURES / "event.toml").read_text("utf-8"), "event.toml")
NOW = datetime(2026, 5, 10, tzinfo=UTC)
CASSETTES = files("api", "x_tweepy_cassettes", "cassettes")
DESCRIPTION = DATA / "api" / "openapi" / "x" / "openapi.json"
# Older names, as prose documentation and tweepy still use them, in the words of the description.
RENAMED = {"tweet.fields": "post.fields", "note_tweet": "note_post", "referenced_tweets": "referenced_posts"}
ANSWERED = Met("2049000000000000001", "https://x.com/aoi/status/2049000000000000001", {"reply": 3, "quote": 2})
# Relations, which the description gives as expansions only.
RELATIONS = {"author_id", "in_reply_to_user_id", "referenced_posts"}


@cache
def description() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DESCRIPTION.read_text("utf-8"))
    return found


def spider(naming: str = "tweet", **options: Any) -> X:
    made = X(EVENT.slug)
    made.prepare(replace(EVENT, sources={"x": {"naming": naming, **options}}), NOW, lambda _: "", {})
    return made


def walk(**over: Any) -> dict[str, Any]:
    return spider().walker.fresh("") | {"size": 100, "queued": "2026-05-10", **over}


def recorded() -> Iterator[tuple[str, int, bytes]]:
    """(method and address, status, body) of every recorded answer."""
    for path in CASSETTES:
        text = path.read_text("utf-8")
        told = json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader=yaml.CSafeLoader)
        for exchange in told["interactions"]:
            answer = exchange["response"]
            body = answer["body"].get("string", b"")
            body = body.encode() if isinstance(body, str) else body
            body = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
            yield f"{exchange['request']['method']} {exchange['request']['uri']}", answer["status"]["code"], body


def asked_in(body: bytes) -> dict[str, str]:
    """Every number in an answer, as if it was that of a post asked for."""
    return {
        found: f"https://x.com/i/status/{found}"
        for found in re.findall(r'"(\d{1,19})"', body.decode("utf-8", "replace"))
    }


def read(source: X, callback: str, status: int, body: bytes) -> list[Any] | str:
    """What a callback yields for an answer, or the state it is refused with."""
    meta = {"query": "q", "state": walk() | ({"posts": asked_in(body)} if callback == "parse_lookup" else {})}
    request = Request("https://api.x.com/2/tweets/search/all", meta=meta)
    response = TextResponse(request.url, status=status, body=body, encoding="utf-8", request=request)
    try:
        return list(getattr(source, callback)(response))
    except ParseFailed as failed:
        return failed.state if failed.detail else "no reason given"


@pytest.mark.parametrize("callback", ["parse_page", "parse_count", "parse_lookup"])
def test_every_recorded_answer_is_read_or_refused_by_name(callback: str) -> None:
    ends: Counter[str] = Counter()
    posts = 0
    for where, status, body in recorded():
        found = read(spider(), callback, status, body)
        ends[found if isinstance(found, str) else "read"] += 1
        assert not isinstance(found, str) or found in FETCH_STATES, where
        if callback == "parse_page" and not isinstance(found, str):
            data = json.loads(body).get("data") or []
            drafts = [item for item in found if isinstance(item, Draft)]
            assert len(drafts) == sum(map(is_post, data)) == len(data), where
            posts += len(drafts)
        elif callback == "parse_lookup" and not isinstance(found, str):
            data = json.loads(body).get("data") or []
            kept = {key for item in found if isinstance(item, Refreshed) for key in item.keys}
            asked = asked_in(body)
            assert {f"x:{record['id']}" for record in data if record["id"] in asked} <= kept, where
            posts += len(kept)
    print(f"\n{callback}: {sum(ends.values())} answers, {dict(ends)}, {posts} posts")


def test_recorded_searches_and_counts_are_read() -> None:
    seen: Counter[str] = Counter()
    for where, status, body in recorded():
        for part, callback in (
            ("/2/tweets/search/", "parse_page"),
            ("/2/tweets/counts/", "parse_count"),
            ("/2/tweets?ids=", "parse_lookup"),
        ):
            if part in where:
                assert not isinstance(read(spider(), callback, status, body), str), where
                seen[part] += 1
    print(f"\n{dict(seen)}")
    assert not CASSETTES or min(seen["/2/tweets/search/"], seen["/2/tweets/counts/"]) >= 4
    assert not CASSETTES or seen["/2/tweets?ids="] >= 2


def requests_of(source: X) -> list[str]:
    """One request of each kind that the source makes."""

    async def started() -> list[str]:
        return [item.url async for item in source.start() if isinstance(item, Request)]

    old, new = (
        source.walker.fresh(""),
        source.walker.fresh(str(((int((NOW - timedelta(days=1)).timestamp()) * 1000) - 1288834974657) << 22)),
    )
    assert (old["route"], new["route"]) == ("all", "recent")
    made = [source.page("#a", w | {"size": size, "token": token}).url for w in (old, new) for size in (10, 100)
            for token in ("", "b26v89c19zqg8o3f")]  # fmt: skip
    ended = old | {"end": "2026-05-09T00:00:00Z"}
    through = [source.walker.answers.begin(EVENT, NOW, ANSWERED, kind, archive=None) for kind in ASK]
    answers = [
        source.page(ANSWERED.url, one | {"size": size, "token": token}).url
        for one in through for size in (10, 100) for token in ("", "b26v89c19zqg8o3f")
    ]  # fmt: skip
    ids = {str(2_049_000_000_000_000_000 + n): "" for n in range(BATCH)}
    lookups = [source.lookup(KNOWN, {"posts": dict(list(ids.items())[:n])}).url for n in (1, BATCH)]
    return [*answers, *lookups, *asyncio.run(started()), *made, *(source.count("#a", w).url for w in (old, new, ended)),
            source.count("#a", old, "b26v89c19zqg8o3f").url, source.page("#a", ended | {"size": 50}).url]  # fmt: skip


@pytest.mark.parametrize("naming", ["tweet", "post"])
def test_requests_are_as_described(naming: str) -> None:
    urls = requests_of(spider(naming)) if DESCRIPTION.is_file() else []
    for url in urls:
        base, _, query = url.partition("?")
        given = {RENAMED.get(name, name): value for name, value in parse_qsl(query)}
        if naming == "tweet" and "post.fields" in given:
            named = [RENAMED.get(name, name) for name in given["post.fields"].split(",")]
            given["post.fields"] = ",".join(name for name in named if name not in RELATIONS)
        problems = problems_of_request(description(), f"{base}?{urlencode(given)}")
        assert not problems, (url, problems)
        assert len(url) <= 2_048
    print(f"\n{naming}: {len(urls)} requests checked")


def test_every_tweet_that_huginn_kept_becomes_a_draft_or_is_refused_by_name() -> None:
    ends: Counter[str] = Counter()
    for path in files("api", "misc_huginn", pattern="*tweet*.json"):
        told = json.loads(path.read_text("utf-8"))
        records = told.get("statuses", [told]) if isinstance(told, dict) else told
        for record in records:
            found = list(found_in(record, path.name))
            assert found, path.name
            ends.update(item.reason if isinstance(item, Refused) else type(item).__name__ for item in found)
            (draft,) = (item for item in found if isinstance(item, Draft))
            assert draft.native_id == record["id_str"]
            assert draft.author.handle == record["user"]["screen_name"]
    print(f"\n{dict(ends)}")
    assert not CASSETTES or ends["Draft"] >= 5


def test_invented_answers_have_the_described_shape() -> None:
    checked = 0
    for path in sorted((FIXTURES / "x").glob("*/body.json")) if DESCRIPTION.is_file() else []:
        told = json.loads(path.read_text("utf-8").replace("tweet_", "post_").replace("_tweet", "_post"))
        if not (told.get("data") and isinstance(told["data"], list) and "text" in told["data"][0]):
            continue
        lookup = path.parent.name.startswith("lookup")
        schema = description()["components"]["schemas"]["GetPostsByIdsResponse" if lookup else "SearchPostsAllResponse"]
        problems = [p for p in problems_of_value(description(), schema, told) if ".errors[" not in p]
        assert not problems, (path, problems)
        checked += 1
    print(f"\n{checked} invented answers checked")
