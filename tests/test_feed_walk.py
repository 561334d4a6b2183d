"""Feeds that grow between crawls: what appeared is met, or the ledger says that something may not have been."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from harvester import event as events
from harvester.found import Cursor, Note
from harvester.model import Draft, Parsed
from harvester.walks.feed_gaps import OLD
from harvester.walks.feed_pages import LARGEST, has_feed, is_advert, is_of_comments, older, place_of
from harvester.walks.feed_state import Mark, Walk
from harvester.walks.feed_walk import Page, Reading

FIXTURES = Path(__file__).parent / "fixtures"
EVENT = events.load((FIXTURES / "event.toml").read_text("utf-8"), "event.toml")
URL = "https://blog.example/feed"


@dataclass
class Site:
    """A feed of `size` entries a page; `how` tells its older pages: not at all, by a link, or as a program does."""

    how: str
    size: int
    entries: list[Draft] = field(default_factory=list)

    def write(self, at: datetime) -> None:
        number = len(self.entries)
        self.entries.append(
            Draft(url=f"https://blog.example/{number}", native_id=str(number), published=at.isoformat())
        )

    def page(self, url: str) -> Parsed | None:
        newest = self.entries[::-1]
        if "size=" in url:
            return self.made(newest[:LARGEST], "")
        number = int(url.partition("page=")[2] or url.partition("paged=")[2] or 1)
        rest = newest[(number - 1) * self.size :]
        if self.how == "wordpress" and number > 1 and not rest:
            return None
        return self.made(rest[: self.size], f"{URL}?page={number + 1}" if rest[self.size :] else "")

    def made(self, entries: list[Draft], following: str) -> Parsed:
        meta = {"wordpress": "https://wordpress.org/?v=6.5", "hatena": "Hatena::Blog"}.get(self.how, "")
        following = following if self.how == "next" else ""
        return Parsed(kind="feed", drafts=tuple(entries), next_url=following, meta={"generator": meta})


@dataclass
class Reader:
    """Crawls of one feed, one after the other."""

    pages: int
    cursor: str = ""
    met: set[str] = field(default_factory=set)
    told: list[str] = field(default_factory=list)
    asked: int = 0

    def crawl(self, site: Site, now: datetime, **event: Any) -> list[str]:
        """The addresses asked for."""
        mark = Mark.read(self.cursor, replace(EVENT, **event))
        reading = Reading(event=replace(EVENT, **event), now=now, query=URL, pages=self.pages, mark=mark)
        url, walk, asked = URL, Walk(feed=URL), []
        while url:
            asked.append(url)
            found = site.page(url)
            if found is None:
                self.take(list(reading.over(walk, "whole")))
                break
            page: Page = reading.page(Walk.of(walk.told()), found, url, lambda _: True)
            self.take(page.found)
            url, walk = page.older, page.walk
        return asked

    def take(self, found: list[Any]) -> None:
        self.met |= {item.native_id for item in found if isinstance(item, Draft)}
        self.told += [item.reason for item in found if isinstance(item, Note) and item.truncated]
        self.cursor = next((item.value for item in found if isinstance(item, Cursor)), self.cursor)


def grown(how: str, seed: int) -> tuple[Site, Reader, list[list[str]]]:
    """A feed that was there before the event and is written on, crawled now and then."""
    rng = random.Random(seed)
    site, now = Site(how, rng.choice((3, 10))), EVENT.starts - timedelta(days=90)
    reader, asked = Reader(pages=rng.choice((2, 4, 50))), []
    while now < EVENT.ends + timedelta(days=30):
        now += timedelta(hours=rng.randint(1, 90))
        site.write(now)
        if now > EVENT.starts and rng.random() < 0.2:
            asked.append(reader.crawl(site, now + timedelta(minutes=1)))
    for _ in range(40):  # nothing new is written, what was left over is read
        asked.append(reader.crawl(site, now + timedelta(minutes=2)))
    return site, reader, asked


def sought(site: Site) -> set[str]:
    return {e.native_id for e in site.entries if datetime.fromisoformat(e.published) > EVENT.starts - OLD}


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("how", ["next", "wordpress"])
def test_a_feed_with_older_pages_is_met_whole_back_to_the_event(how, seed):
    site, reader, asked = grown(how, seed)
    assert sought(site) <= reader.met
    assert all(len(urls) <= reader.pages for urls in asked)
    assert asked[-1] == [URL]  # when all is read, one request is enough
    assert {told.partition(" of")[0] for told in reader.told} <= {"page limit"}


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("how", ["none", "hatena"])
def test_of_a_feed_without_older_pages_nothing_is_missed_in_silence(how, seed):
    site, reader, asked = grown(how, seed)
    missed = sought(site) - reader.met
    after = {e.native_id for e in site.entries if datetime.fromisoformat(e.published) > EVENT.starts} & missed
    kinds = {told.partition(":")[0] for told in reader.told}
    if after:
        assert kinds & {"overrun", "window"}
    if "overrun" in kinds:
        assert missed
    assert all(len(urls) <= (2 if how == "hatena" else 1) for urls in asked)


def day(number: int) -> datetime:
    return EVENT.starts + timedelta(days=number)


def test_an_overrun_is_told_once_and_the_next_reading_takes_it_back():
    site, reader = Site("none", 3), Reader(pages=5)
    for number in range(3):
        site.write(day(number))
    assert reader.crawl(site, day(3)) == [URL]
    for number in range(4, 9):
        site.write(day(number))
    reader.crawl(site, day(9))
    reader.crawl(site, day(10))
    assert reader.told == ["overrun: entries since the last reading have left the feed, crawl more often"]
    assert reader.met == {"0", "1", "2", "5", "6", "7"}


def test_a_withdrawn_entry_is_no_overrun_and_neither_is_one_that_cannot_matter():
    site, reader = Site("none", 3), Reader(pages=5)
    for number in range(3):
        site.write(day(number))
    reader.crawl(site, day(3))
    del site.entries[-1]
    reader.crawl(site, day(4))
    for number in range(100, 105):
        site.write(day(number))
    reader.crawl(site, day(105))
    assert [told.partition(":")[0] for told in reader.told] == ["overrun"]
    for number in range(200, 205):
        site.write(day(number))
    reader.crawl(site, day(205))
    assert len(reader.told) == 1


def test_other_names_read_a_feed_from_the_beginning():
    site, reader = Site("next", 3), Reader(pages=50)
    for number in range(-20, 3):
        site.write(day(number))
    first = reader.crawl(site, day(3))
    assert len(first) == 8
    assert reader.crawl(site, day(3)) == [URL]
    assert reader.crawl(site, day(3), names=("Another name",)) == first


def test_half_a_feed_leaves_the_mark_where_it_is():
    site, reader = Site("none", 3), Reader(pages=5)
    site.write(day(0))
    reader.crawl(site, day(1))
    mark, whole = reader.cursor, site.made
    site.made = lambda entries, following: replace(whole(entries, following), flags=("partial",))  # type: ignore[method-assign]
    for number in range(4, 9):
        site.write(day(number))
    reader.crawl(site, day(9))
    assert reader.cursor == mark
    assert reader.told == []


@pytest.mark.parametrize("cursor", ["", "{}", "[]", "null", "{half", "https://blog.example/feed", '{"newest": 3}'])
def test_a_cursor_that_holds_no_mark_is_none(cursor):
    assert Mark.read(cursor, EVENT) == Mark()


@pytest.mark.parametrize(
    ("url", "following"),
    [
        ("https://a.example/feed/", "https://a.example/feed/?paged=2"),
        ("https://a.example/?feed=rss2", "https://a.example/?feed=rss2&paged=2"),
        ("https://a.example/?paged=9&feed=rss2", "https://a.example/?feed=rss2&paged=10"),
    ],
)
def test_the_older_pages_of_wordpress(url, following):
    found = Parsed(kind="feed", drafts=(Draft(native_id="1"),), meta={"generator": "https://wordpress.org/?v=6.5"})
    assert older(found, url) == following
    assert older(replace(found, drafts=()), url) == ""
    assert older(replace(found, meta={}), url) == ""
    assert older(replace(found, next_url="https://a.example/older"), url) == "https://a.example/older"


@pytest.mark.parametrize(
    ("title", "host", "advert"),
    [
        ("PR: 新しい本", "rssblog.ameba.jp", True), ("【PR】新しい本", "ameblo.jp", True),
        ("PR：新しい本", "rssblog.ameba.jp", True), ("PRの仕事", "rssblog.ameba.jp", False),
        ("PRESS", "ameblo.jp", False), ("PR: 新しい本", "blog.example", False),
    ],
)  # fmt: skip
def test_the_advertisements_of_ameblo(title, host, advert):
    assert is_advert(Draft(title=title), f"https://{host}/foo/rss20.xml") is advert


@pytest.mark.parametrize(
    ("title", "url", "comments"),
    [
        ("Comments on: A report", "https://a.example/1/feed", True),
        ("参加記 へのコメント", "https://a.example/1/feed", True),
        ("A blog", "https://a.example/comments/feed/", True), ("コメントの書き方", "https://a.example/feed", False),
        ("A blog", "https://a.example/feed", False),
    ],
)  # fmt: skip
def test_feeds_of_comments(title, url, comments):
    assert is_of_comments(Parsed(kind="feed", title=title), url) is comments


@pytest.mark.parametrize(
    ("home", "feed"),
    [
        ("https://aoi.hatenablog.com/", "https://aoi.hatenablog.com/feed"),
        ("https://aoi.hateblo.jp/entry/1", "https://aoi.hateblo.jp/feed"),
        ("https://ameblo.jp/foo-aoi/", "https://rssblog.ameba.jp/foo-aoi/rss20.xml"),
        ("https://aoi.wordpress.com", "https://aoi.wordpress.com/feed/"),
        ("https://aoi.substack.com/", "https://aoi.substack.com/feed"),
        ("https://substack.com/@aoi", ""), ("https://d.hatena.ne.jp/aoi/", ""), ("https://aoi.example/", ""),
    ],
)  # fmt: skip
def test_where_platforms_put_the_feeds_of_their_members(home, feed):
    assert place_of(home) == feed


def test_services_with_sources_of_their_own_are_nobodys_site():
    sites = ["https://aoi.example/", "https://aoi.github.io/", "https://aoi.hatenablog.com/", "https://ameblo.jp/aoi"]
    others = ["https://qiita.com/aoi", "https://x.com/aoi", "https://github.com/aoi", "https://zenn.dev/aoi"]
    assert [home for home in (*sites, *others) if has_feed(home)] == sites
