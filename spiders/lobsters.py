"""Lobsters: links that its people submitted, from one feed an hour at most.

Its operators ask not to be scraped and let readers take a feed, so that is all that is asked for by default. The
JSON lists of single sites, with points and comments, are asked for when the event file names the sites and as far as
the robots.txt of Lobsters permits.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlsplit

from harvester.contract import count, text
from harvester.model import Draft, DraftAuthor, Edge, Link, Reaction
from harvester.source import Contract, Cursor, Note, Option, Source
from harvester.walks import feed_gaps, timeline

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found

SITE, FEED = "https://lobste.rs", "feed"
READ = "feed was read"  # a cursor and no question: when
PER_PAGE, APART = 25, timedelta(hours=1)
STORIES = Contract(
    required=("short_id",),
    fields={
        "short_id": "text", "short_id_url": "text", "created_at": "text", "title": "text", "url": "text",
        "score": "whole number", "comment_count": "whole number", "description_plain": "text",
        "submitter_user": "text", "tags": "list", "comments_url": "text",
    },
    unread=frozenset({"flags", "description", "user_is_author"}),
)  # fmt: skip


class Lobsters(Source):
    """One feed of all tags, and a list for each site."""

    name = "lobsters"
    label = "Lobsters submissions by tag and site (no key needed; its operators ask to be asked once an hour at most)"
    contributes = "links to articles in English that developers discuss"
    policy = "page"
    platforms = ("lobsters",)
    opt_in = True
    late = 2
    horizon_days = 7
    pause = 6.0  # 100 requests in ten minutes
    contract = STORIES
    nothing = "nothing to ask for: its feed was read less than an hour ago"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "tags": Option(kind="texts", default=(), doc="Its tags to read in one feed, in place of all new submissions."),
        "domains": Option(
            kind="texts", default=(), doc="Sites whose submissions are asked for, where its robots.txt permits."
        ),
    }  # fmt: skip

    async def start(self) -> AsyncIterator[Request]:
        """The feed when it is an hour old, then a list for each site."""
        before = timeline.moment(self.checkpoint(READ))
        if before is None or self.now - before >= APART:
            tags = ",".join(quote(tag.strip().lower(), safe="") for tag in self.option("tags"))
            yield self.get(f"{SITE}/{f't/{tags}' if tags else 'newest'}.rss", query=FEED, policy="feed")
        for host in self.option("domains"):
            address = f"{SITE}/domains/{quote(host.strip().lower(), safe='')}.json"
            yield self.get(address, self.parse_stories, query=host, document=False)

    def parse(self, response: Response) -> Iterator[Found]:
        """The submissions of the feed that name the event: links, and texts that were written there."""
        feed = self.parsed(response)
        if feed.kind != "feed":
            self.refused(response, "a page answered instead of the feed", "not_a_feed")
        kept = [draft for draft in feed.drafts if self.about(f"{draft.title}\n{draft.text}", draft.hashtags)]
        for draft in kept:
            if urlsplit(draft.url).netloc == urlsplit(SITE).netloc:
                yield Draft(
                    url=draft.url, kind="qa", title=draft.title, text=draft.text, author=draft.author,
                    published=draft.published, published_origin="feed", links=draft.links,
                )  # fmt: skip
            else:
                yield Link(url=draft.url, text=draft.title)
        cursor, left = self.checkpoint(FEED), len(feed.drafts) - len(kept)
        yield from feed_gaps.reading(self.event, self.now, FEED, cursor, feed.drafts, left=left, full=PER_PAGE)
        yield Cursor(READ, timeline.iso(self.now))

    def parse_stories(self, response: Response) -> Iterator[Found]:
        """The submissions of a site that name the event, with their numbers."""
        query, items = response.meta["query"], self.json(response)
        if not isinstance(items, list):
            self.refused(response, "no list of submissions", "bad_json")
        stories, drift = self.records(response, items)
        yield from drift
        kept = [story for story in stories if self.about("\n".join((text(story.get("title")), _words(story))))]
        for story in kept:
            yield from _found_in(story)
        yield self.told(query, len(items), len(kept), full=len(items) >= PER_PAGE)

    def told(self, query: str, came: int, kept: int, *, full: bool) -> Note:
        """How much there was, and of it how much is about other things."""
        left = f"left out: {came - kept} about other things" if came > kept else ""
        cut = f"the newest {came} only" if full else ""
        return Note(query=query, returned=came, truncated=full, reason="; ".join(filter(None, (cut, left))))


def _words(story: dict[str, Any]) -> str:
    return text(story.get("description_plain"))


def _found_in(story: dict[str, Any]) -> Iterator[Found]:
    """A link with its numbers and who submitted it, or a text that was written there."""
    handle, url, at = text(story.get("submitter_user")), text(story.get("url")), text(story.get("created_at"))
    author = DraftAuthor(platform="lobsters", handle=handle, url=f"{SITE}/~{handle}" if handle else "")
    counted = (("point", count(story.get("score"))), ("comment", count(story.get("comment_count"))))
    numbers = tuple((name, value) for name, value in counted if value is not None)
    if url:
        yield Link(url=url, text=text(story.get("title")))
        yield from (Reaction(url=url, name=name, value=value) for name, value in numbers)
        if handle:
            yield Edge(type="bookmark", target=url, actor=author, at=at)
        return
    yield Draft(
        url=text(story.get("comments_url")) or f"{SITE}/s/{story['short_id']}", kind="qa",
        title=text(story.get("title")), text=_words(story), author=author, published=at, published_origin="api",
        reactions=numbers,
    )  # fmt: skip
