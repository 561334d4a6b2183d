"""Where a number leads: the anchor of the posts it counts, else of its own line among all numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from harvester.report.blocks import Ref

if TYPE_CHECKING:
    from harvester.measure.metric import Metric

ALL: Final = "stories"
LEFT_OUT: Final = "left-out"
QUALITY: Final = "quality"
_GROUPS: Final = ("written", "talk", "micro")
# Measures of one side's posts, whose rows name the group (and, where it differs, the side).
_OF_PARTICIPANTS: Final = frozenset({"M03", "M06", "M10", "M15"})
_NOT_COUNTED: Final = frozenset({"M01.not_counted", "M22.merged", "M22.off_topic", "M22.outside_window"})
_LEDGERS: Final = frozenset({"M22.sources", "M22.fetches"})
_OTHER: Final = re.compile(r"[^A-Za-z0-9.]+")


def stories(group: str, side: str = "") -> str:
    """The counted stories of a group (`written` …), or those of one side: a column of the volume table."""
    return f"{group}-{side}" if side else f"{ALL}-{group}"


def number(row: Metric) -> str:
    """The line of a row among all numbers."""
    return "n-" + _OTHER.sub("-", "-".join(part for part in (row.metric, row.group, row.kind) if part))


def behind(row: Metric) -> str:
    """The posts that a row counts where the report lists them so, else its own line."""
    measure = row.metric.partition(".")[0]
    if row.metric in _NOT_COUNTED:
        return LEFT_OUT
    if row.metric in _LEDGERS:
        return QUALITY
    if row.metric in ("M02.ratio", "M02.share") or (measure == "M18" and row.group in _GROUPS):
        return stories(row.group, row.kind or "participant")
    if measure in ("M05", "M16") and row.kind:
        return stories(row.group, row.kind)
    if measure in _OF_PARTICIPANTS:
        return stories(row.group, "participant") if row.group in _GROUPS else ALL
    if measure == "M01" and row.group:
        return stories(row.group)
    return number(row)


def led(text: str, row: Metric) -> Ref:
    """The words of a row, leading to what is behind it."""
    return Ref(text, behind(row))


def day(local_day: str, group: str = "") -> str:
    """The counted stories of one day of the report's zone, or those of a group on it."""
    return f"day-{local_day}-{group}" if group else f"day-{local_day}"
