"""How charts look: names of colours, how a part is painted, and the sizes of letters."""

from __future__ import annotations

from typing import Any, Final

FONT: Final = "IPAexGothic"
# Roles of colours as they look on paper; a role that differs in the dark has a second colour.
LIGHT: Final = {
    "ink": "#1b1f24", "soft": "#57606a", "line": "#d8dee4", "paper": "#ffffff", "participant": "#0b6bcb",
    "independent": "#a8cdf0", "media": "#a34a08", "owned": "#8c959f", "unknown": "#57606a", "wash": "#eef1f4",
}  # fmt: skip
DARK: Final = {
    "ink": "#e6e9ed", "soft": "#a3adb8", "line": "#343b43", "paper": "#14171b", "participant": "#4493f8",
    "independent": "#1f4a7d", "media": "#f0a04b", "owned": "#7d8590", "unknown": "#a3adb8", "wash": "#20262d",
}  # fmt: skip
# Colours that stand for roles until `clean` puts classes in their place; nothing else in a drawing has one of them.
MARKS: Final = {role: f"#f1e5{number:02x}" for number, role in enumerate(LIGHT)}


def paint(look: str, colours: dict[str, str]) -> dict[str, Any]:
    """Keywords of a patch: participants are filled, media an outline, owned grey, unknown hatched."""
    plain: dict[str, Any] = {"linewidth": 1.2}
    match look:
        case "participant":
            return plain | {"facecolor": colours["participant"], "edgecolor": colours["participant"]}
        case "independent":
            return plain | {"facecolor": colours["independent"], "edgecolor": colours["participant"]}
        case "new":
            return plain | {"facecolor": colours["paper"], "edgecolor": colours["participant"], "linewidth": 2}
        case "media":
            return plain | {"facecolor": colours["paper"], "edgecolor": colours["media"], "linewidth": 2}
        case "owned":
            return plain | {"facecolor": colours["owned"], "edgecolor": colours["owned"]}
        case "aggregator":
            return plain | {"facecolor": colours["wash"], "edgecolor": colours["owned"], "hatch": "|||"}
        case _:
            return plain | {"facecolor": colours["paper"], "edgecolor": colours["unknown"], "hatch": "////"}
