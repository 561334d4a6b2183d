"""H11, H12: what bytes are, whatever their labels say."""

import codecs
import json
import random

import pytest

from tests.cases.common import HEALTHY, page
from tests.servers import Answer

TITLE = "日本語テスト～①㈱ｶﾅ"
WORDS = "参加したミートアップの話をします。"
LABELS = ("none", "right", "utf-8", "Shift_JIS", "ISO-8859-1")
# How each is written, our name of it, and what its own people call it. EUC-JP with ①㈱ is Windows' (cp51932), for
# which Python has no codec: JIS X 0213 has the same bytes, except that it calls the tilde a wave dash.
WRITTEN = {
    "cp932": (lambda text: text.encode("cp932"), "shift_jis", "Shift_JIS"),
    "euc": (lambda text: text.replace("～", "〜").encode("euc_jis_2004"), "euc-jp", "EUC-JP"),
    "utf8": (lambda text: text.encode(), "utf-8", "UTF-8"),
    "utf16": (lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"), "utf-16le", "UTF-16"),
}


def label_of(name, right):
    return {"none": "", "right": right}.get(name, name)


def as_page(written, name, where):
    """A page with the label in its header or in its markup."""
    write, _, right = WRITTEN[written]
    label = label_of(name, right)
    meta = f'<meta charset="{label}">' if label and where == "meta" else ""
    header = f"; charset={label}" if label and where == "header" else ""
    body = f"<article><h1>{TITLE}</h1><p>{WORDS * 9}</p></article>"
    text = f"<html><head>{meta}<title>{TITLE}</title></head><body>{body}</body></html>"
    return Answer(write(text), 200, {"Content-Type": f"text/html{header}"})


def as_feed(written, name):
    write, _, right = WRITTEN[written]
    label = label_of(name, right)
    encoding = f' encoding="{label}"' if label else ""
    text = (
        f'<?xml version="1.0"{encoding}?><rss version="2.0"><channel><title>f</title><link>https://x.example/</link><item>'
        f"<title>{TITLE}</title><link>https://entry.example/{written}-{name}</link><description>{WORDS}</description></item>"
        "</channel></rss>"
    )
    return Answer(write(text), 200, {"Content-Type": "application/rss+xml"})


def source_of(written, name, where):
    """Which rung of the ladder must have told: the label only where it is right and nothing better is."""
    if written in ("utf8", "utf16"):
        return {"utf8": "utf-8", "utf16": "bom"}[written]
    return where if name == "right" or (written, name) == ("cp932", "Shift_JIS") else "detected"


@pytest.mark.case("H11")
def test_h11_every_label_on_every_encoding_gives_one_title(site):
    routes, wanted, feeds, mentions = {}, {}, [], []
    for written, (_, charset, _) in WRITTEN.items():
        for name in LABELS:
            for where in ("header", "meta"):
                path = f"/{written}-{name}-{where}"
                routes[("page.example", path)] = as_page(written, name, where)
                mentions.append(f"https://page.example{path}")
                wanted[mentions[-1]] = (charset, source_of(written, name, where), 0)
            routes[("feed.example", f"/{written}-{name}")] = as_feed(written, name)
            feeds.append(f"https://feed.example/{written}-{name}")
            wanted[feeds[-1]] = (charset, source_of(written, name, "meta"), 0)
    routes[("a.example", "/1")] = page(1, mentions=mentions)
    made = site(routes, pages=["https://a.example/1", HEALTHY], feeds=feeds, crawl={"max_pages": 100})
    done = made.crawl()
    assert done.code == 0, done
    told = made.rows("SELECT url, charset, charset_source, unreadable FROM frontier WHERE charset IS NOT NULL")
    assert {url: tuple(rest) for url, *rest in told} == wanted
    titles = dict(made.rows("SELECT url, title FROM posts WHERE host IN ('page.example', 'entry.example')"))
    assert len(titles) == len(wanted) == 60
    assert set(titles.values()) == {TITLE}
    assert {flags for (flags,) in made.rows("SELECT flags FROM posts")} <= {"[]", '["extract_fallback"]'}
    assert "Page healthy" in made.titles()


@pytest.mark.case("H11")
def test_h11_what_nobody_can_read_is_told(site):
    rng = random.Random(11)
    # Lead and trail bytes of cp932 in any order: characters, but no Japanese that any charset could be told by.
    rubbish = bytes(rng.choice(b"\x82\x83\x88\x95\xe0\xa0\xff\x41\x81\xfd") for _ in range(3000))
    head = b'<html><head><meta charset="utf-8"><title>Rubbish</title></head><body><article><p>'
    spotted = (
        head.replace(b"Rubbish", b"One bad byte") + ("日本語のページです。" * 200).encode() + b"\xe3</p></article>"
    )
    entry = (
        b"<item><title>Rubbish entry</title><link>https://entry.example/1</link><description>%s</description></item>"
    )
    rss = b'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>f</title>%s</channel></rss>'
    html = {"Content-Type": "text/html; charset=utf-8"}
    made = site(
        {
            ("page.example", "/rubbish"): Answer(head + rubbish + b"</p></article></body></html>", 200, html),
            ("page.example", "/spotted"): Answer(spotted + b"</body></html>", 200, html),
            ("feed.example", "/1"): Answer(
                rss % (entry % rubbish.replace(b"<", b"")), 200, {"Content-Type": "text/xml"}
            ),
            ("a.example", "/1"): page(1, mentions=["https://page.example/rubbish", "https://page.example/spotted"]),
        },
        pages=["https://a.example/1", HEALTHY],
        feeds=["https://feed.example/1"],
    )
    done = made.crawl()
    assert done.code == 0, done
    told = {url: rest for url, *rest in made.rows("SELECT url, charset, unreadable, detail FROM frontier")}
    flags = {title: json.loads(flags) for title, flags in made.rows("SELECT title, flags FROM posts")}
    for url, title in (("https://page.example/rubbish", "Rubbish"), ("https://feed.example/1", "Rubbish entry")):
        charset, unreadable, detail = told[url]
        assert charset
        assert unreadable > 30, (url, told[url])
        assert "charset_doubtful" in detail
        assert "charset_doubtful" in flags[title]
    assert told["https://page.example/spotted"][:2] == ["utf-8", 1]
    assert "charset_doubtful" not in flags["One bad byte"]
    assert told[HEALTHY] == [None, None, None]  # JSON has no charset to guess


# H12: content-type lies are survived

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
BINARY = {
    "png": PNG, "pdf": b"%PDF-1.7\n1 0 obj << /Title (the meetup) >>\n" + bytes(range(256)), "zip": b"PK\x03\x04" + PNG,
    "gif": b"GIF89a" + PNG, "mp4": b"\0\0\0\x18ftypmp42" + PNG, "noise": random.Random(12).randbytes(5000),
}  # fmt: skip
LIES = (
    "image/png",
    "application/pdf",
    "application/octet-stream",
    "",
    "garbage;;;",
    "text/plain",
    "text/html; charset=nonsense",
)


@pytest.mark.case("H12")
def test_h12_the_bytes_decide_and_not_their_label(site):
    text = "<p>What we heard at the meetup, hall by hall, written down on the same evening.</p>" * 6
    routes, pages, feeds = {}, [], []
    for number, lie in enumerate(LIES):
        headers = {"Content-Type": lie} if lie else {}
        title = f"<title>Page under lie {number}</title>"
        body = f"<!doctype html><html lang=en>{title}<body><article>{text}</article></body></html>"
        routes[("page.example", f"/{number}")] = Answer(body.encode(), 200, headers)
        entry = f"<title>Feed under lie {number}</title><link>https://entry.example/{number}</link>"
        rss = f"<rss version='2.0'><channel><title>f</title><item>{entry}</item></channel></rss>"
        routes[("feed.example", f"/{number}")] = Answer(rss.encode(), 200, headers)
        pages.append(f"https://page.example/{number}")
        feeds.append(f"https://feed.example/{number}")
    for name, body in BINARY.items():
        routes[("binary.example", f"/{name}")] = Answer(body, 200, {"Content-Type": "text/html; charset=utf-8"})
        routes[("nofeed.example", f"/{name}")] = Answer(body, 200, {"Content-Type": "application/rss+xml"})
    lying = [f"https://binary.example/{name}" for name in BINARY]
    no_feeds = [f"https://nofeed.example/{name}" for name in BINARY]
    routes[("a.example", "/1")] = page(1, mentions=[*pages, *lying])
    made = site(routes, pages=["https://a.example/1", HEALTHY], feeds=[*feeds, *no_feeds])
    done = made.crawl()
    assert done.code == 1, done
    reasons = made.reasons()
    assert {url: reasons[url] for url in (*pages, *feeds)} == dict.fromkeys((*pages, *feeds), "ok")
    assert {url: reasons[url] for url in lying} == dict.fromkeys(lying, "not_html")
    assert {url: reasons[url] for url in no_feeds} == dict.fromkeys(no_feeds, "not_a_feed")
    wanted = {f"{kind} under lie {number}" for kind in ("Page", "Feed") for number in range(len(LIES))}
    assert made.titles() == wanted | {"Page 1", "Page healthy"}
    texts = made.rows("SELECT text FROM posts WHERE host = 'page.example'")
    assert {text.startswith("What we heard") for (text,) in texts} == {True}
