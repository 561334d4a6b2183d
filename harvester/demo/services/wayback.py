"""The invented Wayback Machine: captures of every page and of feeds, and three blogs that live on only there."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import parse_qs, quote_plus, urlsplit

from harvester import urls
from harvester.demo import feeds, sites
from harvester.demo.exchange import Reply, as_json
from harvester.demo.words import dice
from harvester.demo.world import ENDS, Doc, Site

if TYPE_CHECKING:
    from harvester.demo.exchange import Asked
    from harvester.demo.world import World

HOSTS = ("web.archive.org",)
CLOSED: Final = "closed-diary.example.net"  # a service for diaries that is no more
GONE: Final = 3
_CAPTURE: Final = re.compile(r"/web/(\d{14})id_/(.+)")
_FEED_DAYS: Final = (1, 8, 20)  # after the event


class _Row(NamedTuple):
    key: str
    timestamp: str
    original: str
    mimetype: str
    page: Doc | Site


def extend(world: World) -> None:
    """Three people kept a copy of a report on a service that has closed since: nobody answers there any more."""
    rng = dice(f"wayback {world.seed}")
    reports = list({doc.author.id: doc for doc in world.stories("participant") if _can_be_copied(doc)}.values())
    for doc in rng.sample(reports, min(GONE, len(reports))):
        person = doc.author
        site = Site(
            host=f"{person.host_label}.{CLOSED}", title=f"{person.family}の日記", look="jekyll", owner=person,
            failure="dead", language=doc.language,
        )  # fmt: skip
        later = doc.published + timedelta(hours=rng.randint(30, 60))
        world.sites.append(site)
        world.docs.append(
            Doc(
                url=f"{site.home}{later:%Y/%m/%d}/reinvent.html", site=site, author=doc.author, title=doc.title,
                blocks=doc.blocks, published=later, kind=doc.kind, story=doc.story, relevant=True,
                why="the same author's copy at a service that has closed since", copy_of=doc.url, relation="crosspost",
                language=doc.language,
            )
        )  # fmt: skip


def _can_be_copied(doc: Doc) -> bool:
    healthy = not doc.missed and not doc.site.failure and doc.pages == 1
    return healthy and doc.kind == "article" and doc.site.look in ("hatena", "hugo", "jekyll", "wordpress")


def event(world: World) -> str:
    """The closed blogs, which an organiser remembers. Everybody's old pages would be what the crawl has already."""
    gone = ", ".join(f'"{site.home}"' for site in world.sites if site.host.endswith(CLOSED))
    return f"[source.wayback]\nsites = [{gone}]\nhomes = false"


class Service:
    """Answers `/cdx/search/cdx` and `/web/<14 digits>id_/<address>`."""

    def __init__(self, world: World) -> None:
        self._docs = world.docs
        rows = [
            _row(doc.url, doc.published + timedelta(days=2), "text/html", doc) for doc in world.docs if not doc.missed
        ]
        for site in world.sites:
            days = _FEED_DAYS if site.feed else ()
            rows += [_row(site.feed_url, ENDS + timedelta(days=day), "application/xml", site) for day in days]
        self._rows = sorted(rows, key=lambda row: (row.key, row.timestamp))

    def answer(self, asked: Asked) -> Reply | None:
        """Rows of the index, bytes of a capture, or 404."""
        parts = urlsplit(asked.target)
        if parts.path == "/cdx/search/cdx":
            return self._index(parse_qs(parts.query))
        found = _CAPTURE.fullmatch(asked.target)
        return self._capture(found[1], found[2]) if found else None

    def _index(self, given: dict[str, list[str]]) -> Reply:
        url = given.get("url", [""])[0]
        if not url or given.get("output") != ["json"]:
            return Reply(
                400, b"Bad Request: url and output=json are expected here\n", (("Content-Type", "text/plain"),)
            )
        key = _key_of(url.removesuffix("*"))
        first, last = given.get("from", ["0"])[0], given.get("to", ["9"])[0].ljust(14, "9")
        filters = dict(told.partition(":")[::2] for told in given.get("filter", []))
        rows = [
            row for row in self._rows
            if (row.key.startswith(key) if url.endswith("*") else row.key.rstrip("/") == key.rstrip("/"))
            and first <= row.timestamp <= last
            and re.fullmatch(filters.get("mimetype", ".*"), row.mimetype)
            and re.fullmatch(filters.get("statuscode", ".*"), "200")
        ]  # fmt: skip
        mark, limit = given.get("resumeKey", [""])[0], int(given.get("limit", ["150000"])[0])
        rows = [row for row in rows if _mark(row) > mark]
        shown = rows[limit:] if limit < 0 else rows[:limit]
        told: list[list[str]] = [["timestamp", "original"], *([row.timestamp, row.original] for row in shown)]
        if "showResumeKey" in given and len(shown) < len(rows):
            told += [[], [quote_plus(_mark(shown[-1]))]]
        return as_json(told if shown else [])

    def _capture(self, timestamp: str, original: str) -> Reply:
        rows = [row for row in self._rows if row.key.rstrip("/") == _key_of(original).rstrip("/")]
        if not rows:
            return Reply(404, b"<html><title>Not in the archive</title></html>", (("Content-Type", "text/html"),))
        row = min(rows, key=lambda row: abs(_moment(row.timestamp) - _moment(timestamp)))
        if row.timestamp != timestamp:
            nearest = f"https://{HOSTS[0]}/web/{row.timestamp}id_/{row.original}"
            return Reply(302, b"", (("Location", nearest),))
        body, kind = self._bytes(row)
        taken = format_datetime(_moment(timestamp), usegmt=True)
        return Reply(200, body, (("Content-Type", kind), ("Memento-Datetime", taken)))

    def _bytes(self, row: _Row) -> tuple[bytes, str]:
        if isinstance(row.page, Doc):
            site, label = row.page.site, sites.label_of(row.page.site)
            html = sites.page(row.page, [])
            return _encoded(html, site), "text/html" + (f"; charset={label}" if label else "")
        then = _moment(row.timestamp)
        docs = [doc for doc in self._docs if doc.site is row.page and doc.published <= then and not doc.missed]
        return _encoded(feeds.render(row.page, docs), row.page), row.mimetype


def _encoded(text: str, site: Site) -> bytes:
    return text.encode(site.charset, "xmlcharrefreplace")


def _row(url: str, at: datetime, mimetype: str, page: Doc | Site) -> _Row:
    return _Row(_key_of(url), f"{at.astimezone(UTC):%Y%m%d%H%M%S}", url, mimetype, page)


def _key_of(url: str) -> str:
    """An address without its scheme, as the index sorts it, the same for all spellings of one page."""
    bare = url.rpartition("://")[2]
    if not urls.is_web_url(f"https://{bare}"):
        return bare
    parts = urlsplit(f"https://{bare}")
    return f"{(parts.hostname or '').removeprefix('www.')}{parts.path}{'?' + parts.query if parts.query else ''}"


def _mark(row: _Row) -> str:
    return f"{row.key} {row.timestamp}!"


def _moment(timestamp: str) -> datetime:
    return datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
