"""The invented publish.x.com: one post a request, for anybody who knows its address."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlsplit

from harvester import urls
from harvester.demo.exchange import as_json

if TYPE_CHECKING:
    from harvester.demo.exchange import Asked, Reply
    from harvester.demo.world import Tweet, World

HOSTS = ("publish.x.com", "publish.twitter.com")
_LISTED = 3


def event(world: World) -> str:
    """Posts that somebody wrote down by their addresses; the search finds them too, and tells more of them."""
    found = [tweet for tweet in world.tweets if tweet.relevant and tweet.hashtags and not tweet.referenced][:_LISTED]
    posts = [f"https://twitter.com/{tweet.author.x_handle}/status/{tweet.id}" for tweet in found]
    return f"[source.x_oembed]\nposts = {json.dumps(posts)}"


class Service:
    """Answers `GET /oembed?url=`: 404 for what is no post here."""

    def __init__(self, world: World) -> None:
        self._tweets = {tweet.id: tweet for tweet in world.tweets}

    def answer(self, asked: Asked) -> Reply | None:
        """JSON in the service's shape."""
        parts = urlsplit(asked.target)
        if parts.path != "/oembed":
            return None
        found = urls.identify(dict(parse_qsl(parts.query)).get("url", ""))
        tweet = self._tweets.get(found.native_id) if found.platform == "x" else None
        if tweet is None:
            return as_json({"error": "Sorry, that page does not exist.", "request": asked.target}, 404)
        return as_json(_shown(tweet))


def _shown(tweet: Tweet) -> dict[str, Any]:
    person, url = tweet.author, f"https://twitter.com/{tweet.author.x_handle}/status/{tweet.id}"
    words = " ".join(_word(word) for word in tweet.text.split(" "))
    line = f'&mdash; {escape(person.name)} (@{person.x_handle}) <a href="{url}">{tweet.created:%B %-d, %Y}</a>'
    return {
        "url": url, "author_name": person.name, "author_url": f"https://twitter.com/{person.x_handle}",
        "html": f'<blockquote class="twitter-tweet" data-dnt="true"><p lang="{tweet.language}" dir="ltr">{words}</p>'
        f"{line}</blockquote>\n\n",
        "width": 550, "height": None, "type": "rich", "cache_age": "3153600000", "provider_name": "Twitter",
        "provider_url": "https://twitter.com", "version": "1.0",
    }  # fmt: skip


def _word(word: str) -> str:
    """A word as markup: links, tags and accounts are anchors."""
    if word.startswith("https://t.co/"):
        return f'<a href="{escape(word)}">{escape(word)}</a>'
    if word.startswith("#") and len(word) > 1:
        return f'<a href="https://twitter.com/hashtag/{quote(word[1:])}?src=hash">{escape(word)}</a>'
    if word.startswith("@") and len(word) > 1:
        return f'<a href="https://twitter.com/{quote(word[1:].rstrip(":"))}">{escape(word)}</a>'
    return escape(word)
