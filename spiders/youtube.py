"""YouTube: the feeds of channels and playlists without a key; with one, searches and numbers by the Data API.

A search costs one of 100 a day for each page, so what has been asked is counted before it is asked, by YouTube's own
day. Results come newest first; a search that is cut short goes on in the next crawl below the oldest video met. A feed
holds the newest videos only and is not always there: that is told, never taken for an empty one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from harvester.model import Reaction
from harvester.payloads import youtube as youtube_payload
from harvester.source import Cursor, Note, Option, Refreshed, Source, Spend
from harvester.walks import feed_gaps, timeline
from harvester.walks.phrases import searches

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found
    from harvester.walks.timeline import Walk

API = "https://www.googleapis.com"
GRANTED = 100  # searches a day
PACIFIC = timedelta(hours=-8)  # where YouTube's day ends at midnight; an hour off in summer
AWAY = [404, 500]  # of feeds: whole weeks of these were seen, all over the platform
REFUSED = [400, 403]


class YouTube(Source):
    """A feed for each channel and playlist, a search for each name, and the numbers of the videos that are known."""

    name = "youtube"
    label = "YouTube videos by channel, playlist and event name (feeds without a key; Data API v3 with one)"
    contributes = "recorded talks and reports with views, likes and comments"
    optional_keys = ("YOUTUBE_API_KEY",)
    key_from = 'console.cloud.google.com: enable "YouTube Data API v3", create an API key; free'
    origins = (API,)
    policy = "api"
    platforms = ("youtube",)
    late = 1
    fed_by = "channels in the event file, and of people that other sources found"
    document = False
    contract = youtube_payload.VIDEOS
    nothing = "nothing to read: no channel or playlist is known, and there is no YOUTUBE_API_KEY to search with"
    option_specs: ClassVar[Mapping[str, Option]] = {
        "channels": Option(kind="texts", default=(), doc="Channels whose feed is read, as in youtube.com/channel/UC…"),
        "playlists": Option(kind="texts", default=(), doc="Playlists of the event; every video in them is kept."),
        "queries": Option(
            kind="texts", default=(), minimum=1, doc="Searches in place of the event's names, with a key."
        ),
        "max_searches": Option(kind="whole number", default=20, doc="Searches in one crawl, 50 videos each."),
        "max_searches_day": Option(
            kind="whole number", default=90,
            doc="Searches in one day (it ends at midnight Pacific time) of the 100 that YouTube grants.",
        ),
    }  # fmt: skip
    searched = counted = gone = 0

    async def start(self) -> AsyncIterator[Found]:
        """Feeds; with a key, searches, and the numbers of stored videos that are due."""
        known = filter(youtube_payload.CHANNEL.fullmatch, self.known.handles("youtube"))
        for channel in dict.fromkeys((*self.option("channels"), *known)):
            yield self.feed({"channel_id": channel}, f"channel {channel}")
        for playlist in self.option("playlists"):
            yield self.feed({"playlist_id": playlist}, f"playlist {playlist}")
        if not self.secret("YOUTUBE_API_KEY"):
            return
        for query in self.option("queries") or searches(self.event):
            if walk := timeline.begin(self.event, self.now, self.checkpoint(query)):
                for found in self.go_on(query, youtube_payload.NEW | walk):
                    yield found
        due = self.known.due(platforms=("youtube",))
        for some in youtube_payload.batches(due):
            keys = {post.key.partition(":")[2]: post.key for post in some}
            yield self.videos(list(keys), self.parse_numbers, "numbers", keys)

    def feed(self, what: dict[str, str], query: str) -> Request:
        """A feed, read in the parsing process."""
        url = f"https://www.youtube.com/feeds/videos.xml?{urlencode(what)}"
        state = {"all": "playlist_id" in what}
        return self.get(url, query=query, document=True, state=state, handle_httpstatus_list=AWAY)

    def videos(self, ids: list[str], callback: Callable[..., Any], query: str, state: Any) -> Request:
        """The records of videos."""
        url = youtube_payload.videos_url(ids)
        return self.get(url, callback, query=query, state=state, handle_httpstatus_list=REFUSED)

    def authorize(self, request: Request) -> Request:
        """The key, in a header: addresses are stored and logged."""
        request.headers["X-Goog-Api-Key"] = self.secret("YOUTUBE_API_KEY")
        return request

    def parse(self, response: Response) -> Iterator[Found]:
        """The videos of a feed: all of a playlist that the event file names, else those that name the event."""
        query = response.meta["query"]
        if response.status in AWAY:
            why = f"YouTube's feed answered {response.status}, which passes; it is asked again in the next crawl"
            yield Note(query=query, truncated=True, reason=why)
            return
        found = self.parsed(response)
        if found.kind != "feed":
            self.refused(response, "a page answered instead of a feed", "not_a_feed")
        everything = response.meta["state"]["all"]
        kept = [draft for draft in found.drafts if everything or self.about(f"{draft.title}\n{draft.text}")]
        yield from kept
        left = len(found.drafts) - len(kept)
        yield from feed_gaps.reading(self.event, self.now, query, self.checkpoint(query), found.drafts, left=left)

    def go_on(self, query: str, walk: Walk) -> Iterator[Found]:
        """The next page of a search, counted before it is asked for; or why there is none now."""
        day = f"searches {self.now + PACIFIC:%Y-%m-%d}"
        left = min(self.option("max_searches_day"), GRANTED) - int(self.used.get(day, 0)) - self.searched
        if left <= 0 or self.searched >= self.option("max_searches"):
            spent = "searches of the day" if left <= 0 else f"{self.option('max_searches')} searches of a crawl"
            yield from self.cut(query, walk, f"the {spent} are used up")
            return
        self.searched += 1
        yield Spend(day, 1)
        url = youtube_payload.search_url(query, walk)
        yield self.get(url, self.parse_search, query=query, state=walk, handle_httpstatus_list=REFUSED)

    def answer(self, response: Response) -> tuple[dict[str, Any], str]:
        """An answer with its items, or that the quota is used up. Raises ParseFailed for every other refusal."""
        answer = self.json(response)
        reason, message = youtube_payload.problem(answer)
        if reason in youtube_payload.QUOTA:
            return {}, f"YouTube's quota is used up ({reason})"
        if reason or response.status in REFUSED:
            key = response.status == 403 or "key" in message.lower()
            self.refused(response, message or "refused without a word", "unauthorized" if key else "http_error")
        if not isinstance(answer, dict) or not isinstance(answer.get("items"), list):
            self.refused(response, "no items in the answer", "bad_json")
        return answer, ""

    def parse_search(self, response: Response) -> Iterator[Found]:
        """A page of results, which tells too little of a video: their records are asked for, then the next page."""
        query, walk = response.meta["query"], dict(response.meta["state"])
        answer, used_up = self.answer(response)
        if used_up:
            yield from self.cut(query, walk, used_up)
            return
        ids = youtube_payload.found_ids(answer["items"])
        if answer["items"] and not ids:
            self.refused(response, "no videos among the results", "bad_json")
        walk = youtube_payload.turned(walk, answer)
        if ids:
            yield self.videos(ids, self.parse_videos, query, walk)
        else:  # a page may be empty and not be the last one
            yield from self.go_on(query, walk) if walk["more"] else self.ended(query, walk)

    def parse_videos(self, response: Response) -> Iterator[Found]:
        """The videos of a page that name the event, then the next page or the end of the search."""
        query, walk = response.meta["query"], dict(response.meta["state"])
        answer, used_up = self.answer(response)
        if used_up:
            self.refused(response, used_up, "budget")
        videos, drift = self.records(response, answer["items"])
        yield from drift
        drafts = [youtube_payload.draft_of(video) for video in videos]
        kept = [draft for draft in drafts if self.about(f"{draft.title}\n{draft.text}")]
        yield from kept
        walk |= {"seen": walk["seen"] + len(drafts), "left": walk["left"] + len(drafts) - len(kept)}
        yield from self.go_on(query, walk) if walk["more"] else self.ended(query, walk)

    def parse_numbers(self, response: Response) -> Iterator[Found]:
        """The numbers of stored videos; one that is gone or private is not in the answer."""
        keys = response.meta["state"]
        answer, used_up = self.answer(response)
        if used_up:
            self.refused(response, used_up, "budget")
        videos, drift = self.records(response, answer["items"])
        yield from drift
        for video in videos:
            for name, value in youtube_payload.numbers(video):
                url, key = youtube_payload.watch(str(video["id"])), keys.get(str(video["id"]), "")
                yield Reaction(url=url, native_id=key, name=name, value=value)
        self.counted, self.gone = self.counted + len(videos), self.gone + len(keys) - len(videos)
        why = f"{self.gone} videos are gone or private" if self.gone else ""
        yield Note(query="numbers", returned=self.counted, reason=why)
        yield Refreshed(tuple(keys.values()))

    def ended(self, query: str, walk: Walk) -> Iterator[Found]:
        """All of a search was met."""
        yield youtube_payload.note(query, walk)
        yield Cursor(query, timeline.ended(walk))

    def cut(self, query: str, walk: Walk, reason: str) -> Iterator[Found]:
        """A search that goes on in the next crawl, below the oldest video met."""
        yield youtube_payload.note(query, walk, f"{reason}, goes on in the next run")
        yield Cursor(query, timeline.cut(self.checkpoint(query), youtube_payload.below(walk)))
