"""Two invented Advent Calendars: one on Qiita, whose slots lead there and elsewhere, and one on Adventar."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from harvester.demo.exchange import Reply
from harvester.demo.services.qiita_feeds import atom
from harvester.demo.words import dice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harvester.demo.exchange import Asked
    from harvester.demo.world import Doc, World

HOSTS = ("qiita.com", "adventar.org")
_QIITA, _ADVENTAR = "/advent-calendar/2016/reinvent-sim", "/calendars/90016"
_SLOTS = 9
_DECEMBER, _WEEKDAYS = 12, ("Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed")  # from the first on
_FRAME = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel>
<title>{title}</title>
<description>{title}</description>
<lastBuildDate>Thu, 01 Dec 2016 00:00:00 GMT</lastBuildDate>
<docs>https://validator.w3.org/feed/docs/rss2.html</docs>
<generator>Adventar</generator>
{items}</channel>
</rss>
"""
_ITEM = """<item>
<title><![CDATA[{title}]]></title>
<link>{url}</link>
<guid>{number}</guid>
<pubDate>{weekday}, {day:02d} Dec 2016 00:00:00 GMT</pubDate>
<description><![CDATA[{calendar} {day}日目]]></description>
<dc:creator>{author}</dc:creator>
</item>
"""


def event(world: World) -> str:  # noqa: ARG001 - every world has the two
    """Where the event's organisers know them to be."""
    return f'[source.calendars]\ncalendars = ["https://qiita.com{_QIITA}", "https://adventar.org{_ADVENTAR}"]\n'


class Service:
    """Answers the feeds of both calendars."""

    def __init__(self, world: World) -> None:
        rng = dice(f"calendars {world.seed}")
        slots: dict[str, list[Doc]] = {_QIITA: [], _ADVENTAR: []}
        written = [doc for doc in world.docs if _was_promised(doc)]
        rng.shuffle(written)
        for doc in written:
            calendar = slots[_ADVENTAR if doc.site.look != "qiita" and rng.random() < 0.5 else _QIITA]
            if len(calendar) < _SLOTS and all(doc.published.day != other.published.day for other in calendar):
                calendar.append(doc)
        self._slots = {path: sorted(docs, key=lambda d: d.published) for path, docs in slots.items()}

    def answer(self, asked: Asked) -> Reply | None:
        """Atom of Qiita's, RSS of Adventar's; 404 for other calendars, and nothing for other pages."""
        if asked.host == HOSTS[0]:
            if asked.target == f"{_QIITA}/feed":
                return atom(asked.target, "re:Invent 2016 Advent Calendar 2016 - Qiita", self._slots[_QIITA])
            return Reply(404) if asked.target.startswith("/advent-calendar/") else None
        if asked.target == f"{_ADVENTAR}.rss":
            return _rss("re:Invent 2016 Advent Calendar 2016", self._slots[_ADVENTAR])
        return None if asked.target == "/robots.txt" else Reply(404)


def _was_promised(doc: Doc) -> bool:
    """Whether an article may stand in a calendar: one of December that can be read, by somebody who was there."""
    return (
        doc.counted and doc.kind == "article" and doc.author.kind == "participant" and doc.published.month == _DECEMBER
        and not doc.missed and not doc.site.failure and not doc.optional
    )  # fmt: skip


def _rss(title: str, docs: Sequence[Doc]) -> Reply:
    items = "".join(
        _ITEM.format(
            title=doc.title, url=escape(doc.url), number=700_000 + number, day=doc.published.day, calendar=title,
            author=escape(doc.author.name), weekday=_WEEKDAYS[(doc.published.day - 1) % 7],
        )
        for number, doc in enumerate(reversed(docs))
    )  # fmt: skip
    text = _FRAME.format(title=escape(title), items=items)
    return Reply(200, text.encode(), (("Content-Type", "text/html; charset=utf-8"),))  # as it really says
