"""The invented Lobsters: the feed of new submissions, and a robots.txt that wants nobody."""

from __future__ import annotations

from datetime import UTC, timedelta
from email.utils import format_datetime
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harvester.demo.exchange import Reply
from harvester.demo.words import dice
from harvester.demo.world import NAME, WRITTEN

if TYPE_CHECKING:
    from datetime import datetime

    from harvester.demo.exchange import Asked
    from harvester.demo.world import World

HOSTS = ("lobste.rs",)
_PER_PAGE, _LINKS = 25, 3
_ROBOTS = b"User-agent: *\nDisallow: /\n"


def event(world: World) -> str:  # noqa: ARG001 - the same for all worlds
    """Nobody is asked there unless the event file says so."""
    return "[source.lobsters]\nenabled = true"


class Service:
    """Answers `GET /newest.rss`."""

    def __init__(self, world: World) -> None:
        rng = dice(f"lobsters {world.seed}")
        known = [doc for doc in world.docs if doc.counted and doc.kind in WRITTEN and not doc.optional]
        known = [doc for doc in known if not doc.missed and not doc.site.failure]
        made: list[tuple[datetime, str, str]] = []
        for doc in rng.sample(known, min(_LINKS, len(known))):
            when = doc.published + timedelta(minutes=rng.randint(30, 2000))
            made.append((when, f"{NAME}: {doc.title}", doc.url))
        latest = max(when for when, _, _ in made)
        for number in range(_PER_PAGE - len(made)):
            other = f"https://wheels.example.net/lobsters/{number}"
            made.append((latest - timedelta(minutes=97 * number), f"Wheel no. {number}", other))
        self._rows = sorted(made, reverse=True)

    def answer(self, asked: Asked) -> Reply | None:
        """RSS, the newest first."""
        path = urlsplit(asked.target).path
        if path == "/robots.txt":
            return Reply(200, _ROBOTS, (("Content-Type", "text/plain"),))
        if path != "/newest.rss":
            return None
        rows = "".join(_row(number, *row) for number, row in enumerate(self._rows))
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>Lobsters</title>\n'
            f"<description></description><link>https://lobste.rs/newest</link>\n{rows}</channel></rss>\n"
        )
        return Reply(200, body.encode(), (("Content-Type", "application/rss+xml; charset=utf-8"),))


def _row(number: int, when: datetime, title: str, url: str) -> str:
    page = f"https://lobste.rs/s/sim{number:03}"
    talk = escape(f'<p><a href="{page}/x">Comments</a></p>')
    return (
        f'<item><title>{escape(title)}</title><link>{escape(url)}</link><guid isPermaLink="false">{page}</guid>'
        f"<author>lob{number}_sim@users.lobste.rs (lob{number}_sim)</author>"
        f"<pubDate>{format_datetime(when.astimezone(UTC))}</pubDate><comments>{page}/x</comments>"
        f"<description>{talk}</description><category>event</category></item>\n"
    )
