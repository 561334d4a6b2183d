"""GDELT's answers read, and its time cut into slices that it can answer in full. Pure.

It answers 200 to everything: JSON when it found something, an empty object when it did not (or did not look), words
when it did not understand. Times are its own: 14 digits, UTC.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from harvester.contract import text
from harvester.text import plain, safe_json_value

FULL: Final = 250  # articles in one answer at most
SHORTEST: Final = timedelta(minutes=30)  # the index is renewed every 15 minutes
PROMISED: Final = timedelta(days=90)
LETTERS: Final = 5  # shorter words are refused
_STAMP: Final = "%Y%m%d%H%M%S"
_ESCAPE: Final = re.compile(r'\\(?:(["\\/bfnrt]|u[0-9a-fA-F]{4})|)')
_CONTROL: Final = re.compile(r"[\x00-\x1f]")
_SHOWN: Final = 200

Slice = list[str]


class Answer(NamedTuple):
    """What an answer holds: (address, title) of each article, or `refusal`, the words that came in their place.

    held    records in it: an address can stand in it twice
    silent  nothing at all, which says neither that there is something nor that there is not
    """

    articles: list[tuple[str, str]]
    refusal: str = ""
    silent: bool = False
    held: int = 0

    @property
    def full(self) -> bool:
        """Whether there may be more than it holds."""
        return self.held >= FULL


def read(body: bytes) -> Answer:
    """What an answer holds. Broken escapes and control characters, which it is known for, are passed over."""
    told = body.decode("utf-8", "replace").strip()
    if not told:
        return Answer([], silent=True)
    value = _json(told)
    if not isinstance(value, dict):
        return Answer([], refusal=" ".join(plain(told).split())[:_SHOWN] or "no JSON")
    found = value.get("articles")
    if found is None:
        return Answer([], silent=True)
    if not isinstance(found, list):
        return Answer([], refusal="its articles are no list")
    articles = {text(one.get("url")): text(one.get("title")) for one in found if isinstance(one, dict)}
    if found and not any(articles):
        return Answer([], refusal="articles without addresses")
    return Answer([(url, title) for url, title in articles.items() if url], held=len(found))


def _json(told: str) -> Any:
    for mended in (told, _CONTROL.sub(" ", _ESCAPE.sub(_escape, told))):
        try:
            return safe_json_value(json.loads(mended))
        except (ValueError, RecursionError):
            continue
    return None


def _escape(match: re.Match[str]) -> str:
    return match[0] if match[1] else "\\\\"


def stamp(at: datetime) -> str:
    """A moment as GDELT writes it."""
    return at.astimezone(UTC).strftime(_STAMP)


def halves(piece: Slice) -> list[Slice]:
    """A slice cut in two, the later one first as answers come; empty for one that is too short to cut."""
    start, end = (datetime.strptime(each, _STAMP).replace(tzinfo=UTC) for each in piece)
    if end - start <= SHORTEST:
        return []
    middle = start + (end - start) / 2
    return [[stamp(middle + timedelta(seconds=1)), piece[1]], [piece[0], stamp(middle)]]


def question(words: list[str]) -> str:
    """Names and tags as one question: any of them, as phrases."""
    asked = [f'"{word}"' for word in words]
    return asked[0] if len(asked) == 1 else f"({' OR '.join(asked)})"


def askable(word: str) -> bool:
    """Whether it can be asked for: long enough, and in Latin letters (others are matched through translation)."""
    return word.isascii() and sum(char.isalnum() for char in word) >= LETTERS
