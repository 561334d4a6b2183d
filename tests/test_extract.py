"""`harvest extract`: rows on stdout, one clear line and exit 2 for bad input."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from harvester import cli
from harvester.model import Draft

if TYPE_CHECKING:
    from pathlib import Path

KEYS = [
    "url", "kind", "title", "author", "published", "published_precision", "published_origin", "language",
    "canonical_url", "text",
]  # fmt: skip
PAGE = (
    '<html lang="ja"><head><title>参加した | 青井の日記</title><meta name="author" content="青井">'
    '<link rel="canonical" href="/entry/1"></head><body><article><h1>参加した</h1><p class="date">2016年12月5日</p>'
    + "<p>re:Invent に参加してきました。とても楽しかったです。</p>" * 30
    + "</article></body></html>"
)
FEED = (
    '<rss version="2.0"><channel><title>青井の日記</title><language>ja</language><item>'
    "<title>一</title><link>https://aoi.example.jp/1</link><pubDate>Mon, 05 Dec 2016 23:30:00 GMT</pubDate></item>"
    "<item><title>二</title><link>https://aoi.example.jp/2</link></item></channel></rss>"
)


@pytest.fixture
def harvest(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: str) -> tuple[int, list[dict[str, Any]], str]:
        code = cli.run(["extract", *arguments])
        captured = capsys.readouterr()
        return code, [json.loads(line) for line in captured.out.splitlines()], captured.err

    return run


def test_a_page(harvest: Any, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(PAGE, "utf-8")
    code, (row,), _ = harvest(str(path), "--url", "https://aoi.example.jp/entry/1")
    assert code == 0
    assert list(row) == KEYS
    assert "re:Invent に参加してきました。" in row["text"]
    assert {key: row[key] for key in KEYS[:-1]} == {
        "url": "https://aoi.example.jp/entry/1",
        "kind": "article",
        "title": "参加した",
        "author": "青井",
        "published": "2016-12-05",
        "published_precision": "day",
        "published_origin": "visible",
        "language": "ja",
        "canonical_url": "https://aoi.example.jp/entry/1",
    }


def test_a_feed_is_one_line_an_entry(harvest: Any, tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_text(FEED, "utf-8")
    code, rows, _ = harvest(str(path))
    assert code == 0
    assert [(row["kind"], row["title"], row["url"]) for row in rows] == [
        ("entry", "一", "https://aoi.example.jp/1"),
        ("entry", "二", "https://aoi.example.jp/2"),
    ]
    # Written in GMT on a Japanese site: shown as the day it was there.
    assert rows[0]["published"] == "2016-12-06T08:30:00+09:00"
    assert (rows[1]["published"], rows[1]["published_precision"]) == ("", "unknown")


def test_a_listing_goes_on_after_a_bad_line(harvest: Any, tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "1.html").write_text(PAGE, "utf-8")
    (tmp_path / "pages" / "2.bin").write_bytes(b"\x89PNG\r\n")
    (tmp_path / "pages" / "3.html").write_bytes(b"")
    lines = [
        '{"url": "https://aoi.example.jp/1", "html_path": "pages/1.html"}',
        "no json",
        '{"url": "https://aoi.example.jp/2", "html_path": "pages/2.bin"}',
        "",
        '{"url": "https://aoi.example.jp/3", "html_path": "pages/3.html"}',
        '{"url": "https://aoi.example.jp/4", "html_path": "pages/4.html"}',
        '{"url": "https://aoi.example.jp/5"}',
        '{"url": "https://aoi.example.jp/6", "html_path": "pages/1.html"}',
    ]
    listing = tmp_path / "list.jsonl"
    listing.write_text("\n".join(lines), "utf-8")
    code, rows, err = harvest("--jsonl", str(listing))
    assert code == 0
    assert [row["url"] for row in rows if "error" not in row] == [
        "https://aoi.example.jp/1",
        "https://aoi.example.jp/6",
    ]
    errors = {row["line"]: row["error"] for row in rows if "error" in row}
    assert sorted(errors) == [2, 3, 5, 6, 7]
    assert "neither a page nor a feed" in errors[3]
    assert "empty" in errors[5]
    assert "No such file" in errors[6]
    assert err.startswith("5 of 7 lines")


@pytest.mark.parametrize(
    ("name", "body", "message"),
    [
        ("gone.html", None, "cannot be read"),
        ("empty.html", b"", "is empty"),
        ("image.html", b"\x89PNG\r\n\x1a\n123", "neither a page nor a feed"),
        ("data.json", b'{"a": 1}', "data of another kind"),
        ("broken.xml", b"<rdf:RDF/>", "data of another kind"),
    ],
)
def test_bad_files(harvest: Any, tmp_path: Path, name: str, body: bytes | None, message: str) -> None:
    path = tmp_path / name
    if body is not None:
        path.write_bytes(body)
    code, rows, err = harvest(str(path))
    assert (code, rows) == (2, [])
    assert name in err
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "nothing to read"),
        (["a", "b", "--url", "https://x.example/"], "--url belongs to exactly one"),
        (["a", "--now", "yesterday"], "--now yesterday"),
    ],
)
def test_bad_arguments(harvest: Any, arguments: list[str], message: str) -> None:
    code, rows, err = harvest(*arguments)
    assert (code, rows) == (2, [])
    assert message in err


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00\x01", b"not json\nat all\n", b"[1]\n"])
def test_bad_listings(harvest: Any, tmp_path: Path, body: bytes) -> None:
    listing = tmp_path / "list.jsonl"
    listing.write_bytes(body)
    code, rows, err = harvest("--jsonl", str(listing))
    assert (code, rows) == (2, [])
    assert "list.jsonl" in err
    assert err.count("\n") == 1


def test_now_keeps_the_future_out(harvest: Any, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(PAGE, "utf-8")
    _, (row,), _ = harvest(str(path), "--now", "2015-01-01")
    assert row["published"] == ""


@pytest.mark.parametrize(
    ("raw", "zone", "shown"),
    [
        ("2016-12-05T21:00:00+09:00", "", "2016-12-05T21:00:00+09:00"),
        ("2016-12-05T21:00:00-05:00", "Asia/Tokyo", "2016-12-05T21:00:00-05:00"),
        ("2016-12-04T22:58:28Z", "Asia/Tokyo", "2016-12-05T07:58:28+09:00"),
        ("2016-12-04T22:58:28Z", "", "2016-12-04T22:58:28Z"),
        ("Mon, 05 Dec 2016 21:00:00 EST", "", "2016-12-05T21:00:00-05:00"),
        ("2016/12/05 21:00", "Asia/Tokyo", "2016-12-05T21:00:00+09:00"),
        ("2016年12月5日", "Asia/Tokyo", "2016-12-05"),
        ("2016年12月", "Asia/Tokyo", "2016-12"),
        ("2016", "", "2016"),
        ("no date", "", ""),
    ],
)
def test_dates_are_shown_as_the_day_they_were_written_for(raw: str, zone: str, shown: str) -> None:
    from datetime import UTC, datetime

    from harvester.cli.extract import shown_date

    draft = Draft(published=raw, published_origin="feed", default_zone=zone)
    assert shown_date(draft, datetime(2026, 11, 22, tzinfo=UTC))[0] == shown
