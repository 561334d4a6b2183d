"""What changed between two frozen reports, as lines for a terminal and as values for JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from harvester.cli._table import WIDTH, folded, table
from harvester.dates import iso
from harvester.report.language import ENGLISH
from harvester.report.layout import pad, width
from harvester.report.rows import day_of_28
from harvester.report.states import MEASURED, measured
from harvester.report.words import amount, between, span

if TYPE_CHECKING:
    from harvester.measure.metric import Metric
    from harvester.report.build import Report
    from harvester.report.changed import Change, Count, Number, Post, Step

_MANY: Final = 20  # numbers and posts shown at first
_NAMED: Final = 3  # posts named inside a sum


class Side(NamedTuple):
    """A frozen report with its number."""

    number: int
    report: Report


def as_values(change: Change, old: Side, new: Side) -> dict[str, Any]:
    """Everything, for JSON."""
    values = asdict(change)
    for number in values["numbers"]:
        number.pop("internal")
    return {"event": old.report.frame.event, "old": _head(old), "new": _head(new)} | values


def _head(side: Side) -> dict[str, Any]:
    frame = side.report.frame
    return {
        "snapshot": side.number, "as_of": iso(frame.as_of), "recipe": frame.recipe, "rules": frame.rules,
        "day_of_28": day_of_28(side.report), "erased": side.report.erased,
    }  # fmt: skip


def lines(change: Change, old: Side, new: Side, *, everything: bool) -> list[str]:
    """The whole explanation, the headline first."""
    found = folded(f"{_named(old)} → {_named(new)}", f"{old.report.name}: ", indent=2)
    found += [
        f"snapshot {side.number}: posts taken out since: {side.report.erased}; its numbers still count them"
        for side in (old, new)
        if side.report.erased
    ]
    if change.breaks:
        found += folded("; ".join(change.breaks), "! may not compare: ")
    titles = {post.key: post.title or post.url or post.key for post in change.posts}
    blocks = (
        _counts(change, titles), _numbers(change, everything=everything), _posts(change, everything=everything),
        _sources(change),
    )  # fmt: skip
    for block in blocks:
        found += ["", *block] if block else []
    return found if any(blocks) or change.breaks else [*found, "", "nothing changed"]


def _named(side: Side) -> str:
    frame = side.report.frame
    return f"snapshot {side.number} ({frame.as_of:%Y-%m-%d %H:%M} UTC, recipe {frame.recipe}, rules {frame.rules})"


def _counts(change: Change, titles: dict[str, str]) -> list[str]:
    found = []
    for count in change.counts:
        found += folded(", ".join(_step(step, titles) for step in count.steps), f"  {_count(count)}: ", indent=4)
    return ["COUNTED STORIES", *found] if found else []


def _count(count: Count) -> str:
    return f"{count.kind} {count.group} {count.old} → {count.new}"


def _step(step: Step, titles: dict[str, str]) -> str:
    sign = "+" if step.n > 0 else "−"
    names = [f"“{titles[key]}”" for key in step.posts[:_NAMED]]
    more = f" and {len(step.posts) - _NAMED} more" if len(step.posts) > _NAMED else ""
    told = f" ({', '.join(names)}{more})" if names else ""
    return f"{sign}{abs(step.n)} {step.why}{told}"


def _numbers(change: Change, *, everything: bool) -> list[str]:
    """Each number before and after on one line, below each other where they are too long for that."""
    rows = [(_name(one), _value(one.old, one.new), _value(one.new, one.old)) for one in change.numbers]
    rows = [row for row in rows if row[1] != row[2]]  # what no reader sees (how many an estimate needs) is in the JSON
    shown = rows if everything else rows[:_MANY]
    longest = max((width(name) for name, _, _ in shown), default=0)
    found = ["NUMBERS"] if shown else []
    for name, before, after in shown:
        lead = f"  {pad(name, longest)}  "
        if width(line := f"{lead}{before} → {after}") <= WIDTH:
            found.append(line)
        else:
            found += [*folded(before, lead), *folded(after, " " * (width(lead) - 2) + "→ ")]
    if len(shown) < len(rows):
        found.append(f"  … and {len(rows) - len(shown)} more: --all")
    return found


def _name(number: Number) -> str:
    return " ".join(word for word in (number.metric, number.group, number.kind) if word)


def _value(row: Metric | None, other: Metric | None) -> str:
    """A number with its parts, range and state, and the flags that the other side of the change has not."""
    if row is None:
        return "not there"
    word = ":" if row.metric.endswith("ratio") else "of"
    parts = f" ({row.num} {word} {row.den})" if row.den is not None and row.num is not None else ""
    told = [f"{_amount(row)}{parts}"] if row.status in MEASURED else []
    if row.ci and measured(row):
        told.append(between(row.ci, ENGLISH, row.unit))
    if row.bounds and row.value is not None and other and other.bounds != row.bounds:
        told.append(f"unknowns {span(row.bounds.lo, row.bounds.hi, ENGLISH, row.unit)}")
    if row.status != "ok":
        told.append(row.status)
    flags = [flag for flag in row.flags if other is None or flag not in other.flags]
    return ", ".join(told) + (f" [{', '.join(flags)}]" if flags else "")


def _amount(row: Metric) -> str:
    """The value; of what has only bounds, those."""
    if row.value is None and row.bounds:
        return span(row.bounds.lo, row.bounds.hi, ENGLISH, row.unit)
    return amount(row, ENGLISH)


def _posts(change: Change, *, everything: bool) -> list[str]:
    shown = change.posts if everything else change.posts[:_MANY]
    found = [line for post in shown for line in _post(post)]
    if len(shown) < len(change.posts):
        found.append(f"  … and {len(change.posts) - len(shown)} more: --all")
    return ["POSTS (* moved the ratio's counts)", *found] if found else []


def _post(post: Post) -> list[str]:
    found = folded(post.title or post.key, "  * " if post.headline else "    ")
    told = "; ".join(_change(*change) for change in post.changes) or "as before; what is counted is another time"
    return [*found, *folded(post.url or post.key, "      "), *folded(told, "      ")]


def _change(what: str, before: str, after: str) -> str:
    if what == "post":
        return "came" if after else "went"
    return f"{what} {before or 'none'} → {after or 'none'}"


def _sources(change: Change) -> list[str]:
    rows = [(one.source, one.old or "not asked", one.new or "not asked") for one in change.sources]
    return ["SOURCES", *table(("source", "before", "after"), rows, indent=2)] if rows else []
