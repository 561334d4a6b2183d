"""What became another number between two frozen reports, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from harvester.measure.metric import Metric

Cell = tuple[str, str]  # group, kind of author
HEADLINE: Final[tuple[Cell, ...]] = (("written", "participant"), ("written", "media"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A row that says something else; a side is None where there is no such row."""

    metric: str
    group: str
    kind: str
    old: Metric | None
    new: Metric | None
    internal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Why a count moved: `n` stories more (or fewer, below 0), and their keys; none where nobody can tell them."""

    n: int
    why: str
    posts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Counted stories of one group by one kind of author: `new - old` is the sum of the steps."""

    group: str
    kind: str
    old: int
    new: int
    steps: tuple[Step, ...]

    @property
    def headline(self) -> bool:
        """Whether the ratio is made of it."""
        return (self.group, self.kind) in HEADLINE


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post that came, went or is judged or dated otherwise: (what, before, after) for each of these."""

    key: str
    url: str
    title: str
    headline: bool
    changes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source that did not get everything in one of the two: its state there and here, "" where it was not asked."""

    source: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """All that is different. `breaks`: why numbers may be different without anybody having written anything."""

    breaks: tuple[str, ...]
    numbers: tuple[Number, ...]
    counts: tuple[Count, ...]
    posts: tuple[Post, ...]
    sources: tuple[Source, ...]
