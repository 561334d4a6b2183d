"""H8, H9: where a crawl can be sent by what it reads."""

import pytest

from tests.cases.common import HEALTHY, page
from tests.evil import feed
from tests.servers import Answer, html, redirect, serving

# H8: the crawler cannot read local files

# Two doors lead into a crawl: a request (`links`) and a Link (`mentions`). A sitemap taken for a feed leads nowhere.
LOCAL = ("file:///etc/passwd", "ftp://127.0.0.1/etc/passwd", "data:text/plain,root:", "s3://bucket/key")


@pytest.mark.case("H8")
def test_h8_links_and_redirects_to_local_files_go_nowhere(site, tmp_path):
    items = [(f"item {number}", url) for number, url in enumerate(LOCAL)]
    links = "".join(f'<p><a href="{url}">x</a></p>' for url in LOCAL)
    sitemap = "".join(f"<url><loc>{url}</loc></url>" for url in LOCAL)
    made = site(
        {
            ("a.example", "/moved"): redirect("file:///etc/passwd"),
            ("a.example", "/1"): page(1, *LOCAL, mentions=[*LOCAL, "https://blog.example/post"]),
            ("blog.example", "/post"): html(
                '<html><head><meta http-equiv="refresh" content="0;url=file:///etc/passwd">'
                "<title>A post on the meetup</title></head>"
                f"<body><article><p>the meetup</p>{links}</article></body></html>"
            ),
            ("feed.example", "/feed"): feed(*items, ("The meetup, fine", "https://feed.example/1")),
            ("feed.example", "/sitemap.xml"): Answer(f'<?xml version="1.0"?><urlset>{sitemap}</urlset>'.encode()),
        },
        pages=["https://a.example/moved", "https://a.example/1", HEALTHY],
        feeds=["https://feed.example/feed", "https://feed.example/sitemap.xml"],
    )
    done = made.crawl("-v", timeout=60)
    assert {"Page healthy", "Page 1", "The meetup, fine"} <= made.titles(), done
    states = made.states()
    assert not any(state in ("done", "todo", "leased") for url, (state, _) in states.items() if url.startswith(LOCAL))
    assert states["file:///etc/passwd"] == ("refused", "bad_link")
    assert states["https://feed.example/sitemap.xml"] == ("refused", "not_a_feed")
    everything = (
        done.out
        + done.err
        + "".join(path.read_bytes().decode("latin-1") for path in tmp_path.iterdir() if path.is_file())
    )
    assert "root:x:" not in everything
    assert "root:*:" not in everything


@pytest.mark.case("H8")
def test_h8_a_sitemap_leads_to_no_local_file_and_expands_nothing(site, tmp_path):
    named = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in (*LOCAL, "https://map.example/posts.xml"))
    listed = [*LOCAL, "file:///etc/2016-12-01-passwd.html", "https://map.example/2016/12/01/&host;.html"]
    written = "https://map.example/2016/12/01/report/"
    pages = "".join(f"<url><loc>{url}</loc></url>" for url in (*listed, "&host;", written))
    entities = '<!DOCTYPE urlset [<!ENTITY host SYSTEM "file:///etc/hostname"><!ENTITY a "aaaaaaaaaa">]>'
    text = "<p>I was at the meetup, and it was good.</p>" * 9
    made = site(
        {
            ("map.example", "/robots.txt"): Answer(
                b"Sitemap: file:///etc/passwd\nSitemap: https://map.example/all.xml\n"
            ),
            ("map.example", "/all.xml"): Answer(f'<?xml version="1.0"?><sitemapindex>{named}</sitemapindex>'.encode()),
            ("map.example", "/posts.xml"): Answer(f'<?xml version="1.0"?>{entities}<urlset>{pages}</urlset>'.encode()),
            ("map.example", "/2016/12/01/report/"): html(
                f"<html><head><title>A post on the meetup</title></head><body><article>{text}</article></body></html>"
            ),
        },
        modules=("spiders",),
        **{"source.sitemaps": {"sites": ["https://map.example/"]}},
    )
    done = made.crawl("--source", "sitemaps", "--source", "blog", timeout=60)
    assert made.titles() == {"A post on the meetup"}, done
    states = made.states()
    assert {states[url] for url in LOCAL} == {("refused", "bad_link")}
    asked = {url for url, (state, _) in states.items() if state in ("done", "todo", "leased", "failed")}
    assert {url for url in asked if "2016" in url} == {written, "https://map.example/2016/12/01/&host;.html"}
    files = (path.read_bytes().decode("latin-1") for path in tmp_path.iterdir() if path.is_file())
    everything = done.out + done.err + "".join(files)
    assert "root:x:" not in everything
    assert "root:*:" not in everything


@pytest.mark.parametrize("url", LOCAL)
@pytest.mark.case("H8")
def test_h8_a_local_address_in_the_event_file_is_refused_with_its_line(site, url):
    made = site({}, pages=[HEALTHY, url])
    done = made.crawl()
    assert done.code == 2, done
    assert "meetup.toml: line 8: [pages]" in done.err
    assert not made.server.connections


# H9: it cannot be turned on the inner network


@pytest.mark.case("H9")
def test_h9_no_spelling_redirect_or_link_reaches_the_inner_network(site):
    hosts = (
        "127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]",
        "①②⑦.⓪.⓪.①", "100.100.100.200", "169.254.169.254",
    )  # fmt: skip
    with serving({"*": html("secret")}) as inner:
        links = [f"http://{host}:{inner.port}/" for host in hosts]
        made = site(
            {
                ("a.example", "/1"): page(1, *links, mentions=links),
                ("a.example", "/moved"): redirect(f"http://127.0.0.1:{inner.port}/"),
                ("a.example", "/twice"): redirect("https://b.example/moved"),
                ("b.example", "/moved"): redirect(f"http://[::1]:{inner.port}/", 301),
            },
            pages=["https://a.example/1", "https://a.example/moved", "https://a.example/twice", HEALTHY],
        )
        done = made.crawl()
        assert inner.connections == 0
    assert done.code == 0, done
    assert made.titles() == {"Page 1", "Page healthy"}
    refused = [reason for _, reason in made.states().values() if reason != "ok"]
    assert len(refused) >= 6
    assert set(refused) == {"blocked_address"}
