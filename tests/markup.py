"""Hostile words, a database full of them, and parsers that look at what became of them in a page."""

from __future__ import annotations

import html as entities
import json
import re
from contextlib import closing
from html.parser import HTMLParser

import lxml.html
import nh3

from harvester.cli import run
from harvester.store.connection import write_tx
from harvester.store.open import open_db
from harvester.text import shown
from harvester.urls import is_web_url

# Each would run something, load something or end the place it stands in, if it were markup.
VECTORS = (
    "<!--><img src=x onerror=alert(1)>-->",
    '<form action="javascript:alert(1)"><button>x</button></form>',
    '<svg><a xlink:href="javascript:alert(1)">x</a></svg>',
    "<svg><a><animate attributeName=href values=javascript:alert(1) /></a></svg>",
    '<a href="java&#9;script:alert(1)">x</a>',
    "<script>document.title='run'</script>",
    "<img src=http://evil.example/x onerror=\"document.title='run'\">",
    "<svg onload=\"document.title='run'\">",
    "</script><script>document.title='run'</script>",
    "]]><script>document.title='run'</script>",
    "--><script>document.title='run'</script>",
    "</title><script>document.title='run'</script>",
    "</style><style>@import url(http://evil.example/s.css);</style>",
    "</caption></td></tr></table><script>document.title='run'</script>",
    "\"><img src=http://evil.example/q onerror=document.title='run'>",
    "' autofocus onfocus='document.title=1",
    "<base href=http://evil.example/><link rel=stylesheet href=http://evil.example/l.css>",
    '<meta http-equiv=refresh content="0;url=http://evil.example/m">',
    "<iframe src=http://evil.example/f></iframe><object data=http://evil.example/o></object>",
    "<video src=http://evil.example/v poster=javascript:alert(1) autoplay></video>",
    "<style>*{background:url(http://evil.example/b)}</style>",
    "{{ 7 * 7 }}{% include '/etc/passwd' %}{# no #}",
    "[x](javascript:alert(1)) ![i](http://evil.example/i) <http://evil.example/a> `c` | **b** | # h",
    "www.evil.example and https://evil.example/bare and :smile: and $x$",
    "&lt;script&gt;alert(1)&lt;/script&gt; &#60;b&#62; &amp;",
)
# None of these is a clean web address.
ADDRESSES = (
    "javascript:alert(1)", "data:text/html,<script>alert(1)</script>", " JaVaScRiPt:1", "//evil.example/",
    "https://a b/", "java\tscript:alert(1)", "https://u:p@h.example/", 'https://a.example/"onmouseover="alert(1)',
    "https://a.example/'><script>alert(1)</script>", "vbscript:x", "file:///etc/passwd",
    "https://a.example/<svg onload=1>", "http://h:99999/", "https://a.example/`x`", "\x01javascript:alert(1)",
)  # fmt: skip
GOOD = "https://good.example/post?a=1&b=2"
_TAGS = frozenset((
    "html", "head", "meta", "title", "style", "body", "header", "nav", "main", "section", "footer", "div", "p", "b",
    "i", "span", "small", "ul", "li", "dl", "dt", "dd", "h1", "h2", "a", "table", "caption", "thead", "tbody", "tr",
    "th", "td", "h3", "figure", "figcaption", "details", "summary", "svg", "defs", "pattern", "path", "rect", "text",
))  # fmt: skip
_ATTRIBUTES = frozenset((
    "lang", "charset", "http-equiv", "content", "name", "class", "id", "role", "scope", "tabindex", "aria-labelledby",
    "aria-label", "aria-hidden", "data-of", "href", "rel", "viewbox", "viewBox", "d", "x", "y", "width", "height",
    "transform",
    "fill", "patternunits", "patternUnits", "stroke-width", "stroke-dasharray", "stroke-dashoffset", "stroke-linecap",
    "stroke-linejoin", "opacity", "text-anchor", "font-size",
))  # fmt: skip
_LIVE = frozenset((
    "script", "img", "form", "button", "iframe", "object", "embed", "base", "link", "video", "audio", "input",
    "animate", "math", "template", "textarea", "select",
))  # fmt: skip


def records(words, addresses):
    """Interchange records with every word in every text that a report or Datasette shows, each post at an address."""
    yield {"type": "event", "event": "e", "name": words[0], "city": words[1], "names": list(words),
           "hashtags": [words[2]], "starts_at": "2016-12-21T10:00:00Z", "ends_at": "2016-12-21T12:00:00Z",
           "timezone": "Asia/Tokyo", "media_outlets": 2}  # fmt: skip
    for number, word in enumerate(words):
        address, author = addresses[number % len(addresses)], f"web:a{number}"
        yield {"type": "author", "author": author, "platform": "web", "handle": f"a{number}", "name": word,
               "url": address, "bio": word, "organisation": word, "website": address}  # fmt: skip
        yield {"type": "label", "event": "e", "author": author, "kind": "participant", "subkind": word, "review": word}
        reasons = [{"rule": "R1", "weight": 20, "snippet": f"#{word}"}, {"rule": word, "weight": 9, "snippet": word}]
        tie = {"event": "e", "counted": number % 3 != 2, "relevance": "confirmed", "reasons": reasons}
        tie["not_counted_reason"] = None if tie["counted"] else word
        yield {"type": "post", "post": f"p{number}", "url": address, "kind": "article", "platform": "web",
               "title": word, "text": word, "author": author, "published_at": "2016-12-21T11:00:00Z",
               "hashtags": [word], "publisher": word, "canonical_url": address, "events": [tie]}  # fmt: skip
        told = {"type": "run", "run": "r", "command": "crawl", "event": "e", "source_event": "e", "status": "failed",
                "started_at": "2016-12-22T00:00:00Z", "reason": word, "detail": word, "platforms": ["web"]}  # fmt: skip
        yield told | {"source": word, "query": ""}
        yield told | {"source": "feeds", "query": word}
    yield {"type": "post", "post": "good", "url": GOOD, "kind": "news", "platform": "web", "title": "good",
           "language": "ja", "published_at": "2016-12-21T12:00:00Z", "events": [{"event": "e"}]}  # fmt: skip


def database(folder, words=VECTORS, addresses=ADDRESSES):
    """A database with these words in it, filled through `harvest import` and one error text at a time."""
    lines, db = folder / "in.jsonl", folder / "h.db"
    lines.write_text("".join(json.dumps(r) + "\n" for r in records(words, addresses)), encoding="utf-8")
    assert run(["import", "e", str(lines), "--db", str(db)]) == 0
    rows = [("e", word, str(n), addresses[n % len(addresses)], "h", "failed", word) for n, word in enumerate(words)]
    with closing(open_db(db, "rw")) as conn, write_tx(conn):
        conn.executemany(
            "INSERT INTO frontier (event, source, fingerprint, url, host, state, reason, added_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 'x')",
            rows,
        )
    return db


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, {name: value or "" for name, value in attrs}))


def tags(html):
    """(tag, attributes) of every element in order, as Python's parser sees them."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.tags


def tree_tags(html):
    """The same as libxml2 sees it."""
    elements = lxml.html.document_fromstring(html).iter()
    return [(element.tag, dict(element.attrib)) for element in elements if isinstance(element.tag, str)]


def skeleton(html):
    """Tags with the names of their attributes: what a page is made of, without its words."""
    return [[(tag, sorted(attributes)) for tag, attributes in parse(html)] for parse in (tags, tree_tags)]


def text_of(html):
    """The words of a page, white space as one space."""
    return " ".join(lxml.html.document_fromstring(html).text_content().split())


def as_shown(text):
    """A text as a page shows it."""
    return " ".join(shown(text).split())


def assert_inert(html):
    """A report page runs nothing, loads nothing and leads only to clean web addresses, whoever parses it."""
    for parse in (tags, tree_tags):
        for tag, attributes in parse(html):
            assert tag in _TAGS, (tag, attributes)
            assert set(attributes) <= _ATTRIBUTES, (tag, attributes)
            href = attributes.get("href")
            assert href is None or href.startswith("#") or is_web_url(href), href
            assert href is None or href.startswith("#") or attributes["rel"] == "noreferrer noopener", attributes
            assert re.fullmatch(r"url\(#[a-z0-9-]+\)", attributes.get("fill", "url(#a)")), attributes
    # html5ever, a parser by the letter of the standard, sees no element that could do anything.
    assert "<" not in nh3.clean(html, tags=set(_LIVE), clean_content_tags={"style"}, link_rel=None)
    style = html[html.index("<style>") : html.index("</style>")].lower()
    assert "url(" not in style
    assert "@import" not in style


def tables_of(html):
    """Caption to rows of cell texts."""
    return {
        " ".join(table.find("caption").text_content().split()): [
            [" ".join(cell.text_content().split()) for cell in row] for body in table.findall("tbody") for row in body
        ]
        for table in lxml.html.document_fromstring(html).iter("table")
    }


def unescaped(text):
    """What a renderer shows of Markdown text."""
    return entities.unescape(re.sub(r"\\([!-/:-@\[-`{-~])", lambda match: f"&#{ord(match[1])};", text))


def markdown_tables(text):
    """Caption to rows of cell texts of a Markdown report, links as their words."""
    plain = re.sub(r"(?<!\\)\[((?:\\.|[^\]])*)\]\(<[^>]*>\)", r"\1", text)
    found = {}
    for caption, body in re.findall(r"^\*\*(.*)\*\*\n\n((?:\|.*\n)+)", plain, re.MULTILINE):
        lines = [line[2:-2].split(" | ") for line in body.split("\n")[2:-1]]
        found[unescaped(caption)] = [[" ".join(unescaped(cell).split()) for cell in line] for line in lines]
    return found
