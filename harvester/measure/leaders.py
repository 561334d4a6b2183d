"""M14, leader candidates: tiers by gates, not scores, from what people did over the editions of a series.

Love grows with coming again and not with posting more; how many follow somebody never enters order or tier. For the
organisers' eyes: every row that names somebody is flagged `internal`, says by what (links), and has no rank.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from harvester.measure.answers import answers_of, first_answers, first_followers
from harvester.measure.item import lies_in
from harvester.measure.people import THERE, contributors_of, gave_a_talk
from harvester.measure.reach import nearest
from harvester.measure.volume import OWNED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harvester.measure.frame import Frame
    from harvester.measure.item import Item
    from harvester.measure.world import Edition, Tie

TIERS: Final = ("candidate", "rising", "steady", "")
WEIGHTS: Final = {"attended": 1, "micro": 1, "written": 3, "talk": 4, "helped": 5}
KINDS: Final = ("micro", "written", "talk")  # what a contribution can be
HALF_LIFE: Final = timedelta(days=365)
YEAR: Final = timedelta(days=365)
MUCH_LOVE: Final = 6  # more than one event's worth
GIVING: Final = ("link", "quote", "reply")
_QUADRANTS: Final = {
    (True, False): "fan", (True, True): "role model", (False, True): "influencer", (False, False): "newcomer",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Leader:
    """What one person did up to an event: `events` and `stories` of all editions, `kinds` and `first` of 12 months.

    pull, gave   answers that others gave to this person, and those this person gave to participants
    followers    of the largest public account, None where unknown
    """

    person: str
    tier: str
    quadrant: str
    events: tuple[str, ...]
    kinds: tuple[str, ...]
    love: float
    pull: tuple[Tie, ...]
    gave: tuple[Tie, ...]
    first: int
    followers: int | None
    corporate: bool
    organisation: str
    stories: tuple[Item, ...]

    @property
    def pulled(self) -> int:
        """Different people who answered."""
        return len({tie.actor for tie in self.pull})

    @property
    def given(self) -> int:
        """Different participants that this person linked, quoted or answered."""
        return len({tie.target_person for tie in self.gave})


def considered(frame: Frame) -> tuple[Edition, ...]:
    """The editions up to this event, in order of time; none from after it."""
    own = frame.world.edition(frame.event)
    return () if own is None else (*frame.world.before(frame.event), own)


def love_of(did: Sequence[tuple[timedelta, frozenset[str]]]) -> float:
    """Σ over events 0.5^(age/365 days) × Σ weights of what was done there, each once; ages run to this event's end."""
    return sum(
        math.exp2(-max(age, timedelta()) / HALF_LIFE) * sum(WEIGHTS[kind] for kind in kinds) for age, kinds in did
    )


def quadrant_of(love: float, followers: int | None, threshold: int) -> str:
    """Much love or little, many followers or few; where those are unknown it says so."""
    if followers is None:
        return "unknown reach"
    return _QUADRANTS[love >= MUCH_LOVE, followers >= threshold]


def tier_of(*, events: int, ever: int, here: bool, kinds: int, pull: int, give: int, owned: bool) -> str:
    """The gates. `events` of 12 months, `ever` of the whole series, `here`: wrote at this event."""
    if owned:
        return ""
    if events >= 2 and kinds >= 2 and (pull >= 2 or give >= 2):
        return "candidate"
    if ever >= 2:
        return "steady"
    return "rising" if here and (pull or give) else ""


def leaders(frame: Frame) -> list[Leader]:
    """Who wrote at this event, and whoever else of the last 12 months is in a tier: by tier, then love, then pull."""
    editions = considered(frame)
    if not editions:
        return []
    wrote = {edition.event: contributors_of(edition) for edition in editions}
    year = [edition for edition in editions if frame.ends - edition.ends <= YEAR]
    people = sorted({person for edition in year for person in wrote[edition.event]} - frame.world.gone)
    ties, stories = _Ties(editions, frame), _by_person(editions)
    audience = nearest(frame.world.followers, frame.starts, frame.ends)
    largest: dict[str, int] = {}
    for seen in audience.values():
        largest[seen.person] = max(seen.followers, largest.get(seen.person, 0))
    found = [
        _leader(person, editions, year, wrote, ties, stories[person], largest.get(person), frame) for person in people
    ]
    shown = [one for one in found if one.tier or one.person in wrote[frame.event]]
    return sorted(shown, key=lambda one: (TIERS.index(one.tier), -one.love, -one.pulled, one.person))


class _Ties:
    """The answers of all editions, by whom they go to and by whom they come from, to posts about any of them."""

    def __init__(self, editions: Sequence[Edition], frame: Frame) -> None:
        posts = {item.post_id: item for edition in editions for item in edition.items if item.relevance == "confirmed"}
        self.pull: dict[str, list[Tie]] = defaultdict(list)
        self.gave: dict[str, list[Tie]] = defaultdict(list)
        self.first: Counter[str] = Counter()
        for edition in editions:
            ties = [tie for tie in answers_of(edition, frame.world) if tie.target_post in posts and tie.target_person]
            for tie in ties:
                post = posts[tie.target_post or 0]
                self.pull[tie.target_person].append(tie)
                if tie.type in GIVING and post.author_kind == "participant":
                    self.gave[tie.actor].append(tie)
            if frame.ends - edition.ends <= YEAR:
                written = [story for story in _stories(edition) if story.group == "written"]
                self.first += first_followers(first_answers(written, edition.items, ties))


def _by_person(editions: Sequence[Edition]) -> dict[str, tuple[Item, ...]]:
    found: dict[str, list[Item]] = defaultdict(list)
    for edition in editions:
        for item in _stories(edition):
            found[item.human].append(item)
    return {person: tuple(items) for person, items in found.items()}


def _stories(edition: Edition) -> list[Item]:
    """The counted stories of participants in the edition's window."""
    window = edition.window
    return [
        item
        for item in edition.items
        if item.counted and item.relevance == "confirmed" and item.author_kind == "participant"
        and (window is None or lies_in(item, window))
    ]  # fmt: skip


def _leader(
    person: str, editions: Sequence[Edition], year: Sequence[Edition],
    wrote: Mapping[str, Mapping[str, frozenset[str]]], ties: _Ties, stories: tuple[Item, ...], followers: int | None,
    frame: Frame,
) -> Leader:  # fmt: skip
    did = [(frame.ends - edition.ends, done(person, edition, wrote[edition.event])) for edition in editions]
    events = tuple(edition.event for edition in editions if person in wrote[edition.event])
    kinds = {kind for edition in year for kind in done(person, edition, wrote[edition.event])} & set(KINDS)
    pull, gave, love = tuple(ties.pull[person]), tuple(ties.gave[person]), love_of(did)
    employers = [item.organisation for item in stories if item.author_subkind == "corporate"]
    lately = sum(person in wrote[edition.event] for edition in year)
    tier = tier_of(
        events=lately, ever=len(events), here=person in wrote[frame.event], kinds=len(kinds),
        pull=len({tie.actor for tie in pull}), give=len({tie.target_person for tie in gave}),
        owned=_latest_kind(person, editions) in OWNED,
    )  # fmt: skip
    return Leader(
        person=person, tier=tier, quadrant=quadrant_of(love, followers, frame.world.reach_threshold), events=events,
        kinds=tuple(kind for kind in KINDS if kind in kinds), love=love, pull=pull, gave=gave,
        first=ties.first[person], followers=followers, corporate=bool(employers),
        organisation=next((name for name in reversed(employers) if name), ""), stories=stories,
    )  # fmt: skip


def done(person: str, edition: Edition, wrote: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """What somebody did at an edition, as keys of `WEIGHTS`. A participant was there, by a list or their own words."""
    kind, _ = edition.kinds.get(person, ("", ""))
    status = edition.present.get(person, "")
    found = {name for name in wrote.get(person, ()) if name in KINDS}
    if status in THERE or status == "staff" or kind == "participant":
        found.add("attended")
    if gave_a_talk(person, edition, found):
        found.add("talk")
    if kind == "organiser" or status == "staff":
        found.add("helped")
    return frozenset(found)


def _latest_kind(person: str, editions: Sequence[Edition]) -> str:
    return next((edition.kinds[person][0] for edition in reversed(editions) if person in edition.kinds), "")
