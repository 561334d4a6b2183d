"""WordPress sites through their documented REST interface: posts by the event's names, whole, with exact times.

Asked are sites that the event file names, and of its feeds' and people's own sites those that advertise the interface:
their front page is looked at once. Many sites close it; they are told and passed over, their feeds are still read.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from harvester import urls
from harvester.addresses import prefix_of
from harvester.payloads import wordpress as payload
from harvester.payloads.answers import header_number
from harvester.source import Contract, Cursor, Note, Option, Source
from harvester.text import decode
from harvester.walks import timeline

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found

CLOSED = [401, 403, 404, 410]
NO_PAGE = 400  # a page behind the last one
HEAD = 65_536  # bytes of a page in which its head is looked for
SHARED = frozenset({"web", "wordpress"})  # other platforms are no WordPress
AGAIN = timedelta(days=30)  # a site that had no interface is looked at again


class Wordpress(Source):
    """A question for each site and each of the event's names."""

    name = "wordpress"
    label = "posts of WordPress sites by event name (REST interface; no key needed)"
    contributes = "whole articles of participants' and companies' WordPress blogs, older than their feeds reach"
    policy = "api"
    late = 1
    lenient = True
    fed_by = "sites of the event's feeds and of authors"
    platforms = ("wordpress",)
    document = False
    contract: ClassVar[Contract] = payload.POSTS
    nothing = (
        "nothing to ask: no site is known that may be WordPress, the event has not begun, or all were read when its"
        " weeks had passed"
    )
    option_specs: ClassVar[Mapping[str, Option]] = {
        "sites": Option(kind="texts", default=(), doc="WordPress sites to ask, as addresses."),
        "homes": Option(
            kind="yes/no", default=True, doc="Whether sites of the event's feeds and people are looked at too."
        ),
        "queries": Option(
            kind="texts", default=(), minimum=1, doc="Words to search for, in place of the event's names."
        ),
        "wordpress_com": Option(
            kind="yes/no", default=False,
            doc="Whether blogs below wordpress.com are asked at its public interface, which is not verified here.",
        ),
        "max_requests": Option(kind="whole number", default=200, doc="Requests in one crawl, 100 posts each."),
    }  # fmt: skip
    asked = waiting = 0

    async def start(self) -> AsyncIterator[Request | Note]:
        """The named sites at once; the front page of the others, or what it said before. Nothing before its time."""
        if self.now < payload.window_of(self.event)[0]:
            return
        for site in filter(None, map(prefix_of, self.option("sites"))):
            for request in self.search(self.hosted(site) or f"https://{site}wp-json/", site):
                yield request
        for site in self.candidates():
            known = json.loads(self.checkpoint(f"site {site}") or "{}")
            looked = timeline.moment(known.get("at"))
            if root := known.get("root") or self.hosted(site):
                for request in self.search(root, site):
                    yield request
            elif (looked is None or looked < self.now - AGAIN) and self.spend():
                yield self.get(
                    f"https://{site}", self.parse_front, query=f"site {site}", policy="page",
                    handle_httpstatus_list=CLOSED,
                )  # fmt: skip
        if self.waiting:
            why = f"{self.waiting} questions wait for the next run: {self.budget_told}"
            yield Note(query="sites", truncated=True, reason=why)

    def candidates(self) -> list[str]:
        """Sites that may be WordPress, without those named."""
        told = (*self.event.feeds, *self.known.homes()) if self.option("homes") else ()
        named = set(map(prefix_of, self.option("sites")))
        sites = dict.fromkeys(prefix_of(url) for url in told if urls.identify(url).platform in SHARED)
        return [site for site in sites if site and site not in named]

    def hosted(self, site: str) -> str:
        """The interface of a blog below wordpress.com, "" where it is not to be asked or is none."""
        return payload.hosted_at(site) if self.option("wordpress_com") else ""

    def spend(self) -> bool:
        """Whether another request may be made in this crawl, which it then is."""
        if self.asked >= self.option("max_requests"):
            self.waiting += 1
            return False
        self.asked += 1
        return True

    @property
    def budget_told(self) -> str:
        """Why a crawl goes no further."""
        return f"request budget of {self.option('max_requests')} used up"

    def search(self, root: str, site: str) -> Iterator[Request]:
        """The first page of each question that was not read to its end when its time was over."""
        for words in self.option("queries") or payload.narrowest((self.event.name, *self.event.names)):
            read = timeline.moment(self.checkpoint(f"{site} {words}"))
            if (read is None or read < payload.window_of(self.event)[1]) and self.spend():
                yield self.page(root, site, words, 1, 0, 0)

    def page(self, root: str, site: str, words: str, page: int, seen: int, left: int) -> Request:
        """A page of a question."""
        state = {"root": root, "site": site, "words": words, "page": page, "seen": seen, "left": left}
        asked = payload.page_url(root, words, payload.window_of(self.event), page)
        codes = [*CLOSED, NO_PAGE]
        return self.get(asked, query=f"{site} {words}", state=state, handle_httpstatus_list=codes)

    def parse_front(self, response: Response) -> Iterator[Found]:
        """Whether a site advertises the interface."""
        query, root = response.meta["query"], ""
        if response.status not in CLOSED:
            told = b", ".join(response.headers.getlist("Link")).decode("latin-1")
            root = payload.root_of(told, decode(response.body[:HEAD], "")[0], response.url)
        yield Cursor(query, json.dumps({"root": root, "at": timeline.iso(self.now)}))
        if root:
            yield from self.search(root, query.partition(" ")[2])

    def parse(self, response: Response) -> Iterator[Found]:
        """The posts of a page that name the event, then the next page."""
        query, state = response.meta["query"], response.meta["state"]
        refused = response.status in CLOSED
        past = response.status == NO_PAGE and state["page"] > 1 and b"invalid_page_number" in response.body
        if refused or (response.status == NO_PAGE and not past):
            why = payload.problem(response.body, response.status)
            yield Note(query=query, reason=f"{state['site']} does not offer its posts this way ({why})")
            return
        items = [] if past else self.json(response)
        if not isinstance(items, list):
            self.refused(response, "no list of posts", "bad_json")
        records, drift = self.records(response, items)
        yield from drift
        drafts = [payload.draft_of(record) for record in records]
        kept = [draft for draft in drafts if self.about(f"{draft.title}\n{draft.text}", draft.hashtags)]
        yield from kept
        seen, left = state["seen"] + len(items), state["left"] + len(drafts) - len(kept)
        total, pages = (header_number(response.headers.get(name)) for name in ("X-WP-Total", "X-WP-TotalPages"))
        more = not past and (state["page"] < pages if pages is not None else bool(items))
        cut = more and not self.spend()
        reasons = [self.budget_told] if cut else []
        reasons += [f"left out: {left} posts about other things"] if left else []
        first, last = map(timeline.iso, payload.window_of(self.event))
        yield Note(
            query=query, returned=seen, reported_total=total, truncated=cut, window_start=first, window_end=last,
            reason="; ".join(reasons),
        )  # fmt: skip
        if more and not cut:
            yield self.page(state["root"], state["site"], state["words"], state["page"] + 1, seen, left)
        elif not more:
            yield Cursor(query, timeline.iso(self.now))
