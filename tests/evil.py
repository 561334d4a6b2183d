"""What hostile and broken servers send, byte by byte: material for the crawl's guards.

`Evil` is the test server of `servers.py` that can also send without end. The functions make bodies and
answers; nothing here leaves 127.0.0.1.
"""

from __future__ import annotations

import gzip
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import brotli
from backports import zstd

from tests.servers import Answer, Route, Seen, Server, html

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

MIB = 1 << 20
LIMIT = 8 * MIB
BOMB_MIB = 2000


@dataclass(frozen=True, slots=True)
class Endless(Answer):
    """A 200 without a length whose body never stops."""

    chunk: bytes = b"<p>xxxxxxxx</p>" * 4096


class Evil(Server):
    """A `Server` that can also send an `Endless` answer."""

    async def _write(self, writer: asyncio.StreamWriter, answer: Answer, seen: Seen) -> None:
        if not isinstance(answer, Endless):
            await super()._write(writer, answer, seen)
            return
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n")
        while not writer.is_closing():
            writer.write(answer.chunk)
            await writer.drain()


@contextmanager
def evil(routes: dict[Any, Route] | None = None) -> Iterator[Evil]:
    """A running hostile server."""
    server = Evil(routes)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def encoded(body: bytes, coding: str) -> bytes:
    """`body` in a Content-Encoding, or several separated by commas (the first applied first)."""
    for name in (part.strip() for part in coding.split(",")):
        body = _ENCODERS[name](body)
    return body


def _deflate_raw(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


_ENCODERS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "raw-deflate": _deflate_raw,
    "br": lambda body: brotli.compress(body, quality=5),
    "zstd": zstd.compress,
}


@cache
def bomb(coding: str) -> bytes:
    """2,000 MiB of zeros, whole and with right checksums, made of one packed block many times over."""
    if "," in coding:
        first, _, rest = coding.partition(",")
        return encoded(bomb(first.strip()), rest)
    if coding == "zstd":
        return zstd.compress(bytes(MIB)) * BOMB_MIB
    if coding == "br":
        block, blocks = bytes(16 * MIB), BOMB_MIB // 16
        packer = brotli.Compressor(quality=5)
        first, again = (packer.process(block) + packer.flush() for _ in range(2))
        return bytes(first + again * (blocks - 1) + packer.finish())
    packer = zlib.compressobj(9, wbits=-15)
    body = (packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH)) * BOMB_MIB + packer.flush()
    size = BOMB_MIB * MIB
    if coding == "deflate":
        return b"\x78\x9c" + body + (size % 65521 << 16 | 1).to_bytes(4, "big")
    check = 0
    for _ in range(BOMB_MIB):
        check = zlib.crc32(bytes(MIB), check)
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + body + check.to_bytes(4, "little") + size.to_bytes(4, "little")


def packed(body: bytes, coding: str, status: int = 200) -> Answer:
    """An HTML answer in a content coding."""
    return Answer(body, status, {"Content-Type": "text/html", "Content-Encoding": coding})


def many_headers(body: bytes, count: int = 100_000, size: int = 1000) -> Answer:
    """A JSON answer with a head of 100 MB."""
    head = b"".join(b"X-%d: %s\r\n" % (n, b"h" * (size - 8 - len(str(n)))) for n in range(count))
    known = b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(body)
    return Answer(raw=b"HTTP/1.1 200 OK\r\n" + known + head + b"\r\n" + body)


def attribute_bomb(count: int = 200_000) -> bytes:
    """One tag whose attributes take libxml2 quadratic time (200,000: more than 40 s)."""
    return b"<html><body><div " + b" ".join(b"a%d=1" % n for n in range(count)) + b">x</div></body></html>"


def one_entry_feed(description: bytes) -> bytes:
    """RSS with one entry whose description is given as it stands in the CDATA section."""
    return (
        b'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>t</title>'
        b"<link>https://feed.example/</link><description>d</description>"
        b"<item><title>one</title><link>https://feed.example/1</link>"
        b"<description><![CDATA[" + description + b"]]></description></item></channel></rss>"
    )


def comment_feed(count: int = 250_000) -> bytes:
    """A feed whose description takes feedparser's sanitiser quadratic time (more than 60 s)."""
    return one_entry_feed(b"<!--" * count)


def attribute_feed() -> bytes:
    """A feed whose description freezes whoever makes text of it with libxml2."""
    return one_entry_feed(attribute_bomb())


def many_paragraphs(count: int = 100_000) -> bytes:
    """A big page that is nothing worse than big (8 s of trafilatura)."""
    head = b"<html lang=en><head><title>A long transcript of re:Invent 2016</title></head><body><article>"
    return head + b"".join(b"<p>line %d of it</p>" % n for n in range(count)) + b"</article></body></html>"


def article(title: str, text: str = "", links: tuple[str, ...] = ()) -> Answer:
    """A page that anybody would call an article."""
    words = text or "We went to the sessions and wrote down what we heard there, hall by hall and day by day. " * 12
    anchors = "".join(f'<p><a href="{link}">{link}</a></p>' for link in links)
    return html(
        f'<html lang="en"><head><title>{title}</title>'
        '<meta property="article:published_time" content="2016-12-02T10:00:00+09:00"></head>'
        f"<body><article><h1>{title}</h1><p>{words}</p>{anchors}</article></body></html>"
    )


def feed(*items: tuple[str, str], host: str = "feed.example") -> Answer:
    """An RSS 2.0 feed of (title, link) items."""
    entries = "".join(
        f"<item><title>{title}</title><link>{link}</link><guid>{link}</guid>"
        "<pubDate>Fri, 02 Dec 2016 10:00:00 +0900</pubDate>"
        f"<description>{title} and what was said about it</description></item>"
        for title, link in items
    )
    body = (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>A feed</title>'
        f"<link>https://{host}/</link><description>d</description>{entries}</channel></rss>"
    )
    return Answer(body.encode(), 200, {"Content-Type": "application/rss+xml; charset=utf-8"})
