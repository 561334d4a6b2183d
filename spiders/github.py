"""GitHub through its documented search: repositories and issues of the event's time that bear its name or topic.

A search shows a thousand results at most, so a question with more is split by days (`harvester.walks.windows`).
Repositories are made before an event too, for a talk or a workshop. What does not name the event is left out: the
search matches single words.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from harvester.contract import count
from harvester.payloads.github import FOUND, issue_of, repository_of
from harvester.source import Cursor, Option, Source
from harvester.text import tag_key
from harvester.walks import windows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found

API = "https://api.github.com/search"
PAGE, PAGES = 100, 10
LEAD = timedelta(days=30)
PART = "GitHub ran out of time and shows a part"
HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
_TOPIC = re.compile(r"[a-z0-9][a-z0-9-]{0,49}")


class GitHub(Source):
    """A question for each name, among repositories and among issues, and one for each topic."""

    name = "github"
    label = "GitHub repositories and issues by event name and topic (REST API; no key needed)"
    contributes = "sample code, slides and material of talks, with stars, and issues that name the event"
    optional_keys = ("GITHUB_TOKEN",)
    key_from = "github.com, Settings, Developer settings, Personal access tokens: one without any rights; free"
    origins = ("https://api.github.com",)
    policy = "api"
    pause = 6.0  # ten searches a minute without a token
    platforms = ("github",)
    document = False
    contract = FOUND
    nothing = "nothing to ask for: the event is more than a month ahead, or all was read within a month"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "topics": Option(kind="texts", default=(), doc="More topics to search, besides the event's hashtags."),
        "issues": Option(kind="yes/no", default=True, doc="`false` searches repositories only."),
        "max_requests": Option(kind="whole number", default=30, doc="Requests in one crawl, 100 results each."),
    }  # fmt: skip
    asked = 0

    async def start(self) -> AsyncIterator[Request]:
        """The first page of every question."""
        for query, (kind, words, check) in self.queries().items():
            walk = windows.begin(self.event, self.now, self.checkpoint(query), lead=LEAD)
            if walk is not None:
                yield self.page(query, walk | {"kind": kind, "words": words, "check": check})

    def queries(self) -> dict[str, tuple[str, str, bool]]:
        """The questions: what is searched, for which words, and whether what comes must be checked."""
        names = dict.fromkeys(name.replace('"', " ") for name in (self.event.name, *self.event.names))
        found = {f'"{name}"': ("repositories", f'"{name}"', True) for name in names}
        for tag in (*self.event.hashtags, *self.option("topics")):
            if _TOPIC.fullmatch(topic := tag_key(tag)):  # topics have no other letters
                found[f"topic:{topic}"] = ("repositories", f"topic:{topic}", False)
        if self.option("issues"):
            found |= {f'issues "{name}"': ("issues", f'"{name}" is:issue', True) for name in names}
        return found

    def page(self, query: str, walk: windows.Walk) -> Request:
        """One page of a question within the days of its walk."""
        self.asked += 1
        since, until = walk["windows"][-1]
        last = date.fromisoformat(until) - timedelta(days=1)
        order = "created" if walk["kind"] == "issues" else "stars"
        fields = {"q": f"{walk['words']} created:{since}..{last}", "sort": order, "order": "desc"}
        address = f"{API}/{walk['kind']}?{urlencode(fields | {'per_page': PAGE, 'page': walk['page']})}"
        return self.get(address, query=query, state=walk, headers=HEADERS)

    def authorize(self, request: Request) -> Request:
        """A token, which needs no rights, raises 10 searches a minute to 30."""
        if token := self.secret("GITHUB_TOKEN"):
            request.headers["Authorization"] = f"Bearer {token}"
        return request

    def parse(self, response: Response) -> Iterator[Found]:
        """The results of one page, then the next page, or the mark that the question has been read."""
        query, walk, answer = response.meta["query"], dict(response.meta["state"]), self.json(response)
        if not isinstance(answer, dict) or not isinstance(answer.get("items"), list):
            self.refused(response, "no results of a search", "bad_json")
        items, drift = self.records(response, answer["items"])
        yield from drift
        drafts = [issue_of(item) if walk["kind"] == "issues" else repository_of(item) for item in items]
        kept = [d for d in drafts if not walk["check"] or self.about(f"{d.title}\n{d.text}", d.hashtags)]
        yield from kept
        came, total = len(answer["items"]), count(answer.get("total_count"))
        more = came == PAGE if total is None else walk["page"] * PAGE < total
        left = len(drafts) - len(kept)
        walk = windows.turn(walk, came=came, left=left, total=total, more=more, size=PAGE, pages=PAGES)
        reason = self.why_stop(response, walk, answer, came, more=more)
        yield windows.note(query, walk, reason)
        if not reason:
            yield self.page(query, walk) if walk["windows"] else Cursor(query, walk["mark"])
        elif walk["windows"] and came and reason != PART:  # a part is asked for again
            yield Cursor(query, windows.cut(self.checkpoint(query), walk))

    def why_stop(
        self, response: Response, walk: windows.Walk, answer: dict[str, Any], came: int, *, more: bool
    ) -> str:  # fmt: skip
        """Why the walk does not go on in this crawl or has a gap, "" for neither."""
        if answer.get("incomplete_results") is True:
            return PART
        if more and not came:
            return "an empty page before the end"
        if not walk["windows"]:
            return f"GitHub shows {PAGE * PAGES} results of a day at most" if walk["capped"] else ""
        if (response.headers.get("X-RateLimit-Remaining") or b"").strip() == b"0":
            return "rate limit: no searches left in this minute, goes on in the next run"
        most = self.option("max_requests")
        return f"request budget of {most} used up, goes on in the next run" if self.asked >= most else ""
