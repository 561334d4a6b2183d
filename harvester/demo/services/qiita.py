"""The invented Qiita's API v2: items and tags with search, paging, counts and an hourly allowance."""

from __future__ import annotations

import re
import time
import unicodedata
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit
from zlib import crc32

from harvester.demo.exchange import as_json
from harvester.demo.markup import to_html, to_markdown

if TYPE_CHECKING:
    from datetime import datetime

    from harvester.demo.exchange import Asked, Reply
    from harvester.demo.world import Doc, World

BASE = "https://qiita.com/api/v2"
HOSTS = ("qiita.com",)
_TERM = re.compile(r'(-?)(?:(\w+):)?("[^"]*"|\S+)')
_HOUR = 3600
HOURLY = 60  # requests that somebody without a token may make


class Service:
    """Answers `GET /api/v2/items`, `/items/:id`, `/tags/:tag/items` and `/users/:id/items` from a world."""

    def __init__(self, world: World) -> None:
        docs = [doc for doc in world.docs if doc.site.look == "qiita"]
        self._docs = sorted(docs, key=lambda d: d.published, reverse=True)
        self._spent: dict[str, int] = {}
        self._resets = int(time.time()) + _HOUR

    def answer(self, asked: Asked) -> Reply | None:
        """JSON with the service's paging and rate headers; 404 and 429 in its error form."""
        if not asked.target.startswith("/api/"):
            return None
        rate = self._rate(asked.headers.get("authorization", ""))
        if rate["Rate-Remaining"] == "-1":
            return as_json(
                {"message": "Rate limit exceeded", "type": "rate_limit_exceeded"}, 429, {**rate, "Rate-Remaining": "0"}
            )
        parts = urlsplit(asked.target)
        given = dict(parse_qsl(parts.query))
        path = unquote(parts.path).removeprefix("/api/v2")
        if match := re.fullmatch(r"/items/([0-9a-f]{20})", path):
            item = next((doc for doc in self._docs if doc.native_id == match[1]), None)
            return (
                as_json(_item(item), 200, rate)
                if item
                else as_json({"message": "Not found", "type": "not_found"}, 404, rate)
            )
        if path == "/items":
            return self._list(self._search(given.get("query", "")), given, path, rate)
        if match := re.fullmatch(r"/tags/([^/]+)/items", path):
            return self._list([d for d in self._docs if _tagged(d, match[1])], given, path, rate)
        if match := re.fullmatch(r"/users/([^/]+)/items", path):
            return self._list([d for d in self._docs if d.author.handle == match[1]], given, path, rate)
        return as_json({"message": "Not found", "type": "not_found"}, 404, rate)

    def _rate(self, token: str) -> dict[str, str]:
        """Sixty requests an hour for everybody, a thousand with any token."""
        now, limit = int(time.time()), 1000 if token else HOURLY
        if now >= self._resets:
            self._resets, self._spent = now + _HOUR, {}
        self._spent[token] = self._spent.get(token, 0) + 1
        remaining = max(-1, limit - self._spent[token])
        return {"Rate-Limit": str(limit), "Rate-Remaining": str(remaining), "Rate-Reset": str(self._resets)}

    def _search(self, query: str) -> list[Doc]:
        """`a b OR c d`: each side of OR is a list of conditions that must all hold."""
        sides = [side.strip() for side in re.split(r"\s+OR\s+", query)]
        return [doc for doc in self._docs if any(_matches(doc, side) for side in sides)]

    def _list(self, docs: list[Doc], given: dict[str, str], path: str, rate: dict[str, str]) -> Reply:
        try:
            page, size = int(given.get("page", "1")), int(given.get("per_page", "20"))
        except ValueError:
            page, size = 0, 0
        if not (1 <= page <= 100 and 1 <= size <= 100):
            return as_json({"message": "Bad request", "type": "bad_request"}, 400, rate)
        last = max(1, -(-len(docs) // size))
        links = [
            ("first", 1),
            *([("prev", page - 1)] if page > 1 else []),
            *([("next", page + 1)] if page < last else []),
            ("last", last),
        ]
        link = ", ".join(
            f'<{BASE}{path}?{urlencode({**given, "page": n, "per_page": size})}>; rel="{rel}"' for rel, n in links
        )
        items = [_item(doc) for doc in docs[(page - 1) * size : page * size]]
        return as_json(items, 200, {**rate, "Total-Count": str(len(docs)), "Link": link})


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _tagged(doc: Doc, tag: str) -> bool:
    return _fold(tag) in {_fold(own) for own in doc.tags}


def _matches(doc: Doc, side: str) -> bool:
    return all(_holds(doc, bool(m[1]), m[2] or "", m[3].strip('"')) for m in _TERM.finditer(side))


def _holds(doc: Doc, negated: bool, field: str, value: str) -> bool:
    if field in ("created", "updated"):
        return _dated(doc.published if field == "created" else _edited(doc), value)
    if field == "tag":
        found = _tagged(doc, value)
    elif field == "user":
        found = doc.author.handle == value
    elif field == "org":
        found = False  # nobody here has joined one
    elif field == "title":
        found = _fold(value) in _fold(doc.title)
    elif field == "body":
        found = _fold(value) in _fold(to_markdown(doc.blocks))
    else:
        word = f"{field}:{value}" if field else value
        found = _fold(word) in _fold(f"{doc.title}\n{to_markdown(doc.blocks)}\n{' '.join(doc.tags)}")
    return found is not negated


def _edited(doc: Doc) -> datetime:
    return doc.published + timedelta(hours=2)


def _dated(at: datetime, value: str) -> bool:
    """`>=2016-11-27`, `<2017-01`: days or months in Japan's time."""
    match = re.fullmatch(r"(>=|<=|>|<|)(\d{4}-\d{2}(?:-\d{2})?)", value)
    if match is None:
        return False
    mine = at.strftime("%Y-%m-%d")[: len(match[2])]
    return {">=": mine >= match[2], "<=": mine <= match[2], ">": mine > match[2], "<": mine < match[2]}.get(
        match[1], mine == match[2]
    )


def _item(doc: Doc) -> dict[str, Any]:
    person = doc.author
    own = next((home for home in person.homes if "qiita.com" not in home), None)
    stocks, comments, known = doc.likes // 2, doc.likes % 4, crc32(person.handle.encode())
    return {
        "id": doc.native_id, "title": doc.title, "url": doc.url, "created_at": doc.published.isoformat(),
        "updated_at": _edited(doc).isoformat(), "likes_count": doc.likes,
        "stocks_count": stocks, "comments_count": comments, "reactions_count": 0, "page_views_count": None,
        "private": False, "coediting": False, "slide": False, "organization_url_name": None, "group": None,
        "team_membership": None, "tags": [{"name": tag, "versions": []} for tag in doc.tags],
        "body": to_markdown(doc.blocks), "rendered_body": to_html(doc.blocks, "h1"),
        "user": {
            "id": person.handle, "permanent_id": int(person.id[1:]) + 70_000,
            "name": person.name if doc.likes % 3 else "",
            "description": None, "location": None, "organization": person.organisation or None, "website_url": own,
            "twitter_screen_name": person.x_handle, "github_login_name": None, "facebook_id": None, "linkedin_id": None,
            "profile_image_url": "", "items_count": 1 + known % 30, "followers_count": known % 80,
            "followees_count": known % 50, "team_only": False,
        },
    }  # fmt: skip
