"""The invented Misskey: one server's search for a tag."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from harvester.demo.exchange import as_json
from harvester.demo.shorts import shorts
from harvester.text import tag_key

if TYPE_CHECKING:
    from harvester.demo.exchange import Asked, Reply
    from harvester.demo.shorts import Short
    from harvester.demo.world import World

HOSTS = ("misskey.io",)
_LIMIT, _MOST = 10, 100
_WORD = {"public": "public", "unlisted": "home", "private": "followers"}


def id_of(short: Short) -> str:
    """The id of a note; ids of later notes are greater as texts."""
    return f"9{int(short.created.timestamp()):x}{short.number:03x}"


def url_of(short: Short) -> str:
    """The address of a note."""
    return f"https://{HOSTS[0]}/notes/{id_of(short)}"


def key_of(short: Short) -> str:
    """The key under which a note is stored."""
    return f"misskey:{HOSTS[0]}/{id_of(short)}"


def posts(world: World) -> dict[str, dict[str, Any]]:
    """What is true of them: post key → {relevant, counted, why}."""
    return {key_of(short): short.truth for short in shorts(world, "misskey")}


class Service:
    """Answers `POST /api/notes/search-by-tag`, newest first."""

    def __init__(self, world: World) -> None:
        self._shorts = [short for short in shorts(world, "misskey") if short.visibility != "private"]

    def answer(self, asked: Asked) -> Reply:
        """JSON in the service's shape; 400 for a request it cannot read, 404 for what it does not have."""
        if asked.method != "POST" or asked.target != "/api/notes/search-by-tag":
            return as_json(_error("No such endpoint.", "NO_SUCH_ENDPOINT"), 404)
        try:
            given = json.loads(asked.body)
            wanted, below, size = tag_key(given["tag"]), given.get("untilId") or "~", given.get("limit", _LIMIT)
        except (ValueError, KeyError, AttributeError):
            return as_json(_error("Invalid param.", "INVALID_PARAM"), 400)
        if not 1 <= size <= _MOST:
            return as_json(_error("Invalid param.", "INVALID_PARAM"), 400)
        found = [s for s in self._shorts if wanted in map(tag_key, s.tags) and id_of(s) < below]
        return as_json([_note(short) for short in found[:size]])


def _error(message: str, code: str) -> dict[str, Any]:
    return {"error": {"message": message, "code": code, "id": "00000000-0000-4000-8000-000000000000", "kind": "client"}}


def _note(short: Short) -> dict[str, Any]:
    number = int(id_of(short), 16) % 89
    inside: dict[str, Any] = {"replyId": None, "renoteId": None}
    if short.answers:
        inside |= {"replyId": id_of(short.answers), "reply": _note(short.answers)}
    if short.quotes:
        inside |= {"renoteId": id_of(short.quotes), "renote": _note(short.quotes)}
    return {
        "id": id_of(short), "createdAt": short.stamp, "userId": short.author.id, "user": _user(short),
        "text": short.text, "cw": None, "visibility": _WORD[short.visibility], "localOnly": False,
        "reactionAcceptance": None, "renoteCount": number % 4, "repliesCount": number % 3, "reactionCount": number % 11,
        "reactions": {"👍": number % 11} if number % 11 else {}, "reactionEmojis": {}, "fileIds": [], "files": [],
        "tags": [tag.lower() for tag in short.tags], **inside,
    }  # fmt: skip


def _user(short: Short) -> dict[str, Any]:
    person = short.author
    return {
        "id": person.id, "username": person.handle, "name": person.name, "host": None, "isBot": False, "isCat": False,
        "emojis": {}, "onlineStatus": "unknown", "noCrawle": short.shy,
    }  # fmt: skip
