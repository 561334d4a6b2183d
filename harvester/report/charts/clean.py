"""The library's SVG made fit for a page: shapes and words only, colours as classes, nothing to load."""

from __future__ import annotations

import re
from typing import Final
from xml.etree import ElementTree as ET

from harvester.report.charts.look import MARKS

_SVG: Final = "{http://www.w3.org/2000/svg}"
_HREF: Final = "{http://www.w3.org/1999/xlink}href"
_ROLES: Final = {colour: role for role, colour in MARKS.items()}
_KEPT: Final = {
    "path": ("d", "transform"), "rect": ("x", "y", "width", "height"), "text": ("x", "y", "transform"),
    "pattern": ("x", "y", "width", "height", "patternUnits"),
}  # fmt: skip
# Properties that say more than a colour, as attributes of the same name.
_PROPERTIES: Final = ("stroke-width", "stroke-dasharray", "stroke-dashoffset", "stroke-linecap", "stroke-linejoin",
                      "opacity", "text-anchor", "font-size", "font-weight")  # fmt: skip
# What a name may hold and XML may not.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NUMBER: Final = re.compile(r"-?\d+\.\d+")


def cleaned(raw: str, *, name: str, told: str) -> str:
    """An `<svg>` element with `told` as its words for who cannot see it; `name` keeps its inner names apart."""
    root = ET.fromstring(_FORBIDDEN.sub("\ufffd", raw))  # noqa: S314 - our own drawing
    shapes = {found.get("id", ""): found for found in root.iter(f"{_SVG}path") if found.get("id")}
    patterns = {found.get("id", ""): found for found in root.iter(f"{_SVG}pattern")}
    made = ET.Element("svg", {"class": "drawn", "viewBox": root.get("viewBox", ""), "role": "img",
                                       "aria-label": told})  # fmt: skip
    cleaner = _Cleaner(name, shapes, list(patterns))
    if patterns:
        defs = ET.SubElement(made, "defs")
        for at, pattern in enumerate(patterns.values()):
            copy = ET.SubElement(defs, "pattern", {"id": f"{name}-{at}"} | cleaner.attributes(pattern))
            cleaner.into(copy, pattern)
    cleaner.into(made, root)
    return ET.tostring(made, encoding="unicode")


class _Cleaner:
    """Copies what is drawn; groups and clips are left out."""

    def __init__(self, name: str, shapes: dict[str, ET.Element], patterns: list[str]) -> None:
        self.name, self.shapes, self.patterns = name, shapes, patterns

    def into(self, made: ET.Element, found: ET.Element) -> None:
        """Append copies of what is drawn inside `found`."""
        for child in found:
            tag = child.tag.removeprefix(_SVG)
            if tag in ("defs", "metadata", "style"):
                continue
            if tag == "use":
                self._placed(made, child)
            elif tag in _KEPT:
                self._copied(made, child, tag)
            else:
                self.into(made, child)

    def _copied(self, made: ET.Element, child: ET.Element, tag: str) -> None:
        attributes = self.attributes(child)
        if tag != "text" and {"f-none", "s-none"} <= set(attributes.get("class", "").split()):
            return
        ET.SubElement(made, tag, attributes).text = child.text if tag == "text" else None

    def _placed(self, made: ET.Element, child: ET.Element) -> None:
        """A mark at its place, drawn itself: nothing in a page refers to another part by name."""
        shape = self.shapes[child.get(_HREF, "").removeprefix("#")]
        attributes = self.attributes(shape) | self.attributes(child)
        if not attributes.get("d", "").strip():
            return
        x, y = (_short(child.get(axis, "0")) for axis in "xy")
        ET.SubElement(made, "path", attributes | {"transform": f"translate({x} {y})"})

    def attributes(self, found: ET.Element) -> dict[str, str]:
        """Its geometry, its colours as classes, its other looks."""
        tag = found.tag.removeprefix(_SVG)
        made = {key: _short(value) for key in _KEPT.get(tag, ()) if (value := found.get(key))}
        style = {key: told for key in ("fill", "stroke") if (told := found.get(key))}
        style |= _declared(found.get("style", ""))
        classes = [self._painted(made, short, key, style[key]) for short, key in (("f", "fill"), ("s", "stroke"))
                   if key in style]  # fmt: skip
        if "font" in style:
            style |= _font(style["font"])
        made |= {key: _short(style[key]) for key in _PROPERTIES if key in style}
        if any(classes):
            made["class"] = " ".join(word for word in classes if word)
        return made

    def _painted(self, made: dict[str, str], short: str, key: str, value: str) -> str:
        """A class for a role of colours; a pattern by its name in this page."""
        if value.startswith("url(#"):
            made[key] = f"url(#{self.name}-{self.patterns.index(value[5:-1])})"
            return ""
        return f"{short}-{_ROLES.get(value, 'none')}"


def _declared(style: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in style.split(";") if ":" in part)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _font(told: str) -> dict[str, str]:
    """`bold 13px 'A Font'` without the font: the page has its own."""
    size = re.search(r"([\d.]+)px", told)
    weight = {"font-weight": "bold"} if re.match(r"(bold|700)\b", told) else {}
    return weight | ({"font-size": size[1]} if size else {})


def _short(value: str) -> str:
    """Numbers with two digits behind the point, on one line."""
    return " ".join(_NUMBER.sub(lambda match: f"{float(match[0]):.2f}".rstrip("0").rstrip("."), value).split())
