"""The invented Reddit: a token for applications, and a search for those who have one."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from harvester.demo.exchange import Reply, as_json
from harvester.demo.words import dice
from harvester.demo.world import NAME, STARTS, WRITTEN
from harvester.text import fold

if TYPE_CHECKING:
    from harvester.demo.exchange import Asked
    from harvester.demo.world import World

WWW, API = "www.reddit.com", "oauth.reddit.com"
HOSTS = (WWW, API)
KEYS = {"REDDIT_CLIENT_ID": "synthetic-demo-client", "REDDIT_CLIENT_SECRET": "synthetic-demo-client-no-secret"}
_TOKEN = "synthetic-demo-reddit-no-secret"  # noqa: S105 - good for nothing else
_LINKS, _LATER, _SIZE, _MOST = 6, 120, 25, 100
_RATE = {"X-Ratelimit-Remaining": "94.0", "X-Ratelimit-Used": "6", "X-Ratelimit-Reset": "311"}
_TEXTS = (
    (f"{NAME} day one: ask me anything", "I queue since six. #reinvent"),
    ("Was it worth the trip?", f"Just back from {NAME}, and my feet hurt."),
    (f"{NAME} meet-up tonight", "[removed]"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A submission, with an address elsewhere or with words."""

    id: str
    author: str
    created: datetime
    title: str
    url: str = ""
    text: str = ""
    score: int = 1
    comments: int = 0


def event(world: World) -> str:  # noqa: ARG001 - the same for all worlds
    """Nobody is asked there unless the event file says so."""
    return "[source.reddit]\nenabled = true"


def submitted(world: World) -> list[Post]:
    """Everything there is, the newest first; the same for the same world."""
    rng, made = dice(f"reddit {world.seed}"), list[tuple[datetime, str, str, str]]()
    known = [doc for doc in world.docs if doc.counted and doc.kind in WRITTEN and not doc.optional]
    known = [doc for doc in known if not doc.missed and not doc.site.failure]
    for doc in rng.sample(known, min(_LINKS, len(known))):
        made.append((doc.published + timedelta(minutes=rng.randint(30, 2000)), f"{NAME}: {doc.title}", doc.url, ""))
    for title, said in _TEXTS:
        made.append((STARTS + timedelta(minutes=rng.randint(0, 7000)), title, "", said))
    for number in range(_LATER):
        made.append((STARTS + timedelta(days=365, hours=number), f"Wheel no. {number}", "", f"Since {NAME} it turns."))
    return sorted(
        (
            Post(
                id=f"sim{number:03}", author=f"redditor{rng.randint(1, 40):02}_sim", created=when, title=title, url=url,
                text=said, score=rng.randint(0, 200), comments=rng.randint(0, 30),
            )
            for number, (when, title, url, said) in enumerate(made)
        ),
        key=lambda post: (post.created, post.id), reverse=True,
    )  # fmt: skip


def posts(world: World) -> dict[str, dict[str, Any]]:
    """What is true of the texts: post key → {relevant, counted, why}."""
    last = STARTS + timedelta(days=60)
    return {
        f"reddit:{post.id}": {"relevant": post.created < last, "counted": False, "why": "talk at Reddit"}
        for post in submitted(world) if not post.url and post.text != "[removed]"
    }  # fmt: skip


class Service:
    """Answers `POST /api/v1/access_token` and `GET /search`."""

    def __init__(self, world: World) -> None:
        self._posts = submitted(world)

    def answer(self, asked: Asked) -> Reply | None:
        """JSON in the service's shape; 401 without the key or the token, 403 for guests."""
        parts, sent = urlsplit(asked.target), asked.headers.get("authorization", "")
        if parts.path == "/robots.txt":
            return Reply(200, b"User-agent: *\nDisallow: /\n", (("Content-Type", "text/plain"),))
        if asked.host == WWW and parts.path == "/api/v1/access_token":
            pair = base64.b64encode(":".join(KEYS.values()).encode()).decode()
            if asked.method != "POST" or sent != f"Basic {pair}":
                return as_json({"message": "Unauthorized", "error": 401}, 401)
            if asked.body != b"grant_type=client_credentials":
                return as_json({"error": "unsupported_grant_type"})
            return as_json({"access_token": _TOKEN, "token_type": "bearer", "expires_in": 86400, "scope": "*"})
        if asked.host == WWW:
            return Reply(403, b"<html><body>whoa there, pardner!</body></html>", (("Content-Type", "text/html"),))
        if sent != f"Bearer {_TOKEN}":
            return as_json({"message": "Unauthorized", "error": 401}, 401)
        if parts.path != "/search":
            return as_json({"message": "Not Found", "error": 404}, 404)
        return self._search(dict(parse_qsl(parts.query)))

    def _search(self, given: dict[str, str]) -> Reply:
        words, size = fold(given.get("q", "")), min(_MOST, int(given.get("limit", str(_SIZE))))
        found = [post for post in self._posts if _matches(post, words)]
        names = [f"t3_{post.id}" for post in found]
        start = names.index(given["after"]) + 1 if given.get("after") in names else 0
        page = found[start : start + size]
        after = f"t3_{page[-1].id}" if start + size < len(found) else None
        children = [{"kind": "t3", "data": _data(post)} for post in page]
        data = {"after": after, "before": None, "dist": len(page), "modhash": "", "children": children}
        return as_json({"kind": "Listing", "data": data}, 200, _RATE)


def _matches(post: Post, words: str) -> bool:
    if words.startswith("url:"):
        return bool(post.url) and words.removeprefix("url:") in fold(post.url)
    return words.strip('"') in fold(f"{post.title}\n{post.text}")


def _data(post: Post) -> dict[str, Any]:
    page = f"/r/aws/comments/{post.id}/sim/"
    return {
        "name": f"t3_{post.id}", "id": post.id, "title": post.title, "selftext": post.text, "permalink": page,
        "url": post.url or f"https://{WWW}{page}", "subreddit": "aws", "subreddit_type": "public",
        "author": post.author, "created_utc": post.created.timestamp(), "score": post.score, "ups": post.score,
        "num_comments": post.comments, "is_self": not post.url, "over_18": False, "domain": "",
        "removed_by_category": "moderator" if post.text == "[removed]" else None,
    }  # fmt: skip
