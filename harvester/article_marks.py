"""One walk over a page's elements: which are marked as dates, as the author's, as the content. Order is kept.

Asking for each class by XPath costs three times as much as looking at every element once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from lxml import etree

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# For lower-case text: without the flag a character that starts none of the words is passed at once.
_ANY: Final = re.compile(r"date|day|time|posted|publish|author|byline|writer|autor|vcard|content|body|main|article")
_DATE: Final = re.compile(r"date|posted|publish|time|\bday|day\b", re.IGNORECASE)
_AUTHOR: Final = re.compile(r"author|byline|writer|autor|vcard", re.IGNORECASE)
_CONTENT: Final = re.compile(
    r"(?:entry|article|post)[-_](?:content|body)|markdown-body|articleBody|(?:^|\s)(?:content|main)(?:\s|$)",
    re.IGNORECASE,
)
_MAX_DATES: Final = 120
_MAX_SIGNED: Final = 60
_MAX_CONTAINERS: Final = 20
_NO_BYLINE: Final = frozenset({"meta", "link", "body", "html", "article", "main"})


@dataclass(slots=True)
class Marks:
    """`elements` is the whole page in document order; the other lists hold (place in it, element)."""

    elements: list[HtmlElement] = field(default_factory=list)
    dates: list[tuple[int, HtmlElement]] = field(default_factory=list)
    signed: list[HtmlElement] = field(default_factory=list)
    containers: list[HtmlElement] = field(default_factory=list)
    body: int = 0

    def place(self, element: HtmlElement | None) -> int:
        """Position of an element in the page; the top when there is none."""
        return self.elements.index(element) if element is not None else 0


def collect(tree: HtmlElement) -> Marks:
    """Walk the page once. Elements with the same attributes are many, so each set of them is judged once."""
    marks = Marks(elements=list(tree.iter(etree.Element)))
    judged: dict[tuple[str | None, ...], str] = {}
    for place, element in enumerate(marks.elements):
        tag, get = element.tag, element.get
        if tag == "time":
            marks.dates.append((place, element))
        elif tag in {"article", "main"}:
            marks.containers.append(element)
        elif tag == "body":
            marks.body = place
        names = (get("class"), get("id"), get("itemprop"), get("rel"), get("role"))
        hint = judged.get(names)
        if hint is None:
            hint = " ".join([name or "" for name in names])
            hint = judged[names] = hint if len(hint) > 4 and _ANY.search(hint.lower()) else ""
        if hint:
            _sort(marks, place, element, hint)
    del marks.dates[_MAX_DATES:], marks.signed[_MAX_SIGNED:], marks.containers[_MAX_CONTAINERS:]
    return marks


def _sort(marks: Marks, place: int, element: HtmlElement, hint: str) -> None:
    tag = element.tag
    if tag in {"html", "head", "link", "script"}:
        return
    if tag != "time" and (_DATE.search(hint) or element.get("pubdate") is not None):
        marks.dates.append((place, element))
    if tag not in _NO_BYLINE and _AUTHOR.search(hint):
        marks.signed.append(element)
    if tag not in {"article", "main", "body"} and _CONTENT.search(hint):
        marks.containers.append(element)
