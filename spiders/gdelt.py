"""GDELT: a world-wide index of news, asked for pages that name the event (DOC 2.0, article lists).

It knows addresses and titles. When it saw a page is no day of publication, and a title is no article: every address
is a link for `blog`. An answer holds 250 at most and has no next page, so a full one is asked for again in halves of
its time, one question after the other. What it cannot say (words in place of JSON, an empty object) is never a 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from harvester.model import Link
from harvester.payloads.gdelt import FULL, PROMISED, askable, halves, question, read, stamp
from harvester.source import Cursor, Note, Option, Source
from harvester.walks import timeline
from harvester.walks.phrases import phrases, specific_tags

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.payloads.gdelt import Answer
    from harvester.source import Found
    from harvester.walks.timeline import Walk

AT_ONCE = 6  # names in one question
NEW = {"capped": False, "silent": False, "met": 0}
SHORT = "a slice of half an hour holds more articles than GDELT shows"
SILENT = "GDELT answered with nothing at all, which does not say that there is nothing"


class Gdelt(Source):
    """One question for all names, in slices of time."""

    name = "gdelt"
    label = "GDELT's index of news by event name (DOC 2.0; no key needed)"
    contributes = "articles of news sites all over the world that name the event"
    policy = "api"
    document = False
    pause = 6.0
    horizon_days = 90
    nothing = "nothing new to ask for: the event's weeks have been read, have not begun, or no name can be asked for"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "queries": Option(
            kind="texts", default=(), minimum=1,
            doc="Questions in GDELT's syntax, asked in place of the event's names and of hashtags with a digit.",
        ),
        "max_requests": Option(kind="whole number", default=20, doc="Requests in one crawl, 250 articles each."),
    }  # fmt: skip
    asked = 0

    async def start(self) -> AsyncIterator[Request]:
        """Every question over the time since it was read, or where an earlier walk was cut short."""
        for query in self.queries():
            walk = timeline.begin(self.event, self.now, self.checkpoint(query))
            if walk is None:
                continue
            if "slices" not in walk:
                start, end = (timeline.moment(walk[name]) or self.now for name in ("stop", "end"))
                walk |= NEW | {"slices": [[stamp(start), stamp(min(end, self.now))]]}
            yield self.page(query, walk)

    def queries(self) -> list[str]:
        """What is asked."""
        words = [word for word in (*phrases(self.event), *specific_tags(self.event)) if askable(word)]
        parts = [words[first : first + AT_ONCE] for first in range(0, len(words), AT_ONCE)]
        return list(self.option("queries")) or [question(part) for part in parts]

    def page(self, query: str, walk: Walk) -> Request:
        """The next slice of a walk."""
        self.asked += 1
        start, end = walk["slices"][0]
        asked = {
            "query": query, "mode": "artlist", "format": "json", "maxrecords": FULL, "sort": "datedesc",
            "startdatetime": start, "enddatetime": end,
        }  # fmt: skip
        return self.get(
            f"https://api.gdeltproject.org/api/v2/doc/doc?{urlencode(asked)}", self.parse, query=query, state=walk
        )

    def parse(self, response: Response) -> Iterator[Found]:
        """The articles of a slice, then the next one, the end of the walk, or why it stops here."""
        query, walk, answer = response.meta["query"], dict(response.meta["state"]), read(response.body)
        if answer.refusal:
            self.refused(response, f"GDELT answered in words: {answer.refusal}", "bad_json")
        for url, title in answer.articles:
            yield Link(url=url, found_on=response.url, text=title)
        walk = self.turned(walk, answer)
        over, used_up = not walk["slices"], self.asked >= self.option("max_requests")
        yield self.note(query, walk, over=over, used_up=used_up)
        if over and (walk["met"] or not walk["silent"]):
            yield Cursor(query, timeline.ended(walk))
        elif not over and used_up:
            yield Cursor(query, timeline.cut(self.checkpoint(query), walk))
        elif not over:
            yield self.page(query, walk)

    def turned(self, walk: Walk, answer: Answer) -> Walk:
        """The walk after an answer: its slice done, or cut in two when there is more than it could show."""
        piece, *rest = walk["slices"]
        parts = halves(piece) if answer.full else []
        came = 0 if parts else len(answer.articles)  # they come again, with the rest
        capped, silent = answer.full and not parts, answer.silent
        walk = walk | {"slices": [*parts, *rest], "met": walk["met"] + came}
        return walk | {"capped": walk["capped"] or capped, "silent": walk["silent"] or silent}

    def note(self, query: str, walk: Walk, *, over: bool, used_up: bool) -> Note:
        """Where a walk stands. Three months are promised; what came from before them is all we know."""
        start = timeline.moment(walk["stop"])
        reasons = [SHORT] if walk["capped"] else []
        if walk["silent"] and not walk["met"]:  # beside slices that have articles, an empty one is believed
            reasons.append(SILENT)
        if start is not None and start < self.now - PROMISED:
            reasons.append("GDELT promises three months, what is older may be missing")
        if not over and used_up:
            reasons.append(f"request budget of {self.option('max_requests')} used up, goes on in the next run")
        told: dict[str, Any] = {"window_start": walk["stop"], "window_end": min(walk["began"], walk["end"])}
        met = walk["met"] if walk["met"] or not reasons else None
        return Note(query=query, returned=met, truncated=bool(reasons), reason="; ".join(reasons), **told)
