"""What measures read, as values: posts of an event, what was asked for them, and what people said and typed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from harvester.model import IDLE

# The first moment of a month is stored in the zone it was told in: the furthest ahead of UTC begins it 14 hours early.
_AHEAD: Final = timedelta(hours=14)
_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A row of the view `event_items`: one post of one event with the kind of its author.

    `reasons` is the JSON list of rules that judged whether it is about the event, `decided_by` whose word that is, and
    `labelled_by` whose word the kind of its author (rules, import, human).
    `person` stands for all the accounts that a human confirmed to be one person's, `organisation` for the employer of
    a corporate writer.
    """

    post_id: int
    key: str
    url: str
    title: str
    kind: str
    group: str
    platform: str
    relation: str
    story: str
    author_id: int | None
    author: str
    author_name: str
    host: str
    author_kind: str
    author_subkind: str
    published_at: datetime | None
    precision: str
    local_day: str
    relevance: str
    counted: bool
    not_counted_reason: str
    incentivised: bool
    language: str = ""
    reasons: str = ""
    decided_by: str = ""
    labelled_by: str = ""
    person: str = ""
    organisation: str = ""

    @property
    def human(self) -> str:
        """Whom to count where people are counted: the confirmed person, else the account; "" where nobody is known."""
        return self.person or self.author


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A line of the gap ledger: the newest answer to one query of one source, and the groups it can fill."""

    source: str
    query: str
    status: str
    reason: str
    found: int
    returned: int | None
    reported_total: int | None
    truncated: bool
    groups: tuple[str, ...]
    requests: int = 0
    errors: int = 0
    window: tuple[str, str] = ("", "")

    @property
    def idle(self) -> bool:
        """Whether the source had nothing to ask for: no lack where others were asked."""
        return self.status == "skipped" and self.reason.startswith(IDLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """How many queued pages of one source stand in one state, with the named reason (`ok`, `robots`, `timeout` …)."""

    source: str
    state: str
    reason: str
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A number that somebody typed in; `as_of` the day (or moment, as imported) that it is of."""

    name: str
    value: float
    unit: str = ""
    source: str = ""
    as_of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What people said of one post or of its author, as far as an audit asks.

    predicted, truth   author kinds: ours when the post was drawn, and the answer; "" where nobody was asked
    then               its author's kinds at the first and at the last answer of the event; () when there is no answer
    told               a human decided its author
    """

    post_id: int
    predicted: str = ""
    truth: str = ""
    then: tuple[str, ...] = ()
    told: bool = False


def lies_in(item: Item, window: tuple[datetime, datetime]) -> bool:
    """Confirmed, and published in the window of an event, or undated.

    A month or a year is a span, and lies in the window when any of it does.
    """
    if item.relevance != "confirmed":
        return False
    if item.published_at is None:
        return True
    return item.published_at <= window[1] and _last(item.published_at, item.precision) >= window[0]


def _last(at: datetime, precision: str) -> datetime:
    """The last moment a date may stand for: of its month or year, else itself. The view's `in_window` says the same."""
    if precision not in ("month", "year"):
        return at
    first = (at.astimezone(UTC) + _AHEAD).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    if precision == "month":
        return at + ((first + timedelta(days=31)).replace(day=1) - first) - _SECOND
    first = first.replace(month=1)
    return at + (first.replace(year=first.year + 1) - first) - _SECOND
