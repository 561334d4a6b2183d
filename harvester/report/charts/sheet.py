"""A sheet to draw on, measured in the pixels of a page: axes in a box, a legend above, plain text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from harvester.report.charts.look import paint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from harvester.report.drawings import Part

_POINTS: Final = 72  # a point is a pixel
LETTERS: Final = 12
SMALL: Final = 11
_LEGEND_ROW: Final = 22
_WIDE_LETTER: Final = 0x2E80  # from here on a letter takes the width of two
_LATIN: Final = 6.6


def length(text: str) -> float:
    """About how many pixels a text takes in a page's own font, which nobody knows here."""
    return sum(LETTERS if ord(letter) >= _WIDE_LETTER else _LATIN for letter in text)


@dataclass(kw_only=True)
class Sheet:
    """A figure of `width` pixels. `height` grows as it is laid out; the legend takes the top."""

    width: int
    narrow: bool
    colours: dict[str, str]
    figure: Figure = field(default_factory=lambda: Figure(dpi=_POINTS))
    _legend: list[Artist] = field(default_factory=list)

    def keys(self, parts: Iterable[Part]) -> list[Artist]:
        """A patch for each part, as the legend shows it."""
        return [Patch(label=part.name, **paint(part.look, self.colours)) for part in parts]

    def axes(self, *, height: int, left: float, right: float = 16, foot: float = 34, keys: list[Artist] | None = None,
             panels: tuple[int, ...] = ()) -> list[Axes]:  # fmt: skip
        """Axes one above another in the pixels left over by margins and legend; `panels` their heights, else one."""
        keys = keys or []
        per_row = self._per_row(keys)
        rows = -(-len(keys) // per_row) if keys else 0
        top = rows * _LEGEND_ROW + (10 if rows else 6)
        sizes = panels or (height,)
        gap = 26
        total = top + sum(sizes) + gap * (len(sizes) - 1) + foot
        self.figure.set_size_inches(self.width / _POINTS, total / _POINTS)
        found, y = [], total - top
        for size in sizes:
            y -= size
            box = (left / self.width, y / total, (self.width - left - right) / self.width, size / total)
            found.append(self._plain(self.figure.add_axes(box)))
            y -= gap
        if keys:
            self._place(keys, per_row, total)
        return found

    def text(self, axes: Axes, x: float, y: float, text: str, role: str = "ink", **more: Any) -> None:
        """Words at a place of the axes."""
        looks: dict[str, Any] = {"color": self.colours[role], "fontsize": LETTERS, "va": "center"}
        axes.text(x, y, text, **looks | more)

    def _per_row(self, keys: list[Artist]) -> int:
        widest = max((length(str(key.get_label())) for key in keys), default=0) + 46
        return max(1, min(len(keys) or 1, int((self.width - 8) // widest)))

    def _place(self, keys: list[Artist], per_row: int, total: float) -> None:
        """The legend by hand, one key a cell of a grid: the library would measure a font that the page has not."""
        step = (self.width - 8) / per_row
        widest = max(length(str(key.get_label())) for key in keys) + 46
        step = min(step, max(widest, 96))
        for at, key in enumerate(keys):
            x = 4 + (at % per_row) * step
            y = total - 12 - (at // per_row) * _LEGEND_ROW
            self._key(key, x, y, total)

    def _key(self, key: Artist, x: float, y: float, total: float) -> None:
        self.figure.text(
            (x + 26) / self.width, y / total, str(key.get_label()), color=self.colours["ink"], fontsize=LETTERS,
            va="center",
        )  # fmt: skip
        key.set_transform(self.figure.transFigure)
        if isinstance(key, Patch):
            shape = Rectangle((x / self.width, (y - 5) / total), 20 / self.width, 10 / total)
            shape.update_from(key)
            shape.set_transform(self.figure.transFigure)
            self.figure.add_artist(shape)
        else:
            ends = (x, x + 20) if key.get_linestyle() != "None" else (x + 10,)  # type: ignore[attr-defined]
            key.set_data([end / self.width for end in ends], [y / total for _ in ends])  # type: ignore[attr-defined]
            self.figure.add_artist(key)

    def _plain(self, axes: Axes) -> Axes:
        """No frame, no ticks, thin lines: what is left is data."""
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        axes.spines["bottom"].set_color(self.colours["soft"])
        axes.patch.set_visible(False)
        axes.tick_params(length=0, labelsize=SMALL, labelcolor=self.colours["soft"], pad=6)
        return axes
