"""One measured number as a value: what it is, how it was reached, and in which of five states it stands.

States are never folded into a number: `ok` (0 means looked and found none), `insufficient` (too few to say),
`truncated` (a source was cut off: read as "at least"), `unmeasured` (nobody looked), `not_applicable`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from harvester.measure.world import World
from harvester.model import IDLE

# The first moment of a month is stored in the zone it was told in: the furthest ahead of UTC begins it 14 hours early.
_AHEAD: Final = timedelta(hours=14)
_SECOND: Final = timedelta(seconds=1)
# Of the normal distribution: 95 % lie within it. 1.96 differs in the third digit of the worked examples.
Z95: Final = 1.959963984540054
STATES: Final = ("ok", "insufficient", "truncated", "unmeasured", "not_applicable")


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A range with what it means: `chance` (luck alone), never missed posts or wrong labels. None is open."""

    lo: float | None
    hi: float | None
    level: float = 0.95
    method: str = ""
    meaning: str = "chance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Where the value would lie if everything unknown went one way, and the other."""

    lo: float | None
    hi: float | None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A row of the output contract. `by` breaks the value down, `series` lays it over days."""

    metric: str
    group: str = ""
    kind: str = ""
    unit: str = "stories"
    value: float | int | None = None
    num: float | int | None = None
    den: float | int | None = None
    ci: Interval | None = None
    bounds: Bounds | None = None
    variants: dict[str, Any] = field(default_factory=dict)
    by: dict[str, Any] = field(default_factory=dict)
    series: tuple[tuple[str, int], ...] = ()
    status: str = "ok"
    flags: tuple[str, ...] = ()
    query: str = ""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every measure of one report shares: the event, its window, its universe and its moment.

    event_file  a hash of the event file
    """

    event: str
    starts: datetime
    ends: datetime
    window: tuple[datetime, datetime]
    timezone: str
    venue_timezone: str
    as_of: datetime
    rules: str
    recipe: str
    media_outlets: int | None
    event_file: str = ""
    asked: tuple[Asked, ...] = ()
    fetched: tuple[Fetched, ...] = ()
    unlinked: int = 0
    attendance_listed: bool = False
    audits: tuple[Checked, ...] = ()
    never_counted: tuple[tuple[str, int], ...] = ()
    typed: tuple[Typed, ...] = ()
    world: World = field(default_factory=World)


def in_window(item: Item, frame: Frame) -> bool:
    """Confirmed, and published between the event's first local day and 28 days after its end, or undated."""
    return lies_in(item, frame.window)


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
    first = (at.astimezone(UTC) + _AHEAD).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    if precision == "month":
        return at + ((first + timedelta(days=31)).replace(day=1) - first) - _SECOND
    if precision == "year":
        first = first.replace(month=1)
        return at + (first.replace(year=first.year + 1) - first) - _SECOND
    return at


def counted(items: list[Item], frame: Frame) -> list[Item]:
    """The stories every volume counts: confirmed, in the window, one row a story."""
    return [item for item in items if item.counted and in_window(item, frame)]


def _came_in_a_file(frame: Frame) -> bool:
    own = frame.world.edition(frame.event)
    return not frame.asked and (own is None or bool(own.items))


def state_of(group: str, found: int, frame: Frame) -> tuple[str, tuple[str, ...]]:
    """The state of a volume in `group` given what the sources that can fill it answered, and the flags why.

    The group `any` is filled by all of them. Where no source asked for the group, posts of it came in a file; none of
    it is then a 0 only if no source is on record at all and the file held other posts of the event.
    """
    asked = [line for line in frame.asked if group == "any" or group in line.groups]
    if not asked:
        return ("ok", ()) if found or _came_in_a_file(frame) else ("unmeasured", ("no_source",))
    failed = [line for line in asked if line.status in ("failed", "skipped")]
    cut = [line for line in asked if line.truncated or line.status == "partial"]
    told = [line for line in failed if not line.idle] if any(not line.idle for line in asked) else failed
    flags = tuple(sorted({f"{line.status}:{line.source}" for line in told} | {f"truncated:{x.source}" for x in cut}))
    if not found and len(failed) == len(asked):
        return "unmeasured", flags
    broken = [line for line in failed if line.status == "failed"]
    return ("truncated" if cut or broken else "ok"), flags
