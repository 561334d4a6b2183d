"""connpass through its documented API v2: how many registered, and the decks, videos and reports put up at the event.

The event's own pages are asked for by number; of a group, the events of those days that name it. Presentations come
in the weeks after an event: they are asked for from its start on and 1, 3, 7, 30 and 90 days after its end, and their
mark moves only when the last page was read. The terms forbid to read the site in any other way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from harvester.contract import count, text
from harvester.model import Attendance
from harvester.payloads import connpass as payload
from harvester.source import Cursor, Drift, Note, Option, Source
from harvester.walks.timeline import iso, why_stop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found

BASE = "https://connpass.com/api/v2/events/"
PAGE = 100  # the most there are
CLOSED = "closed"  # of a question whose event has nothing more to give


class Connpass(Source):
    """A question for the events named and for each group, then one for the presentations of each event."""

    name = "connpass"
    label = "connpass events and what was put up at them (API v2; key on application, see help.connpass.com)"
    contributes = "registrations and waiting list; decks, videos and participants' reports put up at the event"
    needs = ("CONNPASS_API_KEY",)
    key_from = "help.connpass.com: an application; free for individuals and communities"
    origins = ("https://connpass.com",)
    policy = "api"
    view = "entry"
    platforms = ("connpass", "speakerdeck", "slideshare", "docswell", "youtube")
    document = False
    contract = payload.EVENTS
    nothing = "nothing to ask for: no page at connpass in event_urls, event_ids or groups, or none of it is due"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "event_ids": Option(
            kind="texts", default=(), doc="Numbers or pages of the event at connpass, besides `event_urls`.",
        ),
        "groups": Option(
            kind="texts", default=(), doc="Groups whose events of those days count when they name the event.",
        ),
        "max_requests": Option(kind="whole number", default=20, doc="Requests in one crawl, one a second."),
    }  # fmt: skip
    asked = 0

    async def start(self) -> AsyncIterator[Request]:
        """The events by number, then those of each group in the event's days."""
        ids = payload.event_ids(self.event, self.option("event_ids"))
        pages = (ids[first : first + PAGE] for first in range(0, len(ids), PAGE))
        asked = {f"events {', '.join(some)}": {"event_id": ",".join(some)} for some in pages}
        for group in payload.groups(self.event, self.option("groups"), own=not ids):
            asked[f"group {group}"] = {"subdomain": group, "ymd": payload.days(self.event)}
        for query, fields in asked.items():
            if self.checkpoint(query) != CLOSED and self.wants(fields.get("event_id", "").split(",")):
                self.asked += 1
                url = f"{BASE}?{urlencode(fields | {'start': '1', 'count': str(PAGE)}, safe=',')}"
                state = {"ids": ids, "asked": fields.get("event_id", "")}
                yield self.get(url, self.parse_events, query=query, state=state)

    def wants(self, numbers: list[str]) -> bool:
        """Whether events are to be asked for: until they begin in every crawl, then when what was put up is due."""
        return self.now < self.event.starts or any(self.is_due({"id": number}) for number in numbers)

    def authorize(self, request: Request) -> Request:
        """The key, which every request needs."""
        request.headers["X-API-Key"] = self.secret("CONNPASS_API_KEY")
        return request

    def parse_events(self, response: Response) -> Iterator[Found]:
        """The counts of the event's pages, and what was put up there when that is due."""
        query, state = response.meta["query"], response.meta["state"]
        ids, asked, group = state["ids"], filter(None, state["asked"].split(",")), not state["asked"]
        items, total = self.listed(response, "events")
        events, drift = self.records(response, items)
        yield from drift
        kept = [event for event in events if not group or (str(event["id"]) not in ids and self.names_us(event))]
        there, left = {str(event["id"]) for event in events}, len(events) - len(kept)
        told = [f"connpass has no event {number}" for number in asked if number not in there]
        for event in kept:
            registered, waiting, why = payload.counts(event)
            told += [f"event {event['id']}: {why}"] if why else []
            if why or not self.wants([event["id"]]):
                continue
            # Numbers of several pages stay apart: people register for more than one.
            source = self.name if len(ids) == 1 and not group else f"{self.name}/{event['id']}"
            yield Attendance(source=source, registered=registered, waiting=waiting)
        cut = f"{total} events there, {len(items)} read" if total > len(items) else ""
        other = f"left out: {left} events asked for by number or not this one" if left else ""
        yield Note(
            query=query, returned=len(events), reported_total=total, truncated=bool(cut),
            reason="; ".join(filter(None, (cut, *told, other))),
        )  # fmt: skip
        due = [event for event in kept if self.is_due(event)]
        for event in due:
            yield from self.presentations(_of(event), {"id": event["id"], "page": page_of(event), "seen": 0})
        if not due and not cut and payload.is_over(self.event, self.now):
            yield Cursor(query, CLOSED)

    def names_us(self, event: dict[str, Any]) -> bool:
        """Whether an event of a group is this one, by its title or tag."""
        tag = text(event.get("hash_tag"))
        return self.about(f"{event['title']}\n{text(event.get('catch'))}", [tag] if tag else [])

    def is_due(self, event: dict[str, Any]) -> bool:
        """Whether to ask for what was put up at an event."""
        return event.get("open_status") != "cancelled" and payload.due(
            self.event, self.now, self.checkpoint(_of(event))
        )

    def presentations(self, query: str, state: dict[str, Any]) -> Iterator[Request | Note]:
        """The next page of what was put up, unless the budget is used up."""
        if why := why_stop(None, 0, self.asked, self.option("max_requests")):
            yield Note(query=query, truncated=True, reason=why)
            return
        self.asked += 1
        fields = urlencode({"start": state["seen"] + 1, "count": PAGE})
        yield self.get(
            f"{BASE}{state['id']}/presentations/?{fields}", self.parse_presentations, query=query, state=state
        )

    def parse_presentations(self, response: Response) -> Iterator[Found]:
        """What was put up at one event, then the next page or the mark."""
        query, state = response.meta["query"], dict(response.meta["state"])
        items, total = self.listed(response, "presentations")
        read = payload.PRESENTATIONS.read(items)
        if lacking := read.lacking or payload.lacking(read.whole):
            self.refused(response, lacking, "bad_json")
        yield from (Drift(*entry) for entry in sorted(read.told.items()))
        others = 0
        for record in read.whole:
            found = list(payload.presentation(record, state["page"]))
            others += not found
            yield from found
        state["seen"] += len(items)
        more = bool(items) and state["seen"] < total
        short = "an empty page before the end" if not more and state["seen"] < total else ""
        left = f"left out: {others} of another kind than slide, movie and blog" if others else ""
        yield Note(
            query=query, returned=state["seen"], reported_total=total, truncated=bool(short),
            reason="; ".join(filter(None, (short, left))),
        )  # fmt: skip
        if more:
            yield from self.presentations(query, state)
        elif not short:
            yield Cursor(query, iso(self.now))

    def listed(self, response: Response, name: str) -> tuple[list[Any], int]:
        """The list of an answer, and how many there are in all. Raises ParseFailed."""
        answer = self.json(response)
        items = answer.get(name) if isinstance(answer, dict) else None
        if not isinstance(items, list):
            self.refused(response, f"no list of {name}", "bad_json")
        total = count(answer.get("results_available"))
        return items, len(items) if total is None else total


def page_of(event: dict[str, Any]) -> str:
    """The address of an event's page."""
    return text(event["url"]) or f"https://connpass.com/event/{event['id']}/"


def _of(event: dict[str, Any]) -> str:
    """The question for what was put up at an event."""
    return f"presentations {event['id']}"
