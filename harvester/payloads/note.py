"""A text of note as note's own pages are given it, read into a draft. Pure."""

from __future__ import annotations

import json
from typing import Any, Final

from harvester.contract import Contract, count, text
from harvester.model import Draft, DraftAuthor
from harvester.payloads.answers import part
from harvester.text import plain

SITE: Final = "https://note.com"
NOTES: Final = Contract(
    required=("key", "user"),
    fields={
        "key": "text", "name": "text", "publish_at": "text", "like_count": "whole number",
        "comment_count": "whole number", "body": "text", "description": "text", "note_url": "text",
        "hashtag_notes": "list", "user": "object", "user.urlname": "text", "user.nickname": "text",
    },
    unread=frozenset({"id", "price", "hashtags", "type", "status", "eyecatch", "can_read", "is_limited"}),
)  # fmt: skip
_REACTIONS: Final = {"like_count": "like", "comment_count": "comment"}


def notes_of(answer: Any) -> tuple[list[Any], Any, bool] | None:
    """What a tag's or a search's answer holds; None for another.

    (notes, what the next page begins with or None, whether these are told to be the last)
    """
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(data, dict):
        return None
    held = data.get("notes")
    page = held if isinstance(held, dict) else data
    notes = held.get("contents") if isinstance(held, dict) else held
    if not isinstance(notes, list):
        return None
    last = page.get("is_last_page", data.get("is_last_page"))
    following = page.get("next_page") or page.get("cursor") or data.get("cursor")
    return notes, None if last is not False else following, last is True


def draft_of(note: dict[str, Any]) -> Draft:
    """One text as found; a short one has no title."""
    user = part(note.get("user"))
    handle, key = text(user.get("urlname")), str(note["key"])
    said = text(note.get("body")) or text(note.get("description"))
    tags = note["hashtag_notes"] if isinstance(note.get("hashtag_notes"), list) else []
    names = [
        tag["hashtag"].get("name") for tag in tags if isinstance(tag, dict) and isinstance(tag.get("hashtag"), dict)
    ]
    return Draft(
        url=text(note.get("note_url")) or (f"{SITE}/{handle}/n/{key}" if handle else ""), native_id=key,
        platform="note", kind="article", title=text(note.get("name")), text=plain(said) if said else "",
        published=text(note.get("publish_at")), published_origin="api",
        hashtags=tuple(name.lstrip("#＃") for name in names if isinstance(name, str)),
        reactions=tuple((name, n) for field, name in _REACTIONS.items() if (n := count(note.get(field))) is not None),
        author=DraftAuthor(
            platform="note", handle=handle, name=text(user.get("nickname")), url=f"{SITE}/{handle}" if handle else "",
        ),
        raw=json.dumps({key: value for key, value in note.items() if key != "body"}, ensure_ascii=False),
    )  # fmt: skip
