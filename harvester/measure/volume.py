"""M01, how much was written by whom; M03, how many people wrote it."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from harvester.measure.frame import Frame, counted, in_window, state_of
from harvester.measure.metric import Metric
from harvester.measure.stories_sql import COUNTED, NOT_COUNTED, writers_of
from harvester.model import COUNTED_RELATIONS

if TYPE_CHECKING:
    from harvester.measure.item import Item

# Columns of the volume table. Owned media are one column and stay out of every ratio.
COLUMNS = ("participant", "independent", "media", "owned", "aggregator", "unknown")
OWNED = ("organiser", "vendor", "sponsor")
_KIND_ORDER = ("article", "news", "slides", "video", "podcast", "micropost", "press_release")


def column_of(author_kind: str) -> str:
    """The volume column of an author kind."""
    if author_kind in OWNED:
        return "owned"
    return author_kind if author_kind in COLUMNS else "unknown"


def volume(items: list[Item], frame: Frame) -> list[Metric]:
    """M01.volume, a row an item kind, broken down by author kind; M01.not_counted by reason."""
    cells: dict[str, Counter[str]] = defaultdict(Counter)
    groups: dict[str, str] = {}
    for item in counted(items, frame):
        cells[item.kind][column_of(item.author_kind)] += 1
        groups[item.kind] = item.group
    known = [kind for kind in _KIND_ORDER if kind in cells] + sorted(set(cells) - set(_KIND_ORDER))
    rows = []
    for kind in known:
        total = sum(cells[kind].values())
        status, flags = state_of(groups[kind], total, frame)
        by = {column: cells[kind][column] for column in COLUMNS}
        rows.append(
            Metric(
                metric="M01.volume",
                group=groups[kind],
                kind=kind,
                value=total,
                by=by,
                status=status,
                flags=flags,
                query=f"{COUNTED} AND kind = :kind",
            )
        )
    rows += _empty_groups(set(groups.values()), frame)
    reasons = not_counted(items, frame)
    rows.append(
        Metric(metric="M01.not_counted", unit="posts", value=sum(reasons.values()), by=reasons, query=NOT_COUNTED)
    )
    return rows


def _empty_groups(filled: set[str], frame: Frame) -> list[Metric]:
    """A group nobody wrote in is a 0 where somebody looked, and `unmeasured` where nobody did."""
    rows = []
    for group in ("written", "talk", "micro"):
        if group in filled:
            continue
        status, flags = state_of(group, 0, frame)
        value = None if status == "unmeasured" else 0
        rows.append(Metric(metric="M01.volume", group=group, value=value, status=status, flags=flags))
    return rows


def not_counted(items: list[Item], frame: Frame) -> dict[str, int]:
    """Confirmed posts that were seen and not counted, by reason."""
    reasons = Counter(
        item.relation if item.relation not in COUNTED_RELATIONS else item.not_counted_reason or "not counted"
        for item in items
        if not item.counted and in_window(item, frame)
    )
    return dict(sorted(reasons.items()))


def contributors(items: list[Item], frame: Frame) -> list[Metric]:
    """M03.contributors, distinct participant authors overall and per group; M03.stories_per_writer."""
    stories = [item for item in counted(items, frame) if item.author_kind == "participant"]
    rows = []
    for group in ("any", "written", "talk", "micro"):
        chosen = stories if group == "any" else [item for item in stories if item.group == group]
        people = {item.human for item in chosen}
        status, flags = state_of(group, len(chosen), frame)
        extra = {"unlinked_handles": frame.unlinked} if group == "any" else {}
        rows.append(
            Metric(
                metric="M03.contributors",
                group=group,
                unit="people",
                value=None if status == "unmeasured" else len(people),
                variants=extra,
                status=status,
                flags=flags,
                query=writers_of(group),
            )
        )
    rows.append(_per_writer(stories, frame))
    return rows


def _per_writer(stories: list[Item], frame: Frame) -> Metric:
    written = [item for item in stories if item.group == "written"]
    writers = len({item.human for item in written})
    status, flags = state_of("written", len(written), frame)
    if not writers and status != "unmeasured":
        status, flags = "not_applicable", ("no_stories", *flags)
    return Metric(
        metric="M03.stories_per_writer",
        group="written",
        unit="stories per writer",
        value=len(written) / writers if writers else None,
        num=len(written),
        den=writers,
        status=status,
        flags=flags,
        query=writers_of("written"),
    )
