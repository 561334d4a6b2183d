"""Charts as plain values: what is drawn, how each part looks, and the same numbers as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harvester.report.blocks import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One number a label (or day). `look` says whose it is, by a name that `charts.look.paint` knows.

    It paints participant, independent, new, media, owned and aggregator apart, and anything else as unknown.
    """

    name: str
    look: str
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """A bar a label, its parts in a row from zero; the sum stands at the end."""

    labels: tuple[str, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """A column a day in `parts` and a thin line over them; the undated stand apart at the right.

    `live` and `gaps` are (first, last) indices of days: when the event was on, and when nobody searched. `tick` holds
    (index, label) of the days that are named.
    """

    count: int
    parts: tuple[Part, ...]
    line: Part | None
    undated: tuple[int, ...]
    undated_name: str
    live: tuple[tuple[int, int], ...]
    gaps: tuple[tuple[int, int], ...]
    gaps_name: str
    ticks: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """A rising line: how many of `total` were out by the end of each day, and where half was (in days, None if not)."""

    name: str
    by_day: tuple[int, ...]
    total: int
    half: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """Shares that rise from 0 to 1 over days; `late` names what lies behind the day `late_from`, `percent` writes a
    share of the axis.
    """

    rises: tuple[Rise, ...]
    half_name: str
    late_name: str
    percent: str = "{:.0f} %"
    late_from: int = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A factor with its range; None is an open end or no value."""

    label: str
    value: float | None
    lo: float | None
    hi: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranges:
    """Factors on a logarithmic axis around 1, which means no change."""

    rows: tuple[Range, ...]
    one_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One number with its range; all None where the edition is in a state that has no number."""

    value: float | None
    lo: float | None
    hi: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One measure, a dot an edition; `scale` writes the number at the top of its axis."""

    name: str
    dots: tuple[Dot, ...]
    breaks: tuple[int, ...]
    scale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Multiples:
    """Panels over the same editions; `breaks` are the indices of editions that do not compare with the one before."""

    labels: tuple[str, ...]
    panels: tuple[Panel, ...]
    breaks: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A drawing with its name (also that of its file), its title, and a sentence for who cannot see it.

    `table` holds its numbers; None where the table that follows it in its section does.
    """

    name: str
    title: str
    told: str
    drawing: Bars | Days | Curves | Ranges | Multiples
    table: Table | None = None
