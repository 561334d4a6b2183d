"""Who signed a page: author name and address, organisation, and the byline words that tell a reporter's text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from harvester import article_title
from harvester.article_meta import join, words
from harvester.model import DraftAuthor

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from harvester.article_jsonld import JsonLd
    from harvester.article_marks import Marks
    from harvester.article_meta import PageMeta

_META: Final = (
    "author", "article:author", "og:article:author", "dc.creator", "dc:creator", "dcterms.creator", "parsely-author",
    "sailthru.author", "citation_author", "byl", "creator", "article.author", "dcsext.author", "cxenseparse:author",
    "cxenseparse:recs:author", "og:author", "shareaholic:article_author_name",
)  # fmt: skip
_STRONG_CLASS: Final = re.compile(
    r"(?:author|writer|autor)[-_]*(?:name|link)|\bfn\b|p-author|^author$|^byline$", re.IGNORECASE
)
_ELSEWHERE: Final = re.compile(
    r"comment|sidebar|widget|related|recent|recommend|ranking|(?<!post-)(?<!entry-)(?<!article-)footer|\bnav\b|popular",
    re.IGNORECASE,
)
_LEAD: Final = re.compile(
    r"^(?:(?:(?:posted|written|published|created|text|story|words|article)?\s*\bby|von|par|di|por|author|auteur|autor(?:in)?|"
    r"veröffentlicht (?:am|von)|beitrag\s*von|publié par|quelle|source|foto)\b(?=[\s:：/／])|"
    r"著者|筆者|投稿者|執筆者?|書いた人|ライター|この記事を書いた人|文・写真|取材・文|取材|文(?=[\s:：/／]))\s*[:：/／]?\s*",
    re.IGNORECASE,
)
# Several authors in one string: the first stands for them.
_AND: Final = re.compile(r"\s*[;；、]\s*|\s+(?:and|und|et|&|y)\s+|,\s+", re.IGNORECASE)
_TAIL: Final = re.compile(
    r"\s*(?:[|｜/／•·・,、(（]\s*)?(?:(?:19|20)\d\d[年./-]|\d{1,2}[./]\s?\d{1,2}[./]\s?(?:19|20)\d\d|\bon\b\s|am \d|"
    r"\d{1,2}\.\s|posted|published|updated|公開|投稿|更新).*$",
    re.IGNORECASE | re.DOTALL,
)
_NOBODY: Final = frozenset(
    {
        "admin",
        "administrator",
        "author",
        "editor",
        "webmaster",
        "root",
        "user",
        "unknown",
        "anonymous",
        "redaktion",
        "view all posts",
    }
)
_ORGANISATION: Final = re.compile(
    r"編集部|株式会社|有限会社|合同会社|委員会|事務局|協会|新聞社?$|通信$|ニュース$|\b(?:inc|ltd|gmbh|llc|corp|editorial|staff|team|redaktion|newsroom|agency|press)\b",
    re.IGNORECASE,
)
_BYLINE: Final = re.compile(
    r"記者|編集部|取材|ライター|編集者|特派員|論説|執筆|文責|[文聞撮著編][\s・]*[:：=＝／/]|\bby\s+\S|reporter|"
    r"correspondent|staff writer",
    re.IGNORECASE,
)
_MAX_NAME: Final = 80
_MAX_NAME_WORDS: Final = 6
_MAX_PARTS: Final = 12
_MAX_LINE: Final = 120
_EDGE: Final = 200
_MAX_BYLINES: Final = 8


def read(marks: Marks, page: PageMeta, jsonld: JsonLd, text: str) -> tuple[DraftAuthor, tuple[str, ...]]:
    """(author, bylines) of a page whose main text is `text`."""
    signed = [element for element in marks.signed if not _is_elsewhere(element)]
    return _author(signed, page, jsonld), _bylines(signed, text)


def _author(signed: list[HtmlElement], page: PageMeta, jsonld: JsonLd) -> DraftAuthor:
    """The first author that structured data, meta elements or a marked byline name; empty when none does."""
    given = [(_named(name), url, is_org) for name, url, is_org in jsonld.authors]
    given += [(_named(page.meta.get(key, "")), "", False) for key in _META]
    given = [entry for entry in given if _usable(entry[0])]
    own = [entry for entry in given if not _is_site(entry[0], page)]
    # Where only the site itself is named, a byline on the page says more.
    for name, url, is_org in (*own, *((name, url, False) for name, url in _names(signed, page)), *given):
        address = join(page.base, url) if url else ""
        return DraftAuthor(name=name, url=address, is_org=is_org or _is_site(name, page) or _is_organisation(name))
    return DraftAuthor(url=page.rel_author[0] if page.rel_author else "")


def _is_site(name: str, page: PageMeta) -> bool:
    return article_title.key(name) == article_title.key(page.site)


def _is_organisation(name: str) -> bool:
    return _ORGANISATION.search(name) is not None


def _named(raw: str) -> str:
    """A name without the words around it ("Posted by", a date, a role in brackets)."""
    name = " ".join(raw.split())
    name = _AND.split(_TAIL.sub("", _LEAD.sub("", name)), maxsplit=1)[0]
    name = name.strip(" ,;:|/・-–—\"'()（）")
    return name if len(name) <= _MAX_NAME and "@" not in name else ""


def _usable(name: str) -> bool:
    name = name.strip()
    return (
        1 < len(name) <= _MAX_NAME and name.casefold() not in _NOBODY and "://" not in name and not name.startswith("@")
    )


def _names(signed: list[HtmlElement], page: PageMeta) -> list[tuple[str, str]]:
    """(name, address) of elements marked as the author's, the surest first."""
    found = []
    for number, element in enumerate(signed):
        name = _named(element.get("content") or _own_name(element))
        if not _usable(name) or len(name.split()) > _MAX_NAME_WORDS:
            continue
        hint = f"{element.get('class') or ''} {element.get('itemprop') or ''} {element.get('rel') or ''}".split()
        sure = element.get("itemprop") == "author" or any(map(_STRONG_CLASS.search, hint))
        link = element if element.tag == "a" else next(element.iter("a"), None)
        href = link.get("href") if link is not None else None
        found.append((not sure, number, name, join(page.base, href) if href else ""))
    return [(name, url) for _, _, name, url in sorted(found)]


def _own_name(element: HtmlElement) -> str:
    """The text of the part marked as the name, else of the whole element."""
    inner = next(
        (
            e
            for e in element.iter("a", "span", "strong", "b", "cite")
            if e.get("itemprop") == "name" or "fn" in (e.get("class") or "").split()
        ),
        None,
    )
    return words(inner if inner is not None else element) if len(element) < _MAX_PARTS else ""


def _is_elsewhere(element: HtmlElement) -> bool:
    for depth, parent in enumerate((element, *element.iterancestors())):
        if parent.tag in {"aside", "nav"}:
            return True
        if parent.tag in {"article", "main", "body"} or depth > 6:
            return False
        if _ELSEWHERE.search(f"{parent.get('class') or ''} {parent.get('id') or ''}"):
            return True
    return False


def _bylines(signed: list[HtmlElement], text: str) -> tuple[str, ...]:
    """Lines of the first and last 200 characters of the text, and of marked bylines, that name a reporter or writer."""
    found: dict[str, None] = {}
    for element in signed:
        line = words(element) if len(element) < _MAX_PARTS else ""
        if 2 < len(line) <= _MAX_LINE and _BYLINE.search(line):
            found[line] = None
    edges = (text[:_EDGE], text[-_EDGE:]) if len(text) > 2 * _EDGE else (text,)
    for edge in edges:
        for line in edge.split("\n"):
            if _BYLINE.search(line):
                found[line.strip()[:_MAX_LINE]] = None
    return tuple(found)[:_MAX_BYLINES]
