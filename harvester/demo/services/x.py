"""The invented X's API v2: recent and full-archive search, counts and lookup, for one demo token that is no secret."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from harvester.demo.exchange import as_json
from harvester.demo.world import BEARER
from harvester.demo.x_query import BadQuery, compile_query

if TYPE_CHECKING:
    from harvester.demo.exchange import Asked, Reply
    from harvester.demo.people import Person
    from harvester.demo.world import Tweet, World

_RECENT = timedelta(days=7)
_LOOKUP, _MOST_IDS = "/2/tweets", 100
_PATH = re.compile(r"/2/tweets/(search|counts)/(recent|all)")
_PROBLEMS = "https://api.x.com/2/problems/"
_RATE = {"x-rate-limit-limit": "300", "x-rate-limit-remaining": "287", "x-rate-limit-reset": "4102444800"}
_WIDEST = {"recent": 100, "all": 500}
HOSTS = ("api.x.com", "api.twitter.com")
KEYS = {"X_BEARER_TOKEN": BEARER}


def event(_: World) -> str:
    """What is answered most is read to its last word."""
    return "[source.x]\nreplies = 3\nquotes = 3"


class Service:
    """Answers `GET /2/tweets`, `/2/tweets/search/*` and `/2/tweets/counts/*` from a world's posts, newest first."""

    def __init__(self, world: World) -> None:
        self._tweets = world.tweets
        self._by_id = {tweet.id: tweet for tweet in world.tweets}
        self._ties = Counter(tie for tweet in world.tweets for tie in tweet.referenced)

    def answer(self, asked: Asked) -> Reply:
        """JSON in the service's shape: 401 without the demo token, 400 for what it cannot read."""
        if asked.headers.get("authorization", "") != f"Bearer {BEARER}":
            return as_json(
                {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}, 401
            )
        parts = urlsplit(asked.target)
        match, given = _PATH.fullmatch(parts.path), dict(parse_qsl(parts.query))
        if match is None and parts.path != _LOOKUP:
            return as_json({"title": "Not Found", "type": f"{_PROBLEMS}resource-not-found", "status": 404}, 404)
        try:
            return as_json(_named(self._answer(match, given), given), 200, _RATE)
        except (BadQuery, ValueError, KeyError) as error:
            problem = {"title": "Invalid Request", "detail": str(error), "type": f"{_PROBLEMS}invalid-request"}
            return as_json(problem, 400)

    def _answer(self, match: re.Match[str] | None, given: dict[str, str]) -> dict[str, Any]:
        if match is None:
            return self._looked_up(given)
        found = self._found(given, match[2])
        return _counts(found, given) if match[1] == "counts" else self._page(found, given, match[2])

    def _looked_up(self, given: dict[str, str]) -> dict[str, Any]:
        ids = given["ids"].split(",")
        if len(ids) > _MOST_IDS or not all(map(str.isdigit, ids)):
            raise ValueError(f"'ids' must be 1 to {_MOST_IDS} numbers")
        found = [self._by_id[post_id] for post_id in ids if post_id in self._by_id]
        answer: dict[str, Any] = {"data": [self._post(tweet, given) for tweet in found]} if found else {}
        if found and "author_id" in given.get("expansions", ""):
            people = {tweet.author.id: tweet.author for tweet in found}
            answer["includes"] = {"users": [_user(person) for person in people.values()]}
        errors = [_missing(post_id) for post_id in ids if post_id not in self._by_id]
        return answer | ({"errors": errors} if errors else {})

    def _found(self, given: dict[str, str], scope: str) -> list[Tweet]:
        query = given["query"]
        if len(query) > (512 if scope == "recent" else 1024):
            raise BadQuery("the query is too long")
        test = compile_query(query)
        now = datetime.now(UTC)
        until = _time(given.get("end_time")) or now - timedelta(seconds=30)
        since = _time(given.get("start_time")) or (now - _RECENT if scope == "recent" else until - timedelta(days=30))
        if scope == "recent" and since < now - _RECENT - timedelta(minutes=1):
            raise ValueError("'start_time' must be on or after 7 days ago")
        after, before = int(given.get("since_id", "0")), int(given.get("until_id", "0"))
        if after:
            since = datetime(2006, 3, 1, tzinfo=UTC)
        return [
            tweet for tweet in self._tweets
            if since <= tweet.created < until and int(tweet.id) > after and (not before or int(tweet.id) < before)
            and test(tweet)
        ]  # fmt: skip

    def _page(self, found: list[Tweet], given: dict[str, str], scope: str) -> dict[str, Any]:
        size = int(given.get("max_results", "10"))
        if not 10 <= size <= _WIDEST[scope]:
            raise ValueError(f"'max_results' must be between 10 and {_WIDEST[scope]}")
        token = given.get("next_token") or given.get("pagination_token") or "n0"
        start = int(token.removeprefix("n"))
        page = found[start : start + size]
        meta: dict[str, Any] = {"result_count": len(page)}
        if not page:
            return {"meta": meta}
        meta |= {"newest_id": page[0].id, "oldest_id": page[-1].id}
        if start + size < len(found):
            meta["next_token"] = f"n{start + size}"
        answer: dict[str, Any] = {"data": [self._post(tweet, given) for tweet in page], "meta": meta}
        if "author_id" in given.get("expansions", ""):
            referenced = [self._by_id[other] for tweet in page for _, other in tweet.referenced if other in self._by_id]
            people = {tweet.author.id: tweet.author for tweet in (*page, *referenced)}
            answer["includes"] = {"users": [_user(person) for person in people.values()]}
            if referenced:
                answer["includes"]["tweets"] = [
                    self._post(tweet, given) for tweet in {t.id: t for t in referenced}.values()
                ]
        return answer

    def _post(self, tweet: Tweet, given: dict[str, str]) -> dict[str, Any]:
        """Id, text and edits, and the fields that were asked for; in the newer names relations are expansions."""
        number = int(tweet.id) >> 22
        asked = {*given.get("tweet.fields", "").split(","), *given.get("post.fields", "").split(",")}
        asked |= set(given.get("expansions", "").replace("referenced_posts", "referenced_tweets").split(","))
        fields: dict[str, Any] = {
            "author_id": str(880_000_000 + int(tweet.author.id[1:])), "created_at": _stamp(tweet.created),
            "lang": tweet.language, "conversation_id": tweet.conversation, "possibly_sensitive": False,
            "entities": _entities(tweet), "public_metrics": {
                "retweet_count": number % 7, "reply_count": self._ties["replied_to", tweet.id],
                "like_count": number % 31, "quote_count": self._ties["quoted", tweet.id], "bookmark_count": 0,
                "impression_count": 0,
            },
        }  # fmt: skip
        if tweet.referenced:
            fields["referenced_tweets"] = [{"type": kind, "id": other} for kind, other in tweet.referenced]
        told = {name: value for name, value in fields.items() if name in asked}
        return {"id": tweet.id, "text": tweet.text, "edit_history_tweet_ids": [tweet.id], **told}


_NEW_NAMES = {
    "retweet_count": "repost_count", "tweet_count": "post_count", "total_tweet_count": "total_post_count",
    "referenced_tweets": "referenced_posts", "edit_history_tweet_ids": "edit_history_post_ids", "tweets": "posts",
}  # fmt: skip


def _named(value: Any, given: dict[str, str]) -> Any:
    """An answer in the names in which it was asked for: whoever says `post.fields` is told of posts."""
    if "post.fields" not in given:
        return value
    if isinstance(value, list):
        return [_named(item, given) for item in value]
    if not isinstance(value, dict):
        return value
    return {_NEW_NAMES.get(name, name): _named(item, given) for name, item in value.items()}


def _missing(post_id: str) -> dict[str, str]:
    return {
        "value": post_id, "detail": f"Could not find tweet with ids: [{post_id}].", "title": "Not Found Error",
        "resource_type": "tweet", "parameter": "ids", "resource_id": post_id, "type": f"{_PROBLEMS}resource-not-found",
    }  # fmt: skip


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _counts(found: list[Tweet], given: dict[str, str]) -> dict[str, Any]:
    """Buckets of a day, or of an hour when asked."""
    step = timedelta(hours=1) if given.get("granularity", "hour") == "hour" else timedelta(days=1)
    shape = "%Y-%m-%dT%H" if step < timedelta(days=1) else "%Y-%m-%d"
    buckets = Counter(tweet.created.astimezone(UTC).strftime(shape) for tweet in found)
    rows = []
    for key in sorted(buckets):
        start = datetime.strptime(key, shape).replace(tzinfo=UTC)
        rows.append({"start": _stamp(start), "end": _stamp(start + step), "tweet_count": buckets[key]})
    return {"data": rows, "meta": {"total_tweet_count": len(found)}}


def _user(person: Person) -> dict[str, Any]:
    followers = int(person.id[1:]) * 37 % 2900 + 12
    return {
        "id": str(880_000_000 + int(person.id[1:])), "username": person.x_handle, "name": person.name,
        "verified": False, "protected": False, "description": "", "url": "",
        "public_metrics": {
            "followers_count": followers, "following_count": 120, "tweet_count": 4000, "listed_count": 3,
        },
    }  # fmt: skip


def _entities(tweet: Tweet) -> dict[str, Any]:
    urls = []
    for short, expanded, unwound in tweet.links:
        at = tweet.text.find(short)
        url = {"start": at, "end": at + len(short), "url": short, "expanded_url": expanded}
        url["display_url"] = expanded.split("://", 1)[1][:30] + "…"
        urls.append(url | ({"unwound_url": unwound, "status": 200} if unwound else {}))
    tags = [
        {"start": (at := tweet.text.find("#" + tag)), "end": at + len(tag) + 1, "tag": tag} for tag in tweet.hashtags
    ]
    return {name: rows for name, rows in (("urls", urls), ("hashtags", tags)) if rows}
