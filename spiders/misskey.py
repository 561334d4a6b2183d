"""Misskey: the notes with the event's hashtags on the servers that are named, without a key.

Notes are read backwards to where the last walk began (`harvester.walks.timeline`), always from the oldest one of a
page: nothing is taken for granted about their order. A walk that is cut short goes on in the next crawl. Only public
notes of people of that server who let themselves be found are kept.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar

from harvester.payloads.answers import header_number, refusal
from harvester.payloads.fediverse import host_of
from harvester.payloads.misskey import NOTES, drafts_of, withheld
from harvester.source import Cursor, Option, Source
from harvester.walks import timeline

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found

LIMIT, KEEP_FREE = 100, 5
CLOSED = [400, 401, 403, 404]  # a server that wants an account for this, or has nothing of the kind


class Misskey(Source):
    """A walk for each server and tag."""

    name = "misskey"
    label = "Misskey notes by hashtag on the servers named (no key needed)"
    contributes = "public micro posts with renotes, reactions and replies, and links to what people wrote"
    policy = "api"
    lenient = True  # servers come and go
    platforms = ("misskey",)
    document = False
    contract = NOTES
    nothing = "nothing new to ask for: the event's weeks have been read, or have not begun"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "hosts": Option(kind="texts", default=("misskey.io",), minimum=1, doc="Servers whose notes are searched."),
        "tags": Option(kind="texts", default=(), doc="More tags to search, besides the event's hashtags."),
        "max_requests": Option(kind="whole number", default=40, doc="Requests in one crawl, 100 notes each."),
    }
    asked = 0

    async def start(self) -> AsyncIterator[Request]:
        """The newest notes of every tag on every server, or where an earlier walk was cut short."""
        hosts = dict.fromkeys(filter(None, map(host_of, self.option("hosts"))))
        for tag, written in timeline.asked_tags(self.event, self.option("tags")).items():
            for host in hosts:
                query = f"{host} #{written}"
                if walk := timeline.begin(self.event, self.now, self.checkpoint(query)):
                    yield self.page(query, walk | {"host": host, "tag": tag})

    def page(self, query: str, walk: timeline.Walk) -> Request:
        """The next page of a walk."""
        self.asked += 1
        asked = {"tag": walk["tag"], "limit": LIMIT} | ({"untilId": walk["until"]} if walk["until"] else {})
        return self.get(
            f"https://{walk['host']}/api/notes/search-by-tag", self.parse_page, query=query, state=walk,
            method="POST", body=json.dumps(asked, ensure_ascii=False), headers={"Content-Type": "application/json"},
            handle_httpstatus_list=CLOSED,
        )  # fmt: skip

    def parse_page(self, response: Response) -> Iterator[Found]:
        """The notes of a page, then the page before it, the end of the walk, or why it stops here."""
        query, walk = response.meta["query"], dict(response.meta["state"])
        if response.status in CLOSED:
            why = f"{walk['host']} does not let guests search for tags ({refusal(response.body, response.status)})"
            yield timeline.note(query, walk, why)
            return
        items = self.json(response)
        if not isinstance(items, list):
            self.refused(response, f"no list of notes ({refusal(response.body, response.status)})", "bad_json")
        notes, drift = self.records(response, items)
        yield from drift
        walk["seen"] += len(notes)
        for note in notes:
            refused, kept = withheld(note, walk["host"])
            walk["hidden"] += len(refused)
            yield from refused
            if kept and timeline.within(walk, note["createdAt"]):
                yield from drafts_of(note, walk["host"])
        oldest = min(notes, key=lambda note: str(note["createdAt"]), default=None)
        more = oldest is not None and not timeline.is_over(walk, oldest["createdAt"])
        walk["until"] = str(oldest["id"]) if oldest else ""
        left = header_number(response.headers.get("X-RateLimit-Remaining"))
        reason = timeline.why_stop(left, KEEP_FREE, self.asked, self.option("max_requests")) if more else ""
        yield timeline.note(query, walk, reason)
        if reason:
            yield Cursor(query, timeline.cut(self.checkpoint(query), walk))
        elif more:
            yield self.page(query, walk)
        elif walk["seen"]:
            yield Cursor(query, timeline.ended(walk))
