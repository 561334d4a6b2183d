"""One measured number as a value: what it is, how it was reached, and in which of five states it stands.

States are never folded into a number: `ok` (0 means looked and found none), `insufficient` (too few to say),
`truncated` (a source was cut off: read as "at least"), `unmeasured` (nobody looked), `not_applicable`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from harvester.measure.world import World
from harvester.model import IDLE

_SPAN: Final = {"month": timedelta(days=30), "year": timedelta(days=365)}
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

    `reasons` is the JSON list of rules that judged whether it is about the event, `decided_by` whose word that is.
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
    last = item.published_at + _SPAN.get(item.precision, timedelta())
    return last >= window[0] and item.published_at <= window[1]


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
