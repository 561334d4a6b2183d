"""An article of a Forem site, as lists and as its own answer tell it, read into a draft. Pure."""

from __future__ import annotations

import html
import json
import re
from typing import Any, Final

from harvester.contract import Contract, count, text
from harvester.model import Draft, DraftAuthor
from harvester.payloads.answers import part
from harvester.text import plain

ARTICLES: Final = Contract(
    required=("id", "url"),
    fields={
        "id": "whole number", "url": "text", "title": "text", "description": "text", "canonical_url": "text",
        "published_at": "text", "published_timestamp": "text", "edited_at": "text", "tag_list": "list",
        "positive_reactions_count": "whole number", "comments_count": "whole number", "user": "object",
        "user.username": "text", "user.name": "text", "user.website_url": "text", "organization": "object",
        "organization.name": "text",
    },
    unread=frozenset({
        "type_of", "cover_image", "readable_publish_date", "social_image", "tags", "slug", "path",
        "public_reactions_count", "created_at", "crossposted_at", "last_comment_at", "reading_time_minutes",
        "flare_tag", "collection_id",
    }),
)  # fmt: skip
_REACTIONS: Final = {"positive_reactions_count": "like", "comments_count": "comment"}
_LONGEST_MARKUP: Final = 200_000  # of more, the Markdown is the text: markup is read on the event loop here
# Not kept in the record: the text, and the tags, which a list and an article's own answer write in two ways.
_TOLD_TWICE: Final = frozenset({"body_html", "body_markdown", "tag_list", "tags"})
_HREF: Final = re.compile(r'<a\s[^>]{0,500}?href="(https?://[^"]+)"')


def draft_of(item: dict[str, Any]) -> Draft:
    """An article as found, known by its address as its page is. A list tells no text: its beginning is not kept."""
    user, organisation = part(item.get("user")), part(item.get("organization"))
    handle, url, markup = text(user.get("username")), str(item["url"]), text(item.get("body_html"))
    return Draft(
        url=url, platform="devto", kind="article", title=text(item.get("title")), hashtags=_tags(item),
        text=plain(markup) if 0 < len(markup) <= _LONGEST_MARKUP else text(item.get("body_markdown")),
        links=tuple(dict.fromkeys(html.unescape(found) for found in _HREF.findall(markup))),
        published=text(item.get("published_at")) or text(item.get("published_timestamp")), published_origin="api",
        updated=text(item.get("edited_at")), canonical_url=text(item.get("canonical_url")) or url,
        reactions=tuple((name, n) for key, name in _REACTIONS.items() if (n := count(item.get(key))) is not None),
        publisher=text(organisation.get("name")),
        raw=json.dumps({key: value for key, value in item.items() if key not in _TOLD_TWICE}, ensure_ascii=False),
        author=DraftAuthor(
            platform="devto", handle=handle, name=text(user.get("name")), website=text(user.get("website_url")),
            url=f"https://dev.to/{handle}" if handle else "",
        ),
    )  # fmt: skip


def _tags(item: dict[str, Any]) -> tuple[str, ...]:
    """Lists have them in `tag_list`; an article's own answer has them in `tags`, and a text in `tag_list`."""
    tags = next((value for key in ("tag_list", "tags") if isinstance(value := item.get(key), list)), [])
    return tuple(tag for tag in tags if isinstance(tag, str))
