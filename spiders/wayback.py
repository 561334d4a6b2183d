"""The Wayback Machine: pages that are gone, and for a past event the pages that its people's sites had in those weeks.

Its index is asked what it holds, each page that may matter is then read once, as it was. Gone pages are those that
somebody pointed to: they are kept whatever they are about, as the living are. Of a site's old pages only those that
name the event are kept: nobody pointed to them. All of it is slow on purpose, and what does not fit into a crawl goes
on in the next one.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from harvester.addresses import is_single, prefix_of
from harvester.model import Link
from harvester.payloads import wayback as captures
from harvester.payloads.wayback import ROWS, Capture
from harvester.source import Cursor, Note, Option, Source
from harvester.walks import timeline, wayback_sites

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.model import Draft, Parsed
    from harvester.source import Found

CLOSED = [403, 404]  # kept back at the wish of a site's owner; not there
WRITING = 100  # characters for each link, below which a page points at things more than it tells
LATE = timedelta(days=30)  # an archive takes its time: what was read sooner after the event is read again
MOST_LOST = 10_000  # addresses looked through; those that were looked up before are passed over


class Wayback(Source):
    """A question for each lost address; for a past event also one for each site and one for each feed."""

    name = "wayback"
    label = "gone pages from the Wayback Machine; for a past event also its people's old pages (no key needed)"
    contributes = "articles that feeds have moved on from and dead links lead to"
    policy = "api"
    view = "entry"
    late = 2
    fed_by = "dead links of blog and feeds, sites of authors"
    document = False
    pause = 2.5  # the index allows 30 requests a minute
    nothing = "nothing to look up: no page was found gone, and the event is not over for four weeks"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "sites": Option(kind="texts", default=(), doc="More sites whose pages of the event's weeks are looked for."),
        "homes": Option(
            kind="yes/no", default=True,
            doc="Whether, four weeks after the event, the sites of its feeds and people are looked up too.",
        ),
        "days": Option(
            kind="whole number", default=90, minimum=1, doc="Days after the event's end in which a capture may be made."
        ),
        "feed_captures": Option(kind="whole number", default=3, doc="Old captures to read of each feed of the event."),
        "max_requests": Option(kind="whole number", default=300, doc="Requests in one crawl, one every 2.5 seconds."),
    }  # fmt: skip

    def __init__(self, *args: Any, **more: Any) -> None:
        """`asked`: requests so far; `tally`: see `told`."""
        super().__init__(*args, **more)
        self.asked = 0
        self.tally: dict[str, dict[str, Any]] = {}

    async def start(self) -> AsyncIterator[Request | Note]:
        """What is lost, then sites and feeds; half of the requests at most are questions to the index."""
        most = self.option("max_requests")
        lost = [url for url in self.known.lost(limit=MOST_LOST) if not self.checkpoint(f"lost {url}")]
        questions = [*map(self.ask_lost, lost), *map(self.ask_site, self.sites()), *map(self.ask_feed, self.feeds())]
        for question in questions[: max(1, most // 2)]:
            self.asked += 1
            yield question
        if left := len(questions[max(1, most // 2) :]):
            yield Note(
                query="index", truncated=True, reason=f"{left} questions wait for the next run: {self.budget_told}"
            )

    def told(self, query: str) -> dict[str, Any]:
        """What a question brought so far: pages read, those about other things, why it was cut short."""
        return self.tally.setdefault(query, {"read": 0, "left": 0, "cut": ""})

    @property
    def budget_told(self) -> str:
        """Why a crawl goes no further."""
        return wayback_sites.used_up(self.option("max_requests"))

    @property
    def span(self) -> dict[str, str]:
        """From when to when captures are looked for, as the index has it."""
        end = self.event.ends + timedelta(days=self.option("days"))
        return {"first": f"{self.event.starts:%Y%m%d%H%M%S}", "to": f"{end:%Y%m%d%H%M%S}"}

    def is_past(self) -> bool:
        """Whether feeds may have moved on."""
        return bool(self.option("homes")) and self.now > self.event.window()[1]

    def is_read(self, query: str) -> bool:
        """Whether a question was answered to its end when its time was over."""
        read = timeline.moment(json.loads(self.checkpoint(query) or "{}").get("read"))
        return read is not None and read > self.event.ends + timedelta(days=self.option("days")) + LATE

    def sites(self) -> list[str]:
        """The sites to look up that were not: those of the options, then of the event's feeds, then of its people."""
        told = [*self.option("sites"), *((*self.event.feeds, *self.known.homes()) if self.is_past() else ())]
        return [site for site in dict.fromkeys(map(prefix_of, told)) if site and not self.is_read(site)]

    def feeds(self) -> list[str]:
        """The feeds whose old captures are read."""
        feeds = self.event.feeds if self.is_past() and self.option("feed_captures") else ()
        return [url for url in dict.fromkeys(feeds) if not self.is_read(f"feed {url}")]

    def ask_lost(self, url: str) -> Request:
        """The good captures of a page, one a month: its `fastLatest` may stop at newer ones that tell of an error."""
        asked = captures.question(url, collapse="timestamp:6", limit=ROWS)
        return self.get(asked, self.parse_lost, query=f"lost {url}", handle_httpstatus_list=CLOSED)

    def ask_site(self, site: str, **state: Any) -> Request:
        """A page of the index of a site, from where an earlier reading was cut short."""
        state = state or json.loads(self.checkpoint(site) or "{}")
        resume, skip = state.get("resume", ""), state.get("skip", 0)
        asked = captures.question(
            f"{site}*", filters=("statuscode:200", "mimetype:text/html"), **self.span, collapse="urlkey", limit=ROWS,
            showResumeKey="true", resumeKey=resume,
        )  # fmt: skip
        state = {"resume": resume, "skip": skip, "pages": state.get("pages", 0)}
        return self.get(asked, self.parse_site, query=site, state=state, handle_httpstatus_list=CLOSED)

    def ask_feed(self, url: str) -> Request:
        """The captures of a feed, each that differs from the one before."""
        asked = captures.question(url, **self.span, collapse="digest", limit=ROWS)
        return self.get(asked, self.parse_feed_index, query=f"feed {url}", handle_httpstatus_list=CLOSED)

    def page(self, capture: Capture, query: str, *, sought: bool) -> Request:
        """A captured page, read once for ever; `sought`: nobody pointed to it."""
        self.asked += 1
        return self.get(
            capture.url, self.parse_page, query=query, state={"sought": sought}, document=True, each_run=False,
            handle_httpstatus_list=CLOSED,
        )  # fmt: skip

    def answer(self, response: Response) -> captures.Answer:
        """What the index says; nothing for a site that the archive keeps back."""
        if response.status in CLOSED:
            return captures.Answer([], "")
        found = captures.read(response.body)
        if found is None:
            self.refused(response, "no answer of the index", "bad_json")
        return found

    def parse_lost(self, response: Response) -> Iterator[Found]:
        """The newest capture of one page, if there is one."""
        query, found = response.meta["query"], self.answer(response).captures
        why = "the archive keeps it back" if response.status == CLOSED[0] else "" if found else "not in the archive"
        yield Note(query=query, returned=len(found[-1:]), reason=why)
        yield Cursor(query, "asked")
        for capture in found[-1:]:
            yield self.page(capture, query, sought=False)

    def parse_site(self, response: Response) -> Iterator[Found]:
        """The pages of a site that may be of the event, then the next page of the index."""
        query, state, answer = response.meta["query"], response.meta["state"], self.answer(response)
        if response.status == CLOSED[0]:
            yield Note(query=query, reason="the archive keeps this site back")
            yield Cursor(query, json.dumps({"read": timeline.iso(self.now)}))
            return
        most = self.option("max_requests")
        turn = wayback_sites.turn(answer, state, self.event.window(), left=most - self.asked, most=most)
        if turn.cut:
            self.told(query)["cut"] = turn.cut
            yield Cursor(query, json.dumps(turn.rest))
        elif answer.resume:
            self.asked += 1
            yield self.ask_site(query, resume=answer.resume, skip=0, pages=turn.pages)
        else:
            yield Cursor(query, json.dumps({"read": timeline.iso(self.now)}))
        yield self.note(query, returned=turn.pages)
        for capture in turn.taken:
            yield self.page(capture, query, sought=True)

    def note(self, query: str, *, returned: int | None = None) -> Note:
        """Where a question stands; `returned` counts pages found in the index."""
        told = self.told(query)
        other = f"left out: {told['left']} of {told['read']} old pages, about other things" if told["left"] else ""
        first, last = map(timeline.iso, self.event.window())
        return Note(
            query=query, returned=returned, truncated=bool(told["cut"]), window_start=first, window_end=last,
            reason="; ".join(filter(None, (told["cut"], other))),
        )  # fmt: skip

    def parse_feed_index(self, response: Response) -> Iterator[Found]:
        """Some captures of a feed, evenly over the weeks."""
        query, found = response.meta["query"], self.answer(response).captures
        chosen = captures.spread(found, self.option("feed_captures"))
        if len(chosen) > self.option("max_requests") - self.asked:
            why = f"{len(chosen)} captures wait for the next run: {self.budget_told}"
            yield Note(query=query, returned=len(found), truncated=True, reason=why)
            return
        yield Note(query=query, returned=len(found))
        yield Cursor(query, json.dumps({"read": timeline.iso(self.now)}))
        for capture in chosen:
            self.asked += 1
            yield self.get(capture.url, self.parse_feed, query=query, handle_httpstatus_list=CLOSED)

    def parse_feed(self, response: Response) -> Iterator[Found]:
        """The pages that a feed listed in those days: those that name the event or are of its time."""
        query, capture = response.meta["query"], captures.capture_of(response.url)
        if capture is None or response.status in CLOSED:
            return
        done = int(self.checkpoint(response.url) or 0)
        near = captures.listed(response.body, capture, self.event.window(), self.about)
        taken = near[done:][: max(0, self.option("max_requests") - self.asked)]
        if done + len(taken) < len(near):
            self.told(query)["cut"] = f"{len(near) - done - len(taken)} pages wait for the next run: {self.budget_told}"
            yield Cursor(response.url, str(done + len(taken)))
            yield Cursor(query, "{}")
            yield self.note(query)
        for page in taken:
            yield self.page(page, query, sought=True)

    def parse_page(self, response: Response) -> Iterator[Found]:
        """A captured page as what it was; one that is not there may still live."""
        query, sought = response.meta["query"], response.meta["state"]["sought"]
        capture = captures.capture_of(response.url)
        if capture is None or response.status in CLOSED:
            if capture is not None and sought:
                yield Link(url=capture.original, found_on=response.url)
            return
        found, told = self.parsed(response), self.told(query)
        kept = [draft for draft in found.drafts if self.keeps(found, draft, capture, sought=sought)]
        told["read"] += 1
        told["left"] += not kept
        for draft in kept:
            entry = captures.original_of(draft.url, capture) if found.kind == "feed" else ""
            yield captures.restored(draft, capture, entry)
        if not kept:
            yield self.note(query)

    def keeps(self, found: Parsed, draft: Draft, capture: Capture, *, sought: bool) -> bool:
        """Whether a page, or an entry of a feed, is kept: pointed to and a piece of writing, or about the event."""
        about = self.about(f"{draft.title}\n{draft.text}", draft.hashtags)
        if found.kind == "page":
            written = len(found.text) >= WRITING * (len(found.links) + 1)
            return about and written and is_single(capture.original)
        return about or (found.kind == "article" and not sought)
