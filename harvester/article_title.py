"""The headline of a page, without the site's name: what heading, og:title, JSON-LD and <title> agree on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from harvester.article_meta import words

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from harvester.article_meta import PageMeta

_BETWEEN: Final = re.compile(r"\s+[|｜–—•·»›«‹/\\\-~―:：]{1,2}\s+|\s*[|｜»«]\s*|\s+::\s+|：(?=\S{2,20}\Z)")
_TITLE_CLASS: Final = re.compile(
    r"(?:entry|post|article|blog|content|page|news|story)[-_]*(?:title|head)|headline|\btitle\b", re.IGNORECASE
)
_ASIDE_CLASS: Final = re.compile(
    r"foot|aside|sidebar|comment|widget|related|\bnav|menu|recommend|ranking", re.IGNORECASE
)
_MAX_HEADINGS: Final = 60
_MAX_LENGTH: Final = 400


@dataclass(slots=True)
class Heading:
    """One h1 to h3 with how well it serves as the title."""

    element: HtmlElement
    text: str
    score: float


def key(text: str) -> str:
    """Letters and digits only, folded: titles differ in dashes and quotes between head and body."""
    return re.sub(r"[\W_]+", "", text).casefold()


def choose(tree: HtmlElement, page: PageMeta, jsonld_headline: str) -> tuple[str, HtmlElement | None]:
    """(title, the heading element that shows it, if one does)."""
    og = page.first("og:title", "twitter:title", "dc.title", "dcterms.title")[:_MAX_LENGTH]
    # A copy of <title> with a bar in it carries the site's name too.
    og = without_site(og, page, guess=key(og) == key(page.title) and not {"|", "｜"}.isdisjoint(og))
    if key(og) == key(page.site):
        og = ""
    head = without_site(page.title[:_MAX_LENGTH], page, guess=not og)
    best = _best_heading(tree, page, og, head, jsonld_headline)
    if best is not None:
        shown, wanted = key(best.text), key(og)
        if _is_part(wanted, shown, key(page.title)):
            return og, best.element
        if best.score >= 3.5:
            return best.text, best.element
    title = og or jsonld_headline
    if not title and best is not None and best.score >= 2:
        title = best.text
    title = title or head or (best.text if best is not None else "")
    return title, best.element if best is not None else None


def _is_part(wanted: str, shown: str, head: str) -> bool:
    """Whether a heading is the og:title with a kicker before or a date behind it."""
    if len(wanted) < 6 or wanted == shown or len(wanted) < 0.4 * len(shown):
        return False
    return shown.endswith(wanted) or (shown.startswith(wanted) and shown not in head)


def without_site(title: str, page: PageMeta, *, guess: bool) -> str:
    """Take the site's name off either end. `guess` also drops a last part that nothing identifies."""
    spans = [match.span() for match in _BETWEEN.finditer(title)]
    if not spans:
        return title
    parts = (title[: spans[0][0]], title[spans[-1][1] :])
    if _is_site(parts[1], page):
        return without_site(title[: spans[-1][0]].strip(), page, guess=False)
    if _is_site(parts[0], page):
        return without_site(title[spans[0][1] :].strip(), page, guess=False)
    if guess and len(spans) > 1:
        longest = max(_BETWEEN.split(title), key=len)
        return (longest if len(longest) * 2 > len(title) else title[: spans[-1][0]]).strip()
    if guess and len(parts[0]) >= 0.6 * len(parts[1]):
        return parts[0].strip()
    return title


def _is_site(part: str, page: PageMeta) -> bool:
    name, site = key(part), key(page.site)
    if not name:
        return True
    host = key(page.host)
    if name == site or (len(name) >= 3 and name in host):
        return True
    return len(site) > 3 and (site in name or (len(name) > 3 and name in site)) and len(name) < len(site) + 25


def _best_heading(tree: HtmlElement, page: PageMeta, og: str, head: str, jsonld: str) -> Heading | None:
    wanted = [key(og), key(jsonld), key(head)]
    segments = {key(part) for part in _BETWEEN.split(page.title[:_MAX_LENGTH])} - {key(page.site)}
    whole = key(page.title)
    best: Heading | None = None
    lone = sum(1 for _ in tree.iter("h1")) == 1 and not og
    for number, element in enumerate(tree.iter("h1", "h2", "h3")):
        if number > _MAX_HEADINGS:
            break
        text = words(element)
        name = key(text)
        if len(name) < 2 or len(text) > _MAX_LENGTH or name == key(page.site):
            continue
        score = 3 * sum(_agreement(name, other) for other in wanted if other)
        if name in segments:
            score += 2 * len(name) / max(1, len(whole)) + 0.5
        elif name in whole:
            score += len(name) / len(whole)
        if not score and not (lone and element.tag == "h1"):
            continue
        score += _standing(element, page) - number * 0.02
        if best is None or score > best.score:
            best = Heading(element, text, score)
    return best


def _agreement(one: str, other: str) -> float:
    """1 for the same, the share of the longer that the shorter covers when it is part of it, else 0."""
    short, long = sorted((one, other), key=len)
    return len(short) / len(long) if short in long else 0.0


def _standing(element: HtmlElement, page: PageMeta) -> float:
    """What tag, class and surroundings say for or against a heading being the title."""
    score = {"h1": 2.0, "h2": 0.5}.get(str(element.tag), 0.0)
    if _TITLE_CLASS.search(" ".join(filter(None, (element.get("class"), element.get("id"), element.get("itemprop"))))):
        score += 1
    if any(_is_root(link.get("href") or "", page) for link in element.iter("a")):
        score -= 4
    for depth, parent in enumerate(element.iterancestors()):
        if depth > 5:
            break
        if parent.tag in {"article", "main"}:
            score += 0.5
        if parent.tag in {"footer", "aside", "nav"} or _ASIDE_CLASS.search(
            f"{parent.get('class') or ''} {parent.get('id') or ''}"
        ):
            return score - 2
    return score


def _is_root(href: str, page: PageMeta) -> bool:
    try:
        link, own = urlsplit(href), urlsplit(page.url)
    except ValueError:
        return False
    here = not link.hostname or link.hostname == own.hostname
    at_root = link.path.rstrip("/") in {"", "/index.html", "/index.php"} and own.path.rstrip("/") != link.path.rstrip(
        "/"
    )
    return here and at_root and not link.query and not href.startswith("#")
