"""Doorkeeper's events: which are asked for, what a record says, and what the limit in a header is. Pure."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from harvester.contract import Contract, count, text
from harvester.model import Draft
from harvester.payloads.answers import part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harvester.event import Event

EVENTS: Final = Contract(
    required=("id", "title", "public_url"),
    fields={
        "id": "whole number", "title": "text", "public_url": "text", "published_at": "text", "updated_at": "text",
        "starts_at": "text", "participants": "whole number", "waitlisted": "whole number",
    },
    unread=frozenset({
        "address", "banner", "description", "ends_at", "group", "lat", "long", "ticket_limit", "venue_name",
    }),
)  # fmt: skip
DAY: Final = timedelta(days=1)  # more at both ends of the event, where zones could differ
_PAGE: Final = re.compile(r"https?://([\w-]+)\.doorkeeper\.jp(?:/events/(\d+))?", re.ASCII | re.IGNORECASE)


def questions(event: Event, more: Sequence[str], named: Sequence[str]) -> dict[str, tuple[str, dict[str, str]]]:
    """What is asked: the question's name to its path and fields. Names are looked for when no page is known.

    `more` are numbers or pages of the event, `named` groups, besides those in the event's own addresses.
    """
    pages = [found.groups() for word in (*more, *event.event_urls) if (found := _PAGE.match(word))]
    ids = dict.fromkeys([*(word.strip() for word in more if word.strip().isdigit()), *(n for _, n in pages if n)])
    groups = dict.fromkeys([*named, *(group for group, n in pages if not n)])
    window = {"since": f"{event.starts - DAY:%Y-%m-%d}", "until": f"{event.ends + DAY:%Y-%m-%d}"}
    window |= {"sort": "starts_at"}
    asked: dict[str, tuple[str, dict[str, str]]] = {f"event {number}": (f"/events/{number}", {}) for number in ids}
    asked |= {f"group {group}": (f"/groups/{quote(group, safe='')}/events", dict(window)) for group in groups}
    if not asked:
        names = dict.fromkeys((event.name, *event.names))
        asked = {f'"{name}"': ("/events", {"q": name} | window) for name in names}
    return asked


def requests_left(header: bytes | None) -> int | None:
    """How many requests of the five minutes are left; the limit is JSON inside a header."""
    try:
        return count(part(json.loads(header or b"{}")).get("remaining"))
    except ValueError:
        return None


def draft_of(event: dict[str, Any]) -> Draft:
    """The page of an event, without the organiser's own words."""
    kept = {name: value for name, value in event.items() if name not in ("description", "banner")}
    return Draft(
        url=text(event["public_url"]), kind="event_page", title=text(event["title"]),
        published=text(event.get("published_at")), published_origin="api", updated=text(event.get("updated_at")),
        raw=json.dumps(kept, ensure_ascii=False),
    )  # fmt: skip
