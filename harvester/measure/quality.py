"""M22, may I show this to my boss: what was asked and missed, what is unknown, and what people found in an audit."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from harvester.measure import audit_rows
from harvester.measure.frame import Frame, counted, in_window
from harvester.measure.metric import Metric
from harvester.measure.stories_sql import COUNTED
from harvester.measure.volume import not_counted

if TYPE_CHECKING:
    from harvester.measure.item import Item

# What no source of ours can see. Said in every report.
NOT_COVERED = ("closed Facebook groups", "Slack", "LINE", "newsletters", "print")
_POSTS = "SELECT * FROM event_items WHERE event = :event"
_UNLINKED = f"SELECT DISTINCT author, author_name FROM ({COUNTED} AND author_kind = 'participant' AND person = author)"  # noqa: S608 - ours
# States of a queued page that no run has ended yet.
_WAITING = frozenset({"todo", "leased"})


def measure(items: list[Item], frame: Frame) -> list[Metric]:
    """The rows of the quality block, universe first."""
    stories = counted(items, frame)
    rows = [_sources(frame), _fetches(frame)]
    undated = sum(i.published_at is None for i in stories)
    unknown = sum(i.author_kind == "unknown" for i in stories)
    rows += [
        _k_of_n("M22.undated", undated, len(stories), "published_at IS NULL"),
        _k_of_n("M22.unclassified", unknown, len(stories), "author_kind = 'unknown'"),
        *_left_out(items, frame),
        Metric(metric="M22.unlinked_handles", unit="people", value=frame.unlinked, query=_UNLINKED),
        Metric(metric="M22.attendance_list", unit="yes/no", value=int(frame.attendance_listed)),
    ]
    rows.append(Metric(metric="M22.not_covered", unit="channels", value=len(NOT_COVERED), by={"channels": NOT_COVERED}))
    return rows + audit_rows.measure(items, frame)


def _left_out(items: list[Item], frame: Frame) -> list[Metric]:
    """Posts that were found and are in no number: off topic, outside the window, merged; and drafts never stored."""
    dropped = Counter(i.relevance or "not judged yet" for i in items if i.relevance != "confirmed")
    outside = sum(i.relevance == "confirmed" and not in_window(i, frame) for i in items)
    merged, never = not_counted(items, frame), dict(frame.never_counted)
    return [
        Metric(
            metric="M22.off_topic", unit="posts", value=dropped["rejected"], by=dict(sorted(dropped.items())),
            query=f"{_POSTS} AND relevance = 'rejected'",
        ),
        Metric(
            metric="M22.outside_window", unit="posts", value=outside,
            query=f"{_POSTS} AND relevance = 'confirmed' AND in_window = 0",
        ),
        Metric(
            metric="M22.merged", unit="posts", value=sum(merged.values()), by=merged,
            query=f"{_POSTS} AND relevance = 'confirmed' AND in_window = 1 AND counted = 0",
        ),
        Metric(
            metric="M22.rejected", unit="drafts", value=sum(never.values()), by=never,
            query="SELECT * FROM rejected WHERE event = :event",
        ),
    ]  # fmt: skip


def _sources(frame: Frame) -> Metric:
    ends: dict[str, set[str]] = {}
    for line in frame.asked:
        ends.setdefault(line.source, set()).add(line.status)
    # A ledger made by hand may have questions only, which may have ended in several ways.
    of_all = {source: found.pop() if len(found) == 1 else "partial" for source, found in ends.items()}
    states = Counter((of_all | {line.source: line.status for line in frame.asked if not line.query}).values())
    lines = [
        {
            "source": line.source, "query": line.query, "status": line.status, "reason": line.reason,
            "found": line.found, "requests": line.requests, "errors": line.errors, "returned": line.returned,
            "reported_total": line.reported_total, "truncated": line.truncated, "window": line.window,
        }
        for line in frame.asked
    ]  # fmt: skip
    status = "ok" if frame.asked else "not_applicable"
    return Metric(
        metric="M22.sources", unit="sources", value=len(ends) or None, by=dict(states), status=status,
        flags=() if ends else ("no_source",), variants={"lines": lines},
        query="SELECT * FROM gap_ledger WHERE event = :event",
    )  # fmt: skip


def _fetches(frame: Frame) -> Metric:
    """Pages by the named reason they ended with; those still to be fetched are `waiting`, whatever held them up."""
    ends: Counter[str] = Counter()
    lines = []
    for line in frame.fetched:
        waits = line.state in _WAITING
        ends["waiting" if waits else line.reason] += line.pages
        reason = "" if waits and line.reason == "ok" else line.reason
        lines.append({"source": line.source, "state": line.state, "reason": reason, "pages": line.pages})
    return Metric(
        metric="M22.fetches", unit="pages", value=sum(ends.values()) if lines else None, by=dict(ends.most_common()),
        status="ok" if lines else "not_applicable", flags=() if lines else ("no_pages",), variants={"lines": lines},
        query="SELECT * FROM fetch_states WHERE event = :event",
    )  # fmt: skip


def _k_of_n(name: str, k: int, n: int, which: str) -> Metric:
    row = Metric(metric=name, unit="stories", num=k, den=n, query=f"{COUNTED} AND {which}")
    return replace(row, value=k) if n else replace(row, status="not_applicable", flags=("no_stories",))
