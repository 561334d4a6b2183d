"""One measured number as a value: what it is, how it was reached, and in which of five states it stands.

States are never folded into a number: `ok` (0 means looked and found none), `insufficient` (too few to say),
`truncated` (a source was cut off: read as "at least"), `unmeasured` (nobody looked), `not_applicable`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

# Of the normal distribution: 95 % lie within it. 1.96 differs in the third digit of the worked examples.
Z95: Final = 1.959963984540054
STATES: Final = ("ok", "insufficient", "truncated", "unmeasured", "not_applicable")


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A range with what it means: `chance` (luck alone), never missed posts or wrong labels. None is open."""

    lo: float | None
    hi: float | None
    level: float = 0.95
    method: str = ""
    meaning: str = "chance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Where the value would lie if everything unknown went one way, and the other."""

    lo: float | None
    hi: float | None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A row of the output contract. `by` breaks the value down, `series` lays it over days."""

    metric: str
    group: str = ""
    kind: str = ""
    unit: str = "stories"
    value: float | int | None = None
    num: float | int | None = None
    den: float | int | None = None
    ci: Interval | None = None
    bounds: Bounds | None = None
    variants: dict[str, Any] = field(default_factory=dict)
    by: dict[str, Any] = field(default_factory=dict)
    series: tuple[tuple[str, int], ...] = ()
    status: str = "ok"
    flags: tuple[str, ...] = ()
    query: str = ""
