"""How X is walked through: which questions, from where to where, and when a walk goes on or is over. Pure.

A walk is a dictionary, because it waits in the cursor as JSON for the run that goes on with it:

- route, since, start, end   what it covers: `all` or `recent`, from a post id or a moment, to a moment ("" = now)
- began, queued, token       when it began, the day its next page was queued ("" = none), that page's token
- size, used                 posts of that page; money and posts that the run had used when it was queued
- newest, seen, total, cost  the newest id met, posts met of those counted, micro-dollars paid
- again, told                whether it began without the mark that X refused, and what is to be told of it
- ask, post, key             of a walk through the answers to a post: what X is asked, that post's address and key
- posts                      of a lookup: id → address of the posts asked for
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from harvester.budget import Used
from harvester.found import Note
from harvester.walks.timeline import iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harvester.event import Event

Walk = dict[str, Any]
RECENT: Final = timedelta(days=7) - timedelta(minutes=5)
BACK: Final = timedelta(days=7)  # what is read again before a mark that X refused
LEAD, AFTER = timedelta(days=7), timedelta(days=28)
OVERLAP: Final = 600_000 << 22  # ten minutes in post ids: a post may become findable after a younger one
LONGEST, LONGEST_QUOTED = 480, 1_000  # characters of a question (X: 512), and encoded (our addresses: 2,048)
SMALLEST, LARGEST = 10, 100  # posts a page, of X's 500: what one reserves, a crash may keep from the rest of the run
BATCH: Final = 95  # of X's 100 posts a lookup: an address may have 2,048 characters, and an id has 19
_FIRST_ID: Final = 1288834974657  # milliseconds of the Unix time at which ids begin to count


def questions(event: Event) -> list[str]:
    """Hashtags and names joined with OR, in as few questions as their length allows."""
    names = (name.replace('"', " ") for name in (event.name, *event.names))
    terms = dict.fromkeys([*(f"#{tag.lstrip('#＃')}" for tag in event.hashtags), *(f'"{n}"' for n in names)])
    groups: list[str] = []
    for term in terms:
        longer = f"{groups[-1]} OR {term}" if groups else ""
        if longer and len(longer) <= LONGEST and len(quote(longer)) <= LONGEST_QUOTED:
            groups[-1] = longer
        else:
            groups.append(term)
    return [f"({group}) -is:retweet" for group in groups]


def begin(event: Event, now: datetime, since: str, *, archive: bool | None, start: datetime | None = None) -> Walk:
    """A walk from the newest post known, or from a moment (a week before the event), to four weeks after the event.

    `archive` says whether all of X is searched or the last seven days; None: what the walk needs.
    """
    start, end, horizon = start or event.starts - LEAD, event.ends + AFTER, now - RECENT
    since_at = moment_of(int(since)) if since else start
    if archive is None:
        archive = since_at < horizon
    if not archive:
        since, start = (since if since_at >= horizon else ""), max(start, horizon)
    return {
        "route": "all" if archive else "recent", "since": since, "start": iso(start), "began": iso(now),
        "end": iso(end) if end < now else "", "token": "", "newest": "", "seen": 0, "total": 0, "cost": 0,
        "size": 0, "queued": "", "used": [0, 0], "again": False, "told": "",
    }  # fmt: skip


def backfill(event: Event, now: datetime, since: str, *, archive: bool | None) -> Walk:
    """A walk without the mark that X refused, from a week before it on; without one, over the whole time again."""
    start = max(event.starts - LEAD, moment_of(int(since)) - BACK) if since else None
    return begin(event, now, "", archive=archive, start=start) | {"again": True}


def waits(walk: Walk, now: datetime) -> bool:
    """Whether a walk was cut short with a page queued whose token X still knows."""
    return bool(walk.get("queued", "") > iso(now - RECENT)[:10])


def is_outrun(walk: Walk, now: datetime) -> bool:
    """Whether a walk was left for so long that it begins before what the recent search knows: no fault of a mark."""
    return walk["route"] == "recent" and not walk["since"] and walk["start"] < iso(now - RECENT)


def is_read(known: Mapping[str, Any], event: Event) -> bool:
    """Whether a question was read as a whole after its window had closed."""
    return bool(known.get("until", "") > iso(event.ends + AFTER))


def window(walk: Walk) -> dict[str, str]:
    """What a walk asks for; X reads only `since_id` when `start_time` is given too."""
    since = _from(walk)
    first = {"since_id": str(since)} if since else {"start_time": walk["start"]}
    return first | ({"end_time": walk["end"]} if walk["end"] else {})


def covered(walk: Walk) -> tuple[str, str]:
    """The first and last moment of what a walk asks for, as stored text."""
    since = _from(walk)
    return iso(moment_of(since)) if since else walk["start"], walk["end"] or walk["began"]


def _from(walk: Walk) -> int:
    return max(0, int(walk["since"] or 0) - OVERLAP)


def mark(walk: Walk) -> dict[str, Any]:
    """The cursor when a walk has met everything: from now on only what is newer; of answers also their number."""
    # A walk without a mark that met nothing leaves its beginning, or the next one would begin with the event.
    begun = str(id_at(walk["start"])) if walk["again"] else ""
    newest = max((walk["newest"], walk["since"], begun), key=lambda found: int(found or 0))
    return {"since": newest, "until": walk["began"]} | ({"count": walk["total"]} if "ask" in walk else {})


def post_id(value: Any) -> str:
    """A post id, "" for anything else."""
    return value if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20 else ""


def moment_of(number: int) -> datetime:
    """When the post of an id was made."""
    return datetime.fromtimestamp(((number >> 22) + _FIRST_ID) / 1000, UTC)


def id_at(moment: str) -> int:
    """The least id of a post made at a moment given as stored text."""
    return int(datetime.fromisoformat(moment).timestamp() * 1000) - _FIRST_ID << 22


def after(walk: Walk, answer: Mapping[str, Any], paid: Used) -> Walk:
    """A walk after one more page."""
    meta = answer["meta"]
    return walk | {
        "seen": walk["seen"] + len(answer["data"]), "cost": walk["cost"] + paid.money,
        "newest": walk["newest"] or post_id(meta.get("newest_id")), "token": str(meta.get("next_token") or ""),
    }  # fmt: skip


def note(query: str, walk: Walk, missing: str = "", *, ended: bool = False) -> Note:
    """Where a walk stands, for the ledger; `missing` says why it does not go on. Only its end is known empty."""
    first, last = covered(walk)
    return Note(
        query=query, returned=walk["seen"] if ended or walk["seen"] else None, reported_total=walk["total"],
        cost_usd=Used(walk["cost"]).usd, window_start=first, window_end=last, truncated=bool(missing),
        reason="; ".join(filter(None, (missing, walk["told"]))),
    )  # fmt: skip
