"""Doorkeeper through its documented API: how many registered and wait for the event, and its page.

An event is asked for by number, or looked for among the events of a group and of a search in the event's days. A
search also looks into descriptions and drops symbols, so a title must name the event. Its terms want every event shown
with its `public_url`, which is the address of the post; descriptions belong to the organisers and are not kept.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from harvester.contract import count, text
from harvester.model import Attendance
from harvester.payloads import doorkeeper as payload
from harvester.payloads.answers import part, parts
from harvester.source import Cursor, Note, Option, Source
from harvester.walks.timeline import iso, why_stop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found

BASE = "https://api.doorkeeper.jp"
KEEP_FREE = 5  # of the requests of five minutes, left to others


class Doorkeeper(Source):
    """A question for each event, each group and each name."""

    name = "doorkeeper"
    label = "Doorkeeper events (API; the token is made in the settings of an account there)"
    contributes = "registrations and waiting list, and the page of the event, which is never counted"
    needs = ("DOORKEEPER_TOKEN",)
    key_from = "doorkeeper.jp, settings of your account"
    origins = (BASE,)
    policy = "api"
    platforms = ("doorkeeper",)
    document = False
    contract = payload.EVENTS
    nothing = "nothing to ask for: what Doorkeeper holds of the event was read after it had ended"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "event_ids": Option(
            kind="texts", default=(), doc="Numbers or pages of the event at Doorkeeper, besides `event_urls`.",
        ),
        "groups": Option(
            kind="texts", default=(), doc="Groups whose events of those days count when they name the event.",
        ),
        "max_requests": Option(kind="whole number", default=20, doc="Requests in one crawl."),
    }  # fmt: skip
    asked = 0

    async def start(self) -> AsyncIterator[Request]:
        """The events by number, else those of groups and of a search in the event's days, from where one was cut."""
        closed = iso(self.event.ends + payload.DAY)
        for query, (path, fields) in self.questions().items():
            if (cursor := self.checkpoint(query)).startswith("{"):
                yield self.page(query, json.loads(cursor))
            elif cursor <= closed:
                yield self.page(query, {"path": path, "fields": fields, "page": 1, "seen": []})

    def questions(self) -> dict[str, tuple[str, dict[str, str]]]:
        """What is asked."""
        return payload.questions(self.event, self.option("event_ids"), self.option("groups"))

    def page(self, query: str, state: dict[str, Any]) -> Request:
        """One page of a question."""
        self.asked += 1
        fields = state["fields"] | {"page": state["page"]} if state["fields"] else {}
        url = f"{BASE}{state['path']}{'?' + urlencode(fields) if fields else ''}"
        return self.get(url, self.parse_events, query=query, state=state, handle_httpstatus_list=[404])

    def authorize(self, request: Request) -> Request:
        """The token of an account."""
        request.headers["Authorization"] = f"Bearer {self.secret('DOORKEEPER_TOKEN')}"
        return request

    def parse_events(self, response: Response) -> Iterator[Found]:
        """The events of a page that are ours, then the next page or the mark."""
        query, state = response.meta["query"], dict(response.meta["state"])
        if response.status == 404:
            yield Note(query=query, returned=0, reason="Doorkeeper has nothing of that name")
            yield Cursor(query, iso(self.now))
            return
        answer, named = self.json(response), not state["fields"]
        if not isinstance(answer, dict if named else list):
            self.refused(response, "no event" if named else "no list of events", "bad_json")
        items = [part(item.get("event")) for item in ([part(answer)] if named else parts(answer))]
        events, drift = self.records(response, items)
        yield from drift
        new = [event for event in events if event["id"] not in state["seen"]]
        kept = [event for event in new if named or self.is_ours(event)]
        for event in kept:
            yield payload.draft_of(event)
            # Numbers of several pages stay apart: people register for more than one.
            source = self.name if named and len(self.questions()) == 1 else f"{self.name}/{event['id']}"
            registered, waiting = count(event.get("participants")), count(event.get("waitlisted"))
            if (registered, waiting) != (None, None):
                yield Attendance(source=source, registered=registered, waiting=waiting)
        state["seen"] += [event["id"] for event in new]
        state["left"] = state.get("left", 0) + len(new) - len(kept)
        more = bool(new) and not named  # how many stand on a page is not documented: the end is an empty one
        reason = self.why_stop(response) if more else ""
        left = f"left out: {state['left']} events asked for by number or not this one" if state["left"] else ""
        yield Note(
            query=query, returned=len(state["seen"]), truncated=bool(reason),
            reason="; ".join(filter(None, (reason, left))),
        )  # fmt: skip
        following = state | {"page": state["page"] + 1}
        if not more:
            yield Cursor(query, iso(self.now))
        else:
            yield Cursor(query, json.dumps(following)) if reason else self.page(query, following)

    def is_ours(self, event: dict[str, Any]) -> bool:
        """Whether an event of a list is this one and not asked for by number anyway."""
        return self.about(text(event["title"])) and f"event {event['id']}" not in self.questions()

    def why_stop(self, response: Response) -> str:
        """Why the next page is not asked for in this run, "" when it is."""
        left = payload.requests_left(response.headers.get("X-Ratelimit"))
        return why_stop(left, KEEP_FREE, self.asked, self.option("max_requests"))
