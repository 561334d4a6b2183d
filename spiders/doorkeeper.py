"""Doorkeeper through its documented API: how many registered and wait for the event, and its page.

An event is asked for by number, or looked for among the events of a group and of a search in the event's days. A
search also looks into descriptions and drops symbols, so a title must name the event. Its terms want every event shown
with its `public_url`, which is the address of the post; descriptions belong to the organisers and are not kept.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlencode

from harvester.contract import count, text
from harvester.model import Attendance, Draft
from harvester.payloads.fediverse import part, parts
from harvester.source import Contract, Cursor, Note, Option, Source
from harvester.walks.timeline import iso

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found

BASE = "https://api.doorkeeper.jp"
KEEP_FREE = 5  # of the requests of five minutes, left to others
DAY = timedelta(days=1)
_PAGE = re.compile(r"https?://([\w-]+)\.doorkeeper\.jp(?:/events/(\d+))?", re.ASCII | re.IGNORECASE)


class Doorkeeper(Source):
    """A question for each event, each group and each name."""

    name = "doorkeeper"
    label = "Doorkeeper events (API; the token is made in the settings of an account there)"
    contributes = "registrations and waiting list, and the page of the event, which is never counted"
    needs = ("DOORKEEPER_TOKEN",)
    origins = (BASE,)
    policy = "api"
    platforms = ("doorkeeper",)
    document = False
    contract = Contract(
        required=("id", "title", "public_url"),
        fields={
            "id": "whole number", "title": "text", "public_url": "text", "published_at": "text", "updated_at": "text",
            "starts_at": "text", "participants": "whole number", "waitlisted": "whole number",
        },
        unread=frozenset({
            "address", "banner", "description", "ends_at", "group", "lat", "long", "ticket_limit", "venue_name",
        }),
    )  # fmt: skip
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
        """The events by number, else those of groups and of a search in the event's days."""
        closed = iso(self.event.ends + DAY)
        for query, (path, fields) in self.questions().items():
            if self.checkpoint(query) <= closed:
                yield self.page(query, {"path": path, "fields": fields, "page": 1, "seen": []})

    def questions(self) -> dict[str, tuple[str, dict[str, str]]]:
        """What is asked: the question's name to its path and fields. Names are looked for when no page is known."""
        more = self.option("event_ids")
        pages = [found.groups() for word in (*more, *self.event.event_urls) if (found := _PAGE.match(word))]
        ids = dict.fromkeys([*(word.strip() for word in more if word.strip().isdigit()), *(n for _, n in pages if n)])
        groups = dict.fromkeys([*self.option("groups"), *(group for group, n in pages if not n)])
        window = {"since": f"{self.event.starts - DAY:%Y-%m-%d}", "until": f"{self.event.ends + DAY:%Y-%m-%d}"}
        window |= {"sort": "starts_at"}
        asked: dict[str, tuple[str, dict[str, str]]] = {f"event {number}": (f"/events/{number}", {}) for number in ids}
        asked |= {f"group {group}": (f"/groups/{quote(group, safe='')}/events", dict(window)) for group in groups}
        if not asked:
            names = dict.fromkeys((self.event.name, *self.event.names))
            asked = {f'"{name}"': ("/events", {"q": name} | window) for name in names}
        return asked

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
            yield draft_of(event)
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
        if not more:
            yield Cursor(query, iso(self.now))
        elif not reason:
            yield self.page(query, state | {"page": state["page"] + 1})

    def is_ours(self, event: dict[str, Any]) -> bool:
        """Whether an event of a list is this one and not asked for by number anyway."""
        return self.about(text(event["title"])) and f"event {event['id']}" not in self.questions()

    def why_stop(self, response: Response) -> str:
        """Why the next page is not asked for in this run, "" when it is. The limit is JSON inside a header."""
        try:
            left = count(part(json.loads(response.headers.get("X-Ratelimit") or b"{}")).get("remaining"))
        except ValueError:
            left = None
        if left is not None and left <= KEEP_FREE:
            return f"rate limit: {left} requests left, goes on in the next run"
        most = self.option("max_requests")
        return f"request budget of {most} used up, goes on in the next run" if self.asked >= most else ""


def draft_of(event: dict[str, Any]) -> Draft:
    """The page of an event, without the organiser's own words."""
    kept = {name: value for name, value in event.items() if name not in ("description", "banner")}
    return Draft(
        url=text(event["public_url"]), kind="event_page", title=text(event["title"]),
        published=text(event.get("published_at")), published_origin="api", updated=text(event.get("updated_at")),
        raw=json.dumps(kept, ensure_ascii=False),
    )  # fmt: skip
