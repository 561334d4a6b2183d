"""Common Crawl: which pages of known sites were there in the weeks of the event, from its index.

It gives addresses only, as links for `blog`; what is gone by now is then looked up by `wayback`. Common Crawl also
holds the pages, cut into pieces of large files, but what it holds of a page may be cut short without saying so.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from harvester.addresses import prefix_of
from harvester.contract import text
from harvester.model import Link
from harvester.payloads.wayback import Capture, worth_reading
from harvester.source import Contract, Cursor, Note, Option, Source
from harvester.text import safe_json_value

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found

HOST = "https://index.commoncrawl.org/"
NOTHING_HERE = 404  # how the index says that it has no captures
ROWS = 3000
_WEEK = re.compile(r"CC-MAIN-(\d{4})-(\d\d)")


class Commoncrawl(Source):
    """The list of crawls, then a question for each site and each crawl near the event."""

    name = "commoncrawl"
    label = "addresses of old pages from the index of Common Crawl (no key needed)"
    contributes = "addresses of articles that feeds have moved on from"
    policy = "api"
    late = 2
    opt_in = True
    fed_by = "the event's feeds and sites of authors"
    document = False
    pause = 1.0
    contract = Contract(
        required=("url", "timestamp"),
        fields={"url": "text", "timestamp": "text"},
        unread=frozenset({"status", "mime", "digest", "filename", "offset", "length", "languages"}),
    )
    nothing = "nothing to look up: the event file names no feeds and no people with sites"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "sites": Option(kind="texts", default=(), doc="More sites whose old pages are looked for."),
        "homes": Option(kind="yes/no", default=True, doc="Whether sites of the event's feeds and people are asked."),
        "crawls": Option(kind="whole number", default=3, minimum=1, doc="Crawls asked, the first after the event."),
        "max_requests": Option(kind="whole number", default=100, doc="Requests in one crawl, one each second."),
    }  # fmt: skip

    async def start(self) -> AsyncIterator[Request]:
        """The list of crawls, when there is a site to ask about."""
        if self.sites():
            yield self.get(f"{HOST}collinfo.json", self.parse_crawls, query="crawls")

    def sites(self) -> list[str]:
        """The sites to look up."""
        homes = (*self.event.feeds, *self.known.homes()) if self.option("homes") else ()
        return [site for site in dict.fromkeys(map(prefix_of, (*self.option("sites"), *homes))) if site]

    def parse_crawls(self, response: Response) -> Iterator[Found]:
        """The crawls that began in the event's weeks or soon after: they met what was new then."""
        crawls = self.json(response)
        if not isinstance(crawls, list) or not all(isinstance(crawl, dict) for crawl in crawls):
            self.refused(response, "no list of crawls", "bad_json")
        near = sorted(
            (at, text(crawl.get("id")), text(crawl.get("cdx-api")))
            for crawl in crawls
            if (at := began(text(crawl.get("id")))) and at + timedelta(days=14) >= self.event.starts
        )
        near = [crawl for crawl in near if crawl[2].startswith(HOST)][: self.option("crawls")]
        yield Note(query="crawls", returned=len(near), reason="" if near else "no crawl is as young as the event yet")
        left = self.option("max_requests") - 1
        todo = [
            (name, api, site) for _, name, api in near for site in self.sites() if not self.checkpoint(f"{name} {site}")
        ]
        for name, api, site in todo[:left]:
            yield self.get(question(api, site), query=f"{name} {site}", handle_httpstatus_list=[NOTHING_HERE])
        if todo[left:]:
            why = f"{len(todo[left:])} questions wait for the next run: request budget of {left + 1} used up"
            yield Note(query="crawls", truncated=True, reason=why)

    def parse(self, response: Response) -> Iterator[Found]:
        """Links to the pages that may be of the event. An index of a crawl never changes: it is asked once."""
        query = response.meta["query"]
        rows: list[dict[str, Any]] = []
        if response.status != NOTHING_HERE:
            rows, drift = self.records(response, self.lines(response))
            yield from drift
        found = [Capture(text(row.get("timestamp")), text(row.get("url"))) for row in rows]
        near = worth_reading(found, self.event.window())
        for capture in near:
            yield Link(url=capture.original, found_on=response.url)
        cut = len(rows) >= ROWS
        left = (
            f"left out: {len(found) - len(near)} pages of another time or no writing" if len(found) > len(near) else ""
        )
        reasons = [f"the index is read to its {ROWS}th page"] if cut else []
        yield Note(query=query, returned=len(near), truncated=cut, reason="; ".join([*reasons, *filter(None, [left])]))
        yield Cursor(query, "read")

    def lines(self, response: Response) -> list[Any]:
        """The records of an answer, one in each line."""
        try:
            return [safe_json_value(json.loads(line)) for line in response.body.splitlines() if line.strip()]
        except (ValueError, RecursionError):
            self.refused(response, "no lines of JSON", "bad_json")


def began(name: str) -> datetime | None:
    """The Monday of the week that a crawl bears in its name."""
    found = _WEEK.fullmatch(name)
    try:
        return datetime.fromisocalendar(int(found[1]), int(found[2]), 1).replace(tzinfo=UTC) if found else None
    except ValueError:
        return None


def question(api: str, site: str) -> str:
    """The address of a question for the pages of a site."""
    fields = [("url", f"{site}*"), ("output", "json"), ("fl", "url,timestamp"), ("limit", str(ROWS))]
    return f"{api}?{urlencode([*fields, ('filter', '=status:200'), ('filter', '=mime:text/html')])}"
