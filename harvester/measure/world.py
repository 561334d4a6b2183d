"""What measures read beside an event's own posts: its series, who was there, who answered whom, who saw what.

People are named by one key everywhere: the confirmed person behind an account, else the account (`Item.human`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from harvester.measure.item import Asked, Item

WINDOW_DAYS = 28


def window_of(starts: datetime, ends: datetime, timezone: str) -> tuple[datetime, datetime]:
    """Midnight of the first local day, as what is said that morning in the queue belongs to the event, to day 28."""
    zone = ZoneInfo(timezone)
    return datetime.combine(starts.astimezone(zone).date(), time(), zone), ends + timedelta(days=WINDOW_DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One event of the series with its posts; `kinds` is what each person was there (author kind, subkind).

    window   what counts for it: from the first moment of its first local day to 28 days after its end
    asked    the newest answer to each question, as in the frame of a report on it
    words    names and tags, its own and those of the series: what a question asks for
    rules    the newest version of the rules that judged any of its posts or authors
    told     the recipe that somebody else's tables tell of it, "" for an event file's own event
    recipe   what of this an edition must share with another for their numbers to compare (`measure.recipe`)
    sighted  post id → (source, query) of each question that showed it for this edition
    present  person → status of the attendance list (attended, checked_in, remote, registered, staff …)
    vendors  names of the company behind the event; `organisers` and `speakers` with their employers
    """

    event: str
    name: str
    starts: datetime
    ends: datetime
    window: tuple[datetime, datetime] | None = None
    city: str = ""
    asked: tuple[Asked, ...] = ()
    words: tuple[str, ...] = ()
    rules: str = ""
    told: str = ""
    recipe: str = ""
    registered: int | None = None
    attended: int | None = None
    media_outlets: int | None = None
    items: tuple[Item, ...] = ()
    sighted: dict[int, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    kinds: dict[str, tuple[str, str]] = field(default_factory=dict)
    present: dict[str, str] = field(default_factory=dict)
    vendors: tuple[str, ...] = ()
    organisers: tuple[tuple[str, str], ...] = ()
    speakers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """An edge: `actor` did `type` (repost, quote, reply, link, bookmark, mention) to a post of `target_person`.

    source_post, target_post  post ids, None where the post is not held
    order                     the platform's order among equal seconds: a number that grows
    at                        None where nobody knows it to the minute
    account                   the actor's own account, for counts of accounts
    """

    event: str
    type: str
    actor: str
    source_post: int | None
    target_post: int | None
    target_person: str
    at: datetime | None
    order: int = 0
    account: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Followers:
    """How many accounts followed one account at one moment."""

    person: str
    account: str
    platform: str
    followers: int
    observed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a source can see at all: the platforms, the source it copies from, how many days it reaches back."""

    source: str
    platforms: tuple[str, ...] = ()
    fed_by: str = ""
    horizon_days: int | None = None
    follows: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """One question to one source in one run: when it was asked, what window it covers, and how that ended.

    query   "" is the whole source, whose window is that of its queries where they tell one
    """

    source: str
    status: str
    at: datetime
    query: str = ""
    window: tuple[datetime | None, datetime | None] = (None, None)
    truncated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One number of a post at one moment (like, repost, reply, quote, bookmark, comment, view)."""

    post_id: int
    name: str
    value: int
    observed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything beside the posts of one event. `editions` holds the series in order of time, this event included.

    names     person → how to show them
    sighted   post id → (source, query) of each question that showed the post for this event
    texts     post id → title, line end and text of the counted written stories of this event and the one before
    stop      words of the event itself that are no topic: its names, tags, speakers
    reach_threshold   followers from which somebody's reach is high
    gone      people who opted out with one of their accounts: in no list of people
    """

    editions: tuple[Edition, ...] = ()
    names: dict[str, str] = field(default_factory=dict)
    ties: tuple[Tie, ...] = ()
    followers: tuple[Followers, ...] = ()
    scopes: tuple[Scope, ...] = ()
    reaches: tuple[Reach, ...] = ()
    sighted: dict[int, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    reactions: tuple[Counted, ...] = ()
    texts: dict[int, str] = field(default_factory=dict)
    stop: tuple[str, ...] = ()
    linked_share: float | None = None
    reach_threshold: int = 3000
    gone: frozenset[str] = frozenset()

    def edition(self, event: str) -> Edition | None:
        """The edition of that slug."""
        return next((one for one in self.editions if one.event == event), None)

    def before(self, event: str) -> tuple[Edition, ...]:
        """The editions that began before an event's, the latest last."""
        own = self.edition(event)
        return tuple(one for one in self.editions if own is not None and one.starts < own.starts)
