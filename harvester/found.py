"""What a callback yields beside content and links: how far it read, what it cost, what the answers said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harvester.model import Draft


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a query has been read, stored with the page that yields it and given back by `checkpoint`.

    `after_reset`: read without the mark that the service had refused, so nothing is known of marks yet.
    """

    query: str
    value: str
    after_reset: bool = False


@dataclass(frozen=True, slots=True)
class Reset:
    """A service no longer takes the mark of a query: the source asks once more without it, from a week before it on.

    The first time it is a warning; the next time, with no walk from a mark between them, an error.
    """

    query: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What a query's answer said about itself, for the ledger of gaps. None and "" change nothing.

    returned        items in the answers so far          reported_total  items the service says there are
    truncated       it stops before the end              window_*        the time it covers (stored text)
    """

    query: str = ""
    returned: int | None = None
    reported_total: int | None = None
    truncated: bool | None = None
    window_start: str = ""
    window_end: str = ""
    cost_usd: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Spend:
    """Something used up of a monthly budget (usd, posts, requests); a negative amount gives back."""

    name: str
    amount: float


@dataclass(frozen=True, slots=True)
class Drift:
    """How an interface departed from the source's `contract`, for the ledger, and in how many records."""

    told: str
    count: int


@dataclass(frozen=True, slots=True)
class Refreshed:
    """The reactions of these stored posts have been asked for, whatever the answer said (`known.Known.due`)."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a stored post stands at its platform today: as `draft`, or `gone` for the reason named."""

    key: str
    gone: str = ""
    draft: Draft | None = None
