"""What every host of the invented web answers: its services, and one table of pages. No sockets here."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from datetime import UTC
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harvester.demo import extras, feeds, sites
from harvester.demo.exchange import Reply
from harvester.demo.services import Services

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harvester.demo.exchange import Asked
    from harvester.demo.world import Doc, Site, World

TAG_PAGE = "/referencecat/aws-reinvent-2016/"
_TRACKING = ("utm_", "fbclid", "amp")


class Web:
    """All hosts of a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._pages: dict[tuple[str, str], Reply] = {}
        self._faults = {site.host: site.failure for site in world.sites if site.failure}
        self._services = Services(world)
        self._hosts: set[str] = set()
        self._add_sites()
        for source, target in world.redirects.items():
            self._put(source, Reply(301, b"", (("Location", target),)))
        for url, (html, _) in extras.pages().items():
            self._put(url, _html(html, "utf-8", "utf-8", stamp=""))

    def answer(self, asked: Asked) -> Reply:
        """The answer to a request, before conditions and compression."""
        host = asked.host.lower()
        if self._faults.get(host) == "dead":
            return Reply(hang_up=True)
        if (reply := self._services.answer(asked)) is not None:
            return reply
        if self._faults.get(host) == "busy" and asked.target != "/robots.txt":
            return Reply(429, b"slow down", (("Retry-After", "3600"), ("Content-Type", "text/plain")))
        return self._page(host, asked.target)

    def _page(self, host: str, target: str) -> Reply:
        path, _, query = target.partition("?")
        found = self._pages.get((host, target))
        if found is None and all(part.startswith(_TRACKING) for part in query.split("&")):
            found = self._pages.get((host, path))
        if found is None and (host, path + "/") in self._pages:
            return Reply(301, b"", (("Location", f"https://{host}{path}/"),))
        if found is not None:
            return found
        if host not in self._hosts and host not in self._services:
            return Reply(hang_up=True)
        body = "<html><head><title>404</title></head><body><h1>ページが見つかりません</h1></body></html>"
        return Reply(404, body.encode(), (("Content-Type", "text/html; charset=utf-8"),))

    def _put(self, url: str, reply: Reply) -> None:
        parts = urlsplit(url)
        self._hosts.add(parts.netloc)
        self._pages[parts.netloc, parts.path + (f"?{parts.query}" if parts.query else "")] = reply

    def _add_sites(self) -> None:
        docs: dict[int, list[Doc]] = defaultdict(list)
        for doc in self.world.docs:
            docs[id(doc.site)].append(doc)
        for site in self.world.sites:
            mine = sorted(docs[id(site)], key=lambda d: d.published, reverse=True)
            self._put(site.home, _of(site, sites.front(site, mine), mine))
            if site.prefix:
                self._put(site.home.rstrip("/"), _of(site, sites.front(site, mine), mine))
            if site.robots is not None:
                self._put(
                    f"https://{site.host}/robots.txt",
                    Reply(200, site.robots.encode(), (("Content-Type", "text/plain"),)),
                )
            if site.feed:
                for url, text in feeds.pages(site, mine):
                    self._put(url, _feed(site, text, mine))
            self._add_docs(site, mine)

    def _add_docs(self, site: Site, docs: Sequence[Doc]) -> None:
        for doc in docs:
            self._put(doc.url, _of(site, sites.page(doc, docs[:6]), [doc]))
            if doc.pages > 1:
                self._put(doc.url + "?page=2", _of(site, sites.page(doc, docs[:6], part=2), [doc]))
            for url in doc.aliases:
                self._put(url, _of(site, sites.page(doc, docs[:6], amp=url.endswith("/amp/")), [doc]))
        if site.look == "corporate":
            reports = [doc for doc in docs if doc.relevant]
            self._put(f"https://{site.host}{TAG_PAGE}", _of(site, sites.front(site, reports), reports))
        for author in {doc.author.id: doc.author for doc in docs}.values():
            theirs = [doc for doc in docs if doc.author is author]
            for label in {author.handle, author.host_label}:
                self._put(f"{site.home}author/{label}/", _of(site, sites.front(site, theirs), theirs))


def _of(site: Site, html: str, docs: Sequence[Doc]) -> Reply:
    stamp = _newest(docs) if site.validators else ""
    return _html(html, site.charset, sites.label_of(site), stamp=stamp)


def _newest(docs: Sequence[Doc]) -> str:
    return format_datetime(max(d.published for d in docs).astimezone(UTC), usegmt=True) if docs else ""


def _html(html: str, charset: str, label: str, *, stamp: str) -> Reply:
    kind = "text/html" + (f"; charset={label}" if label else "")
    body = html.encode(charset, "xmlcharrefreplace")
    return Reply(200, body, (("Content-Type", kind), *_validators(body, stamp)))


def _feed(site: Site, xml: str, docs: Sequence[Doc]) -> Reply:
    kind = {"atom": "application/atom+xml", "rss2": "application/rss+xml", "rss1": "application/rdf+xml"}[site.feed]
    body = xml.encode(site.charset, "xmlcharrefreplace")
    return Reply(200, body, (("Content-Type", kind), *_validators(body, _newest(docs))))


def _validators(body: bytes, stamp: str) -> tuple[tuple[str, str], ...]:
    """An ETag of the bytes, with a last change where the site keeps one; nothing for pages without either."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    return (("ETag", tag), ("Last-Modified", stamp)) if stamp else ()
