"""Sitemaps of the invented web: those that Hugo and Jekyll write by themselves, named in robots.txt or not."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from harvester.demo.exchange import Reply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harvester.demo.exchange import Asked
    from harvester.demo.world import Doc, Site, World

HOSTS = ()
LOOKS: Final = ("hugo", "jekyll")
_BUILT: Final = "2017-01-11T12:00:00+09:00"  # Hugo writes when the site was built
_NAMESPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"


def has_sitemap(site: Site) -> bool:
    """Whether a site has one."""
    return site.look in LOOKS and not site.failure and not site.prefix


def event(world: World) -> str:
    """Some of those sites, as an organiser would write them down."""
    named = ", ".join(f'"{site.home}"' for site in world.sites if has_sitemap(site) and site.listed)
    return f"[source.sitemaps]\nsites = [{named}]" if named else ""


class Service:
    """Answers `/robots.txt` and the sitemaps of every healthy site of these programs."""

    def __init__(self, world: World) -> None:
        self._sites = {site.host: site for site in world.sites if has_sitemap(site)}
        self._docs = world.docs
        self.hosts = list(self._sites)

    def answer(self, asked: Asked) -> Reply | None:
        """A packed index for Jekyll, one plain file for Hugo; None for pages."""
        site = self._sites[asked.host.lower()]
        docs = [doc for doc in self._docs if doc.site is site]
        if site.look == "hugo":
            return _xml(_pages(site, docs, built=True)) if asked.target == "/sitemap.xml" else None
        if asked.target == "/robots.txt" and "Disallow: /\n" not in (site.robots or ""):
            text = f"{site.robots or 'User-agent: *'}\nSitemap: {site.home}maps/index.xml\n"
            return Reply(200, text.encode(), (("Content-Type", "text/plain"),))
        if asked.target == "/maps/index.xml":
            posts = f"<sitemap><loc>{site.home}maps/posts.xml.gz</loc></sitemap>"
            return _xml(f'<sitemapindex xmlns="{_NAMESPACE}">{posts}</sitemapindex>')
        if asked.target == "/maps/posts.xml.gz":
            body = gzip.compress(_pages(site, docs, built=False).encode(), 5, mtime=0)
            return Reply(200, body, (("Content-Type", "application/octet-stream"),))
        return None


def _pages(site: Site, docs: Sequence[Doc], *, built: bool) -> str:
    rows = "".join(
        f"<url><loc>{escape(doc.url)}</loc><lastmod>{_BUILT if built else doc.published.isoformat()}</lastmod></url>"
        for doc in docs
    )
    return f'<urlset xmlns="{_NAMESPACE}"><url><loc>{site.home}</loc></url>{rows}</urlset>'


def _xml(text: str) -> Reply:
    return Reply(
        200, f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode(), (("Content-Type", "application/xml"),)
    )
