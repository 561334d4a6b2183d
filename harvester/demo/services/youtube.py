"""The invented YouTube: the feed of a channel, and the Data API's search and videos."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

from harvester.demo import talks
from harvester.demo.exchange import Reply, as_json
from harvester.demo.markup import to_words
from harvester.demo.words import dice
from harvester.text import fold

if TYPE_CHECKING:
    import random

    from harvester.demo.exchange import Asked
    from harvester.demo.world import Doc, World

HOSTS = ("www.youtube.com", "www.googleapis.com")
KEYS = {"YOUTUBE_API_KEY": "synthetic-demo-youtube-no-secret"}
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
_RECORDED, _OWN, _NEWEST = 3, 2, 15
_SPACES = (
    'xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns="http://www.w3.org/2005/Atom"'
)


def extend(world: World) -> None:
    """The organisers' channel with recordings of talks, and channels of people who talk for themselves."""
    rng = dice(f"youtube {world.seed}")
    organiser = next(doc.author for doc in world.docs if doc.author.kind == "organiser")
    reports = talks.authors(world, rng, _RECORDED + _OWN)
    shared = talks.site_of(world, organiser, HOSTS[0], f"/channel/{_name('UC', 22, rng)}")
    for number, report in enumerate(reports):
        own = number >= _RECORDED
        site = talks.site_of(world, report.author, HOSTS[0], f"/channel/{_name('UC', 22, rng)}") if own else shared
        talks.talk(world, rng, report, site, f"https://{HOSTS[0]}/watch?v={_name('', 11, rng)}", "video")


def event(world: World) -> str:
    """The organisers' channel."""
    site = next(site for site in world.sites if site.host == HOSTS[0])
    return f'[source.youtube]\nchannels = ["{_channel(site.prefix)}"]'


class Service:
    """Answers `/feeds/videos.xml`, and with a key `GET /youtube/v3/search` and `/videos`."""

    def __init__(self, world: World) -> None:
        docs = [doc for doc in world.docs if doc.site.host == HOSTS[0]]
        self._docs = sorted(docs, key=lambda doc: doc.published, reverse=True)

    def answer(self, asked: Asked) -> Reply | None:
        """XML or JSON as YouTube has them; 404 for a channel that does not exist, 403 and 400 about keys."""
        parts = urlsplit(asked.target)
        given = dict(parse_qsl(parts.query))
        if asked.host == HOSTS[0]:
            return self._feed(given.get("channel_id", "")) if parts.path == "/feeds/videos.xml" else None
        key = asked.headers.get("x-goog-api-key", "")
        if not key:
            return _error(403, "forbidden", "Method doesn't allow unregistered callers.")
        if key != KEYS["YOUTUBE_API_KEY"]:
            return _error(400, "badRequest", "API key not valid. Please pass a valid API key.")
        if parts.path == "/youtube/v3/search":
            return self._search(given)
        if parts.path == "/youtube/v3/videos":
            wanted = given.get("id", "").split(",")
            return as_json(
                {"kind": "youtube#videoListResponse", "items": [_video(d) for d in self._docs if _id(d) in wanted]}
            )
        return _error(404, "notFound", "Not Found")

    def _feed(self, channel: str) -> Reply:
        docs = [doc for doc in self._docs if _channel(doc.site.prefix) == channel]
        if not docs:
            return Reply(404, b"<html><title>404</title></html>", (("Content-Type", "text/html"),))
        title = escape(docs[0].site.title)
        body = f'<?xml version="1.0" encoding="UTF-8"?>\n<feed {_SPACES}><yt:channelId>{channel[2:]}</yt:channelId>'
        body += f"<title>{title}</title>{''.join(_entry(doc) for doc in docs[:_NEWEST])}</feed>"
        return Reply(200, body.encode(), (("Content-Type", "text/xml; charset=UTF-8"),))

    def _search(self, given: dict[str, str]) -> Reply:
        words, size = fold(given.get("q", "")).strip('"'), int(given.get("maxResults", "5"))
        start = int(given.get("pageToken", "P0")[1:])
        since, until = given.get("publishedAfter", ""), given.get("publishedBefore", "~")
        found = [d for d in self._docs if words in fold(f"{d.title}\n{to_words(d.blocks)}") and since <= _at(d) < until]
        page = found[start : start + size]
        more = {"nextPageToken": f"P{start + size}"} if start + size < len(found) else {}
        info = {"totalResults": len(found), "resultsPerPage": size}
        return as_json(
            {"kind": "youtube#searchListResponse", **more, "pageInfo": info, "items": [_hit(d) for d in page]}
        )


def _error(code: int, reason: str, message: str) -> Reply:
    errors = [{"message": message, "domain": "global", "reason": reason}]
    return as_json({"error": {"code": code, "message": message, "errors": errors}}, code)


def _name(begins: str, letters: int, rng: random.Random) -> str:
    return begins + "".join(rng.choice(_LETTERS) for _ in range(letters))


def _channel(prefix: str) -> str:
    return prefix.rpartition("/")[2]


def _id(doc: Doc) -> str:
    return doc.url.rpartition("=")[2]


def _at(doc: Doc) -> str:
    return f"{doc.published.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _entry(doc: Doc) -> str:
    channel, title = _channel(doc.site.prefix), escape(doc.title)
    return (
        f"<entry><id>yt:video:{_id(doc)}</id><yt:videoId>{_id(doc)}</yt:videoId><yt:channelId>{channel}</yt:channelId>"
        f'<title>{title}</title><link rel="alternate" href="{doc.url}"/><author><name>{escape(doc.site.title)}</name>'
        f"<uri>https://{HOSTS[0]}/channel/{channel}</uri></author><published>{_at(doc)}</published>"
        f"<updated>{_at(doc)}</updated><media:group><media:title>{title}</media:title>"
        f"<media:description>{escape(to_words(doc.blocks))}</media:description><media:community>"
        f'<media:statistics views="{doc.likes * 7}"/></media:community></media:group></entry>'
    )


def _snippet(doc: Doc, description: str) -> dict[str, Any]:
    return {
        "publishedAt": _at(doc), "channelId": _channel(doc.site.prefix), "title": doc.title,
        "description": description, "channelTitle": doc.site.title, "liveBroadcastContent": "none",
    }  # fmt: skip


def _hit(doc: Doc) -> dict[str, Any]:
    told = {"kind": "youtube#video", "videoId": _id(doc)}
    return {"kind": "youtube#searchResult", "id": told, "snippet": _snippet(doc, to_words(doc.blocks)[:90])}


def _video(doc: Doc) -> dict[str, Any]:
    numbers = {"viewCount": str(doc.likes * 7), "likeCount": str(doc.likes), "favoriteCount": "0"}
    return {
        "kind": "youtube#video", "id": _id(doc), "snippet": _snippet(doc, to_words(doc.blocks)), "statistics": numbers,
    }  # fmt: skip
