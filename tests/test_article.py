"""Pages: title, date, author, kind and text of the shapes that blogs and news sites have, and of hostile ones."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from harvester import article, dates
from harvester.errors import ParseFailed

if TYPE_CHECKING:
    from harvester.model import Draft, Parsed

NOW = datetime(2026, 11, 22, tzinfo=UTC)
URL = "https://aoi.example.jp/entry/reinvent"
BODY = "<p>ラスベガスで開かれた re:Invent に参加してきました。セッションの様子をまとめます。</p>" * 12
ENGLISH = "<p>I went to the conference in Las Vegas and this is what I learned there in five days.</p>" * 15


def page(head: str = "", body: str = BODY, lang: str = "ja") -> bytes:
    head = f'<meta charset="utf-8">{head}'
    return f'<!DOCTYPE html><html lang="{lang}"><head>{head}</head><body>{body}</body></html>'.encode()


def parse(body: bytes, url: str = URL, **headers: str) -> Parsed:
    return article.parse(body, headers, url, now=NOW)


def draft(body: bytes, url: str = URL) -> Draft:
    return parse(body, url).drafts[0]


def day(found: Draft) -> str:
    when = dates.parse(found.published, zone=found.default_zone, now=NOW)
    return dates.local_day(when.at, found.default_zone or "UTC") if when.at else ""


LD = '<script type="application/ld+json">{}</script>'
NEWS = LD.format(
    '{"@context":"https://schema.org","@graph":[{"@type":"WebPage","datePublished":"2016-01-01"},'
    '{"@type":"NewsArticle","headline":"AWS、新サービスを発表","datePublished":"2016-12-05T09:00:00+09:00",'
    '"dateModified":"2016-12-06T09:00:00+09:00","author":{"@id":"#a"},"publisher":{"@type":"Organization","name":"例の新聞"}},'
    '{"@type":"Person","@id":"#a","name":"山田太郎","url":"/authors/yamada"}]}'
)


def test_structured_data() -> None:
    found = draft(
        page(f"<title>AWS、新サービスを発表 | 例の新聞</title>{NEWS}", f"<h1>AWS、新サービスを発表</h1>{BODY}")
    )
    assert found.title == "AWS、新サービスを発表"
    assert (found.published, found.published_origin) == ("2016-12-05T09:00:00+09:00", "jsonld")
    assert found.updated == "2016-12-06T09:00:00+09:00"
    assert (found.author.name, found.author.url) == ("山田太郎", "https://aoi.example.jp/authors/yamada")
    assert found.publisher == "例の新聞"
    assert found.page_type == "NewsArticle"
    assert found.kind == "article"


@pytest.mark.parametrize(
    "script",
    [
        '<!-- {"@type":"BlogPosting","headline":"h","datePublished":"2016-12-05"} -->',
        '//<![CDATA[\n{"@type":"BlogPosting","headline":"h","datePublished":"2016-12-05",}\n//]]>',
        '[{"@type":["Thing","BlogPosting"],"headline":"h","datePublished":"2016-12-05"}]',
        '{"@type":"WebPage","mainEntity":{"@type":"Article","headline":"h","datePublished":"2016-12-05"}}',
        '{"@type":"http://schema.org/Article","headline":"line\nbreak","datePublished":"2016-12-05"}',
        '{"@type":"Article","headline":"h","datePublished":"2016-12-05","description":"an "unescaped" quote"}',
    ],
)
def test_structured_data_is_read_tolerantly(script: str) -> None:
    found = draft(page(LD.format(script)))
    assert (found.published, found.published_origin) == ("2016-12-05", "jsonld")


@pytest.mark.parametrize(
    "script",
    ["{", "null", "[" * 100_000, "[" * 900 + "]" * 900, '{"@type":[1,null]}', '{"author":{"name":{"a":1}}}', '"x"'],
)
def test_broken_structured_data_is_passed_over(script: str) -> None:
    assert draft(page(LD.format(script), f"<h1>題名です</h1>{BODY}")).title == "題名です"


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        (
            "<title>参加レポート - 青井の日記</title>",
            "<h1><a href='/'>青井の日記</a></h1><h2 class='entry-title'>参加レポート</h2>",
            "参加レポート",
        ),
        ("<title>青井の日記 | 参加レポート</title>", "<h1>参加レポート</h1>", "参加レポート"),
        (
            '<title>参加レポート｜青井の日記</title><meta property="og:title" content="参加レポート｜青井の日記">',
            "",
            "参加レポート",
        ),
        (
            '<title>参加レポート : 青井の日記</title><meta property="og:site_name" content="青井の日記">',
            "<h1 class=logo><a href='/'>青井の日記</a></h1>",
            "参加レポート",
        ),
        ('<meta property="og:title" content="参加レポート">', "<h1>速報 参加レポート</h1>", "参加レポート"),
        ('<meta property="og:title" content="参加レポート（その１）">', "<h1>青井</h1>", "参加レポート（その１）"),
        ("", "<h1>参加<br>レポート</h1>", "参加レポート"),
        (f"<title>{'|' * 5000}</title>", "<h1>参加レポート</h1>", "参加レポート"),
        ("<title>参加レポート</title>", "<svg><title>icon</title></svg>", "参加レポート"),
        ("<title>A &amp; B – What we saw</title>", "<h1>A &amp; B – What we saw</h1>", "A & B – What we saw"),
    ],
)
def test_title(head: str, body: str, title: str) -> None:
    assert draft(page(head, body + BODY)).title == title


# Shapes that Japanese blog services and themes show a date in, none with machine-readable data.
SHOWN = [
    '<div class="date">2016年12月5日</div><h1>参加した</h1>',
    "<h1>参加した</h1><p>2016年12月05日（月） 21時30分</p>",
    "<h1>参加した</h1><span>公開日：2016/12/05</span> <span>更新日：2019/01/10</span>",
    "<h1>参加した</h1><ul><li>更新 2019.1.10</li><li>投稿 2016.12.5</li></ul>",
    "<h1>参加した</h1><p class=meta>2016.12.05 Mon 21:30 | カテゴリ: AWS</p>",
    "<h1>参加した</h1><p>２０１６年１２月５日 青井</p>",
    "<h1>参加した</h1><div>平成28年12月5日</div>",
    "<h1>参加した</h1><p>この記事は2016年12月5日に公開されました</p>",
    "<div><h1>参加した</h1><div class='post-meta'>投稿者: 青井 / 投稿日: 2016-12-05</div></div>",
    "<h1>参加した</h1><time>2016年12月5日</time>",
    "<h1>参加した</h1><p>by 青井 (2016/12/5)</p>",
    "<div class='sidebar'><b class='date'>2020年1月1日</b></div><h1>参加した</h1><p class='date'>2016年12月5日</p>",
    "<h1>参加した</h1><p class='posted-on'>2016年12月5日</p><p>2016年11月28日から12月2日まで開催された話です。</p>",
]


@pytest.mark.parametrize("shown", SHOWN)
def test_a_japanese_date_that_is_only_shown(shown: str) -> None:
    foot = '<footer><p>© 2012-2026 青井</p></footer><div class="comments"><time datetime="2018-05-05">昨日</time></div>'
    found = draft(page("<title>参加した</title>", shown + BODY + foot))
    assert day(found) == "2016-12-05"
    assert found.published_origin == "visible"
    assert found.default_zone == "Asia/Tokyo"


@pytest.mark.parametrize(
    "shown",
    [
        "<h1>JAWS DAYS（2016年3月12日開催）</h1><p>2016年12月5日</p>",
        "<h1>参加した</h1><p>日時：2016年11月28日(月)〜12月2日(金)</p><p>投稿 2016年12月5日</p>",
        "<h1>参加した</h1><p>2016年11月28日にラスベガスへ行ってきました。</p><p>2016.12.5</p>",
        "<h1>参加した</h1><p>AWS は2016年11月30日に Athena を公開しました。</p><p>2016-12-05 青井</p>",
        "<h1>参加した</h1><p>開催日 2016年11月28日</p><div>2016年12月5日 | 青井</div>",
    ],
)
def test_the_day_of_the_event_is_not_the_day_of_the_text(shown: str) -> None:
    assert day(draft(page("<title>参加した</title>", shown + BODY))) == "2016-12-05"


def test_the_day_a_page_shows_is_told_where_its_moment_is_in_utc() -> None:
    stamp = LD.format('{"@type":"NewsArticle","datePublished":"2020-02-25T02:25:54Z"}')
    shown = f'<h1>Report</h1><p class="byline-date">February 24, 2020 | 9:25pm</p>{ENGLISH}'
    found = parse(page(stamp, shown, lang="en"))
    assert found.drafts[0].published == "2020-02-25T02:25:54Z"
    assert found.meta["shown_day"] == "2020-02-24"
    assert parse(page(stamp, shown.replace("24,", "14,"), lang="en")).meta["shown_day"] == ""


def test_the_first_of_january_is_not_made_up() -> None:
    found = draft(page("<title>t</title>", f"<h1>題</h1>{BODY}<footer>Copyright 2016 青井</footer>"))
    assert found.published in {"", "2016"}
    honest = draft(page("<title>t</title>", f"<h1>題</h1><p>2016年1月1日</p>{BODY}"))
    assert day(honest) == "2016-01-01"


@pytest.mark.parametrize(
    ("head", "body", "url", "published", "origin"),
    [
        (
            '<meta property="article:published_time" content="2016-12-05T21:00:00+09:00">',
            "",
            URL,
            "2016-12-05T21:00:00+09:00",
            "meta",
        ),
        ('<meta name="pubdate" content="20161205">', "", URL, "20161205", "meta"),
        (
            "",
            '<time itemprop="datePublished" datetime="2016-12-05T12:00:00Z">Dec 5</time>',
            URL,
            "2016-12-05T12:00:00Z",
            "time",
        ),
        (
            "",
            '<time class="updated" datetime="2019-01-01"></time><time class="entry-date" datetime="2016-12-05"></time>',
            URL,
            "2016-12-05",
            "time",
        ),
        ("", "", "https://aoi.example.jp/2016/12/05/reinvent", "2016-12-05", "url"),
        (
            '<meta property="article:published_time" content="2099-12-05">',
            "",
            "https://aoi.example.jp/2016/12/05/x",
            "2016-12-05",
            "url",
        ),
        ("", "", "https://web.archive.org/web/20190101000000/http://aoi.example.jp/2016/12/05/x", "2016-12-05", "url"),
    ],
)
def test_date_sources(head: str, body: str, url: str, published: str, origin: str) -> None:
    found = draft(page(head, f"<h1>Report</h1>{body}{ENGLISH}", lang="en"), url)
    assert (found.published, found.published_origin) == (published, origin)


PLAIN = f"<h1>Report</h1>{ENGLISH * 4}<p>About things of <b>Maj 12</b>, written /20160512/ by Ivan</p>"


def test_htmldate_does_what_is_left_without_dateparser() -> None:
    code = (
        "import sys; from harvester import article\n"
        f"body = {page('', PLAIN, lang='en')!r}\n"
        "found = article.parse(body, {}, 'https://x.example/a').drafts[0]\n"
        "assert 'htmldate' in sys.modules, found\n"
        "assert not [name for name in sys.modules if name.startswith('dateparser')]\n"
        "print(found.published, found.published_origin)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["2016-05-12", "htmldate"], done.stderr


@pytest.mark.parametrize(
    ("head", "body", "name"),
    [
        ('<meta name="author" content="青井 葵">', "", "青井 葵"),
        ("", '<p class="byline">By Mari Tanaka on December 5, 2016</p>', "Mari Tanaka"),
        ("", '<a rel="author" href="/users/aoi">青井</a>', "青井"),
        ("", '<p class="author">著者：青井</p>', "青井"),
        ("", '<span class="author-name">文：青井</span>', "青井"),
        ('<meta name="author" content="admin">', '<span class="vcard"><span class="fn">Diana</span></span>', "Diana"),
        ('<meta property="article:author" content="https://www.facebook.com/aoi">', "", ""),
        ('<meta name="author" content="Anna Martel und Lea Wagner">', "", "Anna Martel"),
        (
            '<meta property="og:site_name" content="例の新聞"><meta name="author" content="例の新聞">',
            '<p class="byline">記者 山田</p>',
            "記者 山田",
        ),
        ("", '<aside><span class="author">someone else</span></aside>', ""),
    ],
)
def test_author(head: str, body: str, name: str) -> None:
    assert draft(page(head, f"<h1>題</h1>{body}{BODY}")).author.name == name


def test_organisations_are_told_from_people() -> None:
    assert draft(page('<meta name="author" content="例の編集部">')).author.is_org
    assert not draft(page('<meta name="author" content="青井 葵">')).author.is_org


def test_bylines_of_reporters_are_kept() -> None:
    found = draft(
        page("", f"<h1>題</h1><p>【ラスベガス＝山田太郎記者】米国で発表した。</p>{BODY}<p>（取材・文：例の編集部）</p>")
    )
    assert any("記者" in line for line in found.bylines)
    assert any("取材" in line for line in found.bylines)
    assert draft(page("", f"<h1>題</h1>{BODY}")).bylines == ()


def test_addresses_of_a_page() -> None:
    head = (
        '<link rel="canonical" href="/entry/1">'
        '<link rel="alternate" type="application/rss+xml" title="コメント" href="/comments/feed">'
        '<link rel="alternate" type="application/atom+xml" href="/feed"><link rel="alternate" hreflang="en" href="/en">'
        '<link rel="alternate" type="application/json+oembed" href="/oembed"><link rel="next" href="/entry/2">'
    )
    body = (
        '<nav><a href="/about">about</a></nav><article><h1>題</h1>'
        f'{BODY}<p><a href="https://aws.example/x?a=1#top">発表</a> <a href="javascript:x()">js</a>'
        '<a href="#note">1</a></p><div class="related-posts"><a href="/other">other</a></div></article>'
        '<footer><a href="/privacy">p</a></footer>'
    )
    found = parse(page(head, body), link='<https://aoi.example.jp/hub>; rel="hub"')
    assert found.canonical_url == "https://aoi.example.jp/entry/1"
    assert found.feeds == ("https://aoi.example.jp/feed", "https://aoi.example.jp/comments/feed")
    assert found.links == (("https://aws.example/x?a=1#top", "発表"),)
    assert found.drafts[0].links == ("https://aws.example/x?a=1#top",)
    assert found.next_url == "https://aoi.example.jp/entry/2"


def test_a_feed_in_the_link_header() -> None:
    found = parse(page(), link='<https://aoi.example.jp/feed>; rel="alternate"; type="application/rss+xml"')
    assert found.feeds == ("https://aoi.example.jp/feed",)


def test_base_element_resolves_links() -> None:
    found = parse(
        page('<base href="https://static.example/a/">', f'<article><h1>題</h1>{BODY}<a href="b">x</a></article>')
    )
    assert found.links == (("https://static.example/a/b", "x"),)


TEASER = '<article><h2><a href="/entry/{0}">記事 {0}</a></h2><p>要約です。</p></article>'


@pytest.mark.parametrize(
    ("head", "body", "url", "kind"),
    [
        ("", f"<article><h1>題</h1>{BODY}</article>", URL, "article"),
        (
            '<meta property="og:type" content="article">',
            f"<h1>題</h1>{BODY}",
            "https://aoi.example.jp/?p=12",
            "article",
        ),
        ("", "".join(map(TEASER.format, range(10))), "https://aoi.example.jp/", "page"),
        ("", "".join(map(TEASER.format, range(10))), "https://aoi.example.jp/tag/aws", "page"),
        ("", "".join(map(TEASER.format, range(10))), "https://aoi.example.jp/archive/2016/12", "page"),
        ("", "".join(map(TEASER.format, range(10))), "https://aoi.example.jp/page/3", "page"),
        ("", "<p>検索結果</p>", "https://aoi.example.jp/search?q=aws", "page"),
        (
            LD.format('{"@type":"CollectionPage"}'),
            "".join(map(TEASER.format, range(5))),
            "https://aoi.example.jp/x",
            "page",
        ),
        ("", f"<article><h1>題</h1>{BODY}</article>" + TEASER.format(1) * 4, URL, "article"),
    ],
)
def test_kind(head: str, body: str, url: str, kind: str) -> None:
    found = parse(page(head, body), url)
    assert found.kind == kind
    assert found.drafts[0].kind == ("article" if kind == "article" else "")


def test_text_is_the_article_without_its_frame() -> None:
    comments = "<div class='comments'><p>通りすがりの感想です。</p></div>"
    text = parse(page("", f"<nav>メニュー ホーム</nav><article><h1>題</h1>{BODY}</article>{comments}")).text
    assert "参加してきました" in text
    assert "メニュー" not in text
    assert "通りすがり" not in text


def test_an_article_in_several_blocks_is_kept_whole() -> None:
    story = [f"<p>Part {n}: {'the keynote went on and on about new services and prices. ' * 6}</p>" for n in range(24)]
    blocks = "".join(
        f'<div class="chunk">{"".join(story[n : n + 6])}</div><div class="ad">Buy!</div>' for n in range(0, 24, 6)
    )
    text = parse(page("", f"<h1>Report</h1>{blocks}", lang="en")).text
    assert all(f"Part {n}:" in text for n in range(24))


def test_text_of_line_breaks_is_found() -> None:
    lines = "<br>".join(f"{n}日目。ラスベガスで開かれた re:Invent に参加してきました。" for n in range(40))
    text = parse(page("<title>題</title>", f'<div id="menu">メニュー</div><div class="entry">{lines}</div>')).text
    assert "0日目。" in text
    assert "39日目。" in text


def test_a_month_in_the_address_is_better_than_nothing() -> None:
    found = draft(page("", f"<h1>Report</h1>{ENGLISH}", lang="en"), "https://x.example/2016/12/report")
    assert (found.published, found.published_origin) == ("2016-12", "url")


@pytest.mark.case("H2")
def test_many_paragraphs_fall_back_to_plain_text() -> None:
    start = time.process_time()
    found = parse(page("<title>t</title>", "<p>これは段落です。</p>" * 100_000))
    assert time.process_time() - start < 5
    assert found.flags == ("extract_fallback",)
    assert found.text.count("これは段落です。") == 100_000


@pytest.mark.case("H3")
def test_depth_is_told() -> None:
    deep = parse(b"<html><body>" + b"<div>" * 100_000 + b"END")
    assert "tree_truncated" in deep.flags
    shallow = parse(b"<html><body>" + b"<div>" * 200 + b"END")
    assert "tree_truncated" not in shallow.flags
    assert "END" in shallow.text


@pytest.mark.parametrize("body", [b"", b"   ", b"<!-- only a comment -->"])
def test_nothing_is_not_html(body: bytes) -> None:
    with pytest.raises(ParseFailed) as failed:
        parse(body)
    assert failed.value.state == "not_html"


@pytest.mark.parametrize("encoding", ["cp932", "euc_jp", "utf-8"])
@pytest.mark.parametrize("label", ["", "utf-8", "Shift_JIS", "ISO-8859-1"])
@pytest.mark.case("H11")
def test_japanese_survives_every_label(encoding: str, label: str) -> None:
    meta = f'<meta charset="{label}">' if label else ""
    body = f"<html><head>{meta}<title>日本語テスト参加しました</title></head><body>{BODY}</body></html>".encode(
        encoding
    )
    found = article.parse(body, {"content-type": "text/html"}, URL)
    assert found.title == "日本語テスト参加しました"
    assert found.language == "ja"


@pytest.mark.case("H11")
def test_unreadable_bytes_are_flagged() -> None:
    body = b'<html><meta charset="utf-8"><body><p>' + bytes(range(128, 256)) * 10 + b"</p></body></html>"
    assert "charset_doubtful" in article.parse(body, {"content-type": "text/html; charset=utf-8"}, URL).flags


def test_broken_markup_still_gives_an_article() -> None:
    body = (
        b"<p>text <b>bold <i>both</b> \xff <a href='http://[::1'>bad</a><a href='http://h:99999/'>port</a><h1>\xe9t\xe9</h1>"
        + ENGLISH.encode()
    )
    found = parse(body)
    assert found.text
    assert all(address.startswith("http") for address, _ in found.links)


@pytest.mark.parametrize("url", ["", "not a url", "http://[::1", "https://x.example:99999/"])
def test_an_odd_address_is_no_problem(url: str) -> None:
    found = draft(page("<title>題 | 例</title>", f"<h1>題</h1>{BODY}"), url=url)
    assert (found.title, found.url) == ("題", url)


def test_empty_address_is_no_problem() -> None:
    found = draft(
        page('<link rel="canonical" href="https://aoi.example.jp/2016/12/05/x">', f"<h1>題</h1>{BODY}"), url=""
    )
    assert (found.published, found.published_origin) == ("2016-12-05", "url")
