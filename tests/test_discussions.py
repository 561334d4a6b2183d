"""What the recorded answers of Hatena Bookmark and Reddit cannot show: how questions are packed, where keys go."""

import asyncio
from base64 import b64encode
from itertools import pairwise

import pytest
from scrapy import Request

from harvester import event as events
from harvester.known import KnownPost
from harvester.payloads import hatena
from harvester.payloads import reddit as reddit_payload
from tests.test_sources import FIXTURES, case_of

EVENT = events.load((FIXTURES / "event.toml").read_text("utf-8"), "event.toml")


def question(url):
    return (url, url, (url,))


@pytest.mark.parametrize("length", [1, 40, 200, 1500])
def test_counts_are_asked_for_in_as_few_requests_as_hold_them(length):
    asked = [question(f"https://a.example/{number:03}{'x' * length}") for number in range(120)]
    batches = hatena.packed(asked)
    assert [one for batch in batches for one in batch] == asked
    assert all(len(batch) <= hatena.MOST for batch in batches)
    assert all(len(hatena.counts_url(batch)) <= hatena.LONGEST for batch in batches)
    for batch, following in pairwise(batches):
        more = [*batch, following[0]]
        assert len(more) > hatena.MOST or len(hatena.counts_url(more)) > hatena.LONGEST


def test_the_forms_of_one_page_are_never_split_and_what_fits_nowhere_is_left_out():
    pages = [f"https://a.example/{number}" for number in range(40)]
    asked = [(url, url, hatena.variants(url, url)) for url in pages]
    batches = hatena.packed([*asked, question("https://a.example/" + "x" * hatena.LONGEST)])
    assert [one for batch in batches for one in batch] == asked
    assert all(sum(len(urls) for _, _, urls in batch) <= hatena.MOST for batch in batches)


@pytest.mark.parametrize(
    ("key", "url", "others"),
    [
        ("https://a.example/x", "https://a.example/x", {"http://a.example/x", "https://a.example/x/", "http://a.example/x/"}),
        ("https://a.example/", "https://a.example/", {"http://a.example/"}),
        ("https://a.example/?p=1", "https://a.example/?p=1", {"http://a.example/?p=1"}),
        ("zenn:abc", "https://zenn.dev/aoi/articles/abc", {"http://zenn.dev/aoi/articles/abc"}),
    ],
)  # fmt: skip
def test_a_page_without_bookmarks_may_have_been_bookmarked_under_another_form(key, url, others):
    assert set(hatena.variants(key, url)) == others


def test_short_posts_are_not_asked_about():
    posts = [KnownPost(key=kind, url=f"https://a.example/{kind}", kind=kind) for kind in ("micropost", "slides", "qa")]
    assert [key for key, _, _ in hatena.questions(posts)] == ["slides", "qa"]


def test_reddits_key_goes_to_the_login_and_its_token_to_the_interface_and_nothing_to_feeds():
    spider = case_of("reddit/login").spider
    spider.token = "synthetic"

    def sent(url):
        return spider.authorize(Request(url)).headers.get("Authorization")

    assert sent("https://www.reddit.com/api/v1/access_token") == b"Basic " + b64encode(b"an-id:a-secret")
    assert sent("https://oauth.reddit.com/search?q=a") == b"Bearer synthetic"
    assert sent("https://www.reddit.com/search.rss?q=a") is None
    assert sent("https://oauth.reddit.com.example/search") is None


def test_what_is_stored_of_reddits_login_holds_no_key():
    case = case_of("reddit/start")

    async def first():
        return [request async for request in case.spider.start()]

    [login] = asyncio.run(first())
    assert login.body == b"grant_type=client_credentials"
    assert "Authorization" not in login.headers
    assert login.meta["dont_cache"]


def test_every_subreddit_is_searched_for_names_and_sites():
    asked = reddit_payload.searches(EVENT, ["r/foo/", "bar"])
    words = {query.partition(" ")[2] for query in asked}
    assert words == {'"FooConf 2026"', '"フーコンフ 2026"', "url:fooconf.example"}
    assert {(query, each["path"]) for query, each in asked.items() if "url:" in query} == {
        ("r/foo url:fooconf.example", "/r/foo/search"), ("r/bar url:fooconf.example", "/r/bar/search"),
    }  # fmt: skip
    assert list(reddit_payload.searches(EVENT, ())) == ['"FooConf 2026"', '"フーコンフ 2026"', "url:fooconf.example"]
