"""Stack Exchange through its documented API 2.3: questions that name the event, on the sites of the option.

The API may ask in any answer to be left alone for a while (`backoff`), whatever the next question is. So questions
are asked one after the other, those not asked for longest first, and the rest waits for the next crawl when it does.
What words match is not documented: what does not name the event is left out.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlencode

from harvester.contract import count, text
from harvester.payloads.stackexchange import QUESTIONS, THROTTLED, draft_of, wait_of
from harvester.source import Cursor, Note, Option, Source
from harvester.walks import timeline, windows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found

API = "https://api.stackexchange.com/2.3/search/advanced"
PAGE, PAGES = 100, 25  # later pages are for keys and accounts only
KEEP_FREE = 10  # questions of the day that we leave to others behind our address
ALLOWANCE = "allowance"  # the cursor that remembers for the next crawl: questions left, day, moment to wait for
NOT_ASKED = "not asked: the answer to the question before it was none"


class StackExchange(Source):
    """A question for each site and name, and for each site and tag of the option."""

    name = "stackexchange"
    label = "Stack Exchange questions by event name (API 2.3; no key needed, one from stackapps.com gives more)"
    contributes = "questions about the event, with answers, votes and views"
    optional_keys = ("STACKEXCHANGE_KEY",)
    key_from = "stackapps.com, Register an application; free"
    origins = ("https://api.stackexchange.com",)
    policy = "api"
    platforms = ("stackoverflow",)
    document = False
    contract = QUESTIONS
    nothing = "nothing to ask for: the event has not begun, or all was read within a month"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "sites": Option(
            kind="texts", default=("stackoverflow", "ja.stackoverflow"), minimum=1,
            doc="Sites to search, by their names in the API.",
        ),
        "tags": Option(kind="texts", default=(), doc="Tags whose questions are looked through."),
        "queries": Option(kind="texts", default=(), minimum=1, doc="Words to search for, in place of the names."),
        "max_requests": Option(kind="whole number", default=40, doc="Requests in one crawl, 100 questions each."),
    }  # fmt: skip
    asked = 0

    async def start(self) -> AsyncIterator[Found]:
        """The first question; the others wait for its answer, and until then they are told as not asked."""
        walks = sorted(self.walks(), key=lambda entry: windows.mark_of(self.checkpoint(entry[0])))
        why = self.why_wait()
        for query, _ in walks if why else walks[1:]:
            yield Note(query=query, truncated=True, reason=why or NOT_ASKED)
        if walks and not why:
            yield self.page(walks)

    def walks(self) -> list[tuple[str, windows.Walk]]:
        """The questions of this crawl."""
        words = self.option("queries") or dict.fromkeys((self.event.name, *self.event.names))
        kinds = [("q", word) for word in words] + [("tagged", tag.strip()) for tag in self.option("tags")]
        chosen = bool(self.option("queries"))
        found = []
        for site in dict.fromkeys(self.option("sites")):
            for kind, word in kinds:
                query = f"{site}: {'tag ' if kind == 'tagged' else ''}{word}"
                walk = windows.begin(self.event, self.now, self.checkpoint(query))
                if walk is not None:
                    check = kind == "q" and not chosen
                    found.append((query, walk | {"fields": {"site": site, kind: word}, "check": check}))
        return found

    def why_wait(self) -> str:
        """Why this crawl asks nothing, "" when it may: the API wants to be left alone, or the day is used up."""
        left, day, until = (self.checkpoint(ALLOWANCE) or "300 - 0").split()
        if int(until) > self.now.timestamp():
            return f"rate limit: Stack Exchange asks us to wait until {_shown(int(until))}"
        used_up = day == f"{self.now:%Y-%m-%d}" and int(left) <= KEEP_FREE
        return f"rate limit: {left} questions left on {day} (UTC)" if used_up else ""

    def page(self, walks: list[Any]) -> Request:
        """One page of the first of these walks."""
        self.asked += 1
        query, walk = walks[0]
        since, until = (int(datetime.fromisoformat(f"{day}T00:00:00Z").timestamp()) for day in walk["windows"][-1])
        fields = walk["fields"] | {"fromdate": since, "todate": until, "sort": "creation", "order": "desc"}
        fields |= {"page": walk["page"], "pagesize": PAGE, "filter": "withbody"}
        url = f"{API}?{urlencode(fields)}"
        return self.get(url, query=query, state=walks, handle_httpstatus_list=[400])

    def authorize(self, request: Request) -> Request:
        """The API takes a key in the address only; with one it answers 10,000 questions a day and not 300."""
        key = self.secret("STACKEXCHANGE_KEY")
        return request.replace(url=f"{request.url}&key={quote(key, safe='')}") if key else request

    def parse(self, response: Response) -> Iterator[Found]:
        """The questions of one page, then the next page or the next question, unless the API wants a rest."""
        answer, (head, *rest) = self.json(response), response.meta["state"]
        query, walk = head
        told = answer if isinstance(answer, dict) else {}
        if not isinstance(told.get("items"), list) and not text(told.get("error_name")):
            self.refused(response, "no questions in the answer", "bad_json")
        left, until = count(answer.get("quota_remaining")), wait_of(answer, self.now)
        if left is not None or until:
            yield Cursor(ALLOWANCE, f"{300 if left is None else left} {self.now:%Y-%m-%d} {until}")
        stop = self.why_stop(left, until)
        if name := text(answer.get("error_name")):
            why = stop if name == THROTTLED else f"Stack Exchange refused it: {name}, {answer.get('error_message')}"
            yield Note(query=query, truncated=True, reason=why)
        else:
            walk = yield from self.kept(response, answer, walk)
            over = not walk["windows"]
            gap = f"Stack Exchange shows {PAGES} pages at most" if walk["capped"] else ""
            yield windows.note(query, walk, gap if over else stop)
            if over and not gap:
                yield Cursor(query, walk["mark"])
            elif stop and not over:
                yield Cursor(query, windows.cut(self.checkpoint(query), walk))
            rest = rest if over else [[query, walk], *rest]
        if rest and not stop:
            yield self.page(rest)
        for name, _ in rest if stop else ():
            if name != query:
                yield Note(query=name, truncated=True, reason=stop)

    def kept(self, response: Response, answer: dict[str, Any], walk: windows.Walk) -> Any:
        """The questions of a page that name the event, where that must be checked; returns the walk after it."""
        items, drift = self.records(response, answer["items"])
        yield from drift
        drafts = [draft_of(item) for item in items]
        kept = [d for d in drafts if not walk["check"] or self.about(f"{d.title}\n{d.text}", d.hashtags)]
        yield from kept
        came = len(answer["items"])
        more, left = answer.get("has_more") is True, len(drafts) - len(kept)
        return windows.turn(walk, came=came, left=left, total=None, more=more, size=PAGE, pages=PAGES)

    def why_stop(self, left: int | None, until: int) -> str:
        """Why nothing more is asked in this crawl, "" when it is."""
        if until:
            return f"rate limit: Stack Exchange asks us to wait until {_shown(until)}, goes on in the next run"
        if left is not None and left <= KEEP_FREE:
            return f"rate limit: {left} questions left today, goes on in the next run"
        return timeline.why_stop(None, 0, self.asked, self.option("max_requests"))


def _shown(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"
