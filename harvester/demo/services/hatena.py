"""The invented Hatena Bookmark: its search as feeds, counts of many addresses at once, and who bookmarked a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from harvester.demo.exchange import Reply, as_json
from harvester.demo.markup import to_words
from harvester.demo.words import dice
from harvester.demo.world import JST
from harvester.text import fold

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence
    from datetime import datetime

    from harvester.demo.exchange import Asked
    from harvester.demo.world import Doc, World

SEARCH, COUNTS = "b.hatena.ne.jp", "bookmark.hatenaapis.com"
HOSTS = (SEARCH, COUNTS)
_PER_PAGE, _MOST = 40, 50
_READERS = 60
_KINDS = ("article", "news", "slides")
_WORDS = (
    "あとで読む", "会場の様子がよく分かる", "re:Invent 2016 のまとめとして助かる", "写真が多くて良い",
    "来年は行きたい", "発表の一覧がありがたい", "これは便利そう", "英語のセッションを日本語で読めるのは嬉しい",
)  # fmt: skip
_SPACES = (
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:hatena="http://www.hatena.ne.jp/info/xmlns#"'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One public bookmark; `words` may be none."""

    user: str
    at: datetime
    words: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A page as Hatena knows it, under the address that was bookmarked; `private` are those nobody is shown."""

    eid: str
    url: str
    doc: Doc
    marks: tuple[Mark, ...]
    private: int

    @property
    def count(self) -> int:
        """All bookmarks."""
        return len(self.marks) + self.private

    @property
    def since(self) -> datetime:
        """When it was bookmarked first."""
        return min(mark.at for mark in self.marks)


def entries(world: World) -> list[Entry]:
    """Every bookmarked page, the newest first; the same for the same world."""
    rng, made = dice(f"hatena {world.seed}"), list[Entry]()
    for doc in world.docs:
        reachable = not doc.missed and not doc.site.failure and not doc.optional
        if doc.counted and reachable and doc.kind in _KINDS and rng.random() < 0.5:
            marks = tuple(_mark(rng, doc, user) for user in rng.sample(range(_READERS), rng.randint(1, 9)))
            eid, private = str(4_700_000_000_000_000_000 + len(made)), rng.randint(0, 2)
            made.append(Entry(eid=eid, url=_address(rng, doc), doc=doc, marks=marks, private=private))
    return sorted(made, key=lambda entry: (entry.since, entry.eid), reverse=True)


def _mark(rng: random.Random, doc: Doc, user: int) -> Mark:
    at = (doc.published + timedelta(minutes=rng.randint(20, 4000))).astimezone(JST).replace(second=0)
    words = rng.choice(_WORDS) if rng.random() < 0.4 else ""
    tags = ("reinvent", "AWS") if rng.random() < 0.5 else ()
    return Mark(user=f"reader{user:02}_sim", at=at, words=words, tags=tags)


def _address(rng: random.Random, doc: Doc) -> str:
    """Most people bookmark a page as it is linked, some by plain http."""
    return doc.url.replace("https://", "http://", 1) if rng.random() < 0.15 else doc.url


def posts(world: World) -> dict[str, dict[str, Any]]:
    """What is true of the comments: post key → {relevant, counted, why}."""
    truth = {"relevant": False, "counted": False, "why": "a bookmark is never counted"}
    return {
        f"hatena:{entry.eid}/{mark.user}": dict(truth)
        for entry in entries(world) for mark in entry.marks if mark.words
    }  # fmt: skip


def event(world: World) -> str:  # noqa: ARG001 - the same for all worlds
    """So many pages are bookmarked there that one crawl would not read them all."""
    return "[source.hatena_counts]\nmax_requests = 500\nentries = 250"


class Service:
    """Answers `/q/WORDS?mode=rss`, `/entry/jsonlite/`, `/count/entry` and `/count/entries`."""

    def __init__(self, world: World) -> None:
        self._entries = entries(world)
        self._by_url = {entry.url: entry for entry in self._entries}

    def answer(self, asked: Asked) -> Reply | None:
        """As the service does it: `null` for a page nobody bookmarked, a moved address for the old search."""
        parts = urlsplit(asked.target)
        given = parse_qs(parts.query)
        if parts.path == "/robots.txt":
            return None
        if asked.host == COUNTS:
            return self._counts(parts.path, given.get("url", []))
        if parts.path.startswith("/entry/jsonlite"):
            entry = self._by_url.get(given.get("url", [""])[0])
            return as_json(_shown(entry) if entry else None)
        if parts.path == "/search/text":
            target = f"https://{SEARCH}/q/{given.get('q', [''])[0]}?mode=rss"
            return Reply(301, b"", (("Location", target),))
        if parts.path.startswith("/q/") and given.get("mode") == ["rss"]:
            return self._search(unquote(parts.path.removeprefix("/q/")), {key: told[0] for key, told in given.items()})
        return None

    def _counts(self, path: str, urls: Sequence[str]) -> Reply:
        told = {url: entry.count if (entry := self._by_url.get(url)) else 0 for url in urls}
        if path == "/count/entries" and len(urls) <= _MOST:
            return as_json(told)
        if path == "/count/entry" and len(urls) == 1:
            return Reply(200, str(told[urls[0]]).encode(), (("Content-Type", "text/plain"),))
        return Reply(400, b"bad request", (("Content-Type", "text/plain"),))

    def _search(self, words: str, given: dict[str, str]) -> Reply:
        first, last = given.get("date_begin", ""), given.get("date_end", "9")
        found = [
            entry for entry in self._entries
            if _matches(entry, words, given.get("target", "all")) and entry.count >= int(given.get("users", "3"))
            and first <= f"{entry.since:%Y-%m-%d}" <= last
        ]  # fmt: skip
        start = (int(given.get("page", "1")) - 1) * _PER_PAGE
        body = _rdf(words, found[start : start + _PER_PAGE])
        return Reply(200, body.encode(), (("Content-Type", "application/xml; charset=utf-8"),))


def _matches(entry: Entry, words: str, target: str) -> bool:
    if target == "tag":
        return fold(words) in {fold(tag) for mark in entry.marks for tag in mark.tags}
    said = fold(entry.doc.title if target == "title" else f"{entry.doc.title}\n{to_words(entry.doc.blocks)}")
    terms = [fold(term) for term in words.split()]
    sites = [term.removeprefix("site:") for term in terms if term.startswith("site:")]
    on_site = all(entry.doc.site.host == site for site in sites)
    return on_site and all(term in said for term in terms if not term.startswith("site:"))


def _rdf(words: str, found: Sequence[Entry]) -> str:
    page = f"https://{SEARCH}/q/{escape(words)}"
    rows = "".join(f'<rdf:li rdf:resource="{escape(entry.url)}"/>' for entry in found)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF {_SPACES} xml:lang="ja">\n'
        f'<channel rdf:about="{page}"><title>{escape(words)}</title><link>{page}</link><description/>\n'
        f"<items><rdf:Seq>{rows}</rdf:Seq></items></channel>\n{''.join(map(_item, found))}</rdf:RDF>\n"
    )


def _item(entry: Entry) -> str:
    url, tags = escape(entry.url), dict.fromkeys(tag for mark in entry.marks for tag in mark.tags)
    title = "".join(char if char.isascii() else f"&#x{ord(char):X};" for char in escape(entry.doc.title))
    return (
        f'<item rdf:about="{url}"><title>{title}</title><link>{url}</link>\n'
        f"<description>{escape(to_words(entry.doc.blocks)[:120])}</description>\n"
        f"<dc:date>{entry.since.isoformat()}</dc:date><dc:subject>テクノロジー</dc:subject>"
        f"{''.join(f'<dc:subject>{escape(tag)}</dc:subject>' for tag in tags)}"
        f"<hatena:bookmarkcount>{entry.count}</hatena:bookmarkcount></item>\n"
    )


def _shown(entry: Entry) -> dict[str, Any]:
    plain = entry.url.partition("://")[2]
    marks = [
        {"user": mark.user, "timestamp": f"{mark.at:%Y/%m/%d %H:%M}", "comment": mark.words, "tags": list(mark.tags)}
        for mark in sorted(entry.marks, key=lambda mark: mark.at, reverse=True)
    ]
    return {
        "title": entry.doc.title, "url": entry.url, "eid": entry.eid, "count": entry.count, "bookmarks": marks,
        "entry_url": f"https://{SEARCH}/entry/{'s/' if entry.url.startswith('https') else ''}{plain}", "screenshot": "",
    }  # fmt: skip
