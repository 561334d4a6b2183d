"""What became another number between two frozen reports of an event, and which posts made it so."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, Final

from harvester.measure.frame import counted
from harvester.measure.volume import COLUMNS, column_of
from harvester.report.changed import Change, Count, Number, Post, Source, Step
from harvester.report.moves import Move, arrived, fields_changed, left
from harvester.report.rows import day_of_28

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from harvester.measure.item import Item
    from harvester.measure.metric import Metric
    from harvester.report.build import Report
    from harvester.report.changed import Cell

_GROUPS: Final = ("written", "talk", "micro", "other")
_FAILED: Final = ("failed", "skipped", "partial")


def compare(old: Report, new: Report, versions: tuple[str, str] = ("", "")) -> Change:
    """What changed from one report to another of the same event; `versions` of the harvesters that froze them."""
    counts = _counts(old, new)
    movers = {key for count in counts if count.headline for step in count.steps for key in step.posts}
    return Change(
        breaks=tuple(_breaks(old, new, versions)), numbers=_numbers(old, new), counts=counts,
        posts=_posts(old, new, movers), sources=_sources(old, new),
    )  # fmt: skip


def _breaks(old: Report, new: Report, versions: tuple[str, str]) -> Iterable[str]:
    was, now = old.frame, new.frame
    if versions[0] != versions[1]:
        yield f"harvester {versions[0]} → {versions[1]}"
    if was.recipe != now.recipe:
        yield f"recipe {was.recipe} → {now.recipe}"
    if was.rules != now.rules:
        yield f"rules {was.rules} → {now.rules}"
    if was.event_file != now.event_file:
        yield "the event file was changed"
    if day_of_28(old) != day_of_28(new):
        yield f"day {day_of_28(old)} of 28 → {day_of_28(new)}"
    if was.window != now.window:
        yield f"window {_span(old)} → {_span(new)}"
    if was.timezone != now.timezone:
        yield f"days in {was.timezone} → {now.timezone}"
    if was.media_outlets != now.media_outlets:
        yield f"media outlets checked {_told(was.media_outlets)} → {_told(now.media_outlets)}"
    questions = [{(line.source, line.query) for line in frame.asked} for frame in (was, now)]
    for told, found in (("asked since", questions[1] - questions[0]), ("asked no more", questions[0] - questions[1])):
        if found:
            by = Counter(source for source, _ in found)
            yield f"{told}: " + ", ".join(f"{source} ({n})" if n > 1 else source for source, n in sorted(by.items()))


def _span(report: Report) -> str:
    first, last = report.frame.window
    return f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}"


def _told(value: object) -> str:
    return "none" if value is None else str(value)


def _numbers(old: Report, new: Report) -> tuple[Number, ...]:
    """The ratio first, then in the order of the reports."""
    was, now = _by_name(old), _by_name(new)
    found = []
    for name in dict.fromkeys((*now, *was)):
        one, other = was.get(name), now.get(name)
        if _says(one) != _says(other):
            internal = any("internal" in row.flags for row in (one, other) if row)
            metric, group, kind, _ = name
            found.append(Number(metric=metric, group=group, kind=kind, old=one, new=other, internal=internal))
    return tuple(sorted(found, key=lambda number: not number.metric.startswith("M02")))


def _by_name(report: Report) -> dict[tuple[str, str, str, int], Metric]:
    """Rows by name, group and kind; several of the same are told apart by their order."""
    seen: Counter[tuple[str, str, str]] = Counter()
    found = {}
    for row in report.metrics:
        name = row.metric, row.group, row.kind
        found[*name, seen[name]] = row
        seen[name] += 1
    return found


def _says(row: Metric | None) -> Any:
    return row and (row.value, row.num, row.den, row.ci, row.bounds, row.status, row.flags)


def _counts(old: Report, new: Report) -> tuple[Count, ...]:
    """Every count that moved, or in which as many came as went; those of the ratio first."""
    was, now = _counted(old), _counted(new)
    before, after = _measured(old), _measured(new)
    moves: defaultdict[Cell, list[Move]] = defaultdict(list)
    items = {item.key: item for item in old.items}, {item.key: item for item in new.items}
    for key in was.keys() | now.keys():
        if was.get(key) == now.get(key):
            continue
        if key in was:
            moves[was[key]].append(left(items[0][key], items[1].get(key), new.frame))
        if key in now:
            moves[now[key]].append(arrived(items[0].get(key), items[1][key], old.frame))
    found = []
    for cell in [(group, kind) for group in _GROUPS for kind in COLUMNS]:
        steps = _steps(moves[cell])
        unnamed = after[cell] - before[cell] - sum(step.n for step in steps)
        if unnamed:
            steps.append(Step(n=unnamed, why="taken out since, and not to be named any more"))
        if steps:
            found.append(Count(group=cell[0], kind=cell[1], old=before[cell], new=after[cell], steps=tuple(steps)))
    return tuple(sorted(found, key=lambda count: not count.headline))


def _counted(report: Report) -> dict[str, Cell]:
    return {item.key: (item.group, column_of(item.author_kind)) for item in counted(list(report.items), report.frame)}


def _measured(report: Report) -> Counter[Cell]:
    """The counts as the report printed them."""
    found: Counter[Cell] = Counter()
    for row in report.all("M01.volume"):
        for column in COLUMNS:
            found[row.group, column] += row.by.get(column, 0)
    return found


def _steps(moves: list[Move]) -> list[Step]:
    posts: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
    for move in moves:
        posts[move.sign, move.why].append(move.key)
    made = [Step(n=sign * len(keys), why=why, posts=tuple(sorted(keys))) for (sign, why), keys in posts.items()]
    return sorted(made, key=lambda step: (step.n < 0, -abs(step.n), step.why))


def _posts(old: Report, new: Report, movers: set[str]) -> tuple[Post, ...]:
    was, now = {item.key: item for item in old.items}, {item.key: item for item in new.items}
    both = was.keys() & now.keys()
    before, after = _stories(was, both), _stories(now, both)
    found = []
    for key in sorted(was.keys() | now.keys()):
        changes = fields_changed(was.get(key), now.get(key))
        if key in both and before[key] != after[key] and was[key].story != now[key].story:
            changes.append(("story", was[key].story, now[key].story))
        if changes or key in movers:
            item = now.get(key) or was[key]
            found.append(Post(key=key, url=item.url, title=item.title, headline=key in movers, changes=tuple(changes)))
    return tuple(sorted(found, key=lambda post: not post.headline))


def _stories(items: Mapping[str, Item], both: Collection[str]) -> dict[str, frozenset[str]]:
    """Of each post of both reports those of them that tell its story: a story may only have got another first copy."""
    together: defaultdict[str, set[str]] = defaultdict(set)
    for key in both:
        together[items[key].story].add(key)
    return {key: frozenset(together[items[key].story]) for key in both}


def _sources(old: Report, new: Report) -> tuple[Source, ...]:
    """Sources that lacked something in one and not in the other, or in another way."""
    was, now = _states(old), _states(new)
    return tuple(
        Source(source=name, old=was.get(name, ""), new=now.get(name, ""))
        for name in sorted(was.keys() | now.keys())
        if was.get(name) != now.get(name) and {was.get(name), now.get(name)} & set(_FAILED)
    )


def _states(report: Report) -> dict[str, str]:
    """The worst that a source answered; that it had nothing to ask for is none."""
    found: dict[str, str] = {}
    for line in report.frame.asked:
        state = "partial" if line.truncated and line.status == "ok" else "ok" if line.idle else line.status
        found[line.source] = min(found.get(line.source, "ok"), state, key=_badness)
    return found


def _badness(state: str) -> int:
    return _FAILED.index(state) if state in _FAILED else len(_FAILED)
