"""Google News: headlines of a search, as leads for people. Only when the event file asks for it: mind its terms.

Its links are its own and do not say where an article stands; finding that out is no documented way and is not done
here. So each headline is kept as what it is, an entry in Google's list: a `bookmark` with headline, publisher and day
under Google's own address, which is never counted and never followed. Whoever reads it can look the article up.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from harvester.source import Cursor, Note, Option, Source
from harvester.walks import windows
from harvester.walks.phrases import phrases

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.model import Draft
    from harvester.source import Found

CAP = 100  # entries in one answer, with no further page
TERMS = "Google's feeds are for personal, non-commercial use in a feed reader; whether this is one is yours to judge"
EDITIONS = {"ja": ("ja", "JP", "JP:ja"), "en": ("en-US", "US", "US:en")}
LEAD, AFTER = timedelta(days=1), timedelta(days=30)


class GoogleNews(Source):
    """A search for all names in each edition; one that is full is asked for again in halves of its days."""

    name = "google_news"
    label = f"Google News headlines by event name (RSS; no key needed). {TERMS}"
    contributes = "leads: headline, publisher and day of news that name the event, never counted"
    policy = "feed"
    platforms = ("googlenews",)
    opt_in = True
    pause = 4.0
    nothing = "nothing new to ask for: the event's weeks have been read, or have not begun"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "editions": Option(
            kind="texts", default=tuple(EDITIONS), minimum=1, doc="Editions to search: `ja` of Japan, `en` of the USA."
        ),
        "max_requests": Option(kind="whole number", default=20, doc="Requests in one crawl, 100 headlines each."),
    }  # fmt: skip
    asked = 0

    async def start(self) -> AsyncIterator[Found]:
        """The whole time of the event, or what is left of it, or where an earlier search was cut short."""
        self.logger.warning("%s", TERMS)
        words = " OR ".join(f'"{name}"' for name in phrases(self.event))
        first, end = self.event.starts - LEAD, self.event.ends + AFTER
        for edition in self.option("editions"):
            query = f"{edition}: {words}"
            if edition not in EDITIONS:
                yield Note(query=query, truncated=True, reason=f"no edition {edition}; there are {', '.join(EDITIONS)}")
                continue
            cursor = self.checkpoint(query)
            since = max(f"{first:%Y-%m-%d}", windows.mark_of(cursor))
            until = min(f"{end:%Y-%m-%d}", f"{self.now + timedelta(days=1):%Y-%m-%d}")
            if windows.is_cut(cursor):
                yield self.page(query, windows.waiting(cursor))
            elif since < until:
                state = {"words": words, "edition": edition, "days": [[since, until]], "since": since}
                state |= {"mark": f"{self.now - LEAD:%Y-%m-%d}", "met": 0, "left": 0, "cut": False}
                yield self.page(query, state)

    def page(self, query: str, state: dict[str, Any]) -> Request:
        """The next days of a search. `after` and `before` are the operators of its search box."""
        self.asked += 1
        since, until = state["days"][0]
        language, country, edition = EDITIONS[state["edition"]]
        words = f"({state['words']}) after:{since} before:{until}"
        asked = {"q": words, "hl": language, "gl": country, "ceid": edition}
        return self.get(f"https://news.google.com/rss/search?{urlencode(asked)}", query=query, state=state)

    def parse(self, response: Response) -> Iterator[Found]:
        """The headlines that name the event, then the next days."""
        query, state, found = response.meta["query"], dict(response.meta["state"]), self.parsed(response)
        if found.kind != "feed":
            self.refused(response, "a page answered instead of the feed of a search", "not_a_feed")
        kept = [draft for draft in found.drafts if self.about(draft.title)]
        yield from map(lead, kept)
        days, *rest = state["days"]
        full = len(found.drafts) + found.meta.get("entries_lost", 0) >= CAP
        parts = halves(days) if full else []
        if not parts:
            state |= {"met": state["met"] + len(found.drafts), "left": state["left"] + len(found.drafts) - len(kept)}
        state |= {"days": [*parts, *rest], "cut": state["cut"] or (full and not parts)}
        used_up = bool(state["days"]) and self.asked >= self.option("max_requests")
        yield self.note(query, state, used_up=used_up)
        if not state["days"]:
            yield Cursor(query, state["mark"])
        elif used_up:
            yield Cursor(query, windows.cut(self.checkpoint(query), state))
        else:
            yield self.page(query, state)

    def note(self, query: str, state: dict[str, Any], *, used_up: bool) -> Note:
        """Where a search stands, with the terms it is used under."""
        budget = f"request budget of {self.option('max_requests')} used up, goes on in the next run"
        reasons = [budget] if used_up else []
        if state["cut"]:
            reasons.append(f"a day has more than the {CAP} headlines that are shown")
        cut = bool(reasons)
        if state["left"]:
            reasons.append(f"left out: {state['left']} headlines that do not name the event")
        told = "; ".join([*reasons, TERMS])
        return Note(
            query=query, returned=state["met"], truncated=cut, window_start=f"{state['since']}T00:00:00Z", reason=told
        )


def lead(draft: Draft) -> Draft:
    """A headline as an entry of a list. Its publisher stands behind the last dash."""
    title, dash, publisher = draft.title.rpartition(" - ")
    return replace(
        draft, platform="googlenews", kind="bookmark", title=title if dash else draft.title, text="", links=(),
        publisher=publisher if dash else "", native_id=draft.native_id or draft.url,
    )  # fmt: skip


def halves(days: list[str]) -> list[list[str]]:
    """Days cut in two, the later ones first; nothing for a single day."""
    first, end = map(date.fromisoformat, days)
    if end - first <= timedelta(days=1):
        return []
    middle = (first + (end - first) // 2).isoformat()
    return [[middle, days[1]], [days[0], middle]]
