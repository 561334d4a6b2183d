"""Qiita through its documented API v2: articles by keyword and by tag, with their reactions.

One question per name and per hashtag: how `OR` binds against `created:` is not documented, and a question whose
date limit is lost answers with years of newer articles first. Articles come newest first, so a question is
complete only when its last page was read; only then its mark moves.
"""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from harvester.contract import count, text
from harvester.model import Draft, DraftAuthor
from harvester.source import Contract, Cursor, Note, Option, Source
from harvester.text import plain, tag_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found

PER_PAGE, LAST_PAGE = 50, 100  # items carry their text twice: 100 a page can be several megabytes
KEEP_FREE = 5  # requests of the hour that we leave to others behind our address
REFRESH = timedelta(days=30)  # younger articles are asked for again: their reactions come with the list
LONGEST_MARKUP = 200_000  # of more, the Markdown is the text: markup is read on the event loop here
_HREF = re.compile(r'<a\s[^>]{0,500}?href="(https?://[^"]+)"')
_REACTIONS = {"likes_count": "like", "stocks_count": "stock", "comments_count": "comment"}
ARTICLES = Contract(
    required=("id", "url"),
    fields={
        "id": "text", "url": "text", "title": "text", "body": "text", "rendered_body": "text", "created_at": "text",
        "updated_at": "text", "likes_count": "whole number", "stocks_count": "whole number",
        "comments_count": "whole number", "tags": "list", "private": "yes/no", "slide": "yes/no",
        "organization_url_name": "text", "user": "object", "user.id": "text", "user.followers_count": "whole number",
    },
    unread=frozenset({"coediting", "group", "page_views_count", "reactions_count", "team_membership"}),
)  # fmt: skip


class Qiita(Source):
    """A question for each name and each tag."""

    name = "qiita"
    label = "Qiita articles by event name and tag (API v2; no key needed)"
    contributes = "participants' articles with likes, stocks and comments"
    optional_keys = ("QIITA_TOKEN",)
    origins = ("https://qiita.com",)
    policy = "api"
    platforms = ("qiita",)
    document = False
    contract = ARTICLES
    option_specs: ClassVar[Mapping[str, Option]] = {
        "tags": Option(kind="texts", default=(), doc="More tags to search, besides the event's hashtags."),
        "queries": Option(
            kind="texts", default=(), minimum=1,
            doc="Searches in Qiita's syntax, asked in place of the event's names and hashtags.",
        ),
        "max_requests": Option(kind="whole number", default=50, doc="Requests in one crawl, 50 articles each."),
    }  # fmt: skip
    asked = 0

    async def start(self) -> AsyncIterator[Request]:
        """The first page of every question: what is new since its mark and what is young, else the whole window."""
        first, end = (f"{day:%Y-%m-%d}" for day in (self.event.starts - timedelta(days=1), self.until))
        for query in self.queries():
            since = max(first, min(self.checkpoint(query) or first, f"{self.now - REFRESH:%Y-%m-%d}"))
            state = {"page": 1, "seen": 0, "mark": f"{self.now - timedelta(days=1):%Y-%m-%d}"}
            yield self.page(query, state | {"since": since if since < end else first})

    @property
    def until(self) -> Any:
        """The first day that is not asked for. In which zone days begin is not documented: a day more at both ends."""
        return self.event.ends + timedelta(days=30)

    def queries(self) -> list[str]:
        """What is asked: each name as a phrase, each tag once however it is spelled."""
        chosen: list[str] = list(self.option("queries"))
        names = {tag_key(name): name.replace('"', " ") for name in (self.event.name, *self.event.names)}
        more = (*(() if chosen else self.event.hashtags), *self.option("tags"))
        tags: dict[str, str] = {}
        for tag in more:
            tags.setdefault(tag_key(tag), tag.strip().lstrip("#＃"))
        asked = chosen or [f'"{name}"' for name in names.values()]
        return asked + [f"tag:{tag}" for tag in tags.values()]

    def page(self, query: str, state: dict[str, Any]) -> Request:
        """One page of a question within the event's window."""
        self.asked += 1
        limited = f"{query} created:>={state['since']} created:<{self.until:%Y-%m-%d}"
        fields = urlencode({"page": state["page"], "per_page": PER_PAGE, "query": limited})
        return self.get(f"https://qiita.com/api/v2/items?{fields}", self.parse_page, query=query, state=state)

    def authorize(self, request: Request) -> Request:
        """A personal token raises 60 requests an hour to 1,000."""
        if token := self.secret("QIITA_TOKEN"):
            request.headers["Authorization"] = f"Bearer {token}"
        return request

    def parse_page(self, response: Response) -> Iterator[Found]:
        """The articles of one page, then the next page or the mark that the question has been read."""
        query, state, items = response.meta["query"], dict(response.meta["state"]), self.json(response)
        if not isinstance(items, list):
            self.refused(response, "no list of articles", "bad_json")
        articles, drift = self.records(response, items)
        yield from drift
        yield from map(draft_of, articles)
        state |= {"seen": state["seen"] + len(items)}
        total = _number(response, "Total-Count")
        linked = b'rel="next"' in (response.headers.get("Link") or b"")
        more = linked if total is None else state["page"] * PER_PAGE < total
        reason = self.why_stop(response, state["page"], len(items)) if more else ""
        yield Note(
            query=query, returned=state["seen"], reported_total=total, truncated=bool(reason),
            window_start=f"{state['since']}T00:00:00Z", reason=reason,
        )  # fmt: skip
        if not more:
            yield Cursor(query, state["mark"])
        elif not reason:
            yield self.page(query, state | {"page": state["page"] + 1})

    def why_stop(self, response: Response, page: int, came: int) -> str:
        """Why the next page is not asked for in this run, "" when it is."""
        left, most = _number(response, "Rate-Remaining"), self.option("max_requests")
        if left is not None and left <= KEEP_FREE:
            return f"rate limit: {left} requests left, resets at {_number(response, 'Rate-Reset')}"
        if not came or page >= LAST_PAGE:
            return "an empty page before the end" if not came else f"Qiita shows {LAST_PAGE} pages at most"
        return f"request budget of {most} used up" if self.asked >= most else ""


def draft_of(item: dict[str, Any]) -> Draft:
    """One article of the API as found; a field of another kind than the contract's is not there."""
    markup = text(item.get("rendered_body"))
    tags = [tag for tag in item["tags"] if isinstance(tag, dict)] if isinstance(item.get("tags"), list) else []
    reactions = ((name, count(item.get(key))) for key, name in _REACTIONS.items())
    return Draft(
        url=str(item["url"]), native_id=str(item["id"]), platform="qiita", kind="article",
        title=text(item.get("title")), author=author_of(item),
        text=plain(markup) if 0 < len(markup) <= LONGEST_MARKUP else text(item.get("body")),
        published=text(item.get("created_at")), published_origin="api", updated=text(item.get("updated_at")),
        hashtags=tuple(name for tag in tags if (name := text(tag.get("name")))),
        links=tuple(dict.fromkeys(html.unescape(url) for url in _HREF.findall(markup))),
        reactions=tuple((name, n) for name, n in reactions if n is not None),
        publisher=text(item.get("organization_url_name")), flags=("slide_mode",) if item.get("slide") is True else (),
        raw=json.dumps({key: value for key, value in item.items() if key != "rendered_body"}, ensure_ascii=False),
    )  # fmt: skip


def author_of(item: dict[str, Any]) -> DraftAuthor:
    """The account of an article; most of its texts may be null. A limited share is as protected as an account."""
    user: dict[str, Any] = item["user"] if isinstance(item.get("user"), dict) else {}
    handle = text(user.get("id"))
    return DraftAuthor(
        platform="qiita", handle=handle, url=f"https://qiita.com/{handle}" if handle else "",
        name=text(user.get("name")), bio=text(user.get("description")),
        organisation=text(user.get("organization")), website=text(user.get("website_url")),
        followers=count(user.get("followers_count")), protected=item.get("private") is True,
    )  # fmt: skip


def _number(response: Response, header: str) -> int | None:
    text = (response.headers.get(header) or b"").decode("latin-1").strip()
    return int(text) if text.isascii() and text.isdigit() else None
