"""X through its paid API v2: recent and full-archive search, counted before it is read, within a budget.

tweepy builds the requests; Scrapy makes them, so limits, archive and guards hold here too. A page is paid for
when it is queued: its worst case is reserved in that transaction and settled in the one that stores it, so what a
killed crawl had under way is covered when it is asked for again (X charges a post once a day). A walk that was
cut short stays in the cursor and goes on where it ended; `since` moves only when a walk has reached its end.
What is asked of posts that are known (their numbers, their answers) comes out of the same purse: options.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar, Final

from harvester.budget import POST, Budget, Purse, Used, count_price, micro
from harvester.errors import ParseFailed
from harvester.payloads import x_answer
from harvester.payloads.x import drafts_from_page
from harvester.payloads.x_fields import POSTS
from harvester.source import Source, Standing
from harvester.walks import x_answers, x_options, x_walk
from harvester.walks.timeline import iso
from harvester.walks.x_answers import Answers, Met
from harvester.walks.x_calls import Calls
from harvester.walks.x_walker import KNOWN, SPENDING, Walker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping
    from datetime import datetime

    from scrapy import Request
    from scrapy.http import Response

    from harvester.event import Event
    from harvester.source import Found, Option
    from harvester.walks.x_walk import Walk

REFUSED: Final = frozenset({400, 410})  # a question, a mark or a token


class X(Source):
    """Each question is counted, then read within the budget; what does not fit is left for the next run."""

    name = "x"
    label = "X posts by hashtag and name (API v2, paid by the post; key: developer.x.com)"
    contributes = "micro posts of participants with their reactions, and links to what they wrote"
    needs = ("X_BEARER_TOKEN",)
    key_from = "developer.x.com: an app's Bearer Token; X bills by the post"
    origins = x_options.ORIGINS
    policy = "api"
    platforms = ("x",)
    document = False
    contract = POSTS
    nothing = "nothing new to ask for: the event's weeks have been read, or have not begun"
    option_specs: ClassVar[Mapping[str, Option]] = x_options.OPTIONS

    def prepare(self, event: Event, now: datetime, cursor_of: Callable[[str], str], used: dict[str, float]) -> None:
        """Also: what may be spent. A walk that was interrupted today goes on with the budget it began with."""
        super().prepare(event, now, cursor_of, used)
        today, naming, wish = f"{now:%Y-%m-%d}", self.option("naming"), self.option("reactions_usd")
        self.calls, each = Calls(self.option("base_url"), naming), 3 if naming == "post" else 1
        run = Used(micro(self.option("max_usd")), self.option("max_posts"))
        month = Used(micro(self.option("max_usd_month")), 3_000_000)
        walks = [walk for query in (*self.queries(), SPENDING) if (walk := self.stored(query).get("walk"))]
        cut = [Used(*walk["used"]) for walk in walks if walk["queued"] == today]
        self.purse = Purse(
            Budget(run=run, month=month, posts_each=each, users_each=each),
            run=max(cut, key=lambda amount: amount.money, default=Used()),
            month=Used(micro(used.get("usd", 0.0)), int(used.get("posts", 0))),
        )
        self.begins_with = self.purse.usd
        wanted = {"replies": self.option("replies"), "quotes": self.option("quotes")}
        self.follows_up = bool(wish or any(wanted.values()))
        due = self.known.due(platforms=("x",), limit=micro(wish) // POST) if wish else []
        ids = {x_walk.post_id(post.key.partition(":")[2]): post.url for post in due}
        self.walker = Walker(
            event, now, archive=self.option("archive"), asks=self, stored=self.stored, purse=self.purse,
            answers=Answers(wanted, self.stored), due={post_id: url for post_id, url in ids.items() if post_id},
        )  # fmt: skip

    def most_usd(self) -> float:
        """What the limits of the crawl and of the month leave."""
        return self.begins_with

    async def start(self) -> AsyncIterator[Found]:
        """Each question counted; a page that an interrupted walk had queued is asked for as it was."""
        for query in self.queries():
            known = self.stored(query)
            walk = known.get("walk") or {}
            if x_walk.waits(walk, self.now):
                self.walker.search(query)
                yield self.page(query, walk)
                continue
            if not walk or walk["queued"]:
                walk = self.walker.fresh(known.get("since", ""))
            if x_walk.is_read(known, self.event) or walk["start"] >= iso(self.now):
                continue  # read as a whole after its window had closed, or not open yet
            if self.purse.fits(count_price(walk["route"]) + self.purse.budget.worst(x_walk.SMALLEST)):
                self.walker.search(query)
                yield self.count(query, walk | {"total": 0})
            else:
                yield x_walk.note(query, walk, "budget used up")
        for found in self.walker.look_up(total=len(self.walker.due)) if self.walker.due else ():
            yield found

    def queries(self) -> list[str]:
        """What is asked."""
        return list(self.option("queries")) or x_walk.questions(self.event)

    def stored(self, query: str) -> dict[str, Any]:
        """The cursor: `since` (id), `until` (when the last whole walk began), `walk` (one that has not ended)."""
        return dict(json.loads(self.checkpoint(query) or "{}"))

    def count(self, query: str, walk: Walk, token: str = "") -> Request:
        """How many posts a walk will meet. 400, 402 and 410 come to the callback, here and below."""
        url = self.calls.count(walk.get("ask", query), walk, token)
        return self.get(url, self.parse_count, query=query, state=walk, handle_httpstatus_list=[400, 402, 410])

    def page(self, query: str, walk: Walk) -> Request:
        """The next page of a walk."""
        url = self.calls.page(walk.get("ask", query), walk)
        return self.get(url, self.parse_page, query=query, state=walk, handle_httpstatus_list=[400, 402, 410])

    def lookup(self, query: str, walk: Walk) -> Request:
        """The numbers of known posts; no copy is kept, because they are those of today."""
        url, odd = self.calls.lookup(walk["posts"]), [400, 402, 410]
        return self.get(url, self.parse_lookup, query=query, state=walk, dont_cache=True, handle_httpstatus_list=odd)

    def authorize(self, request: Request) -> Request:
        """The bearer token. A page that was reserved on another day is charged again, so it must fit again."""
        walk = request.meta["state"]
        if walk["queued"] not in ("", self.walker.today) and not self.purse.fits(self.walker.worst(walk)):
            raise ValueError("x: the budget does not allow for the page that an interrupted crawl left")
        request.headers["Authorization"] = f"Bearer {self.secret('X_BEARER_TOKEN')}"
        return request

    def parse_count(self, response: Response) -> Iterator[Found]:
        """The total, then the first page."""
        query, walk = response.meta["query"], dict(response.meta["state"])
        if response.status in REFUSED:
            yield from self.restart(response, query, walk)
            return
        answer = self.answer(response)
        if (total := x_answer.total(answer)) is None:
            self.refused(response, "no total in the count", "bad_json")
        cost, token = count_price(walk["route"]), answer["meta"].get("next_token")
        yield from self.purse.spend(cost)
        walk |= {"total": walk["total"] + total, "cost": walk["cost"] + cost.money}
        if token and walk["route"] == "all" and self.purse.fits(cost):
            yield self.count(query, walk, token)
        else:
            yield from self.walker.go_on(query, walk) if walk["total"] else self.walker.end(query, walk)

    def parse_page(self, response: Response) -> Iterator[Found]:
        """The posts of a page, what they cost, then the next page or the end of the walk."""
        query, walk = response.meta["query"], dict(response.meta["state"])
        if response.status in REFUSED:
            yield from self.walker.settle(walk, Used())
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
        yield from self.walker.settle(walk, x_answer.paid(answer))
        if self.follows_up and "ask" not in walk:
            met = [Met(draft.native_id, draft.url, dict(draft.reactions)) for draft in drafts if draft.kind != "repost"]
            yield from self.walker.refreshed(self.walker.answers.meet(query, met))
        walk = x_walk.after(walk, answer, x_answer.paid(answer))
        if answer["errors"]:
            walk["told"] = f"partial answer: {x_answer.problem(answer)}"
        yield from self.walker.go_on(query, walk) if walk["token"] else self.walker.end(query, walk)

    def parse_lookup(self, response: Response) -> Iterator[Found]:
        """The numbers of known posts today, and which of them are gone; nothing is known of those not told of."""
        walk = response.meta["state"]
        answer, asked = self.answer(response, lookup=True), walk["posts"]
        posts, drift = self.records(response, answer["data"])
        yield from drift
        met = x_answers.looked_up(posts, asked)
        yield from (reaction for post in met for reaction in post.reactions())
        gone = {post_id: why for post_id, why in map(x_answer.gone, answer["errors"]) if why and post_id in asked}
        yield from (Standing(key=f"x:{post_id}", gone=why) for post_id, why in gone.items())
        yield from self.walker.refreshed((*self.walker.answers.meet(KNOWN, met), *(f"x:{post_id}" for post_id in gone)))
        yield from self.walker.settle(walk, paid := x_answer.paid(answer))
        seen = walk["seen"] + len(met) + len(gone)
        yield from self.walker.look_up(seen, walk["cost"] + paid.money, walk["total"])

    def answer(self, response: Response, *, lookup: bool = False) -> dict[str, Any]:
        """The answer with all its parts; what is none ends the page."""
        found = {} if response.status == 402 else self.json(response)
        why, state = x_answer.refusal(response.status, found, lookup=lookup)
        if why:
            self.refused(response, why, state)
        return x_answer.filled(found)

    def restart(self, response: Response, query: str, walk: Walk) -> Iterator[Found]:
        """A refused mark (too old, deleted) costs one walk without it in a run; a refused question is an error."""
        try:
            problem = x_answer.problem(self.json(response))
        except ParseFailed:
            problem = f"HTTP {response.status}"
        if not self.walker.may_restart(walk):
            self.refused(response, problem, "http_error")
        yield from self.walker.restart(query, walk, problem)
