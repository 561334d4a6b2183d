"""A recorded feed of a YouTube channel against the YouTube source: every video, with its address, channel and views."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from scrapy import Request
from scrapy.http import XmlResponse

from harvester import event as events
from harvester.model import Draft, Post
from harvester.normalise import normalise
from spiders.youtube import YouTube
from tests.conformance.data import DATA

FIXTURES = Path(__file__).parents[1] / "fixtures"
EVENT = events.load((FIXTURES / "event.toml").read_text("utf-8"), "event.toml")
RECORDED = DATA / "api" / "misc_huginn" / "youtube.xml"
NOW = datetime(2026, 5, 10, tzinfo=UTC)
URL = "https://www.youtube.com/feeds/videos.xml?playlist_id=PL1"


def test_every_video_of_a_recorded_feed_becomes_a_post() -> None:
    spider = YouTube(EVENT.slug)
    spider.prepare(EVENT, NOW, lambda _: "", {})
    meta = {"query": "playlist PL1", "state": {"all": True}}
    response = XmlResponse(URL, body=RECORDED.read_bytes(), request=Request(URL, meta=meta))
    drafts = [item for item in spider.parse(response) if isinstance(item, Draft)]
    made = [normalise(draft, EVENT, now=NOW) for draft in drafts]
    posts = [post for post in made if isinstance(post, Post)]
    assert len(posts) == len(drafts) == RECORDED.read_bytes().count(b"<entry>") > 10
    assert {post.kind for post in posts} == {"video"}
    assert {post.key for post in posts} == {f"youtube:{post.url[-11:]}" for post in posts}
    assert {(post.author.platform, post.author.handle) for post in posts if post.author} == {
        ("youtube", "UCoTLdfNePDQzvdEgIToLIUg")
    }
    assert all(dict(post.reactions).keys() == {"view"} for post in posts)
    assert posts[0].published.at == datetime(2017, 6, 15, 2, 36, 17, tzinfo=UTC)
