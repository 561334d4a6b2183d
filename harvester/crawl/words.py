"""How a source's end is told to people: counted states and pauses in words. The names are in `harvest status`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

# {s} is the plural's s. A name in brackets is the state to look for among the pages of `harvest status`.
_TOLD: Final = {
    "http_error": "page{s} answered with an error (http_error)",
    "timeout": "page{s} without an answer in time (timeout)",
    "dns_error": "page{s} of unknown hosts (dns_error)",
    "connection_error": "page{s} without a connection (connection_error)",
    "tls_error": "page{s} without a valid certificate (tls_error)",
    "too_large": "page{s} too large (too_large)",
    "truncated": "page{s} cut off on the way (truncated)",
    "parse_timeout": "page{s} took too long to read (parse_timeout)",
    "parse_error": "page{s} could not be read (parse_error)",
    "blocked_address": "link{s} to private addresses (blocked_address)",
    "bad_link": "unusable link{s} (bad_link)",
    "robots": "page{s} closed to crawlers (robots.txt)",
    "terms": "page{s} closed to crawlers by the terms of the site (terms)",
    "redirect_loop": "redirect{s} without an end (redirect_loop)",
    "rate_limited": "request{s} put off by busy hosts (rate_limited)",
    "not_a_feed": "answer{s} without a feed (not_a_feed)",
    "not_html": "link{s} to something other than a page (not_html)",
    "bad_json": "answer{s} that could not be read (bad_json)",
    "budget": "request{s} beyond the budget (budget)",
    "callback_error": "page{s} that met a fault in the source (callback_error)",
    "unauthorized": "request{s} refused our key (unauthorized)",
    "gone": "page{s} no longer there (gone)",
    "soft_404": "page{s} that only say they are not there (soft_404)",
    "unarchived": "page{s} not in the archive (unarchived)",
}


def counted(n: int, state: str) -> str:
    """`2 pages closed to crawlers (robots.txt)` for a number of requests that ended in a state."""
    return f"{n} {_TOLD.get(state, state).format(s='' if n == 1 else 's')}"


def waiting(n: int, until: str) -> str:
    """How many requests a host keeps waiting, the first until a moment given as stored text."""
    return f"{n} {'page waits' if n == 1 else 'pages wait'} until {until[:10]} {until[11:16]} UTC"


def changed(departures: Mapping[str, int]) -> str:
    """How an interface departed from what we know of it, by number of records; "" when it did not."""
    told = sorted(departures.items(), key=lambda i: (-i[1], i[0]))
    parts = [f"{what} ({n} record{'' if n == 1 else 's'})" for what, n in told[:_DEPARTURES]]
    more = f" and {len(told) - _DEPARTURES} more" if len(told) > _DEPARTURES else ""
    return f"the interface has changed: {', '.join(parts)}{more}" if parts else ""


def mark_refused(query: str, why: str, times: int) -> str:
    """A service that no longer takes the mark where a question was left, and how often in a row."""
    row = f", {times} times in a row" if times > 1 else ""
    return f"mark refused{row}, what is up to a week older was read again: {query} ({why})".replace("; ", ", ")


def warnings(reason: str) -> list[str]:
    """The parts of a source's reason that somebody should know although nothing failed."""
    return [part for part in reason.split("; ") if part.startswith(_WARNINGS)]


_DEPARTURES: Final = 5
_WARNINGS: Final = ("mark refused", "suddenly empty: ")
