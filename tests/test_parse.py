"""The door: what a body is, whatever its Content-Type says, and what each disappointment is called."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from harvester import parse
from harvester.errors import ParseFailed

NOW = datetime(2026, 11, 22, tzinfo=UTC)
URL = "https://x.example/a"
HTML = (
    b"<!DOCTYPE html><html><head><title>t</title></head><body><h1>t</h1><p>" + b"words " * 300 + b"</p></body></html>"
)
XHTML = b'<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN" "x">' + HTML[15:]
RSS = b'<?xml version="1.0"?><rss version="2.0"><channel><title>f</title><item><title>i</title></item></channel></rss>'
ATOM = b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id></entry></feed>'
RDF = (
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
    b"<channel/><item><title>i</title></item></rdf:RDF>"
)
JSON_FEED = b'{"version": "https://jsonfeed.org/version/1.1", "title": "f", "items": [{"id": "1"}]}'
SITEMAP = b'<?xml version="1.0"?><urlset><url><loc>https://x.example/</loc></url></urlset>'
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20
LYING_TYPES = ["text/html", "image/png", "application/pdf", "application/octet-stream", "", "garbage;;;", "text/plain"]


@pytest.mark.parametrize("content_type", LYING_TYPES)
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (HTML, "article"), (XHTML, "article"), (b"\xef\xbb\xbf\n" + HTML, "article"), (RSS, "feed"), (ATOM, "feed"),
        (RDF, "feed"), (JSON_FEED, "feed"), (b"<!-- c -->\n" + RSS[21:], "feed"),
        (RSS.decode().encode("utf-16"), "feed"),
        (b"<!--" + b"licence " * 1000 + b"-->" + RSS[21:], "feed"), (SITEMAP, "other"), (b'{"a": 1}', "other"),
        (b"<svg><text>x</text></svg>", "other"),
    ],
)  # fmt: skip
@pytest.mark.case("H12")
def test_content_decides(body: bytes, kind: str, content_type: str) -> None:
    found = parse.parse(body, {"content-type": content_type}, "https://x.example/some-long-story", now=NOW)
    assert found.kind == kind


@pytest.mark.parametrize("body", [PNG, b"%PDF-1.7\n...", b"PK\x03\x04zip", b"\x1f\x8b\x08gz", bytes(range(32)) * 100])
@pytest.mark.parametrize("expect", ["", "page"])
@pytest.mark.case("H12")
def test_binary_is_never_text(body: bytes, expect: str) -> None:
    with pytest.raises(ParseFailed) as failed:
        parse.parse(body, {"content-type": "text/html"}, URL, expect=expect, now=NOW)
    assert failed.value.state == "not_html"


@pytest.mark.parametrize(
    "body", [HTML, b"", b"  ", b"{}", b"[]", PNG, SITEMAP, b'{"items": []}', b"<rdf:RDF/>", b"\0\0\0\0"]
)
@pytest.mark.case("H6")
def test_what_is_no_feed(body: bytes) -> None:
    with pytest.raises(ParseFailed) as failed:
        parse.parse(body, {"content-type": "application/rss+xml"}, URL, expect="feed", now=NOW)
    assert failed.value.state == "not_a_feed"


@pytest.mark.parametrize("body", [b"", b"\n\n", SITEMAP, b'{"a": 1}', b"<rdf:RDF/>"])
def test_what_is_no_page(body: bytes) -> None:
    with pytest.raises(ParseFailed) as failed:
        parse.parse(body, {}, URL, expect="page", now=NOW)
    assert failed.value.state == "not_html"


def test_a_feed_where_a_page_was_expected_is_a_feed() -> None:
    assert parse.parse(RSS, {"content-type": "text/html"}, URL, expect="page", now=NOW).kind == "feed"


def test_a_broken_feed_is_still_read_as_one() -> None:
    found = parse.parse(b"PHP Warning: x\n" + RSS, {}, URL, expect="feed", now=NOW)
    assert [draft.title for draft in found.drafts] == ["i"]


def test_japanese_in_iso_2022_jp_is_no_binary() -> None:
    body = "<html><head><title>日本語の記事</title></head><body><p>これは本文です。</p></body></html>".encode(
        "iso2022_jp"
    )
    assert parse.parse(body, {}, URL, now=NOW).title == "日本語の記事"


def test_charset_of_the_header_reaches_the_reader() -> None:
    body = "<html><title>café crème</title><body><p>thé</p></body></html>".encode("iso-8859-2", "replace")
    found = parse.parse(body, {"content-type": "text/html; charset=iso-8859-2"}, URL, now=NOW)
    assert found.meta["charset"] == "iso-8859-2"
