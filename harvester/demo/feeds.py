"""Feeds of the invented web: RSS 1.0, RSS 2.0 and Atom; whole, cut short, all dated at once, in JST, or broken.

WordPress and Hatena Blog show the newest ten entries and have the others where those programs have them: on pages that
the feed does not name, and in a longer feed. Feeds of Jekyll name older pages (RFC 5005), but those of the event file.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from harvester.demo.markup import to_html, to_words
from harvester.demo.words import table
from harvester.demo.world import JST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harvester.demo.world import Doc, Site

ENTRIES: Final = 40
_WORDPRESS: Final = ("wordpress", "corporate", "vendor")
_SIZE: Final = {"wordpress": 10, "corporate": 10, "vendor": 10, "hatena": 10}
_SHORT, _LARGEST, _MOST = 2, 100, 200  # entries of a feed that names older pages, of a longer one, of all pages
_BUILT: Final = datetime(2017, 1, 11, 12, 0, tzinfo=JST)  # the one date of every item in a build_time feed
_ENCODINGS: Final = {"cp932": "Shift_JIS", "euc_jp": "EUC-JP"}
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def pages(site: Site, docs: Sequence[Doc]) -> list[tuple[str, str]]:
    """Address and text of a site's feed and of what lies behind it, the feed itself first."""
    found = [(_address(site, 1), render(site, docs))]
    if site.feed_shape == "broken":
        return found
    if site.look == "hatena":
        return [*found, (f"{site.feed_url}?size={_LARGEST}", render(site, docs, size=_LARGEST))]
    if site.look in _WORDPRESS or _names_older(site):
        last = -(-min(len(docs), _MOST) // _size(site))
        found += [(_address(site, number), render(site, docs, number)) for number in range(2, last + 1)]
    return found


def _size(site: Site) -> int:
    return _SHORT if _names_older(site) else _SIZE.get(site.look, ENTRIES)


def _names_older(site: Site) -> bool:
    return site.look == "jekyll" and not site.listed


def render(site: Site, docs: Sequence[Doc], number: int = 1, *, size: int = 0) -> str:
    """The newest posts of a site in its format, or those of an older page."""
    size = size or _size(site)
    newest = sorted(docs, key=lambda d: d.published, reverse=True)[:_MOST]
    shown = newest[(number - 1) * size : number * size]
    layout = table("feeds")[site.feed]
    latest = max((d.published for d in docs), default=_BUILT).astimezone(UTC)
    more = _names_older(site) and len(newest) > number * size
    text = str(layout["frame"]).lstrip().format_map({
        "encoding": _ENCODINGS.get(site.charset, "UTF-8"), "title": escape(site.title), "home": site.home,
        "url": site.feed_url, "language": site.language, "id": f"tag:{site.host},2016:{site.prefix or '/'}",
        "updated": f"{latest:%Y-%m-%dT%H:%M:%SZ}", "items": "".join(_item(site, layout, doc) for doc in shown),
        "order": "".join(f'<rdf:li rdf:resource="{d.url}"/>' for d in shown), "program": _program(site),
        "older": f'<link rel="next" href="{_address(site, number + 1)}"/>' if more else "",
    })  # fmt: skip
    if site.feed_shape == "broken":
        return text.replace("&amp;", "&").replace("</title>", " & more</title>", 3)[: len(text) * 2 // 3]
    return text


def _program(site: Site) -> str:
    if site.look in _WORDPRESS:
        return "https://wordpress.org/?v=4.7&amp;synthetic=harvester-demo"
    return f"{'Hatena::Blog, ' if site.look == 'hatena' else ''}harvester demo (synthetic)"


def _address(site: Site, number: int) -> str:
    key = "paged" if site.look in _WORDPRESS else "page"
    return f"{site.feed_url}?{key}={number}" if number > 1 else site.feed_url


def _item(site: Site, layout: dict[str, str], doc: Doc) -> str:
    body = "" if site.feed_shape == "summary" else layout["body"].format(html=to_html(doc.blocks, "h3"))
    author = doc.byline or (doc.author.handle if site.look == "hatena" else doc.author.name)
    return layout["item"].lstrip().format_map({
        "title": escape(doc.title), "url": doc.url, "guid": f"tag:{site.host},2016:{doc.story}",
        "date": _date(site, doc),
        "author": escape(author), "summary": escape(to_words(doc.blocks)[:90] + "…"), "body": body,
    })  # fmt: skip


def _date(site: Site, doc: Doc) -> str:
    at = _BUILT if site.feed_shape == "build_time" else doc.published
    if site.feed != "rss2":
        return at.isoformat()
    zone = "JST" if site.feed_shape == "jst" else "+0900"
    local = at.astimezone(JST)  # names of days and months by hand: strftime's follow the locale
    return f"{_DAYS[local.weekday()]}, {local.day:02d} {_MONTHS[local.month - 1]} {local:%Y %H:%M:%S} {zone}"
