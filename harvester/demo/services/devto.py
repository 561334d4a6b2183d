"""The invented dev.to: cross-posts of blogs, behind the API of Forem."""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from harvester.demo.copies import crosspost
from harvester.demo.exchange import as_json
from harvester.demo.markup import to_html, to_markdown, to_words
from harvester.demo.words import dice

if TYPE_CHECKING:
    from harvester.demo.exchange import Asked, Reply
    from harvester.demo.world import Doc, World

HOSTS = ("dev.to",)
_COPIES, _PAGE, _MOST = 3, 30, 1000
_ACCEPT = "application/vnd.forem.api-v1+json"


def extend(world: World) -> None:
    """Some participants keep a copy of a story here."""

    def path(doc: Doc, native: str) -> str:
        return f"/{doc.author.handle}/reinvent-2016-{native[:4]}"

    crosspost(world, dice(f"devto {world.seed}"), HOSTS[0], _COPIES, path, language="en")


class Service:
    """Answers `GET /api/articles`, `/api/articles/latest` and `/api/articles/:id`."""

    def __init__(self, world: World) -> None:
        self._docs = [doc for doc in world.docs if doc.site.host == HOSTS[0]]

    def answer(self, asked: Asked) -> Reply | None:
        """JSON in the service's shape; 404 for an article that does not exist, 406 without the version's header."""
        parts = urlsplit(asked.target)
        if not parts.path.startswith("/api/"):
            return None
        if asked.headers.get("accept") != _ACCEPT:
            return as_json({"error": "not acceptable", "status": 406}, 406)
        if match := re.fullmatch(r"/api/articles/(\d+)", parts.path):
            found = next((doc for doc in self._docs if _id(doc) == int(match[1])), None)
            return as_json(_whole(found)) if found else as_json({"error": "not found", "status": 404}, 404)
        given = dict(parse_qsl(parts.query))
        if parts.path == "/api/articles/latest":
            return _page(sorted(self._docs, key=lambda doc: doc.published, reverse=True), given)
        if parts.path != "/api/articles":
            return as_json({"error": "not found", "status": 404}, 404)
        if "username" in given:
            theirs = [doc for doc in self._docs if doc.author.handle == given["username"]]
            return _page(sorted(theirs, key=lambda doc: doc.published, reverse=True), given)
        tagged = [doc for doc in self._docs if given.get("tag", "") in ("", *doc.tags)]
        return _page(sorted(tagged, key=lambda doc: doc.likes, reverse=True), given)


def _page(docs: list[Doc], given: dict[str, str]) -> Reply:
    page, size = int(given.get("page", "1")), min(_MOST, int(given.get("per_page", str(_PAGE))))
    return as_json([_article(doc) for doc in docs[(page - 1) * size : page * size]])


def _id(doc: Doc) -> int:
    return int(doc.native_id[:7], 16)


def _article(doc: Doc) -> dict[str, Any]:
    person, at = doc.author, f"{doc.published.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    path = urlsplit(doc.url).path
    return {
        "type_of": "article", "id": _id(doc), "title": doc.title, "description": to_words(doc.blocks)[:100],
        "readable_publish_date": f"{doc.published:%b %d}", "slug": path.rpartition("/")[2], "path": path,
        "url": doc.url, "comments_count": doc.likes % 3, "public_reactions_count": doc.likes, "collection_id": None,
        "published_timestamp": at, "positive_reactions_count": doc.likes, "cover_image": None, "social_image": "",
        "canonical_url": doc.copy_of or doc.url, "created_at": at, "edited_at": None, "crossposted_at": None,
        "published_at": at, "last_comment_at": at, "reading_time_minutes": 3, "tag_list": list(doc.tags),
        "tags": ", ".join(doc.tags),
        "user": {
            "name": person.name, "username": person.handle, "twitter_username": person.x_handle,
            "github_username": None, "user_id": int(person.id[1:]), "website_url": None, "profile_image": "",
            "profile_image_90": "",
        },
    }  # fmt: skip


def _whole(doc: Doc) -> dict[str, Any]:
    bodies = {"body_html": to_html(doc.blocks, "h2"), "body_markdown": to_markdown(doc.blocks)}
    return _article(doc) | {"tag_list": ", ".join(doc.tags), "tags": list(doc.tags)} | bodies
