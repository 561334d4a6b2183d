"""Hatena Bookmark: how often the posts that others found were bookmarked, by whom, and with which words.

Counts are asked for in batches; a page that nobody bookmarked under its stored address is asked for once more under
the forms it may have had. Pages with bookmarks are then read one by one, as many as the budget allows: what is left
stays due, and goes on in the next crawl.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from harvester.model import Reaction
from harvester.payloads import hatena
from harvester.source import Note, Option, Refreshed, Source

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found

COUNTS, ENTRIES = "bookmark counts", "bookmarks"
SHARE = 4  # a batch of addresses brings up to three more with their other forms


class HatenaCounts(Source):
    """A question for each batch of due posts, and one for each page that has bookmarks."""

    name = "hatena_counts"
    label = "Hatena Bookmark: who bookmarked the posts that others found (no key needed)"
    contributes = "bookmark counts of articles, the people who bookmarked them and their public comments"
    policy = "api"
    platforms = ("hatena",)
    fed_by = "stored posts of all sources"
    late = 2
    pause = 3.0  # the vendor asks for several seconds
    document = False
    contract = hatena.BOOKMARKS
    nothing = "nothing to ask for: no post is due for its bookmarks"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "max_requests": Option(kind="whole number", default=130, doc="Requests in one crawl."),
        "variants": Option(
            kind="yes/no", default=True,
            doc="Ask for a page without bookmarks once more by http and with a slash at its end.",
        ),
        "entries": Option(
            kind="whole number", default=50,
            doc="Of these at most half, pages whose bookmarks are read, one by each; with 0 there are counts only.",
        ),
        "comments": Option(kind="yes/no", default=True, doc="Keep the words of public bookmarks too."),
    }  # fmt: skip
    asked = read = counted = shown = waiting = 0

    async def start(self) -> AsyncIterator[Found]:
        """The first batches of due posts; those that do not fit into the budget are told."""
        due = hatena.questions(self.known.due(limit=100_000))
        batches = hatena.packed(due)
        first = -(-self.room // SHARE) if self.option("variants") else self.room
        for batch in batches[:first]:
            yield self.counts(batch, again=False)
        if left := sum(map(len, batches[first:])):
            yield self.left_over(COUNTS, left)

    @property
    def pages(self) -> int:
        """How many pages may be read for their bookmarks."""
        return int(min(self.option("entries"), self.option("max_requests") // 2))

    @property
    def room(self) -> int:
        """How many requests are there for counts."""
        return int(self.option("max_requests")) - self.pages

    def counts(self, batch: list[hatena.Question], *, again: bool) -> Request:
        """The counts of a batch; `again` when its pages have no bookmarks under their own addresses."""
        self.asked += 1
        state = {"batch": batch, "again": again}
        return self.get(hatena.counts_url(batch), self.parse_counts, query=COUNTS, state=state)

    def left_over(self, query: str, left: int) -> Note:
        """What waits for the next crawl."""
        return Note(query=query, truncated=True, reason=f"request budget used up: {left} posts wait for the next run")

    def parse_counts(self, response: Response) -> Iterator[Found]:
        """The numbers of a batch, the other forms of pages without any, and the pages to read."""
        answer, state = self.json(response), response.meta["state"]
        if not isinstance(answer, dict):
            self.refused(response, "no object with counts", "bad_json")
        done, nobody = [], []
        for key, url, urls in state["batch"]:
            found = hatena.best(answer, urls)
            if found is None and state["again"]:
                found = 0, url  # that was the answer for its own address
            if found is not None and not found[0] and not state["again"] and self.option("variants"):
                nobody.append((key, url, hatena.variants(key, url)))
                continue
            if found is not None:
                self.counted += 1
                yield Reaction(url=url, name="bookmark", value=found[0], native_id=key)
            if found is None or not found[0] or not self.option("entries"):
                done.append(key)
            elif self.read < self.pages:
                yield self.entry(key, found[1])
            else:
                self.waiting += 1
        if done:
            yield Refreshed(tuple(done))
        yield Note(query=COUNTS, returned=self.counted)
        yield from self.once_more(nobody)
        if self.waiting:
            yield self.left_over(ENTRIES, self.waiting)

    def once_more(self, nobody: list[hatena.Question]) -> Iterator[Found]:
        """The other forms of pages without bookmarks, as far as the budget goes."""
        left = 0
        for batch in hatena.packed(nobody):
            if self.asked < self.room:
                yield self.counts(batch, again=True)
            else:
                left += len(batch)
        if left:
            yield self.left_over(COUNTS, left)

    def entry(self, key: str, url: str) -> Request:
        """The bookmarks of one page."""
        self.read += 1
        return self.get(hatena.entry_url(url), self.parse_entry, query=ENTRIES, state=key)

    def parse_entry(self, response: Response) -> Iterator[Found]:
        """Who bookmarked a page. `null` or nothing at all: nobody does any more."""
        key, entry = response.meta["state"], self.json(response) if response.body.strip() else None
        yield Refreshed((key,))
        if entry is None:
            return
        if not isinstance(entry, dict) or not isinstance(entry.get("bookmarks"), list):
            self.refused(response, "no list of bookmarks", "bad_json")
        bookmarks, drift = self.records(response, entry["bookmarks"])
        yield from drift
        self.shown += len(bookmarks)
        eid = entry.get("eid")  # private bookmarks are in the entry's count alone
        named = str(eid) if isinstance(eid, int | str) else ""
        yield from hatena.ties(bookmarks, key, named, comments=self.option("comments"))
        yield Note(query=ENTRIES, returned=self.shown)
