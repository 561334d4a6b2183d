"""The main text when the extractor's answer does not fit the page: its own paragraphs, or a slower second look.

Long reads come in several blocks with advertisements between; the extractor's fast mode keeps the first. The
paragraphs of the page tell when that happened.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from lxml import etree

from harvester.article_meta import words

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_PARAGRAPHS: Final = etree.XPath("//p[not(ancestor::aside or ancestor::footer or ancestor::nav or ancestor::form)]")
# Advertisements stand inside paragraphs, and paragraphs that nobody closes swallow the scripts behind them.
_HIDDEN: Final = ("script", "style", "noscript", "template")
_SHOWN: Final = etree.XPath(f".//text()[not({' or '.join(f'ancestor::{tag}' for tag in _HIDDEN)})]")
_OUTSIDE: Final = re.compile(
    r"comment|sidebar|widget|related|recommend|ranking|popular|share|promo|footer|newsletter|subscribe|author|profile|disclaimer|"
    r"teaser|caption|cookie",
    re.IGNORECASE,
)
# A paragraph of prose; shorter ones are labels, dates and buttons.
_PROSE: Final = 80
_PROSE_CJK: Final = 30
_MANY: Final = 600
_MISSING: Final = 1.5
_LEVELS: Final = 8


def paragraphs(tree: HtmlElement) -> list[str]:
    """The prose of a page in order, without what stands in comments, side boxes and captions."""
    outside: dict[HtmlElement, bool] = {}
    found = []
    for element in _PARAGRAPHS(tree):
        parent = element.getparent()
        if parent not in outside:
            outside[parent] = _is_outside(parent)
        if outside[parent] or _OUTSIDE.search(element.get("class") or ""):
            continue
        text = _words(element)
        if len(text) >= (_PROSE if text.isascii() else _PROSE_CJK):
            found.append(text)
    return found


def _words(element: HtmlElement) -> str:
    if next(element.iter(*_HIDDEN), None) is None:
        return words(element)
    return " ".join("".join(_SHOWN(element)).split())


def _is_outside(element: HtmlElement) -> bool:
    for depth, parent in enumerate((element, *element.iterancestors())):
        if parent.tag in {"body", "article", "main"} or depth > _LEVELS:
            return False
        if _OUTSIDE.search(f"{parent.get('class') or ''} {parent.get('id') or ''}"):
            return True
    return False


def falls_short(text: str, prose: list[str]) -> bool:
    """Whether the extracted text misses a large part of the page's prose."""
    total = sum(map(len, prose))
    return total >= _MANY and total > _MISSING * len(text)


def has_no_prose(text: str, prose: list[str]) -> bool:
    """Whether there is text and hardly a paragraph: the page is built of line breaks or table cells."""
    return len(text) >= _MANY and sum(map(len, prose)) * 10 < len(text)
