"""Drafts to posts: addresses, dates, kinds, identities, and the named reasons for dropping one."""

from datetime import UTC, datetime

import pytest

from harvester.bylines import person_name
from harvester.event import Event
from harvester.model import Draft, DraftAuthor, Post, Rejected
from harvester.normalise import normalise

NOW = datetime(2017, 1, 31, tzinfo=UTC)
EVENT = Event(
    slug="e", name="Demo Conf 2016", starts=datetime(2016, 12, 1, tzinfo=UTC), ends=datetime(2016, 12, 2, tzinfo=UTC),
    timezone="America/Los_Angeles", report_timezone="Asia/Tokyo", wire_hosts=("wire.example",),
    event_urls=("https://democonf.example/2016/?utm_source=x", "not an address"),
)  # fmt: skip


def made(url="https://blog.example/post/1", **more):
    author = more.pop("author", DraftAuthor(name=more.pop("name", "")))
    found = normalise(Draft(url=url, author=author, **({"title": "題", "text": "本文です"} | more)), EVENT, now=NOW)
    assert isinstance(found, Post), found
    return found


@pytest.mark.parametrize(
    ("draft", "reason", "detail"),
    [
        (Draft(), "no_url", ""),
        (Draft(title="x", text="y"), "no_url", ""),
        (Draft(url="javascript:alert(1)", title="x"), "bad_url", "scheme"),
        (Draft(url="https://u:p@a.example/", title="x"), "bad_url", "userinfo"),
        (Draft(url="https://[::1", title="x"), "bad_url", "syntax"),
        (Draft(url="https://a.example/1"), "empty", ""),
        (Draft(url="https://a.example/1", title="\u200b", text=" \n"), "empty", ""),
        (
            Draft(url="https://x.com/a/status/1", text="x", author=DraftAuthor(handle="a", protected=True)),
            "private",
            "",
        ),
    ],
)
def test_what_is_no_post_is_named(draft, reason, detail):
    found = normalise(draft, EVENT, now=NOW)
    assert isinstance(found, Rejected)
    assert (found.reason, found.detail) == (reason, detail)


def test_a_repost_needs_no_text():
    draft = Draft(
        url="https://x.com/a/status/1", native_id="1", platform="x", kind="repost", relation="repost", target="2"
    )
    found = normalise(draft, EVENT, now=NOW)
    assert (found.kind, found.relation, found.target) == ("repost", "repost", "2")


@pytest.mark.parametrize(
    ("url", "more", "key"),
    [
        ("http://Blog.Example/post/1/?utm_source=x#top", {}, "https://blog.example/post/1"),
        ("https://qiita.com/Aoi/items/0123456789abcdef0123", {}, "qiita:0123456789abcdef0123"),
        ("https://twitter.com/aoi/status/123", {}, "x:123"),
        ("https://x.com/aoi/status/123", {"platform": "x", "native_id": "123"}, "x:123"),
        ("", {"platform": "x", "native_id": "123"}, "x:123"),
        ("https://blog.example/post/1", {"native_id": "guid-1"}, "https://blog.example/post/1"),
        ("", {"native_id": "https://blog.example/p/1"}, "https://blog.example/p/1"),
        ("", {"native_id": "guid-1", "publisher": "Aoi Blog"}, "feed:aoi blog:guid-1"),
    ],
)
def test_keys(url, more, key):
    assert made(url, **more).key == key


@pytest.mark.parametrize(
    ("more", "at", "precision", "origin"),
    [
        ({"published": "2016-12-05T21:00:00+09:00", "published_origin": "api"}, "2016-12-05T12:00", "second", "api"),
        ({"published": "2016-12-05", "published_origin": "visible"}, "2016-12-04T15:00", "day", "visible"),
        (
            {"published": "2016-12-05", "published_origin": "visible", "text": "English"},
            "2016-12-05T00:00",
            "day",
            "visible",
        ),
        ({"published": "2016-12-05", "default_zone": "Asia/Seoul", "text": "x"}, "2016-12-04T15:00", "day", "unknown"),
        ({"published": "2016年12月5日 21時", "published_origin": "feed"}, "2016-12-05T12:00", "minute", "feed"),
        ({"updated": "2016-12-05T12:00:00Z"}, "2016-12-05T12:00", "second", "feed_updated"),
        ({"published": "bogus", "updated": "2016-12-05T12:00:00Z"}, "2016-12-05T12:00", "second", "feed_updated"),
        ({"published": "2099-01-01", "published_origin": "feed"}, None, "unknown", "unknown"),
        ({"published": "2016-12-05 10:00", "published_origin": "import"}, "2016-12-05T01:00", "minute", "import"),
        ({}, None, "unknown", "unknown"),
    ],
)
def test_dates(more, at, precision, origin):
    when = made(**more).published
    assert (when.at, when.precision, when.origin) == (
        datetime.fromisoformat(at).replace(tzinfo=UTC) if at else None,
        precision,
        origin,
    )


@pytest.mark.parametrize(
    ("origin", "expected"),
    [("feed", "feed"), ("api", "api"), ("import", "import"), ("htmldate", "url"), ("", "url")],
)
def test_an_address_tells_the_day_better_than_a_guess(origin, expected):
    url = "https://blog.example/2016/12/05/post"
    found = made(url, published="2016-01-01", published_origin=origin).published
    assert found.origin == expected


@pytest.mark.parametrize(
    ("told", "origin", "expected"),
    [
        ("2017-01-11T12:00:00+09:00", "feed", "url"), ("2016-12-07T12:00:00+09:00", "feed", "feed"),
        ("2016-11-01T12:00:00+09:00", "feed", "feed"), ("2017-01-11T12:00:00+09:00", "jsonld", "jsonld"),
    ],
)  # fmt: skip
def test_a_feed_that_was_built_later_does_not_move_a_dated_address(told, origin, expected):
    found = made("https://blog.example/2016/12/05/post", published=told, published_origin=origin).published
    assert found.origin == expected


def test_the_day_of_an_address_is_in_the_sites_zone():
    assert made("https://blog.example.jp/2016/12/05/post", text="English").published.at == datetime(
        2016, 12, 4, 15, tzinfo=UTC
    )
    assert made("https://blog.example/2016/12/05/post", title="x", text="y").published.at == datetime(
        2016, 12, 5, tzinfo=UTC
    )


def test_updated_is_kept_only_when_later():
    times = {"published": "2016-12-05T12:00:00Z", "published_origin": "feed"}
    assert made(**times, updated="2016-12-06T12:00:00Z").updated_at == datetime(2016, 12, 6, 12, tzinfo=UTC)
    assert made(**times, updated="2016-12-05T12:00:00Z").updated_at is None
    assert made(**times, updated="never").updated_at is None


@pytest.mark.parametrize(
    ("url", "more", "kind"),
    [
        ("https://blog.example/post/1", {}, "article"),
        ("https://blog.example/post/1", {"kind": "article", "page_type": "NewsArticle"}, "news"),
        ("https://blog.example/post/1", {"kind": "page"}, "article"),
        ("https://blog.example/post/1", {"kind": "qa"}, "qa"),
        ("https://wire.example/release/1", {"kind": "article"}, "press_release"),
        ("https://www.wire.example/release/1", {}, "press_release"),
        ("https://prtimes.jp/main/html/rd/p/000000001.000000002.html", {}, "press_release"),
        ("https://cmc.connpass.com/event/12345/", {"kind": "article"}, "event_page"),
        ("https://democonf.example/2016/", {}, "event_page"),
        ("https://speakerdeck.com/aoi/deck", {}, "slides"),
        ("https://www.youtube.com/watch?v=aaaaaaaaaaa", {}, "video"),
        ("https://x.com/aoi/status/1", {}, "micropost"),
    ],
)
def test_kinds(url, more, kind):
    assert made(url, **more).kind == kind


@pytest.mark.parametrize(
    ("url", "author", "identity"),
    [
        ("https://qiita.com/Aoi/items/0123456789abcdef0123", {}, "qiita:aoi"),
        ("https://aoi.hatenablog.com/entry/1", {"name": "あおい"}, "hatenablog:aoi"),
        ("https://x.com/a/status/1", {"handle": "@Aoi_Dev", "platform": "x"}, "x:aoi_dev"),
        ("https://blog.acme.example/p/1", {"name": "山田 太郎"}, "web:blog.acme.example#山田 太郎"),
        ("https://blog.acme.example/p/1", {"name": "ＹＡＭＡＤＡ"}, "web:blog.acme.example#yamada"),
        ("https://blog.acme.example/p/1", {"name": "Yamada and Suzuki"}, "web:blog.acme.example#yamada"),
        ("https://blog.acme.example/p/1", {"name": "admin"}, "web:blog.acme.example"),
        ("https://blog.acme.example/p/1", {}, "web:blog.acme.example"),
        ("https://pub.acme.example/p/1", {"name": "Aoi", "url": "https://medium.com/@aoi"}, "medium:aoi"),
        ("https://blog.acme.example/p/1", {"name": "Aoi", "url": "https://x.com/aoi"}, "web:blog.acme.example#aoi"),
        (
            "https://speakerdeck.com/player/0123456789abcdef0123456789abcdef",
            {"name": "小島 英揮"},
            "speakerdeck:小島 英揮",
        ),
        ("https://prtimes.jp/main/html/rd/p/1.html", {"name": "デモ株式会社"}, "web:prtimes.jp#デモ株式会社"),
    ],
)
def test_identities(url, author, identity):
    found = made(url, author=DraftAuthor(**author)).author
    assert f"{found.platform}:{found.handle}" == identity


def test_two_bylines_on_one_site_are_two_authors_and_one_on_two_views_is_one():
    first, second = made(name="by 山田 太郎"), made(name="山田  太郎")
    assert first.author == second.author
    assert made(name="鈴木").author.handle != first.author.handle


def test_no_author_where_a_shared_host_tells_none():
    assert made("https://note.com/info").author is None


@pytest.mark.parametrize(
    ("byline", "name"),
    [
        ("by 山田 太郎", "山田 太郎"),
        ("取材・文:大谷イビサ", "大谷イビサ"),
        ("文●重森大", "重森大"),
        ("投稿者: aoi", "aoi"),
        ("Written by Jane Doe", "Jane Doe"),
        ("Posted by jane", "jane"),
        ("aoi@example.com (Aoi)", "Aoi"),
        ("aoi@example.com", ""),
        ("https://a.example/", ""),
        ("編集部", ""),
        ("Admin", ""),
        ("", ""),
        ("あ" * 80, ""),
        ("ジェフ・バー", "ジェフ・バー"),
        ("山田、鈴木", "山田"),
        ("Tech News", ""),
        ("blog.example", ""),
        ("大谷イビサ(編集部)", "大谷イビサ"),
        ("Andy Warhol", "Andy Warhol"),
    ],
)
def test_bylines(byline, name):
    assert person_name(byline, "Tech News", "blog.example") == name


def test_text_links_and_tags():
    found = made(
        title="題\u0000\u202e",
        text="本文  です \n\n\n\n#デモ #Demo",
        links=("/a?utm_source=x", "https://b.example/", "mailto:x", "/a"),
        canonical_url="/post/1?ref=x",
    )
    assert (found.title, found.text) == ("題", "本文 です\n\n#デモ #Demo")
    assert found.links == ("https://blog.example/a", "https://b.example/")
    assert found.hashtags == ("デモ", "Demo")
    assert found.canonical_url == "https://blog.example/post/1"
    assert found.language == "ja"


def test_an_unusable_canonical_address_is_the_posts_own():
    assert made(canonical_url="javascript:x").canonical_url == "https://blog.example/post/1"


def test_an_unknown_relation_is_original():
    assert made(relation="boosted").relation == "original"


def test_the_same_draft_is_the_same_post():
    assert made(published="2016-12-05") == made(published="2016-12-05")
