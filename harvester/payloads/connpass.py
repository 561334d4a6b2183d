"""connpass's events and presentations: which are asked for, when, and what a record says. Pure.

- counts          `accepted` is who registered, never who came; an advertisement, a cancelled event and one whose
                  registration has not begun have none
- presentations   a deck or a video is a draft, a report somebody wrote is an address to read; that it was put up at the
                  event's page, and by which account, is an edge: the address itself says best who made it
- created_at      when it was put up at connpass: it was published by then, and nobody says when
- type            written `presentation_type` by some answers and `presentation-type` by others
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from harvester import urls
from harvester.contract import Contract, count, text
from harvester.model import Draft, DraftAuthor, Edge, Link
from harvester.payloads.answers import Json, part
from harvester.walks.timeline import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from harvester.event import Event

EVENTS: Final = Contract(
    required=("id", "title", "url"),
    fields={
        "id": "whole number", "title": "text", "url": "text", "catch": "text", "hash_tag": "text",
        "started_at": "text", "event_type": "text", "open_status": "text", "accepted": "whole number",
        "waiting": "whole number",
    },
    unread=frozenset({
        "address", "description", "ended_at", "group", "image_url", "lat", "limit", "lon", "owner_display_name",
        "owner_id", "owner_nickname", "place", "updated_at",
    }),
)  # fmt: skip
PRESENTATIONS: Final = Contract(
    required=("url",),
    fields={
        "url": "text", "name": "text", "presentation_type": "text", "presentation-type": "text", "created_at": "text",
        "user": "object", "user.nickname": "text", "presenter": "object", "presenter.nickname": "text",
    },
)  # fmt: skip
POLLS: Final = (1, 3, 7, 30, 90)  # days after the end on which presentations are asked for again
_DRAFTS: Final = {"slide": "slides", "movie": "video"}
_NO_COUNTS: Final = {"cancelled": "cancelled", "preopen": "registration has not begun"}
_PAGE: Final = re.compile(r"https?://(?:([\w-]+)\.)?connpass\.com(?:/event/(\d+)|/?$)", re.ASCII | re.IGNORECASE)
_NOT_GROUPS: Final = frozenset({"", "www", "api", "help", "media", "staff"})


def event_ids(event: Event, more: Iterable[str]) -> list[str]:
    """The numbers of the event's pages at connpass: those named, as numbers or addresses, and its own pages'."""
    told = [number for address in (*more, *event.event_urls) if (number := _parts(address)[1])]
    return list(dict.fromkeys([*(word.strip() for word in more if word.strip().isdigit()), *told]))


def groups(event: Event, more: Iterable[str], *, own: bool = True) -> list[str]:
    """The groups' names: those named, alone, as hosts or as addresses, and with `own` those of the event's pages."""
    named = [_parts(word)[0] if "." in word else word.strip().lower() for word in more]
    pages = [_parts(address)[0] for address in event.event_urls] if own else []
    return [name for name in dict.fromkeys((*named, *pages)) if name not in _NOT_GROUPS]


def _parts(address: str) -> tuple[str, str]:
    """(group, number of the event) in an address of connpass, "" for what it does not name."""
    found = _PAGE.match(address.strip() if "://" in address else f"https://{address.strip()}")
    return ((found[1] or "").lower(), found[2] or "") if found else ("", "")


def days(event: Event) -> str:
    """The event's days as connpass counts them, for `ymd`; one more at each end where zones could differ."""
    first, last = (event.starts - timedelta(hours=15)).date(), (event.ends + timedelta(hours=15)).date()
    return ",".join(f"{first + timedelta(days=n):%Y%m%d}" for n in range((last - first).days + 1))


def due(event: Event, now: datetime, last: str) -> bool:
    """Whether presentations are to be asked for: from the start on, then once after each of `POLLS`."""
    moments = (event.starts, *(event.ends + timedelta(days=n) for n in POLLS))
    asked = moment(last)
    return sum(at <= now for at in moments) > (sum(at <= asked for at in moments) if asked else 0)


def is_over(event: Event, now: datetime) -> bool:
    """Whether the last of `POLLS` has passed."""
    return now >= event.ends + timedelta(days=POLLS[-1])


def counts(record: Json) -> tuple[int | None, int | None, str]:
    """(registered, waiting, why there are no numbers) of an event."""
    if text(record.get("event_type")) == "advertisement":
        return None, None, "only an advertisement, its counts mean nothing"
    if why := _NO_COUNTS.get(text(record.get("open_status"))):
        return None, None, why
    registered, waiting = count(record.get("accepted")), count(record.get("waiting"))
    return registered, waiting, "" if (registered, waiting) != (None, None) else "no counts in the record"


def lacking(presentations: list[Json]) -> str:
    """What presentations lack when not one of them can be read."""
    told = presentations and not any(text(record.get("url")) for record in presentations)
    return "presentations without addresses" if told else ""


def presentation(record: Json, page: str) -> Iterator[Draft | Link | Edge]:
    """What was put up at the event of that page: a deck, a video or a report; nothing for another kind."""
    kind = text(record.get("presentation_type")) or text(record.get("presentation-type"))
    url, name, account = text(record.get("url")), text(record.get("name")), _account(record)
    if kind not in (*_DRAFTS, "blog") or not url:
        return
    if kind in _DRAFTS:
        signed = bool(urls.identify(url).handle)
        yield Draft(
            url=url, kind=_DRAFTS[kind], title=name, author=DraftAuthor() if signed else account or DraftAuthor(),
            published=text(record.get("created_at")), published_origin="first_seen", default_zone="Asia/Tokyo",
            raw=json.dumps(record, ensure_ascii=False),
        )  # fmt: skip
        # No link of the draft: those are followed, and connpass's pages must not be.
        yield Edge(type="link", source=url, target=page, actor=account, at=text(record.get("created_at")))
    elif account:
        yield Edge(type="link", target=url, actor=account, at=text(record.get("created_at")))
    if kind != "movie":
        yield Link(url=url, found_on=page, text=name)


def _account(record: Json) -> DraftAuthor | None:
    """Who presented, else who put it up."""
    told = text(part(record.get("presenter")).get("nickname")) or text(part(record.get("user")).get("nickname"))
    page = f"https://connpass.com/user/{told}/"
    return DraftAuthor(platform="connpass", handle=told, url=page) if told else None
