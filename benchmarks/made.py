"""Invented posts as an import reads them: Japanese text whose words come as often as words do."""

import json
import random
from datetime import UTC, datetime, timedelta
from functools import cache

from harvester.model import Author, Post, When

NOW = datetime(2016, 12, 24, tzinfo=UTC)
WORDS = [
    "参加",
    "しました",
    "発表",
    "資料",
    "公開",
    "登壇",
    "勉強会",
    "クラウド",
    "keynote",
    "Lambda",
    "notes",
    "great",
]


@cache
def _words() -> tuple[list[str], list[float]]:
    """Words of two to four characters and how often each is used (Zipf), as in any language."""
    dice = random.Random(0)
    signs = [chr(n) for n in (*range(0x3042, 0x3094), *range(0x30A2, 0x30F0), *range(0x4E00, 0x4E00 + 2000))]
    words = ["".join(dice.choices(signs, k=dice.randrange(2, 5))) for _ in range(3000)]
    return words, [1 / (rank + 2) for rank in range(len(words))]


def japanese(dice: random.Random, length: int) -> str:
    """Text whose words come as often as words do: what the search index costs depends on it."""
    words, weights = _words()
    found = dice.choices(words, weights, k=length // 3)
    return "".join(word + dice.choice("はをにがのと。") for word in found)[:length]


def pages(count: int) -> list[str]:
    """API answers of 100 posts with their authors, about 1.5 KB a post: replies, quotes, links to popular pages."""
    dice = random.Random(1)
    found = []
    for start in range(0, count, 100):
        users: dict[str, dict[str, object]] = {}
        posts = [_tweet(dice, start + n, count, users) for n in range(100)]
        page = {"data": posts, "includes": {"users": list(users.values())}, "meta": {"result_count": 100}}
        found.append(json.dumps(page, ensure_ascii=False))
    return found


def _tweet(dice: random.Random, number: int, count: int, users: dict[str, dict[str, object]]) -> dict[str, object]:
    user, post = dice.randrange(count // 3), str(2049 * 10**15 + number)
    users[str(10**9 + user)] = _user(user)
    entities: dict[str, object] = {"hashtags": [{"start": 9, "end": 17, "tag": "bench"}]}
    if dice.random() < 0.45:
        blog, entry = int(dice.paretovariate(0.8)) % 500, int(dice.paretovariate(0.6)) % 9999
        page = f"https://blog{blog}.example.jp/entry/{entry}?utm_source=x"
        entities["urls"] = [
            {"start": 1, "end": 24, "url": "https://t.co/abc", "expanded_url": page, "display_url": "x"}
        ]
    metrics = ("retweet_count", "reply_count", "like_count", "quote_count", "bookmark_count", "impression_count")
    found: dict[str, object] = {
        "id": post,
        "author_id": str(10**9 + user),
        "lang": "ja",
        "source": "Twitter Web App",
        "text": f"{japanese(dice, dice.randrange(30, 110))} {' '.join(dice.choices(WORDS, k=3))} #bench",
        "created_at": (NOW - timedelta(seconds=dice.randrange(300_000))).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "conversation_id": post,
        "reply_settings": "everyone",
        "possibly_sensitive": False,
        "edit_history_tweet_ids": [post],
        "public_metrics": {name: dice.randrange(50) for name in metrics},
        "entities": entities,
        "context_annotations": [{"domain": {"id": "10", "name": "Person"}, "entity": {"id": "1", "name": "X"}}],
    }
    if (kind := dice.random()) < 0.3:
        other = str(2048 * 10**15 + dice.randrange(10**6))
        found["referenced_tweets"] = [{"type": "quoted" if kind < 0.15 else "replied_to", "id": other}]
    return found


def _user(number: int) -> dict[str, object]:
    metrics = ("followers_count", "following_count", "tweet_count", "listed_count")
    return {
        "id": str(10**9 + number),
        "username": f"user{number}",
        "name": f"名前{number}",
        "description": f"エンジニア {WORDS[number % 12]}",
        "created_at": "2010-01-01T00:00:00.000Z",
        "protected": False,
        "verified": False,
        "url": "",
        "location": "Tokyo",
        "profile_image_url": "https://pbs.example/profile_images/1/normal.jpg",
        "public_metrics": dict.fromkeys(metrics, number % 9999),
    }


def articles(count: int) -> list[Post]:
    """Posts with a title, a text of 300 characters and one link."""
    dice = random.Random(2)
    return [
        Post(
            key=f"https://blog{n % 800}.example/entry/{n}",
            url=f"https://blog{n % 800}.example/entry/{n}",
            kind="article",
            platform="web",
            host=f"blog{n % 800}.example",
            author=Author(platform="web", handle=f"blog{n % 800}.example", name=f"名前{n % 800}"),
            title=japanese(dice, 20),
            text=japanese(dice, 300),
            language="ja",
            hashtags=("bench",),
            published=When(at=NOW - timedelta(minutes=n), precision="second", origin="feed", raw="x"),
            canonical_url=f"https://blog{n % 800}.example/entry/{n}",
            links=(f"https://aoi.example/{n % 50}",),
        )
        for n in range(count)
    ]
