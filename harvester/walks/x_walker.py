"""What comes after each answer of X: the next page within the purse, the end of a walk, answers to posts that were met.

What is asked of known posts is asked one request at a time, since each reserves its worst case. A post whose answers
have not been read stays due, so that the next crawl asks for it again.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, Protocol

from harvester.budget import Used, price
from harvester.found import Cursor, Note, Refreshed, Reset
from harvester.walks import x_walk
from harvester.walks.timeline import iso
from harvester.walks.x_walk import LARGEST, SMALLEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from harvester.budget import Purse
    from harvester.event import Event
    from harvester.walks.x_answers import Answers, Met
    from harvester.walks.x_walk import Walk

KNOWN: Final = "reactions of known posts"
SPENDING: Final = "spending of this run"  # a cursor and no question
_USED_UP: Final = "budget used up, goes on in the next run"


class Asks(Protocol):
    """The requests of the source; `walk` comes back with the answer."""

    def count(self, query: str, walk: Walk, token: str = "") -> Any:
        """How many posts a walk will meet."""

    def page(self, query: str, walk: Walk) -> Any:
        """The next page of a walk."""

    def lookup(self, query: str, walk: Walk) -> Any:
        """The numbers of `walk["posts"]`."""


class Walker:
    """The walks of one run. `due` is id → address of the known posts whose reactions are asked for again."""

    def __init__(
        self, event: Event, now: datetime, *, archive: bool | None, asks: Asks, stored: Callable[[str], dict[str, Any]],
        purse: Purse, answers: Answers, due: dict[str, str],
    ) -> None:  # fmt: skip
        self._event, self._now, self._archive, self.today = event, now, archive, f"{now:%Y-%m-%d}"
        self._asks, self._stored, self.purse, self.answers, self.due = asks, stored, purse, answers, due
        self._waiting: list[tuple[str, Walk]] = []  # walks through answers, to be begun
        self._busy = False  # whether a request about known posts is under way
        self._searching: set[str] = set()  # questions that are being counted or read
        left = stored(SPENDING).get("walk") or {}
        self._noted, self._open = bool(left), left.get("open", 0) if left.get("queued") == self.today else 0

    def search(self, query: str) -> None:
        """A question's first request is made."""
        self._searching.add(query)

    def fresh(self, since: str) -> Walk:
        """A walk from the newest post known."""
        return x_walk.begin(self._event, self._now, since, archive=self._archive)

    def worst(self, walk: Walk) -> Used:
        """What a walk's next page costs at most."""
        return price(walk["size"], 0) if "posts" in walk else self.purse.budget.worst(walk["size"])

    def settle(self, walk: Walk, paid: Used) -> Iterator[Any]:
        """What a page did cost, in place of what was reserved when it was queued (of another day: nothing)."""
        if walk["queued"] == self.today and ("ask" in walk or "posts" in walk):
            self._open = max(0, self._open - 1)
        yield from self.purse.spend(paid - (self.worst(walk) if walk["queued"] == self.today else Used()))

    @staticmethod
    def refreshed(keys: tuple[str, ...]) -> Iterator[Refreshed]:
        """Nothing more is asked of these posts in this run."""
        if keys:
            yield Refreshed(keys)

    def go_on(self, query: str, walk: Walk) -> Iterator[Any]:
        """Queue the next page as large as the budget allows, or leave the walk for the next run."""
        most = max(SMALLEST, min(LARGEST, walk["total"] - walk["seen"])) if "ask" in walk else LARGEST
        size = self.purse.page_size(smallest=SMALLEST, largest=most)
        if size:
            yield from self.purse.spend(self.purse.budget.worst(size))
        walk = walk | {"size": size, **self._queued(size)}
        if size:
            yield self._asks.page(query, walk)
        yield Cursor(query, json.dumps(self._stored(query) | {"walk": walk}), after_reset=walk["again"])
        yield x_walk.note(query, walk, "" if size else _USED_UP)
        if "ask" in walk:
            self._busy = bool(size)
            self._open += self._busy
        elif not size:
            self._searching.discard(query)
        if "ask" in walk or not size:
            yield from self._account()

    def end(self, query: str, walk: Walk) -> Iterator[Any]:
        """The walk has met everything: from now on only what is newer. Then the answers to what it met."""
        yield Cursor(query, json.dumps(x_walk.mark(walk)), after_reset=walk["again"])
        yield x_walk.note(query, walk, ended=True)
        if "ask" in walk:
            yield Refreshed((walk["key"],))
            yield from self._next()
        else:
            self._searching.discard(query)
            yield from self.read_answers(query)

    def restart(self, query: str, walk: Walk, problem: str) -> Iterator[Any]:
        """Ask once more without the mark that X refused."""
        if not x_walk.is_outrun(walk, self._now):
            yield Reset(query, problem)
        since = walk["since"] or self._stored(query).get("since", "")
        kept = {name: walk[name] for name in ("ask", "post", "key") if name in walk}
        walk = x_walk.backfill(self._event, self._now, since, archive=self._archive) | kept
        walk["told"] = f"X refused the stored mark: {problem}"
        yield Cursor(query, json.dumps({"since": since, "walk": walk}), after_reset=True)
        yield self._asks.count(query, walk)

    def may_restart(self, walk: Walk) -> bool:
        """Whether a refusal can be that of a mark, and the first one in this run."""
        anew = walk["again"] and walk["began"] == iso(self._now)
        return not anew and bool(walk["since"] or walk["token"] or walk["again"])

    def look_up(self, seen: int = 0, cost: int = 0, total: int = 0) -> Iterator[Any]:
        """The next known posts by their ids, as many as the budget allows; after the last ones, their answers."""
        ids = list(self.due)[: min(x_walk.BATCH, self.purse.posts())]
        told = _USED_UP if self.due and not ids else ""
        yield Note(
            query=KNOWN, returned=seen or None, reported_total=total, truncated=bool(told), reason=told,
            cost_usd=Used(cost).usd,
        )  # fmt: skip
        if not ids:
            yield from self.read_answers(KNOWN, over=True)
            return
        walk: Walk = {"size": len(ids), "posts": {post_id: self.due.pop(post_id) for post_id in ids}}
        yield from self.purse.spend(self.worst(walk))
        walk |= {"seen": seen, "cost": cost, "total": total, **self._queued(len(ids))}
        yield self._asks.lookup(KNOWN, walk)
        self._busy, self._open = True, self._open + 1
        yield from self._account()

    def read_answers(self, question: str, *, over: bool = False) -> Iterator[Any]:
        """Begin with the answers to the most answered posts of a question; `over`: nothing else is under way."""
        chosen, left = self.answers.choose(question)
        yield from self.refreshed(left)
        self._waiting += [(post.name(kind), self._through(post, kind)) for post, kind in chosen]
        if over or not self._busy:
            yield from self._next()
        else:
            yield from self._account()

    def _through(self, post: Met, kind: str) -> Walk:
        return self.answers.begin(self._event, self._now, post, kind, archive=self._archive)

    def _next(self) -> Iterator[Any]:
        """The next walk through answers, if there is one."""
        self._busy = False
        if self._waiting:
            yield from self.go_on(*self._waiting.pop(0))
        else:
            yield from self._account()

    def _queued(self, size: int) -> dict[str, Any]:
        """When a page was queued, and what the run had used then, its reservation included."""
        return {"queued": self.today if size else "", "used": [self.purse.run.money, self.purse.run.posts]}

    def _account(self) -> Iterator[Cursor]:
        """What the run has used, for one that goes on today should this one be killed; forgotten when all is read.

        A page that a killed run had queued is still to come here (`open` pages of known posts).
        """
        if self._open or self._searching:
            self._noted = True
            yield Cursor(SPENDING, json.dumps({"walk": self._queued(1) | {"open": self._open}}))
        elif self._noted:
            self._noted = False
            yield Cursor(SPENDING, "{}")
