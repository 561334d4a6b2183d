"""X API v2 answers as drafts: one mapping for the X source and for every file that holds X data.

Field names changed from "tweet" to "post" in 2026; both are read. Shapes that are not v2 (v1.1, archive,
snscrape, TAGS …) are first turned into v2 pages by `harvester.importers.x_legacy`, so each rule stands here once:

- repost            kind `repost`, relation `repost`, target = the original; text, tags and links of the original
                    where it is included (a repost's own text is cut); no reactions (they repeat the original's)
- quote             relation `quote`, target = the quoted post
- reply             relation `reply`, target = the answered post
- self-reply        relation `thread_part`, target = the conversation's first post (the answered one where the
                    conversation is not told), unless the conversation is somebody else's
- reply and quote   one relation fits in a draft: the quote comes as an `Edge` beside it
- target            the other post's key, `x:<id>`
- link              `unwound_url`, else `expanded_url`, else `url`; media and links to X posts are no links
- reactions         like, repost, reply, quote, bookmark, view; a view count of 0 is dropped (X did not count then)
- included posts    context, not found by the search: no drafts unless `context=True`, then flagged `context`
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeGuard

from harvester.contract import count
from harvester.model import Draft, DraftAuthor, Edge
from harvester.payloads.x_author import author_of
from harvester.payloads.x_json import Json, dicts, told, unescaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

POST_PAGE = re.compile(
    r"https?://(?:www\.|mobile\.)?(?:x|twitter)\.com/(?:i/web|[^/?#]+)/status(?:es)?/\d", re.IGNORECASE
)
_METRICS = {
    "like_count": "like", "retweet_count": "repost", "repost_count": "repost", "reply_count": "reply",
    "quote_count": "quote", "bookmark_count": "bookmark", "impression_count": "view",
}  # fmt: skip
_REFERENCES = {
    "retweeted": "repost", "reposted": "repost", "quoted": "quote", "replied_to": "reply", "replied": "reply",
}  # fmt: skip
# X's own codes for "no language" are not languages; two it writes in their old form.
_NO_LANGUAGE = frozenset({"und", "zxx", "art", "qam", "qct", "qht", "qme", "qst"})
_OLD_LANGUAGE = {"in": "id", "iw": "he"}
_NOBODY = DraftAuthor(platform="x")


def is_post(record: object) -> TypeGuard[Json]:
    """Whether a JSON value is a post of API v2: it has an id and a text, which users, counts and rules lack."""
    return isinstance(record, dict) and "text" in record and bool(record.get("id"))


def post_url(post_id: str, handle: str = "") -> str:
    """The public address of a post; without its author's handle X redirects it."""
    return f"https://x.com/{handle or 'i'}/status/{post_id}"


def language_of(code: str) -> str:
    """X's code of a language as everybody else writes it, "" for one that is none."""
    return "" if code in _NO_LANGUAGE else _OLD_LANGUAGE.get(code, code)


def drafts_from_page(page: Json, *, context: bool = False) -> tuple[list[Draft], list[Edge]]:
    """The posts in `data` (a list, one object or nothing) of one API v2 answer, and the edges no draft can hold.

    Never raises on JSON of another shape: what is not a post gives no draft.
    """
    data = page.get("data")
    records = data if isinstance(data, list) else [data]
    includes = page.get("includes")
    if not isinstance(includes, dict):
        includes = {}
    users = {str(user["id"]): author_of(user) for user in dicts(includes.get("users")) if user.get("id")}
    included = [*dicts(includes.get("tweets")), *dicts(includes.get("posts"))]
    posts = [record for record in records if is_post(record)]
    known = {str(post.get("id")): post for post in (*posts, *included)}
    found = [_draft(post, users, known) for post in posts]
    if context:
        found += [_draft(post, users, known, ("context",)) for post in included if is_post(post)]
    return [draft for draft, _ in found], [edge for _, edge in found if edge is not None]


def _draft(
    post: Json, users: dict[str, DraftAuthor], known: dict[str, Json], flags: tuple[str, ...] = ()
) -> tuple[Draft, Edge | None]:
    """One post, and the quote that does not fit in it."""
    post_id, author_id, at = str(post["id"]), post.get("author_id"), told(post.get("created_at"))
    author = (users.get(str(author_id)) or author_of({"id": author_id})) if author_id else _NOBODY
    kind, relation, target, quoted = _relation(post, author, known)
    text, entities = _content(known.get(target, post) if kind == "repost" else post)
    url = post_url(post_id, author.handle if author.url else "")
    draft = Draft(
        url=url,
        native_id=post_id,
        platform="x",
        kind=kind,
        title=_title(post),
        text=text,
        language=language_of(told(post.get("lang"))),
        author=author,
        published=at,
        published_origin="api",
        hashtags=tuple(_values(entities.get("hashtags"), "tag")),
        links=_links(entities),
        mentions=tuple(_values(entities.get("mentions"), "username")),
        relation=relation,
        target=f"x:{target}" if target else "",
        conversation=told(post.get("conversation_id")),
        reactions=() if kind == "repost" else reactions_of(post),
        flags=flags + _flags(post),
    )
    if not quoted or relation == "quote":
        return draft, None
    return draft, Edge(type="quote", target=post_url(quoted), source=url, actor=author, at=at)


def _relation(post: Json, author: DraftAuthor, known: dict[str, Json]) -> tuple[str, str, str, str]:
    """(kind, relation, target id, quoted id) of a post."""
    references = post.get("referenced_tweets") or post.get("referenced_posts")
    if not references:
        return "micropost", "original", "", ""
    found = {_REFERENCES.get(told(r.get("type")), ""): told(r.get("id")) for r in dicts(references)}
    quoted = found.get("quote", "")
    if "repost" in found:
        return "repost", "repost", found["repost"], quoted
    if "reply" not in found:
        return "micropost", "quote" if "quote" in found else "original", quoted, quoted
    if _continues_own_thread(post, author, known):
        return "micropost", "thread_part", told(post.get("conversation_id")) or found["reply"], quoted
    return "micropost", "reply", found["reply"], quoted


def _continues_own_thread(post: Json, author: DraftAuthor, known: dict[str, Json]) -> bool:
    """Whether a reply is its author's answer to himself, in a conversation that he began.

    Where the first post is not at hand, a text that opens by naming somebody else tells that it is theirs.
    """
    mine = post.get("author_id")
    if not mine or post.get("in_reply_to_user_id") != mine:
        return False
    head = known.get(told(post.get("conversation_id")))
    if head is not None and head.get("author_id"):
        return bool(head["author_id"] == mine)
    opening = re.match(r"\s*@(\w+)", told(post.get("text")))
    return opening is None or opening[1].casefold() == author.handle.casefold()


def _content(post: Json) -> tuple[str, Json]:
    """The whole text and its entities; a long post keeps both apart from the cut ones."""
    entities = post.get("entities")
    if not isinstance(entities, dict):
        entities = {}
    note = post.get("note_tweet") or post.get("note_post")
    if not isinstance(note, dict) or not note.get("text"):
        return unescaped(told(post.get("text"))), entities
    long = note.get("entities")
    if not isinstance(long, dict):
        return unescaped(told(note["text"])), entities
    # Only the cut text's addresses carry unwound_url: the same short link lends it to the long one.
    unwound = {url.get("url"): url.get("unwound_url") for url in dicts(entities.get("urls"))}
    urls = [{**url, "unwound_url": unwound.get(url.get("url"))} for url in dicts(long.get("urls"))]
    return unescaped(told(note["text"])), {**entities, **long, "urls": urls}


def _links(entities: Json) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for url in dicts(entities.get("urls")):
        target = url.get("unwound_url") or url.get("expanded_url") or url.get("url")
        if isinstance(target, str) and not url.get("media_key") and not POST_PAGE.match(target):
            found[target] = None
    return tuple(found)


def reactions_of(post: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    """(name, number) of each reaction that a post tells of."""
    metrics = post.get("public_metrics")
    if not isinstance(metrics, dict):
        return ()
    counts = ((_METRICS.get(key), count(value)) for key, value in metrics.items())
    return tuple((name, n) for name, n in counts if name and n is not None and (n or name != "view"))


def _flags(post: Json) -> tuple[str, ...]:
    history = post.get("edit_history_tweet_ids") or post.get("edit_history_post_ids")
    said = (
        ("withheld", post.get("withheld")),
        ("sensitive", post.get("possibly_sensitive") is True),
        ("edited", isinstance(history, list) and len(history) > 1),
    )
    return tuple(name for name, is_so in said if is_so)


def _title(post: Json) -> str:
    article = post.get("article")
    return told(article.get("title")) if isinstance(article, dict) else ""


def _values(entities: object, key: str) -> Iterable[str]:
    return dict.fromkeys(told(entity.get(key)) for entity in dicts(entities) if entity.get(key))
