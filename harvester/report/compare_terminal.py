"""A comparison on a terminal: a line a measure, a number per edition with its range, `╎` where a recipe breaks."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from harvester.report import compare_words as told
from harvester.report import words
from harvester.report.day_words import day
from harvester.report.language import ENGLISH
from harvester.report.layout import WIDTH, cut, pad, width, wrapped
from harvester.report.rows import day_of_28
from harvester.report.sections_trend import compares, times
from harvester.report.states import measured, state

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harvester.measure.metric import Metric
    from harvester.report.build import Report
    from harvester.report.compare import Comparison, Line
    from harvester.report.language import Language

_NAME: Final = 26
_MOST: Final = 10  # editions side by side; the newest ones
_ALL: Final = 28
_IN: Final = "  "
_NOTE: Final = "–"  # in a cell: a state, told below


def render(found: Comparison, say: Language = ENGLISH, *, plain: bool = False) -> str:
    """The whole comparison as text; `plain` avoids box characters."""
    grid = _Grid(found, say, plain=plain)
    rule = ("-" if plain else "─") * WIDTH
    lines = [*wrapped(told.headline(found, say), WIDTH), rule, *grid.head()]
    for line in found.lines:
        lines += grid.of(line)
    lines += [rule, *grid.notes()]
    return "\n".join(line.rstrip() for line in lines) + "\n"


class _Grid:
    """Columns of one width, one an edition, and what did not fit in them."""

    def __init__(self, found: Comparison, say: Language, *, plain: bool) -> None:
        self.found, self.say, self.plain = found, say, plain
        self.first = max(0, len(found.reports) - _MOST)
        self.room = (WIDTH - _NAME) // min(len(found.reports), _MOST) - 2
        self.said: list[str] = []
        self.states: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.starred = False

    def head(self) -> list[str]:
        """Slugs, days, and how much of the 28 days is over where it is not all."""
        reports = self.found.reports[self.first :]
        slugs = [cut(slug, self.room) for slug in self.found.events[self.first :]]
        days = [self._day(report) for report in reports]
        lines = [self._row("", slugs), self._row("", days)]
        for slug, report in zip(self.found.events[self.first :], reports, strict=True):
            if day_of_28(report) < _ALL:
                self.said.append(f"{slug}: {words.counting(report, self.say)}")
        return lines

    def _day(self, report: Report) -> str:
        """The first day at the venue as the language writes it, as digits, or its year: the fullest that fits."""
        first, _ = words.venue_days(report)
        forms = day(first, self.say), f"{first}", day(f"{first:%Y}", self.say)
        return next((form for form in forms if width(form) <= self.room), f"{first:%Y}")

    def of(self, line: Line) -> list[str]:
        """A measure, and below a count what changed; one that no edition has a number of is a note."""
        cells = self._cells(line)
        shown = any(row and measured(row) for row in line.rows[self.first :])
        lines = [self._row(self.say(line.name), cells)] if shown else []
        changes = line.changes[self.first + 1 :]
        if any(row and compares(row) for row in changes):
            lines.append(self._row("", ["", *self._fit(changes, (times, told.times))]))
            lines.append(self._row("", ["", *self._fit(changes, (told.verdict, self._mark))]))
        for slug, row in zip(self.found.events[self.first + 1 :], changes, strict=True):
            if row is not None and "other_outlets" in row.flags:
                self.states[(slug, told.verdict(row, self.say))].append(self.say(line.name))
            if row is not None:
                where = self.say(", ").join((slug, self.say(line.name)))
                self.said += [f"{where}: {text}" for text in told.asides(row, self.say)]
        return lines

    def notes(self) -> list[str]:
        """Breaks, and the states and asides that the grid had no room for."""
        mark = "|" if self.plain else "╎"
        notes = [
            f"{mark} {slug}: {told.broken(flags, self.say)}"
            for slug, flags in zip(self.found.events, self.found.breaks, strict=True)
            if flags
        ]
        if self.first:
            notes.append(self.say("only the newest {n} of {all}", n=_MOST, all=len(self.found.reports)))
        if self.starred:
            notes.append("* " + self.say("incomplete"))
        if "·" in self.said:
            notes.append("· " + self.say("no clear change"))
        said = dict.fromkeys(text for text in self.said if text != "·")
        comma, alike = self.say(", "), defaultdict[tuple[str, str], list[str]](list)
        for (slug, why), names in self.states.items():
            alike[(why, comma.join(names))].append(slug)
        states = [f"{comma.join((*slugs, why))}: {names}" for (why, names), slugs in alike.items()]
        return [piece for note in (*notes, *said, *states) for piece in _folded(note)]

    def _cells(self, line: Line) -> list[str]:
        rows = line.rows[self.first :]
        cells = self._fit(rows, (told.with_range, told.value, told.shortest))
        for i, row in enumerate(rows):
            if row is not None and not measured(row):
                short = state(row, self.say).partition(" (")[0].partition("(")[0]
                cells[i] = short if width(short) <= self.room else _NOTE
                slug = self.found.events[self.first + i]
                if cells[i] == _NOTE or row.flags:
                    self.states[(slug, state(row, self.say))].append(self.say(line.name))
            if row is not None and measured(row) and "few_media" in row.flags:
                few = self.say("only few media stories")
                self.states[(self.found.events[self.first + i], few)].append(self.say(line.name))
        return cells

    def _fit(self, rows: Sequence[Metric | None], forms: Sequence[Callable[[Metric, Language], str]]) -> list[str]:
        """The cells in the fullest form that all of them have room for; a state has no value."""
        for form in forms:
            cells = [self._one(row, form) for row in rows]
            if all(width(cell) <= self.room for cell in cells):
                break
        return [cut(cell, self.room) for cell in cells]

    def _one(self, row: Metric | None, form: Callable[[Metric, Language], str]) -> str:
        if row is None or (not measured(row) and not compares(row)):
            return ""
        text = form(row, self.say)
        if row.status == "truncated" and not text.startswith("≥") and form is not told.verdict:
            self.starred = True
            return f"{text} *"
        return text

    def _mark(self, row: Metric, say: Language) -> str:
        """A verdict in one character, for narrow columns; no clear change is a dot that a note explains."""
        said = row.variants["change"]
        if said in ("more", "fewer"):
            return told.verdict(row, say)
        self.said.append("·" if said == "no_clear_change" else f"?: {told.verdict(row, say)}")
        return "·" if said == "no_clear_change" else "?"

    def _row(self, name: str, cells: Sequence[str]) -> str:
        """A name and its cells, with the mark of a break before the edition that it begins with."""
        marks = ["|" if self.plain else "╎"] * len(cells)
        breaks = self.found.breaks[self.first :]
        parts = [
            f"{mark if flags else ' '} {' ' * (self.room - width(cell))}{cell}"
            for mark, flags, cell in zip(marks, breaks, cells, strict=True)
        ]
        return pad(cut(name, _NAME - 1), _NAME) + "".join(parts)


def _folded(text: str) -> list[str]:
    """A note on as many lines as it needs, those after the first set in."""
    first, *rest = wrapped(text, WIDTH - len(_IN))
    return [first, *(f"{_IN}{line}" for line in rest)]
