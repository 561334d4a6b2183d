"""What the form of an address says of who writes there: newspapers, stations, companies, people; or nothing."""

from datetime import UTC, datetime

import pytest

from harvester import urls
from harvester.classify import hosts, role
from harvester.event import Event
from harvester.model import Author, Post

NOWHERE = Event(
    slug="none", name="No Such Event", starts=datetime(2016, 1, 1, tzinfo=UTC), ends=datetime(2016, 1, 2, tzinfo=UTC),
    timezone="UTC", report_timezone="UTC",
)  # fmt: skip


def side(address):
    url, found = urls.canonical(address), urls.identify(address)
    host = urls.host_of(url)
    author = Author(platform=found.platform, handle=found.handle or host)
    post = Post(key=url, url=url, kind=found.kind or "article", platform=found.platform, host=host, author=author)
    return role.judge(role.AuthorView(author=author), [post], NOWHERE).side


@pytest.mark.parametrize(
    "address",
    [
        "https://www.kasumi-shimbun.co.jp/articles/1",
        "https://kasumi-np.co.jp/news/1",
        "https://www.kasumi-nippo.jp/",
        "https://kasumi.keizai.biz/headline/1/",
        "https://www.kasumi-tv.co.jp/",
        "https://fm-kasumi.com/",
        "https://cloudzine.jp/article/detail/1",
        "https://www.riverbendgazette.com/",
        "https://riverbendleader.com/",
        "https://riverbendleaderonline.com/",
        "https://kxyz12.com/",
        "https://riverbend.news/a",
        "https://riverbend.example.com/atcl/nxt/1/",
        "https://riverbender-tageblatt.de/",
    ],
)
def test_newspapers_stations_and_web_magazines(address):
    assert side(address) == "media"


@pytest.mark.parametrize(
    "address",
    [
        "https://blog.aoi.jp/post/1",
        "https://aoi.github.io/2016/12/05/demo/",
        "https://aoi.netlify.app/demo",
        "https://aoisblog.com/archives/1",
        "https://aoi.me/demo",
        "https://aoi-no-nikki.jp/1",
        "https://www.aoi.net/entry/2016/12/05/120000",
        "https://tech.acme.co.jp/entry/1",
        "https://creators-note.acme.com/1",
        "https://eng-blog.acme.ad.jp/1",
        "https://www.acme.com/tech-blog/1",
        "https://www.acme.com/category/engineering/",
        "https://blogs.itmedia.co.jp/aoi/2016/12/1.html",
    ],
)
def test_blogs_of_people_and_companies(address):
    assert side(address) == "community"


@pytest.mark.parametrize(
    "address",
    [
        "https://acme.co.jp/",
        "https://www.starglobe.jp/",
        "https://javaleader.com/",
        "https://codereview.net/",
        "https://web20.com/",
        "https://acme.io/",
        "https://danaoi.com/",
        "https://note.com/aoi/n/n0123456789ab",
        "https://news.acme.io/demo",
        "https://newsroom.co.nz/",
        "https://hackernews.acme.com/item/1",
        "https://best-garden-tips-daily.com/demo",
    ],
)
def test_what_an_address_does_not_tell_is_left_open(address):
    assert side(address) == "unknown"


@pytest.mark.parametrize(
    ("host", "label"),
    [
        ("aws.amazon.com", "amazon"), ("tech.acme.co.jp", "acme"), ("eng-blog.acme.ad.jp", "acme"),
        ("www.acme.com.au", "acme"), ("acme.io", "acme"), ("localhost", "localhost"), ("com.com.com", "com"),
    ],
)  # fmt: skip
def test_the_registered_name(host, label):
    assert hosts.registered(host) == label
    assert hosts.company(host) in ("", "tech.", "eng-blog")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://newsroom.acme.com/2016/demo-conf", "owned"),
        ("https://news.acme.com/jp/press/jn161201-1", "owned"),
        ("https://www.acme.co.jp/about/press-release/2016/1.html", "owned"),
        ("https://www.acme.co.jp/corporate/information/news/201612/1/", "owned"),
        ("https://www.acme.com/company/news/2016/1204.html", "owned"),
        ("https://www.acme.com/compress/1", "unknown"),
        ("https://japan.cnet.com/press/1", "media"),
        ("https://note.com/acme/press/1", "unknown"),
    ],
)
def test_what_a_company_announces_on_its_own_site_is_its_own_word(address, expected):
    assert side(address) == expected


@pytest.mark.parametrize(
    "address",
    [
        "https://qiita.com/tags/demo", "https://qiita.com/advent-calendar/2016/demo", "https://zenn.dev/topics/demo",
        "https://adventar.org/calendars/12",
    ],
)  # fmt: skip
def test_a_platforms_own_list_is_nobodys_account(address):
    assert side(address) == "aggregator"
    assert side("https://aoi.hatenablog.com/archive/2016/12") == "community"


def test_whose_shop_it_is_says_nothing_of_a_book_sold_there():
    named = Event(**{name: getattr(NOWHERE, name) for name in NOWHERE.__slots__} | {"vendor_names": ("Democorp",)})
    author = Author(platform="web", handle="www.democorp.com")
    for path, expected in (("/dp/4000000000", "unknown"), ("/dp/team", "owned")):
        url = f"https://www.democorp.com{path}"
        post = Post(key=url, url=url, kind="article", platform="web", host="www.democorp.com", author=author)
        assert role.judge(role.AuthorView(author=author), [post], named).side == expected


def test_the_vendors_own_blog_is_the_vendors():
    assert hosts.own_blog("blog.democorp.com", "/") == "blog."
    named = Event(**{name: getattr(NOWHERE, name) for name in NOWHERE.__slots__} | {"vendor_names": ("Democorp",)})
    author = Author(platform="web", handle="blog.democorp.com")
    url = "https://blog.democorp.com/1"
    post = Post(key=url, url=url, kind="article", platform="web", host="blog.democorp.com", author=author)
    assert role.judge(role.AuthorView(author=author), [post], named).kind == "vendor"


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("https://aoi.example/slides/demo-talk", "slides"),
        ("https://talks.example/2016/go.slide", "slides"),
        ("https://aoi.example/slides", ""),
        ("https://aoi.example/landslide/1", ""),
        ("https://30d.jp/aoi/12", "photos"),
    ],
)
def test_decks_and_albums_by_address(address, kind):
    assert urls.identify(address).kind == kind


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://rubyweekly.example/issues/450", "rubyweekly"),
        ("https://www.sre-digest.example/p/12", "sre-digest"),
        ("https://awsfeed.example/category/ml/", "awsfeed"),
        ("https://nikkeiweekly.example/issues/450", ""),
        ("https://devotion.example/a", ""),
        ("https://feed.example/a", ""),
    ],
)
def test_newsletters_of_links_on_a_technology_are_collections(url, found):
    assert hosts.mirror(url) == found
