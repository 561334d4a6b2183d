"""What a record of Qiita's API v2 says, as a draft. Pure.

A field of another kind than the contract's is read as not there; most of an author's texts may be null.
"""

from __future__ import annotations

import html
import json
import re
from typing import Any, Final

from harvester.contract import Contract, count, text
from harvester.model import Draft, DraftAuthor
from harvester.payloads.answers import part
from harvester.text import plain

LONGEST_MARKUP: Final = 200_000  # of more, the Markdown is the text: markup is read on the event loop here
_HREF: Final = re.compile(r'<a\s[^>]{0,500}?href="(https?://[^"]+)"')
_REACTIONS: Final = {"likes_count": "like", "stocks_count": "stock", "comments_count": "comment"}
ARTICLES: Final = Contract(
    required=("id", "url"),
    fields={
        "id": "text", "url": "text", "title": "text", "body": "text", "rendered_body": "text", "created_at": "text",
        "updated_at": "text", "likes_count": "whole number", "stocks_count": "whole number",
        "comments_count": "whole number", "tags": "list", "private": "yes/no", "slide": "yes/no",
        "organization_url_name": "text", "user": "object", "user.id": "text", "user.followers_count": "whole number",
    },
    unread=frozenset({
        "coediting", "group", "page_views_count", "posting_campaign_uuid", "reactions_count", "team_membership",
    }),
)  # fmt: skip


def draft_of(item: dict[str, Any]) -> Draft:
    """One article of the API as found."""
    markup = text(item.get("rendered_body"))
    tags = [tag for tag in item["tags"] if isinstance(tag, dict)] if isinstance(item.get("tags"), list) else []
    reactions = ((name, count(item.get(key))) for key, name in _REACTIONS.items())
    return Draft(
        url=str(item["url"]), native_id=str(item["id"]), platform="qiita", kind="article",
        title=text(item.get("title")), author=author_of(item),
        text=plain(markup) if 0 < len(markup) <= LONGEST_MARKUP else text(item.get("body")),
        published=text(item.get("created_at")), published_origin="api", updated=text(item.get("updated_at")),
        hashtags=tuple(name for tag in tags if (name := text(tag.get("name")))),
        links=tuple(dict.fromkeys(html.unescape(url) for url in _HREF.findall(markup))),
        reactions=tuple((name, n) for name, n in reactions if n is not None),
        publisher=text(item.get("organization_url_name")), flags=("slide_mode",) if item.get("slide") is True else (),
        raw=json.dumps({key: value for key, value in item.items() if key != "rendered_body"}, ensure_ascii=False),
    )  # fmt: skip


def author_of(item: dict[str, Any]) -> DraftAuthor:
    """The account of an article. A limited share is as protected as an account."""
    user = part(item.get("user"))
    handle = text(user.get("id"))
    return DraftAuthor(
        platform="qiita", handle=handle, url=f"https://qiita.com/{handle}" if handle else "",
        name=text(user.get("name")), bio=text(user.get("description")),
        organisation=text(user.get("organization")), website=text(user.get("website_url")),
        followers=count(user.get("followers_count")), protected=item.get("private") is True,
    )  # fmt: skip


def key_of(item_id: str) -> str:
    """The key under which an article is stored."""
    return f"qiita:{item_id}"
