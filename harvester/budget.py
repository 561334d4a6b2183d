"""Money before it is spent: how much may the next request to a metered service ask for?

Amounts are whole micro-dollars, because a price like 0.005 USD is no exact float and a budget must not be
passed by a rounding error. `Budget` says what may be used; a `Purse` is a budget and what has been used of it, and
tells the crawl in `Spend` items.

Prices are X's pay-per-use list (documentation of 2026-08): 0.005 USD per post read, 0.010 USD per user read,
0.005 USD per recent and 0.010 USD per full-archive count request. Whether users and posts that come along as
expansions are charged is not spelled out, so an estimate assumes that they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from harvester.found import Spend

if TYPE_CHECKING:
    from collections.abc import Iterator

MICRO: Final = 1_000_000
POST: Final = 5_000
USER: Final = 10_000
COUNT_RECENT: Final = 5_000
COUNT_ALL: Final = 10_000


def micro(usd: float) -> int:
    """Dollars as whole micro-dollars, rounded to the nearest."""
    return round(usd * MICRO)


@dataclass(frozen=True, slots=True)
class Used:
    """An amount of use: micro-dollars and posts read."""

    money: int = 0
    posts: int = 0

    def __add__(self, other: Used) -> Used:
        return Used(self.money + other.money, self.posts + other.posts)

    def __sub__(self, other: Used) -> Used:
        return Used(self.money - other.money, self.posts - other.posts)

    @property
    def usd(self) -> float:
        """The money in dollars."""
        return self.money / MICRO


def price(posts: int, users: int) -> Used:
    """The most that an answer with so many posts and users can have cost."""
    return Used(posts * POST + users * USER, posts)


def count_price(route: str) -> Used:
    """What one count request costs; `route` is `all` or `recent`."""
    return Used(COUNT_ALL if route == "all" else COUNT_RECENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a run and a calendar month (UTC) may use at most; the smaller rest counts.

    posts_each, users_each  how many of each one result can bring: itself with its author, and what it refers to
    """

    run: Used = Used(5 * MICRO, 1_000)
    month: Used = Used(20 * MICRO, 3_000_000)
    posts_each: int = 1
    users_each: int = 1

    def worst(self, results: int) -> Used:
        """The worst case of a page: it is full, and everything in it belongs to somebody else."""
        return price(results * self.posts_each, results * self.users_each)

    def left(self, run: Used, month: Used) -> Used:
        """What may still be used, never below zero.

        One count request is always kept back: one that was answered to a killed crawl left no trace.
        """
        money = min(self.run.money - run.money, self.month.money - month.money) - COUNT_ALL
        return Used(max(0, money), max(0, min(self.run.posts - run.posts, self.month.posts - month.posts)))

    def fits(self, cost: Used, run: Used, month: Used) -> bool:
        """Whether something of a known price is still within the budget."""
        left = self.left(run, month)
        return cost.money <= left.money and cost.posts <= left.posts

    def page_size(self, run: Used, month: Used, *, smallest: int, largest: int) -> int:
        """The largest number of results to ask for whose worst case fits; 0 when not even the smallest page does."""
        left, each = self.left(run, month), self.worst(1)
        size = min(left.money // each.money, left.posts // each.posts, largest)
        return size if size >= smallest else 0


class Purse:
    """A budget in use: `run` and `month` are what has been used of it so far."""

    def __init__(self, budget: Budget, run: Used, month: Used) -> None:
        self.budget, self.run, self.month = budget, run, month

    def fits(self, cost: Used) -> bool:
        """Whether something of a known price is still within the budget."""
        return self.budget.fits(cost, self.run, self.month)

    @property
    def usd(self) -> float:
        """Dollars that are left."""
        left = min(self.budget.run.money - self.run.money, self.budget.month.money - self.month.money)
        return Used(max(0, left)).usd

    def page_size(self, *, smallest: int, largest: int) -> int:
        """How many results the next page may have; 0 when not even the smallest one fits."""
        return self.budget.page_size(self.run, self.month, smallest=smallest, largest=largest)

    def posts(self) -> int:
        """How many posts may be read whose authors do not come along."""
        left = self.budget.left(self.run, self.month)
        return min(left.money // POST, left.posts)

    def spend(self, amount: Used) -> Iterator[Spend]:
        """Note a use, here and with the page that made it."""
        self.run, self.month = self.run + amount, self.month + amount
        yield from (Spend(name, value) for name, value in (("usd", amount.usd), ("posts", amount.posts)) if value)
