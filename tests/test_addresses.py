"""What addresses and lists of addresses tell before anything is asked for."""

import gzip
import time
from datetime import UTC, datetime

import pytest

from harvester.addresses import IMPOSSIBLE, LIKELY, POSSIBLE, chance, is_single, of_month, prefix_of
from harvester.payloads import listing
from harvester.payloads import wayback as captures

WINDOW = (datetime(2016, 11, 28, 16, tzinfo=UTC), datetime(2016, 12, 30, 21, tzinfo=UTC))


@pytest.mark.parametrize(
    ("told", "prefix"),
    [
        ("https://aoi.example/", "aoi.example/"),
        ("aoi.example", "aoi.example/"),
        ("https://aoi.hatenablog.com/feed", "aoi.hatenablog.com/"),
        ("https://aoi.blogspot.com/feeds/posts/default", "aoi.blogspot.com/"),
        ("https://company.example/blog/feed/", "company.example/blog/"),
        ("https://www.company.example/category/tech/feed/", "www.company.example/"),
        ("https://www.aoi.example/~aoi/rss.xml", "www.aoi.example/~aoi/"),
        ("https://note.com/aoi/rss", "note.com/aoi/"),
        ("https://medium.com/feed/@aoi", "medium.com/@aoi/"),
        ("https://note.com/", ""),
        ("https://x.com/aoi", ""),
        ("file:///etc/passwd", ""),
        ("nobody", ""),
    ],
)
def test_a_site_is_told_from_its_address_its_host_or_its_feed(told, prefix):
    assert prefix_of(told) == prefix


@pytest.mark.parametrize(
    ("url", "single"),
    [
        ("https://a.example/2016/12/05/conf/", True),
        ("https://a.example/2016/12/conf", True),
        ("https://a.example/2016/12/05/", False),
        ("https://a.example/2016/12/", False),
        ("https://a.example/entry/2016/12/05/101010", True),
        ("https://a.example/tag/conf/", False),
        ("https://a.example/", False),
    ],
)
def test_one_piece_of_writing_is_told_from_a_list(url, single):
    assert is_single(url) is single


@pytest.mark.parametrize(
    ("url", "told", "expected"),
    [
        ("https://a.example/2016/12/05/x", {}, LIKELY),
        ("https://a.example/2015/12/05/x", {}, IMPOSSIBLE),
        ("https://a.example/2016/11/x.html", {}, LIKELY),
        ("https://a.example/2016/10/x.html", {}, IMPOSSIBLE),
        ("https://a.example/x", {}, POSSIBLE),
        ("https://a.example/x", {"changed": "2016-12-05"}, LIKELY),
        ("https://a.example/x", {"changed": "2017-06-05T00:00:00Z"}, POSSIBLE),
        ("https://a.example/x", {"changed": "2016-06-05"}, IMPOSSIBLE),
        ("https://a.example/x", {"changed": "soon"}, POSSIBLE),
        ("https://a.example/2015/12/05/x", {"published": "Mon, 05 Dec 2016 10:00:00 +0900"}, LIKELY),
        ("https://a.example/2016/12/05/x", {"published": "no date"}, LIKELY),
    ],
)
def test_whether_a_page_may_be_of_the_time(url, told, expected):
    assert chance(url, WINDOW, **told) == expected


def test_a_month_in_the_name_of_a_list():
    found = [
        of_month(f"https://a.example/{name}", WINDOW) for name in ("s.xml?year=2016&month=12", "posts-2016-05.xml")
    ]
    assert found == [LIKELY, IMPOSSIBLE]
    assert of_month("https://a.example/sitemap.xml", WINDOW) == POSSIBLE


def test_a_list_is_read_packed_cut_in_half_or_as_plain_lines():
    whole = b"<urlset><url><loc>https://a.example/1</loc></url><url><loc>https://a.example/2</loc></url></urlset>"
    both = [listing.Listed("https://a.example/1"), listing.Listed("https://a.example/2")]
    assert listing.read(whole) == listing.read(gzip.compress(whole)) == listing.Listing("sitemap", both)
    half = listing.read(gzip.compress(whole * 50)[:-30])
    assert (half.kind, half.cut) == ("sitemap", True)
    assert listing.read(b"https://a.example/1\nhttps://a.example/2\n") == listing.Listing("sitemap", both)
    assert listing.read(b"<html><a href='https://a.example/'>x</a></html>").kind == ""
    assert listing.read(b"\x1f\x8bno gzip").kind == ""


def test_a_packed_bomb_gives_no_more_than_the_limit():
    bomb = gzip.compress(b"<urlset>" + b" " * (listing.LONGEST * 8), 9)
    body, cut = listing.unpacked(bomb)
    assert (len(body), cut) == (listing.LONGEST, True)


@pytest.mark.parametrize(
    "evil",
    [
        b"<urlset>" + b"<link " + b"a" * 1_000_000, b"<urlset>" + b"<url><loc>" * 500_000,
        b"<urlset><url>" + b"<loc><![CDATA[" * 500_000, b"<urlset><url>" + b"<link href='" * 300_000,
        b"<urlset>" + b"<" * 3_000_000,
    ],
    ids=["a long tag", "tags without an end", "CDATA without an end", "quotes without an end", "brackets"],
)  # fmt: skip
def test_a_hostile_list_costs_one_pass(evil):
    began = time.perf_counter()
    read = listing.read(evil)
    assert time.perf_counter() - began < 4
    assert len(read.entries) <= 1


def test_the_mark_of_the_index_is_taken_as_it_is_meant():
    answer = captures.read(
        b'[["timestamp","original"],["20160101000000","https://a.example/"],[],["example%2Ca%29%2F+2016%21"]]'
    )
    assert answer.resume == "example,a)/ 2016!"
    assert "resumeKey=example%2Ca%29%2F+2016%21" in captures.question("a.example/*", resumeKey=answer.resume)
    assert captures.read(b"") == captures.Answer([], "")
    assert captures.read(b'{"message": "no"}') is captures.read(b"[[1]]") is captures.read(b"<html>") is None


def test_links_of_a_captured_page_are_those_of_the_page():
    capture = captures.capture_of("https://web.archive.org/web/20161205000000id_/http:/a.example/b/c")
    assert capture == captures.Capture("20161205000000", "http://a.example/b/c")
    archive = "https://web.archive.org"
    assert captures.original_of(f"{archive}/x?y=1", capture) == "http://a.example/x?y=1"
    assert (
        captures.original_of(f"{archive}/web/20161205000000id_/http:/a.example/b/d", capture) == "http://a.example/b/d"
    )
    assert captures.original_of("https://b.example/", capture) == "https://b.example/"
    assert captures.original_of("", capture) == ""


def test_captures_are_spread_over_their_time_with_the_last_among_them():
    found = [captures.Capture(str(day), "https://a.example/feed") for day in range(10)]
    assert [int(one.timestamp) for one in captures.spread(found, 3)] == [2, 5, 9]
    assert captures.spread(found, 20) == found
