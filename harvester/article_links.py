"""The links of a page's own content with their words, and its next page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from lxml import etree

from harvester.article_meta import join, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from harvester.article_marks import Marks
    from harvester.article_meta import PageMeta

_OUTSIDE_CLASS: Final = re.compile(
    r"comment|sidebar|widget|related|recommend|ranking|popular|share|social|\bsns\b|breadcrumb|pager|pagination|footer|\bnav|menu|"
    r"author|profile|prev|next|tag-?list|banner|advert",
    re.IGNORECASE,
)
_OUTSIDE_TAGS: Final = frozenset({"nav", "footer", "aside", "form"})
_NEXT_WORDS: Final = re.compile(
    r"^\s*(?:次へ|次の?ページ|next(?: page)?|older posts|以前の記事)\s*[»›>→]*\s*$", re.IGNORECASE
)
_LENGTH: Final = etree.XPath("string-length(.)")
_MAX_LINKS: Final = 500
_MAX_WORDS: Final = 300


def main(marks: Marks, page: PageMeta, heading: HtmlElement | None, *, whole: bool) -> tuple[tuple[str, str], ...]:
    """(address, words) of links in the content, each address once; `whole` takes the page but for its frame."""
    root = marks.elements[marks.body]
    container = root if whole else _container(root, marks, heading)
    found: dict[str, str] = {}
    for link in _inside(container):
        address = join(page.base, link.get("href") or "")
        if address and not _same_page(address, page) and (address not in found or not found[address]):
            found[address] = words(link)[:_MAX_WORDS]
            if len(found) >= _MAX_LINKS:
                break
    return tuple(found.items())


def _container(root: HtmlElement, marks: Marks, heading: HtmlElement | None) -> HtmlElement:
    """The element with most text among those that usually hold an article; the body when they hold little."""
    sizes = [(_LENGTH(element), element) for element in marks.containers]
    if heading is not None:
        around = set(heading.iterancestors())
        sizes = [(size * (2 if element in around else 1), element) for size, element in sizes]
    size, best = max(sizes, key=lambda entry: entry[0], default=(0.0, root))
    return best if size >= 200 else root


def _inside(container: HtmlElement) -> Iterator[HtmlElement]:
    """Anchors of an element outside its navigation, comments and side boxes."""
    skipped: set[HtmlElement] = set()
    for element in container.iter(etree.Element):
        parent = element.getparent()
        if element is not container and (parent in skipped or _is_outside(element)):
            skipped.add(element)
        elif element.tag == "a" and element.get("href"):
            yield element


def _is_outside(element: HtmlElement) -> bool:
    if element.tag in _OUTSIDE_TAGS:
        return True
    hint = element.get("class") or element.get("id")
    return (
        hint is not None
        and element.tag in {"div", "ul", "ol", "section", "header", "p", "table"}
        and _OUTSIDE_CLASS.search(hint) is not None
    )


def _same_page(address: str, page: PageMeta) -> bool:
    bare = address.partition("#")[0]
    return bare in {page.url.partition("#")[0], page.canonical}


def following(tree: HtmlElement, page: PageMeta) -> str:
    """The next page of the same thing: rel=next, else a link that says so."""
    for element in tree.iter("link", "a"):
        if "next" in (element.get("rel") or "").lower().split():
            return join(page.base, element.get("href") or "")
    for element in tree.iter("a"):
        text = element.text or ""
        if text and len(text) < 30 and _NEXT_WORDS.match(text):
            return join(page.base, element.get("href") or "")
    return ""
