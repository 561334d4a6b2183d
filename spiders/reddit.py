"""Reddit, for those who have an application there: submissions and texts by the event's names and sites.

Everything goes through its documented interface with a token for the application alone; it is asked for once in a
crawl and lives in memory only. Search feeds for guests are asked for only when the event file says so, because they
are refused more often than not. Results come newest first and are read back to where the last walk began.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from harvester.contract import text
from harvester.model import Link
from harvester.payloads import reddit as payload
from harvester.payloads.answers import header_number, part, parts, refusal
from harvester.payloads.reddit import API, POSTS, SITE
from harvester.source import Cursor, Note, Option, Source
from harvester.walks import timeline

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found

LOGIN = f"{SITE}/api/v1/access_token"
KEYS = ("REDDIT_CLIENT_ID", "REDDIT_CLIENT_SECRET")
REFUSED = [400, 401, 403]
KEEP_FREE, WINDOW = 5, 200  # of 100 requests a minute; a search ends at about 250 posts


class Reddit(Source):
    """A walk for each name and official site."""

    name = "reddit"
    label = (
        "Reddit posts by event name and site (keys of an approved application: reddit.com/prefs/apps; its terms:"
        " commercial use by contract only, and what is deleted there must be erased here)"
    )
    contributes = "links with points and comments, and what people wrote about the event"
    optional_keys = KEYS
    key_from = "reddit.com/prefs/apps: an application, which Reddit has to approve"
    origins = (SITE, API)
    policy = "api"
    platforms = ("reddit",)
    opt_in = True
    late = 2
    document = False
    contract = POSTS
    nothing = f"nothing to ask for: set {' and '.join(KEYS)}, or the event's weeks have been read"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "subreddits": Option(kind="texts", default=(), doc="Subreddits to search, in place of all of Reddit."),
        "account": Option(kind="text", doc="Your name there: Reddit asks for it in the User-Agent."),
        "guest_feeds": Option(
            kind="yes/no", default=False, doc="Without keys, ask for the search feeds that guests may be refused."
        ),
        "max_requests": Option(kind="whole number", default=30, doc="Requests in one crawl, 100 posts each."),
    }  # fmt: skip
    asked, token = 0, ""

    async def start(self) -> AsyncIterator[Request]:
        """The token when there are keys; else, when it is wanted, the search feeds."""
        walks = self.walks()
        if walks and all(map(self.secret, KEYS)):
            yield self.get(
                LOGIN, self.parse_login, method="POST", body="grant_type=client_credentials", priority=100,
                headers=self.agent() | {"Content-Type": "application/x-www-form-urlencoded"}, dont_cache=True,
                dont_redirect=True, handle_httpstatus_list=REFUSED,
            )  # fmt: skip
        elif self.option("guest_feeds"):
            for query, walk in walks.items():
                yield self.get(
                    payload.feed_url(walk), self.parse_feed, query=query, state=walk, headers=self.agent(),
                    policy="feed", document=True, handle_httpstatus_list=REFUSED,
                )  # fmt: skip

    def agent(self) -> dict[str, str]:
        """The User-Agent that Reddit asks for, when the account is known."""
        account = self.option("account")
        return {"User-Agent": f"python:harvester:1 (by /u/{account})"} if account else {}

    def walks(self) -> dict[str, timeline.Walk]:
        """What is asked, and from where to where."""
        asked = payload.searches(self.event, self.option("subreddits"))
        begun = {query: timeline.begin(self.event, self.now, self.checkpoint(query)) for query in asked}
        return {query: {"other": 0, **walk, **asked[query]} for query, walk in begun.items() if walk}

    def page(self, query: str, walk: timeline.Walk) -> Request:
        """The next page of a walk."""
        self.asked += 1
        return self.get(
            payload.page_url(walk, self.now), self.parse_page, query=query, state=walk, headers=self.agent(),
            handle_httpstatus_list=REFUSED,
        )  # fmt: skip

    def authorize(self, request: Request) -> Request:
        """The application's key for the token, the token for the interface, nothing for feeds; never stored."""
        if request.url == LOGIN:
            pair = base64.b64encode(":".join(map(self.secret, KEYS)).encode()).decode()
            request.headers["Authorization"] = f"Basic {pair}"
        elif self.token and request.url.startswith(f"{API}/"):
            request.headers["Authorization"] = f"Bearer {self.token}"
        return request

    def parse_login(self, response: Response) -> Iterator[Found]:
        """The first page of every search."""
        if response.status in REFUSED:
            self.refused(
                response, f"Reddit refused the key ({refusal(response.body, response.status)})", "unauthorized"
            )
        self.token = text(part(self.json(response)).get("access_token"))
        if not self.token:
            self.refused(response, "no token in the answer to a login", "bad_json")
        yield from (self.page(query, walk) for query, walk in self.walks().items())

    def parse_page(self, response: Response) -> Iterator[Found]:
        """The posts of a page, then the page before it, the end of the walk, or why it stops here."""
        query, walk = response.meta["query"], dict(response.meta["state"])
        if response.status in REFUSED:
            yield timeline.note(query, walk, f"Reddit does not answer ({refusal(response.body, response.status)})")
            return
        listing = part(part(self.json(response)).get("data"))
        if not isinstance(listing.get("children"), list):
            self.refused(response, "no posts in the answer to a search", "bad_json")
        posts, drift = self.records(response, [part(child.get("data")) for child in parts(listing["children"])])
        yield from drift
        yield from self.kept(posts, walk)
        over = bool(posts) and timeline.is_over(walk, payload.stamp(posts[-1]))
        walk["until"] = "" if over else text(listing.get("after"))
        capped = "Reddit shows about 250 posts of a search" if not over and walk["seen"] >= WINDOW else ""
        reason = self.why_stop(response) if walk["until"] else capped
        yield self.told(query, walk, reason)
        if walk["until"] and reason:
            yield Cursor(query, timeline.cut(self.checkpoint(query), walk))
        elif walk["until"]:
            yield self.page(query, walk)
        else:
            yield Cursor(query, timeline.ended(walk))

    def kept(self, posts: list[dict[str, Any]], walk: timeline.Walk) -> Iterator[Found]:
        """What is there for everybody, of the event's time and about it; the rest is counted."""
        walk["seen"] += len(posts)
        for post in posts:
            if payload.is_gone(post) or not timeline.within(walk, payload.stamp(post)):
                continue
            if self.about(payload.said_in(post)):
                yield from payload.found_in(post)
            else:
                walk["other"] += 1

    def why_stop(self, response: Response) -> str:
        """Why the next page is not asked for in this run, "" when it is. The header tells a fraction."""
        left = header_number((response.headers.get("X-Ratelimit-Remaining") or b"").partition(b".")[0])
        return timeline.why_stop(left, KEEP_FREE, self.asked, self.option("max_requests"))

    def told(self, query: str, walk: timeline.Walk, reason: str) -> Note:
        """Where a walk stands, and how much was about other things."""
        left_out = f"left out: {walk['other']} posts about other things" if walk["other"] else ""
        note = timeline.note(query, walk, reason)
        return replace(note, reason="; ".join(filter(None, (note.reason, left_out))))

    def parse_feed(self, response: Response) -> Iterator[Found]:
        """What guests are shown of a search: links, and texts that were written there."""
        query, walk = response.meta["query"], dict(response.meta["state"])
        if response.status in REFUSED:
            hint = f"with {' and '.join(KEYS)} it does"
            yield timeline.note(
                query, walk, f"Reddit does not show guests this search (HTTP {response.status}); {hint}"
            )
            return
        feed = self.parsed(response)
        if feed.kind != "feed":
            self.refused(response, "a page answered instead of the feed", "not_a_feed")
        for draft in feed.drafts:
            walk["seen"] += 1
            if not timeline.within(walk, draft.published) or not self.about(f"{draft.title}\n{draft.text}"):
                walk["other"] += 1
                continue
            away = [url for url in draft.links if not payload.is_own(url)]
            yield from (Link(url=url, text=draft.title) for url in away)
            if not away:
                yield replace(draft, kind="qa")
        yield self.told(query, walk, "guests are shown one page of a search")
