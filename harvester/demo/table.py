"""The comparison as lines for a terminal, 96 columns, readable without colour."""

from __future__ import annotations

import textwrap
import unicodedata
from typing import TYPE_CHECKING, Any

from harvester.demo.compare import GOAL
from harvester.text import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harvester.demo.compare import Comparison, Finding

WIDTH = 96
_MOST = 12  # findings of one sort printed; the rest is in --json


def lines(comparison: Comparison, truth: dict[str, Any]) -> Iterator[str]:
    """Table, shares, and every difference with its reason."""
    yield f"Compared with the truth of this synthetic web (seed {truth['seed']})"
    yield f"  {'written stories by':<20}{'true':>6}{'found':>7}{'reported':>10}{'rightly':>9}"
    for kind, (true, found, reported, right) in comparison.kinds.items():
        yield f"  {kind:<20}{true:>6}{found:>7}{reported:>10}{right:>9}"
    yield f"  {'all':<20}{comparison.true:>6}{comparison.found:>7}{comparison.counted:>10}{comparison.kind_right:>9}"
    yield f"  stories  precision {comparison.precision:.3f}  recall {comparison.recall:.3f}"
    yield f"  kinds    precision {comparison.kind_precision:.3f}  recall {comparison.kind_recall:.3f}   (goal {GOAL})"
    yield f"  publication day right for {comparison.day_right} of {comparison.dated} found stories that tell one"
    true, found, others = comparison.short
    yield f"  short posts: {found} of {true} counted, and {others} that should not be"
    missed = f"Missed: {len(comparison.missed)}, of them {comparison.admitted} that nobody can fetch"
    for heading, findings in (
        (missed, comparison.missed),
        (f"Wrongly counted: {len(comparison.wrong)}", comparison.wrong),
        (f"Kind of author wrong: {len(comparison.mislabelled)}", comparison.mislabelled),
        (f"Day wrong: {len(comparison.misdated)}", comparison.misdated),
    ):
        if findings:
            yield heading
            yield from _findings(findings)


def _findings(findings: Sequence[Finding]) -> Iterator[str]:
    for finding in findings[:_MOST]:
        yield f"  {_cut(shown(finding.title), WIDTH - 2)}"
        yield f"    {_cut(finding.url, WIDTH - 4)}"
        yield from textwrap.wrap(shown(finding.why), WIDTH, initial_indent="    ", subsequent_indent="    ")
    if len(findings) > _MOST:
        yield f"  and {len(findings) - _MOST} more: `harvest demo --json` has them all"


def _cut(text: str, width: int) -> str:
    """The beginning that fits into so many columns; Japanese letters take two."""
    room = width
    for position, letter in enumerate(text):
        room -= 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if room < 1:
            return text[:position] + "…"
    return text
