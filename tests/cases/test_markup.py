"""H7: markup that would run wherever it is shown, from the feed and page that bring it to every place that shows it."""

import asyncio
import html
import re
from urllib.parse import quote

import pytest

from harvester.browse.serve import application
from harvester.cli import run
from harvester.feed_entry import person, resolve
from harvester.text import plain
from harvester.urls import BadUrl, canonical, is_web_url
from tests import markup
from tests.cases.test_feeds import DATE, FINE, FINE_FEED, rss
from tests.crawling import Site
from tests.evil import Evil, article

REAL = ("--source", "feeds", "--source", "blog")  # the sources that people run, not those of the tests
LIVE = (
    "<!--><img src=x onerror=alert(1)>-->", '<form action="javascript:alert(1)"><input name=q></form>',
    '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
    "<svg><a><animate attributeName=href values=javascript:alert(1) /><text>x</text></a></svg>",
    '<a href="java&#9;script:alert(1)">go</a>', "<video poster=javascript:alert(1)//></video>",
    '<math><mi xlink:href="data:x,<script>alert(1)</script>">', "<style>@import 'javascript:alert(1)'</style>",
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>', "<scr<script>ipt>alert(1)</scr</script>ipt>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
)  # fmt: skip
NO_LINKS = ("javascript:alert(1)", "data:text/html,x", " JaVaScRiPt:1", "//evil", "https://a b/")
LIVE_PATTERN = re.compile(r"\bon\w+=|javascript:|<script|<form|<svg|<img|<iframe|<animate")


def bare(text):
    """Entities decoded until none is left, white space and controls gone: what a lenient reader could make of it."""
    while (decoded := html.unescape(text)) != text:
        text = decoded
    return re.sub(r"[\s\x00-\x20]+", "", text).lower()


def hostile_item(number, link):
    body = html.escape("about the meetup " + "".join(LIVE) + f'<a href="{html.escape(link)}">w</a>')
    address = html.escape(link)
    return (
        f"<item><title>Post {number} {html.escape('<script>alert(1)</script>')}</title><link>{address}</link>"
        f'<guid>{address}</guid><enclosure url="{address}" type="audio/mpeg" length="1"/><comments>{address}</comments>'
        f"<author>{html.escape('<img src=x onerror=alert(1)>')}Aoi</author>{DATE}"
        f"<category>{html.escape('<svg onload=alert(1)>')}meetup</category><description>{body}</description></item>"
    )


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory):
    """A database after a crawl of a feed and a page full of live markup, judged."""
    links = [*NO_LINKS, "https://feed.example/good", "https://page.example/2016/12/02/a-post"]
    vectors = "".join(f"<p>{vector}</p>" for vector in LIVE)
    anchors = "".join(f'<p><a href="{html.escape(link)}">x</a></p>' for link in NO_LINKS)
    page = article(
        "A post on the meetup <svg onload=alert(1)>",
        f"The meetup was a good one. {'More words. ' * 40}{vectors}{anchors}",
    )
    routes = {
        ("feed.example", "/feed"): rss(*(hostile_item(number, link) for number, link in enumerate(links))),
        ("page.example", "/2016/12/02/a-post"): page,
        ("fine.example", "/feed"): FINE_FEED,
    }
    server = Evil(routes).start()
    made = Site(tmp_path_factory.mktemp("poisoned"), server.address, ())
    made.event(feeds=["https://feed.example/feed", FINE])
    made.done = made.crawl(*REAL)
    server.stop()
    assert made.done.code == 0, made.done
    assert run(["classify", "meetup", "--db", str(made.db)]) == 0
    return made


@pytest.mark.case("H7")
def test_h7_what_is_stored_is_text_and_no_address_that_runs(poisoned):
    columns = [
        (table, column)
        for table, column in poisoned.rows(
            "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table'"
        )
    ]
    assert not [column for _, column in columns if "html" in column]  # nothing that is kept is markup
    assert poisoned.rows("SELECT count(*) FROM posts") == [(3,)]
    for row in poisoned.rows(
        "SELECT url, title, text, hashtags, publisher, bylines, canonical_url, native_id FROM posts"
    ):
        for value in filter(None, row):
            assert not LIVE_PATTERN.search(bare(value)), value
        assert is_web_url(row[0]), row
    for row in poisoned.rows("SELECT handle, name, url, bio FROM authors"):
        assert not [value for value in row if value and LIVE_PATTERN.search(bare(value))], row
    assert not [dst for (dst,) in poisoned.rows("SELECT dst FROM links") if not is_web_url(dst)]
    (title, text) = poisoned.rows("SELECT title, text FROM posts WHERE url = 'https://feed.example/good'")[0]
    assert title == "Post 5"
    assert text.startswith("about the meetup")
    # Entries without a web address are no posts; what they were is told as text.
    rejected = dict(poisoned.rows("SELECT url, reason FROM rejected"))
    assert len(rejected) == len(NO_LINKS)
    assert set(rejected.values()) == {"bad_url"}
    fetched = poisoned.rows("SELECT url FROM frontier WHERE state NOT IN ('refused')")
    assert not [url for (url,) in fetched if not is_web_url(url)]


@pytest.mark.case("H7")
@pytest.mark.parametrize("form", ["terminal", "json", "csv", "markdown", "html"])
def test_h7_no_form_of_the_report_is_live(poisoned, form):
    target = poisoned.folder / f"report.{form}"
    assert run(["report", "meetup", "--db", str(poisoned.db), "--format", form, "-o", str(target)]) == 0
    written = target.read_text(encoding="utf-8")
    assert len(written) > 500
    if form == "html":
        markup.assert_inert(written)
        body = written[written.index("<body") :]
        assert "Post 5" in body
        written = " ".join(value for _, attributes in markup.tags(body) for value in attributes.values())
    assert not LIVE_PATTERN.search(bare(written))
    assert not [link for link in NO_LINKS if f'href="{link}' in written or f"](<{link}" in written]


@pytest.mark.case("H7")
def test_h7_explain_and_export_are_text(poisoned, capsys):
    accounts = "SELECT a.platform || ':' || a.handle FROM authors a JOIN posts ON a.id = author_id"
    keys = [key for (key,) in poisoned.rows(f"SELECT key FROM posts UNION {accounts}")]
    assert len(keys) >= 5
    for command in (
        *(["explain", key, *more] for key in keys for more in ((), ("--json",))),
        ["export", "meetup"],
        ["export", "meetup", "--format", "csv"],
        ["status", "meetup"],
        ["status", "meetup", "--json"],
    ):
        assert run([*command, "--db", str(poisoned.db)]) == 0, command
        written = capsys.readouterr().out
        assert written.strip()
        assert not LIVE_PATTERN.search(bare(written)), command
        assert not [c for c in written if not c.isprintable() and c not in "\n\r\ufeff"], command


@pytest.mark.case("H7")
def test_h7_datasette_links_only_web_addresses(poisoned):
    name = poisoned.db.stem
    tables = [table for (table,) in poisoned.rows("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")]
    paths = [f"/{name}/{quote(table)}?_size=200" for table in tables if "fts" not in table]
    paths += [f"/{name}/posts/{number}" for (number,) in poisoned.rows("SELECT id FROM posts")]

    async def fetch():
        client = application(poisoned.db).client
        return {path: await client.get(path) for path in paths}

    seen = ""
    for path, answer in asyncio.run(fetch()).items():
        assert answer.status_code in (200, 403), path
        seen += markup.text_of(answer.text) if answer.status_code == 200 else ""
        for parse in (markup.tags, markup.tree_tags):
            for tag, attributes in parse(answer.text):
                assert not [name for name in attributes if name.startswith("on")], (path, tag, attributes)
                for value in (attributes.get(name, "") for name in ("href", "src", "action", "poster")):
                    inside = value.startswith(("/", "#", "?", ".")) and not value.startswith("//")
                    assert not value or inside or is_web_url(value), (path, value)
                    assert "//evil" not in value, (path, value)
        assert "alert(1)" not in "".join(re.findall(r"<script.*?</script>", answer.text, re.DOTALL))
    assert "Post 5" in seen
    assert "JaVaScRiPt:1" in seen  # told among what was rejected, as words


@pytest.mark.case("H7")
@pytest.mark.parametrize("link", NO_LINKS)
def test_h7_what_is_no_web_address_stays_none(link):
    assert not is_web_url(link)
    with pytest.raises(BadUrl):
        canonical(resolve("https://feed.example/feed", link))


@pytest.mark.case("H7")
def test_h7_addresses_are_not_mended_into_others():
    base = "https://feed.example/feed"
    assert resolve(base, "\n  https://x.example/a\n\t b/c \n") == "https://x.example/ab/c"
    assert canonical(resolve(base, "https://x.example/a b")) == "https://x.example/a%20b"
    assert resolve(base, "//x.example/1") == "https://x.example/1"
    assert resolve(base, " java\nscript:1") == "javascript:1"
    for host in ("evil", "intranet.", "printer:631"):
        with pytest.raises(BadUrl, match="host"):
            canonical(f"https://{host}/")
    assert canonical("https://[2606:4700::1111]/") == "https://[2606:4700::1111]/"


@pytest.mark.case("H7")
@pytest.mark.parametrize(
    "vector", [*LIVE, "<script>alert(1)</script>", "<svg onload=alert(1)>", "<img onerror=alert(1)>"]
)
def test_h7_markup_is_read_and_not_kept(vector):
    assert not LIVE_PATTERN.search(bare(plain(vector)))
    assert not LIVE_PATTERN.search(bare(plain(vector + "<div>" * 300)))  # also where no tree can hold it
    assert not LIVE_PATTERN.search(bare(person(f"{vector}Aoi (a@b.example)")))
