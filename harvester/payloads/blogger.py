"""The JSON feeds of Blogger as drafts: Atom with every text in a `$t`. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from harvester.contract import Contract, text
from harvester.model import Draft, DraftAuthor
from harvester.text import plain

if TYPE_CHECKING:
    from datetime import datetime

PER_PAGE: Final = 150
LONGEST_MARKUP: Final = 200_000  # of more, a short beginning is the text: markup is read on the event loop here
ENTRIES: Final = Contract(
    required=("id", "link"),
    fields={
        "id": "object", "link": "list", "title": "object", "content": "object", "summary": "object",
        "published": "object", "updated": "object", "author": "list", "category": "list", "thr$total": "object",
    },
    unread=frozenset({"media$thumbnail", "georss$featurename", "georss$point", "georss$box", "gd$etag"}),
)  # fmt: skip


def page_url(host: str, words: str, window: tuple[datetime, datetime], start: int) -> str:
    """The address of a page of a blog's posts within a window; `words` "" for all of them."""
    first, last = (f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in window)
    fields = {
        "alt": "json", "max-results": PER_PAGE, "start-index": start, "orderby": "published", "published-min": first,
        "published-max": last, **({"q": words} if words else {}),
    }  # fmt: skip
    return f"https://{host}/feeds/posts/default?{urlencode(fields)}"


def total_of(feed: dict[str, Any]) -> int | None:
    """How many posts there are in all, None when the feed does not say."""
    return whole(words_of(feed, "openSearch$totalResults"))


def whole(told: str) -> int | None:
    """A whole number that is written as a text."""
    return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else None


def words_of(record: dict[str, Any], name: str) -> str:
    """The text of an element."""
    value = record.get(name)
    return text(value.get("$t")) if isinstance(value, dict) else ""


def draft_of(entry: dict[str, Any]) -> Draft | None:
    """A post; None without an address of its own."""
    url = next((text(link.get("href")) for link in _objects(entry, "link") if link.get("rel") == "alternate"), "")
    if not url:
        return None
    body = words_of(entry, "content") or words_of(entry, "summary")
    comments = whole(words_of(entry, "thr$total"))
    author = next(iter(_objects(entry, "author")), {})
    return Draft(
        url=url, title=words_of(entry, "title"), text=plain(body[:LONGEST_MARKUP]),
        published=words_of(entry, "published"), published_origin="api", updated=words_of(entry, "updated"),
        author=DraftAuthor(name=words_of(author, "name"), url=words_of(author, "uri")),
        hashtags=tuple(text(tag.get("term")) for tag in _objects(entry, "category") if text(tag.get("term"))),
        reactions=(("comment", comments),) if comments is not None else (),
    )  # fmt: skip


def _objects(entry: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = entry.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
