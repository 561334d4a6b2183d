"""The invented Hacker News: its search by date, with submissions of pages, questions and comments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from harvester.demo.exchange import as_json
from harvester.demo.words import dice
from harvester.demo.world import NAME, STARTS, WRITTEN
from harvester.text import fold

if TYPE_CHECKING:
    import random

    from harvester.demo.exchange import Asked, Reply
    from harvester.demo.world import World

HOSTS = ("hn.algolia.com",)
_WINDOW, _SIZE = 1000, 20
_LINKS, _OTHERS = 9, 130
_FIRST = 13_000_000
_QUESTIONS = (
    (f"Ask HN: Who is at {NAME}?", "Looking for people to compare notes with. #reinvent"),
    (f"Ask HN: What did you take home from {NAME}?", "I was in the second row and still missed half of it."),
)
_COMMENTS = (f"At {NAME} they said the opposite, see the second day.", "The queue at re:Invent 2016 was the real talk.")
_FILTER = re.compile(r"created_at_i(>=|<=|>|<)(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A submission with an address, a question without one, or a comment below the item `parent`."""

    id: int
    author: str
    created: datetime
    title: str = ""
    url: str = ""
    text: str = ""
    parent: int = 0
    points: int = 0
    comments: int = 0
    relevant: bool = True

    @property
    def words(self) -> str:
        """What a search for words looks at."""
        return fold(f"{self.title}\n{self.text}\n{self.url}")


def items(world: World) -> list[Item]:
    """Everything there is, the newest first; the same for the same world."""
    rng, made = dice(f"hackernews {world.seed}"), list[Item]()
    known = [doc for doc in world.docs if doc.counted and doc.kind in WRITTEN and not doc.optional]
    known = [doc for doc in known if not doc.missed and not doc.site.failure]
    for doc in rng.sample(known, min(_LINKS, len(known))):
        when = doc.published + timedelta(minutes=rng.randint(30, 2000))
        made.append(_item(rng, made, when, title=f"{NAME}: {doc.title}", url=doc.url))
    for title, said in _QUESTIONS:
        made.append(_item(rng, made, STARTS + timedelta(minutes=rng.randint(0, 7000)), title=title, text=said))
    for said in _COMMENTS:
        above = rng.choice(made[:_LINKS])
        when = above.created + timedelta(minutes=rng.randint(5, 300))
        made.append(_item(rng, made, when, text=said, parent=above.id))
    for number in range(_OTHERS):  # the tag is a word, and other people use it for other things
        when = STARTS + timedelta(minutes=211 * number)
        title = f"How to reinvent wheel no. {number}"
        url = f"https://wheels.example.net/{number}"
        made.append(_item(rng, made, when, title=title, url=url, relevant=False))
    return sorted(made, key=lambda item: (item.created, item.id), reverse=True)


def _item(rng: random.Random, made: list[Item], when: datetime, **more: Any) -> Item:
    number = len(made)
    numbers: dict[str, Any] = (
        {} if more.get("parent") else {"points": rng.randint(1, 90), "comments": rng.randint(0, 20)}
    )
    author = f"hacker{rng.randint(1, 40):02}_sim"
    return Item(id=_FIRST + number, author=author, created=when.astimezone(UTC).replace(second=0), **numbers, **more)


def posts(world: World) -> dict[str, dict[str, Any]]:
    """What is true of questions and comments: post key → {relevant, counted, why}."""
    return {
        f"hackernews:{item.id}": {"relevant": item.relevant, "counted": False, "why": "talk at Hacker News"}
        for item in items(world) if not item.url
    }  # fmt: skip


class Service:
    """Answers `GET /api/v1/search_by_date`."""

    def __init__(self, world: World) -> None:
        self._items = items(world)

    def answer(self, asked: Asked) -> Reply | None:
        """JSON in the service's shape: 400 for a filter it cannot read, 404 for what it does not have."""
        parts = urlsplit(asked.target)
        given = dict(parse_qsl(parts.query))
        if parts.path == "/robots.txt":
            return None
        if parts.path != "/api/v1/search_by_date":
            return as_json({"message": "Not Found", "status": 404}, 404)
        limits = [_FILTER.fullmatch(limit) for limit in given.get("numericFilters", "").split(",") if limit]
        page, size = int(given.get("page", "0")), int(given.get("hitsPerPage", str(_SIZE)))
        if None in limits or not 1 <= size <= _WINDOW:
            return as_json({"message": "invalid numericFilters or hitsPerPage", "status": 400}, 400)
        kinds = given.get("tags", "")
        field = given.get("restrictSearchableAttributes", "")
        found = [
            item for item in self._items
            if _matches(item, given.get("query", ""), field) and ("comment" in kinds or not item.parent)
            and all(limit is None or _within(item, limit[1], int(limit[2])) for limit in limits)
        ]  # fmt: skip
        shown = found[:_WINDOW][page * size : (page + 1) * size]
        return as_json({
            "hits": [_hit(item) for item in shown], "nbHits": len(found), "page": page, "hitsPerPage": size,
            "nbPages": -(-min(len(found), _WINDOW) // size), "exhaustiveNbHits": True, "query": given.get("query", ""),
        })  # fmt: skip


def _within(item: Item, sign: str, limit: int) -> bool:
    at = int(item.created.timestamp())
    return {">=": at >= limit, "<=": at <= limit, ">": at > limit, "<": at < limit}[sign]


def _matches(item: Item, query: str, field: str) -> bool:
    said, words = fold(item.url) if field == "url" else item.words, fold(query)
    if words.startswith('"'):
        return re.sub(r"\W+", " ", words).strip() in re.sub(r"\W+", " ", said)
    return all(word in said for word in words.split())


def _hit(item: Item) -> dict[str, Any]:
    markup = escape(item.text)
    hit: dict[str, Any] = {
        "objectID": str(item.id), "author": item.author, "created_at": f"{item.created:%Y-%m-%dT%H:%M:%SZ}",
        "created_at_i": int(item.created.timestamp()), "story_id": item.parent or item.id,
        "_tags": ["comment" if item.parent else "story", f"author_{item.author}"],
    }  # fmt: skip
    if item.parent:
        return hit | {"comment_text": markup, "parent_id": item.parent, "title": None, "url": None, "points": None}
    told = {"title": item.title, "url": item.url or None, "points": item.points, "num_comments": item.comments}
    return hit | told | ({"story_text": markup} if item.text else {})
