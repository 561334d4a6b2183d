"""Dates: the forms people write, the traps of feeds, and what must stay unknown."""
# ruff: noqa: E501 - one case a line

from datetime import UTC, datetime, timedelta

import pytest

from harvester import dates
from harvester.dates import find_visible, from_url, iso, local_day, parse, parse_iso
from harvester.model import PRECISIONS, When

NOW = datetime(2026, 9, 30, tzinfo=UTC)
TOKYO = "Asia/Tokyo"


def read(raw, zone=TOKYO, now=NOW):
    when = parse(raw, zone=zone, origin="feed", now=now)
    assert when.raw == raw
    assert when.precision in PRECISIONS
    assert (when.at is None) == (when.precision == "unknown")
    assert when.origin == ("feed" if when.at else "unknown")
    return (iso(when.at), when.precision) if when.at else None


# What feeds really say; the comment is what a common parser makes of it.
FEED_TRAPS = [
    ("Mon, 01 Sep 2025 09:00:00 +0900", "2025-09-01T00:00:00Z", "second"),
    ("Mon, 01 Sep 2025 09:00:00 JST", "2025-09-01T00:00:00Z", "second"),  # zone ignored
    ("Mon, 01 Sep 2025 09:00:00", "2025-09-01T00:00:00Z", "second"),  # nothing
    ("2025-09-01 09:00:00", "2025-09-01T00:00:00Z", "second"),  # taken as UTC
    ("2025-09-01T09:00:00", "2025-09-01T00:00:00Z", "second"),
    ("2025-09-01", "2025-08-31T15:00:00Z", "day"),  # midnight UTC
    ("2025/09/01 09:00:00", "2025-09-01T00:00:00Z", "second"),  # November
    ("2025年9月1日", "2025-08-31T15:00:00Z", "day"),  # November
    ("1756684800", "2025-09-01T00:00:00Z", "second"),  # the year 1756
    ("2026/09/01 09:00", "2026-09-01T00:00:00Z", "minute"),
    ("2026年9月1日 09:00", "2026-09-01T00:00:00Z", "minute"),
    ("1788220800", "2026-09-01T00:00:00Z", "second"),
]


@pytest.mark.parametrize(("raw", "at", "precision"), FEED_TRAPS)
@pytest.mark.case("H19")
def test_dates_that_mislead_feed_parsers(raw, at, precision):
    assert read(raw) == (at, precision)


FORMS = [
    # RFC 822 and its relatives
    ("Thu, 05 Dec 2016 09:00:00 GMT", "2016-12-05T09:00:00Z", "second"),
    ("5 Dec 2016 9:00 EST", "2016-12-05T14:00:00Z", "minute"),
    ("05 Dec 16 09:00:00 PST", "2016-12-05T17:00:00Z", "second"),
    ("Mon, 05 Dec 2016 09:00:00 +0900 (JST)", "2016-12-05T00:00:00Z", "second"),
    ("Mon, 05 Dec 2016 09:00:00 -0000", "2016-12-05T09:00:00Z", "second"),
    ("Mon, 05 Dec 2016 09:00:00 XYZ", "2016-12-05T00:00:00Z", "second"),  # unknown zone: the default one
    ("Monday, 05-Dec-16 09:00:00 GMT", "2016-12-05T09:00:00Z", "second"),
    ("Wed Oct 10 20:19:24 +0000 2018", "2018-10-10T20:19:24Z", "second"),
    ("Mon Dec  5 09:00:00 2016", "2016-12-05T00:00:00Z", "second"),
    ("Mon Dec 5 09:00:00 JST 2016", "2016-12-05T00:00:00Z", "second"),
    ("Mon Dec 05 2016 21:30:00 GMT+0900 (Japan Standard Time)", "2016-12-05T12:30:00Z", "second"),
    # ISO 8601
    ("2016-12-05T09:00:00Z", "2016-12-05T09:00:00Z", "second"),
    ("2016-12-05T09:00:00.123456789+09:00", "2016-12-05T00:00:00Z", "second"),
    ("2016-12-05T09:00:00,5+0900", "2016-12-05T00:00:00Z", "second"),
    ("2016-12-05T09:00+09", "2016-12-05T00:00:00Z", "minute"),
    ("2016-12-05 09:00:00 +0900 JST", "2016-12-05T00:00:00Z", "second"),
    ("20161205T090000Z", "2016-12-05T09:00:00Z", "second"),
    ("2016-12-05T090000+0100", "2016-12-05T08:00:00Z", "second"),
    ("20161205", "2016-12-04T15:00:00Z", "day"),
    ("20161205213000", "2016-12-05T12:30:00Z", "second"),
    ("201612052130", "2016-12-05T12:30:00Z", "minute"),
    ("2016-12-05+01:00", "2016-12-04T23:00:00Z", "day"),
    ("2016-W49-1", "2016-12-04T15:00:00Z", "day"),
    ("2016-12-05T09:00:00 America/New_York", "2016-12-05T14:00:00Z", "second"),
    ("2016-12-05T23:59:60Z", "2016-12-05T23:59:59Z", "second"),
    # Japanese
    ("2016年12月5日 21時", "2016-12-05T12:00:00Z", "minute"),
    ("2016年12月5日(月) 21:30", "2016-12-05T12:30:00Z", "minute"),
    ("2016年12月5日（月・祝）21時30分15秒", "2016-12-05T12:30:15Z", "second"),
    ("2016年12月5日 午後9時半", "2016-12-05T12:30:00Z", "minute"),
    ("2016年12月5日 午前0時10分", "2016-12-04T15:10:00Z", "minute"),
    ("2016年12月5日 午後0時10分", "2016-12-05T03:10:00Z", "minute"),
    ("２０１６年１２月５日　２１：３０", "2016-12-05T12:30:00Z", "minute"),
    ("2016年12月5日 月曜日", "2016-12-04T15:00:00Z", "day"),
    ("平成28年12月5日", "2016-12-04T15:00:00Z", "day"),
    ("平成二十八年十二月五日", "2016-12-04T15:00:00Z", "day"),
    ("㍻28年12月5日", "2016-12-04T15:00:00Z", "day"),
    ("二〇一六年十二月五日", "2016-12-04T15:00:00Z", "day"),
    ("令和元年5月1日", "2019-04-30T15:00:00Z", "day"),
    ("令和2年5月1日 10:00", "2020-05-01T01:00:00Z", "minute"),
    ("H28.12.5", "2016-12-04T15:00:00Z", "day"),
    ("R2/5/1", "2020-04-30T15:00:00Z", "day"),
    ("投稿日：2016年12月5日", "2016-12-04T15:00:00Z", "day"),
    ("2016年12月5日に公開", "2016-12-04T15:00:00Z", "day"),
    ("2016/12/05", "2016-12-04T15:00:00Z", "day"),
    ("2016/12/05(月) 21:30", "2016-12-05T12:30:00Z", "minute"),
    ("2016.12.5", "2016-12-04T15:00:00Z", "day"),
    ("2016.12.05 MON", "2016-12-04T15:00:00Z", "day"),
    ("2016年12月5日 21:30 日本時間", "2016-12-05T12:30:00Z", "minute"),
    # Hours past midnight belong to the next day
    ("2016年12月5日 24:00", "2016-12-05T15:00:00Z", "minute"),
    ("2016年12月5日 25時30分", "2016-12-05T16:30:00Z", "minute"),
    ("2016-12-31T24:00:00+09:00", "2016-12-31T15:00:00Z", "second"),
    # Other languages
    ("5 December 2016", "2016-12-04T15:00:00Z", "day"),
    ("December 5, 2016 9:30 PM", "2016-12-05T12:30:00Z", "minute"),
    ("Dec 5, 2016", "2016-12-04T15:00:00Z", "day"),
    ("December 5th, 2016 at 12:05 a.m. PST", "2016-12-05T08:05:00Z", "minute"),
    ("Published on December 5, 2016", "2016-12-04T15:00:00Z", "day"),
    ("05.12.2016", "2016-12-04T15:00:00Z", "day"),
    ("5.12.2016 um 21:30 Uhr", "2016-12-05T12:30:00Z", "minute"),
    ("Montag, 5. Dezember 2016", "2016-12-04T15:00:00Z", "day"),
    ("lundi 5 décembre 2016 à 21h30", "2016-12-05T12:30:00Z", "minute"),
    ("5 de diciembre de 2016", "2016-12-04T15:00:00Z", "day"),
    ("2016년 12월 5일", "2016-12-04T15:00:00Z", "day"),
    ("13/12/2016", "2016-12-12T15:00:00Z", "day"),
    ("12/13/2016", "2016-12-12T15:00:00Z", "day"),
    # Less than a day
    ("2016", "2015-12-31T15:00:00Z", "year"),
    ("2016年", "2015-12-31T15:00:00Z", "year"),
    ("平成28年", "2015-12-31T15:00:00Z", "year"),
    ("2016年12月", "2016-11-30T15:00:00Z", "month"),
    ("2016-12", "2016-11-30T15:00:00Z", "month"),
    ("December 2016", "2016-11-30T15:00:00Z", "month"),
    # Epoch
    ("1480928400", "2016-12-05T09:00:00Z", "second"),
    ("1480928400123", "2016-12-05T09:00:00Z", "second"),
    ("1480928400123456", "2016-12-05T09:00:00Z", "second"),
    ("1480928400.5", "2016-12-05T09:00:00Z", "second"),
]


@pytest.mark.parametrize(("raw", "at", "precision"), FORMS)
def test_forms(raw, at, precision):
    assert read(raw) == (at, precision)


@pytest.mark.parametrize(
    "raw",
    ["", " ", "none", "0000-00-00 00:00:00", "0000-12-05", "9999-01-01", "2099-01-01", "2026-10-05", "1994-12-31",
     "30 February 2016", "2016-02-30", "2016年2月30日", "Mon, 32 Sep 2025 09:00:00 GMT", "2016-13-01", "2016-12-05T09:61:00Z",
     "2016-12-05T30:00:00Z", "05/12/2016", "12月5日", "3日前", "yesterday", "1756-01-01", "12345", "1" * 50, "5" * 300,
     "2016-12-05T09:00:00+99:99", "2016-00-00", "\ud83d", "0", "-1", "2016.12.5.1", "令和99年1月1日"],
)  # fmt: skip
@pytest.mark.case("H19")
def test_impossible_ambiguous_or_far_dates_are_unknown(raw):
    assert parse(raw, zone=TOKYO, now=NOW) == When(raw=raw)


@pytest.mark.case("H19")
def test_two_days_ahead_is_the_limit_and_only_with_a_clock():
    soon = iso(NOW + timedelta(days=2))
    assert read(soon) == (soon, "second")
    assert read(iso(NOW + timedelta(days=2, seconds=1))) is None
    assert parse("2030-01-01").precision == "day"


def test_a_zone_less_date_is_utc_unless_told_and_an_unknown_zone_name_is_utc():
    assert read("2016-12-05 09:00:00", zone="") == ("2016-12-05T09:00:00Z", "second")
    assert read("2016-12-05 09:00:00", zone="Mars/Olympus") == ("2016-12-05T09:00:00Z", "second")
    assert read("2016-07-01 09:00:00", zone="America/New_York") == ("2016-07-01T13:00:00Z", "second")


def test_a_year_is_never_its_first_of_january():
    assert parse("2016", now=NOW).precision == "year"
    assert parse("2016-01-01", now=NOW).precision == "day"


@pytest.mark.parametrize(
    ("url", "day", "precision"),
    [
        ("https://example.com/2016/12/05/post", "2016-12-05", "day"),
        ("https://example.com/2016/2/5/post", "2016-02-05", "day"),
        ("https://example.com/20161205/post", "2016-12-05", "day"),
        ("https://example.com/entry/20161205213000", "2016-12-05", "day"),
        ("https://example.com/entry/2016/12/05/213000", "2016-12-05", "day"),
        ("https://example.com/2003/03/20030331_Rede2.html", "2003-03-31", "day"),
        ("https://example.com/201612/05/post.html", "2016-12-05", "day"),
        ("https://example.com/201612052130-post", "2016-12-05", "day"),
        ("https://example.com/2016-12-05-post.html", "2016-12-05", "day"),
        ("https://example.com/post-2016-12-05", "2016-12-05", "day"),
        ("https://example.com/news/articles/1612/05/news012.html", "2016-12-05", "day"),
        ("https://example.com/2016/12/post.html", "2016-12-01", "month"),
    ],
)
def test_dates_in_addresses(url, day, precision):
    when = from_url(url, zone=TOKYO, now=NOW)
    assert (local_day(when.at, TOKYO), when.precision, when.origin) == (day, precision, "url")


@pytest.mark.parametrize(
    "url", ["https://example.com/12345678", "https://example.com/20161399/", "https://example.com/?d=2016/12/05",
            "https://example.com/2016/13/x", "https://example.com/items/0123456789abcdef2016", "https://example.com/2099/01/01/"]
)  # fmt: skip
def test_numbers_in_addresses_that_are_no_dates(url):
    assert from_url(url, now=NOW) == When()


@pytest.mark.parametrize(
    ("text", "at", "precision"),
    [
        ("2016年12月5日\n参加しました", "2016-12-04T15:00:00Z", "day"),
        ("Copyright © 2010\n2016/12/05 21:30 by aoi", "2016-12-05T12:30:00Z", "minute"),
        ("開催日時: 2016年12月1日 19:00\n投稿日 2016/12/05", "2016-12-04T15:00:00Z", "day"),
        ("2016年11月28日から12月2日まで\nDecember 6, 2016", "2016-12-05T15:00:00Z", "day"),
        ("2016年12月1日に開催された。\n2016年12月5日", "2016-12-04T15:00:00Z", "day"),
        ("2015/01/01 の話\n公開日：2016.12.05 更新", "2016-12-04T15:00:00Z", "day"),
        ("2016-12-05 10:20 est ici", "2016-12-05T01:20:00Z", "minute"),
        ("２０１６年１２月５日", "2016-12-04T15:00:00Z", "day"),
        ("Posted on 5th December 2016 in AWS", "2016-12-04T15:00:00Z", "day"),
    ],
)
def test_the_publication_date_in_running_text(text, at, precision):
    when = find_visible(text, zone=TOKYO, now=NOW)
    assert (iso(when.at), when.precision, when.origin) == (at, precision, "visible")


@pytest.mark.parametrize(
    "text", ["", "2016", "v2016.12.5.1", "10.12.2.2016", "12月5日", "2099年1月1日", "開催: 2016年12月1日"]
)
def test_text_without_a_publication_date(text):
    assert find_visible(text, zone=TOKYO, now=NOW) == When()


def test_long_hostile_text_is_read_in_no_time():
    from time import monotonic

    start = monotonic()
    for text in ("1" * 200_000, "2016-" * 40_000, "2016年1" * 40_000, "Mon, " * 40_000, "2016年 " + " " * 200_000):
        assert find_visible(text, now=NOW) == When()
        assert parse(text, now=NOW).at is None
    assert monotonic() - start < 2


@pytest.mark.case("C8")
def test_stored_form_and_local_days():
    assert parse_iso("2016-12-05T12:30:00Z") == datetime(2016, 12, 5, 12, 30, tzinfo=UTC)
    assert iso(parse_iso("2016-12-05T12:30:00Z")) == "2016-12-05T12:30:00Z"
    for wrong in ("2016-12-05 12:30:00", "2016-12-05T12:30:00+09:00", ""):
        with pytest.raises(ValueError, match="is not YYYY-MM-DDTHH:MM:SSZ"):
            parse_iso(wrong)
    assert local_day(parse_iso("2026-08-31T14:59:59Z"), TOKYO) == "2026-08-31"
    assert local_day(parse_iso("2026-08-31T15:00:00Z"), TOKYO) == "2026-09-01"


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ("2016-12-21T10:05:00Z", "2016-12-21T10:05:00Z"),
        ("2016-12-21T10:05:00.999Z", "2016-12-21T10:05:00Z"),
        ("2016-12-21T24:00:00Z", "2016-12-22T00:00:00Z"),
        ("2016-13-21T10:05:00Z", ""),
        ("2016-02-30T10:05:00Z", ""),
    ],
)
def test_the_form_of_interfaces_is_read_as_the_others_are(raw, stored):
    at = dates.parse(raw).at
    assert (dates.iso(at) if at else "") == stored


@pytest.mark.case("C8")
def test_the_host_clock_zone_does_not_matter(monkeypatch):
    import time

    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert read("2016-11-06 01:30:00") == ("2016-11-05T16:30:00Z", "second")
        assert dates.local_day(parse_iso("2016-11-06T15:00:00Z"), TOKYO) == "2016-11-07"
    finally:
        monkeypatch.undo()
        time.tzset()
