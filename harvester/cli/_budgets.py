"""What a source may use and has used, for `harvest sources`: dollars, posts and requests, a crawl and a month."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from harvester.source import Source
    from harvester.store.connection import Connection

# What is used up → the options that limit it, in a crawl and in a month ("": none does).
_LIMITS: Final = {
    "usd": ("max_usd", "max_usd_month"),
    "posts": ("max_posts", ""),
    "requests": ("max_requests", "max_requests_month"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """By a source: `spent` in `month` (YYYY-MM), and in its newest crawl."""

    month: str
    spent: Mapping[str, float] = field(default_factory=dict)
    crawl: Mapping[str, float] = field(default_factory=dict)


def used(conn: Connection, event: str, now: datetime) -> dict[str, Used]:
    """What every source that ever ran has used; the newest crawl of `event`, of any where it is ""."""
    from harvester.store import crawl_state, runs

    month, newest = f"{now:%Y-%m}", {}
    for line in sorted(crawl_state.newest_lines(conn, event), key=lambda line: line["run_id"]):
        newest[str(line["source"])] = line
    found = {}
    for source, line in newest.items():
        parts = [row for row in runs.sources_of(conn, line["run_id"]) if row["source"] == source]
        usd = sum(row["cost_usd"] or 0.0 for row in parts)
        crawl = {"requests": line["requests"]} | ({"usd": round(usd, 6)} if usd else {})
        spent = {name: round(n, 6) for name, n in sorted(runs.spent(conn, source, month).items())}
        found[source] = Used(month=month, spent=spent, crawl=crawl)
    return found


def budget(kind: type[Source], table: Mapping[str, Any], known: Used | None) -> dict[str, Any]:
    """For `--json`: by what is used up, the limits (None: none) and what was used (None: nobody knows)."""
    specs, told = kind.all_options(), {}
    for name, options in _LIMITS.items():
        crawl, month = (table.get(option, specs[option].default) if option in specs else None for option in options)
        if name == "requests":
            month = month or kind.monthly
        spent, last = (known.spent.get(name), known.crawl.get(name)) if known else (None, None)
        if any(value is not None for value in (crawl, month, spent)):
            told[name] = {"max_crawl": crawl, "max_month": month, "month": spent, "crawl": last}
    return {"of": known.month if known else None, **told}


def line(told: Mapping[str, Any]) -> str:
    """The same in a line for people, "" when there is neither a limit nor a use."""
    return "; ".join(_part(name, told[name], told["of"]) for name in _LIMITS if name in told)


def short(told: Mapping[str, Any]) -> str:
    """The same in a few words, for a table: the dearest limit, and how much of the month's is used."""
    name = next((name for name in _LIMITS if name in told), "")
    if not name:
        return ""
    limits, sign = told[name], "$" if name == "usd" else ""

    def amount(value: float) -> str:
        return f"{sign}{value:,.2f}".removesuffix(".00") if sign else f"{value:,.0f}"

    what = "" if sign else f" {name}"
    parts = [f"{amount(limits['max_crawl'])}{what}"] if limits["max_crawl"] is not None else []
    used, month = limits["month"], limits["max_month"]
    if month is not None and used is not None:
        parts.append(f"{amount(used)} of {amount(month)} used")
    elif month is not None:
        parts.append(f"{amount(month)}{'' if parts else what} a month")
    return ", ".join(parts)


def _part(name: str, told: Mapping[str, Any], month: str | None) -> str:
    def amount(value: float) -> str:
        return f"{value:.2f} USD" if name == "usd" else f"{value:,.0f} {name}"

    parts = []
    if told["month"] is not None:
        limit = f" of {amount(told['max_month'])}" if told["max_month"] is not None else ""
        parts.append(f"{amount(told['month'])}{limit} used in {month}")
    elif told["max_month"] is not None:
        parts.append(f"{amount(told['max_month'])} a month")
    if told["crawl"] is not None:
        parts.append(f"{amount(told['crawl'])} in the last crawl")
    if told["max_crawl"] is not None:
        parts.append(f"at most {amount(told['max_crawl'])} a crawl")
    return ", ".join(parts)
