"""Charts as files for slides: an SVG that carries its own colours, light and dark, and a PNG on white."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvester.report.charts.draw import png, svg
from harvester.report.charts.look import DARK, LIGHT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harvester.report.drawings import Chart

_FONTS = (
    'system-ui,-apple-system,"Segoe UI",Roboto,"Hiragino Sans","Yu Gothic UI",Meiryo,"Noto Sans JP",'
    '"Noto Sans CJK JP",sans-serif'
)


def written(charts: Iterable[Chart]) -> Iterator[tuple[str, bytes]]:
    """(file name, contents) of each chart, twice."""
    for chart in charts:
        yield f"{chart.name}.svg", standalone(chart).encode()
        yield f"{chart.name}.png", png(chart)


def standalone(chart: Chart) -> str:
    """The drawing as a file that any program opens."""
    drawn = svg(chart)
    _, _, width, height = drawn.partition('viewBox="')[2].partition('"')[0].split()
    dark = f"@media (prefers-color-scheme:dark){{{classes(DARK)}}}"
    style = f"<style>{classes(LIGHT)}{dark}text{{font-family:{_FONTS}}}</style>"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
    return drawn.replace("<svg ", head, 1).replace(">", f">{style}", 1) + "\n"


def classes(colours: dict[str, str]) -> str:
    """A rule for each role of colours, as fill and as stroke."""
    rules = [f".f-{role}{{fill:{colour}}}.s-{role}{{stroke:{colour}}}" for role, colour in colours.items()]
    return "".join([*rules, ".f-none{fill:none}.s-none{stroke:none}"])
