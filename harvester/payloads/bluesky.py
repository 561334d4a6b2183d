"""Posts of Bluesky's search as drafts. Pure.

- key         `did/rkey`: a handle can change, and replies and quotes name nothing else
- text        is for reading; addresses in it are cut, so links, tags and mentions come from the facets, whose places
              are counted in bytes of UTF-8
- moment      the client's own word (`createdAt`) or that of the network (`indexedAt`), whichever is earlier, as the
              search sorts
- reply       relation `reply`; one that quotes as well has the quote as an `Edge` beside it
- hidden      people who ask not to be shown without a login (`!no-unauthenticated`) do not want to be found
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from harvester.contract import Contract, count, text
from harvester.model import Draft, DraftAuthor, Edge
from harvester.payloads.answers import Json, part, parts
from harvester.walks.timeline import all_tags, moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harvester.walks.timeline import Walk

LIMIT: Final = 100  # posts of a page, the most there are
POSTS: Final = Contract(
    required=("uri", "author", "record"),
    fields={
        "uri": "text", "author": "object", "author.did": "text", "author.handle": "text", "author.displayName": "text",
        "author.labels": "list", "record": "object", "record.text": "text", "record.createdAt": "text",
        "record.langs": "list", "record.tags": "list", "record.facets": "list", "record.embed": "object",
        "record.reply": "object", "embed": "object", "replyCount": "whole number", "repostCount": "whole number",
        "likeCount": "whole number", "quoteCount": "whole number", "bookmarkCount": "whole number",
        "indexedAt": "text",
    },
    unread=frozenset({"cid", "debug", "labels", "threadgate", "viewer"}),
)  # fmt: skip
_POST: Final = re.compile(r"at://(did:[\w:.%-]+)/app\.bsky\.feed\.post/([\w.~:-]+)")
_COUNTS: Final = {
    "likeCount": "like", "repostCount": "repost", "replyCount": "reply", "quoteCount": "quote",
    "bookmarkCount": "bookmark",
}  # fmt: skip
_NOT_SHOWN: Final = "!no-unauthenticated"


def asked_for(query: str, walk: Walk) -> str:
    """What a walk asks of the search for its next page."""
    asked = {"q": query, "sort": "latest", "limit": LIMIT, "since": walk["stop"]}
    asked["until"] = walk["until"] or min(walk["began"], walk["end"])
    return urlencode(asked | ({"cursor": walk["token"]} if walk["token"] else {}))


def native_id(uri: object) -> str:
    """`did/rkey` of a post's `at://` address, "" for anything else."""
    match = _POST.fullmatch(text(uri))
    return f"{match[1]}/{match[2]}" if match else ""


def url_of(post: Json) -> str:
    """The address of a post on the web."""
    found = native_id(post.get("uri"))
    return (
        f"https://bsky.app/profile/{_handle(part(post.get('author')))}/post/{found.rpartition('/')[2]}" if found else ""
    )


def moment_of(post: Json) -> str:
    """When a post was made, as told."""
    told = (text(part(post.get("record")).get("createdAt")), text(post.get("indexedAt")))
    known = [(at, words) for words in told if (at := moment(words))]
    return min(known)[1] if known else told[0]


def withheld(post: Json) -> tuple[list[Draft], bool]:
    """Wordless drafts of what must not be kept, in a post or quoted in it, and whether the post itself may be."""
    quoted = _quoted_view(post)
    found = [one for one in (post, quoted) if one and _is_hidden(one)]
    hidden = DraftAuthor(platform="bluesky", noindex=True)
    drafts = [
        Draft(url=url_of(one), native_id=native_id(one.get("uri")), platform="bluesky", author=hidden) for one in found
    ]
    return drafts, not _is_hidden(post)


def drafts_of(post: Json) -> Iterator[Draft | Edge]:
    """A post that may be kept, and the quote that does not fit in it."""
    record, own, url = part(post.get("record")), native_id(post.get("uri")), url_of(post)
    reply, words = part(record.get("reply")), text(record.get("text"))
    parent, root = (native_id(part(reply.get(name)).get("uri")) for name in ("parent", "root"))
    quoted = "" if _is_hidden(_quoted_view(post)) else _quoted(record)
    target, relation = parent or quoted, "reply" if reply else "quote" if _quoted(record) else "original"
    langs = [lang for lang in map(text, _list(record.get("langs"))) if lang]
    features = list(_features(record))
    tags = [*(text(f.get("tag")) for _, f in features), *map(text, _list(record.get("tags")))]
    counts = ((name, count(post.get(key))) for key, name in _COUNTS.items())
    author = author_of(part(post.get("author")))
    kept = {key: value for key, value in post.items() if key not in ("embed", "viewer")}  # others' words, ours
    yield Draft(
        url=url, native_id=own, platform="bluesky", kind="micropost", text=words, author=author,
        language=langs[0] if len(langs) == 1 else "", published=moment_of(post), published_origin="api",
        hashtags=all_tags(words, filter(None, tags)), links=_links(record, features),
        mentions=tuple(said.lstrip("@") for said, f in features if f.get("did")), relation=relation,
        target=f"bluesky:{target}" if target else "", conversation=root or own,
        reactions=tuple((name, n) for name, n in counts if n is not None),
        raw=json.dumps(kept, ensure_ascii=False),
    )  # fmt: skip
    if parent and quoted:
        edge = f"bluesky:{quoted}"
        yield Edge(type="quote", target=edge, source=f"bluesky:{own}", actor=author, at=moment_of(post))


def author_of(account: Json) -> DraftAuthor:
    """Who wrote a post; one whose handle does not hold is known by the identity behind it."""
    handle = _handle(account)
    return DraftAuthor(
        platform="bluesky", handle=handle, name=text(account.get("displayName")) or handle,
        url=f"https://bsky.app/profile/{handle}" if handle else "",
    )  # fmt: skip


def _handle(account: Json) -> str:
    handle = text(account.get("handle"))
    return handle if handle and handle != "handle.invalid" else text(account.get("did"))


def _is_hidden(post: Json) -> bool:
    return any(label.get("val") == _NOT_SHOWN for label in parts(part(post.get("author")).get("labels")))


def _quoted_view(post: Json) -> Json:
    """What is shown of a quoted post, with its words and its author."""
    shown = part(part(post.get("embed")).get("record"))
    return part(shown.get("record")) or shown if not shown.get("author") else shown


def _quoted(record: Json) -> str:
    """The post that a record quotes, with or without pictures beside it."""
    inner = part(part(record.get("embed")).get("record"))
    return native_id(inner.get("uri")) or native_id(part(inner.get("record")).get("uri"))


def _features(record: Json) -> Iterator[tuple[str, Json]]:
    """(the words that bear it, the feature) for each link, tag and mention in a text."""
    raw = text(record.get("text")).encode()
    for facet in parts(record.get("facets")):
        index = part(facet.get("index"))
        start, end = count(index.get("byteStart")) or 0, count(index.get("byteEnd")) or 0
        for feature in parts(facet.get("features")):
            yield raw[start:end].decode("utf-8", "replace"), feature


def _links(record: Json, features: list[tuple[str, Json]]) -> tuple[str, ...]:
    embed = part(record.get("embed"))
    cards = (part(embed.get("external")), part(part(embed.get("media")).get("external")))
    found = (*(text(feature.get("uri")) for _, feature in features), *(text(card.get("uri")) for card in cards))
    return tuple(dict.fromkeys(filter(None, found)))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
