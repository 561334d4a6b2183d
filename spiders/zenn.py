"""Zenn: the feeds of topics, accounts and publications; when asked for, what its own site asks for, with likes.

The feeds are offered to readers. They tell no likes and name no topics, and only an account's goes back to its
beginning. What the site's pages ask for behind them (`api = true`) is documented nowhere and may change any day:
robots.txt is asked first, and what is unreadable ends as `bad_json`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlencode

from harvester.contract import count
from harvester.model import Link, Reaction
from harvester.payloads.zenn import ARTICLES, SITE, draft_of, reactions_of
from harvester.source import Cursor, Note, Option, Refreshed, Source
from harvester.walks import service_feed
from harvester.walks.timeline import LEAD, around, asked_tags, iso, moment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found

TOPIC_FEED = 20  # entries, as far as anybody has seen; a wrong number only changes when a gap is told
LONGEST_QUERY = 100
REFRESH = timedelta(days=30)  # younger articles are asked for again: their likes come with the list
GONE = [404, 410]


class Zenn(Source):
    """A feed for each topic and each account; with `api` also a walk for each topic and each name."""

    name = "zenn"
    label = "Zenn articles by topic and account (feeds; no key needed)"
    contributes = "participants' articles on the day they appear; with `api` also likes, bookmarks and comments"
    policy = "feed"
    platforms = ("zenn",)
    late = 1
    fed_by = "accounts in the event file, and authors that other sources found"
    contract = ARTICLES
    nothing = "nothing to read: no hashtags in the event file, and no account on Zenn is known"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "topics": Option(kind="texts", default=(), doc="More topics to read, besides the event's hashtags."),
        "users": Option(kind="texts", default=(), doc="More accounts to read, besides those that are known."),
        "publications": Option(kind="texts", default=(), doc="Publications to read, as companies have them."),
        "api": Option(kind="yes/no", default=False, doc="`true` also asks what Zenn's own pages ask; undocumented."),
        "max_requests": Option(kind="whole number", default=100, doc="Requests in one crawl."),
    }  # fmt: skip
    asked = unread = 0

    async def start(self) -> AsyncIterator[Request]:
        """Feeds of topics, publications and accounts; the first page of every walk; likes that are due."""
        topics = asked_tags(self.event, self.option("topics"))
        for tag, written in topics.items():
            yield self.feed(f"/topics/{quote(tag)}/feed", f"#{written}", tag=written)
        for name in self.option("publications"):
            yield self.feed(f"/p/{quote(name)}/feed", f"publication {name}")
        walks = [("topic", tag) for tag in topics] + [("search", name) for name in (self.event.name, *self.event.names)]
        for kind, words in dict.fromkeys(walks if self.option("api") else ()):
            yield self.page(f"{kind} {words}", {"kind": kind, "words": words, "page": 1, "seen": 0, "left": 0})
        known, room = (*self.option("users"), *self.known.handles("zenn")), self.option("max_requests") - self.asked
        accounts, self.unread = service_feed.in_turn(known, self.checkpoint, room, self.now)
        for user in accounts:
            yield self.feed(f"/{quote(user)}/feed?all=1", f"@{user}", whole=True)
        for post in self.known.due(platforms=("zenn",)) if self.option("api") else ():
            if not self.spent():
                url, state = f"{SITE}/api/articles/{quote(post.native_id)}", {"key": post.key, "url": post.url}
                yield self.ask(url, self.parse_article, query="likes", state=state, handle_httpstatus_list=GONE)

    def feed(self, path: str, query: str, **state: Any) -> Request:
        """A feed; an account that has gone is an answer too."""
        self.asked += 1
        return self.get(f"{SITE}{path}", query=query, state=state, handle_httpstatus_list=GONE)

    def ask(self, url: str, callback: Callable[..., Any], **more: Any) -> Request:
        """A request that only Zenn's own pages make: nobody offers it to us, so robots.txt decides."""
        self.asked += 1
        return self.get(url, callback, document=False, policy="page", **more)

    def spent(self) -> bool:
        """Whether this crawl has made all the requests it may."""
        return bool(self.asked >= self.option("max_requests"))

    def page(self, query: str, state: dict[str, Any]) -> Request:
        """One page of a walk, newest first."""
        words = state["words"][:LONGEST_QUERY]
        given = {"topicname": words} if state["kind"] == "topic" else {"q": words, "source": "articles"}
        fields = urlencode(given | {"order": "latest", "page": state["page"]})
        path = "articles" if state["kind"] == "topic" else "search"
        return self.ask(f"{SITE}/api/{path}?{fields}", self.parse_page, query=query, state=state)

    def parse(self, response: Response) -> Iterator[Found]:
        """The entries of a feed."""
        query, state = response.meta["query"], response.meta["state"]
        if response.status in GONE:
            yield Note(query=query, reason="Zenn has no such topic, publication or account")
            return
        feed, tag = self.parsed(response), state.get("tag", "")
        if feed.kind != "feed":
            self.refused(response, "a page answered instead of a feed", "not_a_feed")
        asked = service_feed.Asked(
            query=query, now=self.now, cursor=self.checkpoint(query), tag=tag,
            own=bool(tag) and self.about("", (tag,)), full=0 if state.get("whole") else TOPIC_FEED,
        )  # fmt: skip
        yield from service_feed.found(feed, self.event, self.about, asked, response.url)
        yield from service_feed.unread(self.unread, self.option("max_requests"))

    def parse_page(self, response: Response) -> Iterator[Found]:
        """The articles of the event's time, then the next page or the mark that the question has been read."""
        query, state, answer = response.meta["query"], dict(response.meta["state"]), self.json(response)
        if not isinstance(answer, dict) or not isinstance(answer.get("articles"), list):
            self.refused(response, "no list of articles", "bad_json")
        articles, drift = self.records(response, answer["articles"])
        yield from drift
        first = iso(self.event.starts - LEAD)
        since = max(first, min(self.checkpoint(query) or first, iso(self.now - REFRESH)))
        dated = [(moment(article.get("published_at")), article) for article in articles]
        for at, article in dated:
            if at is None or (iso(at) >= since and around(self.event, at)):
                yield from self.kept(article, state, response.url)
        over = not articles or any(at is not None and iso(at) < since for at, _ in dated)
        state |= {"seen": state["seen"] + len(answer["articles"]), "page": answer.get("next_page")}
        more = not over and state["page"] is not None
        reasons = [f"request budget of {self.option('max_requests')} used up"] if more and self.spent() else []
        reasons += [f"left out: {state['left']} articles about other things"] if state["left"] else []
        yield Note(
            query=query, returned=state["seen"], reported_total=count(answer.get("total_count")),
            truncated=more and self.spent(), window_start=since, reason="; ".join(reasons),
        )  # fmt: skip
        if not more:
            yield Cursor(query, iso(self.now - timedelta(days=1)))
        elif not self.spent():
            yield self.page(query, state)

    def kept(self, article: dict[str, Any], state: dict[str, Any], url: str) -> Iterator[Found]:
        """What bears the event's topic or name; of others that a search found, whose text may have it, the page."""
        draft, topic = draft_of(article), state["words"] if state["kind"] == "topic" else ""
        own = bool(topic) and self.about("", (topic,))
        named = own or self.about(draft.title)
        if named or draft.author.protected:  # a private one is refused and counted, and its page is left alone
            yield service_feed.tagged(draft, topic if own else "")
        if topic and not named:
            state["left"] += 1
        elif not draft.author.protected:
            yield Link(url=draft.url, found_on=url, text=draft.title)

    def parse_article(self, response: Response) -> Iterator[Found]:
        """The likes of a stored article; one that has gone was asked for too."""
        state = response.meta["state"]
        yield Refreshed((state["key"],))
        if response.status in GONE:
            return
        answer = self.json(response)
        article = answer.get("article", answer) if isinstance(answer, dict) else None
        if not isinstance(article, dict) or not reactions_of(article):
            self.refused(response, "no article with its likes", "bad_json")
        for name, value in reactions_of(article):
            yield Reaction(url=state["url"], native_id=state["key"], name=name, value=value)
