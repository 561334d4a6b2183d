"""An article as Zenn's own pages are given it, read into a draft. Pure."""

from __future__ import annotations

import json
from typing import Any, Final

from harvester.contract import Contract, count, text
from harvester.model import Draft, DraftAuthor
from harvester.payloads.answers import part

SITE: Final = "https://zenn.dev"
ARTICLES: Final = Contract(
    required=("slug", "path"),
    fields={
        "slug": "text", "path": "text", "title": "text", "published_at": "text", "body_updated_at": "text",
        "liked_count": "whole number", "bookmarked_count": "whole number", "comments_count": "whole number",
        "is_suspending_private": "yes/no", "user": "object", "user.username": "text", "user.name": "text",
        "publication": "object", "publication.display_name": "text",
    },
    unread=frozenset({
        "id", "post_type", "emoji", "article_type", "source_repo_updated_at", "body_letters_count", "pinned",
    }),
)  # fmt: skip
_REACTIONS: Final = {"liked_count": "like", "bookmarked_count": "bookmark", "comments_count": "comment"}


def reactions_of(article: dict[str, Any]) -> tuple[tuple[str, int], ...]:
    """What was counted; what is missing or no number is not told."""
    return tuple((name, n) for key, name in _REACTIONS.items() if (n := count(article.get(key))) is not None)


def draft_of(article: dict[str, Any]) -> Draft:
    """One article of a list as found: it tells neither text nor topics."""
    user, publication = part(article.get("user")), part(article.get("publication"))
    handle = text(user.get("username"))
    return Draft(
        url=f"{SITE}{text(article.get('path'))}", native_id=str(article["slug"]), platform="zenn", kind="article",
        title=text(article.get("title")), published=text(article.get("published_at")), published_origin="api",
        updated=text(article.get("body_updated_at")), publisher=text(publication.get("display_name")),
        reactions=reactions_of(article), raw=json.dumps(article, ensure_ascii=False),
        author=DraftAuthor(
            platform="zenn", handle=handle, name=text(user.get("name")), url=f"{SITE}/{handle}" if handle else "",
            protected=article.get("is_suspending_private") is True,
        ),
    )  # fmt: skip
