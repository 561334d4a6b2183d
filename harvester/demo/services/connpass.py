"""The invented connpass: its API v2 with one event and what was put up there, and the Atom feed of its group."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from harvester.demo.exchange import Reply, as_json
from harvester.demo.words import dice
from harvester.demo.world import ENDS, JST, NAME, STARTS, WRITTEN

if TYPE_CHECKING:
    from harvester.demo.exchange import Asked
    from harvester.demo.people import Person
    from harvester.demo.world import Doc, World

GROUP: Final = "reinvent-sim"
HOSTS = ("connpass.com", f"{GROUP}.connpass.com")
KEYS = {"CONNPASS_API_KEY": "synthetic-demo-connpass-no-secret"}
NUMBER: Final = 90210
PAGE: Final = f"https://{GROUP}.connpass.com/event/{NUMBER}/"
_REPORTS, _MOST, _FEW = 16, 100, 10


def event(world: World) -> str:  # noqa: ARG001 - every world has this event
    """The number of the event's page; the group's name for those without a key."""
    return f'[source.connpass]\nevent_ids = ["{NUMBER}"]\n\n[source.connpass_groups]\ngroups = ["{GROUP}"]'


class Service:
    """Answers `GET /api/v2/events/`, `/api/v2/events/:id/presentations/` and the group's `/ja.atom`."""

    def __init__(self, world: World) -> None:
        rng = dice(f"connpass {world.seed}")
        found = [doc for doc in world.docs if _can_be_named(doc)]
        decks = [doc for doc in found if doc.kind == "slides"]
        reports = [doc for doc in found if doc.kind in WRITTEN and doc.author.kind == "participant"]
        chosen = decks + rng.sample(reports, min(_REPORTS, len(reports)))
        self._put_up = [_presentation(doc) for doc in sorted(chosen, key=lambda d: d.published)]
        self._event = _event(world, waiting=rng.randint(5, 30))

    def answer(self, asked: Asked) -> Reply | None:
        """JSON in the service's shape, 401 without the key, 404 for what it does not have; None for its pages."""
        parts = urlsplit(asked.target)
        if asked.host.lower() != HOSTS[0]:
            return _feed(self._event) if parts.path == "/ja.atom" else None
        if not parts.path.startswith("/api/v2/"):
            return None
        if asked.headers.get("x-api-key") != KEYS["CONNPASS_API_KEY"]:
            return as_json({"detail": "Unauthorized"}, 401)
        given = parse_qs(parts.query)
        if parts.path == "/api/v2/events/":
            return _listed("events", [self._event] if _asks_for(given, self._event) else [], given)
        if parts.path == f"/api/v2/events/{NUMBER}/presentations/":
            return _listed("presentations", self._put_up, given)
        return as_json({"detail": "Not Found"}, 404)


def _can_be_named(doc: Doc) -> bool:
    return doc.counted and not doc.missed and not doc.site.failure and not doc.optional


def _asks_for(given: dict[str, list[str]], event: dict[str, Any]) -> bool:
    """Whether every condition of a question holds; lists come repeated or with commas."""
    wanted = {name: {word for value in values for word in value.split(",")} for name, values in given.items()}
    days = {f"{STARTS.astimezone(JST) + timedelta(days=n):%Y%m%d}" for n in range((ENDS - STARTS).days + 1)}
    return (
        wanted.get("event_id", {str(NUMBER)}) >= {str(event["id"])}
        and wanted.get("subdomain", {GROUP}) >= {GROUP}
        and bool(wanted.get("ymd", days) & days)
    )


def _listed(name: str, items: list[dict[str, Any]], given: dict[str, list[str]]) -> Reply:
    try:
        start, count = (int(given.get(key, [default])[0]) for key, default in (("start", "1"), ("count", str(_FEW))))
    except ValueError:
        start, count = 0, 0
    if start < 1 or not 1 <= count <= _MOST:
        return as_json({"detail": "Bad Request"}, 400)
    page = items[start - 1 : start - 1 + count]
    head = {"results_returned": len(page), "results_available": len(items), "results_start": start}
    return as_json({**head, name: page})


def _event(world: World, *, waiting: int) -> dict[str, Any]:
    listed = sum(person.listed for person in world.people)
    return {
        "id": NUMBER, "title": f"{NAME} 日本からの参加者の会", "catch": "現地で会いましょう",
        "description": "<p>架空です</p>",
        "url": PAGE, "image_url": None, "hash_tag": "reinvent", "started_at": STARTS.astimezone(JST).isoformat(),
        "ended_at": ENDS.astimezone(JST).isoformat(), "limit": None, "event_type": "participation",
        "open_status": "close",
        "group": {"id": 7, "subdomain": GROUP, "title": "re:Invent 日本", "url": f"https://{HOSTS[1]}/"},
        "address": "Las Vegas", "place": "架空の会場", "lat": None, "lon": None, "owner_id": 1,
        "owner_nickname": "orgsim", "owner_display_name": "運営", "accepted": listed + 9, "waiting": waiting,
        "updated_at": ENDS.astimezone(JST).isoformat(),
    }  # fmt: skip


def _presentation(doc: Doc) -> dict[str, Any]:
    who = _account(doc.author)
    return {
        "user": who, "url": doc.url, "name": doc.title, "presenter": who,
        "presentation_type": "slide" if doc.kind == "slides" else "blog",
        "created_at": (doc.published + timedelta(minutes=40)).astimezone(JST).isoformat(),
    }  # fmt: skip


def _account(person: Person) -> dict[str, Any]:
    return {"id": int(person.id[1:]) + 50_000, "nickname": person.handle}


def _feed(event: dict[str, Any]) -> Reply:
    """The group's feed: this event and one about something else."""
    other = {**event, "title": "もくもく会 #3", "url": PAGE.replace(str(NUMBER), "90211"), "catch": "静かに作業します"}
    entries = "".join(
        f'<entry><title>{escape(one["title"])}</title><link href="{one["url"]}" rel="alternate"/><id>{one["url"]}</id>'
        f"<published>2016-10-03T12:00:00+09:00</published><updated>2016-10-04T12:00:00+09:00</updated>"
        f'<summary type="html">{escape(one["catch"])}</summary></entry>'
        for one in (event, other)
    )
    body = (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ja">'
        f"<title>re:Invent 日本 - connpass</title><id>https://{HOSTS[1]}/</id>"
        f'<link href="https://{HOSTS[1]}/" rel="alternate"/><updated>2016-10-04T12:00:00+09:00</updated>'
        f"{entries}</feed>"
    )
    return Reply(200, body.encode(), (("Content-Type", "application/atom+xml; charset=utf-8"),))
