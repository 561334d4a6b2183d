"""Mastodon: the public timelines of the event's hashtags on several servers, without a key; with one, a search by name.

A server knows the posts that reached it, so several are asked; a post is known by its address at its own server.
Timelines are read backwards to where the last walk began (`harvester.walks.timeline`); one that is cut short goes on in
the next crawl. Only public posts of people who let themselves be found are kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from harvester.payloads.answers import header_number, refusal
from harvester.payloads.fediverse import host_of
from harvester.payloads.mastodon import LIMIT, STATUSES, closed_feeds, drafts_of, page_url, withheld
from harvester.source import Cursor, Note, Option, Source
from harvester.walks import timeline

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found

SEARCH_PAGES = 5
KEEP_FREE = 10  # of the 300 requests in five minutes, left to others behind our address
CLOSED = [401, 403, 404, 422]  # a server that shows its timelines to its own people only, or has none
SERVERS = ("mastodon.social", "mstdn.jp", "mastodon-japan.net", "fosstodon.org", "pawoo.net")


class Mastodon(Source):
    """A walk for each server and tag."""

    name = "mastodon"
    label = "Mastodon posts by hashtag on several servers (no key needed)"
    contributes = "public micro posts with boosts, favourites and replies, and links to what people wrote"
    optional_keys = ("MASTODON_TOKEN",)
    key_from = "your server (`search_on`), Preferences, Development, New application: read:search; free"
    origins = tuple(f"https://{host}" for host in SERVERS)
    policy = "api"
    lenient = True  # servers come and go
    platforms = ("mastodon",)
    document = False
    contract = STATUSES
    nothing = "nothing new to ask for: the event's weeks have been read, or have not begun"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "instances": Option(kind="texts", default=SERVERS, minimum=1, doc="Servers whose tag timelines are read."),
        "tags": Option(kind="texts", default=(), doc="More tags to read, besides the event's hashtags."),
        "max_requests": Option(kind="whole number", default=100, doc="Requests in one crawl, 40 posts each."),
        "search_on": Option(
            kind="text", default=SERVERS[0], choices=SERVERS,
            doc="The server that `MASTODON_TOKEN` is for; with the token, the event's names are searched there.",
        ),
    }  # fmt: skip
    asked = 0

    async def start(self) -> AsyncIterator[Request]:
        """The searches, then the newest page of every tag on every server, or where an earlier walk was cut short."""
        home, servers = self.option("search_on"), dict.fromkeys(filter(None, map(host_of, self.option("instances"))))
        for words in timeline.asked_names(self.event) if self.secret("MASTODON_TOKEN") else ():
            if walk := timeline.begin(self.event, self.now, self.checkpoint(f"{home} {words}")):
                yield self.page(f"{home} {words}", walk | {"host": home, "words": words, "page": 0})
        for tag, written in timeline.asked_tags(self.event, self.option("tags")).items():
            for host in servers:
                if walk := timeline.begin(self.event, self.now, self.checkpoint(f"{host} #{written}")):
                    yield self.page(f"{host} #{written}", walk | {"host": host, "tag": tag})

    def page(self, query: str, walk: timeline.Walk) -> Request:
        """The next page of a walk."""
        self.asked += 1
        if "words" in walk:
            return self.get(page_url(walk), self.parse_search, query=query, state=walk)
        return self.get(page_url(walk), self.parse_page, query=query, state=walk, handle_httpstatus_list=CLOSED)

    def authorize(self, request: Request) -> Request:
        """The token, for the search on its own server only."""
        parts, token = urlsplit(request.url), self.secret("MASTODON_TOKEN")
        if token and parts.netloc == self.option("search_on") and parts.path == "/api/v2/search":
            request.headers["Authorization"] = f"Bearer {token}"
        return request

    def parse_page(self, response: Response) -> Iterator[Found]:
        """The posts of a page, then the page before it, the end of the walk, or why it stops here."""
        query, walk = response.meta["query"], dict(response.meta["state"])
        if response.status in CLOSED:
            why = f"{walk['host']} does not show its tag timelines to guests"
            yield timeline.note(query, walk, f"{why} ({refusal(response.body, response.status)})")
            return
        items = self.json(response)
        if not isinstance(items, list):
            self.refused(response, "no list of posts", "bad_json")
        statuses, drift = self.records(response, items)
        yield from drift
        yield from self.kept(statuses, walk)
        last = statuses[-1] if statuses else {}
        older = b'rel="next"' in (response.headers.get("Link") or b"")
        more = bool(statuses) and older and not timeline.is_over(walk, last.get("created_at"))
        walk["until"] = timeline.leap(walk, str(last.get("id")), last.get("created_at")) or str(last.get("id", ""))
        reason = self.why_stop(response) if more else ""
        yield timeline.note(query, walk, reason)
        if not statuses and not walk["seen"]:
            about = f"https://{walk['host']}/api/v2/instance"
            yield self.get(about, self.parse_server, query=query, handle_httpstatus_list=CLOSED)
        elif not more:
            yield Cursor(query, timeline.ended(walk))
        elif reason:
            yield Cursor(query, timeline.cut(self.checkpoint(query), walk))
        else:
            yield self.page(query, walk)

    def kept(self, statuses: list[dict[str, Any]], walk: timeline.Walk) -> Iterator[Found]:
        """What may be kept, of the event's time; what may not is told without a word."""
        walk["seen"] += len(statuses)
        for status in statuses:
            refused, kept = withheld(status)
            walk["hidden"] += len(refused)
            yield from refused
            if kept and timeline.within(walk, status.get("created_at")):
                yield from drafts_of(status, walk["host"])

    def why_stop(self, response: Response) -> str:
        """Why the next page is not asked for in this run, "" when it is."""
        left = header_number(response.headers.get("X-RateLimit-Remaining"))
        return timeline.why_stop(left, KEEP_FREE, self.asked, self.option("max_requests"))

    def parse_server(self, response: Response) -> Iterator[Found]:
        """Whether an empty timeline is one that is shown to nobody: then nothing is known of the tag."""
        problem = "" if response.status in CLOSED else closed_feeds(self.json(response))
        if problem:
            host = urlsplit(response.url).netloc
            yield Note(query=response.meta["query"], truncated=True, reason=f"{host} shows {problem}")

    def parse_search(self, response: Response) -> Iterator[Found]:
        """The posts that a search found, page by page."""
        query, walk = response.meta["query"], dict(response.meta["state"])
        answer = self.json(response)
        if not isinstance(answer, dict) or not isinstance(answer.get("statuses"), list):
            self.refused(response, "no posts in the answer to a search", "bad_json")
        statuses, drift = self.records(response, answer["statuses"])
        yield from drift
        yield from self.kept(statuses, walk)
        walk["page"] += 1
        more = len(answer["statuses"]) >= LIMIT
        reason = self.why_stop(response) if more else ""
        if more and walk["page"] >= SEARCH_PAGES:
            reason = f"a search is read for {SEARCH_PAGES} pages at most"
        yield timeline.note(query, walk, reason)
        if not more:
            yield Cursor(query, timeline.ended(walk))
        elif not reason:
            yield self.page(query, walk)
