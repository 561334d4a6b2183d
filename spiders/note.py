"""note: the feeds of accounts and magazines; when asked for, those of hashtags and what note's own pages ask for.

note offers its feeds to readers. Whether it has feeds of hashtags is uncertain (`hashtags = true` tries). What its own
pages ask for (`api = true`) is documented nowhere, and its robots.txt forbids it at the time of writing: the requests
obey that file, one follows the other, and the first refusal (403, 429) ends them all.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlencode

from harvester.model import Link
from harvester.payloads.note import NOTES, SITE, draft_of, notes_of
from harvester.source import Note, Option, Source
from harvester.walks import service_feed
from harvester.walks.timeline import LEAD, around, asked_tags, iso, moment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found

FEED = 25  # entries, as far as anybody has seen; a wrong number only changes when a gap is told
GONE = [404, 410]
REFUSED = [403]


class NoteCom(Source):
    """A feed for each account and magazine, for each hashtag on request; one after the other what its pages ask."""

    name = "note"
    label = "note articles by account and magazine (feeds; no key needed)"
    contributes = "participants' articles on the day they appear; with `api`, should note allow it, also likes"
    policy = "feed"
    pause = 1.5
    platforms = ("note",)
    late = 1
    fed_by = "accounts in the event file, and authors that other sources found"
    contract = NOTES
    nothing = "nothing to read: no account on note is known, and neither hashtags nor magazines are asked for"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "users": Option(kind="texts", default=(), doc="More accounts to read, besides those that are known."),
        "magazines": Option(kind="texts", default=(), doc="Magazines to read, as in note.com/<user>/m/<magazine>."),
        "hashtags": Option(kind="yes/no", default=False, doc="`true` also tries the feeds of the event's hashtags."),
        "api": Option(kind="yes/no", default=False, doc="`true` also asks what note's own pages ask; undocumented."),
        "max_requests": Option(kind="whole number", default=100, doc="Requests in one crawl."),
    }  # fmt: skip
    asked = unread = 0

    async def start(self) -> AsyncIterator[Request]:
        """Every feed, and the first page of the first question of those that follow each other."""
        tags = asked_tags(self.event)
        for tag, written in tags.items() if self.option("hashtags") else ():
            yield self.feed(f"/hashtag/{quote(tag)}/rss", f"#{written}", tag=written)
        for magazine in self.option("magazines"):
            path = magazine.strip().removeprefix(SITE).removeprefix("note.com").strip("/")
            yield self.feed(f"/{quote(path)}/rss", f"magazine {path}")
        if self.option("api"):
            names = dict.fromkeys((self.event.name, *self.event.names))
            yield self.page([["hashtag", tag] for tag in tags] + [["search", name] for name in names])
        known, room = (*self.option("users"), *self.known.handles("note")), self.option("max_requests") - self.asked
        accounts, self.unread = service_feed.in_turn(known, self.checkpoint, room, self.now)
        for user in accounts:
            yield self.feed(f"/{quote(user)}/rss", f"@{user}")

    def spent(self) -> bool:
        """Whether this crawl has made all the requests it may."""
        return bool(self.asked >= self.option("max_requests"))

    def feed(self, path: str, query: str, **state: Any) -> Request:
        """A feed; an account that has gone is an answer too."""
        self.asked += 1
        return self.get(f"{SITE}{path}", query=query, state=state, handle_httpstatus_list=GONE)

    def page(self, questions: list[list[str]], start: Any = None, seen: int = 0) -> Request:
        """A page of the first question; those after it wait for its end."""
        self.asked += 1
        (kind, words), state = questions[0], {"questions": questions, "seen": seen}
        if kind == "hashtag":
            fields = urlencode({"order": "new", "page": start or 1, "paid_only": "false"})
            url = f"{SITE}/api/v3/hashtags/{quote(words)}/notes?{fields}"
        else:
            fields = urlencode({"context": "note", "q": words, "size": 50, "start": start or 0, "sort": "new"})
            url = f"{SITE}/api/v3/searches?{fields}"
        more: dict[str, Any] = {"document": False, "policy": "page", "handle_httpstatus_list": REFUSED}
        return self.get(url, self.parse_page, query=f"{kind} {words}", state=state, **more)

    def parse(self, response: Response) -> Iterator[Found]:
        """The entries of a feed."""
        query, tag = response.meta["query"], response.meta["state"].get("tag", "")
        if response.status in GONE:
            why = "note shows no feed of this hashtag" if tag else "note has no such account or magazine"
            yield Note(query=query, reason=why, truncated=True if tag else None)
            return
        feed = self.parsed(response)
        if feed.kind != "feed":
            self.refused(response, "a page answered instead of a feed", "not_a_feed")
        own = bool(tag) and self.about("", (tag,))
        cursor = self.checkpoint(query)
        asked = service_feed.Asked(query=query, now=self.now, cursor=cursor, tag=tag, own=own, full=FEED)
        yield from service_feed.found(feed, self.event, self.about, asked, response.url)
        yield from service_feed.unread(self.unread, self.option("max_requests"))

    def parse_page(self, response: Response) -> Iterator[Found]:
        """The texts of the event's time, then the next page, the next question, or the end of all when refused."""
        state = response.meta["state"]
        questions = state["questions"]
        if response.status in REFUSED:
            for kind, words in questions:
                yield Note(query=f"{kind} {words}", truncated=True, reason="note refused (403): nothing more was asked")
            return
        read = notes_of(self.json(response))
        if read is None:
            self.refused(response, "no list of notes", "bad_json")
        notes, drift = self.records(response, read[0])
        yield from drift
        first, (kind, words) = iso(self.event.starts - LEAD), questions[0]
        dated = [(moment(note.get("publish_at")), note) for note in notes]
        for at, note in dated:
            draft = draft_of(note)
            if draft.url and around(self.event, at):
                if kind == "hashtag" or self.about(f"{draft.title}\n{draft.text}", draft.hashtags):
                    kept = replace(draft, text="") if draft.title else draft  # a beginning: its page has it all
                    yield service_feed.tagged(kept, words if kind == "hashtag" else "")
                yield Link(url=draft.url, found_on=response.url, text=draft.title)
        over = not notes or any(at is not None and iso(at) < first for at, _ in dated)
        more, seen = not over and read[1] is not None, state["seen"] + len(read[0])
        following = questions if more else questions[1:]
        reason = f"request budget of {self.option('max_requests')} used up" if following and self.spent() else ""
        for cut in following if reason else ():
            yield Note(query=" ".join(cut), truncated=True, reason=reason)
        if not (reason and more):
            lost = "" if over or more or read[2] else "note does not say where the next page begins"
            told = Note(query=f"{kind} {words}", returned=seen, window_start=first, truncated=bool(lost), reason=lost)
            yield told
        if following and not reason:
            yield self.page(following, read[1] if more else None, seen if more else 0)
