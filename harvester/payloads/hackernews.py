"""What Hacker News's search tells: a link that somebody submitted with its numbers, or the words of a person. Pure."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING, Any, Final

from harvester.contract import Contract, count, text
from harvester.model import Draft, DraftAuthor, Edge, Link, Reaction
from harvester.text import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

SITE: Final = "https://news.ycombinator.com"
NUMBERS: Final = {"points": "point", "num_comments": "comment"}
_HREF: Final = re.compile(r'<a\s[^>]{0,200}?href="(https?:[^"]+)"')
HITS = Contract(
    required=("objectID", "created_at_i"),
    fields={
        "objectID": "text", "created_at": "text", "created_at_i": "whole number", "author": "text", "title": "text",
        "url": "text", "points": "whole number", "num_comments": "whole number", "story_text": "text",
        "comment_text": "text", "parent_id": "whole number", "story_id": "whole number",
    },
    unread=frozenset({"_highlightResult", "_tags", "children", "story_title", "story_url", "updated_at"}),
)  # fmt: skip


def said_in(hit: dict[str, Any]) -> str:
    """All words of a hit."""
    return "\n".join((text(hit.get("title")), *(plain(text(hit.get(name))) for name in ("story_text", "comment_text"))))


def found_in(hit: dict[str, Any]) -> Iterator[Draft | Link | Reaction | Edge]:
    """A hit as found: a link with its numbers and who submitted it, or the words of a question or a comment."""
    handle, url, said = text(hit.get("author")), text(hit.get("url")), text(hit.get("created_at"))
    author = DraftAuthor(platform="hackernews", handle=handle, url=f"{SITE}/user?id={handle}" if handle else "")
    counted = ((name, count(hit.get(field))) for field, name in NUMBERS.items())
    numbers = tuple((name, value) for name, value in counted if value is not None)
    if url:
        yield Link(url=url, text=text(hit.get("title")))
        yield from (Reaction(url=url, name=name, value=value) for name, value in numbers)
        if handle:
            yield Edge(type="bookmark", target=url, actor=author, at=said)
        return
    markup, parent = text(hit.get("comment_text")) or text(hit.get("story_text")), count(hit.get("parent_id"))
    yield Draft(
        url=f"{SITE}/item?id={hit['objectID']}", native_id=str(hit["objectID"]), platform="hackernews", kind="qa",
        title=text(hit.get("title")), text=plain(markup), author=author, published=said, published_origin="api",
        links=tuple(dict.fromkeys(html.unescape(found) for found in _HREF.findall(markup))),
        relation="reply" if parent else "", target=f"{SITE}/item?id={parent}" if parent else "", reactions=numbers,
        conversation=str(hit["story_id"]) if count(hit.get("story_id")) else "",
        raw=json.dumps({key: value for key, value in hit.items() if key != "_highlightResult"}, ensure_ascii=False),
    )  # fmt: skip
