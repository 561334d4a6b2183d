"""Feeds: every format to the same Draft, and what broken and hostile ones end as."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harvester import feed, feed_fast, feed_repair
from harvester.errors import ParseFailed
from harvester.feed_entry import draft_of, person

if TYPE_CHECKING:
    from harvester.feed_entry import Channel, Entry
    from harvester.model import Draft

URL = "https://blog.example.jp/feed"


def rss(items: str, channel: str = "<title>An example</title><language>ja</language>", more: str = "") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:atom="http://www.w3.org/2005/Atom" '
        f'xmlns:hatena="http://www.hatena.ne.jp/info/xmlns#" {more}><channel>{channel}{items}</channel></rss>'
    ).encode()


def item(number: int, inside: str = "", date: str = "") -> str:
    stamp = f"<pubDate>{date}</pubDate>" if date else ""
    return (
        f"<item><title>No. {number}</title><link>https://blog.example.jp/{number}</link>"
        f"<guid>https://blog.example.jp/{number}</guid>{stamp}{inside}</item>"
    )


def one(body: bytes, **more: str) -> Draft:
    drafts = feed.parse(body, {}, URL, **more).drafts
    assert len(drafts) == 1
    return drafts[0]


RSS20 = rss(
    """<item><title>re:Invent &amp; <![CDATA[<b>KEYNOTE</b>]]> に参加した</title><link> /entry/1 </link>
    <guid isPermaLink="false">tag:1</guid><author>aoi@example.jp (青井)</author>
    <pubDate>Mon, 05 Dec 2016 21:00:00 +0900</pubDate><category>AWS</category><category>re:Invent</category>
    <description>short</description>
    <content:encoded><![CDATA[<p>本文です。<a href="/other?a=1&amp;b=2">次</a></p>
    <script>x()</script>]]></content:encoded>
    <hatena:bookmarkcount>12</hatena:bookmarkcount></item>"""
)
RSS10 = """<?xml version="1.0"?><rdf:RDF xmlns="http://purl.org/rss/1.0/"
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/" xml:lang="ja">
 <channel rdf:about="https://blog.example.jp/"><title>An example</title><link>https://blog.example.jp/</link></channel>
 <item rdf:about="https://blog.example.jp/entry/1"><title>re:Invent &amp; KEYNOTE に参加した</title>
 <link>https://blog.example.jp/entry/1</link><dc:creator>青井</dc:creator><dc:date>2016-12-05T21:00:00+09:00</dc:date>
 <dc:subject>AWS</dc:subject><dc:subject>re:Invent</dc:subject><description>本文です。</description></item></rdf:RDF>"""
ATOM10 = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ja" xml:base="https://blog.example.jp/">
 <title>An example</title><link href="/"/><link rel="next" href="/feed?page=2"/><link rel="hub" href="https://hub.example/"/>
 <author><name>青井</name><uri>/about</uri></author>
 <entry><title type="html">re:Invent &amp;amp; &lt;b&gt;KEYNOTE&lt;/b&gt; に参加した</title><id>tag:1</id>
 <link rel="enclosure" href="/a.mp3"/><link rel="alternate" type="text/html" href="entry/1"/>
 <published>2016-12-05T21:00:00+09:00</published><updated>2016-12-06T00:00:00+09:00</updated>
 <category term="AWS"/><category term="x" label="re:Invent"/>
 <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>本文です。</p></div></content></entry></feed>"""
ATOM03 = """<feed version="0.3" xmlns="http://purl.org/atom/ns#" xml:lang="ja"><title>An example</title>
 <author><name>青井</name></author>
 <entry><title>re:Invent &amp; KEYNOTE に参加した</title><id>tag:1</id><link rel="alternate" href="https://blog.example.jp/entry/1"/>
 <issued>2016-12-05T21:00:00+09:00</issued><modified>2016-12-06T00:00:00+09:00</modified>
 <content type="text/html" mode="escaped">&lt;p&gt;本文です。&lt;/p&gt;</content></entry></feed>"""
JSON11 = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "An example",
        "language": "ja",
        "next_url": "https://blog.example.jp/feed?page=2",
        "authors": [{"name": "青井"}],
        "items": [
            {
                "id": "tag:1",
                "url": "https://blog.example.jp/entry/1",
                "title": "re:Invent & KEYNOTE に参加した",
                "content_html": "<p>本文です。</p>",
                "date_published": "2016-12-05T21:00:00+09:00",
                "tags": ["AWS", "re:Invent"],
            }
        ],
    }
)


@pytest.mark.parametrize("body", [RSS20, RSS10.encode(), ATOM10.encode(), ATOM03.encode(), JSON11.encode()])
def test_every_format_says_the_same(body: bytes) -> None:
    draft = one(body)
    assert draft.title == "re:Invent & KEYNOTE に参加した"
    assert draft.url == "https://blog.example.jp/entry/1"
    assert draft.author.name == "青井"
    assert draft.text.startswith("本文です。")
    assert "x()" not in draft.text
    assert draft.published in {"Mon, 05 Dec 2016 21:00:00 +0900", "2016-12-05T21:00:00+09:00"}
    assert draft.published_origin == "feed"
    assert draft.language == "ja"
    assert draft.default_zone == "Asia/Tokyo"
    assert draft.hashtags in {("AWS", "re:Invent"), ()}


def test_rss_details() -> None:
    draft = one(RSS20)
    assert draft.native_id == "tag:1"
    assert draft.links == ("https://blog.example.jp/other?a=1&b=2",)
    assert draft.reactions == (("bookmark", 12),)


def test_atom_details() -> None:
    parsed = feed.parse(ATOM10.encode(), {}, URL)
    assert parsed.kind == "feed"
    assert parsed.title == "An example"
    assert parsed.next_url == "https://blog.example.jp/feed?page=2"
    assert parsed.meta["hub"] == "https://hub.example/"
    assert parsed.drafts[0].author.url == "https://blog.example.jp/about"
    assert parsed.drafts[0].updated == "2016-12-06T00:00:00+09:00"


def test_archive_pages_lead_back_when_there_is_no_next() -> None:
    more = '<link rel="prev-archive" href="https://blog.example.jp/2015.atom"/>'
    body = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title>{more}</feed>'
    parsed = feed.parse(body.encode(), {}, URL)
    assert parsed.next_url == "https://blog.example.jp/2015.atom"
    assert parsed.drafts == ()


def test_fast_and_tolerant_reader_agree() -> None:
    for body in (RSS20, RSS10.encode(), ATOM10.encode()):
        clean = feed_repair.clean(body.decode())
        assert feed_fast.read(clean, URL) is not None
        # A prefix nobody declared: the fast reader refuses, the other one reads the same.
        broken = clean.replace("<title>An example</title>", "<title>An example</title><un:known/>")
        assert feed_fast.read(broken, URL) is None
        ours, theirs = one(body), one(broken.encode())
        for name in ("title", "url", "native_id", "published", "published_origin", "text", "hashtags", "default_zone"):
            assert getattr(ours, name) == getattr(theirs, name), name


def test_only_updated_is_said_to_be_an_update() -> None:
    body = '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>urn:1</id><updated>2016-12-06T00:00:00Z</updated></entry></feed>'
    draft = one(body.encode())
    assert (draft.published, draft.published_origin) == ("2016-12-06T00:00:00Z", "feed_updated")
    assert draft.url == ""
    assert draft.native_id == "urn:1"


@pytest.mark.parametrize(
    ("inside", "url", "native_id"),
    [
        ("<guid>https://blog.example.jp/p/1</guid>", "https://blog.example.jp/p/1", "https://blog.example.jp/p/1"),
        ('<guid isPermaLink="false">https://blog.example.jp/p/1</guid>', "", "https://blog.example.jp/p/1"),
        (
            "<link>javascript:alert(1)</link><guid>https://blog.example.jp/p/1</guid>",
            "https://blog.example.jp/p/1",
            None,
        ),
        ("<link>/p/1</link>", "https://blog.example.jp/p/1", "https://blog.example.jp/p/1"),
        (
            '<atom:link href="https://blog.example.jp/p/1"/>',
            "https://blog.example.jp/p/1",
            "https://blog.example.jp/p/1",
        ),
    ],
)
def test_key_and_address(inside: str, url: str, native_id: str | None) -> None:
    draft = one(rss(f"<item><title>t</title>{inside}</item>"))
    assert draft.url == url
    assert native_id is None or draft.native_id == native_id


@pytest.mark.case("H20")
def test_an_item_without_link_and_guid_has_a_stable_key() -> None:
    twice = "<item><title>t</title><pubDate>Mon, 05 Dec 2016 21:00:00 GMT</pubDate></item>" * 2
    drafts = feed.parse(rss(twice), {}, URL).drafts
    assert len(drafts) == 2
    assert drafts[0].native_id == drafts[1].native_id
    assert drafts[0].native_id.startswith("sha256:")


SAME = "Mon, 05 Dec 2016 21:00:07 +0900"


@pytest.mark.parametrize(
    ("dates", "channel", "dropped"),
    [
        ([SAME] * 3, "", True),
        ([SAME] * 2, "", False),
        ([SAME, SAME, "Mon, 05 Dec 2016 21:00:08 +0900"], "", False),
        (["2016-12-05"] * 3, "", False),
        (["Mon, 05 Dec 2016 00:00:00 +0900"] * 3, "", False),
        (
            ["Mon, 05 Dec 2016 00:00:00 +0900"] * 3,
            "<lastBuildDate>Mon, 05 Dec 2016 00:00:00 +0900</lastBuildDate>",
            True,
        ),
    ],
)
def test_build_times_are_no_dates(dates: list[str], channel: str, dropped: bool) -> None:
    items = "".join(item(number, date=date) for number, date in enumerate(dates))
    parsed = feed.parse(rss(items, channel=f"<title>t</title>{channel}"), {}, URL)
    assert ("feed_dates_build_time" in parsed.flags) is dropped
    for draft, date in zip(parsed.drafts, dates, strict=True):
        assert draft.published == ("" if dropped else date)
        assert ("feed_dates_build_time" in draft.flags) is dropped


@pytest.mark.parametrize(
    "body", [b"", b"  \n", b"<html><body><form>Log in</form></body></html>", b"{}", b"[]", b"nothing"]
)
@pytest.mark.case("H6")
def test_not_a_feed(body: bytes) -> None:
    with pytest.raises(ParseFailed) as failed:
        feed.parse(body, {"content-type": "application/rss+xml"}, URL)
    assert failed.value.state == "not_a_feed"


@pytest.mark.case("H6")
def test_half_a_feed_is_partial() -> None:
    whole = rss(item(1) + item(2) + item(3))
    assert "partial" not in feed.parse(whole, {}, URL).flags
    cut = feed.parse(whole[:-60], {}, URL)
    assert "partial" in cut.flags
    assert [draft.title for draft in cut.drafts[:2]] == ["No. 1", "No. 2"]


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("a&#xD83D;&#xDE00;b", "a😀b"),
        ("a&#xD83D;b", "ab"),
        ("a\x0bb&#0;c\x00d", "abcd"),
        ("caf&eacute; &nbsp; x &unknown; y", "café x &unknown; y"),
        ("don&#146;t", "don’t"),
        ("A &amp;lt;b&amp;gt; tag", "A <b> tag"),
        ("1 < 2", "1 < 2"),
    ],
)
@pytest.mark.case("H5")
def test_one_bad_title_does_not_lose_the_feed(title: str, wanted: str) -> None:
    parsed = feed.parse(
        rss(item(1) + f"<item><title>{title}</title><link>https://x.example/</link></item>" + item(3)), {}, URL
    )
    assert [draft.title for draft in parsed.drafts] == ["No. 1", wanted, "No. 3"]


@pytest.mark.case("H5")
def test_an_entry_nobody_can_read_is_told_and_the_others_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    def picky(entry: Entry, channel: Channel, zone: str) -> Draft:
        if entry.title == "No. 2":
            raise ValueError(entry.title)
        return draft_of(entry, channel, zone)

    monkeypatch.setattr(feed, "draft_of", picky)
    parsed = feed.parse(rss(item(1) + item(2) + item(3)), {}, URL)
    assert [draft.title for draft in parsed.drafts] == ["No. 1", "No. 3"]
    assert "entries_lost" in parsed.flags
    assert parsed.meta["entries_lost"] == 1


def entities(declarations: str, use: str) -> bytes:
    body = f'<rss version="2.0"><channel><item><title>{use}</title></item></channel></rss>'
    return f'<?xml version="1.0"?><!DOCTYPE rss [{declarations}]>{body}'.encode()


@pytest.mark.case("H4")
def test_entities_cost_nothing_and_fetch_nothing() -> None:
    laughs = '<!ENTITY a "haha">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
    )  # fmt: skip
    start = time.process_time()
    for body in (
        entities(laughs, "&j;"),
        entities(f'<!ENTITY a "{"x" * 100_000}">', "&a;" * 10_000),
        entities('<!ENTITY x SYSTEM "file:///etc/hostname">', "&x;"),
        entities('<!ENTITY % p SYSTEM "http://127.0.0.1:9/p.dtd"> %p;', "x"),
    ):
        assert len(one(body).title) < 40_000
    assert time.process_time() - start < 1.0
    secret = Path("/etc/hostname").read_text("utf-8").strip()
    assert secret not in one(entities('<!ENTITY x SYSTEM "file:///etc/hostname">', "&x;")).title


def test_a_harmless_entity_of_its_own_is_expanded() -> None:
    assert one(entities('<!ENTITY name "re:Invent"><!-- it\'s ]> fine -->', "&name; 2016")).title == "re:Invent 2016"


def test_a_doctype_in_a_body_is_no_doctype() -> None:
    body = rss("<item><title>t</title><description><![CDATA[<!DOCTYPE html><p>text</p>]]></description></item>")
    assert one(body).text == "text"


@pytest.mark.parametrize("encoding", ["cp932", "euc_jp", "utf-8", "utf-16"])
@pytest.mark.parametrize("label", ["", "utf-8", "Shift_JIS", "ISO-8859-1"])
@pytest.mark.case("H11")
def test_japanese_survives_every_label(encoding: str, label: str) -> None:
    text = "日本語テスト～①㈱ｶﾅ" if encoding in {"cp932", "utf-8", "utf-16"} else "日本語テストです"
    declaration = f'<?xml version="1.0" encoding="{label}"?>' if label else '<?xml version="1.0"?>'
    body = f'{declaration}<rss version="2.0"><channel><item><title>{text}</title></item></channel></rss>'.encode(
        encoding
    )
    assert one(body).title == text


@pytest.mark.case("H7")
def test_markup_in_a_feed_becomes_text() -> None:
    hostile = (
        "<item><title>&lt;script&gt;x()&lt;/script&gt;safe</title><link>https://x.example/1</link>"
        "<author>&lt;img src=x onerror=alert(1)&gt;me</author><category>&lt;svg onload=x()&gt;tag</category>"
        "<description>&lt;!--&gt;&lt;img src=x onerror=alert(1)&gt;--&gt;"
        '&lt;a href="java&amp;#9;script:x()"&gt;go&lt;/a&gt;'
        "</description></item>"
    )
    draft = one(rss(hostile))
    assert draft.title == "safe"
    assert not any("<" in tag or "onload" in tag for tag in draft.hashtags)
    assert draft.links == ()
    assert "onerror" not in draft.text


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("aoi@example.jp (青井 葵)", "青井 葵"),
        ("青井 <aoi@example.jp>", "青井"),
        ("noreply@blogger.com (Aoi)", "Aoi"),
        ("aoi@example.jp", "aoi"),
        ("noreply@example.jp", ""),
        ("青井", "青井"),
    ],
)
def test_person(raw: str, name: str) -> None:
    assert person(raw) == name


def test_json_feed_of_wrong_types_keeps_its_entries() -> None:
    items = [
        {"id": 7, "title": None, "url": ["x"], "authors": "x", "tags": [1, "a"]},
        "no item",
        {"id": "8", "content_text": "<b>"},
    ]
    body = json.dumps({"version": "https://jsonfeed.org/version/1", "items": items})
    drafts = feed.parse(body.encode(), {}, URL).drafts
    assert [draft.native_id for draft in drafts] == ["7", "8"]
    assert drafts[0].hashtags == ("a",)
    assert drafts[1].text == "<b>"


def test_base_of_content_is_its_own() -> None:
    body = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><link href="/1"/>'
        '<content type="html" xml:base="https://elsewhere.example/a/">&lt;a href="b"&gt;x&lt;/a&gt;</content>'
        "</entry></feed>"
    )
    draft = one(body.encode())
    assert draft.url == "https://blog.example.jp/1"
    assert draft.links == ("https://elsewhere.example/a/b",)


def test_content_location_is_the_base() -> None:
    drafts = feed.parse(rss("<item><link>a</link></item>"), {"content-location": "https://real.example/b/"}, URL).drafts
    assert drafts[0].url == "https://real.example/b/a"


def test_zone_of_the_caller_wins() -> None:
    assert one(rss(item(1)), zone="America/New_York").default_zone == "America/New_York"


@pytest.mark.parametrize(
    "stumble",
    [
        '</creativeCommons:license>',
        '<gml:posList xmlns:gml="http://www.opengis.net/gml">35.6 139.7</gml:posList>',
        "<image><height></height></image>",
    ],
)  # fmt: skip
def test_halves_of_vocabularies_nobody_reads_cost_no_feed(stumble):
    body = rss(item(1) + stumble + item(2) + "</item>", more='xmlns:creativeCommons="http://x.example/cc"')
    assert [draft.title for draft in feed.parse(body, {}, URL).drafts][:2] == ["No. 1", "No. 2"]


def test_a_feed_without_a_link_has_no_address_of_its_own():
    body = b"<rss version='2.0'><channel><item><guid>http://guid.example.com/</guid>\n</item/</guid></item></channel"
    assert feed.parse(body, {}, URL).canonical_url == ""


def test_numbers_beyond_unicode_and_halves_of_characters_cost_no_feed():
    body = rss(item(1).replace("No. 1", "No.&#x99999999; 1&#99999999999;&#128512;&#x01F600;") + "<item><titl")
    assert feed.parse(body, {}, URL).drafts[0].title == "No. 1😀😀"
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "t",
        "items": [{"id": "1", "url": "https://a.example/\ud800", "title": "a\ud83d"}],
    }
    (draft,) = feed.parse(json.dumps(document).encode(), {"content-type": "application/json"}, URL).drafts
    assert (draft.title, draft.url) == ("a", "https://a.example/")
