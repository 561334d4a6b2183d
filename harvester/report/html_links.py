"""Numbers in a sentence as links: each to the posts behind it, else to the line that says what it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from markupsafe import Markup, escape

from harvester.report.blocks import Prose
from harvester.text import shown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

# A number on its own. Days and moments, numbers within a name and those of a version are none.
_NUMBER: Final = re.compile(
    r"\d{4}-\d\d(?:-\d\d)?(?:[ T]\d\d:\d\d)?|\d{4}年(?:\d{1,2}月)?(?:\d{1,2}日)?"
    r"|(?<![A-Za-z_#/.\d-])(?P<number>[≥×]?\d(?:[\d.,]*\d)?(?:[–〜]\d(?:[\d.,]*\d)?)?(?: ?%| h)?)(?![A-Za-z_/\d-])"
)
_NO_NAMES: Final[Mapping[str, tuple[str, ...]]] = {}
# What stays on one line: a number with its unit, and a dot between parts with the part before it.
_HELD: Final = re.compile(r"(?:(?<=\d)|^) (?=(?:%|h)(?![A-Za-z])|[\u3040-\u30ff\u4e00-\u9fff])| (?=· )")


def numbered(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Each number that stands in a name, with the names it stands in: "2026" is no count in "PyCon JP 2026"."""
    found: dict[str, list[str]] = {}
    for name in names:
        for match in _NUMBER.finditer(name):
            if match["number"]:
                found.setdefault(match["number"], []).append(name)
    return {number: tuple(held) for number, held in found.items()}


def prose(
    text: str, anchors: Collection[str], to: str = "", names: Mapping[str, tuple[str, ...]] = _NO_NAMES
) -> Markup:
    """Text as HTML: the links of a `Prose`, and its other numbers leading to its `to` (or else to `to`).

    Only what is in `anchors` is linked, and no number within one of the `names` that `numbered` prepared. A space that
    a line must not break at becomes one that does not.
    """
    links = text.links if isinstance(text, Prose) else ()
    rest = (text.to if isinstance(text, Prose) else "") or to
    told, made = str(text), []
    for link in links:
        before, found, after = told.partition(str(link))
        if found and link.to in anchors:
            made += [*_numbers(before, rest if rest in anchors else "", names), _link(found, link.to)]
            told = after
    return Markup("").join([*made, *_numbers(told, rest if rest in anchors else "", names)])


def _numbers(text: str, to: str, names: Mapping[str, tuple[str, ...]]) -> Iterator[Markup]:
    at = 0
    for match in _NUMBER.finditer(text) if to else ():
        if match["number"] and not any(_within(name, match) for name in names.get(match["number"], ())):
            yield _plain(text[at : match.start()])
            yield _link(match[0], to)
            at = match.end()
    yield _plain(text[at:])


def _within(name: str, match: re.Match[str]) -> bool:
    """Whether the number stands where this name does."""
    around = match.string[max(0, match.start() - len(name)) : match.end() + len(name)]
    start = match.start() - max(0, match.start() - len(name))
    at = around.find(name)
    while at >= 0:
        if at <= start and at + len(name) >= start + len(match[0]):
            return True
        at = around.find(name, at + 1)
    return False


def _plain(text: str) -> Markup:
    return escape(_HELD.sub("\N{NO-BREAK SPACE}", shown(text)))


def _link(text: str, to: str) -> Markup:
    return Markup('<a class="to" href="#{}">{}</a>').format(to, _plain(text))
