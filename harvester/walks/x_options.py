"""What may stand under [source.x] of an event file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from harvester.options import Option

if TYPE_CHECKING:
    from collections.abc import Mapping

ORIGINS: Final = ("https://api.x.com", "https://api.twitter.com")
OPTIONS: Final[Mapping[str, Option]] = {
    "max_usd": Option(kind="amount", default=5.0, doc="Dollars that one crawl may cost."),
    "max_posts": Option(kind="whole number", default=1_000, doc="Posts that one crawl may read."),
    "max_usd_month": Option(kind="amount", default=20.0, doc="Dollars that a calendar month (UTC) may cost."),
    "reactions_usd": Option(
        kind="amount", default=0.0,
        doc="Dollars of them for the reactions of known posts, asked for again at 0.005 a post.",
    ),
    "replies": Option(
        kind="whole number", default=0, doc="Of each question's posts, so many of the most answered: their replies."
    ),
    "quotes": Option(
        kind="whole number", default=0, doc="Of each question's posts, so many of the most quoted: their quotes."
    ),
    "archive": Option(
        kind="yes/no",
        doc="`true` searches all of X, `false` the last seven days; without it, what the event needs.",
    ),
    "queries": Option(
        kind="texts", default=(), minimum=1,
        doc="Searches in X's syntax, asked in place of the event's names and hashtags.",
    ),
    "naming": Option(kind="text", default="tweet", choices=("tweet", "post"), doc="Field names that X is sent."),
    "base_url": Option(kind="text", default=ORIGINS[0], choices=ORIGINS, doc="Address of the interface."),
}  # fmt: skip
