"""The output contract: one JSON object a metric, event and group (`docs/measures.md` describes each key)."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from harvester.dates import iso

if TYPE_CHECKING:
    from harvester.measure.metric import Metric
    from harvester.report.build import Report

# What JSON may hold as it is and a terminal must not: C1 controls, marks of direction, separators, what prints nothing.
_UNSAFE = re.compile(
    "[\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def as_json(value: Any, *, indent: int | None = None) -> str:
    """JSON that reads as it is and is safe on a terminal: the characters above are escaped, which changes no value."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def rows(report: Report, only: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Every row of the report, or those whose measure (`M02`) or metric (`M02.ratio`) is named in `only`."""
    return [row(m, report) for m in report.metrics if not only or named(m.metric, only)]


def named(metric: str, names: tuple[str, ...]) -> bool:
    """Whether a metric (`M02.ratio`) is among the names, itself or by its measure (`M02`)."""
    return metric in names or metric.split(".")[0] in names


def row(metric: Metric, report: Report) -> dict[str, Any]:
    """One metric with the universe it was measured in beside it."""
    frame = report.frame
    values = asdict(metric)
    series = [{"day": day, "n": n} for day, n in values.pop("series")]
    values["flags"] = list(values["flags"])
    values["query"] = " ".join(values["query"].split())  # SQL is laid out in code, and one line in every face
    head = {"metric": values.pop("metric"), "event": frame.event}
    tail = {
        "series": series,
        "window": [iso(frame.window[0]), iso(frame.window[1])],
        "report_tz": frame.timezone,
        "day_of_28": day_of_28(report),
        "recipe": frame.recipe,
        "rules": frame.rules,
        "as_of": iso(frame.as_of),
    }
    return head | values | tail


def day_of_28(report: Report) -> int:
    """How many of the 28 days after the event are over: below 28 the count still runs."""
    frame = report.frame
    return max(0, min(28, (frame.as_of - frame.ends) // timedelta(days=1)))
