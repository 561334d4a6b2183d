"""schema.org data in a page (`<script type="application/ld+json">`), read tolerantly.

Sites write it with comments, raw line breaks and trailing commas, alone, in lists, in `@graph` and nested.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from harvester.text import safe_json_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

# What we call an article, the most telling first.
ARTICLE_TYPES: Final = (
    "NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle", "OpinionNewsArticle", "BackgroundNewsArticle",
    "ReviewNewsArticle", "BlogPosting", "TechArticle", "LiveBlogPosting", "ScholarlyArticle", "Report", "Article",
    "SocialMediaPosting", "DiscussionForumPosting", "Review", "Recipe",
)  # fmt: skip
# Pages that list others, or are not text.
PAGE_TYPES: Final = frozenset(
    {"CollectionPage", "SearchResultsPage", "ProfilePage", "ItemList", "Blog", "ContactPage", "AboutPage"}
)
_DATED_TYPES: Final = (*ARTICLE_TYPES, "VideoObject", "PodcastEpisode", "QAPage", "Question", "WebPage")
_MAX_BYTES: Final = 1_000_000
_MAX_SCRIPTS: Final = 1000
_MAX_DEPTH: Final = 12
_MAX_NODES: Final = 2_000
_NOISE: Final = re.compile(
    r"\A\s*(?:<!--|/\*\s*<!\[CDATA\[\s*\*/|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*;?\s*\Z"
)
_TRAILING_COMMA: Final = re.compile(r",(?=\s*[}\]])")
_STRING: Final = r'"\s*:\s*"((?:[^"\\]|\\.){1,500})"'


@dataclass(slots=True)
class JsonLd:
    """The page's main article as its structured data tells it; empty strings where it does not."""

    types: list[str] = field(default_factory=list)
    type: str = ""
    headline: str = ""
    published: str = ""
    modified: str = ""
    authors: list[tuple[str, str, bool]] = field(default_factory=list)
    publisher: str = ""
    language: str = ""


def read(tree: HtmlElement) -> JsonLd:
    """All scripts of a page folded into one answer."""
    found = JsonLd()
    nodes: list[dict[str, Any]] = []
    for number, script in enumerate(tree.iter("script")):
        if number > _MAX_SCRIPTS or len(nodes) > _MAX_NODES:
            break
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        raw = script.text or ""
        if not raw.strip() or len(raw) > _MAX_BYTES:
            continue
        value = _load(raw)
        if value is None:
            _salvage(raw, found)
        else:
            nodes.extend(_nodes(value))
    named = {str(node["@id"]): node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
    _fill(found, nodes, named)
    return found


def _load(raw: str) -> Any:
    for text in (raw, _TRAILING_COMMA.sub("", _NOISE.sub("", raw))):
        try:
            return safe_json_value(json.loads(text, strict=False))
        except (ValueError, RecursionError):
            continue
    return None


def _salvage(raw: str, found: JsonLd) -> None:
    """The few values that matter from a script no JSON parser takes."""
    for name, attribute in (("datePublished", "published"), ("dateModified", "modified"), ("headline", "headline")):
        match = re.search(f'"{name}{_STRING}', raw)
        if match and not getattr(found, attribute):
            setattr(found, attribute, _string(match[1].replace('\\"', '"').replace("\\/", "/")))
    kind = re.search(f'"@type{_STRING}', raw)
    if kind:
        found.types.append(kind[1])


def _nodes(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Every object with a type, outer ones first; not into the lists of other things a page mentions."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value[:500]:
            yield from _nodes(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage", "hasPart", "video", "author", "publisher", "isPartOf"):
            if isinstance(value.get(key), dict | list):
                yield from _nodes(value[key], depth + 1)


def _types(node: dict[str, Any]) -> list[str]:
    kinds = node.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return [kind.rsplit("/", 1)[-1].rsplit(":", 1)[-1] for kind in kinds if isinstance(kind, str)]


def _fill(found: JsonLd, nodes: list[dict[str, Any]], named: dict[str, dict[str, Any]]) -> None:
    found.types.extend(kind for node in nodes for kind in _types(node))
    ranked = sorted(
        (
            (_DATED_TYPES.index(kind), number, node)
            for number, node in enumerate(nodes)
            for kind in _types(node)
            if kind in _DATED_TYPES
        ),
        key=lambda entry: entry[:2],
    )
    found.type = next((kind for kind in ARTICLE_TYPES if kind in found.types), "")
    for _, _, node in ranked:
        is_page = "WebPage" in _types(node)
        found.published = found.published or _string(
            node.get("datePublished") or (None if is_page else node.get("uploadDate") or node.get("dateCreated"))
        )
        found.modified = found.modified or _string(node.get("dateModified"))
        found.language = found.language or _string(node.get("inLanguage"))
        if not is_page:
            found.headline = found.headline or _string(node.get("headline")) or _string(node.get("name"))
            found.authors = found.authors or _people(node.get("author") or node.get("creator"), named)
            found.publisher = found.publisher or next(
                (name for name, _, _ in _people(node.get("publisher"), named)), ""
            )


def _people(value: Any, named: dict[str, dict[str, Any]]) -> list[tuple[str, str, bool]]:
    """(name, address, is an organisation) of an author or publisher property."""
    people: list[tuple[str, str, bool]] = []
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str) and one.strip() and not one.startswith(("http://", "https://")):
            people.append((_string(one), "", False))
        elif isinstance(one, dict):
            reference = one.get("@id")
            whole = named.get(reference, one) if isinstance(reference, str) and "name" not in one else one
            name = _string(whole.get("name"))
            if name:
                kinds = _types(whole)
                is_org = (
                    bool(kinds)
                    and "Person" not in kinds
                    and any("Organization" in kind or kind == "Corporation" for kind in kinds)
                )
                people.append((name, _string(whole.get("url")), is_org))
    return people[:20]


def _string(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name") or ""
    return " ".join(html.unescape(value).split()) if isinstance(value, str) else ""
