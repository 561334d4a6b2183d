"""Hatena Bookmark's search as feeds: pages that people bookmarked in the event's weeks, by its names and hashtags.

What is found is a link: a page is judged by its own words when it has been read. The number of bookmarks comes with
the entry and is kept for posts that are stored already; `hatena_counts` asks for those of the others at the end of
the same crawl. Results come newest first and are read back to where the last walk began (`harvester.walks.timeline`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote, urlencode

from harvester import urls
from harvester.model import Link, Reaction
from harvester.source import Cursor, Option, Source
from harvester.walks import timeline

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.model import Draft
    from harvester.source import Found

PER_PAGE = 40


class HatenaSearch(Source):
    """A walk for each name, each hashtag and each name on one of the hosts."""

    name = "hatena_search"
    label = "Hatena Bookmark search by event name and tag (feeds; no key needed)"
    contributes = "pages of all sites that somebody in Japan bookmarked, with the number of bookmarks"
    policy = "feed"
    platforms = ("hatena",)
    pause = 2.0
    nothing = "nothing new to ask for: the event's weeks have been read, or have not begun"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "queries": Option(
            kind="texts", default=(), minimum=1,
            doc="Words to search for, asked in place of the event's names and hashtags.",
        ),
        "hosts": Option(
            kind="texts", default=(),
            doc='Hosts that are searched for the words by themselves too, as in ["note.com"].',
        ),
        "max_requests": Option(kind="whole number", default=30, doc="Requests in one crawl, 40 pages found by each."),
    }  # fmt: skip
    asked = 0

    async def start(self) -> AsyncIterator[Request]:
        """The newest results of every question, or where an earlier walk was cut short."""
        for query, words, target, host in self.questions():
            if walk := timeline.begin(self.event, self.now, self.checkpoint(query)):
                asked = {"words": words, "target": target, "host": host}
                yield self.page(query, {"page": 1, "first": "", "other": 0, **walk, **asked})

    def questions(self) -> Iterator[tuple[str, str, str, str]]:
        """(name of the question, words, what is searched, the only host that counts)."""
        names = list(dict.fromkeys(self.option("queries") or (self.event.name, *self.event.names)))
        for name in names:
            yield name, name, "text", ""
        for tag in timeline.asked_tags(self.event).values() if not self.option("queries") else ():
            yield f"#{tag}", tag, "tag", ""
        for host in self.option("hosts"):
            for name in names:
                yield f"{name} site:{host}", f"{name} site:{host}", "text", host

    def page(self, query: str, walk: timeline.Walk) -> Request:
        """One page of a walk; the window has a day more than the event, so it does not matter whose days they are."""
        self.asked += 1
        fields = {
            "mode": "rss", "target": walk["target"], "sort": "recent", "users": 1, "safe": "off",
            "date_begin": walk["stop"][:10], "date_end": walk["end"][:10], "page": walk["page"],
        }  # fmt: skip
        address = f"https://b.hatena.ne.jp/q/{quote(walk['words'], safe='')}?{urlencode(fields)}"
        return self.get(address, self.parse, query=query, state=walk)

    def parse(self, response: Response) -> Iterator[Found]:
        """The pages that were found, then the next page of the walk, its end, or why it stops here."""
        query, walk, feed = response.meta["query"], dict(response.meta["state"]), self.parsed(response)
        if feed.kind != "feed":
            self.refused(response, "a page answered instead of the feed", "not_a_feed")
        found = [draft for draft in feed.drafts if draft.url]
        came = len(feed.drafts) + feed.meta.get("entries_lost", 0)
        if found and found[0].url == walk["first"]:
            found, came = [], 0  # the same page once more: there are no others
        more = came >= PER_PAGE
        own = [draft for draft in found if _is_of(draft.url, walk["host"])]
        for draft in own:
            yield from _sighted(draft)
        walk |= {
            "page": walk["page"] + 1, "first": found[0].url if found else "", "seen": walk["seen"] + len(found),
            "other": walk["other"] + len(found) - len(own),
        }  # fmt: skip
        reason = timeline.why_stop(None, 0, self.asked, self.option("max_requests")) if more else ""
        left_out = f"left out: {walk['other']} pages that are not on {walk['host']}" if walk["other"] else ""
        note = timeline.note(query, walk, reason)
        yield replace(note, reason="; ".join(filter(None, (note.reason, left_out))))
        if reason:
            yield Cursor(query, timeline.cut(self.checkpoint(query), walk))
        elif more:
            yield self.page(query, walk)
        else:
            yield Cursor(query, timeline.ended(walk))


def _is_of(url: str, host: str) -> bool:
    """Whether an address is on a host or below it; with no host named, all are."""
    found, wanted = urls.host_of(url), host.lower()
    return not wanted or found == wanted or found.endswith(f".{wanted}")


def _sighted(draft: Draft) -> Iterator[Found]:
    """A page that was found, and how often it was bookmarked.

    By http it is a page of its own there, with fewer bookmarks than the same one by https: `hatena_counts` weighs them.
    """
    yield Link(url=draft.url, text=draft.title)
    for name, value in draft.reactions if draft.url.startswith("https://") else ():
        yield Reaction(url=draft.url, name=name, value=value)
