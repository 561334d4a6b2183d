"""Notes of Misskey's API as drafts. Pure.

- renote      without words of its own: kind and relation `repost`, words and links of the original; with some: `quote`
- reply       relation `reply`; one that quotes as well has the quote as an `Edge` beside it
- elsewhere   of a note by somebody of another server nobody tells here whether its author lets it be found: it is
              not kept, and the source that asks its own server finds it
- reactions   emoji of every kind together are `like`
- what a note renotes or answers comes inside it and is looked at too before the page is kept (`fediverse.hidden`)
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from harvester.contract import Contract, count, text
from harvester.model import Draft, DraftAuthor, Edge
from harvester.payloads.answers import Json, part
from harvester.payloads.fediverse import hidden, numbers
from harvester.walks.timeline import all_tags

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTES: Final = Contract(
    required=("id", "createdAt", "user"),
    fields={
        "id": "text", "createdAt": "text", "updatedAt": "text", "text": "text", "cw": "text", "user": "object",
        "user.username": "text", "user.host": "text", "user.name": "text", "visibility": "text", "tags": "list",
        "renoteCount": "whole number", "repliesCount": "whole number", "reactions": "object", "uri": "text",
        "url": "text", "replyId": "text", "renoteId": "text", "reply": "object", "renote": "object",
        "fileIds": "list", "poll": "object", "isHidden": "yes/no",
    },
    unread=frozenset({
        "channel", "channelId", "clippedCount", "emojis", "files", "hasPoll", "localOnly", "mentions", "myReaction",
        "reactionAcceptance", "reactionAndUserPairCache", "reactionCount", "reactionEmojis", "userId",
        "visibleUserIds",
    }),
)  # fmt: skip
_ADDRESS = re.compile(r"https?://[\w!#$%&'*+,./:;=?@~-]+", re.ASCII)
_MENTION = re.compile(r"(?<![\w/@.])@(\w+(?:@[\w-]+(?:\.[\w-]+)+)?)", re.ASCII)


def address_of(note: Json, host: str) -> str:
    """The address of a note at its own server; `host` is the one that showed it."""
    return text(note.get("url")) or text(note.get("uri")) or f"https://{host}/notes/{text(note.get('id'))}"


def withheld(note: Json, host: str) -> tuple[list[Draft], bool]:
    """Wordless drafts of what must not be kept, in a note or inside it, and whether the note itself may be.

    A renote says what the original says and shares its fate; who is quoted or answered does not silence who writes.
    """
    found = _hidden(note, host)
    inside = [part(note.get(name)) for name in ("renote", "reply")]
    others = [out for inner in inside if inner and (out := _hidden(inner, host))]
    says_its_own = _relation(note, host)[0] != "repost" or not others
    return [*([found] if found else []), *others], found is None and says_its_own


def _hidden(note: Json, host: str) -> Draft | None:
    """A note from elsewhere is hidden: what its author wants is told at home only, and there it can be asked for."""
    user = part(note.get("user"))
    wishes = (
        user.get("noCrawle"),
        user.get("requireSigninToViewContents"),
        user.get("noindex"),
        bool(user.get("host")),
    )
    account = {"noindex": True in wishes, "indexable": user.get("indexable")}
    visibility = "hidden" if note.get("isHidden") is True else note.get("visibility")
    return hidden(address_of(note, host), visibility, account, text(user.get("description")))


def drafts_of(note: Json, host: str) -> Iterator[Draft | Edge]:
    """A note of `host` that may be kept, and the quote that does not fit in it."""
    user, url = part(note.get("user")), address_of(note, host)
    relation, target, quoted = _relation(note, host)
    said = part(note.get("renote")) if relation == "repost" else note
    words = "\n".join(filter(None, (text(said.get("cw")), text(said.get("text")))))
    likes = [n for value in part(note.get("reactions")).values() if (n := count(value)) is not None]
    counts = (("like", sum(likes)), ("repost", note.get("renoteCount")), ("reply", note.get("repliesCount")))
    tags = said.get("tags")
    kept = {key: value for key, value in note.items() if key not in ("renote", "reply")}  # others' words
    author = author_of(user, host)
    yield Draft(
        url=url, platform="misskey", kind="repost" if relation == "repost" else "micropost", text=words,
        author=author, published=text(note.get("createdAt")), published_origin="api",
        updated=text(note.get("updatedAt")), relation=relation, target=target, links=links_of(words),
        hashtags=all_tags(words, filter(None, map(text, tags if isinstance(tags, list) else ()))),
        mentions=tuple(dict.fromkeys(at_home(name, host) for name in _MENTION.findall(words))),
        reactions=() if relation == "repost" else numbers(counts, whole=True),
        visibility=text(note.get("visibility")), raw=json.dumps(kept, ensure_ascii=False),
    )  # fmt: skip
    if quoted and relation == "reply":
        yield Edge(type="quote", target=quoted, source=url, actor=author, at=text(note.get("createdAt")))


def author_of(user: Json, host: str) -> DraftAuthor:
    """Who wrote a note, as `name@server`."""
    name = text(user.get("username"))
    return DraftAuthor(
        platform="misskey", handle=f"{name}@{host}" if name else "", name=text(user.get("name")) or name,
        url=f"https://{host}/@{name}" if name else "", bio=text(user.get("description")),
        followers=count(user.get("followersCount")),
    )  # fmt: skip


def at_home(name: str, host: str) -> str:
    """An account as `name@server`, the way it is written everywhere but at home."""
    return name if "@" in name else f"{name}@{host}"


def links_of(words: str) -> tuple[str, ...]:
    """What a note points to: its words are no markup, addresses stand in them as they are."""
    return tuple(dict.fromkeys(found.rstrip(".,;:!?'*") for found in _ADDRESS.findall(words)))


def _relation(note: Json, host: str) -> tuple[str, str, str]:
    """(relation, its target's address, the quoted address) of a note."""
    renoted, own = _inside(note, "renote", host), any(note.get(key) for key in ("text", "cw", "fileIds", "poll"))
    if note.get("renoteId") and not own and not note.get("replyId"):
        return "repost", renoted, ""
    if note.get("replyId"):
        return "reply", _inside(note, "reply", host), renoted
    return ("quote", renoted, renoted) if note.get("renoteId") else ("original", "", "")


def _inside(note: Json, name: str, host: str) -> str:
    """The address of the note that is inside another one or only named there; "" for one that is not to be found."""
    found, number = part(note.get(name)), text(note.get(f"{name}Id"))
    if found and not part(found.get("user")).get("host") and _hidden(found, host):
        return ""
    return address_of(found, host) if found else f"https://{host}/notes/{number}" if number else ""
