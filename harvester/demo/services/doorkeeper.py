"""The invented Doorkeeper: its API with an event about the event, and one that its search finds for a wrong reason."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

from harvester.demo.exchange import as_json
from harvester.demo.words import dice
from harvester.demo.world import NAME, STARTS
from harvester.text import fold

if TYPE_CHECKING:
    from harvester.demo.exchange import Asked, Reply
    from harvester.demo.world import World

HOSTS = ("api.doorkeeper.jp",)
KEYS = {"DOORKEEPER_TOKEN": "synthetic-demo-doorkeeper-no-secret"}
_PER_PAGE: Final = 25
_LIMIT: Final = 300


class Service:
    """Answers `GET /events`, `/events/:id` and `/groups/:name/events`."""

    def __init__(self, world: World) -> None:
        rng = dice(f"doorkeeper {world.seed}")
        self._left = _LIMIT
        viewing = f"{NAME} 基調講演を見る会"
        self._events = [
            _event(70001, viewing, f"{NAME} の基調講演をみんなで見ます。", rng.randint(20, 60), rng.randint(0, 9)),
            _event(70002, "朝の読書会", f"会場は {NAME} の配信と同じ建物です。", rng.randint(3, 12), 0),
        ]

    def answer(self, asked: Asked) -> Reply:
        """JSON in the service's shape with its limit as JSON in a header; 401 without the token, 404, 429."""
        self._left -= 1
        until = (datetime.now(UTC) + timedelta(seconds=300)).replace(microsecond=0).isoformat()
        told = {
            "name": "authenticated API",
            "period": 300,
            "limit": _LIMIT,
            "remaining": max(0, self._left),
            "until": until,
        }
        rate = {"X-Ratelimit": json.dumps(told)}
        if asked.headers.get("authorization") != f"Bearer {KEYS['DOORKEEPER_TOKEN']}":
            return as_json({"error": "Unauthorized"}, 401, rate)
        if self._left < 0:
            return as_json({"error": "Too many requests"}, 429, rate)
        parts = urlsplit(asked.target)
        if parts.path == "/events":
            return as_json(self._search({name: values[0] for name, values in parse_qs(parts.query).items()}), 200, rate)
        found = next((event for event in self._events if parts.path == f"/events/{event['id']}"), None)
        return as_json({"event": found}, 200, rate) if found else as_json({"error": "Not found"}, 404, rate)

    def _search(self, given: dict[str, str]) -> list[dict[str, Any]]:
        """Titles and descriptions, in the days asked for."""
        words, page = fold(given.get("q", "")), int(given.get("page", "1"))
        found = [
            event for event in self._events
            if words in fold(f"{event['title']}\n{event['description']}")
            and given.get("since", "") <= event["starts_at"][:10] <= given.get("until", "~")
        ]  # fmt: skip
        return [{"event": event} for event in found[(page - 1) * _PER_PAGE : page * _PER_PAGE]]


def _event(number: int, title: str, about: str, participants: int, waitlisted: int) -> dict[str, Any]:
    stamp = "%Y-%m-%dT%H:%M:%S.000Z"
    return {
        "title": title, "id": number, "starts_at": f"{STARTS + timedelta(days=2):{stamp}}",
        "ends_at": f"{STARTS + timedelta(days=2, hours=3):{stamp}}", "venue_name": "架空の会場", "address": "東京",
        "lat": None, "long": None, "published_at": f"{STARTS - timedelta(days=20):{stamp}}",
        "updated_at": f"{STARTS - timedelta(days=10):{stamp}}", "group": 4242, "description": f"<p>{about}</p>",
        "public_url": f"https://reinvent-sim.doorkeeper.jp/events/{number}", "participants": participants,
        "waitlisted": waitlisted, "ticket_limit": 60,
    }  # fmt: skip
