"""A whole web of hostile and broken sites among healthy ones, all answered by one loopback server.

`web(healthy)` gives the routes, the feeds and start pages of an event file, and the titles that a crawl must store
whatever the others do. Here are the kinds of site of H1 to H12, H16 to H19, H21 and N1 to N4, each on a host of its
own; JSON interfaces, TLS and validators need tests of their own.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from typing import Any

from tests import evil
from tests.evil import Endless, article, attribute_bomb, attribute_feed, bomb, feed, many_paragraphs, packed
from tests.servers import Answer, Route, html, redirect

_RSS = {"Content-Type": "application/rss+xml"}
_LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %s "%s">' % (bytes([98 + n]), b"&%s;" % bytes([97 + n]) * 10) for n in range(9))
    + b"]><rss><channel><title>&j;</title><item><title>&j;</title><link>https://laugh.example/1</link></item></channel></rss>"
)


@dataclass
class Web:
    """What a test needs to crawl it."""

    routes: dict[Any, Route] = field(default_factory=dict)
    pages: list[str] = field(default_factory=list)
    feeds: list[str] = field(default_factory=list)
    titles: set[str] = field(default_factory=set)
    hostile: set[str] = field(default_factory=set)

    def site(self, name: str, answer: Route, path: str = "/2016/12/02/entry") -> str:
        """A hostile host with one address, linked from the start page."""
        address = f"https://{name}.hostile.example{path}"
        self.routes[(f"{name}.hostile.example", path.partition("?")[0])] = answer
        self.hostile.add(address)
        return address


def web(healthy: int = 200) -> Web:
    """Every hostile kind once, and `healthy` hosts with an article each; a tenth of them also has a feed."""
    made = Web()
    for number in range(healthy):
        host, title = f"healthy{number}.example", f"What I saw at the meetup, number {number}"
        made.routes[(host, "/2016/12/02/entry")] = article(title)
        made.titles.add(title)
        if number % 10 == 0:
            told = f"From the feed of number {number}"
            link = f"https://{host}/feed-entry"
            made.routes[(host, "/feed")] = feed((f"{told} about the meetup", link), host=host)
            made.routes[(host, "/feed-entry")] = article(f"{told} about the meetup")
            made.feeds.append(f"https://{host}/feed")
            made.titles.add(f"{told} about the meetup")
    for add in (_bodies, _markup, _traps, _network, _robots):
        add(made)
    links = [f"https://healthy{n}.example/2016/12/02/entry" for n in range(healthy)]
    dice = sorted([*links, *made.hostile, *_BAD_LINKS], key=hash_of)
    pieces = [dice[start : start + 100] for start in range(0, len(dice), 100)]
    for number, piece in enumerate(pieces):
        made.routes[("start.example", f"/{number}")] = article(f"Round-up {number}", links=tuple(piece))
        made.pages.append(f"https://start.example/{number}")
    return made


def hash_of(text: str) -> int:
    """An order that mixes sites and is the same in every run."""
    return sum(ord(char) * (index * 7919 % 104729 + 1) for index, char in enumerate(text)) % 1_000_003


_BAD_LINKS = (
    "javascript:void(0)", "http://[::1", "mailto:x@y.example", "http://h:99999/", "http://u:p@h.example/",
    "file:///etc/passwd", "data:text/html,x", "ftp://127.0.0.1/x", "http://127.0.0.1/", "http://2130706433/",
    "http://0x7f000001/", "http://0177.0.0.1/", "http://127.1/", "http://0.0.0.0/", "http://[::ffff:127.0.0.1]/",
    "http://①②⑦.⓪.⓪.①/", "http://169.254.169.254/latest/", "http://100.100.100.200/",
)  # fmt: skip


def _bodies(made: Web) -> None:
    """H1 to H6, H12."""
    for coding in ("br", "gzip", "deflate", "zstd", "gzip, gzip"):
        made.site(f"bomb-{coding.replace(', ', '-')}", packed(bomb(coding), coding))
    made.site("endless", Endless())
    flood = b"".join(b"X-%d: %s\r\n" % (number, b"h" * 1000) for number in range(20_000))
    made.site("headers", Answer(raw=b"HTTP/1.1 200 OK\r\n" + flood + b"Content-Length: 1\r\n\r\nx"))
    made.site("attributes", html(attribute_bomb().decode()))
    made.site("paragraphs", Answer(many_paragraphs(), 200, {"Content-Type": "text/html"}))
    made.site("deep", html("<div>" * 100_000 + "END"))
    made.site("comments", html("<!--" * 250_000))
    made.site("marks", html(f"<title>{'a' + chr(0x301) * 80_000}</title><p>meetup</p>"))
    made.site("picture", Answer(b"\x89PNG\r\n\x1a\n" + bytes(5000), 200, {"Content-Type": "text/html"}))
    made.site("lie", Answer(article("x").body, 200, {"Content-Type": "garbage;;;"}))
    for name, body in {
        "bomb": attribute_feed(), "comments": evil.comment_feed(), "laughs": _LAUGHS, "empty": b"",
        "login": b"<html><title>Log in</title><form>", "json": b"{}",
        "half": feed(("Half about the meetup", "https://half.hostile.example/1")).body[:-60],
        "surrogate": feed(("a&#xD83D;&#xDE00;b", "https://surrogate.hostile.example/1")).body,
        "xxe": b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><rss><channel><title>&x;</title></channel></rss>',
    }.items():  # fmt: skip
        made.routes[(f"{name}.feeds.example", "/feed")] = Answer(body, 200, _RSS)
        made.feeds.append(f"https://{name}.feeds.example/feed")


def _markup(made: Web) -> None:
    """H7, H11, H18, H19, H21."""
    live = "<script>alert(1)</script><svg onload=alert(1)><a href='javascript:alert(1)'>x</a>"
    live += "<!--><img src=x onerror=alert(1)>-->"
    made.site("live", html(f"<title>the meetup &lt;script&gt;alert(1)&lt;/script&gt;</title><article>{live}</article>"))
    made.site("terminal", html("<title>the meetup &#27;]0;pwn&#7;\x1b[2J\u202e</title><p>x</p>"))
    made.site("mojibake", Answer(bytes(range(128, 256)) * 300, 200, {"Content-Type": "text/html; charset=utf-8"}))
    made.site("missing", html("<title>ページが見つかりません</title><p>お探しのページは見つかりません</p>"))
    made.site(
        "future", html('<title>the meetup</title><meta property="article:published_time" content="9999-12-31"><p>x')
    )


def _traps(made: Web) -> None:
    """H16, H17: calendars, growing paths, loops."""

    def calendar(seen: Any) -> Answer:
        number = int(seen.query.get("n", "0")) + 1
        return article(f"Calendar {number}", links=(f"https://calendar.hostile.example/cal?n={number}",))

    made.site("calendar", calendar, "/cal?n=0")
    made.routes[("growing.hostile.example", "/a/")] = article(
        "Growing", links=("https://growing.hostile.example/a/a/a/a/",)
    )
    made.hostile.add("https://growing.hostile.example/a/")
    made.site("self", redirect("/2016/12/02/entry"))
    made.site("ping", redirect("https://pong.hostile.example/2016/12/02/entry"))
    made.site("pong", redirect("https://ping.hostile.example/2016/12/02/entry"))
    made.site("file", redirect("file:///etc/passwd"))
    made.site("inner", redirect("http://169.254.169.254/latest/meta-data/"))
    made.site("refresh", html('<meta http-equiv="refresh" content="0; url=file:///etc/passwd"><title>refresh</title>'))


def _network(made: Web) -> None:
    """N1 to N3: drips, silence, cuts, throttling, errors."""
    body = article("cut").body
    packed_half = gzip.compress(body)
    made.site("drip", Answer(body, drip=(1, 1.0), headers={"Content-Type": "text/html"}))
    made.site("silent", Answer(hang=True))
    made.site("short", Answer(b"x" * 19, length=1024))
    made.site("half", Answer(packed_half[: len(packed_half) // 2], 200, {"Content-Encoding": "gzip"}))
    made.site("chunks", Answer(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"))
    made.site("noend", Answer(body[:-30], 200, {"Content-Type": "text/html"}, length=-1))
    made.site("throttled", Answer(b"later", 429, {"Retry-After": "5"}))
    made.site("away", Answer(b"later", 503, {"Retry-After": "99999999"}))
    made.site("broken", Answer(b"oops", 500))
    made.site("gone", Answer(b"gone", 410))
    made.site("garbage", Answer(raw=b"\x00\xff\xfe not http at all\r\n\r\n"))


def _robots(made: Web) -> None:
    """N4: robots.txt that cannot be read."""
    for name, answer in {
        "error": Answer(b"", 500), "limited": Answer(b"", 429), "loop": redirect("/robots.txt"),
        "hang": Answer(hang=True),
        "huge": Answer(b"#" * (30 << 20)), "denies": Answer(b"User-agent: *\nDisallow: /\n"),
    }.items():  # fmt: skip
        made.site(f"robots-{name}", article(f"Behind robots {name}"))
        made.routes[(f"robots-{name}.hostile.example", "/robots.txt")] = answer
