"""The invented GDELT: its index of the outlets' stories, with its limits and its words in place of errors."""

from __future__ import annotations

import re
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from harvester.demo.exchange import Reply, as_json
from harvester.demo.markup import to_words
from harvester.text import fold

if TYPE_CHECKING:
    from harvester.demo.exchange import Asked
    from harvester.demo.world import Doc, World

HOSTS = ("api.gdeltproject.org",)
_MOST, _USUAL, _SHORTEST = 250, 75, 3
_LATER = timedelta(minutes=95)  # it sees a page some time after its publication


class Service:
    """Answers `GET /api/v2/doc/doc` in mode artlist."""

    def __init__(self, world: World) -> None:
        docs = [d for d in world.docs if d.author.kind == "media" and not d.missed and not d.site.failure]
        self._docs = sorted(docs, key=lambda doc: doc.published, reverse=True)

    def answer(self, asked: Asked) -> Reply:
        """Articles, an empty object where there are none, or words about what was wrong with the question."""
        parts = urlsplit(asked.target)
        given = dict(parse_qsl(parts.query))
        if parts.path != "/api/v2/doc/doc" or given.get("mode") != "artlist" or given.get("format") != "json":
            return _words("Invalid mode.")
        words = [fold(word) for word in re.findall(r'"([^"]+)"', given.get("query", ""))]
        if not words:
            return _words("Your query was empty.")
        if any(len(word) < _SHORTEST for word in words):
            return _words("The specified phrase is too short.")
        start, end = given.get("startdatetime", ""), given.get("enddatetime", "~")
        found = [doc for doc in self._docs if start <= _seen(doc, "") <= end and _matches(doc, words)]
        size = min(_MOST, int(given.get("maxrecords", str(_USUAL))))
        return as_json({"articles": [_article(doc) for doc in found[:size]]} if found else {})


def _words(text: str) -> Reply:
    return Reply(200, f"{text}\n".encode(), (("Content-Type", "text/html; charset=utf-8"),))


def _matches(doc: Doc, words: list[str]) -> bool:
    text = fold(f"{doc.title}\n{to_words(doc.blocks)}")
    return any(word in text for word in words)


def _seen(doc: Doc, letter: str) -> str:
    at = (doc.published + _LATER).astimezone(UTC)
    return f"{at:%Y%m%d}{letter}{at:%H%M%S}{'Z' if letter else ''}"


def _article(doc: Doc) -> dict[str, Any]:
    return {
        "url": doc.url, "url_mobile": "", "title": doc.title, "seendate": _seen(doc, "T"), "socialimage": "",
        "domain": doc.site.host, "language": "Japanese" if doc.language == "ja" else "English",
        "sourcecountry": "Japan" if doc.language == "ja" else "United States",
    }  # fmt: skip
