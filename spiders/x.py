"""X through its paid API v2: recent and full-archive search, counted before it is read, within a budget.

tweepy builds the requests; Scrapy makes them, so limits, archive and guards hold here too. A page is paid for
when it is queued: its worst case is reserved in that transaction and settled in the one that stores it, so what a
killed crawl had under way is covered when it is asked for again (X charges a post once a day). A walk that was
cut short stays in the cursor and goes on where it ended; `since` moves only when a walk has reached its end.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple
from urllib.parse import urlencode

import tweepy

from harvester import x_walk
from harvester.budget import Budget, Used, count_price, micro, price
from harvester.errors import ParseFailed
from harvester.source import Cursor, Note, Option, Reset, Source, Spend
from harvester.x_fields import FIELDS, POST_FIELDS, POSTS, SHAPE
from harvester.x_payload import drafts_from_page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping
    from datetime import datetime

    from scrapy import Request
    from scrapy.http import Response

    from harvester.event import Event
    from harvester.source import Found
    from harvester.x_walk import Walk

logging.getLogger("tweepy").setLevel(logging.WARNING)  # at DEBUG it prints the bearer token
REFUSED = frozenset({400, 410})  # a question, a mark or a token
SMALLEST, LARGEST = 10, 100  # of 500: what a page reserves, a crash may keep from the rest of the run


class Call(NamedTuple):
    """A call that tweepy prepared."""

    route: str
    params: dict[str, Any]

    def json(self) -> Call:
        """What tweepy gives its caller in place of an answer."""
        return self


class Builder(tweepy.Client):  # type: ignore[misc]
    """tweepy without a network and without credentials."""

    def request(self, method: str, route: str, params: Any = None, json: Any = None, user_auth: bool = False) -> Call:  # noqa: ARG002
        """Hand the prepared call back instead of making it."""
        return Call(route, params)


class X(Source):
    """Each question is counted, then read within the budget; what does not fit is left for the next run."""

    name = "x"
    label = "X posts by hashtag and name (API v2, paid by the post)"
    contributes = "micro posts of participants with their reactions, and links to what they wrote"
    needs = ("X_BEARER_TOKEN",)
    origins = ("https://api.x.com", "https://api.twitter.com")
    policy = "api"
    platforms = ("x",)
    document = False
    contract = POSTS
    nothing = "nothing new to ask for: the event's weeks have been read, or have not begun"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "max_usd": Option(kind="amount", default=5.0, doc="Dollars that one crawl may cost."),
        "max_posts": Option(kind="whole number", default=1_000, doc="Posts that one crawl may read."),
        "max_usd_month": Option(kind="amount", default=20.0, doc="Dollars that a calendar month (UTC) may cost."),
        "archive": Option(
            kind="yes/no",
            doc="`true` searches all of X, `false` the last seven days; without it, what the event needs.",
        ),
        "queries": Option(
            kind="texts", default=(), minimum=1,
            doc="Searches in X's syntax, asked in place of the event's names and hashtags.",
        ),
        "naming": Option(kind="text", default="tweet", choices=("tweet", "post"), doc="Field names that X is sent."),
        "base_url": Option(kind="text", default=origins[0], choices=origins, doc="Address of the interface."),
    }  # fmt: skip

    def prepare(self, event: Event, now: datetime, cursor_of: Callable[[str], str], used: dict[str, float]) -> None:
        """Also: what may be spent. A walk that was interrupted today goes on with the budget it began with."""
        super().prepare(event, now, cursor_of, used)
        self.today, self.builder = f"{now:%Y-%m-%d}", Builder(return_type=dict)
        each = 3 if self.option("naming") == "post" else 1
        run = Used(micro(self.option("max_usd")), self.option("max_posts"))
        month = Used(micro(self.option("max_usd_month")), 3_000_000)
        self.purse = Budget(run=run, month=month, posts_each=each, users_each=each)
        self.month = Used(micro(used.get("usd", 0.0)), int(used.get("posts", 0)))
        walks = [walk for query in self.queries() if (walk := self.stored(query).get("walk"))]
        cut = [Used(*walk["used"]) for walk in walks if walk["queued"] == self.today]
        self.run_used = max(cut, key=lambda amount: amount.money, default=Used())

    async def start(self) -> AsyncIterator[Found]:
        """Each question counted; a page that an interrupted walk had queued is asked for as it was."""
        for query in self.queries():
            known = self.stored(query)
            walk = known.get("walk") or {}
            if x_walk.waits(walk, self.now):
                yield self.page(query, walk)
                continue
            if not walk or walk["queued"]:
                walk = self.new_walk(known.get("since", ""))
            if x_walk.is_read(known, self.event) or walk["start"] >= x_walk.iso(self.now):
                continue  # read as a whole after its window had closed, or not open yet
            if self.purse.fits(count_price(walk["route"]) + self.purse.worst(SMALLEST), self.run_used, self.month):
                yield self.count(query, walk | {"total": 0})
            else:
                yield self.note(query, walk, "budget used up")

    def queries(self) -> list[str]:
        """What is asked."""
        return list(self.option("queries")) or x_walk.questions(self.event)

    def stored(self, query: str) -> dict[str, Any]:
        """The cursor: `since` (id), `until` (when the last whole walk began), `walk` (one that has not ended)."""
        return dict(json.loads(self.checkpoint(query) or "{}"))

    def new_walk(self, since: str) -> Walk:
        """A walk from the newest post known."""
        return x_walk.begin(self.event, self.now, since, archive=self.option("archive"))

    def count(self, query: str, walk: Walk, token: str = "") -> Request:
        """How many posts a walk will meet."""
        called = self.builder.get_all_tweets_count if walk["route"] == "all" else self.builder.get_recent_tweets_count
        paging = {"next_token": token} if token else {}
        return self.call(
            called(query, granularity="day", **x_walk.window(walk), **paging), self.parse_count, query, walk
        )

    def page(self, query: str, walk: Walk) -> Request:
        """The next page of a walk."""
        called = self.builder.search_all_tweets if walk["route"] == "all" else self.builder.search_recent_tweets
        paging = {"next_token": walk["token"]} if walk["token"] else {}
        made = called(query, max_results=walk["size"], **x_walk.window(walk), **paging, **FIELDS)
        if self.option("naming") == "post":
            made.params.pop("tweet.fields")
            made.params.update(POST_FIELDS)
        return self.call(made, self.parse_page, query, walk)

    def call(self, made: Call, callback: Callable[[Response], Iterator[Found]], query: str, walk: Walk) -> Request:
        """A prepared call as a request. 400, 402 and 410 come to the callback."""
        url = f"{self.option('base_url')}{made.route}?{urlencode(made.params)}"
        return self.get(url, callback, query=query, state=walk, handle_httpstatus_list=[400, 402, 410])

    def authorize(self, request: Request) -> Request:
        """The bearer token. A page that was reserved on another day is charged again, so it must fit again."""
        walk = request.meta["state"]
        stale = walk["queued"] not in ("", self.today)
        if stale and not self.purse.fits(self.purse.worst(walk["size"]), self.run_used, self.month):
            raise ValueError("x: the budget does not allow for the page that an interrupted crawl left")
        request.headers["Authorization"] = f"Bearer {self.secret('X_BEARER_TOKEN')}"
        return request

    def parse_count(self, response: Response) -> Iterator[Found]:
        """The total, then the first page."""
        query, walk = response.meta["query"], dict(response.meta["state"])
        if response.status in REFUSED:
            yield from self.restart(response, query, walk)
            return
        meta = self.answer(response)["meta"]
        total = meta.get("total_tweet_count", meta.get("total_post_count"))
        if type(total) is not int:
            self.refused(response, "no total in the count", "bad_json")
        cost, token = count_price(walk["route"]), meta.get("next_token")
        yield from self.spend(cost)
        walk |= {"total": walk["total"] + total, "cost": walk["cost"] + cost.money}
        if token and walk["route"] == "all" and self.purse.fits(cost, self.run_used, self.month):
            yield self.count(query, walk, token)
        else:
            yield from self.go_on(query, walk) if walk["total"] else self.end(query, walk)

    def parse_page(self, response: Response) -> Iterator[Found]:
        """The posts of a page, what they cost, then the next page or the end of the walk."""
        query, walk = response.meta["query"], dict(response.meta["state"])
        reserved = self.purse.worst(walk["size"]) if walk["queued"] == self.today else Used()
        if response.status in REFUSED:
            yield from self.spend(Used() - reserved)
            yield from self.restart(response, query, walk)
            return
        answer = self.answer(response)
        posts, drift = self.records(response, answer["data"])
        yield from drift
        drafts, edges = drafts_from_page(answer | {"data": posts})
        if answer["data"] and not drafts:
            self.refused(response, "no posts among what was found", "bad_json")
        yield from drafts
        yield from edges
        came = {key: len(found) for key, found in answer["includes"].items() if isinstance(found, list)}
        paid = price(len(answer["data"]) + came.get("tweets", 0) + came.get("posts", 0), came.get("users", 0))
        yield from self.spend(paid - reserved)
        walk |= {"seen": walk["seen"] + len(answer["data"]), "cost": walk["cost"] + paid.money}
        walk |= {"newest": walk["newest"] or x_walk.post_id(answer["meta"].get("newest_id"))}
        walk |= {"token": str(answer["meta"].get("next_token") or "")}
        if answer["errors"]:
            walk["told"] = f"partial answer: {x_walk.problem(answer)}"
        yield from self.go_on(query, walk) if walk["token"] else self.end(query, walk)

    def answer(self, response: Response) -> dict[str, Any]:
        """The answer with all parts of SHAPE: errors without data are a failure, an explicit zero is not."""
        if response.status == 402:
            self.refused(response, "HTTP 402, the X account has no credits left", "budget")
        found = self.json(response)
        if not isinstance(found, dict) or not all(
            isinstance(found.get(key, kind()), kind) for key, kind in SHAPE.items()
        ):
            self.refused(response, "no answer of API v2", "bad_json")
        if "data" not in found and found.get("meta", {}).get("result_count") != 0:
            self.refused(response, x_walk.problem(found), "http_error")
        return {key: kind() for key, kind in SHAPE.items()} | found

    def spend(self, amount: Used) -> Iterator[Spend]:
        """Note a use, here and with the page."""
        self.run_used, self.month = self.run_used + amount, self.month + amount
        yield from (Spend(name, value) for name, value in (("usd", amount.usd), ("posts", amount.posts)) if value)

    def go_on(self, query: str, walk: Walk) -> Iterator[Found]:
        """Queue the next page as large as the budget allows, or leave the walk for the next run."""
        size = self.purse.page_size(self.run_used, self.month, smallest=SMALLEST, largest=LARGEST)
        if size:
            yield from self.spend(self.purse.worst(size))
        used = [self.run_used.money, self.run_used.posts]
        walk = walk | {"size": size, "queued": self.today if size else "", "used": used}
        if size:
            yield self.page(query, walk)
        yield Cursor(query, json.dumps(self.stored(query) | {"walk": walk}), after_reset=walk["again"])
        yield self.note(query, walk, "" if size else "budget used up, goes on in the next run")

    def end(self, query: str, walk: Walk) -> Iterator[Found]:
        """The walk has met everything: from now on only what is newer."""
        yield Cursor(query, json.dumps(x_walk.mark(walk)), after_reset=walk["again"])
        yield self.note(query, walk, ended=True)

    def restart(self, response: Response, query: str, walk: Walk) -> Iterator[Found]:
        """A refused mark (too old, deleted) costs one walk without it in a run; a refused question is an error."""
        problem = self.problem(response)
        anew = walk["again"] and walk["began"] == x_walk.iso(self.now)
        if anew or not (walk["since"] or walk["token"] or walk["again"]):
            self.refused(response, problem, "http_error")
        if not x_walk.is_outrun(walk, self.now):
            yield Reset(query, problem)
        since = walk["since"] or self.stored(query).get("since", "")
        walk = x_walk.backfill(self.event, self.now, since, archive=self.option("archive"))
        walk["told"] = f"X refused the stored mark: {problem}"
        yield Cursor(query, json.dumps({"since": since, "walk": walk}), after_reset=True)
        yield self.count(query, walk)

    def problem(self, response: Response) -> str:
        """What an error answer says, its status when it says nothing."""
        try:
            return x_walk.problem(self.json(response))
        except ParseFailed:
            return f"HTTP {response.status}"

    def note(self, query: str, walk: Walk, missing: str = "", *, ended: bool = False) -> Note:
        """Where a walk stands, for the ledger; `missing` says why it does not go on. Only its end is known empty."""
        first, last = x_walk.covered(walk)
        return Note(
            query=query, returned=walk["seen"] if ended or walk["seen"] else None, reported_total=walk["total"],
            cost_usd=Used(walk["cost"]).usd, window_start=first, window_end=last, truncated=bool(missing),
            reason="; ".join(filter(None, (missing, walk["told"]))),
        )  # fmt: skip
