"""Answers of Mastodon servers that others recorded, against the Mastodon source: drafts, or refused by name."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from scrapy import Request
from scrapy.http import TextResponse

from harvester import event as events
from harvester import privacy
from harvester.errors import ParseFailed
from harvester.model import Draft, Edge, Post, Rejected
from harvester.normalise import normalise
from harvester.payloads.mastodon import STATUSES, closed_feeds, drafts_of, withheld
from harvester.walks.timeline import iso
from spiders.mastodon import Mastodon
from tests.conformance.data import files

FIXTURES = Path(__file__).parents[1] / "fixtures"
EVENT = events.load((FIXTURES / "event.toml").read_text("utf-8"), "event.toml")
NOW = datetime(2026, 11, 20, tzinfo=UTC)


@cache
def recorded() -> list[tuple[str, str, bytes]]:
    """(file, address, body) of every answer."""
    found = []
    for path in files("api", "mastodon", pattern="*.yaml"):
        for one in yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)["interactions"]:
            body = one["response"]["body"].get("string") or b""
            found.append((path.name, one["request"]["uri"], body.encode() if isinstance(body, str) else body))
    return found


def statuses(value: Any) -> list[dict[str, Any]]:
    """Every status anywhere in an answer."""
    if isinstance(value, list):
        return [found for item in value for found in statuses(item)]
    if not isinstance(value, dict):
        return []
    own = [value] if {"content", "account", "visibility", "uri"} <= value.keys() else []
    return own + [found for item in value.values() for found in statuses(item)]


def all_statuses() -> list[dict[str, Any]]:
    return [found for _, _, body in recorded() if body[:1] in b"[{" for found in statuses(json.loads(body))]


def test_every_recorded_status_becomes_a_post_or_is_refused_by_name() -> None:
    outcomes: Counter[str] = Counter()
    for status in all_statuses():
        assert not STATUSES.missing(status)
        assert not STATUSES.read([status]).told, status["uri"]
        out, kept = withheld(status)
        found = list(drafts_of(status, "mastodon.social")) if kept else out
        draft = found[0]
        assert isinstance(draft, Draft)
        made = normalise(draft, EVENT, now=NOW)
        outcomes[made.reason if isinstance(made, Rejected) else "post"] += 1
        expected = privacy.is_public(status["visibility"]) and not privacy.unsearchable(status["account"])
        if not kept:
            assert [draft.text, draft.raw, draft.author.handle, draft.author.name] == [""] * 4
            assert isinstance(made, Rejected)
            assert made.reason in privacy.UNNAMED
            continue
        assert expected
        assert isinstance(made, Post) or made.reason == "empty", status["uri"]
        if isinstance(made, Post):
            assert made.author is not None
            assert "@" in made.author.handle
            assert made.published.precision == "second"
            assert all(isinstance(extra, Edge) for extra in found[1:])
    print(f"\n{sum(outcomes.values())} recorded statuses: {dict(outcomes)}")


def test_no_field_of_a_recorded_status_is_unknown() -> None:
    news = STATUSES.read(all_statuses()).news
    assert not news
    print(f"\n{len(all_statuses())} recorded statuses have {len(news)} unknown fields")


def test_every_recorded_answer_is_a_page_of_posts_or_is_refused_by_name() -> None:
    outcomes: Counter[str] = Counter()
    source = Mastodon(EVENT.slug)
    source.prepare(EVENT, NOW, lambda _: "", {})
    walk = {"began": iso(NOW), "stop": iso(NOW - timedelta(days=9999)), "end": iso(NOW), "until": "", "seen": 0,
            "hidden": 0, "host": "mastodon.social", "tag": "a"}  # fmt: skip
    for name, url, body in recorded():
        request = Request(url, meta={"query": "mastodon.social #a", "state": dict(walk)})
        answer = TextResponse(url, body=body, encoding="utf-8", request=request)
        try:
            found = list(source.parse_page(answer))
        except ParseFailed as failed:
            outcomes[failed.state] += 1
        else:
            assert json.loads(body) == [] or any(isinstance(item, Draft) for item in found), name
            outcomes["read"] += 1
    assert set(outcomes) <= {"bad_json", "read"}
    print(f"\n{sum(outcomes.values())} recorded answers: {dict(outcomes)}")


@pytest.mark.parametrize("state", ["authenticated", "disabled"])
def test_a_server_says_whose_timelines_it_shows(state: str) -> None:
    answers = [json.loads(body) for _, url, body in recorded() if "/api/v2/instance" in url and body[:1] == b"{"]
    for answer in answers:
        assert closed_feeds(answer) == ""
        feeds = {"local": "public", "remote": state}
        changed = {**answer, "configuration": {"timelines_access": {"hashtag_feeds": feeds}}}
        assert closed_feeds(changed) == "no remote tag timelines to guests"
    print(f"\n{len(answers)} descriptions of servers read")
