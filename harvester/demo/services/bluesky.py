"""The invented Bluesky: its search, whole for those who log in, one page of it for others."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from harvester.demo.exchange import Reply, as_json
from harvester.demo.shorts import shorts
from harvester.text import fold

if TYPE_CHECKING:
    from harvester.demo.exchange import Asked
    from harvester.demo.shorts import Short
    from harvester.demo.world import World

HOSTS = ("api.bsky.app", "bsky.social")
_LIMIT, _MOST = 25, 100
_SESSION = "synthetic-demo-session-no-secret"
_RATE = {"RateLimit-Limit": "3000", "RateLimit-Remaining": "2950", "RateLimit-Reset": "4070908800"}
_FACET = "app.bsky.richtext.facet"


def _did(short: Short) -> str:
    return f"did:plc:{short.author.id}sim"


def _rkey(short: Short) -> str:
    return f"3l{int(short.created.timestamp()):x}{short.number:03x}"


def key_of(short: Short) -> str:
    """The key under which a post is stored."""
    return f"bluesky:{_did(short)}/{_rkey(short)}"


def posts(world: World) -> dict[str, dict[str, Any]]:
    """What is true of them: post key → {relevant, counted, why}."""
    return {key_of(short): short.truth for short in shorts(world, "bluesky")}


class Service:
    """Answers `app.bsky.feed.searchPosts` and `com.atproto.server.createSession`, newest first."""

    def __init__(self, world: World) -> None:
        self._shorts = [short for short in shorts(world, "bluesky") if short.visibility == "public"]

    def answer(self, asked: Asked) -> Reply:
        """JSON in the service's shape; 401 without a login where one is wanted, 403 for more than a first page."""
        parts = urlsplit(asked.target)
        if parts.path == "/xrpc/com.atproto.server.createSession":
            return _login(asked)
        if parts.path != "/xrpc/app.bsky.feed.searchPosts":
            return as_json({"error": "MethodNotImplemented", "message": "Method Not Implemented"}, 501)
        known, given = asked.headers.get("authorization") == f"Bearer {_SESSION}", dict(parse_qsl(parts.query))
        if asked.host == HOSTS[1] and not known:
            return as_json({"error": "AuthMissing", "message": "Authentication Required"}, 401)
        if asked.host == HOSTS[0] and "cursor" in given:
            body = b"<html><body>Request forbidden by administrative rules.</body></html>"
            return Reply(403, body, (("Content-Type", "text/html"),))
        return self._search(given)

    def _search(self, given: dict[str, str]) -> Reply:
        words, size = fold(given.get("q", "").strip('"')), int(given.get("limit", str(_LIMIT)))
        if not words or not 1 <= size <= _MOST:
            return as_json({"error": "InvalidRequest", "message": "Error: invalid parameters"}, 400)
        since, until, start = given.get("since", ""), given.get("until", "~"), int(given.get("cursor", "0"))
        found = [s for s in self._shorts if _matches(s, words) and since <= s.stamp < until]
        answer: dict[str, Any] = {"posts": [_post(s) for s in found[start : start + size]], "hitsTotal": len(found)}
        if start + size < len(found):
            answer["cursor"] = str(start + size)
        return as_json(answer, 200, _RATE)


def _login(asked: Asked) -> Reply:
    try:
        given = json.loads(asked.body)
    except ValueError:
        given = {}
    if asked.method != "POST" or not given.get("identifier") or not given.get("password"):
        return as_json({"error": "AuthenticationRequired", "message": "Invalid identifier or password"}, 401)
    told = {"did": "did:plc:demosim", "handle": given["identifier"], "active": True}
    return as_json({**told, "accessJwt": _SESSION, "refreshJwt": _SESSION}, 200, _RATE)


def _matches(short: Short, words: str) -> bool:
    if words.startswith("#"):
        return words[1:] in map(fold, short.tags)
    return words in fold(short.text)


def _post(short: Short) -> dict[str, Any]:
    number = (short.number * 7 + int(short.created.timestamp())) % 83
    text = short.text.replace(short.link, _cut(short.link)) if short.link else short.text
    record: dict[str, Any] = {
        "$type": "app.bsky.feed.post", "text": text, "createdAt": short.stamp, "langs": ["ja"],
        "facets": list(_facets(short, text)),
    }  # fmt: skip
    if short.answers:
        answered = {"uri": _uri(short.answers), "cid": "bafysim"}
        record["reply"] = {"parent": answered, "root": answered}
    view: dict[str, Any] = {}
    if short.quotes:
        record["embed"] = {"$type": "app.bsky.embed.record", "record": {"uri": _uri(short.quotes), "cid": "bafysim"}}
        shown = {"uri": _uri(short.quotes), "author": _author(short.quotes), "value": {"text": short.quotes.text}}
        view = {"embed": {"$type": "app.bsky.embed.record#view", "record": shown}}
    return {
        "uri": _uri(short), "cid": "bafysim", "author": _author(short), "record": record, **view,
        "replyCount": number % 3, "repostCount": number % 5, "likeCount": number % 19, "quoteCount": number % 2,
        "bookmarkCount": 0, "indexedAt": short.stamp, "labels": [],
    }  # fmt: skip


def _uri(short: Short) -> str:
    return f"at://{_did(short)}/app.bsky.feed.post/{_rkey(short)}"


def _author(short: Short) -> dict[str, Any]:
    wish = {"src": _did(short), "val": "!no-unauthenticated", "cts": "1970-01-01T00:00:00.000Z"}
    return {
        "did": _did(short), "handle": f"{short.author.host_label}.bsky.social", "displayName": short.author.name,
        "labels": [wish] if short.shy else [],
    }  # fmt: skip


def _cut(link: str) -> str:
    """An address as it is shown."""
    shown = link.partition("://")[2]
    return f"{shown[:28]}..." if len(shown) > 31 else shown


def _facets(short: Short, text: str) -> list[dict[str, Any]]:
    """Where the link and the tags stand, in bytes."""
    found = [("#" + tag, {"$type": f"{_FACET}#tag", "tag": tag}) for tag in dict.fromkeys(short.tags)]
    if short.link:
        found.append((_cut(short.link), {"$type": f"{_FACET}#link", "uri": short.link}))
    facets = []
    for words, feature in found:
        start = len(text[: text.index(words)].encode())
        index = {"byteStart": start, "byteEnd": start + len(words.encode())}
        facets.append({"index": index, "features": [feature]})
    return facets
