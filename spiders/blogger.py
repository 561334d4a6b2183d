"""Blogger: the posts of known blogs in the event's weeks, through the feed that every blog there has.

A blog's window is read whole, not searched: how its search treats Japanese is not known, and a few weeks of one blog
fit into one answer. Kept is what names the event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from harvester import urls
from harvester.addresses import prefix_of
from harvester.payloads.answers import part
from harvester.payloads.blogger import ENTRIES, PER_PAGE, draft_of, page_url, total_of
from harvester.source import Contract, Cursor, Note, Option, Source
from harvester.walks import timeline

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found

CLOSED = [401, 403, 404, 410]


class Blogger(Source):
    """A question for each blog."""

    name = "blogger"
    label = "posts of known Blogger blogs in the event's weeks (feeds; no key needed)"
    contributes = "whole articles of blogs on Blogger, older than a reader's feed reaches"
    policy = "api"
    late = 1
    fed_by = "the event's feeds and sites of authors"
    platforms = ("blogger",)
    document = False
    contract: ClassVar[Contract] = ENTRIES
    nothing = (
        "nothing to ask: no blog on Blogger is known, the event has not begun, or all were read when its weeks had"
        " passed"
    )
    option_specs: ClassVar[Mapping[str, Option]] = {
        "sites": Option(kind="texts", default=(), doc="More blogs on Blogger, also those with a name of their own."),
        "queries": Option(
            kind="texts", default=(), minimum=1, doc="Words to search for; without them, all posts of those weeks."
        ),
        "max_requests": Option(kind="whole number", default=100, doc="Requests in one crawl, 150 posts each."),
    }  # fmt: skip
    asked = 0

    async def start(self) -> AsyncIterator[Request | Note]:
        """The first page of each blog that was not read when the event's weeks had passed."""
        most, left = self.option("max_requests"), 0
        begun = self.now >= self.event.window()[0]
        for host in self.blogs() if begun else ():
            for words in self.option("queries") or [""]:
                read = timeline.moment(self.checkpoint(f"{host} {words}".strip()))
                if read is not None and read > self.event.window()[1]:
                    continue
                if self.asked < most:
                    yield self.page(host, words, 1, 0)
                else:
                    left += 1
        if left:
            why = f"{left} questions wait for the next run: request budget of {most} used up"
            yield Note(query="blogs", truncated=True, reason=why)

    def blogs(self) -> list[str]:
        """Hosts of blogs: the named ones, then those below blogspot of the event's feeds and people."""
        known = (url for url in (*self.event.feeds, *self.known.homes()) if urls.identify(url).platform == "blogger")
        return list(dict.fromkeys(filter(None, (site_host(url) for url in (*self.option("sites"), *known)))))

    def page(self, host: str, words: str, start: int, left: int) -> Request:
        """A page of a blog's posts."""
        self.asked += 1
        state = {"host": host, "words": words, "start": start, "left": left}
        asked = page_url(host, words, self.event.window(), start)
        return self.get(asked, query=f"{host} {words}".strip(), state=state, handle_httpstatus_list=CLOSED)

    def parse(self, response: Response) -> Iterator[Found]:
        """The posts of a page that name the event, then the next page."""
        query, state = response.meta["query"], dict(response.meta["state"])
        if response.status in CLOSED:
            yield Note(query=query, reason=f"{state['host']} shows no posts this way (HTTP {response.status})")
            return
        feed = part(part(self.json(response)).get("feed"))
        if not feed:
            self.refused(response, "no feed of Blogger", "bad_json")
        items = feed.get("entry", [])
        records, drift = self.records(response, items if isinstance(items, list) else [items])
        yield from drift
        drafts = [draft for record in records if (draft := draft_of(record))]
        kept = [draft for draft in drafts if self.about(f"{draft.title}\n{draft.text}", draft.hashtags)]
        yield from kept
        seen, total = state["start"] - 1 + len(items), total_of(feed)
        state["left"] += len(drafts) - len(kept)
        more = len(items) >= PER_PAGE if total is None else bool(items) and seen < total
        yield self.note(query, state, seen, total, cut=more and self.asked >= self.option("max_requests"))
        if not more:
            yield Cursor(query, timeline.iso(self.now))
        elif self.asked < self.option("max_requests"):
            yield self.page(state["host"], state["words"], state["start"] + len(items), state["left"])

    def note(self, query: str, state: dict[str, Any], seen: int, total: int | None, *, cut: bool) -> Note:
        """Where the reading of a blog stands."""
        first, last = map(timeline.iso, self.event.window())
        reasons = [f"request budget of {self.option('max_requests')} used up"] if cut else []
        reasons += [f"left out: {state['left']} posts about other things"] if state["left"] else []
        return Note(
            query=query, returned=seen, reported_total=total, truncated=cut, window_start=first, window_end=last,
            reason="; ".join(reasons),
        )  # fmt: skip


def site_host(told: str) -> str:
    """The host of a blog, "" for what is no address."""
    return prefix_of(told).partition("/")[0]
