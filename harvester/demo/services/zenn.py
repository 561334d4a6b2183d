"""The invented Zenn: cross-posts of blogs, the feeds of topics and accounts, and what its own pages ask for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from harvester.demo import rss
from harvester.demo.copies import crosspost
from harvester.demo.exchange import as_json
from harvester.demo.markup import to_html, to_words
from harvester.demo.words import dice
from harvester.text import tag_key

if TYPE_CHECKING:
    from harvester.demo.exchange import Asked, Reply
    from harvester.demo.world import Doc, World

HOSTS = ("zenn.dev",)
_COPIES, _TOPIC_FEED, _PAGE, _LONGEST = 5, 20, 2, 100


def extend(world: World) -> None:
    """Some participants keep a copy of a story here."""
    rng = dice(f"zenn {world.seed}")

    def path(doc: Doc, native: str) -> str:
        return f"/{doc.author.handle}/articles/{native}"

    for copy in crosspost(world, rng, HOSTS[0], _COPIES, path, language="ja"):
        copy.site.robots = "User-agent: *\nDisallow: /search\n"


def event(world: World) -> str:  # noqa: ARG001 - the same in every world
    """Asked for likes too."""
    return "[source.zenn]\napi = true"


class Service:
    """Answers `/topics/:topic/feed`, `/:user/feed`, `/api/articles`, `/api/articles/:slug` and `/api/search`."""

    def __init__(self, world: World) -> None:
        docs = [doc for doc in world.docs if doc.site.host == HOSTS[0]]
        self._docs = sorted(docs, key=lambda doc: doc.published, reverse=True)

    def answer(self, asked: Asked) -> Reply | None:
        """A feed or JSON in the service's shape; 404 for accounts and articles that do not exist."""
        parts = urlsplit(asked.target)
        path, given = unquote(parts.path), dict(parse_qsl(parts.query))
        if match := re.fullmatch(r"/topics/([^/]+)/feed", path):
            return rss.feed(match[1], f"https://zenn.dev{path}", self._tagged(match[1]), most=_TOPIC_FEED, whole=False)
        if match := re.fullmatch(r"/([^/]+)/feed", path):
            theirs = self._of(match[1])
            return (
                rss.feed(match[1], f"https://zenn.dev/{match[1]}", theirs, most=1000, whole=False) if theirs else None
            )
        if path == "/api/search":
            return self._search(given)
        if path == "/api/articles":
            return self._page(
                self._of(given["username"]) if "username" in given else self._tagged(given.get("topicname", "")), given
            )
        if match := re.fullmatch(r"/api/articles/([0-9a-f]+)", path):
            found = next((doc for doc in self._docs if doc.native_id == match[1]), None)
            return (
                as_json({"article": _article(found, whole=True)}) if found else as_json({"message": "Not Found"}, 404)
            )
        return as_json({"message": "Not Found"}, 404) if path.startswith("/api/") else None

    def _of(self, handle: str) -> list[Doc]:
        return [doc for doc in self._docs if doc.author.handle == handle]

    def _tagged(self, topic: str) -> list[Doc]:
        return [doc for doc in self._docs if tag_key(topic) in map(tag_key, doc.tags)]

    def _search(self, given: dict[str, str]) -> Reply:
        words = given.get("q", "")
        if not 0 < len(words) <= _LONGEST:
            return as_json({"message": "query is too long"}, 400)
        found = [doc for doc in self._docs if words.casefold() in f"{doc.title}\n{to_words(doc.blocks)}".casefold()]
        return self._page(found, given)

    def _page(self, docs: list[Doc], given: dict[str, str]) -> Reply:
        page = int(given.get("page", "1"))
        shown = docs[(page - 1) * _PAGE : page * _PAGE]
        following = page + 1 if page * _PAGE < len(docs) else None
        return as_json({"articles": [_article(doc) for doc in shown], "next_page": following, "total_count": None})


def _article(doc: Doc, *, whole: bool = False) -> dict[str, Any]:
    person, path = doc.author, urlsplit(doc.url).path
    told = {
        "id": int(doc.native_id[:6], 16), "post_type": "Article", "title": doc.title, "slug": doc.native_id,
        "path": path, "comments_count": doc.likes % 3, "liked_count": doc.likes, "bookmarked_count": doc.likes // 3,
        "body_letters_count": len(to_words(doc.blocks)), "article_type": "tech", "emoji": "📝", "pinned": False,
        "is_suspending_private": False, "published_at": doc.published.isoformat(timespec="milliseconds"),
        "body_updated_at": doc.published.isoformat(timespec="milliseconds"), "source_repo_updated_at": None,
        "user": {"id": int(person.id[1:]), "username": person.handle, "name": person.name, "avatar_small_url": ""},
        "publication": None,
    }  # fmt: skip
    if whole:
        told |= {"topics": [{"name": tag} for tag in doc.tags], "body_html": to_html(doc.blocks, "h2")}
    return told
