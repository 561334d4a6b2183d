"""connpass without a key: the Atom feed that a group offers, for the announcements of the event.

Neither head counts nor what was put up at an event stand in it; `connpass` asks the interface for those.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from harvester.payloads.connpass import groups
from harvester.source import Note, Option, Source

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found


class ConnpassGroups(Source):
    """A feed for each group."""

    name = "connpass_groups"
    label = "connpass groups' announcements (Atom feeds; no key needed)"
    contributes = "the announcement of the event by its group; it is stored and never counted"
    policy = "feed"
    platforms = ("connpass",)
    nothing = "nothing to read: no group's page at connpass in event_urls, and no groups named"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "groups": Option(kind="texts", default=(), doc="Groups to read, besides those of the pages in `event_urls`."),
    }

    async def start(self) -> AsyncIterator[Request]:
        """Every group's feed."""
        for group in groups(self.event, self.option("groups")):
            yield self.get(f"https://{group}.connpass.com/ja.atom", query=group)

    def parse(self, response: Response) -> Iterator[Found]:
        """The announcements that name the event."""
        feed = self.parsed(response)
        if feed.kind != "feed":
            self.refused(response, "a page answered instead of the group's feed", "not_a_feed")
        kept = [draft for draft in feed.drafts if self.about(f"{draft.title}\n{draft.text}", draft.hashtags)]
        for draft in kept:
            yield replace(draft, kind="event_page", publisher=draft.publisher or feed.title)
        left = len(feed.drafts) - len(kept)
        yield Note(
            query=response.meta["query"], returned=len(feed.drafts),
            reason=f"left out: {left} announcements of other events" if left else "",
        )  # fmt: skip
