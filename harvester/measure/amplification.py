"""M13, amplification: what people did with participants' posts, and whether one post drew more than others do.

Numbers of a platform are snapshots that grow, so they are compared at the same age of the post: day 7 and day 28. A
post without a snapshot near that age is missing, not 0. What costs a click, a sentence and a text of one's own are
levels of effort that stand apart and are never one sum.
"""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from harvester.measure.answers import FEW, named
from harvester.measure.frame import counted
from harvester.measure.metric import Metric
from harvester.measure.reach import to_participants
from harvester.measure.reactions_sql import AGES, DREW, EFFORT, PRECISE, snapshots
from harvester.measure.volume import column_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from harvester.measure.frame import Frame
    from harvester.measure.item import Item
    from harvester.measure.world import Counted, Tie

LEVELS: Final = ("low", "medium", "high")
COMPARABLE: Final = 5
TOP: Final = 10
_TIMES: Final = Metric(metric="M13.times", unit="times")
_REACTIONS: Final = Metric(metric="M13.reactions")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One post beside comparable ones: `times` their median, which lie from `lo` to `hi`."""

    times: float
    median: float
    lo: int
    hi: int


def compared(value: int, others: Sequence[int]) -> Comparison | None:
    """A number of one post by the median of at least five comparable posts; None with fewer, or where that is 0."""
    if len(others) < COMPARABLE or not (median := statistics.median(others)):
        return None
    return Comparison(value / median, median, min(others), max(others))


def measure(items: list[Item], frame: Frame) -> list[Metric]:
    """M13.reactions and M13.times by platform, kind, reaction and age; M13.top, the posts that most people answered."""
    stories = counted(items, frame)
    values = at_age(stories, frame.world.reactions)
    cells: dict[tuple[str, str, str, str, int], dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    by_id = {story.post_id: story for story in stories}
    for (post, name, age), value in values.items():
        story = by_id[post]
        cell = (story.group, story.platform, story.kind, name, age)
        cells[cell][column_of(story.author_kind)][story.key] = value
    rows = []
    for cell, columns in sorted(cells.items()):
        if "participant" in columns:
            rows += [_reactions(cell, columns["participant"], stories), *_times(cell, columns, stories)]
    if not rows:
        state = "unmeasured" if any(s.author_kind == "participant" for s in stories) else "not_applicable"
        rows.append(replace(_REACTIONS, group="any", status=state, flags=("no_reactions_at_equal_age",)))
    return rows + _top(items, stories, frame)


def at_age(stories: Iterable[Item], reactions: Iterable[Counted]) -> dict[tuple[int, str, int], int]:
    """(post id, reaction, age in days) → its number in the snapshot closest to that age; the earlier one of two."""
    dated = {s.post_id: s.published_at for s in stories if s.published_at and s.precision in PRECISE}
    best: dict[tuple[int, str, int], tuple[timedelta, int]] = {}
    for seen in sorted(reactions, key=lambda one: one.observed_at):
        published = dated.get(seen.post_id)
        if published is None or seen.name not in EFFORT:
            continue
        for age, slack in AGES.items():
            away = abs(seen.observed_at - published - timedelta(days=age))
            key = (seen.post_id, seen.name, age)
            if away <= slack and (key not in best or away < best[key][0]):
                best[key] = (away, seen.value)
    return {key: value for key, (_, value) in best.items()}


def _about(cell: tuple[str, str, str, str, int]) -> dict[str, Any]:
    _, platform, kind, name, age = cell
    return {"platform": platform, "kind": kind, "reaction": name, "effort": EFFORT[name], "age_days": age}


def _reactions(cell: tuple[str, str, str, str, int], values: Mapping[str, int], stories: Iterable[Item]) -> Metric:
    """Median and maximum of one reaction over participants' posts of one platform and kind."""
    group, platform, kind, name, age = cell
    alike = [s for s in stories if s.author_kind == "participant" and (s.platform, s.kind) == (platform, kind)]
    by = _about(cell) | {"max": max(values.values()), "unobserved": len(alike) - len(values)}
    row = replace(
        _REACTIONS, group=group, kind=f"{platform} {kind} {name} day {age}", unit=f"{name}s a post", by=by,
        num=len(values), den=len(alike), query=snapshots(cell, "participant"),
    )  # fmt: skip
    if len(values) < FEW:
        return replace(row, status="insufficient", flags=("few_posts",), variants={"posts": dict(values)})
    return replace(row, value=statistics.median(values.values()))


def _times(
    cell: tuple[str, str, str, str, int], columns: Mapping[str, Mapping[str, int]], stories: Iterable[Item]
) -> list[Metric]:
    """The participants' post with most of a reaction beside their other posts, and beside the owned ones."""
    group, platform, kind, name, age = cell
    mine = columns["participant"]
    top = max(sorted(mine), key=lambda key: mine[key])
    post = next(story for story in stories if story.key == top)
    rows = []
    for against in ("participant", "owned"):
        others = [value for key, value in columns.get(against, {}).items() if key != top]
        if not others:
            continue
        by = _about(cell) | {"against": against, "posts": len(others)}
        row = replace(
            _TIMES, group=group, kind=f"{platform} {kind} {name} day {age} by {against}", num=mine[top], by=by,
            variants={"post": named(post)}, query=snapshots(cell, "participant", against),
        )  # fmt: skip
        rows.append(_beside(row, mine[top], others))
    return rows


def _beside(row: Metric, value: int, others: list[int]) -> Metric:
    """One viral post is one observation: the others' range stands beside it, and no interval."""
    found = compared(value, others)
    if found is None:
        few = len(others) < COMPARABLE
        state, flag = ("insufficient", "few_comparable_posts") if few else ("not_applicable", "others_had_none")
        return replace(row, status=state, flags=(flag,), by=row.by | {"values": sorted(others)})
    return replace(
        row, value=found.times, den=found.median, flags=("one_post",), by=row.by | {"lo": found.lo, "hi": found.hi}
    )


def _top(items: list[Item], stories: Iterable[Item], frame: Frame) -> list[Metric]:
    """Up to ten stories of each group by the number of different people who answered, with their newest numbers."""
    edition = frame.world.edition(frame.event)
    story_of = {item.post_id: item.story for item in items}
    ties: dict[str, list[Tie]] = defaultdict(list)
    for tie in [] if edition is None else to_participants(items, frame, edition):
        if tie.target_post is not None:
            ties[story_of[tie.target_post]].append(tie)
    newest = _newest(frame.world.reactions)
    rows = []
    for group in ("written", "talk", "micro"):
        mine = [s for s in stories if s.group == group and s.author_kind == "participant"]
        lines = [_line(s, ties[s.story], newest.get(s.post_id, {})) for s in mine]
        seen = [line for line in lines if line["people"] or any(line[level] for level in LEVELS)]
        seen.sort(key=lambda line: (-line["people"], line["post"]))
        if seen:
            told = {"lines": seen[:TOP]}
            rows.append(Metric(metric="M13.top", group=group, value=len(seen), variants=told, query=DREW))
    return rows


def _newest(reactions: Iterable[Counted]) -> dict[int, dict[str, Counted]]:
    found: dict[int, dict[str, Counted]] = defaultdict(dict)
    for seen in sorted(reactions, key=lambda one: one.observed_at):
        if seen.name in EFFORT:
            found[seen.post_id][seen.name] = seen
    return found


def _line(story: Item, ties: list[Tie], seen: Mapping[str, Counted]) -> dict[str, Any]:
    """A story with what was done about it, apart by effort; posts of others that we hold count as their own content."""
    levels: dict[str, dict[str, int]] = {level: {} for level in LEVELS}
    for name, n in sorted(seen.items()):
        levels[EFFORT[name]][name] = n.value
    held = Counter(tie.type for tie in ties if EFFORT[tie.type] == "high")
    for name, found in sorted(held.items()):
        levels["high"][name] = max(found, levels["high"].get(name, 0))
    at = max((n.observed_at for n in seen.values()), default=None)
    told = {"people": len({tie.actor for tie in ties}), **levels, "observed_at": at.isoformat() if at else ""}
    return named(story) | {"platform": story.platform} | told
