"""Qiita through its documented API v2: articles by keyword, tag, author and organisation, with their reactions.

One question per name, hashtag and account: how `OR` binds against `created:` is not documented, and a question whose
date limit is lost answers with years of newer articles first. A question with more articles than are shown is split
by days (`harvester.walks.windows`); its mark moves only when all of them were read, and a walk that the hour's requests
do not suffice for goes on in the next crawl. What is older than the refreshed month is asked for by its edits.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from harvester.payloads.answers import header_number
from harvester.payloads.qiita import ARTICLES, draft_of, key_of
from harvester.source import Cursor, Note, Option, Refreshed, Source
from harvester.walks import qiita_questions as questions
from harvester.walks import timeline, windows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found

API = "https://qiita.com/api/v2/items"
PER_PAGE, LAST_PAGE = 50, 100  # items carry their text twice: 100 a page can be several megabytes
MOST_POINTED = 20_000  # addresses looked through; an option limits the articles
POINTED = "articles others point to"  # its cursor names those that were answered
_ID = re.compile(r"[0-9a-f]{20}")
_ARTICLE = re.compile(r"https?://qiita\.com/(?:[^/]+/)?items/([0-9a-f]{20})")


class Qiita(Source):
    """A question for each name, tag and organisation; for some accounts and stored articles in each crawl."""

    name = "qiita"
    label = "Qiita articles by event name, tag and author (API v2; no key needed)"
    contributes = "participants' articles with likes, stocks and comments"
    optional_keys = ("QIITA_TOKEN",)
    key_from = "qiita.com, Settings, Applications: a personal token with the scope read_qiita; free"
    origins = ("https://qiita.com",)
    policy = "api"
    keep_free = 5
    late = 1  # what others point to is asked for at the interface
    platforms = ("qiita",)
    document = False
    contract = ARTICLES
    nothing = "nothing to ask for: the event has not begun"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "tags": Option(kind="texts", default=(), doc="More tags to search, besides the event's hashtags."),
        "queries": Option(
            kind="texts", default=(), minimum=1,
            doc="Searches in Qiita's syntax, asked in place of the event's names and hashtags.",
        ),
        "organisations": Option(
            kind="texts", default=(), doc="Organisations to look through, each by the name in its address.",
        ),
        "users": Option(kind="texts", default=(), doc="Accounts to look through, besides those that are known."),
        "accounts": Option(kind="whole number", default=10, doc="How many accounts a crawl looks through, in turn."),
        "pointed": Option(
            kind="whole number", default=200, doc="Articles others point to that one crawl may ask for, each once.",
        ),
        "refresh": Option(kind="whole number", default=10, doc="Stored articles that a crawl asks for by their id."),
        "max_requests": Option(kind="whole number", default=50, doc="Requests in one crawl, 50 articles each."),
    }  # fmt: skip
    asked = waiting = 0

    async def start(self) -> AsyncIterator[Found]:
        """The first page of every question as far as the hour's requests go, then stored articles."""
        most, why = self.allowance()
        walks = list(self.walks())
        for query, walk in walks:
            if self.asked < most:
                yield self.page(query, walk)
            else:
                yield Note(query=query, truncated=True, reason=why)
        if self.waiting:
            yield Note(query="accounts", reason=f"{self.waiting} accounts wait for a later crawl")
        for request in self.pointed(most):
            yield request
        listed = min((walk["since"] for query, walk in walks if query in self.queries()), default="9999")
        for post in self.known.due(platforms=("qiita",), limit=self.option("refresh")):
            covered = post.published[:10] >= listed  # its numbers come with the lists
            if _ID.fullmatch(post.native_id) and not covered and self.asked < most:
                self.asked += 1
                yield self.get(
                    f"{API}/{post.native_id}", self.parse_item, query="stored articles", state=post.key,
                    handle_httpstatus_list=[404],
                )  # fmt: skip

    def pointed(self, most: int) -> Iterator[Request]:
        """Articles that others pointed to, each asked for once: their pages must not be crawled."""
        answered = set(self.checkpoint(POINTED).split())
        addresses = map(_ARTICLE.match, self.known.pointed("qiita.com", limit=MOST_POINTED))
        found = dict.fromkeys(match[1] for match in addresses if match and match[1] not in answered)
        for article in list(found)[: self.option("pointed")]:
            if self.asked < most:
                self.asked += 1
                yield self.get(
                    f"{API}/{article}", self.parse_item, query=POINTED, each_run=False, handle_httpstatus_list=[404],
                )  # fmt: skip

    def allowance(self) -> tuple[int, str]:
        """How many requests this crawl may make, and what to tell of a question that finds none left."""
        most: int = self.option("max_requests")
        left, reset = (int(word) for word in (self.checkpoint(self.hour) or "0 0").split())
        if reset > self.now.timestamp() and left - self.keep_free < most:
            return max(0, left - self.keep_free), f"rate limit: {left} requests left, resets at {reset}"
        return most, f"request budget of {most} used up"

    @property
    def hour(self) -> str:
        """Under which cursor the requests left in this hour are remembered for the next crawl."""
        return "requests left with token" if self.secret("QIITA_TOKEN") else "requests left"

    def queries(self) -> dict[str, bool]:
        """What is asked, and whether the articles that come must be checked."""
        chosen, organisations = self.option("queries"), self.option("organisations")
        return questions.queries(self.event, chosen, self.option("tags"), organisations)

    def walks(self) -> Iterator[tuple[str, windows.Walk]]:
        """The walks of this crawl: of every question, then of the accounts whose turn it is."""
        for query, check in self.queries().items():
            for name, walk in questions.walks(self.event, self.now, query, self.checkpoint):
                yield name, walk | {"check": check}
        handles = (*self.option("users"), *self.known.handles("qiita"))
        turn, most = questions.accounts(self.event, self.now, handles, self.checkpoint), self.option("accounts")
        self.waiting = max(0, len(turn) - most)
        for query, walk in turn[:most]:
            yield query, walk | {"check": True}

    def page(self, query: str, walk: windows.Walk) -> Request:
        """One page of a question within the days of its walk."""
        self.asked += 1
        fields = {"page": walk["page"], "per_page": PER_PAGE, "query": questions.request_of(query, walk)}
        return self.get(f"{API}?{urlencode(fields)}", self.parse_page, query=query, state=walk)

    def authorize(self, request: Request) -> Request:
        """A personal token raises 60 requests an hour to 1,000."""
        if token := self.secret("QIITA_TOKEN"):
            request.headers["Authorization"] = f"Bearer {token}"
        return request

    def parse_page(self, response: Response) -> Iterator[Found]:
        """The articles of one page, then the next page, or the mark that the question has been read."""
        query, walk, items = response.meta["query"], dict(response.meta["state"]), self.json(response)
        if not isinstance(items, list):
            self.refused(response, "no list of articles", "bad_json")
        drafts, kept = yield from self.kept(response, items, check=walk.get("check", False))
        total = header_number(response.headers.get("Total-Count"))
        linked = b'rel="next"' in (response.headers.get("Link") or b"")
        more = linked if total is None else walk["page"] * PER_PAGE < total
        walk = windows.turn(
            walk, came=len(items), left=drafts - kept, total=total, more=more, size=PER_PAGE, pages=LAST_PAGE
        )
        reason = "an empty page before the end" if more and not items else self.why_stop(response, walk)
        yield windows.note(query, walk, reason)
        if not walk["windows"] and not reason:
            yield Cursor(query, walk["mark"])
        elif walk["windows"] and not reason:
            yield self.page(query, walk)
        elif walk["windows"] and items:
            yield Cursor(query, windows.cut(self.checkpoint(query), walk))

    def parse_item(self, response: Response) -> Iterator[Found]:
        """An article with its numbers of today; a stored one that is not there any more keeps those it had."""
        if response.status == 200:
            yield from self.kept(response, [self.json(response)], check=False)
        if stored := response.meta["state"]:
            yield Refreshed((stored,))
        else:
            answered = [*self.checkpoint(POINTED).split(), response.url.rpartition("/")[2]]
            yield Cursor(POINTED, " ".join(dict.fromkeys(answered)))

    def kept(self, response: Response, items: list[Any], *, check: bool) -> Generator[Found, None, tuple[int, int]]:
        """The articles in an answer that are kept, and what the answer tells of the hour; returns read and kept."""
        articles, drift = self.records(response, items)
        yield from drift
        drafts = [draft_of(article) for article in articles]
        kept = [d for d in drafts if not check or self.about(f"{d.title}\n{d.text}", d.hashtags)]
        yield from kept
        if kept:
            yield Refreshed(tuple(key_of(draft.native_id) for draft in kept))
        left, reset = _hour(response)
        if left is not None and reset is not None:
            yield Cursor(self.hour, f"{left} {reset}")
        return len(drafts), len(kept)

    def why_stop(self, response: Response, walk: windows.Walk) -> str:
        """Why the walk does not go on in this crawl or has a gap, "" for neither."""
        if not walk["windows"]:
            return f"Qiita shows {LAST_PAGE} pages of a day at most" if walk["capped"] else ""
        left, reset = _hour(response)
        if left is not None and left <= self.keep_free:
            return f"rate limit: {left} requests left, resets at {reset}, goes on in the next run"
        return timeline.why_stop(None, 0, self.asked, self.option("max_requests"))


def _hour(response: Response) -> tuple[int | None, int | None]:
    """What an answer tells of the hour: requests left, and the moment at which they are granted anew."""
    left, reset = (header_number(response.headers.get(name)) for name in ("Rate-Remaining", "Rate-Reset"))
    return left, reset
