"""WordPress's REST interface as drafts, and how a site tells that it has one. Pure."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode, urljoin, urlsplit

from harvester.contract import Contract, text
from harvester.model import Draft, DraftAuthor
from harvester.payloads.answers import part, refusal
from harvester.text import plain

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from harvester.event import Event

PER_PAGE: Final = 100
LONGEST_MARKUP: Final = 200_000  # of more, the excerpt is the text: markup is read on the event loop here
POSTS: Final = Contract(
    required=("id", "link"),
    fields={
        "id": "whole number", "link": "text", "date_gmt": "text", "modified_gmt": "text", "title": "object",
        "title.rendered": "text", "content": "object", "content.rendered": "text", "excerpt": "object",
        "excerpt.rendered": "text", "_embedded": "object",
    },
    unread=frozenset({"_links", "tags"}),
)  # fmt: skip
_HOSTED: Final = "https://public-api.wordpress.com/wp/v2/sites/{}/posts"
_FIELDS: Final = "id,date_gmt,modified_gmt,link,title,content,excerpt,_links,_embedded"
_REL: Final = re.compile(r"<([^<>]{1,2000})>\s*;[^,]{0,200}?rel=\"?https://api\.w\.org/", re.IGNORECASE)
_TAG: Final = re.compile(r"<link\b([^<>]{0,1000})>", re.IGNORECASE)
_HREF: Final = re.compile(r"""\bhref\s*=\s*["']([^"']+)["']""", re.IGNORECASE)


def window_of(event: Event) -> tuple[datetime, datetime]:
    """The time that is asked for: it is compared with a site's own clock, so a day more at both ends."""
    first, last = event.window()
    return first - timedelta(days=1), last + timedelta(days=1)


def hosted_at(site: str) -> str:
    """The interface of a blog below wordpress.com, "" for another site."""
    host = site.partition("/")[0]
    return _HOSTED.format(host) if host.endswith(".wordpress.com") else ""


def root_of(link_header: str, page: str, url: str) -> str:
    """The interface that the page at `url` advertises for its own site, in its headers or its head; "" for none."""
    told = _advertised(link_header, page)
    root = urljoin(url, told) if told else ""
    return root if urlsplit(root).netloc == urlsplit(url).netloc else ""


def _advertised(link_header: str, page: str) -> str:
    if found := _REL.search(link_header):
        return found[1].strip()
    for tag in _TAG.finditer(page):
        if "https://api.w.org/" in tag[1] and (href := _HREF.search(tag[1])):
            return unescape(href[1]).strip()
    return ""


def problem(body: bytes, status: int) -> str:
    """Why a site does not offer its posts, in its own word where it has one."""
    try:
        told = text(part(json.loads(body)).get("code"))
    except (ValueError, RecursionError):
        told = ""
    return told or refusal(body, status)


def page_url(root: str, words: str, window: tuple[datetime, datetime], page: int) -> str:
    """The address of a page of a search within a window, newest posts first.

    `after` and `before` are compared with the site's own clock: the caller leaves a day at both ends.
    """
    first, last = (f"{at:%Y-%m-%dT%H:%M:%S}" for at in window)
    fields = {
        "search": words, "after": first, "before": last, "per_page": PER_PAGE, "page": page, "_fields": _FIELDS,
        "_embed": "author,wp:term",
    }  # fmt: skip
    posts = root if root.endswith("/posts") else f"{root.rstrip('/')}/wp/v2/posts"
    return f"{posts}{'&' if '?' in posts else '?'}{urlencode(fields)}"  # with ? where a site has no pretty addresses


def draft_of(record: dict[str, Any]) -> Draft:
    """A post of a site. Its times are Greenwich's, without saying so."""
    written, short = _rendered(record, "content"), _rendered(record, "excerpt")
    body = written if len(written) <= LONGEST_MARKUP else short[:LONGEST_MARKUP]
    edited = text(record.get("modified_gmt"))
    return Draft(
        url=text(record.get("link")), title=plain(_rendered(record, "title")[:2000]), text=plain(body or short),
        author=_author(record), published=_moment(text(record.get("date_gmt"))), published_origin="api",
        updated=_moment(edited), hashtags=tuple(_tags(record)), visibility="password" if _locked(record) else "",
    )  # fmt: skip


def _rendered(record: dict[str, Any], name: str) -> str:
    value = record.get(name)
    return text(value.get("rendered")) if isinstance(value, dict) else ""


def _locked(record: dict[str, Any]) -> bool:
    """Whether its words are shown only to those who know a password."""
    content = record.get("content")
    return isinstance(content, dict) and content.get("protected") is True


def _moment(told: str) -> str:
    """With its zone; WordPress writes a moment that it does not know as the year 0."""
    return f"{told}Z" if told and not told.startswith("0000") and not told.endswith("Z") else ""


def _embedded(record: dict[str, Any], name: str) -> list[Any]:
    embedded = record.get("_embedded")
    value = embedded.get(name) if isinstance(embedded, dict) else None
    return value if isinstance(value, list) else []


def _author(record: dict[str, Any]) -> DraftAuthor:
    told = next((one for one in _embedded(record, "author") if isinstance(one, dict)), {})
    return DraftAuthor(name=text(told.get("name")), url=text(told.get("link")), website=text(told.get("url")))


def _tags(record: dict[str, Any]) -> Iterable[str]:
    for terms in _embedded(record, "wp:term"):
        for term in terms if isinstance(terms, list) else ():
            if isinstance(term, dict) and term.get("taxonomy") == "post_tag" and text(term.get("name")):
                yield unescape(text(term.get("name")))


def narrowest(names: Iterable[str]) -> list[str]:
    """The names that find what the others find too: a search for "Conf 2026" finds "The Conf 2026"."""
    asked = list(dict.fromkeys(name for name in names if name.strip()))
    folded = {name: " ".join(name.casefold().split()) for name in asked}
    return [
        name for name in asked
        if not any(folded[other] in folded[name] and folded[other] != folded[name] for other in asked)
    ]  # fmt: skip
