"""Feeds of the invented web: RSS 1.0, RSS 2.0 and Atom; whole, cut short, all dated at once, in JST, or broken."""

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
_BUILT: Final = datetime(2017, 1, 11, 12, 0, tzinfo=JST)  # the one date of every item in a build_time feed
_ENCODINGS: Final = {"cp932": "Shift_JIS", "euc_jp": "EUC-JP"}
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def render(site: Site, docs: Sequence[Doc]) -> str:
    """The newest posts of a site in its format."""
    newest = sorted(docs, key=lambda d: d.published, reverse=True)[:ENTRIES]
    layout = table("feeds")[site.feed]
    latest = max((d.published for d in docs), default=_BUILT).astimezone(UTC)
    text = str(layout["frame"]).lstrip().format_map({
        "encoding": _ENCODINGS.get(site.charset, "UTF-8"), "title": escape(site.title), "home": site.home,
        "url": site.feed_url, "language": site.language, "id": f"tag:{site.host},2016:{site.prefix or '/'}",
        "updated": f"{latest:%Y-%m-%dT%H:%M:%SZ}", "items": "".join(_item(site, layout, doc) for doc in newest),
        "order": "".join(f'<rdf:li rdf:resource="{d.url}"/>' for d in newest),
    })  # fmt: skip
    if site.feed_shape == "broken":
        return text.replace("&amp;", "&").replace("</title>", " & more</title>", 3)[: len(text) * 2 // 3]
    return text


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
