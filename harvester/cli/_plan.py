"""The table of `harvest crawl --dry-run`: who begins with what, who comes later, who does not run and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from harvester.cli._ended import called
from harvester.cli._table import folded
from harvester.cli._table import table as table_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harvester.crawl.plan import Plan

_HEAD: Final = ("source", "status", "first", "last time", "at most", "cost at most", "at least", "why")
_NUMBERS: Final = _HEAD[2:7]
_LATER: Final = ("follows what the others find", "asks about what the others find")


def table(plans: Sequence[Plan], off: Mapping[str, str]) -> str:
    """A line for each source, then what it comes to. `off` are those that are left out on purpose, and why."""
    begin = [plan for plan in plans if plan.status == "runs" and plan.first]
    later = [plan for plan in plans if plan.status == "runs" and not plan.first]
    rest = [plan for plan in plans if plan.status != "runs"]
    left = [(plan.source, *(called(plan.reason) if plan.status == "skipped" else (plan.status, plan.reason)))
            for plan in rest]  # fmt: skip
    left += [(name, "opt-in" if why.startswith("opt-in") else "off", why) for name, why in off.items()]
    left.sort(key=lambda row: (row[1], row[0]))
    rows = [*map(_row, (*begin, *later))]
    rows += [(name, word, "", "", "", "", "", why.removeprefix("opt-in: ")) for name, word, why in left]
    return "\n".join([*table_of(_HEAD, rows, right=_NUMBERS), *_sums(plans, later=bool(later))]) + "\n"


def _sums(plans: Sequence[Plan], *, later: bool) -> list[str]:
    """What it comes to, and how to read the table."""
    money, time = sum(plan.usd for plan in plans), sum(plan.seconds for plan in plans)
    first = sum(plan.first for plan in plans)
    least = _time(max(time / 2, max((plan.seconds for plan in plans), default=0)))
    lines = folded(
        f"{first} requests to begin with, {_usd(money) or 'no money'}{' at most' if money else ''}, "
        f"about {least}: two sources run at a time. Answers lead to more requests; nothing was asked."
    )
    if later:
        lines += folded("later: asks about, or follows, what the others find; how much that is nobody knows yet")
    return lines


def _row(plan: Plan) -> tuple[str, ...]:
    last = "" if plan.last is None else str(plan.last)
    if not plan.first:
        why = "" if plan.reason in _LATER else plan.reason
        return (plan.source, "later", "", last, str(plan.most), _usd(plan.usd), "", why)
    return (plan.source, plan.status, str(plan.first), last, str(plan.most), _usd(plan.usd), _time(plan.seconds),
            plan.reason)  # fmt: skip


def _usd(amount: float) -> str:
    return f"${amount:.2f}" if amount else ""


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
