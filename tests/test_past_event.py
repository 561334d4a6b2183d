"""A past event: its people's feeds have moved on, their old pages are gone, and the archive brings them back."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from harvester import urls
from harvester.demo import feeds
from harvester.demo.build import build
from harvester.demo.exchange import Reply
from harvester.demo.server import Server
from harvester.demo.services import wayback
from harvester.demo.web import Web
from harvester.demo.world import HASHTAGS, NAME, Numbers
from tests.crawling import Site

SMALL = Numbers(
    participants=24, media=2, independents=3, unknowns=1, vendor=2, sponsors=1, organiser=1, releases=1, crossposts=1,
    syndicated=1, scraped=1, other_years=2, locals=1, offtopic=4, tweets=4, misses=1,
)  # fmt: skip
EVENT = """
name = "{name}"
slug = "meetup"
names = ["re:Invent 2016", "re:Invent2016"]
hashtags = {hashtags}
starts = 2016-11-28T08:00:00-08:00
ends = 2016-12-02T13:00:00-08:00
timezone = "America/Los_Angeles"
feeds = {feeds}
attendees = {homes}
"""


class Aged(Web):
    """The same web a year later: feeds hold what was written since, and every other page but a front page is gone."""

    def __init__(self, world):
        super().__init__(world)
        self.feeds = {(site.host, site.prefix + site.feed_path): site for site in world.sites if site.feed}

    def answer(self, asked):
        if asked.host in wayback.HOSTS or asked.target == "/robots.txt":
            return super().answer(asked)
        if site := self.feeds.get((asked.host, asked.target)):
            old = [doc for doc in self.world.docs if doc.site is site]
            since = [
                replace(doc, url=f"{site.home}{number}", published=doc.published + timedelta(days=400), title="その後",
                        blocks=("引っ越した。",), story=f"later{number}")
                for number, doc in enumerate(old)
            ]  # fmt: skip
            return Reply(200, feeds.render(site, since).encode(site.charset, "xmlcharrefreplace"))
        return Reply(404, b"<html><title>404</title></html>", (("Content-Type", "text/html"),))


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """(what people wrote, the crawled site, what the crawl said, the server's log)."""
    world = build(11, SMALL)
    written = [doc for kind in ("participant", "independent") for doc in world.stories(kind) if not doc.missed]
    sites = list({id(doc.site): doc.site for doc in written}.values())
    server = Server(world)
    server._web = Aged(world)
    with server:
        made = Site(tmp_path_factory.mktemp("past"), server.address, ("spiders",))
        named = [site.feed_url for site in sites[::2] if site.feed]
        homes = [site.home for site in sites if site.feed_url not in named]
        text = EVENT.format(name=NAME, hashtags=json.dumps(HASHTAGS), feeds=json.dumps(named), homes=json.dumps(homes))
        (made.folder / "meetup.toml").write_text(text, encoding="utf-8")
        done = made.crawl("--source", "feeds", "--source", "wayback", "--source", "blog")
    return written, made, done, server.log


def test_nine_of_ten_posts_of_a_past_event_come_back(crawled):
    written, made, done, _ = crawled
    stored = {
        url: (source, raw)
        for url, source, raw in made.rows(
            "SELECT p.url, s.source, p.raw_json FROM posts p JOIN sightings s ON s.post_id = p.id"
        )
    }
    back = [doc for doc in written if urls.canonical(doc.url) in stored]
    assert len(written) > 20
    assert len(back) >= 0.9 * len(written), done
    assert {stored[urls.canonical(doc.url)][0] for doc in back} == {"wayback"}
    captures = [json.loads(stored[urls.canonical(doc.url)][1])["capture"] for doc in back]
    assert all(url.startswith("https://web.archive.org/web/201") for url in captures)
    assert {urls.canonical(url) for url in captures} == {urls.canonical(doc.url) for doc in back}


def test_they_are_dated_and_confirmed_as_if_they_had_been_read_alive(crawled):
    written, made, _, _ = crawled
    told = dict(
        made.rows(
            "SELECT p.url, substr(p.published_at, 1, 10) FROM posts p JOIN event_posts e ON e.post_id = p.id"
            " WHERE e.relevance = 'confirmed'"
        )
    )
    found = [doc for doc in written if urls.canonical(doc.url) in told]
    assert len(found) >= 0.9 * len(written)
    days = {doc.url: date.fromisoformat(told[urls.canonical(doc.url)] or "1970-01-01") for doc in found}
    right = [doc for doc in found if abs((days[doc.url] - doc.published.date()).days) <= 1]
    assert len(right) >= 0.9 * len(found)  # of the page, and not of its capture


def test_each_old_page_is_asked_for_once_and_nothing_else_of_the_archive(crawled):
    _, _, _, log = crawled
    asked = [one.target for one in log if one.host in wayback.HOSTS and one.status == 200]
    assert len(asked) == len(set(asked))
    assert {target.split("?")[0].split("/")[1] for target in asked} == {"cdx", "web"}
    assert all("id_/" in target for target in asked if target.startswith("/web/"))
