"""What Reddit's search tells: a link that somebody submitted with its numbers, or a text that they wrote. Pure.

What was deleted or removed over there is never handed on: the terms of Reddit ask that it goes everywhere.
"""

from __future__ import annotations

import html
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode, urljoin

from harvester import urls
from harvester.contract import Contract, count, text
from harvester.model import Draft, DraftAuthor, Edge, Link, Reaction
from harvester.walks import timeline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harvester.event import Event

SITE, API = "https://www.reddit.com", "https://oauth.reddit.com"
PER_PAGE: Final = 100
_SPANS: Final = ((1, "day"), (7, "week"), (31, "month"), (365, "year"))
NUMBERS: Final = {"score": "point", "num_comments": "comment"}
POSTS = Contract(
    required=("name", "permalink"),
    fields={
        "name": "text", "permalink": "text", "title": "text", "selftext": "text", "url": "text", "author": "text",
        "subreddit": "text", "subreddit_type": "text", "score": "whole number", "num_comments": "whole number",
        "removed_by_category": "text",
    },
    unread=frozenset({
        "created", "created_utc", "domain", "downs", "id", "is_self", "link_flair_text", "over_18", "subreddit_id",
        "subreddit_name_prefixed", "ups", "upvote_ratio",
    }),
)  # fmt: skip
_GONE: Final = frozenset({"[deleted]", "[removed]"})
_OPEN: Final = frozenset({"", "public", "restricted"})  # restricted: everybody reads, some write


def searches(event: Event, subreddits: Iterable[str]) -> dict[str, dict[str, str]]:
    """The event's names and sites as questions, in all of Reddit or in some subreddits: `words` and `path` of each."""
    hosts = dict.fromkeys((*event.official_hosts, *map(urls.host_of, event.event_urls)))
    words = dict.fromkeys((*timeline.asked_names(event), *(f"url:{host}" for host in hosts)))
    names = [name.strip().strip("/").removeprefix("r/") for name in subreddits] or [""]
    return {
        f"r/{name} {each}" if name else each: {
            "words": each, "path": f"/r/{quote(name, safe='')}/search" if name else "/search",
        }
        for name in names for each in words
    }  # fmt: skip


def page_url(walk: timeline.Walk, now: datetime) -> str:
    """The next page of a walk, in the shortest span that Reddit knows and that holds it."""
    first = timeline.moment(walk["stop"]) or now
    span = next((name for days, name in _SPANS if now - first < timedelta(days=days)), "all")
    fields = {"q": walk["words"], "sort": "new", "t": span, "limit": PER_PAGE, "raw_json": 1, "type": "link"}
    fields |= {"after": walk["until"]} if walk["until"] else {}
    fields |= {"restrict_sr": 1} if walk["path"] != "/search" else {}
    return f"{API}{walk['path']}?{urlencode(fields)}"


def feed_url(walk: timeline.Walk) -> str:
    """The same search as guests may see it."""
    fields = {"q": walk["words"], "sort": "new"} | ({"restrict_sr": 1} if walk["path"] != "/search" else {})
    return f"{SITE}{walk['path']}.rss?{urlencode(fields)}"


def stamp(post: dict[str, Any]) -> str:
    """When a post was made, to know where a walk stands; "" when it does not say so in a way that can be read."""
    told = post.get("created_utc")
    try:
        at = datetime.fromtimestamp(told, UTC) if isinstance(told, int | float) else None
    except (ValueError, OverflowError, OSError):
        return ""
    return timeline.iso(at) if at else ""


def is_gone(post: dict[str, Any]) -> bool:
    """Whether its author or a moderator took a post away, or only some people may see it."""
    said = {text(post.get(name)) for name in ("author", "selftext", "title")}
    return bool(said & _GONE or post.get("removed_by_category")) or text(post.get("subreddit_type")) not in _OPEN


def is_own(url: str) -> bool:
    """Whether an address leads to Reddit, its pictures and videos among them."""
    return urls.identify(url).platform == "reddit" or f".{urls.host_of(url)}".endswith(".redd.it")


def said_in(post: dict[str, Any]) -> str:
    """All words of a post."""
    return f"{text(post.get('title'))}\n{text(post.get('selftext'))}"


def found_in(post: dict[str, Any]) -> Iterator[Draft | Link | Reaction | Edge]:
    """A link with its numbers and who submitted it, or a text that was written there."""
    handle, url, at = text(post.get("author")), html.unescape(text(post.get("url"))), stamp(post)
    author = DraftAuthor(platform="reddit", handle=handle, url=f"{SITE}/user/{quote(handle)}" if handle else "")
    counted = ((name, count(post.get(field))) for field, name in NUMBERS.items())
    numbers = tuple((name, value) for name, value in counted if value is not None)
    if url.startswith(("http://", "https://")) and not is_own(url):
        yield Link(url=url, text=text(post.get("title")))
        yield from (Reaction(url=url, name=name, value=value) for name, value in numbers)
        if handle:
            yield Edge(type="bookmark", target=url, actor=author, at=at)
        return
    yield Draft(
        url=urljoin(SITE, str(post["permalink"])), native_id=str(post["name"]).removeprefix("t3_"), platform="reddit",
        kind="qa", title=text(post.get("title")), text=text(post.get("selftext")), author=author, published=at,
        published_origin="api" if at else "", reactions=numbers, publisher=text(post.get("subreddit")),
        raw=json.dumps(post, ensure_ascii=False),
    )  # fmt: skip
