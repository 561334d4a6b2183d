"""snscrape's JSON lines of tweets, old field names (`content`, `outlinks`) and new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harvester.importers import Found, Refused
from harvester.importers.files import json_records
from harvester.importers.x_payload import count, found_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harvester.payloads.x_json import Json

_COUNTS = {
    "like_count": "likeCount",
    "retweet_count": "retweetCount",
    "reply_count": "replyCount",
    "quote_count": "quoteCount",
    "bookmark_count": "bookmarkCount",
    "impression_count": "viewCount",
}


def read(path: Path, encoding: str) -> Iterator[Found]:
    """Every record; those of other snscrape modules (users, posts of other networks) are refused."""
    for where, record in json_records(path, encoding):
        if isinstance(record, Refused):
            yield Refused(record.reason, where, record.detail)
        elif not is_tweet(record):
            yield Refused("not_a_post", where)
        else:
            yield from found_in(_page(record), where)


def is_tweet(record: Any) -> bool:
    """Whether a JSON value is a tweet as snscrape writes it."""
    return isinstance(record, dict) and "url" in record and ("rawContent" in record or "content" in record)


def _page(tweet: Json) -> Json:
    users: list[Json] = []
    included = [_post(tweet[name], users) for name in ("retweetedTweet", "quotedTweet") if is_tweet(tweet.get(name))]
    return {"data": [_post(tweet, users)], "includes": {"users": users, "tweets": included}}


def _post(tweet: Json, users: list[Json]) -> Json:
    user = tweet.get("user") if isinstance(tweet.get("user"), dict) else None
    user_id = str((user or {}).get("id") or (user or {}).get("username") or "")
    if user:
        users.append(_user(user, user_id))
    told = (("retweeted", "retweetedTweet"), ("quoted", "quotedTweet"))
    references = [{"type": kind, "id": _id(tweet.get(name))} for kind, name in told if _id(tweet.get(name))]
    if answered := tweet.get("inReplyToTweetId"):
        references.append({"type": "replied_to", "id": str(answered)})
    return {
        "id": str(tweet.get("id") or tweet["url"].rpartition("/")[2]),
        "text": tweet.get("rawContent") or tweet.get("content") or "",
        "author_id": user_id or None,
        "created_at": tweet.get("date"),
        "lang": tweet.get("lang"),
        "conversation_id": str(tweet.get("conversationId") or ""),
        "in_reply_to_user_id": _id(tweet.get("inReplyToUser")),
        "public_metrics": {new: count(tweet.get(old)) for new, old in _COUNTS.items()},
        "entities": _entities(tweet),
        "referenced_tweets": references,
    }


def _id(value: Any) -> str:
    return str(value.get("id") or "") if isinstance(value, dict) else ""


def _user(user: Json, user_id: str) -> Json:
    return {
        "id": user_id,
        "username": user.get("username"),
        "name": user.get("displayname"),
        "description": user.get("rawDescription") or user.get("description"),
        "url": user.get("linkUrl"),
        "protected": user.get("protected"),
        "public_metrics": {"followers_count": count(user.get("followersCount"))},
    }


def _entities(tweet: Json) -> Json:
    links = tweet.get("links")
    if isinstance(links, list):
        urls = [
            {"url": link.get("tcourl"), "expanded_url": link.get("url")} for link in links if isinstance(link, dict)
        ]
    else:
        outlinks = tweet.get("outlinks")
        urls = [{"expanded_url": url} for url in outlinks] if isinstance(outlinks, list) else []
    mentioned = tweet.get("mentionedUsers")
    return {
        "urls": urls,
        "hashtags": [{"tag": tag} for tag in tweet.get("hashtags") or ()],
        "mentions": mentioned if isinstance(mentioned, list) else [],
    }
