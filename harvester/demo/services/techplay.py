"""The invented TECH PLAY: the one feed of newly announced events, with elements of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from harvester.demo.exchange import Reply
from harvester.demo.world import NAME

if TYPE_CHECKING:
    from harvester.demo.exchange import Asked
    from harvester.demo.world import World

HOSTS = ("rss.techplay.jp",)
_PATH: Final = "/event/w3c-rss-format/rss.xml"
_NEWEST: Final = 50


def event(world: World) -> str:  # noqa: ARG001 - the same in every world
    """Opt-in: named in the event file."""
    return "[source.techplay]\nenabled = true"


class Service:
    """Answers the feed with the newest 50 events, whatever is asked for besides."""

    def __init__(self, world: World) -> None:
        titles = [f"{NAME} 帰国報告会", *(f"クラウド勉強会 #{n + world.seed % 7}" for n in range(1, _NEWEST))]
        items = "".join(_item(number, title) for number, title in enumerate(titles, 80_001))
        self._body = (
            '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" xmlns:tp="https://rss.techplay.jp/"><channel>'
            "<title>TECH PLAY</title><link>https://techplay.jp/</link><description>架空の新着イベント</description>"
            f"<language>ja</language>\n{items}</channel></rss>\n"
        ).encode()

    def answer(self, asked: Asked) -> Reply | None:
        """The feed; its other addresses do not exist."""
        if asked.target.partition("?")[0] != _PATH:
            return None
        return Reply(200, self._body, (("Content-Type", "application/rss+xml; charset=utf-8"),))


def _item(number: int, title: str) -> str:
    tags = "".join(f"<category>{tag}</category>" for tag in ("IT", "テクノロジー", "イベント", "AWS"))
    return (
        f"<item><title>{escape(title)}</title><link>https://techplay.jp/event/{number}</link>"
        "<description>架空のイベントです。</description><pubDate>Sat, 03 Dec 2016 10:00:00 +0900</pubDate>"
        f"{tags}<tp:eventDate>2016-12-20</tp:eventDate><tp:eventStartTime>2016-12-20 19:00:00</tp:eventStartTime>"
        "<tp:eventPlace>架空の会場</tp:eventPlace></item>\n"
    )
