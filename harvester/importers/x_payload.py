"""Every JSON shape that X posts were ever saved in, as pages of API v2: one mapping reads them all.

Shapes: a v2 answer (twarc2, one a line), a v2 post with its author inside (twarc2 flatten), a v1.1 tweet (twarc 1,
the X archive, TAGS' entities), and the archive's `{"tweet": …}` around one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from harvester.importers import Found, Refused
from harvester.payloads.x import drafts_from_page, is_post

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harvester.payloads.x_json import Json

_RETWEET = re.compile(r"RT @(\w+):? ")


def found_in(record: Any, where: str) -> Iterator[Found]:
    """The drafts, edges and refusals of one JSON value."""
    if isinstance(record, Refused):
        yield Refused(record.reason, where, record.detail)
        return
    page = page_of(record)
    if page is None:
        yield Refused("not_a_post", where)
        return
    data = page.get("data")
    records = data if isinstance(data, list) else [data]
    if data is None:
        empty = "result_count" in (page.get("meta") or {})
        if not empty:
            yield Refused("api_error", where, _problem(page))
        return
    drafts, edges = drafts_from_page(page)
    if len(drafts) < len(records):
        for other in records:
            if not is_post(other):
                yield Refused("not_a_post", where)
    yield from drafts
    yield from edges


def _problem(page: Json) -> str:
    errors = page.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else {}
    return str(first.get("detail") or first.get("title") or "")[:200] if isinstance(first, dict) else ""


def page_of(record: Any) -> Json | None:
    """The v2 page that one JSON value is or holds; None when it is nothing of X's."""
    if not isinstance(record, dict):
        return None
    if "data" in record or "includes" in record or ("errors" in record and "id" not in record):
        return record
    if isinstance(record.get("tweet"), dict):
        return page_from_v1(record["tweet"])
    if is_v1(record):
        return page_from_v1(record)
    return page_from_flat(record) if is_post(record) else None


def is_v1(record: Json) -> bool:
    """Whether a JSON object is a tweet of API v1.1: it writes its id twice, once as text."""
    return "id_str" in record and ("full_text" in record or "text" in record)


def page_from_flat(post: Json) -> Json:
    """A flattened post (author and referenced posts inside it) as the page it was."""
    references = post.get("referenced_tweets") or post.get("referenced_posts")
    included = [r for r in references if is_post(r)] if isinstance(references, list) else []
    users = [p["author"] for p in (post, *included) if isinstance(p.get("author"), dict)]
    return {"data": [post], "includes": {"users": users, "tweets": included}}


def page_from_v1(tweet: Json, owner: Json | None = None) -> Json:
    """A v1.1 tweet as a v2 page. `owner` is the v1 user who wrote it, for files that leave him out."""
    users: list[Json] = []
    others = (tweet.get("retweeted_status"), tweet.get("quoted_status"))
    included = [_post(other, users, None) for other in others if isinstance(other, dict)]
    return {"data": [_post(tweet, users, owner)], "includes": {"users": users, "tweets": included}}


def _post(tweet: Json, users: list[Json], owner: Json | None) -> Json:
    extended = _dict(tweet.get("extended_tweet"))
    text = extended.get("full_text") or tweet.get("full_text") or tweet.get("text") or ""
    entities = _dict(extended.get("entities") or tweet.get("entities"))
    user = _dict(tweet.get("user")) or owner or {}
    user_id = str(user.get("id_str") or user.get("id") or user.get("screen_name") or "")
    if user_id:
        users.append(_user(user, user_id))
    counts = {
        "like_count": "favorite_count",
        "retweet_count": "retweet_count",
        "reply_count": "reply_count",
        "quote_count": "quote_count",
    }
    return {
        "id": str(tweet.get("id_str") or tweet.get("id") or ""),
        "text": text,
        "author_id": user_id or None,
        "created_at": tweet.get("created_at"),
        "lang": tweet.get("lang"),
        "possibly_sensitive": tweet.get("possibly_sensitive"),
        "withheld": tweet.get("withheld_in_countries"),
        "in_reply_to_user_id": tweet.get("in_reply_to_user_id_str"),
        "public_metrics": {new: count(tweet.get(old)) for new, old in counts.items()},
        "entities": _entities(entities),
        "referenced_tweets": _references(tweet, str(text), entities),
    }


def _references(tweet: Json, text: str, entities: Json) -> list[Json]:
    retweeted = tweet.get("retweeted_status")
    if isinstance(retweeted, dict):
        return [{"type": "retweeted", "id": retweeted.get("id_str")}]
    if _RETWEET.match(text):
        # The archive keeps a repost as words only; a picture in it still tells the original's id.
        media = _dicts(entities.get("media"))
        return [{"type": "retweeted", "id": media[0].get("source_status_id_str") if media else None}]
    found = []
    if answered := tweet.get("in_reply_to_status_id_str"):
        found.append({"type": "replied_to", "id": answered})
    quoted = tweet.get("quoted_status_id_str") or _dict(tweet.get("quoted_status")).get("id_str")
    if quoted:
        found.append({"type": "quoted", "id": quoted})
    return found


def _entities(entities: Json) -> Json:
    return {
        "hashtags": [{"tag": tag.get("text")} for tag in _dicts(entities.get("hashtags"))],
        "mentions": [{"username": user.get("screen_name")} for user in _dicts(entities.get("user_mentions"))],
        "urls": entities.get("urls"),
    }


def _user(user: Json, user_id: str) -> Json:
    return {
        "id": user_id,
        "username": user.get("screen_name"),
        "name": user.get("name"),
        "description": user.get("description"),
        "url": user.get("url"),
        "entities": user.get("entities"),
        "protected": user.get("protected"),
        "public_metrics": {"followers_count": count(user.get("followers_count"))},
    }


def count(value: Any) -> int | None:
    """A count that may be written as text (the archive, CSV cells with thousands separators)."""
    if isinstance(value, str):
        digits = value.strip().replace(",", "").removesuffix(".0")
        return int(digits) if digits.isdecimal() and len(digits) < 19 else None
    return value if isinstance(value, int) else None


def _dict(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _dicts(values: Any) -> list[Json]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []
