"""M11, the first follower: how soon anybody answers a participant's story, who is first, and whom nobody answered.

An answer is a quote, reply, link, bookmark or repost by somebody else who is neither owned nor a copying machine. It
may point at any copy of the story or part of its thread. Hours run from the story to the earliest answer; whole
seconds, and among equal ones the platform's order.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from harvester.measure.answers_sql import ANSWERS, DATED_STORIES, FIRST, FIRST_OF_DATED, NOBODY, UNANSWERED
from harvester.measure.audit import wilson
from harvester.measure.frame import counted, state_of
from harvester.measure.metric import Bounds, Metric
from harvester.measure.moments import EXACT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from harvester.measure.frame import Frame
    from harvester.measure.item import Item
    from harvester.measure.world import Edition, Tie, World

INTERNAL: Final = "internal"  # of a row that names people: for the organisers, never in a public report
SOON: Final = timedelta(hours=72)
FEW: Final = 6
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Answered:
    """A story with the earliest answer to it; `first` is None where none has a moment, `untimed` tells of others."""

    item: Item
    first: Tie | None = None
    untimed: bool = False

    def hours(self, *, late: bool = False) -> float | None:
        """Hours to the first answer, never below 0. Of a story that names only its day: counted from the day's end
        when `late`, else from its beginning."""
        if self.first is None or self.first.at is None or self.item.published_at is None:
            return None
        start = self.item.published_at + (_DAY if late and self.item.precision == "day" else timedelta())
        return max(0.0, (_whole(self.first.at) - _whole(start)) / timedelta(hours=1))


def _whole(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def answers_of(edition: Edition, world: World) -> list[Tie]:
    """The edges of an edition that are answers, by somebody who counts, to a post of somebody else."""
    return [
        tie
        for tie in world.ties
        if tie.event == edition.event and tie.type in ANSWERS and tie.target_post is not None
        and tie.actor and tie.actor != tie.target_person
        and edition.kinds.get(tie.actor, ("", ""))[0] not in NOBODY
    ]  # fmt: skip


def looked(frame: Frame) -> bool:
    """Whether any edge of the event is known: without one nobody looked for answers."""
    return any(tie.event == frame.event for tie in frame.world.ties)


def first_answers(stories: Iterable[Item], posts: Iterable[Item], ties: Iterable[Tie]) -> list[Answered]:
    """Each story with its earliest answer. `posts` are all posts of the event: copies and parts belong to a story."""
    story_of = {post.post_id: post.story for post in posts}
    found: dict[str, list[Tie]] = defaultdict(list)
    for tie in ties:
        if tie.target_post in story_of:
            found[story_of[tie.target_post]].append(tie)
    return [_answered(story, found[story.story]) for story in stories]


def _answered(story: Item, ties: list[Tie]) -> Answered:
    others = [tie for tie in ties if tie.actor != story.human]
    timed = [(_whole(tie.at), tie.order, tie) for tie in others if tie.at is not None]
    first = min(timed, key=lambda entry: entry[:2])[2] if timed else None
    return Answered(story, first, untimed=any(tie.at is None for tie in others))


def first_followers(answered: Iterable[Answered]) -> Counter[str]:
    """Person → stories that this person was the first to answer."""
    return Counter(entry.first.actor for entry in answered if entry.first is not None)


def measure(items: list[Item], frame: Frame) -> list[Metric]:
    """M11.answered, M11.median_hours, M11.first_followers and M11.unanswered of each group with stories."""
    edition = frame.world.edition(frame.event)
    ties = None if edition is None or not looked(frame) else answers_of(edition, frame.world)
    mine = [item for item in counted(items, frame) if item.author_kind == "participant"]
    rows: list[Metric] = []
    for group in ("written", "talk", "micro"):
        stories = [item for item in mine if item.group == group]
        status, flags = state_of(group, len(stories), frame)
        if not stories or ties is None:
            none = not stories and status != "unmeasured"
            state = "not_applicable" if none else "unmeasured"
            why = ("no_stories", *flags) if none else flags if not stories else ("no_answers_known",)
            rows += [replace(row, group=group, status=state, flags=why) for row in (_SHARE, _MEDIAN)]
            continue
        found = first_answers(stories, items, ties)
        dated = [entry for entry in found if entry.item.precision in EXACT | {"day"} and entry.item.published_at]
        lacking = (status, flags)
        rows += [_share(group, found, dated, frame, lacking), _median(group, dated, lacking)]
        rows += [_firsts(group, found, frame), _unanswered(group, found, frame)]
    return rows


_SHARE: Final = Metric(metric="M11.answered", unit="share", query=DATED_STORIES)
_MEDIAN: Final = Metric(metric="M11.median_hours", unit="hours", query=FIRST_OF_DATED)


def _share(
    group: str, found: list[Answered], dated: list[Answered], frame: Frame, lacking: tuple[str, tuple[str, ...]]
) -> Metric:
    """How many dated stories were answered within 72 hours; few are listed instead."""
    soon = [entry for entry in dated if _soon(entry)]
    maybe = [entry for entry in dated if not _soon(entry) and _maybe(entry, frame)]
    k, n = len(soon), len(dated)
    row = replace(
        _SHARE, group=group, num=k, den=n, by={"undated": len(found) - n, "open": len(maybe)}, status=lacking[0],
        flags=lacking[1],
    )  # fmt: skip
    if not n:
        return replace(row, status="insufficient", flags=(*lacking[1], "no_dated_story"))
    if n < FEW:
        listed = [{**named(entry.item), "hours": entry.hours()} for entry in found]
        return replace(row, status="insufficient", flags=(*lacking[1], "few_stories"), variants={"stories": listed})
    why = f"{len(maybe)} of unknown hour or not yet 72 hours old"
    bounds = Bounds(lo=k / n, hi=(k + len(maybe)) / n, why=why) if maybe else None
    return replace(row, value=k / n, ci=replace(wilson(k, n), meaning="chance"), bounds=bounds)


def _soon(entry: Answered, *, late: bool = False) -> bool:
    hours = entry.hours(late=late)
    return hours is not None and hours <= SOON / timedelta(hours=1)


def _maybe(entry: Answered, frame: Frame) -> bool:
    """Whether the story may have been, or may still be, answered within 72 hours."""
    young = entry.item.published_at is not None and frame.as_of < entry.item.published_at + SOON
    return entry.untimed or _soon(entry, late=True) or (entry.first is None and young)


def _median(group: str, dated: list[Answered], lacking: tuple[str, tuple[str, ...]]) -> Metric:
    """Hours until half of the stories were answered, an unanswered one never; beyond that it is not reached."""
    row = replace(_MEDIAN, group=group, den=len(dated), status=lacking[0], flags=lacking[1])
    hours = sorted(h for entry in dated if (h := entry.hours()) is not None)
    row = replace(row, num=len(hours))
    if len(dated) < FEW:
        return replace(row, status="insufficient", flags=(*lacking[1], "few_stories" if dated else "no_dated_story"))
    half = (len(dated) + 1) // 2
    if len(hours) < half:
        return replace(row, flags=(*lacking[1], "not_reached"))
    return replace(row, value=hours[half - 1])


def _firsts(group: str, found: list[Answered], frame: Frame) -> Metric:
    """Of undated stories too: who was first does not hang on when the story came."""
    counts = first_followers(found)
    by = dict(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])))
    return Metric(
        metric="M11.first_followers", group=group, unit="people", value=len(by), by=by, flags=(INTERNAL,),
        variants={"names": {person: frame.world.names.get(person, person) for person in by}}, query=FIRST,
    )  # fmt: skip


def _unanswered(group: str, found: list[Answered], frame: Frame) -> Metric:
    """Stories without any public answer that was seen: a list of what to reply to."""
    gone = frame.world.gone
    open_ones = [e.item for e in found if e.first is None and not e.untimed and e.item.human not in gone]
    lines = [named(item) | {"author": item.author_name or item.author} for item in open_ones]
    return Metric(
        metric="M11.unanswered", group=group, value=len(lines), num=len(lines), den=len(found), flags=(INTERNAL,),
        variants={"lines": lines}, query=UNANSWERED,
    )  # fmt: skip


def named(item: Item) -> dict[str, Any]:
    """A post as a line of a row: what it is and where to read it."""
    return {"post": item.key, "url": item.url, "title": item.title, "group": item.group}
