"""Bluesky: the network's search, a page of it without a key, all of it with an app password.

Without a login only the first page of a search is shown, and at times none; a login is made once in a crawl and its
token lives in memory only. Results come newest first and are read back to where the last walk began
(`harvester.walks.timeline`); what was not read goes on in the next crawl, from the oldest post that was met.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from harvester.contract import count, text
from harvester.payloads.answers import header_number, part, refusal
from harvester.payloads.bluesky import POSTS, asked_for, drafts_of, moment_of, withheld
from harvester.source import Cursor, Option, Source
from harvester.walks import timeline

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found

KEEP_FREE, FAR = 50, 9_000  # requests of five minutes that are others'; a search ends at 10,000 posts
OPEN, HOME = "https://api.bsky.app", "https://bsky.social"
LOGIN = f"{HOME}/xrpc/com.atproto.server.createSession"
KEYS = ("BLUESKY_IDENTIFIER", "BLUESKY_APP_PASSWORD")
REFUSED = [400, 401, 403]


class Bluesky(Source):
    """A walk for each hashtag and name."""

    name = "bluesky"
    label = "Bluesky posts by hashtag and name (the first page without a key)"
    contributes = "micro posts with likes, reposts, replies and quotes, and links to what people wrote"
    optional_keys = KEYS
    key_from = "bsky.app, Settings, Privacy and security, App passwords; with your handle as the identifier"
    origins = (HOME,)
    policy = "api"
    platforms = ("bluesky",)
    document = False
    contract = POSTS
    nothing = "nothing new to ask for: the event's weeks have been read, or have not begun"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "queries": Option(
            kind="texts", default=(), minimum=1,
            doc="Searches in Bluesky's syntax, asked in place of the event's names and hashtags.",
        ),
        "max_requests": Option(kind="whole number", default=50, doc="Requests in one crawl, 100 posts each."),
    }  # fmt: skip
    asked, token = 0, ""

    async def start(self) -> AsyncIterator[Request]:
        """The login when there is one to make, else the first page of every search."""
        walks = self.walks()
        if walks and self.has_login:
            yield self.get(
                LOGIN, self.parse_login, method="POST", headers={"Content-Type": "application/json"}, priority=100,
                dont_cache=True, dont_redirect=True, handle_httpstatus_list=REFUSED,
            )  # fmt: skip
            return
        for query, walk in walks.items():
            yield self.page(query, walk)

    @property
    def has_login(self) -> bool:
        """Whether there is an account to log in with."""
        return all(map(self.secret, KEYS))

    def walks(self) -> dict[str, timeline.Walk]:
        """What is asked, and from where to where."""
        tags = (f"#{tag}" for tag in timeline.asked_tags(self.event).values())
        own = [*tags, *timeline.asked_names(self.event)]
        found = {}
        for query in dict.fromkeys(self.option("queries") or own):
            if walk := timeline.begin(self.event, self.now, self.checkpoint(query)):
                found[query] = walk | {"token": ""}
        return found

    def page(self, query: str, walk: timeline.Walk) -> Request:
        """The next page of a walk."""
        self.asked += 1
        url = f"{HOME if self.has_login else OPEN}/xrpc/app.bsky.feed.searchPosts?{asked_for(query, walk)}"
        return self.get(url, self.parse_page, query=query, state=walk, handle_httpstatus_list=REFUSED)

    def authorize(self, request: Request) -> Request:
        """The password for the login, the token that it gave for everything else; neither is ever stored."""
        if request.url == LOGIN:
            said = dict(zip(("identifier", "password"), map(self.secret, KEYS), strict=True))
            return request.replace(body=json.dumps(said))
        if self.token:
            request.headers["Authorization"] = f"Bearer {self.token}"
        return request

    def parse_login(self, response: Response) -> Iterator[Found]:
        """The first page of every search."""
        if response.status in REFUSED:
            why = refusal(response.body, response.status)
            self.refused(response, f"Bluesky refused the login ({why})", "unauthorized")
        token = text(part(self.json(response)).get("accessJwt"))
        if not token:
            self.refused(response, "no token in the answer to a login", "bad_json")
        self.token = token
        yield from (self.page(query, walk) for query, walk in self.walks().items())

    def parse_page(self, response: Response) -> Iterator[Found]:
        """The posts of a page, then the page before it, the end of the walk, or why it stops here."""
        query, walk = response.meta["query"], dict(response.meta["state"])
        if response.status in REFUSED:
            told = refusal(response.body, response.status)
            if response.status == 400 and told != "ExpiredToken":
                self.refused(response, f"Bluesky refused the search ({told})", "http_error")
            hint = "" if self.has_login else f"; with {' and '.join(KEYS)} it does"
            yield timeline.note(query, walk, f"Bluesky does not answer this search now ({told}){hint}")
            return
        answer = self.json(response)
        if not isinstance(answer, dict) or not isinstance(answer.get("posts"), list):
            self.refused(response, "no posts in the answer to a search", "bad_json")
        posts, drift = self.records(response, answer["posts"])
        yield from drift
        walk["seen"] += len(posts)
        for post in posts:
            refused, kept = withheld(post)
            walk["hidden"] += len(refused)
            yield from refused
            if kept and timeline.within(walk, moment_of(post)):
                yield from drafts_of(post)
        oldest = timeline.moment(moment_of(posts[-1])) if posts else None
        until = timeline.iso(oldest + timedelta(seconds=1)) if oldest else walk["until"]
        walk["token"] = str(answer.get("cursor") or "")
        more = bool(walk["token"] and posts) and not timeline.is_over(walk, moment_of(posts[-1]))
        reason = self.why_stop(response) if more else ""
        yield timeline.note(query, walk, reason, total=count(answer.get("hitsTotal")))
        if reason:
            yield Cursor(query, timeline.cut(self.checkpoint(query), walk | {"until": until}))
        elif more:  # a cursor belongs to its question; before that ends a new one begins where it stands
            far = walk["token"].isdecimal() and int(walk["token"]) >= FAR
            yield self.page(query, walk | ({"until": until, "token": ""} if far else {}))
        elif walk["seen"]:
            yield Cursor(query, timeline.ended(walk))

    def why_stop(self, response: Response) -> str:
        """Why the next page is not asked for in this run, "" when it is."""
        if not self.has_login:
            return f"without {' and '.join(KEYS)} a crawl reads one page of a search, goes on in the next run"
        left = header_number(response.headers.get("RateLimit-Remaining"))
        return timeline.why_stop(left, KEEP_FREE, self.asked, self.option("max_requests"))
