"""The table of `harvest crawl --dry-run`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvester.text import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harvester.crawl.plan import Plan

_HEAD = ("source", "status", "first", "last time", "at most", "cost at most", "at least", "")
_LEFT = frozenset({0, 1, 7})  # columns of words


def table(plans: Sequence[Plan]) -> str:
    """A line for each source, then what it comes to."""
    rows = [_HEAD, *map(_row, plans)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD) - 1)]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if column in _LEFT else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=False))
        ]
        lines.append("  ".join((*cells, row[-1])).rstrip())
    money, time = sum(plan.usd for plan in plans), sum(plan.seconds for plan in plans)
    first = sum(plan.first for plan in plans)
    lines.append(
        f"{first} requests to begin with, {_usd(money) or 'no money'}{' at most' if money else ''}, "
        f"about {_time(max(time / 2, max((plan.seconds for plan in plans), default=0)))}: two sources run at a time. "
        "Answers lead to more requests; nothing was asked."
    )
    return "\n".join(lines) + "\n"


def _row(plan: Plan) -> tuple[str, ...]:
    if plan.status != "runs":
        return (plan.source, plan.status, "", "", "", "", "", shown(plan.reason))
    last = "" if plan.last is None else str(plan.last)
    numbers = (str(plan.first), last, str(plan.most), _usd(plan.usd), _time(plan.seconds))
    return (plan.source, plan.status, *numbers, shown(plan.reason))


def _usd(amount: float) -> str:
    return f"${amount:.2f}" if amount else ""


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
