"""connpass's recorded answers against the connpass source: counts, drafts and links, or refused by name."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request
from scrapy.http import TextResponse

from harvester import event as events
from harvester.errors import ParseFailed
from harvester.model import Attendance, Draft, Edge, Link
from harvester.payloads.connpass import EVENTS, PRESENTATIONS, counts
from harvester.source import Cursor, Note
from spiders.connpass import Connpass
from tests.conformance.data import files

if TYPE_CHECKING:
    from harvester.contract import Contract

FIXTURES = Path(__file__).parents[1] / "fixtures"
EVENT = events.load((FIXTURES / "event.toml").read_text("utf-8"), "event.toml")
NOW = datetime(2026, 5, 10, tzinfo=UTC)
# Which of the recorded answers hold what we ask for; the others are of users and groups.
LISTS: dict[str, Contract] = {"events": EVENTS, "presentations": PRESENTATIONS}


def recorded() -> list[tuple[str, dict[str, Any]]]:
    return [(path.name, json.loads(path.read_text("utf-8"))) for path in files("api", "connpass", pattern="*.json")]


def found(answer: dict[str, Any], callback: str) -> list[Any]:
    """What the source makes of an answer to one of its two questions."""
    source = Connpass(EVENT.slug)
    source.prepare(EVENT, NOW, lambda _: "", {})
    state: dict[str, Any] = {"ids": ["364"], "asked": "364", "id": 364, "page": "https://a.connpass.com/event/364/"}
    meta = {"query": "q", "state": state | {"seen": 0}}
    request = Request("https://connpass.com/api/v2/events/", meta=meta)
    body = json.dumps(answer).encode()
    return list(getattr(source, callback)(TextResponse(request.url, body=body, encoding="utf-8", request=request)))


def test_every_recorded_record_has_what_is_read_and_nothing_unknown() -> None:
    read = Counter[str]()
    for name, answer in recorded():
        for kind, contract in LISTS.items():
            reading = contract.read(answer.get(kind, []))
            assert (reading.lacking, dict(reading.told), reading.news) == ("", {}, []), name
            assert len(reading.whole) == len(answer.get(kind, []))
            read[kind] += len(reading.whole)
    print(f"\n{dict(read)} records read")


def test_recorded_events_become_head_counts_or_say_why_not() -> None:
    outcomes = Counter[str]()
    for _, answer in recorded():
        if "events" not in answer:
            continue
        made = found(answer, "parse_events")
        (note,) = [item for item in made if isinstance(item, Note)]
        attendance = [item for item in made if isinstance(item, Attendance)]
        without = [event for event in answer["events"] if counts(event)[2]]
        assert len(attendance) + len(without) == len(answer["events"])
        assert [a.registered for a in attendance] == [e["accepted"] for e in answer["events"] if e not in without]
        assert all(f"event {event['id']}: " in note.reason for event in without)
        assert note.reported_total == answer["results_available"]
        assert bool(note.truncated) is (answer["results_available"] > len(answer["events"]))
        outcomes.update(counts=len(attendance), none=len(without))
    print(f"\n{dict(outcomes)}")


def test_recorded_presentations_become_links_and_the_next_page_is_asked_for() -> None:
    checked = 0
    for _, answer in recorded():
        if "presentations" not in answer:
            continue
        made = found(answer, "parse_presentations")
        told = [record["presentation-type"] for record in answer["presentations"]]
        assert [item.url for item in made if isinstance(item, Link)] == [r["url"] for r in answer["presentations"]]
        assert [item.actor.handle for item in made if isinstance(item, Edge) and item.actor] == ["haru860"]
        assert told == ["blog"]
        assert not [item for item in made if isinstance(item, Draft | Cursor)]  # 90 more are to come
        (following,) = [item for item in made if isinstance(item, Request)]
        assert following.url == "https://connpass.com/api/v2/events/364/presentations/?start=2&count=100"
        checked += len(told)
    print(f"\n{checked} presentations read")


def test_answers_to_other_questions_are_refused_by_name() -> None:
    refused = 0
    for _, answer in recorded():
        for kind, callback in (("events", "parse_events"), ("presentations", "parse_presentations")):
            if kind not in answer:
                with pytest.raises(ParseFailed) as failed:
                    found(answer, callback)
                assert failed.value.state == "bad_json"
                refused += 1
    print(f"\n{refused} answers refused")
