"""Searches that the index cannot answer, sent to the query that can.

The index is made of trigrams, so Datasette's own search of a table finds no Japanese word of two characters, and says
so by showing nothing. The query `search` of `datasette.toml` finds them.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final
from urllib.parse import parse_qs, urlencode

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]]
_INDEXED: Final = 3  # characters of the shortest word that the index knows
_POSTS: Final = re.compile(r"(/[^/]+)/posts(\.json)?")


def answered_elsewhere(app: App) -> App:
    """`app`, except that a search of the posts for a word of one or two characters is redirected."""

    async def asgi(scope: Scope, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
        place = elsewhere(scope["path"], scope["query_string"].decode("latin-1")) if scope["type"] == "http" else ""
        if not place:
            await app(scope, receive, send)
            return
        headers = [(b"location", place.encode("ascii")), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 302, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    return asgi


def elsewhere(path: str, query: str) -> str:
    """Where a request is better answered, "" for here."""
    found = _POSTS.fullmatch(path)
    asked = {name: values[-1] for name, values in parse_qs(query).items()}
    search = asked.get("_search", "").strip()
    words = search.replace('"', " ").split()  # of quotes alone Datasette makes a question that SQLite refuses
    if not found or not search or (words and all(len(word) >= _INDEXED for word in words)):
        return ""
    shape = {"_shape": asked["_shape"]} if "_shape" in asked else {}
    return f"{found[1]}/search{found[2] or ''}?{urlencode({'words': ' '.join(words), **shape})}"
