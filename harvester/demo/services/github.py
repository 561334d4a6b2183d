"""The invented GitHub: its search for repositories and issues, ten times a minute."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from harvester.demo.exchange import as_json
from harvester.demo.words import Deck, dice
from harvester.demo.world import JST, NAME
from harvester.text import fold

if TYPE_CHECKING:
    from harvester.demo.exchange import Asked, Reply
    from harvester.demo.people import Person
    from harvester.demo.world import World

HOSTS = ("api.github.com",)
_PAGE, _MOST, _SHOWN = 30, 100, 1000
# Nobody is waited for at a replica, so its minute holds more than the ten searches of the real one.
_RATE = {"X-RateLimit-Limit": "30", "X-RateLimit-Remaining": "29", "X-RateLimit-Resource": "search"}
_REPOSITORIES = (
    ("reinvent-2016-demo", "{name} の発表で使ったコードです", ("reinvent", "aws-lambda"), 2016),
    ("reinvent2016-notes", "Session notes from {name}", ("reinvent2016",), 2016),
    ("polly-yomiage", "{name} の帰りの飛行機で書いた読み上げの見本", (), 2016),
    ("wheel", "A wheel, reinvented", ("wheel",), 2016),
    ("reinvent-2017-demo", "AWS re:Invent 2017 の発表で使ったコードです", ("reinvent",), 2017),
)
_ISSUES = (
    ("{name} の復習会をやりませんか", "re:Invent 2016 に行った人で集まりませんか。日程はこの Issue で決めます。"),
    ("Typo in README", "A letter is missing."),
)
_TERM = re.compile(r'(?:(\w+):)?("[^"]*"|\S+)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A repository, or the issue `number` in one."""

    author: Person
    repository: str
    words: str
    created: datetime
    title: str = ""
    topics: tuple[str, ...] = ()
    number: int = 0
    relevant: bool = True

    @property
    def url(self) -> str:
        """Its address."""
        issue = f"/issues/{self.number}" if self.number else ""
        return f"https://github.com/{self.author.host_label}/{self.repository}{issue}"


def things(world: World) -> list[Thing]:
    """All there are, the newest first; the same for the same world."""
    rng = dice(f"github {world.seed}")
    people = Deck([p for p in world.people if p.kind == "participant" and not p.organisation], rng)
    made = []
    for name, words, topics, year in _REPOSITORIES:
        when = datetime(year, 11, 25, 9, tzinfo=JST) + timedelta(minutes=rng.randint(0, 20 * 24 * 60))
        made.append(Thing(
            author=people.deal(), repository=name, words=words.format(name=NAME), topics=topics, created=when,
            relevant=name not in ("wheel", "reinvent-2017-demo"),
        ))  # fmt: skip
    for number, (title, body) in enumerate(_ISSUES):
        when = datetime(2016, 12, 4, 9, tzinfo=JST) + timedelta(minutes=rng.randint(0, 9000))
        made.append(Thing(
            author=people.deal(), repository="study-group", title=title.format(name=NAME), words=body, created=when,
            number=number + 1, relevant=not number,
        ))  # fmt: skip
    return sorted(made, key=lambda thing: thing.created, reverse=True)


def posts(world: World) -> dict[str, dict[str, Any]]:
    """What is true of them: post key → {relevant, counted, why}."""
    return {
        thing.url: {"relevant": thing.relevant, "counted": False, "why": "an issue" if thing.number else "a repository"}
        for thing in things(world)
    }


class Service:
    """Answers `GET /search/repositories` and `/search/issues`."""

    def __init__(self, world: World) -> None:
        self._things = things(world)

    def answer(self, asked: Asked) -> Reply | None:
        """JSON in the service's shape; 422 for a search that it cannot read."""
        parts = urlsplit(asked.target)
        if parts.path == "/robots.txt":
            return None
        kind = parts.path.removeprefix("/search/")
        if kind not in ("repositories", "issues"):
            return as_json({"message": "Not Found"}, 404)
        given = dict(parse_qsl(parts.query))
        page, size = int(given.get("page", "1")), int(given.get("per_page", str(_PAGE)))
        if not given.get("q") or not 1 <= size <= _MOST or page * size > _SHOWN:
            return as_json({"message": "Validation Failed", "errors": []}, 422)
        found = [t for t in self._things if bool(t.number) is (kind == "issues") and _holds(t, given["q"])]
        shown = [_told(thing) for thing in found[(page - 1) * size : page * size]]
        return as_json({"total_count": len(found), "incomplete_results": False, "items": shown}, 200, _RATE)


def _holds(thing: Thing, query: str) -> bool:
    words, day = fold(f"{thing.repository} {thing.title} {thing.words}"), f"{thing.created.astimezone(UTC):%Y-%m-%d}"
    for field, value in _TERM.findall(query):
        if field == "created":
            first, _, last = value.partition("..")
            if not first <= day <= last:
                return False
        elif field == "topic":
            if value not in thing.topics:
                return False
        elif field != "is" and not any(word in words for word in fold(value.strip('"')).split()):
            return False
    return True


def _told(thing: Thing) -> dict[str, Any]:
    at, person = f"{thing.created.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", thing.author
    number = int(thing.created.timestamp())
    account = {
        "login": person.host_label, "id": int(person.id[1:]), "html_url": f"https://github.com/{person.host_label}",
        "type": "User", "site_admin": False,
    }  # fmt: skip
    shared = {"id": number, "html_url": thing.url, "created_at": at, "updated_at": at, "score": 1.0}
    if thing.number:
        return shared | {
            "number": thing.number, "title": thing.title, "body": thing.words, "user": account, "state": "open",
            "comments": number % 5, "labels": [], "reactions": {"total_count": number % 3, "+1": number % 3},
        }  # fmt: skip
    return shared | {
        "name": thing.repository, "full_name": f"{person.host_label}/{thing.repository}", "private": False,
        "owner": account, "description": thing.words, "fork": False, "pushed_at": at, "homepage": None,
        "stargazers_count": number % 40, "watchers_count": number % 40, "forks_count": number % 6,
        "language": "Python", "topics": list(thing.topics), "visibility": "public", "archived": False,
    }  # fmt: skip
